"""KMS's decision when a service asks it on somebody's behalf.

AWS: KMS developer guide, "Key policies" (the key policy must allow, also the account's root; a statement for the
account lets IAM policies decide), "AWS KMS condition keys" (`kms:ViaService`, `kms:EncryptionContext:...`,
`kms:GrantIsForAWSResource`), "Grants in AWS KMS" (what a grant allows needs no policy), "Key states".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.refusals._requests import Request
from emulator.shims._patching import part, service

CREATE_GRANT = "CreateGrant"


@dataclass(frozen=True, kw_only=True)
class Use:
    """One request to KMS.

    Attributes:
        action: such as `Decrypt`.
        context: the encryption context.
    """

    action: str
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Asker:
    """On whose behalf a service asks: a principal of the account, or an AWS service for itself.

    Attributes:
        principal: MiniStack's `PrincipalInfo`; None for a service.
        service: the service principal (`logs.us-east-1.amazonaws.com`), for a service.
    """

    principal: Any = None
    service: str = ""

    @property
    def arn(self) -> str:
        """Of the principal, or the service's name."""
        return self.service or str(self.principal.arn)


def caller(request: Request) -> Asker:
    """Whoever signed the request; the account's root for credentials that nobody has, which only occur without IAM."""
    evaluator, responses = service("core.iam_evaluator"), service("core.responses")
    account = part(responses, "get_account_id")()
    key = part(service("core.router"), "extract_access_key_id")(request.headers, request.query)
    found = part(evaluator, "resolve_principal")(key or account, account)
    if isinstance(found, part(evaluator, "AuthError")):
        found = part(evaluator, "resolve_principal")(account, account)
    return Asker(principal=found)


def role(arn: str, session: str) -> Asker:
    """A session of a role, as a service starts it.

    Args:
        arn: of the role.
        session: its name, such as the function's.
    """
    evaluator, roles = service("core.iam_evaluator"), part(service("services.iam"), "_roles")
    account, name = arn.split(":")[4], arn.rpartition("/")[2]
    tags = (roles.get(name) or {}).get("Tags") or []
    made = part(evaluator, "PrincipalInfo")(
        arn=f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        type="AssumedRole",
        account=account,
        policies=part(evaluator, "_gather_role_policies")(name, account),
        keys={f"aws:principaltag/{tag['Key'].lower()}": tag["Value"] for tag in tags},
        limits=part(evaluator, "_permissions_boundary")(roles, name, account),
    )
    return Asker(principal=made)


def customer_key(reference: str | None) -> dict[str, Any] | None:
    """The account's own key with this id, ARN or alias; None for a key that AWS manages and for none."""
    found: dict[str, Any] | None = part(service("services.kms"), "_resolve_key")(reference or "")
    return found


def denial(asker: Asker, reference: str | None, via: str, *uses: Use) -> str | None:
    """Why KMS refuses one of the uses of a customer's key; None if it allows them all, or the key is not a customer's.

    Args:
        asker: on whose behalf.
        reference: id, ARN or alias of the key.
        via: the service that asks (`dynamodb`).
        *uses: what it asks for, in this order.
    """
    key = customer_key(reference)
    if key is None:
        return None
    if key["KeyState"] != "Enabled":
        return f"{key['Arn']} is {key['KeyState']}"
    for use in uses:
        if not _allowed(asker, key, via, use):
            return (
                f"User: {asker.arn} is not authorized to perform: kms:{use.action} on resource: {key['Arn']} "
                f"(through {via}, with the encryption context {dict(use.context)})"
            )
    return None


def may_write_policy(asker: Asker, arn: str, policy: str, tags: Mapping[str, str]) -> bool:
    """Whether whoever asks KMS itself, and no service for them, could replace `policy` once the key has it.

    Args:
        asker: who gives the key that policy.
        arn: of the key.
        policy: that it is to have.
        tags: that it is created with.
    """
    key = {"Arn": arn, "Policy": policy, "CreatedWith": tags}
    return _allowed(asker, key, "", Use(action="PutKeyPolicy"))


def _allowed(asker: Asker, key: Mapping[str, Any], via: str, use: Use) -> bool:
    """Decide on a use through the service `via`; empty for a request to KMS itself."""
    if any(_grants(grant, asker, key, use) for grant in part(service("services.kms"), "_grants").values()):
        return True
    evaluator = service("core.iam_evaluator")
    principal = asker.principal
    account = key["Arn"].split(":")[4]
    context = part(evaluator, "EvalContext")(
        principal_arn=principal.arn if principal else "*",
        principal_type=principal.type if principal else "Service",
        principal_account=principal.account if principal else "",
        action=f"kms:{use.action}",
        resource_arn=key["Arn"],
        region=key["Arn"].split(":")[3],
        secure_transport=True,
        service_context=dict(_condition_keys(key, via, use, account, asker)),
        principal_keys=principal.keys if principal else {},
    )
    of_resource = part(evaluator, "evaluate_resource_policy")
    if principal is None:
        return bool(of_resource(key["Policy"], context, service=asker.service).decision == "Allow")
    if principal.policies is None:
        return bool(of_resource(key["Policy"], context).decision == "Allow")
    identity = part(evaluator, "evaluate")(context, principal.policies, *principal.limits)
    combined = part(evaluator, "combine_resource_policy")(
        identity, context, key["Policy"], account, required=True, limits=tuple(principal.limits)
    )
    return bool(combined.decision == "Allow")


def _condition_keys(
    key: Mapping[str, Any], via: str, use: Use, account: str, asker: Asker
) -> Iterator[tuple[str, Any]]:
    """What the service sends. No `aws:SourceArn`: of the services here none documents it for its requests to KMS."""
    if via and not asker.service.startswith(f"{via}."):
        yield "kms:viaservice", f"{via}.{key['Arn'].split(':')[3]}.amazonaws.com"
        yield "aws:viaawsservice", "true"
    known = part(service("services.tagging"), "resource_tags")(key["Arn"]) or key.get("CreatedWith") or {}
    for name, value in known.items():
        yield f"aws:resourcetag/{name.lower()}", value
    if asker.principal is not None:
        yield "kms:calleraccount", account
    for name, value in use.context.items():
        yield f"kms:encryptioncontext:{name.lower()}", value
    if use.context:
        yield "kms:encryptioncontextkeys", list(use.context)
    if use.action == CREATE_GRANT:
        yield "kms:grantisforawsresource", "true"


def _grants(grant: Mapping[str, Any], asker: Asker, key: Mapping[str, Any], use: Use) -> bool:
    if grant["KeyId"] != key["Arn"] or use.action not in grant["Operations"]:
        return False
    constraints = grant.get("Constraints") or {}
    equal, subset = constraints.get("EncryptionContextEquals"), constraints.get("EncryptionContextSubset")
    if equal is not None and dict(equal) != dict(use.context):
        return False
    if subset is not None and not subset.items() <= use.context.items():
        return False
    session = asker.arn.split(":assumed-role/")
    names_role = len(session) > 1 and str(grant["GranteePrincipal"]).endswith(
        f":role/{session[1].partition('/')[0]}"
    )
    return grant["GranteePrincipal"] == asker.arn or names_role
