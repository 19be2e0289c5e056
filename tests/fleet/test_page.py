"""The page of the fleet: complete, escaped, and with nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from fleet.__main__ import main
from fleet.limits import Limits
from fleet.page import PARTS, page
from tests.fleet.stacks import stack_of, written
from tests.synthesis import IMAGE, Synthesis, synthesize

NETWORK: dict[str, Any] = {"aws_vpc": [{"cidr_block": "192.168.128.0/20"}]}
NODE = Path(sys.executable).parent / "node"


class Reader(HTMLParser):
    """Collects rows of cells, and refuses elements that end in another order than they began."""

    VOID = frozenset({"meta", "input"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data.strip()


@pytest.fixture(scope="module")
def both() -> Synthesis:
    return synthesize(
        {
            "created_at": "2026-01-01T00:00:00Z",
            "platform": {},
            "tenants": {
                "acme": {
                    "silo": {"cidr": "10.1.0.0/20"},
                    "fargate": {"listener_priority": 7, "image": IMAGE, "maximum_tasks": 5},
                },
            },
        }
    )


def test_each_tenant_has_a_row_for_each_of_its_stacks(both: Synthesis) -> None:
    html, count = page(both.outdir, Limits())
    rows = Reader(html).rows
    assert count == 2
    assert rows[1:3] == [
        [
            "acme",
            "Fargate tenant",
            "shared-platform-test",
            "us-east-1",
            "acme.example.com",
            "7",
            "2 to 5",
            "73.48",
        ],
        ["acme", "silo", "tenant-acme-test", "us-east-1", "10.1.0.0/20", "", "", "17.60"],
    ]
    assert ["VPCs per region", "vpc/L-F678F1CE", "us-east-1", "60%", "3", "", "5", "2"] in rows
    assert ["NAT gateway", "3", "0.045 an hour", "98.55"] in rows
    assert ["Total", "289.22"] in rows
    assert "<li>Met first: VPCs per region (vpc/L-F678F1CE) at 3 silos in us-east-1; then " in html


def test_the_page_loads_nothing_and_runs_only_what_it_brings(both: Synthesis) -> None:
    html, _ = page(both.outdir, Limits())
    tags = Reader(html).tags
    assert not [tag for tag, attributes in tags if {"src", "href", "action"} & attributes.keys()]
    assert not [tag for tag, attributes in tags if any(name.startswith("on") for name in attributes)]
    assert "style" not in {name for _, attributes in tags for name in attributes}
    assert "url(" not in html
    (policy,) = (attributes["content"] for tag, attributes in tags if "http-equiv" in attributes)
    for element in ("style", "script"):
        (text,) = re.findall(rf"<{element}>(.*?)</{element}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in str(policy)
    assert str(policy).startswith("default-src 'none'; ")


def test_what_people_wrote_is_text(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>\"'&"
    rule = {
        "//": {"metadata": {"path": f"p/tenants/{evil.replace('/', '')}/route/rule"}},
        "priority": evil,
        "condition": [{"host_header": {"values": [evil]}}],
    }
    odd: dict[str, Any] = {evil: [{}]}
    stacks = [
        stack_of(evil.replace("/", ""), tenant=evil, region=evil, aws_vpc=[{"cidr_block": evil}]),
        stack_of("p", region=evil, aws_lb_listener_rule=[rule], **odd),
    ]
    html, _ = page(written(tmp_path, stacks), Limits(file=evil))
    assert "alert(1)" in html
    assert "<script>alert" not in html
    reader = Reader(html)
    assert [tag for tag, _ in reader.tags].count("script") == 1
    assert [
        "<script>alert(1)<script>\"'&",
        "Fargate tenant",
        "p",
        evil,
        evil,
        evil,
        "",
        "0.00",
    ] in reader.rows


def test_4000_tenants_are_less_than_5_megabytes(tmp_path: Path) -> None:
    """A row of the longest names is a 4,000th of that; 100 tenants show it."""
    names = [f"{'x' * 27}{n:03}" for n in range(100)]
    stacks = [stack_of(f"tenant-{name}-production12", tenant=name, **NETWORK) for name in names]
    one = len(page(written(tmp_path / "one", stacks[:1]), Limits())[0].encode())
    html, count = page(written(tmp_path / "all", stacks), Limits())
    assert count == 100
    assert len(html.encode()) - one < 99 * 5_000_000 / 4_000


def test_rows_are_found_and_sorted(tmp_path: Path) -> None:
    """The functions of the page's script; there is no page where Node.js runs it."""
    script = tmp_path / "page.cjs"
    script.write_text(
        (PARTS / "page.js").read_text()
        + """
        const sorted = (values, descending) => values.sort((a, b) => compare(a, b, descending));
        console.log(JSON.stringify([
          sorted(["10.10.0.0/20", "", "10.9.0.0/20", "10.1.16.0/20"], false),
          sorted(["73.48", "", "17.60", "198.14"], true),
          wordsOf("  Acme  10.1 "),
          matches("acme silo 10.1.0.0/20", "silo", ["acme", "10.1"], ""),
          matches("acme silo 10.1.0.0/20", "silo", ["acme"], "Fargate tenant"),
          matches("acme silo 10.1.0.0/20", "silo", ["acme", "10.2"], "silo"),
        ]));
        """
    )
    assert json.loads(subprocess.check_output([NODE, script])) == [
        ["10.1.16.0/20", "10.9.0.0/20", "10.10.0.0/20", ""],
        ["198.14", "73.48", "17.60", ""],
        ["acme", "10.1"],
        True,
        False,
        False,
    ]


