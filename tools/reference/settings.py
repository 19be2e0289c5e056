"""The page of the environment variables, from `config/settings.py`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Final

from config.profiles import EnvironmentProfile
from config.settings import VARIABLES, Settings
from tools.reference.markdown import page, plain, table

ELSEWHERE: Final = """Other variables belong to one command: `TERRAFORM_RELEASES` to `make setup-terraform`
([settings](../operations.md#settings)), `TEST_AWS_ACCOUNT` and its kin to `make test-aws`
([tests on an account](../operations.md#tests-on-an-account)). `TENANT`, `BASE`, `RELEASE`, `OPTIONS` and others in
capitals are arguments of [make targets](commands.md)."""


def settings_page() -> str:
    """Return the page: each variable with its default, what it means and what it takes."""
    meanings = attributes(Settings)
    rows = [
        (f"`{variable}`", _default(field), meanings[field], plain(expected))
        for variable, (field, expected) in VARIABLES.items()
    ]
    intro = (
        "All settings of a run are environment variables; one that is set but empty counts as not set. What the "
        "registry declares of an environment completes them ([what is behind each](../operations.md#settings))."
    )
    return page("Settings", intro, table(("variable", "default", "means", "takes"), rows), ELSEWHERE)


def attributes(model: type) -> Mapping[str, str]:
    """Return what the docstring of `model` says of each attribute, on one line."""
    section = inspect.cleandoc(model.__doc__ or "").partition("Attributes:\n")[2]
    found = re.findall(r"^ {4}(\w+): (.+(?:\n {8}.+)*)", section, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in found}


def _default(field: str) -> str:
    value = Settings.model_fields[field].default
    if isinstance(value, EnvironmentProfile):
        return f"`{value.name}`"
    if value is True:
        return "`on`"
    return "" if value in (None, ()) else f"`{value}`"
