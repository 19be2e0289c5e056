"""Holes by which an attacker changes another role of its own, opens a tagged session, or makes a service act for it."""

from __future__ import annotations

import json

from tests.isolation.holes.editing import (
    ACCOUNT,
    ACME,
    PLATFORM,
    RETAIL,
    RETAIL_ROLE,
    Documents,
    acme_queue_policy,
    add,
    allow,
    arn,
    policy,
    resource,
    retail_policy,
)
from tests.isolation.holes.escalation import a_boundary_that_caps
from tests.isolation.holes.hole import FOREIGN, A, G, Hole, R


def _provisioner(documents: Documents) -> dict[str, object]:
    return resource(documents, RETAIL, "aws_iam_role", "provisioner")


def _provisioner_arn(documents: Documents) -> str:
    return arn("iam", f"role/{_provisioner(documents)['name']}")


def _objects_by_tag(documents: Documents) -> None:
    """The bucket's policy asks for the tag; the provisioner's own policy allows what that lets in."""
    allow(
        resource(documents, RETAIL, "aws_iam_role_policy", "provisioner"),
        "s3:GetObject",
        "arn:aws:s3:::tenant-acme-corp-data-test/*",
    )


def the_tags_of_another_own_role(documents: Documents) -> None:
    _objects_by_tag(documents)
    allow(retail_policy(documents), "iam:TagRole", _provisioner_arn(documents))


def a_tag_to_be_taken_from_another_own_role(documents: Documents) -> None:
    body = resource(documents, RETAIL, "aws_iam_role_policy", "provisioner")
    allow(body, "dynamodb:GetItem")
    named = {"Null": {"aws:PrincipalTag/TenantId": "false"}}
    allow(body, "dynamodb:*", Effect="Deny", Sid="DenyNamed", Condition=named)
    allow(retail_policy(documents), "iam:UntagRole", _provisioner_arn(documents))


