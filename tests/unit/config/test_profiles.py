"""Profiles."""

from __future__ import annotations

import pytest

from config.profiles import DEVELOPMENT, PRODUCTION, PROFILES, Disposable
from config.regions import PLATFORM_ZONES


def test_production_protects_data_and_development_says_why_it_does_not() -> None:
    assert PRODUCTION.disposable is None
    assert DEVELOPMENT.disposable is not None
    assert len(DEVELOPMENT.disposable.reason.split()) > 5


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_an_opt_out_needs_a_reason(reason: str) -> None:
    with pytest.raises(ValueError, match="needs a written reason"):
        Disposable(reason=reason)


def test_the_figures_of_the_two_profiles() -> None:
    assert (DEVELOPMENT.key_deletion_window_days, PRODUCTION.key_deletion_window_days) == (7, 30)
    assert (DEVELOPMENT.log_retention_days, PRODUCTION.log_retention_days) == (30, 365)
    assert (DEVELOPMENT.object_expiration_days, PRODUCTION.object_expiration_days) == (90, None)
    assert (DEVELOPMENT.secret_recovery_window_days, PRODUCTION.secret_recovery_window_days) == (0, 30)


def test_production_has_alarms() -> None:
    assert (DEVELOPMENT.alarms, PRODUCTION.alarms) == (False, True)


def test_production_runs_a_task_in_each_zone() -> None:
    assert (DEVELOPMENT.minimum_tasks, PRODUCTION.minimum_tasks) == (2, PLATFORM_ZONES)


def test_profiles_are_found_by_their_names() -> None:
    assert {name: profile.name for name, profile in PROFILES.items()} == {
        "development": "development",
        "production": "production",
    }
