"""What the prover said, on the page: of the very documents that the page is of, and of no others."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from fleet.__main__ import main
from fleet.isolation_report import IsolationReport, ReportedFinding, read_isolation_report
from fleet.isolation_section import LARGEST_MATRIX, MOST_FINDINGS, isolation_section
from fleet.limits import Limits
from fleet.page import page
from isolation.__main__ import main as isolation
from tests.fleet.test_page import Reader
from tests.synthesis import IMAGE, synthesize

OPEN = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:*", "Resource": "*"}],
    }
)


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stacks of two tenants, and what the prover says of them beside: `isolation.json`."""
    folder = tmp_path_factory.mktemp("proved")
    stacks = synthesize(
        {
            "created_at": "2026-01-01T00:00:00Z",
            "platform": {},
            "tenants": {
                "acme": {"silo": {"cidr": "10.1.0.0/20"}},
                "globex": {"fargate": {"listener_priority": 7, "image": IMAGE}},
            },
        }
    )
    shutil.copytree(stacks.outdir, folder / "out")
    assert isolation([str(folder / "out"), "--json", str(folder / "isolation.json")]) == 0
    return folder


@pytest.fixture
def proved(synthesized: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(synthesized, tmp_path / "proved"))


def rows_of(html: str) -> list[list[str]]:
    return Reader(f"<table>{html}</table>").rows


def test_what_is_proved_stands_on_the_page(synthesized: Path) -> None:
    found = read_isolation_report(synthesized / "isolation.json", synthesized / "out")
    html, _ = page(synthesized / "out", Limits(), found)
    assert "<dt>Isolation</dt><dd>PROVED</dd>" in html
    assert "<p>PROVED: 5 attackers, 3 owners of resources.</p>" in html
    rows = Reader(html).rows
    (heads,) = [row for row in rows if row[1:] == ["acme", "globex", "(platform)"]]
    assert heads[0] == ""
    matrix = {row[0]: row[1:] for row in rows[rows.index(heads) + 1 :][:5]}
    assert matrix["acme"] == ["", "P", "P"]
    assert matrix["globex"] == ["P", "", "P"]
    assert {letter for row in matrix.values() for letter in row} == {"", "P"}
    assert ["api", "4", "0", "0", "0"] in rows, "every attacker but who has the API"


def test_what_is_violated_is_marked_and_named(proved: Path) -> None:
    file = proved / "out" / "stacks" / "tenant-acme-test" / "cdk.tf.json"
    document: dict[str, Any] = json.loads(file.read_text())
    (policy,) = document["resource"]["aws_sqs_queue_policy"].values()
    policy["policy"] = OPEN
    file.write_text(json.dumps(document))
    report = proved / "isolation.json"
    assert isolation([str(proved / "out"), "--json", str(report)]) == 1
    found = read_isolation_report(report, proved / "out")
    html, _ = page(proved / "out", Limits(), found)
    assert '<p class="bad">VIOLATED: ' in html
    assert '<td class="bad" title="globex to acme: violated">V</td>' in html
    assert any(row[1:4] == ["VIOLATED", "globex", "acme"] for row in Reader(html).rows)
    (queue,) = [row for row in Reader(html).rows if row[0] == "queue" and len(row) == 5]
    assert int(queue[4]) > 0


def test_a_report_of_other_documents_is_refused(proved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = proved / "out" / "stacks" / "tenant-acme-test" / "cdk.tf.json"
    file.write_text(file.read_text() + "\n")
    output = proved / "fleet.html"
    options = ["--out", str(proved / "out"), "--isolation", str(proved / "isolation.json")]
    assert main(["page", *options, "--output", str(output)]) == 2
    said = capsys.readouterr().err
    assert said == (
        f"fleet: {proved}/isolation.json: received 'a report of other documents (tenant-acme-test)', "
        f"expected one of {proved}/out; run `make prove`\n"
    )
    assert not output.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"documents": []}',
        "\x00",
        "[" * 5_000,
        '{"owners": ["a"], "attackers": ["b"], "verdicts": {"bucket": {"b": "PP"}}, "kinds_of_findings": {}}',
        '{"owners": ["a"], "attackers": ["b"], "verdicts": {"bucket": {}}, "kinds_of_findings": {}}',
        '{"owners": ["a"], "attackers": ["b"], "verdicts": {"bucket": {"b": "X"}, "key": {"b": "P"}}, '
        '"kinds_of_findings": {}, "verdict": "PROVED", "findings": [], "not_modelled": [], "documents": {}}',
    ],
)
def test_what_is_no_report_is_refused_in_one_line(
    synthesized: Path, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "isolation.json"
    report.write_text(text)
    options = ["--out", str(synthesized / "out"), "--isolation", str(report)]
    assert main(["page", *options, "--output", str(tmp_path / "fleet.html")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith(f"fleet: {report}: received ")


def test_a_missing_report_is_named(
    synthesized: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--out", str(synthesized / "out"), "--isolation", str(tmp_path / "none.json")]
    assert main(["page", *options, "--output", str(tmp_path / "fleet.html")]) == 2
    assert f"fleet: {tmp_path}/none.json: received 'No such file or directory'" in capsys.readouterr().err


def test_a_page_without_a_report_says_that_nothing_is_proved(synthesized: Path) -> None:
    html, _ = page(synthesized / "out", Limits())
    assert "<dt>Isolation</dt><dd>not proved</dd>" in html
    assert "<code>make prove page</code>" in html


def report_of(owners: int, findings: int = 0) -> IsolationReport:
    names = tuple(f"tenant-{number}" for number in range(owners))
    return IsolationReport(
        verdict="UNKNOWN" if findings else "PROVED",
        owners=names,
        attackers=names,
        cells=dict.fromkeys(names, "P" * owners),
        kinds={"bucket": {"P": owners * (owners - 1), "O": owners}},
        findings=(
            ReportedFinding(
                id="X1", title="<b>", verdict="UNKNOWN", attacker="<i>", owner="&", address="'\""
            ),
        )
        * findings,
    )


def test_the_matrix_of_many_owners_is_counted_and_not_drawn() -> None:
    assert 'id="matrix"' in isolation_section(report_of(LARGEST_MATRIX))
    many = isolation_section(report_of(LARGEST_MATRIX + 1))
    assert 'id="matrix"' not in many
    assert ["bucket", "3,660", "0", "0", "0"] in rows_of(many)


def test_findings_are_text_and_those_that_are_too_many_are_counted() -> None:
    html = isolation_section(report_of(2, MOST_FINDINGS + 2))
    assert rows_of(html).count(["X1 <b>", "UNKNOWN", "<i>", "&", "'\""]) == MOST_FINDINGS
    assert "<p>And 2 more.</p>" in html
