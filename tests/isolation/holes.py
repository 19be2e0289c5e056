"""Holes for the mutation suite: each opens one way between tenants in the synthesized documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Documents = dict[str, dict[str, Any]]
Json = dict[str, Any]

ACCOUNT = "${data.aws_caller_identity.account_caller_identity_1A605EFC.account_id}"
REGION = "us-east-1"
PLATFORM, ACME, RETAIL = "shared-platform-test", "tenant-acme-corp-test", "tenant-retail-co-test"


def resource(documents: Documents, stack: str, type_: str, start: str = "") -> Json:
    """The first resource of `type_` whose id starts with `start`."""
    named = documents[stack]["resource"][type_]
    found: Json = named[next(name for name in named if name.startswith(start))]
    return found


def name_of(documents: Documents, stack: str, type_: str, start: str = "") -> str:
    return next(str(name) for name in documents[stack]["resource"][type_] if name.startswith(start))


def add(documents: Documents, stack: str, type_: str, name: str, body: Json) -> None:
    documents[stack]["resource"].setdefault(type_, {})[name] = body


@contextmanager
def policy(body: Json, field: str = "policy") -> Iterator[list[Json]]:
    """The statements of a policy, to be changed in place."""
    document = json.loads(body[field])
    yield document["Statement"]
    body[field] = json.dumps(document)


@contextmanager
def statement(body: Json, sid: str, field: str = "policy") -> Iterator[Json]:
    with policy(body, field) as statements:
        yield next(found for found in statements if found["Sid"] == sid)


def allow(body: Json, action: object, resources: object = "*", field: str = "policy", **more: object) -> None:
    with policy(body, field) as statements:
        statements.append({"Sid": "Hole", "Effect": "Allow", "Action": action, "Resource": resources, **more})


def trust(body: Json, **more: object) -> None:
    with policy(body, "assume_role_policy") as statements:
        statements.append({"Sid": "Hole", "Effect": "Allow", "Action": "sts:AssumeRole", **more})


def retail_policy(documents: Documents) -> Json:
    """The policy of the role that retail-co's API function runs as."""
    return resource(documents, RETAIL, "aws_iam_role_policy", "api_role")


def acme_key(documents: Documents) -> Json:
    return resource(documents, ACME, "aws_kms_key")


def acme_queue_policy(documents: Documents) -> Json:
    return resource(documents, ACME, "aws_sqs_queue_policy")


