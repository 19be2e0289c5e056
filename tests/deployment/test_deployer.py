"""Both stacks in both profiles, made, changed and destroyed by the deployer: no right is missing or too much."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from deployer import delivery
from deployer.documents import rights
from deployer.place import Place
from deployer.table import ROWS
from emulator.server import ACCOUNT_ID, REGION, Emulator
from emulator.shims.authorization_record import RECORD
from tenancy.names.fargate import FargateTenantNames
from tests.attached_provider import Terraform
from tests.deployment.authorizations import asked, differences
from tests.deployment.deploying import Deployment, as_deployer
from tests.deployment.inventory import inventory
from tests.synthesis import (
    IMAGE,
    PRODUCTION,
    THREE,
    completed_registry,
    fargate_registry,
    registry_with,
)

STACKS = ("tenant-acme-test", "shared-platform-test")
HOST = "shop.acme.example"
"""Of a tenant's own."""
REGISTRY = registry_with(acme={"silo": {"cidr": "10.1.0.0/16"}})
REGISTRY["platform"] = fargate_registry(*THREE).get("platform", {})
REGISTRY["tenants"] |= {
    tenant: REGISTRY["tenants"].get(tenant, {}) | settings
    for tenant, settings in fargate_registry(*THREE)["tenants"].items()
}

DEVELOPMENT: Final = {
    "profile": "development",
    "account": ACCOUNT_ID,
    "region": REGION,
    "state_keys": "stack",
    "database": {"instance_class": "db.r6g.large"},
}
"""With production's class of instances: another one is changed in the maintenance window, and planned until then."""
IDENTITY: Final = "sts:GetCallerIdentity"
"""Needs no right (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html)."""
UNASKED_BY_REASON: Final = {
    "AWS asks it with the creation of what has tags, and Terraform where a tag changes; the emulator asks neither": (
        "acm:AddTagsToCertificate acm:RemoveTagsFromCertificate backup:TagResource backup:UntagResource "
        "budgets:TagResource budgets:UntagResource "
        "cloudwatch:TagResource cloudwatch:UntagResource "
        "cognito-idp:TagResource cognito-idp:UntagResource dynamodb:TagResource dynamodb:UntagResource "
        "ec2:DeleteTags ecs:TagResource ecs:UntagResource elasticloadbalancing:AddTags "
        "elasticloadbalancing:RemoveTags events:TagResource events:UntagResource iam:TagRole iam:UntagRole "
        "kms:TagResource kms:UntagResource lambda:TagResource lambda:UntagResource logs:TagResource "
        "logs:UntagResource rds:AddTagsToResource rds:RemoveTagsFromResource secretsmanager:TagResource "
        "secretsmanager:UntagResource sqs:TagQueue sqs:UntagQueue wafv2:TagResource wafv2:UntagResource "
        "application-autoscaling:TagResource application-autoscaling:UntagResource"
    ),
    "Terraform changes it in place when an input of it changes, and no profile changes it": (
        "apigateway:PATCH backup:UpdateBackupPlan cognito-idp:UpdateUserPoolClient "
        "ec2:ModifySecurityGroupRules ec2:ModifySubnetAttribute ec2:ModifyVpcEndpoint ecs:UpdateCluster "
        "elasticloadbalancing:ModifyListener "
        "elasticloadbalancing:ModifyRule elasticloadbalancing:ModifyTargetGroup "
        "elasticloadbalancing:SetIpAddressType elasticloadbalancing:SetRulePriorities "
        "elasticloadbalancing:SetSecurityGroups elasticloadbalancing:SetSubnets iam:UpdateAssumeRolePolicy "
        "kms:DisableKeyRotation kms:UpdateAlias kms:UpdateKeyDescription lambda:DeleteFunctionConcurrency "
        "lambda:GetFunctionConfiguration lambda:UpdateFunctionCode "
        "logs:AssociateKmsKey logs:DisassociateKmsKey rds:ModifyDBSubnetGroup "
        "rds:ResetDBClusterParameterGroup secretsmanager:UpdateSecret wafv2:UpdateWebACL"
    ),
    "AWS asks it for what a service does with the caller's rights, on the pages that deployer/ names": (
        "backup-storage:MountCapsule "
        "elasticloadbalancing:SetWebAcl iam:CreateServiceLinkedRole kms:CreateGrant kms:Decrypt kms:Encrypt "
        "kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:ReEncryptFrom kms:ReEncryptTo "
        "kms:RetireGrant "
        "logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeResourcePolicies logs:GetLogDelivery "
        "logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery rds:CreateDBClusterSnapshot "
        "route53:AssociateVPCWithHostedZone"
    ),
    "the provider asks it for what a tenant, Lambda or AWS Backup left behind, and here nobody did": (
        "backup:DeleteRecoveryPoint backup:ListRecoveryPointsByBackupVault "
        "ec2:DeleteNetworkInterface ec2:DetachNetworkInterface s3:DeleteObject s3:DeleteObjectVersion "
        "s3:ListBucketVersions"
    ),
}
UNASKED: Final = {
    action: reason for reason, actions in UNASKED_BY_REASON.items() for action in actions.split()
}


