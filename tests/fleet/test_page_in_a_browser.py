"""The page of 4,000 tenants in a real browser: it works by keyboard, is readable, and asks nobody for anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet.isolation_report import IsolationReport, ReportedFinding
from fleet.isolation_section import LARGEST_MATRIX
from fleet.limits import Limits
from fleet.page import page as rendered
from tests.fleet.stacks import stack_of, written
from tools import picture
from tools.browser import Browser, Page

pytestmark = pytest.mark.browser

SILOS, SERVICES = 3_600, 400
WIDE, NARROW = (1_280, 900), (360, 740)
EVIL = "<img src=x onerror=alert(1)>\"'&amp;<script>alert(2)</script>"
LONGEST = "z" * 30

ROWS = "Array.from(document.querySelectorAll('#rows tbody tr')).filter(row => !row.hidden)"
FOCUSED = "document.activeElement.textContent.trim() || document.activeElement.id"

CONTRASTS = """(() => {
  const parsed = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const luminance = ([red, green, blue]) => [red, green, blue]
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const backdrop = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = parsed(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const ratio = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((left, right) => left - right);
    return (light + 0.05) / (dark + 0.05);
  };
  const found = {};
  const add = (name, colour, element) => {
    const value = ratio(parsed(colour), backdrop(element));
    found[name] = Math.min(found[name] ?? Infinity, value);
  };
  for (const element of document.body.querySelectorAll("*")) {
    const own = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.data.trim());
    const style = getComputedStyle(element);
    if (own && style.display !== "none" && element.tagName !== "SCRIPT") add(element.tagName, style.color, element);
  }
  const words = document.getElementById("words");
  add("placeholder", getComputedStyle(words, "::placeholder").color, words);
  const arrow = document.querySelector("th[aria-sort] button");
  add("arrow", getComputedStyle(arrow, "::after").color, arrow);
  return found;
})()"""
"""The least contrast of the text of each kind of element with what is behind it, as WCAG 2.2 computes it
(https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio); 4.5 is level AA."""


def _platform() -> Any:
    tenants = [f"service-{number:03}" for number in range(SERVICES - 1)]
    rules = [
        {
            "//": {"metadata": {"path": f"p/tenants/{tenant}/route/rule"}},
            "priority": number,
            "condition": [{"host_header": {"values": [f"{tenant}.example.com"]}}],
        }
        for number, tenant in enumerate([*tenants, LONGEST], start=1)
    ]
    return stack_of("shared-platform-test", aws_lb_listener_rule=rules)


def _isolation() -> IsolationReport:
    """The widest matrix that is shown, with what a reader must see, and names that are markup."""
    owners = (EVIL, *(f"{number:03}{LONGEST[3:]}" for number in range(1, LARGEST_MATRIX)))
    found = ReportedFinding(
        id="X1",
        title=EVIL,
        verdict="VIOLATED",
        attacker=EVIL,
        owner=owners[1],
        address=f"stack/{LONGEST * 4}",
    )
    return IsolationReport(
        verdict="VIOLATED",
        owners=owners,
        attackers=owners,
        cells={owner: ("V" if owner == EVIL else "P") * len(owners) for owner in owners},
        kinds={"bucket": {"P": 3_481, "V": 59}},
        findings=(found,),
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of 4,000 tenants, one of whom has a name that is markup."""
    folder = tmp_path_factory.mktemp("page")
    silos = [f"silo-{number:04}" for number in range(1, SILOS)]
    stacks = [
        stack_of(
            f"tenant-{name}-test",
            tenant=name,
            aws_vpc=[{"cidr_block": f"10.{number // 16}.{number % 16 * 16}.0/20"}],
        )
        for number, name in enumerate(silos)
    ]
    stacks.append(stack_of("tenant-evil-test", tenant=EVIL, aws_vpc=[{"cidr_block": EVIL}], aws_kms_key=[{}]))
    html, count = rendered(written(folder / "out", [*stacks, _platform()]), Limits(), _isolation())
    assert count == SILOS + SERVICES == 4_000
    assert len(html.encode()) < 5_000_000
    (folder / "fleet.html").write_text(html)
    return folder / "fleet.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as running:
        yield running


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    with browser.page() as opened:
        opened.resize(*WIDE)
        opened.open(file.as_uri())
        yield opened
        said = [
            event
            for event in opened.events
            if event["method"] in {"Log.entryAdded", "Runtime.consoleAPICalled"}
        ]
        assert [event for event in opened.events if event["method"] == "Runtime.exceptionThrown"] == []
        assert said == []
        requests = [event for event in opened.events if event["method"] == "Network.requestWillBeSent"]
        assert [event["params"]["request"]["url"] for event in requests] == [file.as_uri()]


def first_cells(page: Page, column: int = 0) -> list[str]:
    found: list[str] = page.evaluate(f"{ROWS}.map(row => row.cells[{column}].textContent)")
    return found


def shown(page: Page) -> str:
    return str(page.evaluate("document.getElementById('shown').textContent"))


def focus_on(page: Page, text: str) -> None:
    """Press Tab until the focus is on what says `text`."""
    for _ in range(20):
        if page.evaluate(FOCUSED) == text:
            return
        page.press("Tab")
    raise AssertionError(f"{text} has no focus after 20 tabs; {page.evaluate(FOCUSED)} has")


def test_every_tenant_is_there_in_the_order_of_the_ids(page: Page) -> None:
    cells = first_cells(page)
    assert len(cells) == 4_000
    assert cells == sorted(cells)
    assert shown(page) == "4000 rows"


