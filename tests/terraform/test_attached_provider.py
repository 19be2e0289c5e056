"""What the deployment tests leave out of Terraform's runs, and nothing else."""

from pathlib import Path

import pytest

from terraform import runner
from tests import trusted_provider
from tests.emulator import roots


@pytest.mark.deployment
def test_init_records_the_providers_checksum_which_the_deployment_tests_forget(tmp_path: Path) -> None:
    """In `terraform`, whose lock file has it, and in what the tests run, whose lock file is the same but for it."""
    folder = roots.write_root(tmp_path / "root", resources={"aws_vpc.main": {"cidr_block": "10.0.0.0/16"}})
    with runner.Terraform({}, folder=tmp_path) as terraform:
        root = terraform.root(folder)
        root.init()
        recorded = trusted_provider.lock_file(root).read_text()
    with trusted_provider.Terraform({}, folder=tmp_path) as terraform:
        root = terraform.root(folder)
        root.init()
        kept = trusted_provider.lock_file(root).read_text()
    assert '"h1:' in recorded
    assert "hashes" not in kept
    assert [line for line in recorded.splitlines() if line in kept.splitlines()] == kept.splitlines()
    assert 'version     = "' in kept


def test_a_lock_file_keeps_every_providers_version() -> None:
    provider = 'provider "a/{}" {{\n  version = "1.0.0"\n{}}}\n'
    hashes = '  hashes = [\n    "h1:a=",\n    "zh:b",\n  ]\n'
    with_them = "# Made by init.\n" + provider.format("x", hashes) + provider.format("y", hashes)
    assert trusted_provider.without_checksums(with_them) == (
        "# Made by init.\n" + provider.format("x", "") + provider.format("y", "")
    )
