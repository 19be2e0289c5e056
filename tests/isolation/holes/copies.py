"""Holes in copies: replicas, snapshots, logs that AWS makes by itself, insights, paths above, access points."""

from __future__ import annotations

import json

from tests.isolation.holes.editing import (
    ACME,
    PLATFORM,
    RETAIL,
    Documents,
    Json,
    add,
    allow,
    arn,
    name_of,
    policy,
    resource,
    retail_policy,
)
from tests.isolation.holes.hole import ANONYMOUS, A, G, Hole, R

EUROPE = "eu-west-1"
TABLE = "table/tenant-acme-corp-metadata-test"


def in_europe(text: str) -> str:
    return text.replace(":us-east-1:", f":{EUROPE}:")


def globex_policy(documents: Documents) -> Json:
    """The policy of the role that globex-inc's tasks run as."""
    return resource(documents, PLATFORM, "aws_iam_role_policy", "tenants_globex-inc_task")


def _replicated(documents: Documents, stack: str, **more: object) -> None:
    resource(documents, stack, "aws_dynamodb_table")["replica"] = [{"region_name": EUROPE, **more}]


def _replicated_secret(documents: Documents, tenant: str) -> Json:
    secret = resource(documents, PLATFORM, "aws_secretsmanager_secret", f"tenants_{tenant}")
    secret["replica"] = [{"region": EUROPE}]
    return secret


def _insights(documents: Documents, stack: str) -> None:
    """Contributor Insights on a table, as the profile production has it anyway."""
    table = f"${{aws_dynamodb_table.{name_of(documents, stack, 'aws_dynamodb_table')}.name}}"
    add(documents, stack, "aws_dynamodb_contributor_insights", "own", {"table_name": table})


def _parameter(documents: Documents) -> None:
    add(documents, ACME, "aws_ssm_parameter", "own", {"name": "/acme/db/password", "type": "SecureString"})


def _function_that_logs(documents: Documents) -> Json:
    """A function of acme-corp's that names no log group."""
    body = dict(resource(documents, ACME, "aws_lambda_function", "api"))
    del body["logging_config"]
    body["function_name"] = "tenant-acme-corp-second-test"
    add(documents, ACME, "aws_lambda_function", "second", body)
    return body


# Holes


def a_replica_of_a_table(documents: Documents) -> None:
    _replicated(documents, ACME)
    allow(retail_policy(documents), "dynamodb:GetItem", in_europe(arn("dynamodb", TABLE)))


def a_stream_of_a_replica(documents: Documents) -> None:
    _replicated(documents, ACME)
    allow(retail_policy(documents), "dynamodb:GetRecords", in_europe(arn("dynamodb", f"{TABLE}/stream/*")))


def a_policy_on_a_replica(documents: Documents) -> None:
    _replicated(documents, ACME)
    body: Json = {"policy": json.dumps({"Version": "2012-10-17", "Statement": []})}
    allow(body, "dynamodb:Query", Principal="*")
    body["resource_arn"] = in_europe(arn("dynamodb", TABLE))
    add(documents, ACME, "aws_dynamodb_resource_policy", "hole", body)


def a_denial_on_another_replica(documents: Documents) -> None:
    """What denies on the table itself does not deny on its replica."""
    _replicated(documents, ACME)
    body: Json = {"policy": json.dumps({"Version": "2012-10-17", "Statement": []})}
    allow(body, "dynamodb:*", Principal="*", Effect="Deny")
    body["resource_arn"] = f"${{aws_dynamodb_table.{name_of(documents, ACME, 'aws_dynamodb_table')}.arn}}"
    add(documents, ACME, "aws_dynamodb_resource_policy", "hole", body)
    allow(retail_policy(documents), "dynamodb:Scan", "arn:aws:dynamodb:*:*:table/tenant-*")


def a_replica_of_a_secret(documents: Documents) -> None:
    _replicated_secret(documents, A)
    secrets = f"arn:aws:secretsmanager:{EUROPE}:*:secret:*"
    with policy(
        resource(documents, PLATFORM, "aws_secretsmanager_secret_policy", "tenants_acme-corp")
    ) as own:
        own.clear()
    allow(globex_policy(documents), "secretsmanager:GetSecretValue", secrets)