def test_search_and_filter_work_by_keyboard(page: Page) -> None:
    focus_on(page, "words")
    page.type("silo-012")
    assert first_cells(page) == [f"silo-012{digit}" for digit in range(10)]
    assert shown(page) == "10 of 4000 rows"
    for _ in range(8):
        page.press("Backspace")
    assert shown(page) == "4000 rows"
    page.type("EXAMPLE.com service-00")
    assert first_cells(page) == [f"service-00{digit}" for digit in range(10)]
    for _ in range(22):
        page.press("Backspace")
    page.press("Tab")
    page.press("F", text="F")
    assert page.evaluate("document.getElementById('kind').value") == "Fargate tenant"
    assert shown(page) == "400 of 4000 rows"
    assert set(first_cells(page, 1)) == {"Fargate tenant"}


def test_enter_in_the_search_does_not_leave_the_page(page: Page) -> None:
    focus_on(page, "words")
    page.type("silo-0001")
    page.press("Enter")
    assert page.evaluate("document.getElementById('words').value") == "silo-0001"
    assert shown(page) == "1 of 4000 rows"


def test_columns_are_sorted_by_keyboard_as_people_count(page: Page) -> None:
    focus_on(page, "Network or host")
    page.press("Enter")
    networks = [cell for cell in first_cells(page, 4) if cell.startswith("10.")]
    assert networks == sorted(
        networks, key=lambda text: [int(part) for part in text.split("/")[0].split(".")]
    )
    focus_on(page, "Priority")
    page.press("Enter")
    ascending = [cell for cell in first_cells(page, 5) if cell]
    assert ascending == [str(number) for number in range(1, SERVICES + 1)]
    page.press("Enter")
    cells = first_cells(page, 5)
    # What has no priority comes last, whichever way.
    assert cells[:SERVICES] == ascending[::-1]
    assert set(cells[SERVICES:]) == {""}
    sorts = page.evaluate("Array.from(document.querySelectorAll('th[aria-sort]'), one => one.ariaSort)")
    assert sorts == ["descending"]


def test_a_name_that_is_markup_is_text(page: Page) -> None:
    focus_on(page, "words")
    page.type("alert(1)")
    (row,) = page.evaluate(f"{ROWS}.map(row => Array.from(row.cells, cell => cell.textContent))")
    assert row[0] == row[4] == EVIL
    assert page.evaluate("document.querySelectorAll('img').length") == 0
    assert page.evaluate("document.scripts.length") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_it_is_readable_and_never_wider_than_the_screen(
    page: Page, scheme: str, size: tuple[int, int]
) -> None:
    page.prefer(scheme)
    page.resize(*size)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 23, 29)")
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    contrasts = page.evaluate(CONTRASTS)
    assert {"TD", "BUTTON", "TH", "P", "H2", "DT", "DD", "LI", "OUTPUT", "placeholder", "arrow"} <= set(
        contrasts
    )
    assert {name: ratio for name, ratio in contrasts.items() if ratio < 4.5} == {}


def test_what_has_the_focus_is_outlined(page: Page) -> None:
    for text in ("words", "kind", "Tenant"):
        if text == "kind":
            page.press("Tab")
        else:
            focus_on(page, text)
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid", text


def test_without_javascript_everything_is_there(browser: Browser, file: Path) -> None:
    with browser.page() as page:
        page.send("Emulation.setScriptExecutionDisabled", value=True)
        page.open(file.as_uri())
        document = page.send("DOM.getDocument")["root"]["nodeId"]
        found = page.send("DOM.querySelectorAll", nodeId=document, selector="#rows tbody tr:not([hidden])")
        assert len(found["nodeIds"]) == 4_000


def test_nothing_else_could_run_or_be_fetched(browser: Browser, file: Path, tmp_path: Path) -> None:
    """The content security policy holds even where markup got in."""
    html = file.read_text()
    outside = '<img src="https://example.com/x.png"><script>document.title = "taken"</script>'
    (tmp_path / "fleet.html").write_text(html.replace("</main>", f"{outside}</main>"))
    with browser.page() as page:
        page.open((tmp_path / "fleet.html").as_uri())
        assert page.evaluate("document.title").startswith("Fleet: ")
        blocked = [
            event["params"]["entry"]["text"] for event in page.events if event["method"] == "Log.entryAdded"
        ]
        assert len(blocked) == 2, json.dumps(blocked)
        assert all("violates the following Content Security Policy" in text for text in blocked)


def test_the_pictures_of_the_readme_are_small(file: Path, tmp_path: Path) -> None:
    assert picture.main(["--page", str(file), "--output", str(tmp_path / "images")]) == 0
    for name in ("fleet-page.png", "fleet-diff.png"):
        content = (tmp_path / "images" / name).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert int.from_bytes(content[16:20]) == picture.WIDTH
        assert len(content) < 300_000


def test_a_terminal_shows_the_whole_of_what_a_command_prints() -> None:
    text = picture.printed("x\n```text\n$ a\nno\n```\n\n```text\n$ b\none\n<two>\n```\n", "b")
    assert text == "$ b\none\n<two>"
    content = picture.of_terminal(text)
    assert int.from_bytes(content[20:24]) == 2 * picture.PADDING + 3 * picture.LINE_HEIGHT
    with pytest.raises(picture.PictureError, match="no block that begins with '\\$ c'"):
        picture.printed("```text\n$ a\n```\n", "c")
