"""What is one tenant's on the platform: its key, its bucket, its login, its two roles, its tags."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from bundling.authorities import region_authorities
from constructs.fargate.fargate_tenant import FargateTenant, FargateTenantProps
from constructs.fargate.shared_platform import SharedPlatform
from tenancy.containers import TraceCollector
from tenancy.images import ecr_repository
from tenancy.names.fargate import FargateTenantNames
from tenancy.owner import Owner
from tests.construct import FARGATE, FARGATE_PLAN, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

OBJECTS = ["arn:aws:s3:::saas-platform-acme-corp-data-test/*"]
TENANT_TAG = {"aws:PrincipalTag/tenant_id": ["acme-corp"]}
ECR = "123456789012.dkr.ecr.us-west-2.amazonaws.com/team/shop@sha256:" + "0" * 64

LONGEST = Owner(
    tenant="a" * 30,
    tag=FARGATE.tag,
    tags=FARGATE.tags,
    names=FargateTenantNames(tenant="a" * 30, suffix="s" * 12),
)


@cache
def tenant(
    image: str = FARGATE_PLAN.image, longest: bool = False, collector: TraceCollector | None = None
) -> StackDocument:
    def build(around: Surroundings) -> None:
        shared = SharedPlatform(
            account=around.account,
            network=around.network,
            endpoints=None,
            load_balancer=around.load_balancer,
            cluster=around.cluster,
            database=around.database,
            provisioner=around.provisioner,
            alarm_topic_arn=None,
            dashboards=False,
            logs=None,
            collector=collector,
        )
        owner = LONGEST if longest else FARGATE
        plan = replace(FARGATE_PLAN, owner=owner, image=image, repository=ecr_repository(image))
        created = FargateTenant(around.stack, "acme", FargateTenantProps(plan=plan, platform=shared))
        around.output("connection", created.database_connection)

    return alone(build)


def statements(role: str, image: str = FARGATE_PLAN.image) -> dict[str, dict[str, Any]]:
    return tenant(image).statements("aws_iam_role_policy", f"acme_{role}")


def test_the_task_role_is_for_this_tenants_bucket_only() -> None:
    found = statements("task_role")
    assert set(found) == {"UseOwnObjects", "ListOwnBucket", "UseKeyForObjects"}
    assert found["UseOwnObjects"]["Resource"] == OBJECTS
    assert found["ListOwnBucket"]["Resource"] == [OBJECTS[0].removesuffix("/*")]
    for statement in found.values():
        assert statement["Condition"]["StringEquals"].items() >= TENANT_TAG.items()
        assert "*" not in statement["Resource"]


def test_the_execution_role_writes_its_log_group_and_reads_its_secret_by_exact_arn() -> None:
    found = statements("execution_role")
    assert set(found) == {"WriteOwnLogGroup", "ReadOwnSecret", "DecryptOwnSecret"}
    group = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/ecs/tenant/acme-corp/test"
    assert found["WriteOwnLogGroup"]["Resource"] == [f"{group}:log-stream:*"]
    secret = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:rds/tenant/acme-corp/test/password-AbCdEf"
    assert found["ReadOwnSecret"]["Resource"] == [secret]
    for statement in found.values():
        assert statement["Condition"]["StringEquals"].items() >= TENANT_TAG.items()


ADOT = "adot@sha256:" + "1" * 64
COLLECTOR = TraceCollector(image=ADOT, repository=None)
ECR_COLLECTOR = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/{ADOT}"


def test_tasks_send_traces_and_read_none_where_there_is_a_collector() -> None:
    stack = tenant(collector=COLLECTOR)
    found = stack.statements("aws_iam_role_policy", "acme_task_role")
    assert set(found) - set(statements("task_role")) == {"SendTraces"}
    assert (found["SendTraces"]["Action"], found["SendTraces"]["Resource"]) == (
        ["xray:PutTraceSegments"],
        ["*"],
    )
    definition = stack.one("aws_ecs_task_definition")
    app, collector = json.loads(definition["container_definitions"])
    told = {entry["name"]: entry["value"] for entry in app["environment"]}
    untold = json.loads(tenant().one("aws_ecs_task_definition")["container_definitions"])[0]["environment"]
    assert {name for name in told if name.startswith("OTEL_")} == set(told) - {
        entry["name"] for entry in untold
    }
    assert (told["OTEL_EXPORTER_OTLP_ENDPOINT"], told["OTEL_RESOURCE_ATTRIBUTES"]) == (
        "http://127.0.0.1:4318",
        "tenant_id=acme-corp",
    )
    # A caller's header does not decide what the tenant pays for.
    assert (told["OTEL_TRACES_SAMPLER"], told["OTEL_TRACES_SAMPLER_ARG"]) == ("traceidratio", "0.05")
    assert collector["image"] == ADOT


def test_the_collectors_image_may_be_pulled_as_the_tenants_own() -> None:
    image = TraceCollector(image=ECR_COLLECTOR, repository=ecr_repository(ECR_COLLECTOR))
    pulled = tenant(ECR, collector=image).statements("aws_iam_role_policy", "acme_execution_role")[
        "PullImage"
    ]
    assert pulled["Resource"] == [
        "arn:aws:ecr:eu-west-1:123456789012:repository/adot",
        "arn:aws:ecr:us-west-2:123456789012:repository/team/shop",
    ]


def test_the_two_roles_are_two() -> None:
    definition = tenant().one("aws_ecs_task_definition")
    assert definition["task_role_arn"] == tenant().reference("aws_iam_role", "acme_task")
    assert definition["execution_role_arn"] == tenant().reference("aws_iam_role", "acme_execution")
    task, execution = (
        {action for statement in statements(role).values() for action in statement["Action"]}
        for role in ("task_role", "execution_role")
    )
    assert not [action for action in task if action.startswith(("logs:", "secretsmanager:", "ecr:"))]
    assert not [action for action in execution if action.startswith("s3:")]


def test_an_image_of_ecr_may_be_pulled_from_its_repository_alone() -> None:
    found = statements("execution_role", ECR)
    assert found["PullImage"] == {
        "Sid": "PullImage",
        "Effect": "Allow",
        "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "Resource": ["arn:aws:ecr:us-west-2:123456789012:repository/team/shop"],
    }
    assert found["LogInToRegistry"] == {
        "Sid": "LogInToRegistry",
        "Effect": "Allow",
        "Action": ["ecr:GetAuthorizationToken"],
        "Resource": ["*"],
    }
    assert not {"PullImage", "LogInToRegistry"} & set(statements("execution_role"))


def test_policies_fit_with_the_longest_names() -> None:
    """Inline policies of 10,240 characters, bucket policies of 20 KiB.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    stack = tenant(ECR, longest=True)
    assert "a" * 30 in stack.one("aws_ecs_service")["name"]
    for role in ("task_role", "execution_role"):
        policy = stack.one("aws_iam_role_policy", f"acme_{role}")["policy"]
        assert len(stack.resolved(policy)) < 10_240
    assert len(stack.resolved(stack.one("aws_s3_bucket_policy")["policy"])) < 20 * 1024