def snapshots_that_rds_makes(documents: Documents) -> None:
    snapshots = arn("rds", "cluster-snapshot:rds:*")
    allow(globex_policy(documents), "rds:ModifyDBClusterSnapshotAttribute", snapshots)


def snapshots_that_backup_makes(documents: Documents) -> None:
    snapshots = arn("rds", "cluster-snapshot:awsbackup:*")
    allow(globex_policy(documents), "rds:RestoreDBClusterFromSnapshot", snapshots)


def any_snapshot(documents: Documents) -> None:
    allow(globex_policy(documents), "rds:CopyDBClusterSnapshot", "arn:aws:rds:*:*:cluster-snapshot:*")


def the_last_snapshot(documents: Documents) -> None:
    resource(documents, PLATFORM, "aws_rds_cluster")["final_snapshot_identifier"] = "last"
    allow(globex_policy(documents), "rds:CopyDBClusterSnapshot", arn("rds", "cluster-snapshot:last"))


def a_log_that_container_insights_writes(documents: Documents) -> None:
    logs = arn("logs", "log-group:/aws/ecs/containerinsights/*:*")
    allow(globex_policy(documents), "logs:FilterLogEvents", logs)


def a_log_that_a_function_writes(documents: Documents) -> None:
    _function_that_logs(documents)
    logs = arn("logs", "log-group:/aws/lambda/tenant-acme-corp-second-test:*")
    allow(retail_policy(documents), "logs:GetLogEvents", logs)


def a_log_that_another_declares_first(documents: Documents) -> None:
    name = _function_that_logs(documents)["function_name"]
    add(documents, RETAIL, "aws_cloudwatch_log_group", "hole", {"name": f"/aws/lambda/{name}"})


def keys_that_are_used_most(documents: Documents) -> None:
    _insights(documents, ACME)
    rules = arn("cloudwatch", "insight-rule/DynamoDBContributorInsights-*")
    allow(retail_policy(documents), "cloudwatch:GetInsightRuleReport", rules)


def statements_of_the_database(documents: Documents) -> None:
    resource(documents, PLATFORM, "aws_rds_cluster_instance")["performance_insights_enabled"] = True
    allow(globex_policy(documents), "pi:GetDimensionKeyDetails", "arn:aws:pi:*:*:metrics/rds/*")


def a_path_above_a_parameter(documents: Documents) -> None:
    _parameter(documents)
    allow(retail_policy(documents), "ssm:GetParametersByPath", arn("ssm", "parameter/acme"))


def the_path_above_all_parameters(documents: Documents) -> None:
    _parameter(documents)
    allow(retail_policy(documents), "ssm:GetParametersByPath", arn("ssm", "parameter/"))


def another_name_for_a_bucket(documents: Documents) -> None:
    points = arn("s3", "accesspoint/retail-*")
    allow(retail_policy(documents), ["s3:CreateAccessPoint", "s3:ListBucket"], points)


def objects_behind_another_name(documents: Documents) -> None:
    with policy(resource(documents, ACME, "aws_s3_bucket_policy")) as statements:
        statements[:] = [found for found in statements if found["Sid"] != "DenyOtherPrincipals"]
    points = arn("s3", "accesspoint/retail-*")
    allow(retail_policy(documents), ["s3:CreateAccessPoint", "s3:GetObject"], points)


