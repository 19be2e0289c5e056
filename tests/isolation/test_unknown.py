"""What nobody has looked at is never PROVED: resource types, services, whoever has them and whatever they do there."""

from __future__ import annotations

import pytest

from isolation.inventory.reading import take_inventory
from isolation.verdict.analysis import analyse
from tests.isolation.holes.editing import ACME, RETAIL, add, allow, retail_policy
from tests.isolation.stacks import documents

TYPES = [
    "aws_cloudfront_distribution",
    "aws_cloudwatch_event_archive",
    "aws_cloudwatch_log_account_policy",
    "aws_cloudwatch_log_destination_policy",
    "aws_cloudwatch_log_subscription_filter",
    "aws_cognito_identity_pool",
    "aws_cognito_identity_pool_roles_attachment",
    "aws_db_cluster_snapshot",
    "aws_dms_endpoint",
    "aws_dynamodb_kinesis_streaming_destination",
    "aws_dynamodb_table_export",
    "aws_dynamodb_table_replica",
    "aws_ebs_snapshot",
    "aws_ec2_traffic_mirror_session",
    "aws_ec2_transit_gateway",
    "aws_ecr_replication_configuration",
    "aws_efs_file_system_policy",
    "aws_iam_group_policy",
    "aws_iam_openid_connect_provider",
    "aws_kms_replica_key",
    "aws_lambda_function_event_invoke_config",
    "aws_lambda_layer_version_permission",
    "aws_oam_link",
    "aws_pipes_pipe",
    "aws_ram_resource_share",
    "aws_rds_cluster_endpoint",
    "aws_rds_export_task",
    "aws_rds_global_cluster",
    "aws_route53_zone_association",
    "aws_s3_access_point",
    "aws_s3_bucket_inventory",
    "aws_s3_bucket_notification",
    "aws_s3_bucket_replication_configuration",
    "aws_s3control_access_grant",
    "aws_scheduler_schedule",
    "aws_secretsmanager_secret_rotation",
    "aws_sns_topic_subscription",
    "aws_ssm_document",
    "aws_vpc_endpoint_service",
    "aws_vpc_ipam",
    "aws_vpclattice_resource_policy",
]
"""Ways out of a tenant that are resources of their own: shares, copies, subscriptions, policies elsewhere."""

ACTIONS = [
    "athena:StartQueryExecution",
    "datasync:CreateTask",
    "detective:SearchGraph",
    "dms:StartReplicationTask",
    "glue:GetTable",
    "inspector2:ListFindings",
    "lakeformation:GetDataAccess",
    "macie2:GetSensitiveDataOccurrences",
    "medialive:CreateInput",
    "redshift-data:ExecuteStatement",
    "resource-groups:*",
    "s3-outposts:GetObject",
    "securitylake:CreateSubscriber",
    "support:DescribeCases",
    "transfer:CreateServer",
    "*:Get*",
    "tomorrow:ReachAnything",
]


@pytest.mark.parametrize("type_", TYPES)
def test_a_type_that_is_in_no_list_is_unknown(type_: str) -> None:
    stacks = documents()
    add(stacks, RETAIL, type_, "hole", {"name": "x"})
    assert ("retail-co", f"{RETAIL}/{type_}.hole: resource type {type_}") in take_inventory(
        stacks, "9" * 12
    ).gaps


@pytest.mark.parametrize("action", ACTIONS)
def test_a_right_of_a_service_that_is_in_no_list_is_unknown(action: str) -> None:
    stacks = documents()
    allow(retail_policy(stacks), action)
    gaps = [text for owner, text in take_inventory(stacks, "9" * 12).gaps if owner == "retail-co"]
    assert len(gaps) == 1
    assert gaps[0].endswith(f": action {action.lower()} is of a service that is in no list")


def test_whoever_has_such_a_right_may_reach_anybody() -> None:
    stacks = {id_: document for id_, document in documents().items() if id_ in {ACME, RETAIL}}
    allow(retail_policy(stacks), "tomorrow:ReachAnything")
    report = analyse(stacks)
    assert report.findings["retail-co", "acme-corp", "other"].verdict == "UNKNOWN"
    assert report.verdict == "UNKNOWN"


def test_the_own_rights_are_of_services_that_are_known() -> None:
    for profile in ("development", "production"):
        assert take_inventory(documents(profile), "9" * 12).gaps == []
