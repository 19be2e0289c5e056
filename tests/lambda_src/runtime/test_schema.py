"""The errors of events that do not match their schema."""

import pytest

from runtime.schema import SchemaError, compiled

check = compiled(
    {
        "type": "object",
        "required": ["detail"],
        "properties": {"detail": {"type": "object", "properties": {"plans": {"items": {"maxLength": 3}}}}},
    }
)


def test_an_event_that_matches_comes_back() -> None:
    event = {"detail": {"plans": ["one"], "more": 1}}
    assert check(event) == event


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (None, "event must satisfy type object"),
        ({}, "event must satisfy required ['detail']"),
        ({"detail": 1}, "event.detail must satisfy type object"),
        ({"detail": {"plans": ["one", "three"]}}, "event.detail.plans.1 must satisfy maxLength 3"),
    ],
)
def test_the_message_says_where_and_what_is_expected(event: object, message: str) -> None:
    with pytest.raises(SchemaError) as error:
        check(event)
    assert str(error.value) == message


def test_no_value_is_repeated_not_even_in_the_cause() -> None:
    with pytest.raises(SchemaError) as error:
        check({"detail": "someone@example.com"})
    assert "someone" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__
