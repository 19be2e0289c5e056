"""Releases: made of what is proved, the same every time, and refused where a byte differs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from config.problems import ConfigurationError
from config.registry.models import Registry
from fleet.release.contents import content_of
from fleet.release.making import make_release
from fleet.release.manifest import Manifest, Source, UnreadableManifestError, decoded, digest
from fleet.release.proving import NotProvedError
from fleet.release.source import source_of
from fleet.release.store import Release, open_release, publish
from fleet.rollout_settings import RolloutSettings
from synthesis.provider_lock import lock_provider
from tenancy.versions import AWS_PROVIDER, AWS_PROVIDER_HASHES
from tests.synthesis import registry_with, synthesize

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Source(
    commit="0" * 40, author="A <a@b.example>", committed_at="2026-01-01T00:00:00Z", modified=False
)
REGISTRY = registry_with(
    acme_corp={"silo": {"cidr": "10.1.0.0/16"}},
    retail_co={"silo": {"cidr": "10.2.0.0/16", "release": "paused"}},
    tech={"silo": {"cidr": "10.3.0.0/16", "tier": "canary"}},
)
ACME = "tenant-acme-corp-test"


@pytest.fixture(scope="module")
def outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `cdktf synth` writes for three silos."""
    found = synthesize(REGISTRY)
    folder = tmp_path_factory.mktemp("synthesis") / "cdktf.out"
    shutil.copytree(found.outdir, folder)
    lock_provider(folder, found.stacks, version=AWS_PROVIDER, hashes=AWS_PROVIDER_HASHES)
    return folder


def made(outdir: Path, store: Path, *may_destroy: str, settings: RolloutSettings | None = None) -> Release:
    return make_release(
        outdir,
        registry=Registry.model_validate(REGISTRY, strict=False),
        settings=settings or RolloutSettings(),
        may_destroy=may_destroy,
        source=SOURCE,
        store=store,
        root=ROOT,
    )


