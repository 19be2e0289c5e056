"""The deployer's policies: every type has a row, every name fits a pattern, and nothing reads a tenant's data."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase

import pytest

from config.registry.fields import TENANT_ID_LENGTH
from deployer.applications import roles
from deployer.data import buckets, log_groups
from deployer.documents import MOST_CHARACTERS, MOST_POLICIES, policies, rights, statements
from deployer.place import Place, partition_of
from deployer.rights import Right, passed_to
from deployer.table import ROWS
from tenancy.names.environment import EnvironmentNames
from tenancy.names.fargate import FargateTenantNames
from tenancy.names.silo import SiloNames
from tests.synthesis import ONE_SILO, PRODUCTION, THREE, ZONE, fargate_registry, synthesize

ACCOUNT = "123456789012"
CUSTOM_HOSTS = {
    "names": ["shop.acme.example"],
    "certificate_arn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/01234567-89ab-cdef-0123-456789abcdef",
}
PLACE = Place(account=ACCOUNT, region="us-east-1", suffix="test", state_bucket="states")
LONG = Place(account=ACCOUNT, region="ap-southeast-1", suffix="x" * 12, state_bucket="s" * 63)
TENANTS = ("a", "acme-corp", "z" * TENANT_ID_LENGTH, "z" * 22 + "-" + "y" * 7, "ab-" * 9 + "abc")


def actions(place: Place = PLACE) -> set[str]:
    return {action for right in rights(place) for action in right.actions}


def granted(action: str, place: Place = PLACE) -> list[Right]:
    return [right for right in rights(place) if action in right.actions]


DELIVERY = {
    "created_at": "2026-01-01T00:00:00Z",
    "environments": {
        "test": {
            "profile": "development",
            "account": ACCOUNT,
            "region": "us-east-1",
            "state_bucket": "states",
            "delivery": {
                "image": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/deployer@sha256:{'0' * 64}",
                "deployer_role_arn": f"arn:aws:iam::{ACCOUNT}:role/deployer",
            },
        }
    },
}


def synthesized_types() -> set[str]:
    found: set[str] = set()
    custom = fargate_registry("own", settings={"custom_hosts": CUSTOM_HOSTS}, hosted_zone_id=ZONE)
    for registry in (ONE_SILO, fargate_registry(*THREE), custom):
        for variables in ({}, PRODUCTION):
            for stack in synthesize(registry, **variables).stacks.values():
                found |= set(stack.document["resource"])
                found |= {f"data.{kind}" for kind in stack.document.get("data", {})}
    delivery = {**DELIVERY, "tenants": ONE_SILO["tenants"]}
    for stack in synthesize(delivery).stacks.values():
        found |= set(stack.document["resource"])
    return found


def test_every_type_of_our_stacks_has_a_row_and_every_row_a_type() -> None:
    assert synthesized_types() == set(ROWS)


@pytest.mark.parametrize("place", [PLACE, LONG], ids=["short", "long"])
def test_the_policies_are_within_the_limits_of_iam(place: Place) -> None:
    found = policies(place)
    assert len(found) <= MOST_POLICIES
    assert max(len(policy.document) for policy in found) <= MOST_CHARACTERS
    assert policies(place) == found
    assert len({policy.name for policy in found}) == len(found)
    documents = [json.loads(policy.document)["Statement"] for policy in found]
    assert [item for document in documents for item in document] == [
        statement.rendered() for statement in statements(place)
    ]


def test_what_iam_would_not_admit_is_refused() -> None:
    rows = {
        f"type{number}": (lambda _, n=number: (Right(actions=("s3:GetObject",), resources=(f"{n}" * 5000,)),))
        for number in range(10, 21)
    }
    with pytest.raises(ValueError, match="IAM admits 10 of 6144"):
        policies(PLACE, rows)


def test_no_action_is_a_pattern() -> None:
    assert not [action for action in actions() if "*" in action or "?" in action]


@pytest.mark.parametrize(
    "action",
    [
        *("dynamodb:Scan", "dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"),
        *("logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartQuery"),
        *("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "sqs:ReceiveMessage"),
        *("iam:CreateUser", "iam:CreateAccessKey", "iam:CreatePolicy", "iam:CreatePolicyVersion"),
        *("iam:DeleteRolePermissionsBoundary", "sts:AssumeRole"),
    ],
)
def test_it_neither_reads_data_nor_makes_users_or_policies(action: str) -> None:
    assert action not in actions()


RELEASES = [
    f"arn:aws:s3:::delivery-releases-{ACCOUNT}-test/{folder}/*" for folder in ("releases", "rollouts")
]


@pytest.mark.parametrize("verb", ["DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"])
def test_it_knows_no_items_but_those_of_rollouts(verb: str) -> None:
    (only,) = granted(f"dynamodb:{verb}")
    assert list(only.resources) == [f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/delivery-records-test"]


def test_it_reads_no_object_but_states_and_releases() -> None:
    for action in ("s3:GetObject", "s3:PutObject"):
        for right in granted(action):
            states = all(arn.startswith("arn:aws:s3:::states/") for arn in right.resources)
            assert states or list(right.resources) == RELEASES, right
    (only,) = granted("s3:GetObject", Place(account=ACCOUNT, region="us-east-1", suffix="test"))
    assert list(only.resources) == RELEASES
    assert not granted("s3:GetObjectVersion")


def test_roles_are_made_changed_and_passed_by_the_patterns_of_our_names_only() -> None:
    ours = set(roles(PLACE))
    for action in sorted(actions()):
        service, _, name = action.partition(":")
        if service != "iam" or name == "CreateServiceLinkedRole":
            continue
        # Builds of rollouts run as the deployer itself.
        own = (passed_to("codebuild.amazonaws.com"),)
        for right in granted(action):
            allowed = ours | (
                {f"arn:aws:iam::{ACCOUNT}:role/deployer"}
                if right.conditions == own or name == "GetRole"
                else set()
            )
            assert set(right.resources) <= allowed, right


def test_its_own_role_is_none_that_it_may_change() -> None:
    own = f"arn:aws:iam::{ACCOUNT}:role/{PLACE.deployer}"
    assert not [pattern for pattern in roles(PLACE) if fnmatchcase(own, pattern)]


def test_a_role_is_passed_to_one_service_each_time() -> None:
    found = granted("iam:PassRole")
    assert found
    for right in found:
        (condition,) = right.conditions
        assert (condition.operator, condition.key) == ("StringEquals", "iam:PassedToService")
        assert len(condition.values) == 1


def test_only_one_policy_of_awss_is_attached_to_a_role() -> None:
    for action in ("iam:AttachRolePolicy", "iam:DetachRolePolicy"):
        (right,) = granted(action)
        (condition,) = right.conditions
        assert (condition.operator, condition.key) == ("ArnEquals", "iam:PolicyARN")
        assert condition.values == ("arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",)


def test_a_service_linked_role_is_made_for_its_service() -> None:
    found = granted("iam:CreateServiceLinkedRole")
    assert {value for right in found for value in right.conditions[0].values} == {
        "ecs.amazonaws.com",
        "ecs.application-autoscaling.amazonaws.com",
        "elasticloadbalancing.amazonaws.com",
        "ops.apigateway.amazonaws.com",
        "rds.amazonaws.com",
    }
    assert {right.conditions[0].key for right in found} == {"iam:AWSServiceName"}


def test_a_key_is_used_through_services_only() -> None:
    for action in ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:CreateGrant"):
        for right in granted(action):
            assert "kms:ViaService" in {condition.key for condition in right.conditions}, right


def test_what_is_asked_on_everything_is_held_to_the_region() -> None:
    for right in rights(PLACE):
        if right.resources == ("*",):
            assert "aws:RequestedRegion" in {condition.key for condition in right.conditions}, right


@pytest.mark.parametrize("place", [PLACE, LONG], ids=["short", "long"])
@pytest.mark.parametrize("tenant", TENANTS)
def test_every_name_has_a_pattern(place: Place, tenant: str) -> None:
    """Names that are cut at their end as well, for the longest tenants and suffixes."""
    silo, fargate = (kind(tenant=tenant, suffix=place.suffix) for kind in (SiloNames, FargateTenantNames))
    assert isinstance(silo, SiloNames)
    assert isinstance(fargate, FargateTenantNames)
    named: dict[str, tuple[str, ...]] = {}
    for name in (silo.flow_logs_role, silo.api_function_role, silo.provisioner_function_role):
        named[f"arn:aws:iam::{ACCOUNT}:role/{name}"] = roles(place)
    for name in (fargate.task_role, fargate.execution_role):
        named[f"arn:aws:iam::{ACCOUNT}:role/{name}"] = roles(place)
    for name in (silo.data_bucket, fargate.data_bucket):
        named[name] = buckets(place)
    for name in (silo.flow_log_group, silo.http_api_log_group, fargate.log_group):
        named[place.arn("logs", f"log-group:{name}")] = log_groups(place)
    named[fargate.target_group] = place.fargate(lambda names: names.target_group)
    for arn, patterns in named.items():
        assert [pattern for pattern in patterns if fnmatchcase(arn, pattern)], arn


@pytest.mark.parametrize("place", [PLACE, LONG], ids=["short", "long"])
@pytest.mark.parametrize("tenant", TENANTS)
def test_every_alarm_is_made_by_its_name_and_none_of_another_environment(place: Place, tenant: str) -> None:
    (right,) = (right for right in granted("cloudwatch:UntagResource", place))
    for suffix, reached in ((place.suffix, True), ("other", False)):
        names = EnvironmentNames(suffix=suffix)
        for of in (names.silo(tenant), names.fargate_tenant(tenant), names.platform):
            arn = place.arn("cloudwatch", f"alarm:{of.alarm('provisioner-function-throttles')}")
            assert any(fnmatchcase(arn, pattern) for pattern in right.resources) is reached, arn


@pytest.mark.parametrize("place", [PLACE, LONG], ids=["short", "long"])
@pytest.mark.parametrize("tenant", TENANTS)
def test_an_http_api_is_made_changed_and_deleted_by_its_name(place: Place, tenant: str) -> None:
    def whole(right: Right) -> bool:
        return any(arn.endswith(("::/apis", "::/apis/*")) for arn in right.resources)

    for action, key in (
        ("apigateway:POST", "apigateway:Request/ApiName"),
        ("apigateway:PATCH", "apigateway:Resource/ApiName"),
        ("apigateway:DELETE", "apigateway:Resource/ApiName"),
    ):
        (right,) = filter(whole, granted(action, place))
        (condition,) = right.conditions
        assert (condition.operator, condition.key) == ("StringLike", key)
        for suffix, reached in ((place.suffix, True), ("other", False)):
            name = SiloNames(tenant=tenant, suffix=suffix).http_api
            assert any(fnmatchcase(name, pattern) for pattern in condition.values) is reached, name


def test_a_short_suffix_leaves_no_role_whose_name_says_no_environment() -> None:
    assert not [pattern for pattern in roles(PLACE) if "?" in pattern]
    assert not [pattern for pattern in roles(PLACE) if "test" not in pattern]


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")]
)
def test_a_region_is_in_its_partition(region: str, partition: str) -> None:
    assert partition_of(region) == partition
    place = Place(account=ACCOUNT, region=region, suffix="test", partition=partition_of(region))
    arns = {arn for right in rights(place) for arn in right.resources if arn != "*"}
    assert {arn.split(":")[1] for arn in arns} == {partition}
