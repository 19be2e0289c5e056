"""Both stacks in both profiles, made, changed and destroyed by the deployer: no right is missing or too much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from deployer import delivery
from deployer.documents import rights
from deployer.place import Place
from deployer.table import ROWS
from emulator.server import ACCOUNT_ID, REGION, Emulator
from emulator.shims.authorization_record import RECORD
from tests.attached_provider import Terraform
from tests.deployment.authorizations import asked, differences
from tests.deployment.deploying import Deployment, as_deployer
from tests.deployment.inventory import inventory
from tests.synthesis import PRODUCTION, THREE, fargate_registry, registry_with

STACKS = ("tenant-acme-test", "shared-platform-test")
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
    "a host of a tenant's own brings its certificate, and the local AWS cannot add one to a listener": (
        "elasticloadbalancing:AddListenerCertificates elasticloadbalancing:DescribeListenerCertificates "
        "elasticloadbalancing:RemoveListenerCertificates"
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


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


@pytest.mark.deployment
def test_each_right_is_needed_and_none_is_missing(
    emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    zone = emulator.client("route53").create_hosted_zone(Name="example.com", CallerReference="a-test")
    tls = {"hosted_zone_id": zone["HostedZone"]["Id"].removeprefix("/hostedzone/")}
    registry = {**REGISTRY, "platform": {**REGISTRY["platform"], **tls}}
    before = inventory(emulator)
    with Terraform(as_deployer(emulator)) as terraform:
        folder = tmp_path_factory.mktemp("deployer")
        deployment = Deployment(emulator=emulator, terraform=terraform, folder=folder)
        small: dict[str, Any] = {**registry, "environments": {"test": DEVELOPMENT}}
        for document, variables in ((small, {}), (registry, PRODUCTION), (small, {})):
            deployment.synthesize(document, **variables)
            deployment.apply(*STACKS)
            for stack, plan in deployment.plan(*STACKS).items():
                assert plan.empty, f"{stack}: {plan}"
        deployment.destroy(*STACKS)
    requested, denied = asked(emulator.log_file.parent / RECORD)
    assert differences(granted(), requested - {IDENTITY}, denied, UNASKED) == []
    assert inventory(emulator) == before


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
