"""The order in which the workers take the files of tests."""

from pathlib import Path

from tests.scheduling import SECONDS, SECONDS_PER_TEST, in_order

ROOT = Path(__file__).resolve().parents[2]
LONG, SHORT = "tests/deployment/test_deployer.py", "tests/emulator/test_plans.py"


def test_every_file_is_taken_once() -> None:
    files = {LONG: 5, SHORT: 1, "tests/isolation/test_a.py": 3, "tests/unit/test_b.py": 0}
    assert sorted(in_order(files)) == sorted(files)
    assert in_order({}) == []


def test_the_longest_of_each_kind_begin_and_both_kinds_end_together() -> None:
    """560 seconds of waiting beside 100 seconds of computing: the second wait begins after 80 percent of each."""
    assert in_order(
        {
            SHORT: 1,
            LONG: 5,
            "tests/isolation/test_long.py": 26,
            "tests/unit/test_short.py": 10,
            "tests/unit/test_shorter.py": 5,
            "tests/isolation/test_middle.py": 6,
            "tests/unit/test_shortest.py": 4,
        }
    ) == [
        LONG,
        "tests/isolation/test_long.py",
        "tests/isolation/test_middle.py",
        SHORT,
        "tests/unit/test_short.py",
        "tests/unit/test_shorter.py",
        "tests/unit/test_shortest.py",
    ]


def test_what_is_named_is_there() -> None:
    assert [file for file in SECONDS if not (ROOT / file).is_file()] == []
    assert [folder for folder in SECONDS_PER_TEST if not (ROOT / folder).is_dir()] == []