@pytest.mark.parametrize("role", ["task_role", "execution_role"])
def test_ecs_assumes_the_roles_for_tasks_of_this_account_and_region(role: str) -> None:
    name = f"saas-platform-acme-corp-{role.replace('_', '-')}-test"
    assert tenant().one("aws_iam_role", f"acme_{role}")["name"] == name
    (trust,) = tenant().statements("aws_iam_role", f"acme_{role}", "assume_role_policy").values()
    assert trust["Principal"] == {"Service": ["ecs-tasks.amazonaws.com"]}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
        "ArnLike": {"aws:SourceArn": [f"arn:aws:ecs:eu-west-1:{ACCOUNT}:*"]},
    }


def test_its_key_encrypts_all_that_is_its_own() -> None:
    stack = tenant()
    key = stack.one("aws_kms_key", "acme")
    assert key["description"] == "Data of the tenant acme-corp on the shared platform"
    assert stack.one("aws_kms_alias", "acme")["name"] == "alias/saas-platform-acme-corp-test"
    arn = stack.reference("aws_kms_key", "acme")
    assert stack.one("aws_cloudwatch_log_group", "acme")["kms_key_id"] == arn
    assert stack.one("aws_secretsmanager_secret", "acme")["kms_key_id"] == arn
    (rule,) = stack.one("aws_s3_bucket_server_side_encryption_configuration", "acme")["rule"]
    assert rule["apply_server_side_encryption_by_default"]["kms_master_key_id"] == arn