def a_denial_to_be_taken_from_another_own_role(documents: Documents) -> None:
    allow(resource(documents, RETAIL, "aws_iam_role_policy", "provisioner"), "dynamodb:GetItem")
    denial = {"Statement": [{"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}]}
    body = {"role": _provisioner(documents)["name"], "policy": json.dumps(denial)}
    add(documents, RETAIL, "aws_iam_role_policy", "denial", body)
    allow(retail_policy(documents), "iam:DeleteRolePolicy", _provisioner_arn(documents))


def an_attached_denial_to_be_detached(documents: Documents) -> None:
    allow(resource(documents, RETAIL, "aws_iam_role_policy", "provisioner"), "dynamodb:GetItem")
    denial = {"Statement": [{"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}]}
    add(documents, RETAIL, "aws_iam_policy", "denial", {"name": "denial", "policy": json.dumps(denial)})
    body = {"role": _provisioner(documents)["name"], "policy_arn": "${aws_iam_policy.denial.arn}"}
    add(documents, RETAIL, "aws_iam_role_policy_attachment", "denial", body)
    allow(retail_policy(documents), "iam:DetachRolePolicy", _provisioner_arn(documents))


def the_boundary_of_another_own_role(documents: Documents) -> None:
    a_boundary_that_caps(documents)
    own = RETAIL_ROLE
    allow(resource(documents, RETAIL, "aws_iam_role_policy", "provisioner"), "iam:Delete*Boundary", own)


def a_new_role_with_a_tag_of_its_choice(documents: Documents) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/TenantId": A, "aws:PrincipalAccount": ACCOUNT}}
    body = acme_queue_policy(documents)
    allow(body, "sqs:ReceiveMessage", Principal={"AWS": "*"}, Condition=condition)
    allow(retail_policy(documents), ["iam:CreateRole", "iam:TagRole"], arn("iam", "role/retail-*"))


def a_new_role_with_a_name_that_a_policy_asks_for(documents: Documents) -> None:
    condition = {"ArnLike": {"aws:PrincipalArn": arn("iam", "role/tenant-acme-*")}}
    allow(acme_queue_policy(documents), "sqs:ReceiveMessage", Principal={"AWS": "*"}, Condition=condition)
    allow(retail_policy(documents), "iam:CreateRole")


def a_federated_session_with_a_tag(documents: Documents) -> None:
    add(documents, RETAIL, "aws_iam_user", "operator", {"name": "retail-operator"})
    body = {"user": "retail-operator", "policy": json.dumps({"Statement": []})}
    allow(body, "s3:GetObject", "arn:aws:s3:::tenant-acme-corp-data-test/*")
    allow(body, ["sts:GetFederationToken", "sts:TagSession"])
    add(documents, RETAIL, "aws_iam_user_policy", "operator", body)


def _session_tags(documents: Documents, condition: object) -> None:
    """A task's role may assume itself with tags; its policy allows what another tenant's bucket lets in by tag."""
    body = resource(documents, PLATFORM, "aws_iam_role_policy", "tenants_globex-inc_task_role")
    allow(body, "s3:GetObject", "arn:aws:s3:::saas-platform-acme-corp-data-test/*")
    role = resource(documents, PLATFORM, "aws_iam_role", "tenants_globex-inc_task_role")
    with policy(role, "assume_role_policy") as statements:
        statements.append(
            {
                "Sid": "Hole",
                "Effect": "Allow",
                "Action": ["sts:AssumeRole", "sts:TagSession"],
                "Principal": {"AWS": arn("iam", f"role/{role['name']}")},
                "Condition": condition,
            }
        )


def a_session_tag_that_only_looks_like_the_own(documents: Documents) -> None:
    _session_tags(documents, {"StringLike": {"aws:RequestTag/tenant_id": ["globex-*", "*-corp"]}})


def a_session_tag_if_there_is_one(documents: Documents) -> None:
    _session_tags(documents, {"ForAllValues:StringEquals": {"aws:TagKeys": ["tenant_id", "Team"]}})


def the_trust_of_another_own_role_to_be_changed(documents: Documents) -> None:
    _objects_by_tag(documents)
    allow(retail_policy(documents), "iam:UpdateAssumeRolePolicy", _provisioner_arn(documents))


def a_trail_of_the_account(documents: Documents) -> None:
    condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    service = {"Service": "cloudtrail.amazonaws.com"}
    allow(acme_queue_policy(documents), "sqs:SendMessage", Principal=service, Condition=condition)
    allow(retail_policy(documents), "cloudtrail:CreateTrail")


def a_topic_rule_of_the_account(documents: Documents) -> None:
    condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    service = {"Service": "iot.amazonaws.com"}
    allow(acme_queue_policy(documents), "sqs:SendMessage", Principal=service, Condition=condition)
    allow(retail_policy(documents), "iot:CreateTopicRule", arn("iot", "rule/retail_*"))


def a_service_that_is_in_no_list(documents: Documents) -> None:
    condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    service = {"Service": "mediaconvert.amazonaws.com"}
    allow(acme_queue_policy(documents), "sqs:SendMessage", Principal=service, Condition=condition)
    allow(retail_policy(documents), "mediaconvert:CreateJob")


def the_default_bus_to_be_opened(documents: Documents) -> None:
    allow(retail_policy(documents), "events:PutPermission", arn("events", "event-bus/default"))


def the_default_bus_open_to_another_account(documents: Documents) -> None:
    body = {"event_bus_name": "default", "policy": json.dumps({"Statement": []})}
    allow(body, "events:PutEvents", Principal={"AWS": "210987654321"})
    add(documents, PLATFORM, "aws_cloudwatch_event_bus_policy", "hole", body)


def the_bus_without_a_name_open_to_another_account(documents: Documents) -> None:
    body = {"policy": json.dumps({"Statement": []})}
    allow(body, "events:PutEvents", Principal={"AWS": "210987654321"})
    add(documents, ACME, "aws_cloudwatch_event_bus_policy", "hole", body)


def a_permission_on_the_default_bus(documents: Documents) -> None:
    body = {"principal": "*", "statement_id": "hole"}
    add(documents, PLATFORM, "aws_cloudwatch_event_permission", "hole", body)


# Neighbours that are no holes


def a_session_tag_that_repeats_the_own(documents: Documents) -> None:
    _session_tags(documents, {"StringEquals": {"aws:RequestTag/tenant_id": "$${aws:PrincipalTag/tenant_id}"}})


def a_session_tag_that_is_the_own_in_so_many_words(documents: Documents) -> None:
    _session_tags(documents, {"StringEquals": {"aws:RequestTag/tenant_id": G}})


def a_session_tag_that_no_policy_asks_for(documents: Documents) -> None:
    _session_tags(documents, {"ForAllValues:StringEquals": {"aws:TagKeys": ["Team"]}})


def tags_of_the_own_role_without_the_tenants(documents: Documents) -> None:
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["Team"]}}
    _objects_by_tag(documents)
    allow(retail_policy(documents), "iam:TagRole", _provisioner_arn(documents), Condition=condition)


def a_trail_for_whoever_may_only_look(documents: Documents) -> None:
    a_trail_of_the_account(documents)
    with policy(retail_policy(documents)) as statements:
        statements[-1]["Action"] = ["cloudtrail:GetTrail", "cloudtrail:GetTrailStatus"]


def a_rule_of_its_own_to_be_given_targets(documents: Documents) -> None:
    rule = arn("events", "rule/tenant-retail-co-*")
    allow(retail_policy(documents), ["events:PutTargets"], rule)


def a_denial_that_nobody_may_take_away(documents: Documents) -> None:
    a_denial_to_be_taken_from_another_own_role(documents)
    with policy(retail_policy(documents)) as statements:
        statements[-1]["Action"] = "iam:DetachRolePolicy"


SAFE = [
    a_session_tag_that_repeats_the_own,
    a_session_tag_that_is_the_own_in_so_many_words,
    a_session_tag_that_no_policy_asks_for,
    tags_of_the_own_role_without_the_tenants,
    a_trail_for_whoever_may_only_look,
    a_rule_of_its_own_to_be_given_targets,
    a_denial_that_nobody_may_take_away,
]

HOLES = [
    Hole(the_tags_of_another_own_role, R, A, "bucket", "s3:getobject", "provisioner_role_011BBBA0's tags"),
    Hole(a_tag_to_be_taken_from_another_own_role, R, A, "table", "dynamodb:getitem", "'s tags"),
    Hole(
        a_denial_to_be_taken_from_another_own_role,
        R,
        A,
        "table",
        "dynamodb:getitem",
        "role_policy.denial from",
    ),
    Hole(an_attached_denial_to_be_detached, R, A, "table", "dynamodb:getitem", "aws_iam_policy.denial from"),
    Hole(the_boundary_of_another_own_role, R, A, "table", "dynamodb:getitem", "'s boundary"),
    Hole(a_new_role_with_a_tag_of_its_choice, R, A, "queue", "sqs:receivemessage", "creates the role"),
    Hole(
        a_new_role_with_a_name_that_a_policy_asks_for,
        R,
        A,
        "queue",
        "sqs:receivemessage",
        "role/tenant-acme-⟦new⟧",
    ),
    Hole(a_federated_session_with_a_tag, R, A, "bucket", "s3:getobject", "federated user"),
    Hole(a_session_tag_that_only_looks_like_the_own, G, A, "bucket", "s3:getobject", "sts:assumerole on"),
    Hole(a_session_tag_if_there_is_one, G, A, "bucket", "s3:getobject", "sts:assumerole on"),
    Hole(
        the_trust_of_another_own_role_to_be_changed,
        R,
        A,
        "bucket",
        "s3:getobject",
        "lets itself tag sessions",
    ),
    Hole(
        a_trail_of_the_account, R, A, "queue", "sqs:sendmessage", "cloudtrail.amazonaws.com as configured by"
    ),
    Hole(
        a_topic_rule_of_the_account,
        R,
        A,
        "queue",
        "sqs:sendmessage",
        "iot.amazonaws.com as configured by retail-co",
    ),
    Hole(a_service_that_is_in_no_list, R, A, "queue", "sqs:sendmessage", "as configured by retail-co"),
    Hole(the_default_bus_to_be_opened, R, A, "events", "events:putpermission", "#Hole"),
    *(
        Hole(hole, FOREIGN, A, "events", "events:putevents", "210987654321")
        for hole in (the_default_bus_open_to_another_account, the_bus_without_a_name_open_to_another_account)
    ),
    Hole(a_permission_on_the_default_bus, FOREIGN, A, "events", "events:putevents", "event_permission.hole"),
]
