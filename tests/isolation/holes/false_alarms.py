"""Changes that look like holes and are none, each beside a hole that it must not hide."""

from __future__ import annotations

import json

from tests.isolation.holes.editing import (
    ACCOUNT,
    ACME,
    PLATFORM,
    RETAIL,
    Documents,
    acme_key,
    add,
    allow,
    arn,
    name_of,
    resource,
    retail_policy,
)
from tests.isolation.holes.hole import FOREIGN, A, G, Hole, R


def _rule(documents: Documents, **more: object) -> None:
    add(documents, ACME, "aws_cloudwatch_event_rule", "more", {"name": "tenant-acme-corp-more", **more})


def _sends(documents: Documents, *sources: str) -> None:
    condition = {"StringLike": {"events:source": list(sources)}}
    bus = arn("events", "event-bus/default")
    allow(retail_policy(documents), "events:PutEvents", bus, Condition=condition)


def _login(documents: Documents, user: str) -> None:
    body = resource(documents, PLATFORM, "aws_iam_role_policy", "tenants_globex-inc_task")
    cluster = "${aws_rds_cluster." + name_of(documents, PLATFORM, "aws_rds_cluster") + ".cluster_resource_id}"
    allow(body, "rds-db:connect", arn("rds-db", f"dbuser:{cluster}/{user}"))


def _all_callers_of(documents: Documents, account: str) -> None:
    condition = {"StringEquals": {"kms:CallerAccount": account, "aws:PrincipalTag/TenantId": A}}
    allow(acme_key(documents), "kms:Decrypt", Principal={"AWS": "*"}, Condition=condition)


def _by_alias(documents: Documents, key: str, alias: object) -> None:
    allow(acme_key(documents), "kms:*", Principal={"AWS": arn("iam", "root")}, Sid="Delegate")
    operator = "ForAnyValue:StringLike" if key == "kms:ResourceAliases" else "StringLike"
    allow(retail_policy(documents), "kms:Decrypt", Condition={operator: {key: alias}})


# No holes


def a_rule_on_a_schedule(documents: Documents) -> None:
    _rule(documents, schedule_expression="rate(1 hour)")
    _sends(documents, "shop.*")


def a_prefix_that_no_tenant_may_send(documents: Documents) -> None:
    _rule(documents, event_pattern=json.dumps({"source": [{"prefix": "billing."}]}))
    _sends(documents, "shop.*")


def a_source_that_only_aws_sends(documents: Documents) -> None:
    _rule(documents, event_pattern=json.dumps({"source": ["aws.s3", {"prefix": "aws.ec2"}]}))
    allow(
        retail_policy(documents),
        "events:PutEvents",
        arn("events", "event-bus/default"),
        Condition={"StringLike": {"events:source": "aws.*"}},
    )


def a_key_for_callers_of_the_account(documents: Documents) -> None:
    _all_callers_of(documents, ACCOUNT)


def a_key_by_the_alias_of_the_own(documents: Documents) -> None:
    own = documents[RETAIL]["resource"]["aws_kms_alias"]
    _by_alias(documents, "kms:ResourceAliases", next(iter(own.values()))["name"])


def a_key_by_the_alias_in_the_request(documents: Documents) -> None:
    _by_alias(documents, "kms:RequestAlias", "alias/tenant-retail-co*")


def a_key_that_its_alias_names(documents: Documents) -> None:
    alias = name_of(documents, RETAIL, "aws_kms_alias")
    allow(retail_policy(documents), "kms:DescribeKey", f"${{aws_kms_alias.{alias}.target_key_arn}}")


def a_service_linked_role_to_be_created(documents: Documents) -> None:
    add(documents, ACME, "aws_iam_service_linked_role", "ecs", {"aws_service_name": "ecs.amazonaws.com"})
    allow(retail_policy(documents), "iam:CreateServiceLinkedRole")
    linked = {"AWS": "${aws_iam_service_linked_role.ecs.arn}"}
    allow(acme_key(documents), "kms:Decrypt", Principal=linked, Sid="Linked")


def a_task_that_logs_in_as_its_own_user(documents: Documents) -> None:
    _login(documents, "tenant_globex_inc")


# Holes beside them


def a_rule_on_a_schedule_and_for_events(documents: Documents) -> None:
    pattern = json.dumps({"source": ["custom.more"]})
    _rule(documents, schedule_expression="rate(1 hour)", event_pattern=pattern)
    _sends(documents, "custom.more")


def a_prefix_that_a_tenant_may_send(documents: Documents) -> None:
    _rule(documents, event_pattern=json.dumps({"source": ["x", {"prefix": "shop.bills."}]}))
    _sends(documents, "shop.*")


def anything_but_what_a_tenant_sends(documents: Documents) -> None:
    _rule(documents, event_pattern=json.dumps({"source": [{"anything-but": "custom.signup"}]}))
    _sends(documents, "shop.*")


def a_key_for_callers_of_another_account(documents: Documents) -> None:
    _all_callers_of(documents, "210987654321")


def a_key_by_the_alias_of_another(documents: Documents) -> None:
    _by_alias(documents, "kms:ResourceAliases", "alias/tenant-*")


def a_task_that_logs_in_as_another(documents: Documents) -> None:
    _login(documents, "tenant_acme_corp")


def a_task_that_logs_in_as_anybody(documents: Documents) -> None:
    _login(documents, "*")


def a_task_that_logs_in_as_the_master(documents: Documents) -> None:
    _login(documents, "platform_admin")


def a_user_that_two_tenants_name(documents: Documents) -> None:
    definition = resource(documents, PLATFORM, "aws_ecs_task_definition", "tenants_globex-inc")
    text = definition["container_definitions"].replace("tenant_globex_inc", "tenant_acme_corp")
    definition["container_definitions"] = text
    _login(documents, "tenant_acme_corp")


SAFE = [
    a_rule_on_a_schedule,
    a_prefix_that_no_tenant_may_send,
    a_source_that_only_aws_sends,
    a_key_for_callers_of_the_account,
    a_key_by_the_alias_of_the_own,
    a_key_by_the_alias_in_the_request,
    a_key_that_its_alias_names,
    a_service_linked_role_to_be_created,
    a_task_that_logs_in_as_its_own_user,
]

HOLES = [
    Hole(a_rule_on_a_schedule_and_for_events, R, A, "events", "events:putevents", "custom.more"),
    Hole(a_prefix_that_a_tenant_may_send, R, A, "events", "events:putevents", "shop.bills."),
    Hole(anything_but_what_a_tenant_sends, R, A, "events", "events:putevents", "shop."),
    Hole(a_key_for_callers_of_another_account, FOREIGN, A, "key", "kms:decrypt", "#Hole"),
    Hole(a_key_by_the_alias_of_another, R, A, "key", "kms:decrypt", "alias/tenant-"),
    *(
        Hole(hole, G, "(platform)", "database", "rds-db:connect", "dbuser")
        for hole in (
            a_task_that_logs_in_as_another,
            a_task_that_logs_in_as_anybody,
            a_task_that_logs_in_as_the_master,
            a_user_that_two_tenants_name,
        )
    ),
]
