"""Whatever is not Terraform's JSON as synthesized ends in one line that says where and what, and exit code 2."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from isolation.__main__ import main
from tests.isolation.stacks import written

BUCKET: dict[str, Any] = {
    "resource": {"aws_s3_bucket": {"b": {"bucket": "data", "tags": {"TenantId": "acme"}}}}
}


def refused(outdir: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The one line that the command says of `outdir`, without its prefix."""
    assert main([str(outdir), *options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("isolation: ")
    return captured.err.removeprefix("isolation: ").rstrip("\n")


def raw(folder: Path, content: bytes) -> Path:
    (folder / "stacks" / "one").mkdir(parents=True)
    (folder / "stacks" / "one" / "cdk.tf.json").write_bytes(content)
    return folder


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "one: received an empty object, expected Terraform's JSON as `cdktf synth` writes it"),
        ([], "one: received a list, expected a JSON object"),
        ({"terraform": {}}, "one: received no resource, expected at least one"),
        ({"resource": {}}, "one: received no resource, expected at least one"),
        (
            {"format_version": "1.2", "planned_values": {}, "resource_changes": []},
            "one: received the key 'format_version', expected Terraform's JSON as `cdktf synth` writes it, "
            "not a plan, a state or other JSON",
        ),
        ({"version": 4, "resources": []}, "one: received the key 'resources', expected Terraform's JSON"),
        ({"resource": []}, "one: resource: received a list, expected an object"),
        ({"resource": {"aws_vpc": None}}, "one/aws_vpc: received null, expected an object"),
        ({"resource": {"aws_vpc": {"v": "x"}}}, "one/aws_vpc.v: received 'x', expected an object"),
        (
            {"resource": {"aws_vpc": {"v": [{}, {}]}}},
            "one/aws_vpc.v: received a list of 2 blocks, expected one",
        ),
        ({"resource": {"aws_vpc": {"a.b": {}}}}, "one/aws_vpc.'a.b': received that name, expected letters"),
        ({"resource": {"AWS VPC": {"v": {}}}}, "one/'AWS VPC': received that type, expected a resource type"),
        ({"data": 7, **BUCKET}, "one: data: received 7, expected an object"),
        ({"provider": "aws", **BUCKET}, "one: provider: received 'aws', expected an object"),
        ({"provider": {"aws": [3]}, **BUCKET}, "one: provider.aws[0]: received 3, expected an object"),
        (
            {"provider": {"aws": [{"default_tags": "x"}]}, **BUCKET},
            "one: provider.aws[0].default_tags: received 'x', expected an object or a list of objects",
        ),
        ({"module": {"m": "x"}, **BUCKET}, "one/module.m: received 'x', expected an object"),
        ({"resource": {"aws_s3_bucket": {"⟦x⟧": {}}}}, "one: received the character ⟦, expected Terraform's"),
        (
            {"resource": {"aws_internet_gateway": {}}},
            "one: received nothing that somebody could reach, expected",
        ),
    ],
)
def test_a_document_of_another_kind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: Any, said: str
) -> None:
    assert refused(written(tmp_path, {"one": document}), capsys).startswith(said)


@pytest.mark.parametrize(
    ("type_", "arguments", "said"),
    [
        (
            "aws_s3_bucket",
            {"tags": {"TenantId": ["x"]}},
            ".tags: received a list for the key 'TenantId', expected",
        ),
        ("aws_s3_bucket", {"tags": "x"}, ".tags: received 'x', expected an object of texts"),
        ("aws_s3_bucket", {"bucket": {}}, ".bucket: received an object, expected a text"),
        ("aws_s3_bucket", {"policy": {"Statement": []}}, ".policy: received an object, expected a text"),
        ("aws_s3_bucket_policy", {"policy": [["x"]]}, ".policy: received a list, expected a text"),
        (
            "aws_security_group",
            {"ingress": "x"},
            ".ingress: received 'x', expected an object or a list of objects",
        ),
        ("aws_security_group", {"ingress": [3]}, ".ingress: received 3 in the list, expected"),
        (
            "aws_security_group",
            {"ingress": {"from_port": "http"}},
            ".ingress.from_port: received 'http', expected",
        ),
        ("aws_security_group", {"ingress": {"to_port": [1]}}, ".ingress.to_port: received a list, expected"),
        ("aws_security_group", {"ingress": {"to_port": 10**30}}, ".ingress.to_port: received 1000000000000"),
        (
            "aws_security_group",
            {"ingress": {"cidr_blocks": ["10.0.0.0/33"]}},
            ".ingress.cidr_blocks: received '10.0.0.0/33' in the list, expected a list of IPv4 address blocks",
        ),
        (
            "aws_security_group",
            {"ingress": {"cidr_blocks": "any"}},
            ".ingress.cidr_blocks: received 'any', expected",
        ),
        (
            "aws_security_group",
            {"ingress": {"self": "x"}},
            ".ingress.self: received 'x', expected true or false",
        ),
        ("aws_vpc", {"cidr_block": "10.0.0.0.0/8"}, ".cidr_block: received '10.0.0.0.0/8', expected an IPv4"),
        ("aws_vpc", {"cidr_block": 10}, ".cidr_block: received 10, expected an IPv4"),
        (
            "aws_lambda_function",
            {"vpc_config": {"subnet_ids": [{}]}},
            ".vpc_config.subnet_ids: received an object in",
        ),
        (
            "aws_iam_role",
            {"managed_policy_arns": {"a": 1}},
            ".managed_policy_arns: received an object, expected",
        ),
        ("aws_iam_role", {"inline_policy": ["x"]}, ".inline_policy: received 'x' in the list, expected"),
        (
            "aws_iam_role",
            {"name": "${aws_iam_role.x.name}"},
            ".name: received a reference that leads back to itself",
        ),
    ],
)
def test_an_argument_of_another_shape(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], type_: str, arguments: dict[str, Any], said: str
) -> None:
    document = {"resource": {type_: {"x": arguments}}}
    assert refused(written(tmp_path, {"one": document}), capsys).startswith(f"one/{type_}.x{said}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "received Expecting value: line 1 column 1 (char 0), expected a JSON object"),
        (b"\xef\xbb\xbf{}", "received a byte order mark, expected a JSON object"),
        (b'{"resource": "\xff"}', "received a byte that is not UTF-8 at 14, expected"),
        (b'{"resource": {"aws_vpc": {}, "aws_vpc": {}}}', "received the key 'aws_vpc' twice in one object"),
        (b'{"resource": NaN}', "received the number NaN, expected"),
        (b'{"resource": -Infinity}', "received the number -Infinity, expected"),
        (b'{"resource": 1e999}', "received the number 1e999, expected"),
        (b'{"resource": ' + b"9" * 5000 + b"}", "received a number of 5000 digits, expected"),
        (b'{"resource": "\\ud800"}', "received half of a character (a lone surrogate), expected"),
        (b"[" * 100_000, "received more than 64 levels, expected"),
        (b'{"resource": ' + b"[" * 70 + b"]" * 70 + b"}", "received more than 64 levels, expected"),
        (b'{"resource": {}} {}', "received Extra data"),
    ],
)
def test_a_file_that_is_no_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    line = refused(raw(tmp_path, content), capsys)
    assert line.startswith(f"{tmp_path}/stacks/one/cdk.tf.json: {said}")


