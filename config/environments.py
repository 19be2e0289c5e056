"""What the registry declares of the environment of a run, and whether the variables agree with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Final

from pydantic import ValidationError

from config.problems import Problem
from config.profiles import PROFILES
from config.registry.environments import Environment
from config.yaml_file import Document

SUFFIX, PROFILE, REGION = "ENVIRONMENT_SUFFIX", "PROFILE", "AWS_REGION"
STATE_BUCKET, PACKAGE_BUCKET = "STATE_BUCKET", "PACKAGE_BUCKET"
SECTION: Final = "environments"
_FIELDS: Final = {
    PROFILE: "profile",
    REGION: "region",
    STATE_BUCKET: "state_bucket",
    PACKAGE_BUCKET: "package_bucket",
}
"""Fields of an entry by the variable that may repeat them."""
_PLACE: Final = ("account", "profile", "region", "state_bucket", "package_bucket")


def declared(document: Document, suffix: str) -> Environment | None:
    """Return what the registry declares of `suffix`; `None` where it declares nothing that can be used.

    A mistake elsewhere in the entry, which the registry's validation reports, does not hide what the entry says of the
    variables.
    """
    entries = document.value.get(SECTION) if isinstance(document.value, Mapping) else None
    entry = entries.get(suffix) if isinstance(entries, Mapping) else None
    whole = dict(entry) if isinstance(entry, Mapping) else {}
    for said in (whole, {key: value for key, value in whole.items() if key in _PLACE}):
        with suppress(ValidationError):
            return Environment.model_validate(said)
    return None


def completed(variables: Mapping[str, str], entry: Environment | None) -> dict[str, str]:
    """Return `variables` overridden by what `entry` says; `disagreements` reports where the two differ."""
    given = {variable: getattr(entry, field) for variable, field in _FIELDS.items()} if entry else {}
    return {**variables, **{variable: value for variable, value in given.items() if value is not None}}


def disagreements(
    variables: Mapping[str, str], entry: Environment | None, document: Document, suffix: str
) -> Iterator[Problem]:
    """Yield each of `variables` that says something other than `entry`, and production that nobody declared.

    Args:
        variables: of the run, as they were given.
        entry: of `suffix` in the registry; `None` where there is none.
        document: the registry, to name the place.
        suffix: of the environment.
    """
    for variable, field in _FIELDS.items() if entry else ():
        said, received = getattr(entry, field), variables.get(variable)
        if received and said is not None and received != said:
            place = document.where((SECTION, suffix, field))
            yield Problem(
                where=variable, received=received, expected=f"{said!r}, as {place} says, or nothing"
            )
    profile = PROFILES.get(variables.get(PROFILE, ""))
    if profile and profile.declared and not entry:
        expected = (
            f"the suffix of an environment that {document.name} declares under '{SECTION}', with its 'profile', "
            f"'account' and 'region': the profile '{profile.name}' is for no other"
        )
        yield Problem(where=SUFFIX, received=suffix, expected=expected)
