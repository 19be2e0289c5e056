"""Holes and neighbours in what services do for others, in keys that few ask for, and in rights that are rare."""

from __future__ import annotations

from tests.isolation.holes.editing import (
    ACCOUNT,
    ACME,
    RETAIL,
    Documents,
    acme_key,
    add,
    allow,
    arn,
    name_of,
    policy,
    resource,
    retail_policy,
)
from tests.isolation.holes.hole import ANONYMOUS, FOREIGN, A, Hole, R
from tests.isolation.holes.moved import named, reference

BUCKET = "arn:aws:s3:::tenant-{}-data-test"
ALARMS = "lambda.alarms.cloudwatch.amazonaws.com"


def _on_own(documents: Documents, action: object, service: str, rest: str) -> None:
    allow(retail_policy(documents), action, arn(service, rest))


def _invoked_by(documents: Documents, service: str, **source: str) -> None:
    function = reference(documents, ACME, "aws_lambda_function", "function_name", "api_function")
    body = {"action": "lambda:InvokeFunction", "function_name": function, "principal": service, **source}
    add(documents, ACME, "aws_lambda_permission", "hole", body)


def alarms_of_the_account_invoke(documents: Documents) -> None:
    _invoked_by(documents, ALARMS, source_account=ACCOUNT)
    own_alarms(documents)


def load_balancers_of_the_account_invoke(documents: Documents) -> None:
    _invoked_by(documents, "elasticloadbalancing.amazonaws.com", source_account=ACCOUNT)
    group = "targetgroup/tenant-retail-co/*"
    _on_own(documents, "elasticloadbalancing:RegisterTargets", "elasticloadbalancing", group)


def whoever_has_an_access_point(documents: Documents) -> None:
    body = resource(documents, ACME, "aws_s3_bucket_policy")
    condition = {"StringEquals": {"s3:DataAccessPointAccount": ACCOUNT}}
    everybody = {"Principal": {"AWS": "*"}, "Condition": condition}
    allow(body, "s3:GetObject", f"{BUCKET.format(A)}/*", "policy", **everybody)


def whoever_has_no_tag(documents: Documents) -> None:
    condition = {"ForAllValues:StringEquals": {"aws:PrincipalTag/TenantId": [A]}}
    allow(acme_key(documents), "kms:Decrypt", Principal={"AWS": "*"}, Condition=condition)


def logs_as_they_arrive(documents: Documents) -> None:
    allow(retail_policy(documents), "logs:StartLiveTail")


def a_policy_of_all_logs(documents: Documents) -> None:
    allow(retail_policy(documents), "logs:PutAccountPolicy")


def a_backup_to_be_restored(documents: Documents) -> None:
    _on_own(documents, "dynamodb:RestoreTableFromBackup", "dynamodb", "table/tenant-acme-corp-*/backup/*")


def a_table_to_be_exported(documents: Documents) -> None:
    _on_own(documents, "dynamodb:ExportTableToPointInTime", "dynamodb", "table/*")


def sessions_of_anybodys_users(documents: Documents) -> None:
    allow(retail_policy(documents), "cognito-idp:AdminInitiateAuth")


def many_functions_to_be_invoked_by_others(documents: Documents) -> None:
    _on_own(documents, "lambda:AddPermission", "lambda", "function:tenant-*")


# No holes


def the_own_alarm_invokes(documents: Documents) -> None:
    _invoked_by(documents, ALARMS, source_arn=arn("cloudwatch", "alarm:tenant-acme-corp-errors"))
    own_alarms(documents)


def own_alarms(documents: Documents) -> None:
    _on_own(documents, "cloudwatch:PutMetricAlarm", "cloudwatch", "alarm:tenant-retail-co-*")


def everything_in_the_own_bucket(documents: Documents) -> None:
    own = BUCKET.format(R)
    allow(retail_policy(documents), "*", [own, f"{own}/*"])


def all_objects_but_others(documents: Documents) -> None:
    own = BUCKET.format(R)
    allow(retail_policy(documents), "s3:GetObject")
    with policy(retail_policy(documents)) as statements:
        denied = {"Sid": "Others", "Effect": "Deny", "Action": "s3:*"}
        statements.append({**denied, "NotResource": [own, f"{own}/*"]})


def all_but_deleting_the_own_table(documents: Documents) -> None:
    own = arn("dynamodb", f"table/{named(documents, RETAIL, 'aws_dynamodb_table', 'name')}")
    with policy(retail_policy(documents)) as statements:
        body = {"Sid": "Own", "Effect": "Allow", "NotAction": ["dynamodb:DeleteTable"]}
        statements.append({**body, "Resource": own})


def secrets_with_the_own_tag(documents: Documents) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/TenantId": "$${aws:PrincipalTag/TenantId}"}}
    allow(retail_policy(documents), "secretsmanager:GetSecretValue", Condition=condition)


def queries_on_the_own_logs(documents: Documents) -> None:
    log = named(documents, RETAIL, "aws_cloudwatch_log_group", "name")
    _on_own(documents, ["logs:StartQuery", "logs:FilterLogEvents"], "logs", f"log-group:{log}:*")


def the_own_users(documents: Documents) -> None:
    pool = name_of(documents, RETAIL, "aws_cognito_user_pool")
    allow(retail_policy(documents), "cognito-idp:AdminInitiateAuth", f"${{aws_cognito_user_pool.{pool}.arn}}")


def an_event_that_nobody_hears(documents: Documents) -> None:
    condition = {"StringEquals": {"events:source": "retail.orders"}}
    bus = arn("events", "event-bus/default")
    allow(retail_policy(documents), "events:PutEvents", bus, Condition=condition)


def the_own_functions(documents: Documents) -> None:
    _on_own(documents, "lambda:InvokeFunction", "lambda", "function:tenant-retail-co-*")


HOLES = [
    Hole(alarms_of_the_account_invoke, R, A, "function", "lambda:invoke", "alarms.cloudwatch"),
    Hole(load_balancers_of_the_account_invoke, R, A, "function", "lambda:invoke", "elasticloadbalancing"),
    Hole(whoever_has_an_access_point, FOREIGN, A, "bucket", "s3:getobject", "#Hole"),
    Hole(whoever_has_no_tag, ANONYMOUS, A, "key", "kms:decrypt", "#Hole"),
    Hole(logs_as_they_arrive, R, A, "logs", "logs:startlivetail", "#Hole"),
    Hole(a_policy_of_all_logs, R, A, "logs", "logs:putaccountpolicy", "#Hole"),
    Hole(a_backup_to_be_restored, R, A, "table", "dynamodb:restore", "/backup/"),
    Hole(a_table_to_be_exported, R, A, "table", "dynamodb:export", "#Hole"),
    Hole(sessions_of_anybodys_users, R, A, "users", "cognito-idp:admininitiateauth", "#Hole"),
    Hole(many_functions_to_be_invoked_by_others, R, A, "function", "lambda:addpermission", "#Hole"),
]

SAFE = [
    all_but_deleting_the_own_table,
    all_objects_but_others,
    an_event_that_nobody_hears,
    everything_in_the_own_bucket,
    own_alarms,
    queries_on_the_own_logs,
    secrets_with_the_own_tag,
    the_own_alarm_invokes,
    the_own_functions,
    the_own_users,
]