HOLES = [
    Hole(a_replica_of_a_table, R, A, "table", "dynamodb:getitem", EUROPE),
    Hole(a_stream_of_a_replica, R, A, "table", "dynamodb:getrecords", f"{EUROPE}"),
    Hole(a_policy_on_a_replica, ANONYMOUS, A, "table", "dynamodb:query", EUROPE),
    Hole(a_denial_on_another_replica, R, A, "table", "dynamodb:scan", EUROPE),
    Hole(a_replica_of_a_secret, G, A, "secret", "secretsmanager:getsecretvalue", EUROPE),
    Hole(
        snapshots_that_rds_makes,
        G,
        "(platform)",
        "database",
        "rds:modifydbclustersnapshotattribute",
        "cluster-snapshot:rds:shared-platform-db-test-",
    ),
    Hole(
        snapshots_that_backup_makes,
        G,
        "(platform)",
        "database",
        "rds:restoredbclusterfromsnapshot",
        "awsbackup:",
    ),
    Hole(any_snapshot, G, "(platform)", "database", "rds:copydbclustersnapshot", "cluster-snapshot:"),
    Hole(the_last_snapshot, G, "(platform)", "database", "rds:copydbclustersnapshot", "snapshot:last"),
    Hole(
        a_log_that_container_insights_writes,
        G,
        "(platform)",
        "logs",
        "logs:filterlogevents",
        "containerinsights/",
    ),
    Hole(a_log_that_a_function_writes, R, A, "logs", "logs:getlogevents", "acme-corp-second"),
    Hole(a_log_that_another_declares_first, R, A, "function", "", "writes its log to"),
    Hole(
        keys_that_are_used_most,
        R,
        A,
        "monitoring",
        "cloudwatch:getinsightrulereport",
        "tenant-acme-corp-metadata-test-",
    ),
    Hole(
        statements_of_the_database,
        G,
        "(platform)",
        "database",
        "pi:getdimensionkeydetails",
        "metrics/rds/",
    ),
    Hole(a_path_above_a_parameter, R, A, "parameter", "ssm:getparametersbypath", "parameter/acme"),
    Hole(the_path_above_all_parameters, R, A, "parameter", "ssm:getparametersbypath", "parameter/"),
    Hole(another_name_for_a_bucket, R, A, "bucket", "s3:listbucket", "accesspoint/retail-"),
    Hole(objects_behind_another_name, R, A, "bucket", "s3:getobject", "/object/"),
]


# What may be a tenant's: never PROVED, and without a counterexample


def a_replica_somewhere(documents: Documents) -> None:
    resource(documents, ACME, "aws_dynamodb_table")["replica"] = [{"region_name": "${var.region}"}]


def a_snapshot_that_somebody_named(documents: Documents) -> None:
    snapshots = arn("rds", "cluster-snapshot:before-the-migration")
    allow(globex_policy(documents), "rds:CopyDBClusterSnapshot", snapshots)


DOUBTS = [
    (a_replica_somewhere, R, A, "other"),
    (a_snapshot_that_somebody_named, G, "(platform)", "database"),
]


# Safe neighbours


def the_own_replica(documents: Documents) -> None:
    _replicated(documents, ACME)
    _replicated(documents, RETAIL)
    own = in_europe(arn("dynamodb", "table/tenant-retail-co-metadata-test"))
    allow(retail_policy(documents), ["dynamodb:GetItem", "dynamodb:Query"], own)


def a_replica_of_a_secret_that_is_closed(documents: Documents) -> None:
    """The secret's policy, which goes with it, lets nobody else in; nor does anybody's identity policy."""
    _replicated_secret(documents, A)


def the_own_log(documents: Documents) -> None:
    del resource(documents, ACME, "aws_lambda_function", "api")["logging_config"]
    resource(documents, ACME, "aws_cloudwatch_log_group", "api")["name"] = "tenant-acme-corp-elsewhere"
    logs = arn("logs", "log-group:/aws/lambda/tenant-retail-co-*:*")
    allow(retail_policy(documents), "logs:GetLogEvents", logs)


def the_own_keys_that_are_used_most(documents: Documents) -> None:
    _insights(documents, ACME)
    _insights(documents, RETAIL)
    rules = arn("cloudwatch", "insight-rule/DynamoDBContributorInsights-*-tenant-retail-co-metadata-test-*")
    allow(retail_policy(documents), "cloudwatch:GetInsightRuleReport", rules)


def a_path_beside_a_parameter(documents: Documents) -> None:
    _parameter(documents)
    own = resource(documents, ACME, "aws_iam_role_policy", "api_role")
    allow(own, "ssm:GetParameter", arn("ssm", "parameter/acme/db/password"))
    allow(retail_policy(documents), "ssm:GetParametersByPath", arn("ssm", "parameter/retail"))


def another_name_for_a_bucket_that_is_closed(documents: Documents) -> None:
    points = arn("s3", "accesspoint/retail-*")
    allow(retail_policy(documents), ["s3:CreateAccessPoint", "s3:GetObject"], points)


SAFE = [
    the_own_replica,
    a_replica_of_a_secret_that_is_closed,
    the_own_log,
    the_own_keys_that_are_used_most,
    a_path_beside_a_parameter,
]
