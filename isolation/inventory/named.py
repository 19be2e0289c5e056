"""Rights on resources of types that are no targets: nobody has looked at what they reach.

A statement reaches what its actions can be done on. So each ARN that it names must be of a type that one of its actions
is about, and each of its actions must be about one of the types that it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Final

from isolation.catalogue.copies import ACCOUNT_SERVICES
from isolation.catalogue.kinds import KINDS
from isolation.catalogue.rights import BY_ARGUMENT, CONFIGURING_ONLY
from isolation.iam.language import ParsedStatement
from isolation.iam.patterns import arn_segments, arns_meet, globs_meet
from isolation.iam.resource_patterns import completed
from isolation.inventory.forms import FORMS
from isolation.model.caller import Caller
from isolation.model.target import Target

_ALL: Final = "*"


def unknown_resources(identities: Iterable[Caller]) -> Iterator[tuple[str | None, str]]:
    """Return whose right is on a resource of a type in no list, each as a line that begins with its address."""
    for identity in identities:
        for statement in identity.identity:
            if statement.allows and not statement.not_resource:
                address = statement.source.partition("#")[0]
                for text in _unknown(statement):
                    yield identity.owner, f"{address}: {text}"


def rights_by_argument(
    identities: Iterable[Caller], targets: Iterable[Target]
) -> Iterator[tuple[str | None, str]]:
    """Return whose right of a tenant's names others' resources in an argument, which no policy is asked about."""
    policies = chain(
        ((identity.owner, statement) for identity in identities for statement in identity.identity),
        ((target.owner, statement) for target in targets for statement in target.policy),
    )
    for owner, statement in policies:
        if owner is not None and statement.allows:
            address = statement.source.partition("#")[0]
            for right, story in BY_ARGUMENT.items():
                if _allows(statement, right):
                    yield owner, f"{address}: whoever may do {right} {story}"


def _allows(statement: ParsedStatement, right: str) -> bool:
    """Whether `statement` may allow `right` on what it names; everything on everything reaches what is known anyway."""
    if statement.principals is not None and all(one.kind == "service" for one in statement.principals):
        return False
    if statement.not_action:
        allowed, wide = not any(globs_meet(action, right) for action in statement.actions), True
    else:
        allowed = any(globs_meet(action, right) for action in statement.actions)
        wide = _ALL in statement.actions
    return (
        allowed
        and not (wide and (statement.not_resource or _ALL in statement.resources))
        and any(_is_about(right, resource) for resource in statement.resources)
    )


def _unknown(statement: ParsedStatement) -> Iterator[str]:
    actions = (_ALL,) if statement.not_action else statement.actions
    actions = tuple(one for one in actions if not _grants_nothing(one, statement.resources))
    for resource in statement.resources:
        if actions and not any(_is_about(action, resource) for action in actions):
            yield f"resource {resource} is of a type in no list that {', '.join(actions[:3])} can be done on"
    for action in actions:
        if not any(_is_about(action, resource) for resource in statement.resources):
            yield f"action {action} is on none of the types in a list that the statement names"


def _grants_nothing(action: str, resources: Iterable[str]) -> bool:
    """Whether `action` is of a service that no kind is about, or on the account alone and `resources` are others'."""
    service = action.partition(":")[0]
    return service in CONFIGURING_ONLY or (
        service in ACCOUNT_SERVICES
        and not any(globs_meet((arn_segments(completed(one)) or [_ALL] * 3)[2], service) for one in resources)
    )


def _is_about(action: str, resource: str) -> bool:
    """Whether `action` may be one on a target that `resource` may name."""
    if resource == _ALL:
        return True
    whole = completed(resource)
    return any(arns_meet(form, whole) for form in _forms(action, whole.split(":")[2]))


@cache
def _forms(action: str, service: str) -> tuple[str, ...]:
    """Return the forms of the ARNs in `service`, which may be a pattern, that `action` may be one on."""
    return tuple(
        form
        for kind, forms in FORMS.items()
        if any(globs_meet(action, own) for own in KINDS[kind].actions)
        for form in map(completed, forms)
        if globs_meet(form.split(":")[2], service)
    )