@pytest.fixture(scope="module")
def release(outdir: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    return made(outdir, tmp_path_factory.mktemp("store"), f"{ACME}:aws_sqs_queue.old")


@pytest.fixture
def copy(release: Release, tmp_path: Path) -> Release:
    """The same release in a folder that a test may change."""
    shutil.copytree(release.store, tmp_path / "store")
    return replace(release, store=tmp_path / "store")


def test_the_same_stacks_give_the_same_release(outdir: Path, release: Release, tmp_path: Path) -> None:
    again = made(outdir, tmp_path, f"{ACME}:aws_sqs_queue.old")
    assert again.digest == release.digest
    assert (tmp_path / again.digest / "manifest.json").read_bytes() == release.manifest.encoded()


def test_a_release_says_what_is_in_it(release: Release) -> None:
    manifest = release.manifest
    assert manifest.source == SOURCE
    assert (manifest.proof.verdict, manifest.proof.accepted) == ("PROVED", ())
    assert json.loads(release.blob(manifest.proof.report))["verdict"] == "PROVED"
    assert {id_: (stack.tenants, stack.held, stack.canary) for id_, stack in manifest.stacks.items()} == {
        ACME: (("acme-corp",), False, False),
        "tenant-retail-co-test": (("retail-co",), True, False),
        "tenant-tech-test": (("tech",), False, True),
    }
    assert len({stack.shape for stack in manifest.stacks.values()}) == 1
    assert manifest.stacks[ACME].may_destroy == ("aws_sqs_queue.old",)
    assert [(wave.name, wave.stacks) for wave in manifest.waves] == [
        ("canary", ("tenant-tech-test",)),
        ("10%", (ACME,)),
    ]


def content_with(release: Release, old: str = "", new: str = "", **files: str) -> str:
    """The content of acme's stack where `old` in its configuration were `new`, and files had other digests."""
    before = release.manifest.stacks[ACME].files
    text = release.blob(before["cdk.tf.json"]).decode()
    assert old in text
    return content_of({**before, **files, "cdk.tf.json": "any"}, text.replace(old, new).encode())


def test_a_stack_is_the_same_whoever_committed(release: Release) -> None:
    content = release.manifest.stacks[ACME].content
    assert content_with(release) == content
    for tag in ("Author", "PRNumber", "CreatedAt"):
        assert content_with(release, f'"{tag}": "', f'"{tag}": "another') == content


@pytest.mark.parametrize(
    ("old", "new", "files"),
    [
        ('"Team": "', '"Team": "another', {}),
        ('"Repository": "', '"Author2": "', {}),
        ('"memory_size": ', '"memory_size": 1', {}),
        ("acme-corp", "acne-corp", {}),
        ("", "", {".terraform.lock.hcl": "0" * 64}),
        ("", "", {"assets/more.zip": "0" * 64}),
    ],
)
def test_a_stack_is_another_where_anything_else_differs(
    release: Release, old: str, new: str, files: dict[str, str]
) -> None:
    assert content_with(release, old, new, **files) != release.manifest.stacks[ACME].content


def test_packages_are_kept_once_for_all_stacks(release: Release) -> None:
    assert len(release.manifest.packages) == 2
    stored = {file.name: file.stat().st_size for file in (release.store / "blobs").iterdir()}
    assert stored.keys() == release.manifest.blobs
    assert release.manifest.packages.items() <= stored.items()


def test_a_stack_is_unpacked_as_it_was_proved(release: Release, outdir: Path, tmp_path: Path) -> None:
    release.unpack(ACME, tmp_path / "root")
    files = {
        path.relative_to(tmp_path / "root"): path.read_bytes()
        for path in (tmp_path / "root").rglob("*")
        if path.is_file()
    }
    assert len(files) == 4
    assert files == {path: (outdir / "stacks" / ACME / path).read_bytes() for path in files}


def test_a_release_is_found_by_folder_digest_and_its_beginning(release: Release) -> None:
    for named in (str(release.store / release.digest), release.digest, release.digest[:8]):
        found = open_release(named, store=release.store)
        assert (found.digest, found.manifest) == (release.digest, release.manifest)
        found.verify()


def test_a_changed_byte_of_a_stack_is_refused_in_one_line(copy: Release) -> None:
    sha256 = copy.manifest.stacks[ACME].files["cdk.tf.json"]
    blob = copy.store / "blobs" / sha256
    blob.chmod(0o644)
    blob.write_bytes(changed := blob.read_bytes().replace(b"acme", b"acne", 1))
    expected = f"{blob}: received 'SHA-256 {digest(changed)}', expected the bytes that were proved"
    for use in (copy.verify, lambda: copy.unpack(ACME, copy.store / "root")):
        with pytest.raises(ConfigurationError) as error:
            use()
        assert str(error.value) == expected


def test_a_changed_byte_of_the_manifest_is_refused_in_one_line(copy: Release) -> None:
    file = copy.store / copy.digest / "manifest.json"
    file.chmod(0o644)
    file.write_bytes(changed := file.read_bytes().replace(b'"held": true', b'"held": false'))
    with pytest.raises(ConfigurationError) as error:
        open_release(str(copy.store / copy.digest))
    assert str(error.value) == (
        f"{file}: received 'SHA-256 {digest(changed)}', expected the bytes that the folder is named after"
    )


def test_a_missing_blob_is_refused(copy: Release) -> None:
    (copy.store / "blobs" / copy.manifest.proof.report).unlink()
    with pytest.raises(
        ConfigurationError, match="No such file or directory', expected a part of the release"
    ):
        copy.verify()


def test_nothing_is_overwritten(copy: Release) -> None:
    file = copy.store / copy.digest / "manifest.json"
    file.chmod(0o644)
    file.write_bytes(b"{}")
    with pytest.raises(ConfigurationError, match="expected a release that nobody has changed"):
        publish(copy.store, copy.manifest)
    assert file.read_bytes() == b"{}"


@pytest.mark.parametrize("named", ["nowhere", "0123456789abcdef", "nul\0"])
def test_what_is_no_release_is_said(named: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"expected (one; `python|the digest or the folder)"):
        open_release(named, store=tmp_path)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"[]", "no manifest"),
        (b"\xff", "no manifest"),
        (b'{"version": 2}', "version 2"),
        (b'{"version": 1}', "no manifest"),
    ],
)
def test_what_is_no_manifest_is_said(document: bytes, said: str) -> None:
    with pytest.raises(UnreadableManifestError, match=said):
        decoded(document)


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "a/../../b"])
def test_no_file_is_unpacked_outside_of_the_folder(release: Release, path: str) -> None:
    stack = replace(release.manifest.stacks[ACME], files={path: "0" * 64})
    hostile = replace(release.manifest, stacks={ACME: stack})
    with pytest.raises(UnreadableManifestError, match="the path"):
        decoded(hostile.encoded())


