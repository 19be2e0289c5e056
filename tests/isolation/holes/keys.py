"""Holes in key policies and grants."""

from __future__ import annotations

from tests.isolation.holes.editing import (
    ACME,
    RETAIL_ROLE,
    ROOT,
    Documents,
    acme_key,
    acme_queue_policy,
    add,
    allow,
    arn,
    name_of,
    retail_policy,
    statement,
)
from tests.isolation.holes.hole import FOREIGN, SERVICE, A, Hole, R


def anybody_with_the_tag_may_use_the_key(documents: Documents) -> None:
    with statement(acme_key(documents), "UseTenantKey") as found:
        found["Principal"] = {"AWS": "*"}


def root_delegation_and_a_broad_role(documents: Documents) -> None:
    allow(acme_key(documents), "kms:*", Principal=ROOT)
    allow(retail_policy(documents), "kms:Decrypt")


def the_default_key_policy_and_a_broad_role(documents: Documents) -> None:
    del acme_key(documents)["policy"]
    allow(retail_policy(documents), ["kms:ReEncrypt*"])


def grants_without_condition(documents: Documents) -> None:
    with statement(acme_key(documents), "CreateGrantsForServices") as found:
        del found["Condition"]
    allow(retail_policy(documents), "kms:CreateGrant")


def the_right_to_put_the_key_policy(documents: Documents) -> None:
    allow(retail_policy(documents), "kms:PutKeyPolicy")


def a_wildcard_in_the_account_field(documents: Documents) -> None:
    pattern = "arn:aws:iam::*:role/tenant-acme-corp-lambda-role-test"
    condition = {"ArnLike": {"aws:PrincipalArn": pattern}}
    allow(acme_key(documents), "kms:Decrypt", Principal={"AWS": "*"}, Condition=condition)


def a_log_group_of_any_tenant_under_the_key(documents: Documents) -> None:
    with statement(acme_key(documents), "EncryptLogGroups") as found:
        found["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"] = arn(
            "logs", "log-group:/aws/lambda/tenant-*"
        )


QUEUE_CONTEXT = "kms:EncryptionContext:aws:sqs:arn"


def the_queue_of_any_tenant_under_the_key(documents: Documents) -> None:
    with statement(acme_key(documents), "EncryptDeadLettersOfRule") as found:
        found["Condition"]["ArnEquals"][QUEUE_CONTEXT] = arn("sqs", "tenant-*-events-dlq-test")


def another_tenants_queue_under_the_key(documents: Documents) -> None:
    with statement(acme_key(documents), "EncryptDeadLettersOfRule") as found:
        found["Condition"]["ArnEquals"][QUEUE_CONTEXT] = arn("sqs", "tenant-retail-co-events-dlq-test")


def dead_letters_of_anybody_under_the_key(documents: Documents) -> None:
    with statement(acme_key(documents), "EncryptDeadLettersOfRule") as found:
        del found["Condition"]


def a_queue_under_the_key_that_takes_any_rules_dead_letters(documents: Documents) -> None:
    with statement(acme_queue_policy(documents), "SendDeadLettersOfRule") as found:
        del found["Condition"]


def a_queue_under_the_key_that_takes_any_tenants_dead_letters(documents: Documents) -> None:
    with statement(acme_queue_policy(documents), "SendDeadLettersOfRule") as found:
        found["Condition"]["ArnEquals"]["aws:SourceArn"] = arn("events", "rule/tenant-*")


def a_grant_for_another_tenant(documents: Documents) -> None:
    key = "${aws_kms_key." + name_of(documents, ACME, "aws_kms_key") + ".key_id}"
    body = {"key_id": key, "grantee_principal": RETAIL_ROLE, "operations": ["Decrypt"]}
    add(documents, ACME, "aws_kms_grant", "hole", body)


HOLES = [
    Hole(anybody_with_the_tag_may_use_the_key, FOREIGN, A, "key", "kms:decrypt", "#UseTenantKey"),
    Hole(root_delegation_and_a_broad_role, R, A, "key", "kms:decrypt", "#Hole"),
    Hole(the_default_key_policy_and_a_broad_role, R, A, "key", "kms:reencrypt", "default policy"),
    Hole(grants_without_condition, R, A, "key", "kms:creategrant", "#CreateGrantsForServices"),
    Hole(the_right_to_put_the_key_policy, R, A, "key", "kms:putkeypolicy", "#AdministerWithoutUse"),
    Hole(
        a_wildcard_in_the_account_field,
        FOREIGN,
        A,
        "key",
        "kms:decrypt",
        "role/tenant-acme-corp-lambda-role-test",
    ),
    Hole(
        a_log_group_of_any_tenant_under_the_key,
        R,
        A,
        "key",
        "kms:",
        "logs.us-east-1.amazonaws.com acting for retail-co",
    ),
    *(
        Hole(hole, R, A, "key", "kms:", "events.amazonaws.com acting for retail-co")
        for hole in (
            the_queue_of_any_tenant_under_the_key,
            another_tenants_queue_under_the_key,
            dead_letters_of_anybody_under_the_key,
            a_queue_under_the_key_that_takes_any_rules_dead_letters,
            a_queue_under_the_key_that_takes_any_tenants_dead_letters,
        )
    ),
    *(
        Hole(hole, SERVICE, A, "key", "kms:", "events.amazonaws.com acting for account")
        for hole in (
            dead_letters_of_anybody_under_the_key,
            a_queue_under_the_key_that_takes_any_rules_dead_letters,
        )
    ),
    Hole(a_grant_for_another_tenant, R, A, "key", "kms:decrypt", "aws_kms_grant.hole"),
]
