"""What Terraform itself refuses to destroy."""

from __future__ import annotations

import pytest
from cdktf import Precondition

from constructs.common.lifecycle import protected_lifecycle
from tests.construct import DISPOSABLE, PROTECTED

CONDITION = Precondition(condition="${true}", error_message="Never.")


def test_what_is_disposable_has_no_lifecycle() -> None:
    assert protected_lifecycle(DISPOSABLE) is None


@pytest.mark.parametrize("preconditions", [None, []], ids=["none", "empty"])
def test_what_is_protected_is_not_destroyed(preconditions: list[Precondition] | None) -> None:
    lifecycle = protected_lifecycle(PROTECTED, preconditions=preconditions)
    assert lifecycle is not None
    assert lifecycle.prevent_destroy is True
    assert lifecycle.precondition is None


def test_preconditions_hold_for_what_is_disposable_too() -> None:
    lifecycle = protected_lifecycle(DISPOSABLE, preconditions=[CONDITION])
    assert lifecycle is not None
    assert lifecycle.precondition == [CONDITION]
    assert lifecycle.prevent_destroy is None


def test_a_key_without_administrators_has_the_lifecycle_that_it_always_had() -> None:
    """An empty one: a resource that loses its block shows no difference, but its snapshot does."""
    lifecycle = protected_lifecycle(DISPOSABLE, preconditions=[])
    assert lifecycle is not None
    assert lifecycle.precondition is None