def test_a_manifest_is_read_as_it_was_written(release: Release) -> None:
    assert decoded(release.manifest.encoded()) == release.manifest
    assert isinstance(decoded(release.manifest.encoded()), Manifest)


def test_stacks_with_a_hole_become_no_release(outdir: Path, tmp_path: Path) -> None:
    opened = tmp_path / "cdktf.out"
    shutil.copytree(outdir, opened)
    file = opened / "stacks" / ACME / "cdk.tf.json"
    document = json.loads(file.read_text())
    (policy,) = document["resource"]["aws_s3_bucket_policy"].values()
    policy["policy"] = policy["policy"].replace("Deny", "Allow")
    file.write_text(json.dumps(document))
    with pytest.raises(NotProvedError) as error:
        made(opened, tmp_path / "store")
    assert str(error.value) == (
        f"{opened}: received the verdict VIOLATED, expected PROVED; `make prove` says what was found"
    )
    assert error.value.exit_code == 1
    assert not (tmp_path / "store").exists()


def test_stacks_that_the_prover_cannot_read_become_no_release(outdir: Path, tmp_path: Path) -> None:
    opened = tmp_path / "cdktf.out"
    shutil.copytree(outdir, opened)
    file = opened / "stacks" / ACME / "cdk.tf.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"module": {"m": {"source": "./m"}}}))
    with pytest.raises(NotProvedError, match=r"the prover has no answer|the verdict UNKNOWN"):
        made(opened, tmp_path / "store")


@pytest.mark.parametrize(
    "text", ["aws_kms_key", "nobody:aws_kms_key.key", "aws_kms_key.key;", ":aws_kms_key.key"]
)
def test_what_is_no_address_may_not_be_destroyed(outdir: Path, tmp_path: Path, text: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"--may-destroy: received .* expected the address of a resource"
    ):
        made(outdir, tmp_path, text)


def test_a_registry_of_other_tenants_is_refused(outdir: Path, tmp_path: Path) -> None:
    others = registry_with(other={"silo": {"cidr": "10.9.0.0/16"}})
    with pytest.raises(
        ConfigurationError, match="expected the silo of a tenant of the registry; run `make synth`"
    ):
        make_release(
            outdir,
            registry=Registry.model_validate(others, strict=False),
            settings=RolloutSettings(),
            may_destroy=(),
            source=SOURCE,
            store=tmp_path,
            root=ROOT,
        )


def test_the_registry_may_hold_a_silo_without_changing_its_stack() -> None:
    plain = registry_with(acme_corp={"silo": {"cidr": "10.1.0.0/16"}})
    marked = registry_with(acme_corp={"silo": {"cidr": "10.1.0.0/16", "release": "paused", "tier": "canary"}})
    assert synthesize(plain).tenant("acme-corp").text == synthesize(marked).tenant("acme-corp").text


def test_a_commit_says_whose_release_it_is(tmp_path: Path) -> None:
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_AUTHOR_NAME": "Ann",
        "GIT_AUTHOR_EMAIL": "ann@a.example",
        "GIT_COMMITTER_NAME": "Bob",
        "GIT_COMMITTER_EMAIL": "bob@b.example",
        "GIT_COMMITTER_DATE": "2026-03-04T01:30:00+02:00",
    }
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "A commit"]):
        subprocess.run(["git", "-C", str(tmp_path), *command], env=variables, check=True)
    found = source_of(tmp_path)
    assert (found.author, found.committed_at, found.modified) == (
        "Ann <ann@a.example>",
        "2026-03-03T23:30:00Z",
        False,
    )
    (tmp_path / "new").touch()
    assert source_of(tmp_path) == replace(found, modified=True)


def test_a_folder_without_a_commit_makes_no_release(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="expected a git checkout with a commit"):
        source_of(tmp_path)
