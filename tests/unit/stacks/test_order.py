"""In which order Terraform creates what no reference orders: every `depends_on`, with its reason."""

from __future__ import annotations

import re

from tests.synthesis import PRODUCTION, SynthesizedStack, platform, silo

WAY_OUT = [
    "aws_route.network_public_default_route",
    *(
        address
        for zone in "abc"
        for address in (
            f"aws_route.network_private_default_route_{zone}",
            f"aws_route_table_association.network_private_association_{zone}",
        )
    ),
]
INTERNET = WAY_OUT[:1]

ANY_STACK = {
    # A role without its policy delivers nothing.
    "aws_flow_log.flow_logs_flow_log": ["aws_iam_role_policy.flow_logs_policy"],
}
SILO = {
    **ANY_STACK,
    # EventBridge delivers as soon as there is a target.
    "aws_cloudwatch_event_target.signup_rule_target": [
        "aws_sqs_queue_policy.events_dlq_policy",
        "aws_lambda_permission.provisioner_function_invoked_by_signup_rule",
    ],
    # Lambda creates network interfaces as the role, and deletes them as the role long after the function.
    "aws_lambda_function.api_function": ["aws_iam_role_policy.api_role_policy"],
    "aws_lambda_function.provisioner_function": ["aws_iam_role_policy.provisioner_role_policy"],
    "aws_security_group.network_security_group": [
        "aws_iam_role_policy.api_role_policy",
        "aws_iam_role_policy.provisioner_role_policy",
    ],
    # S3 refuses two changes of a bucket's access settings at once.
    "aws_s3_bucket_public_access_block.data_bucket_public_access_block": [
        "aws_s3_bucket_ownership_controls.data_bucket_ownership"
    ],
    "aws_s3_bucket_policy.data_bucket_policy": [
        "aws_s3_bucket_public_access_block.data_bucket_public_access_block"
    ],
    # Rules for old versions need versions.
    "aws_s3_bucket_lifecycle_configuration.data_bucket_lifecycle": [
        "aws_s3_bucket_versioning.data_bucket_versioning"
    ],
}
TENANT = "tenants_acme-corp"
PLATFORM = {
    **ANY_STACK,
    "aws_lambda_function.database_provisioner_function": ["aws_iam_role_policy.provisioner_role_policy"],
    "aws_security_group.database_provisioner_security_group": ["aws_iam_role_policy.provisioner_role_policy"],
    # Services would create log groups that are not encrypted and stay behind.
    "aws_ecs_cluster.ecs_cluster": ["aws_cloudwatch_log_group.ecs_log_group"],
    "aws_rds_cluster.database_cluster": ["aws_cloudwatch_log_group.database_log_group"],
    # What is reached from the internet needs the route to it.
    "aws_lb.load_balancer": INTERNET,
    **{f"aws_eip.network_nat_address_{zone}": INTERNET for zone in "abc"},
    **{f"aws_nat_gateway.network_nat_gateway_{zone}": INTERNET for zone in "abc"},
    # A task that starts pulls an image, reads its secret and logs in.
    f"aws_ecs_service.{TENANT}_service": [
        f"aws_lb_listener_rule.{TENANT}_route_rule",
        *WAY_OUT,
        f"aws_iam_role_policy.{TENANT}_task_role_policy",
        f"aws_iam_role_policy.{TENANT}_execution_role_policy",
        f"aws_lambda_invocation.{TENANT}_database_login_setup",
        f"aws_vpc_security_group_ingress_rule.{TENANT}_postgresql_to_cluster",
        f"aws_vpc_security_group_egress_rule.{TENANT}_security_group_anywhere",
    ],
    # The provisioner reaches the database and Secrets Manager, when a tenant comes and when it leaves.
    f"aws_lambda_invocation.{TENANT}_database_login": [
        "aws_rds_cluster_instance.database_writer",
        "aws_vpc_security_group_ingress_rule.database_provisioner_postgresql_to_cluster",
        "aws_vpc_security_group_egress_rule.database_provisioner_postgresql",
        "aws_vpc_security_group_egress_rule.database_provisioner_https",
        *WAY_OUT,
        f"aws_secretsmanager_secret_policy.{TENANT}_secret_policy",
    ],
    # Dropped last, set up after; and dropped at its end where setting it up has failed.
    f"aws_lambda_invocation.{TENANT}_database_login_setup": [
        f"aws_lambda_invocation.{TENANT}_database_login"
    ],
    f"aws_s3_bucket_public_access_block.{TENANT}_data_bucket_public_access_block": [
        f"aws_s3_bucket_ownership_controls.{TENANT}_data_bucket_ownership"
    ],
    f"aws_s3_bucket_policy.{TENANT}_data_bucket_policy": [
        f"aws_s3_bucket_public_access_block.{TENANT}_data_bucket_public_access_block"
    ],
    f"aws_s3_bucket_lifecycle_configuration.{TENANT}_data_bucket_lifecycle": [
        f"aws_s3_bucket_versioning.{TENANT}_data_bucket_versioning"
    ],
}
LOG_POLICY = "aws_s3_bucket_policy.log_bucket_policy"
LOGS = {
    "aws_s3_bucket_public_access_block.log_bucket_public_access_block": [
        "aws_s3_bucket_ownership_controls.log_bucket_ownership"
    ],
    LOG_POLICY: ["aws_s3_bucket_public_access_block.log_bucket_public_access_block"],
    "aws_s3_bucket_lifecycle_configuration.log_bucket_lifecycle": [
        "aws_s3_bucket_versioning.log_bucket_versioning"
    ],
}
SERVICE, LOGIN = f"aws_ecs_service.{TENANT}_service", f"aws_lambda_invocation.{TENANT}_database_login"
ENDPOINTS = [
    f"aws_vpc_endpoint.endpoints_{service}_endpoint"
    for service in ("dynamodb", "s3", "ecr_api", "ecr_dkr", "kms", "logs", "secretsmanager")
]
BACKUPS = {
    # AWS Backup tries the role that is selected.
    "aws_backup_selection.backups_selection": ["aws_iam_role_policy.backup_role_policy"],
}
IN_PRODUCTION = {
    # RDS refuses enhanced monitoring with a role that may not write.
    f"aws_rds_cluster_instance.database_{role}": ["aws_iam_role_policy_attachment.database_monitoring_policy"]
    for role in ("writer", "reader")
} | {
    # Elastic Load Balancing refuses a log that it may not write, and S3 loses one.
    "aws_lb.load_balancer": [*INTERNET, LOG_POLICY],
    f"aws_s3_bucket_logging.{TENANT}_data_bucket_logging": [LOG_POLICY],
    # There is no other way to AWS than the endpoints.
    SERVICE: [
        *PLATFORM[SERVICE][:-1],
        *(
            f"aws_vpc_security_group_egress_rule.{TENANT}_security_group_{rule}"
            for rule in ("https_to_endpoints", "https_to_s3", "postgresql")
        ),
        *ENDPOINTS,
    ],
    LOGIN: [*PLATFORM[LOGIN][:4], *ENDPOINTS, *PLATFORM[LOGIN][4:]],
    **LOGS,
    **BACKUPS,
    f"aws_backup_selection.{TENANT}_backups_selection": [f"aws_iam_role_policy.{TENANT}_backup_role_policy"],
}
SILO_IN_PRODUCTION = {**BACKUPS, "aws_s3_bucket_logging.data_bucket_logging": [LOG_POLICY], **LOGS}


def order(stack: SynthesizedStack) -> dict[str, list[str]]:
    """Every resource with a `depends_on`, and what it names, without the hashes that cdktf adds."""
    found = {}
    for kind, resources in stack.document["resource"].items():
        for name, body in resources.items():
            if "depends_on" in body:
                needed = [role(address) for address in body["depends_on"]]
                found[role(f"{kind}.{name}")] = needed
                assert set(body["depends_on"]) <= set(stack.addresses), name
    return found


def role(address: str) -> str:
    return re.sub(r"_[0-9A-F]{8}$", "", address)


def test_a_silo_is_created_in_an_order_that_works() -> None:
    assert order(silo()) == SILO
    assert order(silo(**PRODUCTION)) == SILO | SILO_IN_PRODUCTION


def test_the_platform_is_created_in_an_order_that_works() -> None:
    assert order(platform("acme-corp")) == PLATFORM
    production = platform("acme-corp", variables=PRODUCTION)
    assert order(production) == PLATFORM | IN_PRODUCTION