def test_policies_that_are_no_policies_are_unknown_with_their_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = ["3", "[" * 100_000, '{"Statement": NaN}', '{"Statement": [[3]]}', '{"a": 1, "a": 2}', "9" * 5000]
    odd += [
        json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:*", "Principal": {"AWS": names}}})
        for names in ([["x"]], {"a": "b"}, [None], 3, [])
    ]
    for number, policy in enumerate(odd):
        document = {
            "resource": {
                **BUCKET["resource"],
                "aws_s3_bucket_policy": {"p": {"bucket": "data", "policy": policy}},
            }
        }
        assert main([str(written(tmp_path / str(number), {"one": document}))]) == 2
        out = capsys.readouterr().out
        assert out.startswith("UNKNOWN: "), policy[:80]
        assert "one/aws_s3_bucket_policy.p" in out


def test_folders_and_files_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = raw(tmp_path / "loop", b"{}") / "stacks" / "one" / "cdk.tf.json"
    loop.unlink()
    loop.symlink_to(loop)
    assert refused(tmp_path / "loop", capsys) == f"{loop}: Too many levels of symbolic links"

    missing = raw(tmp_path / "missing", b"{}") / "stacks" / "one" / "cdk.tf.json"
    missing.unlink()
    assert refused(tmp_path / "missing", capsys) == f"{missing}: No such file or directory"
    missing.mkdir()
    assert refused(tmp_path / "missing", capsys).startswith(f"{missing}: received no regular file")
    missing.rmdir()
    os.mkfifo(missing)
    assert refused(tmp_path / "missing", capsys).startswith(f"{missing}: received no regular file")

    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "stacks").symlink_to(folder / "stacks")
    assert "no folder 'stacks' in it" in refused(folder, capsys)

    closed = raw(tmp_path / "closed", b"{}") / "stacks" / "one" / "cdk.tf.json"

    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(closed))

    # Root may read everything: the file system is asked to refuse in its place.
    monkeypatch.setattr(Path, "read_bytes", denied)
    assert refused(tmp_path / "closed", capsys) == f"{closed}: Permission denied"


def test_long_chains_and_multiplied_references(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def tables(text: str, count: int) -> dict[str, Any]:
        named = {f"t{number}": {"name": text.replace("?", str(number + 1))} for number in range(count)}
        return {"one": {"resource": {"aws_dynamodb_table": {**named, f"t{count}": {"name": "x" * 50}}}}}

    long = written(tmp_path / "long", tables("${aws_dynamodb_table.t?.name}", 500))
    assert "received a reference that leads back to itself, or to more than 40 others" in refused(
        long, capsys
    )
    wide = written(tmp_path / "wide", tables("${aws_dynamodb_table.t?.name}" * 2, 35))
    assert "expected at most 1000000 characters" in refused(wide, capsys)


@pytest.mark.parametrize("option", ["--json", "--svg"])
def test_a_report_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    outdir = written(tmp_path / "out", {"one": BUCKET})
    other = "--svg" if option == "--json" else "--json"
    kept = tmp_path / "kept"
    kept.write_text("before")
    for bad, why in (
        (tmp_path / "none" / "report", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (kept / "report", "Not a directory"),
    ):
        assert refused(outdir, capsys, other, str(kept), option, str(bad)) == f"{bad}: {why}"
        assert kept.read_text() == "before"
        assert sorted(file.name for file in tmp_path.iterdir()) == ["kept", "out"]
    line = refused(outdir, capsys, "--svg", str(kept), "--json", str(kept))
    assert line.endswith("received the same file twice, expected different files")


def test_a_defect_of_the_tool_is_unknown_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("isolation.__main__.prove", broken)
    line = refused(written(tmp_path, {"one": BUCKET}), capsys)
    assert line == "UNKNOWN: the analysis failed, which is a defect of this tool (RuntimeError: two lines)"
