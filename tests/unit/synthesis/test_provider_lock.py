"""The lock file beside each stack."""

from __future__ import annotations

import re
from pathlib import Path

from synthesis.provider_lock import lock_provider, lock_text
from tenancy.versions import AWS_PROVIDER_HASHES


def test_it_is_written_as_terraform_writes_it(tmp_path: Path) -> None:
    for stack in ("a", "b"):
        (tmp_path / "stacks" / stack).mkdir(parents=True)
    lock_provider(tmp_path, ["a", "b"], version="1.2.3", hashes=["zh:1", "h1:2"])
    text = (
        '# This file is maintained automatically by "terraform init".\n'
        "# Manual edits may be lost in future updates.\n"
        "\n"
        'provider "registry.terraform.io/hashicorp/aws" {\n'
        '  version     = "1.2.3"\n'
        '  constraints = "1.2.3"\n'
        "  hashes = [\n"
        '    "h1:2",\n'
        '    "zh:1",\n'
        "  ]\n"
        "}\n"
    )
    assert lock_text("1.2.3", ["h1:2", "zh:1"]) == text
    assert {(tmp_path / "stacks" / stack / ".terraform.lock.hcl").read_text() for stack in "ab"} == {text}


def test_there_is_a_package_and_its_zip_file_for_each_platform() -> None:
    contents = [hash_ for hash_ in AWS_PROVIDER_HASHES if re.fullmatch(r"h1:[A-Za-z0-9+/]{43}=", hash_)]
    files = [hash_ for hash_ in AWS_PROVIDER_HASHES if re.fullmatch(r"zh:[0-9a-f]{64}", hash_)]
    # HashiCorp also signs the provider's manifest, a file beside the zip files.
    assert (len(contents), len(files)) == (14, 15)
    assert len(set(AWS_PROVIDER_HASHES)) == 29
