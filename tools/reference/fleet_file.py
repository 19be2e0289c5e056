"""The page of `fleet.yaml`, from the checks of its section `rollout` and from the quotas that it may name."""

from __future__ import annotations

from dataclasses import fields

from fleet.limits import BY_CODE
from fleet.rollout_settings import CHECKS, RolloutSettings
from tools.reference.markdown import page, table
from tools.reference.settings import attributes


def fleet_file_page() -> str:
    """Return the page: the three sections of the file, and the codes of quotas."""
    meanings = attributes(RolloutSettings)
    defaults = {field.name: field.default for field in fields(RolloutSettings)}
    rollout = [
        (f"`{key}`", f"`{_written(defaults[key])}`", meanings[key], expected)
        for key, (_, expected) in CHECKS.items()
    ]
    quotas = [
        (
            f"`{code}`",
            quota.name,
            f"{quota.default:,}" if quota.unit == "count" else f"{quota.default:,} {quota.unit}",
            f"{quota.new_account:,}" if quota.new_account is not None else "",
            "yes" if quota.adjustable else "no",
        )
        for code, quota in sorted(BY_CODE.items())
    ]
    return page(
        "fleet.yaml",
        "The file is beside the registry, and need not exist "
        "([what the account is allowed](../fleet.md#say-what-the-account-is-allowed)).",
        "## `limits` and `used`",
        "Both are mappings from a quota's code to a number, in the quota's unit: what the account is allowed in each "
        "region of the stacks, and what else is in it. A code that `limits` leaves out has AWS's default.",
        table(("code", "quota", "AWS's default", "of a new account", "raised on request"), quotas),
        "## `rollout`",
        "How a release reaches the stacks ([who comes when](../fleet.md#who-comes-when)).",
        table(("key", "default", "means", "takes"), rollout),
    )


def _written(value: object) -> str:
    return str(list(value)) if isinstance(value, tuple) else str(value)
