"""What a user's own stacks need of whoever deploys."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from config.problems import ConfigurationError
from deployer import own
from deployer.__main__ import main
from deployer.documents import policies
from deployer.place import Place
from policies.statements import Statement
from tenancy.extending import Site

PLACE = Place(account="123456789012", region="us-east-1", suffix="dev", state_bucket="our-states")
GOOD = ("--account", "123456789012", "--region", "us-east-1", "--suffix", "dev")


def rights_of(**sids: str) -> Mapping[str, Iterable[Statement]]:
    return {
        kind: [Statement(sid=sid, actions=("iot:CreateThing",), resources=("*",))]
        for kind, sid in sids.items()
    }


def written(outdir: Path, **blocks: object) -> Path:
    file = outdir / "stacks" / "things-dev" / "cdk.tf.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(blocks))
    return file


def test_we_ship_none() -> None:
    assert own.statements(PLACE) == []
    assert own.patterns("dev") == ()


def test_the_statements_come_last_and_name_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def rights(site: Site) -> Mapping[str, Iterable[Statement]]:
        thing = site.arn("iot", f"thing/{site.suffix}-*")
        return {"aws_iot_thing": [Statement(sid="Things", actions=("iot:CreateThing",), resources=(thing,))]}

    monkeypatch.setattr(own, "rights", rights)
    *_, last = json.loads(policies(PLACE, more=own.statements(PLACE))[-1].document)["Statement"]
    assert last["Resource"] == ["arn:aws:iot:us-east-1:123456789012:thing/dev-*"]


def test_their_states_are_those_of_each_kind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(own, "KINDS", ("things",))
    assert main([*GOOD, "--state-bucket", "our-states"]) == 0
    printed = capsys.readouterr().out
    for id_ in ("things-dev", "things-*-dev"):
        assert f"arn:aws:s3:::our-states/{id_}/terraform.tfstate.tflock" in printed


@pytest.mark.parametrize("sids", [{"a": "S1"}, {"a": "no-hyphens"}, {"a": "Same", "b": "Same"}, {"a": ""}])
def test_a_name_that_iam_or_the_platform_would_not_have_is_refused(
    sids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "rights", lambda _: rights_of(**sids))
    with pytest.raises(ConfigurationError) as refused:
        own.statements(PLACE)
    lines = str(refused.value).splitlines()
    assert [line.partition(": received ")[0] for line in lines] == [
        f"extensions/rights.py: {kind}" for kind in sids
    ]


def test_a_type_that_nobody_knows_is_refused_until_there_are_rights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(
        tmp_path, resource={"aws_iot_thing": {"a": {}}, "aws_s3_bucket": {}}, data={"aws_iot_endpoint": {}}
    )
    assert main([*GOOD, "--out", str(tmp_path)]) == 2
    expected = "received 'no rights', expected statements in 'extensions/rights.py'"
    assert capsys.readouterr().err.splitlines() == [
        f"deployer: things-dev: aws_iot_thing: {expected}",
        f"things-dev: data.aws_iot_endpoint: {expected}",
    ]
    monkeypatch.setattr(
        own, "rights", lambda _: {**rights_of(aws_iot_thing="Things"), "data.aws_iot_endpoint": []}
    )
    assert main([*GOOD, "--out", str(tmp_path)]) == 0


@pytest.mark.parametrize("content", ["[]", "{", '{"resource": 1}'])
def test_what_is_no_stack_is_one_line(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*GOOD, "--out", str(tmp_path)]) == 2
    assert "received 'no stack', expected what `make synth` writes" in capsys.readouterr().err
    written(tmp_path).write_text(content)
    assert main([*GOOD, "--out", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "expected a stack as it was synthesized" in line