DOCUMENT = """
class Element {
  constructor(fields = {}) { this.attributes = {}; this.listeners = {}; Object.assign(this, fields); }
  addEventListener(name, listener) { this.listeners[name] = listener; }
  fire(name) { this.listeners[name]({ preventDefault() {} }); }
  getAttribute(name) { return this.attributes[name] ?? null; }
  setAttribute(name, value) { this.attributes[name] = value; }
  removeAttribute(name) { delete this.attributes[name]; }
  append(...rows) { this.rows = rows; }
}
const row = (...texts) =>
  new Element({ cells: texts.map((textContent) => ({ textContent })), textContent: texts.join(" ") });
const headings = ["Tenant", "Kind", "Network"].map(() => new Element());
headings[0].setAttribute("aria-sort", "ascending");
const body = new Element({ rows: [
  row("acme", "silo", "10.10.0.0/20"), row("globex", "Fargate tenant", ""), row("initech", "silo", "10.9.0.0/20"),
] });
const elements = {
  rows: { tBodies: [body], tHead: { rows: [{ cells: headings }] } },
  words: new Element({ value: "" }), kind: new Element({ value: "" }), shown: new Element(),
};
const form = new Element();
globalThis.document = { getElementById: (id) => elements[id], querySelector: () => form };
const seen = () => [
  body.rows.filter((one) => !one.hidden).map((one) => one.cells[0].textContent),
  elements.shown.textContent,
  headings.map((heading) => heading.getAttribute("aria-sort")),
];
"""
"""As much of a browser's document as the page's script uses."""


def test_the_page_reacts_to_what_is_typed_chosen_and_clicked(tmp_path: Path) -> None:
    script = tmp_path / "page.cjs"
    script.write_text(
        DOCUMENT
        + (PARTS / "page.js").read_text()
        + """
        const found = [seen()];
        headings[2].fire("click"); found.push(seen());
        headings[2].fire("click"); found.push(seen());
        elements.kind.value = "silo"; elements.kind.fire("change"); found.push(seen());
        elements.words.value = "10.10 ACME"; elements.words.fire("input"); found.push(seen());
        form.fire("submit");
        console.log(JSON.stringify(found));
        """
    )
    assert json.loads(subprocess.check_output([NODE, script])) == [
        [["acme", "globex", "initech"], "3 rows", ["ascending", None, None]],
        [["initech", "acme", "globex"], "3 rows", [None, None, "ascending"]],
        [["acme", "initech", "globex"], "3 rows", [None, None, "descending"]],
        [["acme", "initech"], "2 of 3 rows", [None, None, "descending"]],
        [["acme"], "1 of 3 rows", [None, None, "descending"]],
    ]


def test_the_command_writes_the_same_bytes_again(
    both: Synthesis, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT_REGISTRY", str(tmp_path / "tenants.yaml"))
    file = tmp_path / "new" / "page.html"
    arguments = ["page", "--out", str(both.outdir), "--output", str(file)]
    assert main(arguments) == 0
    content = file.read_bytes()
    assert main([*arguments, "--json"]) == 0
    assert file.read_bytes() == content
    said = capsys.readouterr().out.split("\n", 1)
    assert said[0] == f"{file}: 2 rows of tenants, {len(content):,} bytes"
    assert json.loads(said[1]) == {"file": str(file), "bytes": len(content), "rows": 2}
    assert [path.name for path in file.parent.iterdir()] == ["page.html"]


def test_a_page_that_cannot_be_written_is_said_in_one_line(
    both: Synthesis, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    output = tmp_path / "file" / "page.html"
    assert main(["page", "--out", str(both.outdir), "--output", str(output)]) == 2
    assert capsys.readouterr().err == (
        f"fleet: {output}: received 'File exists', expected a file that can be written\n"
    )
