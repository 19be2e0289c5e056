"""What Terraform itself refuses to destroy."""

from __future__ import annotations

import pytest
from cdktf import Precondition

from config.profiles import Disposable
from constructs.common.lifecycle import protected_lifecycle
from tenancy.protection import Protection
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


def test_protection_that_was_lifted_until_a_day_is_planned_until_its_end() -> None:
    lifted = Protection(
        disposable=None, lifted=(("bucket", Disposable(reason="The tenant has left.", until="2026-12-31")),)
    )
    assert lifted.of("key") == PROTECTED
    lifecycle = protected_lifecycle(lifted.of("bucket"), preconditions=[CONDITION])
    assert lifecycle is not None
    assert lifecycle.prevent_destroy is None
    assert isinstance(lifecycle.precondition, list)
    condition, until = lifecycle.precondition
    assert condition == CONDITION
    in_time = 'timecmp(plantimestamp(), "2027-01-01T00:00:00Z") < 0'
    assert until.condition == f'${{path.module != "" && {in_time}}}'
    assert until.error_message == (
        "The registry lifts the protection of this resource until 2026-12-31, which is over: take the entry out of "
        "'unprotected', or have a later day reviewed."
    )