def granted() -> set[str]:
    """The actions for both stacks; those for the delivery's are held where it is deployed (test_step_functions.py)."""
    place = Place(account=ACCOUNT_ID, region=REGION, suffix="test")
    rows = {type_: row for type_, row in ROWS.items() if type_ not in delivery.ROWS}
    return {action for right in rights(place, rows) for action in right.actions}


@dataclass(frozen=True, kw_only=True)
class Production:
    """What AWS holds while both stacks are in production: certificates by ARN, a listener's, records, and tasks."""

    certificates: dict[str, Any] = field(default_factory=dict)
    shown: list[dict[str, Any]] = field(default_factory=list)
    records: set[tuple[str, str, str, str]] = field(default_factory=set)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Deployments:
    """What the deployer asked for and was denied, what was seen in production, and what differed at the end."""

    requested: set[str]
    denied: set[str]
    production: Production
    left: set[str]
    gone: set[str]


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


@pytest.fixture(scope="module")
def deployments(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Deployments:
    """Both stacks are deployed in development, in production and in development again, and destroyed."""
    zones = [hosted_zone(emulator, domain) for domain in ("example.com", "acme.example")]
    tenants = copy.deepcopy(REGISTRY["tenants"])
    tenants[THREE[0]]["fargate"]["custom_hosts"] = {"names": [HOST], "hosted_zone_id": zones[1]}
    registry = {
        **REGISTRY,
        "tenants": tenants,
        "platform": {**REGISTRY["platform"], "hosted_zone_id": zones[0]},
    }
    small: dict[str, Any] = {**registry, "environments": {"test": DEVELOPMENT}}
    large = completed_registry(registry, PRODUCTION)
    large["environments"]["test"] |= {"tracing": {"collector_image": IMAGE}}
    before, seen = inventory(emulator), Production()
    with Terraform(as_deployer(emulator)) as terraform:
        folder = tmp_path_factory.mktemp("deployer")
        deployment = Deployment(emulator=emulator, terraform=terraform, folder=folder)
        for document, variables in ((small, {}), (large, PRODUCTION), (small, {})):
            deployment.synthesize(document, **variables)
            deployment.apply(*STACKS)
            for stack, plan in deployment.plan(*STACKS).items():
                assert plan.empty, f"{stack}: {plan}"
            if variables:
                seen = in_production(emulator, zones)
        deployment.destroy(*STACKS)
    requested, denied = asked(emulator.log_file.parent / RECORD)
    return Deployments(
        requested=requested,
        denied=denied,
        production=seen,
        left=inventory(emulator) - before,
        gone=before - inventory(emulator),
    )


def hosted_zone(emulator: Emulator, domain: str) -> str:
    made = emulator.client("route53").create_hosted_zone(Name=domain, CallerReference=domain)
    return str(made["HostedZone"]["Id"]).removeprefix("/hostedzone/")


def in_production(emulator: Emulator, zones: Iterable[str]) -> Production:
    acm, elb, route53 = (emulator.client(service) for service in ("acm", "elbv2", "route53"))
    arns = [found["CertificateArn"] for found in acm.list_certificates()["CertificateSummaryList"]]
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    (encrypted,) = (one["ListenerArn"] for one in listeners if one["Protocol"] == "HTTPS")
    ecs = emulator.client("ecs")
    families = [FargateTenantNames(tenant=tenant, suffix="test").task_family for tenant in THREE]
    return Production(
        certificates={arn: acm.describe_certificate(CertificateArn=arn)["Certificate"] for arn in arns},
        shown=elb.describe_listener_certificates(ListenerArn=encrypted)["Certificates"],
        records={
            (zone, record["Name"], record["Type"], record["ResourceRecords"][0]["Value"])
            for zone in zones
            for record in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        },
        tasks=[ecs.describe_task_definition(taskDefinition=family)["taskDefinition"] for family in families],
        zones=tuple(zones),
    )


@pytest.mark.deployment
def test_each_right_is_needed_and_none_is_missing(deployments: Deployments) -> None:
    requested = deployments.requested - {IDENTITY}
    assert differences(granted(), requested, deployments.denied, UNASKED) == []


@pytest.mark.deployment
def test_nothing_is_left_and_nothing_else_goes(deployments: Deployments) -> None:
    assert (deployments.left, deployments.gone) == (set(), set())


@pytest.mark.deployment
def test_certificates_are_issued_through_their_zones_and_shown_by_the_listener(
    deployments: Deployments,
) -> None:
    """The platform's own by default, and the one of a tenant's own host beside it."""
    seen = deployments.production
    issued = {found["DomainName"]: arn for arn, found in seen.certificates.items()}
    assert {found["Status"] for found in seen.certificates.values()} == {"ISSUED"}
    assert set(issued) == {"example.com", HOST}
    assert set(seen.certificates[issued["example.com"]]["SubjectAlternativeNames"]) == {
        "example.com",
        "*.example.com",
    }
    for zone, domain in zip(seen.zones, ("example.com", HOST), strict=True):
        option = seen.certificates[issued[domain]]["DomainValidationOptions"][0]["ResourceRecord"]
        assert (zone, option["Name"], option["Type"], option["Value"]) in seen.records
    shown = [(one["CertificateArn"], one["IsDefault"]) for one in seen.shown]
    assert shown == [(issued["example.com"], True), (issued[HOST], False)]


@pytest.mark.deployment
def test_a_collector_runs_beside_each_tenants_container(deployments: Deployments) -> None:
    for task in deployments.production.tasks:
        own, collector = task["containerDefinitions"]
        assert (collector["name"], collector["image"], collector["essential"]) == ("collector", IMAGE, False)
        assert own["essential"] is True
        sent_to = {one["name"]: one["value"] for one in own["environment"]}["OTEL_EXPORTER_OTLP_ENDPOINT"]
        listens = {one["name"]: one["value"] for one in collector["environment"]}["AOT_CONFIG_CONTENT"]
        receiver = json.loads(listens)["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
        assert sent_to == f"http://{receiver}"


def fitting() -> tuple[set[str], set[str]]:
    return granted(), granted() - set(UNASKED)


def test_what_fits_has_no_difference() -> None:
    given, requested = fitting()
    assert differences(given, requested, (), UNASKED) == []


def test_any_right_that_is_taken_away_is_noticed() -> None:
    given, requested = fitting()
    for action in sorted(given):
        assert differences(given - {action}, requested, (), UNASKED), action


def test_a_right_that_nobody_needs_a_denial_and_an_old_reason_are_noticed() -> None:
    given, requested = fitting()
    assert differences(given | {"s3:GetObject"}, requested, (), UNASKED) == [
        "s3:GetObject: granted and never asked for"
    ]
    assert differences(given, requested, {"s3:CreateBucket"}, UNASKED) == ["s3:CreateBucket: denied"]
    assert differences(given, requested | {"kms:Decrypt"}, (), UNASKED) == [
        "kms:Decrypt: has a reason and is asked for"
    ]


def test_every_reason_is_given_once() -> None:
    listed = [action for actions in UNASKED_BY_REASON.values() for action in actions.split()]
    assert len(listed) == len(set(listed))
