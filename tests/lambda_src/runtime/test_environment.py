"""Environment variables are validated together, and every problem is reported."""

import pytest

from runtime.environment import SettingsError, Variable, read_environment

VARIABLES = {
    "PORT": Variable(pattern=r"[0-9]+", expected="a port number"),
    "HOST": Variable(pattern=r"[a-z]+", expected="a host name", default="localhost"),
}


def test_values_and_defaults_are_returned_and_nothing_else() -> None:
    assert read_environment({"PORT": "1", "PATH": "x"}, VARIABLES) == {"PORT": "1", "HOST": "localhost"}


def test_a_value_takes_the_place_of_the_default() -> None:
    assert read_environment({"PORT": "1", "HOST": "other"}, VARIABLES)["HOST"] == "other"


def test_all_problems_are_reported_in_order() -> None:
    with pytest.raises(SettingsError) as error:
        read_environment({"HOST": "A"}, VARIABLES)
    assert str(error.value) == "PORT is missing, expected a port number; HOST is 'A', expected a host name"


@pytest.mark.parametrize("value", ["", "1x", "x1", "1\n"])
def test_the_whole_value_must_match(value: str) -> None:
    with pytest.raises(SettingsError, match="PORT is "):
        read_environment({"PORT": value}, VARIABLES)


def test_a_default_must_match_too() -> None:
    with pytest.raises(SettingsError, match="expected a digit"):
        read_environment({}, {"DIGIT": Variable(pattern="[0-9]", expected="a digit", default="x")})
