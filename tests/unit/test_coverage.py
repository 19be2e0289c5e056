"""Where coverage is measured: in the tests of `lambda_src`, and nowhere else, since it makes every test slower."""

import sys

from coverage import Coverage


def test_nothing_is_measured_here() -> None:
    assert Coverage.current() is None
    assert "coverage" not in type(sys.gettrace()).__module__
