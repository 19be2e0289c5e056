"""Conditions that several policies ask for, each made in one place."""

from __future__ import annotations

from policies.statements import Condition


def principal_tagged(tag: str, value: str) -> Condition:
    """Return the condition that the calling principal carries `tag` with `value`."""
    return Condition(operator="StringEquals", key=f"aws:PrincipalTag/{tag}", values=(value,))


def principal_not_tagged(tag: str, value: str) -> Condition:
    """Return the condition that the calling principal carries `tag` with another value, or not at all."""
    return Condition(operator="StringNotEquals", key=f"aws:PrincipalTag/{tag}", values=(value,))


def principal_has_tag(tag: str) -> Condition:
    """Return the condition that the calling principal carries `tag`, whatever its value."""
    return Condition(operator="Null", key=f"aws:PrincipalTag/{tag}", values=("false",))


def of_account(account_id: str) -> Condition:
    """Return the condition that the calling principal belongs to the account."""
    return Condition(operator="StringEquals", key="aws:PrincipalAccount", values=(account_id,))


def from_source(account_id: str, *arns: str) -> tuple[Condition, Condition]:
    """Return the conditions that an AWS service acts for one of the resources `arns` of this account.

    Without them a service could be made to act for somebody else's resource
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html).

    Args:
        account_id: whose resources they are.
        arns: of the resources; one with a `*` is a pattern.
    """
    operator = "ArnLike" if any("*" in arn for arn in arns) else "ArnEquals"
    return (
        Condition(operator=operator, key="aws:SourceArn", values=arns),
        Condition(operator="StringEquals", key="aws:SourceAccount", values=(account_id,)),
    )


def through_services(region: str, *services: str) -> Condition:
    """Return the condition that one of the AWS `services` (`s3`, `lambda`) in `region` asks KMS on the caller's behalf.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    return Condition(
        operator="StringEquals",
        key="kms:ViaService",
        values=tuple(f"{service}.{region}.amazonaws.com" for service in services),
    )
