"""`python -m deployer`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deployer.__main__ import main
from deployer.documents import policies
from deployer.place import Place

GOOD = ("--account", "123456789012", "--region", "us-east-1", "--suffix", "dev")
PLACE = Place(account="123456789012", region="us-east-1", suffix="dev")


def test_it_prints_the_policies_and_a_trust_policy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(GOOD) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(item["name"], item["document"]) for item in found["policies"]] == [
        (policy.name, json.loads(policy.document)) for policy in policies(PLACE)
    ]
    (statement,) = found["trust_policy_example"]["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}


def test_it_writes_a_file_per_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new" / "policies"
    assert main([*GOOD, "--output", str(folder)]) == 0
    assert capsys.readouterr().out == ""
    names = {f"{policy.name}.json" for policy in policies(PLACE)}
    assert {path.name for path in folder.iterdir()} == names | {"trust-policy-example.json"}
    for policy in policies(PLACE):
        assert (folder / f"{policy.name}.json").read_text() == f"{policy.document}\n"


def test_the_state_bucket_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    main([*GOOD, "--state-bucket", "our-states"])
    text = capsys.readouterr().out
    assert "arn:aws:s3:::our-states/tenant-*-dev/terraform.tfstate.tflock" in text
    assert "arn:aws:s3:::our-states/shared-platform-dev/terraform.tfstate" in text


def test_packages_are_read_and_nothing_else_of_their_bucket(capsys: pytest.CaptureFixture[str]) -> None:
    main(GOOD)
    assert "packages/" not in capsys.readouterr().out
    main([*GOOD, "--package-bucket", "our-packages"])
    found = json.loads(capsys.readouterr().out)["policies"]
    statements = [one for policy in found for one in policy["document"]["Statement"]]
    naming = [one for one in statements if "our-packages" in json.dumps(one)]
    assert [(one["Action"], one["Resource"]) for one in naming] == [
        (["s3:GetObject"], ["arn:aws:s3:::our-packages/packages/*"])
    ]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--account", "12345"),
        ("--region", "nowhere"),
        ("--suffix", "with-hyphen"),
        ("--suffix", ""),
        ("--state-bucket", "A"),
        ("--package-bucket", "A"),
        ("--role", "a/b"),
    ],
)
def test_a_bad_argument_is_one_line(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*GOOD, option, value]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"deployer: {option}: received {value!r}, expected ")
    assert told.err.count("\n") == 1


def test_a_missing_argument_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(GOOD[:4])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "deployer: the following arguments are required: --suffix\n"


def test_a_folder_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()
    assert main([*GOOD, "--output", str(file)]) == 2
    assert capsys.readouterr().err == (
        f"deployer: --output: {file}: received File exists, expected a file, folder or program that can be used\n"
    )