def arn(service: str, rest: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{'' if service == 'iam' else REGION}:{account}:{rest}"


ACME_ROLE = arn("iam", "role/tenant-acme-corp-lambda-role-test")
RETAIL_ROLE = arn("iam", "role/tenant-retail-co-lambda-role-test")
ROOT = {"AWS": arn("iam", "root")}


# Keys


def anybody_with_the_tag_may_use_the_key(documents: Documents) -> None:
    with statement(acme_key(documents), "TenantUse") as found:
        found["Principal"] = {"AWS": "*"}


def root_delegation_and_a_broad_role(documents: Documents) -> None:
    allow(acme_key(documents), "kms:*", Principal=ROOT)
    allow(retail_policy(documents), "kms:Decrypt")


def the_default_key_policy_and_a_broad_role(documents: Documents) -> None:
    del acme_key(documents)["policy"]
    allow(retail_policy(documents), ["kms:ReEncrypt*"])


def grants_without_condition(documents: Documents) -> None:
    with statement(acme_key(documents), "GrantsForServices") as found:
        del found["Condition"]
    allow(retail_policy(documents), "kms:CreateGrant")


def the_right_to_put_the_key_policy(documents: Documents) -> None:
    allow(retail_policy(documents), "kms:PutKeyPolicy")


def a_wildcard_in_the_account_field(documents: Documents) -> None:
    pattern = "arn:aws:iam::*:role/tenant-acme-corp-lambda-role-test"
    condition = {"ArnLike": {"aws:PrincipalArn": pattern}}
    allow(acme_key(documents), "kms:Decrypt", Principal={"AWS": "*"}, Condition=condition)


def a_log_group_of_any_tenant_under_the_key(documents: Documents) -> None:
    with statement(acme_key(documents), "LogGroups") as found:
        found["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"] = arn(
            "logs", "log-group:/aws/lambda/tenant-*"
        )


def a_grant_for_another_tenant(documents: Documents) -> None:
    key = "${aws_kms_key." + name_of(documents, ACME, "aws_kms_key") + ".key_id}"
    body = {"key_id": key, "grantee_principal": RETAIL_ROLE, "operations": ["Decrypt"]}
    add(documents, ACME, "aws_kms_grant", "hole", body)


# Identity policies


def a_log_prefix_that_another_tenant_shares(documents: Documents) -> None:
    # The tenant tech-startup becomes retail-co-eu: no hole yet.
    stack = "tenant-tech-startup-test"
    text = json.dumps(documents.pop(stack)).replace("tech-startup", "retail-co-eu")
    documents[stack.replace("tech-startup", "retail-co-eu")] = json.loads(text)
    with statement(retail_policy(documents), "WriteOwnLogGroup") as found:
        found["Resource"] = arn("logs", "log-group:/aws/lambda/tenant-retail-co-*")


def the_other_tenants_table(documents: Documents) -> None:
    with statement(retail_policy(documents), "UseOwnTable") as found:
        found["Resource"] = arn("dynamodb", "table/tenant-acme-corp-metadata-test")


def all_actions_but_some(documents: Documents) -> None:
    with policy(retail_policy(documents)) as statements:
        statements.append(
            {"Sid": "Hole", "Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}
        )


def all_resources_but_some(documents: Documents) -> None:
    with policy(retail_policy(documents)) as statements:
        own = "arn:aws:s3:::tenant-retail-co-data-test*"
        statements.append({"Sid": "Hole", "Effect": "Allow", "Action": "s3:List*", "NotResource": own})


def any_account_any_queue(documents: Documents) -> None:
    with statement(retail_policy(documents), "SendDeadLetters") as found:
        found["Resource"] = "arn:aws:sqs:*:*:tenant-*-functions-dlq-test"


def events_of_any_source(documents: Documents) -> None:
    with statement(
        resource(documents, RETAIL, "aws_iam_role_policy", "provisioner"), "AnnounceProvisioning"
    ) as found:
        del found["Condition"]["StringEquals"]["events:source"]


def interfaces_by_the_code_itself(documents: Documents) -> None:
    with policy(retail_policy(documents)) as statements:
        statements[:] = [found for found in statements if found["Sid"] != "NotByTheCodeItself"]


def a_managed_administrator(documents: Documents) -> None:
    role = "${aws_iam_role." + name_of(documents, RETAIL, "aws_iam_role", "api_role") + ".name}"
    body = {"role": role, "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    add(documents, RETAIL, "aws_iam_role_policy_attachment", "hole", body)


def a_bucket_policy_to_be_put(documents: Documents) -> None:
    allow(retail_policy(documents), "s3:PutBucketPolicy")


def a_permission_to_be_added(documents: Documents) -> None:
    allow(
        retail_policy(documents), "lambda:AddPermission", arn("lambda", "function:tenant-acme-corp-api-test")
    )


# Escalation


def a_role_to_be_passed_and_a_function_to_be_made(documents: Documents) -> None:
    allow(retail_policy(documents), ["iam:PassRole", "lambda:CreateFunction"])


def code_to_be_replaced(documents: Documents) -> None:
    allow(retail_policy(documents), "lambda:UpdateFunctionCode")


def a_policy_to_be_put_on_itself(documents: Documents) -> None:
    allow(retail_policy(documents), "iam:PutRolePolicy", RETAIL_ROLE)


def a_trust_to_be_changed(documents: Documents) -> None:
    allow(retail_policy(documents), "iam:UpdateAssumeRolePolicy", ACME_ROLE)


def its_own_tags_to_be_changed(documents: Documents) -> None:
    allow(retail_policy(documents), "s3:GetObject", "arn:aws:s3:::tenant-acme-corp-data-test/*")
    allow(retail_policy(documents), "iam:TagRole", RETAIL_ROLE)


def a_boundary_to_be_dropped(documents: Documents) -> None:
    a_boundary_that_caps(documents)
    allow(retail_policy(documents), "iam:DeleteRolePermissionsBoundary", RETAIL_ROLE)
    allow(resource(documents, RETAIL, "aws_iam_policy", "boundary"), "iam:*")


def a_boundary_that_caps(documents: Documents) -> None:
    """No hole: the role's policy is broad, its boundary is not."""
    document = {"Statement": [{"Effect": "Allow", "Action": ["logs:*"], "Resource": "arn:aws:logs:*:*:none"}]}
    add(documents, RETAIL, "aws_iam_policy", "boundary", {"name": "boundary", "policy": json.dumps(document)})
    role = resource(documents, RETAIL, "aws_iam_role", "api_role")
    role["permissions_boundary"] = "${aws_iam_policy.boundary.arn}"
    allow(retail_policy(documents), "dynamodb:*")


def commands_in_other_tasks(documents: Documents) -> None:
    allow(
        resource(documents, PLATFORM, "aws_iam_role_policy", "tenants_globex-inc_task"), "ecs:ExecuteCommand"
    )


def a_platform_role_to_be_assumed(documents: Documents) -> None:
    globex = arn("iam", "role/saas-platform-globex-inc-task-role-test")
    trust(resource(documents, PLATFORM, "aws_iam_role", "provisioner"), Principal={"AWS": globex})


def a_session_tag_of_its_own_choice(documents: Documents) -> None:
    allow(retail_policy(documents), "s3:GetObject", "arn:aws:s3:::tenant-acme-corp-data-test/*")
    role = resource(documents, RETAIL, "aws_iam_role", "api_role")
    with policy(role, "assume_role_policy") as statements:
        actions = ["sts:AssumeRole", "sts:TagSession"]
        statements.append(
            {"Sid": "Hole", "Effect": "Allow", "Action": actions, "Principal": {"AWS": RETAIL_ROLE}}
        )


# Trust


def a_role_that_anybody_may_assume(documents: Documents) -> None:
    trust(resource(documents, ACME, "aws_iam_role", "api_role"), Principal={"AWS": "*"})


def a_role_that_another_account_may_assume(documents: Documents) -> None:
    trust(
        resource(documents, ACME, "aws_iam_role", "api_role"),
        Principal={"AWS": "arn:aws:iam::210987654321:root"},
    )


# Resource policies


def every_principal_but_one(documents: Documents) -> None:
    with policy(resource(documents, ACME, "aws_s3_bucket_policy")) as statements:
        statements.append(
            {
                "Sid": "Hole",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::tenant-acme-corp-data-test/*",
                "NotPrincipal": {"AWS": RETAIL_ROLE},
            }
        )


def a_tag_if_it_exists(documents: Documents) -> None:
    condition = {"StringEqualsIfExists": {"aws:PrincipalTag/TenantId": "acme-corp"}}
    allow(acme_queue_policy(documents), "sqs:ReceiveMessage", Principal="*", Condition=condition)


def a_tag_for_all_values(documents: Documents) -> None:
    condition = {"ForAllValues:StringEquals": {"aws:PrincipalTag/TenantId": "acme-corp"}}
    allow(acme_queue_policy(documents), "sqs:ReceiveMessage", Principal="*", Condition=condition)


def another_tag_is_enough(documents: Documents) -> None:
    condition = {
        "StringNotEquals": {"aws:PrincipalTag/Team": "red"},
        "Null": {"aws:PrincipalTag/TenantId": "false"},
    }
    allow(acme_queue_policy(documents), "sqs:SendMessage", Principal={"AWS": "*"}, Condition=condition)


def the_tag_alone_opens_the_secret(documents: Documents) -> None:
    body = resource(documents, PLATFORM, "aws_secretsmanager_secret_policy", "tenants_acme")
    condition = {"StringEquals": {"aws:PrincipalTag/tenant_id": "acme-corp"}}
    allow(body, "secretsmanager:GetSecretValue", Principal={"AWS": "*"}, Condition=condition)


def a_table_for_another_account(documents: Documents) -> None:
    table = "${aws_dynamodb_table." + name_of(documents, ACME, "aws_dynamodb_table") + ".arn}"
    body = {"resource_arn": table, "policy": json.dumps({"Statement": []})}
    allow(body, "dynamodb:GetItem", Principal={"AWS": "210987654321"})
    add(documents, ACME, "aws_dynamodb_resource_policy", "hole", body)


def a_public_access_control_list(documents: Documents) -> None:
    add(
        documents,
        ACME,
        "aws_s3_bucket_acl",
        "hole",
        {"bucket": "tenant-acme-corp-data-test", "acl": "public-read"},
    )


def a_service_without_a_source(documents: Documents) -> None:
    del resource(documents, ACME, "aws_lambda_permission", "provisioner")["source_arn"]


def a_queue_open_to_the_service(documents: Documents) -> None:
    with statement(acme_queue_policy(documents), "DeadLettersOfRule") as found:
        del found["Condition"]


def the_rules_of_all_tenants(documents: Documents) -> None:
    resource(documents, ACME, "aws_lambda_permission", "provisioner")["source_arn"] = arn(
        "events", "rule/tenant-*"
    )


def a_public_function_url(documents: Documents) -> None:
    body = {"function_name": "tenant-acme-corp-api-test", "authorization_type": "NONE"}
    add(documents, ACME, "aws_lambda_function_url", "hole", body)


def an_api_without_authorizer(documents: Documents) -> None:
    del resource(documents, ACME, "aws_apigatewayv2_route")["authorization_type"]


def tokens_of_another_tenant(documents: Documents) -> None:
    add(
        documents,
        ACME,
        "aws_cognito_user_pool",
        "other",
        {"name": "other", "tags": {"TenantId": "retail-co"}},
    )
    settings = resource(documents, ACME, "aws_apigatewayv2_authorizer")["jwt_configuration"]
    settings["issuer"] = "https://${aws_cognito_user_pool.other.endpoint}"


# Network


def an_endpoint_without_policy(documents: Documents) -> None:
    del resource(documents, RETAIL, "aws_vpc_endpoint", "network_s3")["policy"]


def an_endpoint_for_all_buckets(documents: Documents) -> None:
    with policy(resource(documents, RETAIL, "aws_vpc_endpoint", "network_s3")) as statements:
        statements[0]["Resource"] = "arn:aws:s3:::tenant-*"


def a_peering_route(documents: Documents) -> None:
    vpc = "${aws_vpc." + name_of(documents, RETAIL, "aws_vpc") + ".id}"
    add(
        documents,
        RETAIL,
        "aws_vpc_peering_connection",
        "hole",
        {"vpc_id": vpc, "peer_vpc_id": "vpc-0123456789abcdef0"},
    )
    table = "${aws_route_table." + name_of(documents, RETAIL, "aws_route_table") + ".id}"
    body = {
        "route_table_id": table,
        "destination_cidr_block": "10.1.0.0/16",
        "vpc_peering_connection_id": "${aws_vpc_peering_connection.hole.id}",
    }
    add(documents, RETAIL, "aws_route", "hole", body)


def _group(documents: Documents, tenant: str) -> str:
    return (
        "${aws_security_group."
        + name_of(documents, PLATFORM, "aws_security_group", f"tenants_{tenant}")
        + ".id}"
    )


def the_security_group_of_another_tenant(documents: Documents) -> None:
    body = {
        "security_group_id": _group(documents, "acme-corp"),
        "referenced_security_group_id": _group(documents, "globex-inc"),
        "ip_protocol": "tcp",
        "from_port": 80,
        "to_port": 80,
    }
    add(documents, PLATFORM, "aws_vpc_security_group_ingress_rule", "hole", body)


def a_task_in_another_tenants_group(documents: Documents) -> None:
    service = resource(documents, PLATFORM, "aws_ecs_service", "tenants_globex-inc")
    service["network_configuration"]["security_groups"].append(_group(documents, "acme-corp"))


def the_private_subnets_are_let_in(documents: Documents) -> None:
    body = {
        "security_group_id": _group(documents, "acme-corp"),
        "cidr_ipv4": "10.0.0.0/16",
        "ip_protocol": "-1",
    }
    add(documents, PLATFORM, "aws_vpc_security_group_ingress_rule", "hole", body)


def a_task_on_the_internet(documents: Documents) -> None:
    service = resource(documents, PLATFORM, "aws_ecs_service", "tenants_acme-corp")
    service["network_configuration"]["assign_public_ip"] = True
    the_private_subnets_are_let_in(documents)
    resource(documents, PLATFORM, "aws_vpc_security_group_ingress_rule", "hole")["cidr_ipv4"] = "0.0.0.0/0"


@dataclass(frozen=True)
class Hole:
    """A hole and the counterexample that it must be found by."""

    open: Callable[[Documents], None]
    attacker: str
    owner: str
    kind: str
    action: str
    story: str

    def __str__(self) -> str:
        return self.open.__name__


FOREIGN, ANONYMOUS, SERVICE = "(foreign account)", "(anonymous)", "(AWS service)"
A, R, G = "acme-corp", "retail-co", "globex-inc"

HOLES = [
    Hole(anybody_with_the_tag_may_use_the_key, FOREIGN, A, "key", "kms:decrypt", "#TenantUse"),
    Hole(root_delegation_and_a_broad_role, R, A, "key", "kms:decrypt", "#Hole"),
    Hole(the_default_key_policy_and_a_broad_role, R, A, "key", "kms:reencrypt", "default policy"),
    Hole(grants_without_condition, R, A, "key", "kms:creategrant", "#GrantsForServices"),
    Hole(the_right_to_put_the_key_policy, R, A, "key", "kms:putkeypolicy", "#AdministrationWithoutUse"),
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
    Hole(a_grant_for_another_tenant, R, A, "key", "kms:decrypt", "aws_kms_grant.hole"),
    Hole(a_log_prefix_that_another_tenant_shares, R, "retail-co-eu", "logs", "logs:", "#WriteOwnLogGroup"),
    Hole(the_other_tenants_table, R, A, "table", "dynamodb:getitem", "#UseOwnTable"),
    Hole(all_actions_but_some, R, A, "table", "dynamodb:getitem", "#Hole"),
    Hole(all_resources_but_some, R, A, "bucket", "s3:listbucket", "#Hole"),
    Hole(any_account_any_queue, R, A, "queue", "sqs:sendmessage", "#SendDeadLetters"),
    Hole(events_of_any_source, R, A, "events", "events:putevents", "custom.signup"),
    Hole(interfaces_by_the_code_itself, R, A, "network", "ec2:createnetworkinterface", "#BeInTheVpc"),
    Hole(a_managed_administrator, R, A, "table", "dynamodb:getitem", "AdministratorAccess"),
    Hole(a_bucket_policy_to_be_put, R, A, "bucket", "s3:putbucketpolicy", "#Hole"),
    Hole(a_permission_to_be_added, R, A, "function", "lambda:addpermission", "#Hole"),
    Hole(a_role_to_be_passed_and_a_function_to_be_made, R, A, "role", "iam:passrole", "#Hole"),
    Hole(a_role_to_be_passed_and_a_function_to_be_made, R, A, "table", "dynamodb:getitem", "iam:passrole"),
    Hole(code_to_be_replaced, R, A, "function", "lambda:updatefunctioncode", "#Hole"),
    Hole(code_to_be_replaced, R, A, "bucket", "s3:getobject", "lambda:updatefunctioncode"),
    Hole(a_policy_to_be_put_on_itself, R, A, "table", "dynamodb:getitem", "gives itself every permission"),
    Hole(a_trust_to_be_changed, R, A, "role", "iam:updateassumerolepolicy", "#Hole"),
    Hole(its_own_tags_to_be_changed, R, A, "bucket", "s3:getobject", "changes its own tags"),
    Hole(a_session_tag_of_its_own_choice, R, A, "bucket", "s3:getobject", "acme-corp"),
    Hole(a_boundary_to_be_dropped, R, A, "table", "dynamodb:getitem", "drops its boundary"),
    Hole(commands_in_other_tasks, G, A, "task", "ecs:executecommand", "#Hole"),
    Hole(commands_in_other_tasks, G, A, "bucket", "s3:getobject", "ecs:executecommand"),
    Hole(a_platform_role_to_be_assumed, G, A, "secret", "secretsmanager:getsecretvalue", "sts:assumerole"),
    Hole(a_role_that_anybody_may_assume, FOREIGN, A, "role", "sts:assumerole", "trust#Hole"),
    Hole(a_role_that_anybody_may_assume, R, A, "table", "dynamodb:getitem", "sts:assumerole"),
    Hole(a_role_that_another_account_may_assume, FOREIGN, A, "role", "sts:assumerole", "210987654321"),
    Hole(every_principal_but_one, FOREIGN, A, "bucket", "s3:getobject", "#Hole"),
    Hole(a_tag_if_it_exists, ANONYMOUS, A, "queue", "sqs:receivemessage", "#Hole"),
    Hole(a_tag_for_all_values, ANONYMOUS, A, "queue", "sqs:receivemessage", "#Hole"),
    Hole(another_tag_is_enough, R, A, "queue", "sqs:sendmessage", "#Hole"),
    Hole(the_tag_alone_opens_the_secret, FOREIGN, A, "secret", "secretsmanager:getsecretvalue", "#Hole"),
    Hole(a_table_for_another_account, FOREIGN, A, "table", "dynamodb:getitem", "210987654321"),
    Hole(a_public_access_control_list, FOREIGN, A, "bucket", "s3:getobject", "aws_s3_bucket_acl.hole"),
    Hole(a_service_without_a_source, SERVICE, A, "function", "lambda:invokefunction", "events.amazonaws.com"),
    Hole(a_queue_open_to_the_service, SERVICE, A, "queue", "sqs:sendmessage", "#DeadLettersOfRule"),
    Hole(
        the_rules_of_all_tenants,
        R,
        A,
        "function",
        "lambda:invokefunction",
        "events.amazonaws.com acting for retail-co",
    ),
    Hole(
        a_public_function_url,
        ANONYMOUS,
        A,
        "function",
        "lambda:invokefunctionurl",
        "aws_lambda_function_url.hole",
    ),
    Hole(an_api_without_authorizer, ANONYMOUS, A, "api", "", "no authorizer"),
    Hole(tokens_of_another_tenant, R, A, "api", "", "takes tokens of"),
    Hole(an_endpoint_without_policy, R, A, "network", "", "without a policy"),
    Hole(an_endpoint_for_all_buckets, R, A, "network", "", "#OwnObjects"),
    Hole(a_peering_route, R, A, "network", "", "vpc_peering_connection_id"),
    Hole(the_security_group_of_another_tenant, G, A, "network", "", "tcp 80 from 10.0."),
    Hole(a_task_in_another_tenants_group, G, A, "network", "", "is a member of"),
    Hole(the_private_subnets_are_let_in, G, A, "network", "", "aws_vpc_security_group_ingress_rule.hole"),
    Hole(a_task_on_the_internet, ANONYMOUS, A, "network", "", "on the internet"),
]
