"""What is known of the condition keys in a request: what its caller chooses, and what AWS sets.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html is the source unless another
is named. A key that is not modelled is free and *in doubt*: neither a proof nor a violation may rest on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from isolation.catalogue.condition_keys import CHOSEN, ENCRYPTION_CONTEXT_OF, QUEUE_CONTEXT
from isolation.catalogue.resource_keys import TAG_KEY
from isolation.encoding.resource_keys import carried
from isolation.iam.patterns import has_wildcard
from isolation.model.caller import SERVICE, Caller
from isolation.model.target import Target
from isolation.synthesized.interpolation import OPAQUE


@dataclass(frozen=True, slots=True)
class Fixed:
    """AWS sets the key.

    Attributes:
        values: none if the key is missing.
    """

    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Free:
    """The attacker chooses the value.

    Attributes:
        variable: its name in formulas.
        domain: patterns, one of which the value matches; empty for any text.
        literals: values, one of which it is; empty for any text.
        strange: whether it differs from every literal that a policy names.
        required: whether every request has it.
        doubt: why nothing may rest on it.
    """

    variable: str
    domain: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    strange: bool = False
    required: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Unsure:
    """AWS sets the key, or leaves it out: it is not known which.

    Attributes:
        values: if it is set.
        by_default_missing: whether a counterexample may rely on it being left out.
    """

    values: tuple[str, ...]
    by_default_missing: bool = False


def value_of(key: str, caller: Caller, target: Target) -> Fixed | Free | Unsure:
    """Return what is known of the condition key `key` (lower-case) in requests of `caller` on `target`."""
    for name, values in target.context:
        if name == key:
            if any(has_wildcard(value) for value in values):
                return Free(key, domain=values, required=True)
            return Free(key, literals=values, required=True)
    for found in (_of_resource(key, target), _of_principal(key, caller)):
        if found is not None:
            return found
    if key == "aws:securetransport":
        return Free(key, literals=("true", "false"), required=True)
    if CHOSEN.fullmatch(key):
        return Free(key)
    return Free(key, doubt=f"condition key {key}")


def _aliases(key: str, target: Target) -> Fixed | Free:
    """Return an alias of the key (https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html)."""
    if any(OPAQUE in name for name in target.aliases):
        return Free(key, doubt=f"condition key {key}")
    return Free(key, literals=target.aliases) if target.aliases else Fixed()


def _of_resource(key: str, target: Target) -> Fixed | Free | Unsure | None:
    """Return the value of a key about the resource, as far as requests carry it; `None` for any other key."""
    if key in {"kms:requestalias", "kms:resourcealiases"}:
        return _aliases(key, target)
    if key == "aws:resourceaccount":
        value: Fixed | Free = Fixed((target.account,))
    elif TAG_KEY.fullmatch(key):
        value = _tag(key, target.tags)
    else:
        return None
    sure = carried(key, target)
    if sure == "never":
        return Fixed()
    if isinstance(value, Free) or sure == "always" or not value.values:
        return value
    return Unsure(value.values, by_default_missing=sure == "not by default")


def _tag(key: str, tags: object) -> Fixed | Free:
    if not isinstance(tags, dict):
        return Free(key)
    wanted = key.partition("/")[2]
    # Tag keys compare without case (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html).
    return Fixed(tuple(value for name, value in sorted(tags.items()) if name.lower() == wanted)[:1])


def _of_principal(key: str, caller: Caller) -> Fixed | Free | None:  # noqa: C901, PLR0911 (a table)
    if key.startswith("aws:principaltag/"):
        if key.partition("/")[2] in caller.chosen:
            return Free(key)
        return Fixed() if caller.type in {"anonymous", "service"} else _tag(key, caller.tags)
    # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account
    if key == "aws:principalaccount" or (key == "kms:calleraccount" and caller.type != "service"):
        return Fixed((caller.account,) if caller.account else ())
    if key == "aws:principalarn":
        if caller.type == "foreign":
            return Free("principal", domain=(f"arn:*:iam::{caller.account}:*",), required=True)
        return Fixed((caller.arn,) if caller.arn else ())
    if key == "aws:principalorgid":
        # Nobody can join an organization by choice; whether the stacks' own account is in one is not known.
        if caller.type == "role":
            return Free(key, doubt="membership of an organization")
        return Free(key, strange=True) if caller.type == "foreign" else Fixed()
    if key == "aws:principalisawsservice":
        return Fixed(("true" if caller.type == "service" else "false",))
    if key == "aws:principaltype":
        return Fixed(("Anonymous",)) if caller.type == "anonymous" else Free(key)
    if key == "lambda:sourcefunctionarn":
        # https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
        if caller.type != "role":
            return Fixed()
        if caller.functions is None:
            return Free(key)
        return Free(key, literals=caller.functions, required=True) if caller.functions else Fixed()
    return _of_source(key, caller)


def _of_source(key: str, caller: Caller) -> Fixed | Free | None:
    """Return the value of a key about whom a service acts for; only calls by services have such keys."""
    if key in {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"}:
        if caller.type != "service":
            return Fixed()
        if key == "aws:sourcearn":
            # A bucket's ARN names no account, but no two buckets have the same name.
            buckets = caller.owner == SERVICE and any(":s3:::" in source for source in caller.sources)
            return Free(key, domain=caller.sources, strange=buckets)
        if key == "aws:sourceaccount":
            return Free(key, literals=(caller.source_account,))
        return Free(key, strange=True)
    return _of_encryption(key, caller) if caller.type == "service" else None


def _of_encryption(key: str, caller: Caller) -> Fixed | Free | None:
    if key == ENCRYPTION_CONTEXT_OF.get(caller.service.split(".")[0]):
        return Free(key, domain=caller.sources)
    if key == QUEUE_CONTEXT:
        return Free(key, domain=caller.queues) if caller.queues else Fixed()
    return None