def test_its_key_and_its_secret_know_the_provisioner_and_its_own_roles() -> None:
    stack = tenant()
    policy = stack.statements("aws_kms_key", "acme")
    users = {
        sid: policy[sid]["Principal"]["AWS"]
        for sid in ("UseKeyForObjects", "DecryptOwnSecret", "WriteSecret")
    }
    assert users == {
        "UseKeyForObjects": [f"arn:aws:iam::{ACCOUNT}:role/saas-platform-acme-corp-task-role-test"],
        "DecryptOwnSecret": [f"arn:aws:iam::{ACCOUNT}:role/saas-platform-acme-corp-execution-role-test"],
        "WriteSecret": [f"arn:aws:iam::{ACCOUNT}:role/provisioner-role"],
    }
    secret = stack.statements("aws_secretsmanager_secret_policy", "acme")["DenyWritesByOthers"]
    assert secret["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] == users["WriteSecret"]


def test_data_and_logs_are_kept_as_long_as_the_plan_says() -> None:
    stack = tenant()
    assert stack.one("aws_cloudwatch_log_group", "acme")["retention_in_days"] == 14
    assert stack.one("aws_cloudwatch_log_group", "acme")["name"] == "/ecs/tenant/acme-corp/test"
    assert stack.one("aws_secretsmanager_secret", "acme")["recovery_window_in_days"] == 7
    bucket = stack.one("aws_s3_bucket", "acme")
    assert (bucket["bucket"], bucket["force_destroy"]) == ("saas-platform-acme-corp-data-test", True)


def test_its_login_is_made_for_its_own_secret_and_after_the_secrets_policy() -> None:
    stack = tenant()
    names = {body["lifecycle_scope"]: name for name, body in stack.all("aws_lambda_invocation").items()}
    setup, removal = (stack.all("aws_lambda_invocation")[names[scope]] for scope in ("CREATE_ONLY", "CRUD"))
    secret = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:rds/tenant/acme-corp/test/password-AbCdEf"
    for login in (setup, removal):
        request = json.loads(stack.resolved(login["input"]))
        assert (request["tenant"], request["secret_arn"]) == ("acme-corp", secret)
    assert setup["depends_on"] == [f"aws_lambda_invocation.{names['CRUD']}"]
    assert stack.address("aws_secretsmanager_secret_policy", "acme") in removal["depends_on"]


def test_its_tasks_start_when_all_that_they_need_is_there() -> None:
    stack = tenant()
    assert stack.one("aws_ecs_service", "acme")["depends_on"][-5:] == [
        stack.address("aws_iam_role_policy", "acme_task_role"),
        stack.address("aws_iam_role_policy", "acme_execution_role"),
        stack.address("aws_lambda_invocation", "acme_database_login_setup"),
        stack.address("aws_vpc_security_group_ingress_rule", "acme_postgresql"),
        stack.address("aws_vpc_security_group_egress_rule", "acme_security_group_anywhere"),
    ]


def test_its_tasks_are_told_where_its_data_is_and_no_password() -> None:
    stack = tenant()
    (container,) = json.loads(stack.resolved(stack.one("aws_ecs_task_definition")["container_definitions"]))
    assert {entry["name"]: entry["value"] for entry in container["environment"]} == {
        "TENANT_ID": "acme-corp",
        "S3_BUCKET": "saas-platform-acme-corp-data-test",
        "DATABASE_HOST": "shared-platform-db-test.cluster-abcdefghijkl.eu-west-1.rds.amazonaws.com",
        "DATABASE_READER_HOST": "shared-platform-db-test.cluster-ro-abcdefghijkl.eu-west-1.rds.amazonaws.com",
        "DATABASE_PORT": "5432",
        "DATABASE_NAME": "saasdb",
        "DATABASE_USER": "tenant_acme_corp",
        "DATABASE_AUTHORITIES": region_authorities("eu-west-1"),
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": "/tmp/database-authorities.pem",
    }
    (secret,) = container["secrets"]
    assert secret["name"] == "DATABASE_PASSWORD"
    assert secret["valueFrom"].endswith(":secret:rds/tenant/acme-corp/test/password-AbCdEf:password::")
    assert stack.output("connection") == (
        "postgresql://tenant_acme_corp@shared-platform-db-test.cluster-abcdefghijkl.eu-west-1.rds.amazonaws.com"
        "/saasdb?secret=rds/tenant/acme-corp/test/password"
    )


def test_its_tasks_trust_the_authorities_of_their_region_and_no_other() -> None:
    stack = tenant()
    (container,) = json.loads(stack.resolved(stack.one("aws_ecs_task_definition")["container_definitions"]))
    (bundle,) = (one["value"] for one in container["environment"] if one["name"] == "DATABASE_AUTHORITIES")
    found = x509.load_pem_x509_certificates(bundle.encode())
    names = [str(one.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value) for one in found]
    assert len(names) == 3
    assert all(name.startswith("Amazon RDS eu-west-1 Root CA ") for name in names)


def test_its_tasks_reach_the_database_and_are_reached_by_its_hosts() -> None:
    stack = tenant()
    group = stack.reference("aws_security_group", "acme", "id")
    assert stack.one("aws_security_group", "acme")["name"] == "saas-platform-acme-corp-sg-test"
    rule = stack.one("aws_vpc_security_group_ingress_rule", "acme_postgresql")
    assert rule["referenced_security_group_id"] == group
    assert rule["description"] == "PostgreSQL from the tenant acme-corp"
    listener = stack.one("aws_lb_listener_rule")
    hosts = ["acme-corp.example.com", "*.acme-corp.example.com"]
    assert (listener["priority"], listener["condition"]) == (7, [{"host_header": {"values": hosts}}])
    assert stack.one("aws_lb_target_group")["name"] == "acme-corp-test"
    network = stack.one("aws_ecs_service", "acme")["network_configuration"]
    assert network["security_groups"] == [group]


TAKES_NO_TAGS = {
    "aws_appautoscaling_policy",
    "aws_iam_role_policy",
    "aws_kms_alias",
    "aws_lambda_invocation",
    "aws_s3_bucket_intelligent_tiering_configuration",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_secretsmanager_secret_policy",
}


def test_all_that_is_a_tenants_is_tagged_so_and_nothing_else_is() -> None:
    """The provider's default tags are the platform's."""
    tagged = set()
    for kind, found in tenant().document["resource"].items():
        for name, body in found.items():
            if not name.startswith("acme_"):
                assert not set(FARGATE.tags) & set(body.get("tags", {})), name
            elif kind not in TAKES_NO_TAGS:
                assert body["tags"].items() >= FARGATE.tags.items(), name
                tagged.add(kind)
    assert len(tagged) > 10
