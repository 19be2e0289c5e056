"""Two tenants, deployed with real Terraform: what exists is what was meant, and each is independent of the other.

The tests share one deployment and run in the order of this file; the last ones take it down.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from emulator.server import REGION, Emulator
from fleet.__main__ import INTERRUPTED
from terraform.errors import TerraformError
from tests.deployment.callers import call, keys_opened, profile_of, sign_up, signed_in, token, wait_for
from tests.deployment.deploying import Deployment, deployed
from tests.deployment.inventory import inventory
from tests.deployment.retiring import REQUEST, Retiring, remains
from tests.synthesis import PRODUCTION, registry_with

pytestmark = pytest.mark.deployment

ACME, OTHER = "acme", "acme-eu"
STACKS = tuple(f"tenant-{tenant}-test" for tenant in (ACME, OTHER))
ACCOUNT = "123456789012"
REGISTRY = registry_with(
    acme={"silo": {"cidr": "10.1.0.0/16"}},
    acme_eu={
        "silo": {"cidr": "10.2.0.0/22", "api_user_rights": "groups", "most_records": 1, "most_objects": 1}
    },
)
TAGS = {
    "Author": "unknown",
    "CreatedAt": "2026-01-01T00:00:00Z",
    "Environment": "test",
    "ManagedBy": "CDKTF",
    "PRNumber": "unknown",
    "Repository": "unknown",
    "Team": "unknown",
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


@pytest.fixture(scope="module")
def before(emulator: Emulator) -> set[str]:
    return inventory(emulator)


@pytest.fixture(scope="module")
def deployment(
    emulator: Emulator, before: set[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    with deployed(emulator, tmp_path_factory.mktemp("tenants"), REGISTRY, *STACKS) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def outputs(deployment: Deployment) -> dict[str, Any]:
    return deployment.root(STACKS[0]).outputs() | deployment.root(STACKS[1]).outputs()


def tags_of(pairs: list[dict[str, str]], key: str = "Key", value: str = "Value") -> dict[str, str]:
    return {pair[key]: pair[value] for pair in pairs if pair[key] != "Name"}


def expected_tags(tenant: str) -> dict[str, str]:
    return {**TAGS, "TenantId": tenant, "cost_center": tenant}


def key_arn(emulator: Emulator, tenant: str) -> str:
    metadata = emulator.client("kms").describe_key(KeyId=f"alias/tenant-{tenant}-test")["KeyMetadata"]
    return str(metadata["Arn"])


# What exists


def test_validation_finds_neither_errors_nor_warnings(deployment: Deployment) -> None:
    for stack in STACKS:
        found = deployment.root(stack).validate()
        assert (found.errors, found.warnings) == ((), ())


def test_a_second_plan_is_empty(deployment: Deployment) -> None:
    for stack, plan in deployment.plan(*STACKS).items():
        assert plan.empty, f"{stack}: {plan}"


def test_the_outputs_are_the_contracts(outputs: dict[str, Any]) -> None:
    for tenant in (ACME, OTHER):
        assert outputs[f"tenant-endpoint-{tenant}-test"].startswith("https://")
        assert outputs[f"bucket-name-{tenant}-test"] == f"tenant-{tenant}-data-test"
        table = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/tenant-{tenant}-metadata-test"
        assert outputs[f"table-arn-{tenant}-test"] == table
        assert outputs[f"vpc-id-{tenant}-test"].startswith("vpc-")


@pytest.mark.parametrize("tenant", [ACME, OTHER])
def test_the_bucket(emulator: Emulator, deployment: Deployment, tenant: str) -> None:
    s3, bucket = emulator.client("s3"), f"tenant-{tenant}-data-test"
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    assert default == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn(emulator, tenant)}
    assert rule["BucketKeyEnabled"] is True
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    ownership = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert {rule["ID"] for rule in rules} == {
        "expiration",
        "intelligent-tiering",
        "noncurrent-versions",
        "unfinished-uploads",
    }
    tiering = s3.get_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="EntireBucket")
    assert {
        tier["AccessTier"]: tier["Days"] for tier in tiering["IntelligentTieringConfiguration"]["Tierings"]
    } == {"ARCHIVE_ACCESS": 90, "DEEP_ARCHIVE_ACCESS": 180}
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert {statement["Sid"] for statement in policy["Statement"]} == {
        "DenyCustomerProvidedKeys",
        "DenyOtherEncryption",
        "DenyOtherKeys",
        "DenyOtherPrincipals",
        "DenyPlainHttp",
    }
    assert tags_of(s3.get_bucket_tagging(Bucket=bucket)["TagSet"]) == expected_tags(tenant)


@pytest.mark.parametrize("tenant", [ACME, OTHER])
def test_the_table(emulator: Emulator, deployment: Deployment, tenant: str) -> None:
    dynamodb, name = emulator.client("dynamodb"), f"tenant-{tenant}-metadata-test"
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["KeySchema"] == [
        {"AttributeName": "tenant_id", "KeyType": "HASH"},
        {"AttributeName": "resource_type", "KeyType": "RANGE"},
    ]
    assert table["SSEDescription"]["KMSMasterKeyArn"] == key_arn(emulator, tenant)
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert (ttl["AttributeName"], ttl["TimeToLiveStatus"]) == ("expires_at", "ENABLED")
    assert dynamodb.describe_contributor_insights(TableName=name)["ContributorInsightsStatus"] == "ENABLED"
    found = dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    assert tags_of(found) == expected_tags(tenant)


@pytest.mark.parametrize("tenant", [ACME, OTHER])
def test_the_key(emulator: Emulator, deployment: Deployment, tenant: str) -> None:
    kms, key = emulator.client("kms"), key_arn(emulator, tenant)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    statements = {statement["Sid"]: statement for statement in policy["Statement"]}
    assert set(statements["UseTenantKey"]["Principal"]["AWS"]) == {
        f"arn:aws:iam::{ACCOUNT}:role/tenant-{tenant}-lambda-role-test",
        f"arn:aws:iam::{ACCOUNT}:role/tenant-{tenant}-provisioner-role-test",
    }
    assert "${" not in json.dumps(policy)
    assert tags_of(kms.list_resource_tags(KeyId=key)["Tags"], "TagKey", "TagValue") == expected_tags(tenant)


@pytest.mark.parametrize(("tenant", "octet"), [(ACME, 1), (OTHER, 2)])
def test_the_network(emulator: Emulator, outputs: dict[str, Any], tenant: str, octet: int) -> None:
    ec2, vpc = emulator.client("ec2"), outputs[f"vpc-id-{tenant}-test"]
    inside = [{"Name": "vpc-id", "Values": [vpc]}]
    subnets = ec2.describe_subnets(Filters=inside)["Subnets"]
    assert {(s["AvailabilityZone"], s["CidrBlock"], s["MapPublicIpOnLaunch"]) for s in subnets} == {
        ("us-east-1a", f"10.{octet}.0.0/24", False),
        ("us-east-1b", f"10.{octet}.1.0/24", False),
    }
    gateways = ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])
    assert gateways["InternetGateways"] == []
    for table in ec2.describe_route_tables(Filters=inside)["RouteTables"]:
        for route in table["Routes"]:
            assert route.get("GatewayId", "").startswith(("local", "vpce-")), route
    endpoints = ec2.describe_vpc_endpoints(Filters=inside)["VpcEndpoints"]
    assert {(e["ServiceName"].rsplit(".", 1)[1], e["VpcEndpointType"]) for e in endpoints} == {
        ("dynamodb", "Gateway"),
        ("events", "Interface"),
        ("s3", "Gateway"),
    }
    for group in ec2.describe_security_groups(Filters=inside)["SecurityGroups"]:
        if group["GroupName"] == "default":
            assert (group["IpPermissions"], group["IpPermissionsEgress"]) == ([], [])
        else:
            assert {(r["FromPort"], r["ToPort"], r["IpProtocol"]) for r in group["IpPermissions"]} == {
                (443, 443, "tcp")
            }
    (log,) = ec2.describe_flow_logs(Filters=[{"Name": "resource-id", "Values": [vpc]}])["FlowLogs"]
    assert log["LogDestination"].endswith(f":log-group:/aws/vpc/tenant-{tenant}-flow-logs-test")


@pytest.mark.parametrize("tenant", [ACME, OTHER])
def test_the_functions(emulator: Emulator, outputs: dict[str, Any], tenant: str) -> None:
    functions = emulator.client("lambda")
    for name, role in (("api", "lambda-role"), ("provisioner", "provisioner-role")):
        found = functions.get_function(FunctionName=f"tenant-{tenant}-{name}-test")
        configuration = found["Configuration"]
        assert configuration["Role"] == f"arn:aws:iam::{ACCOUNT}:role/tenant-{tenant}-{role}-test"
        assert configuration["KMSKeyArn"] == key_arn(emulator, tenant)
        assert len(configuration["VpcConfig"]["SubnetIds"]) == 2
        assert configuration["TracingConfig"]["Mode"] == "Active"
        assert configuration["Environment"]["Variables"]["TENANT_ID"] == tenant
        assert found["Tags"] == expected_tags(tenant)
    concurrency = functions.get_function_concurrency(FunctionName=f"tenant-{tenant}-api-test")
    assert concurrency["ReservedConcurrentExecutions"] == 10


@pytest.mark.parametrize("tenant", [ACME, OTHER])
def test_every_log_group_is_encrypted_and_expires(
    emulator: Emulator, deployment: Deployment, tenant: str
) -> None:
    found = {
        group["logGroupName"]: group for group in emulator.client("logs").describe_log_groups()["logGroups"]
    }
    for name in (
        f"/aws/lambda/tenant-{tenant}-api-test",
        f"/aws/lambda/tenant-{tenant}-provisioner-test",
        f"/aws/vendedlogs/apigateway/tenant-{tenant}-http-test",
        f"/aws/vpc/tenant-{tenant}-flow-logs-test",
    ):
        assert found[name]["retentionInDays"] == 30
        assert found[name]["kmsKeyId"] == key_arn(emulator, tenant)


def test_no_credentials_stand_in_a_state(deployment: Deployment) -> None:
    for stack in STACKS:
        for resource in deployment.state(stack)["resources"]:
            for instance in resource["instances"]:
                secrets = {
                    name: value
                    for name, value in instance["attributes"].items()
                    if ("secret" in name or "password" in name) and isinstance(value, str)
                }
                assert not any(secrets.values()), f"{resource['type']}: {sorted(secrets)}"


# What it does


def test_a_user_calls_the_tenants_api_and_the_request_is_recorded(
    emulator: Emulator, outputs: dict[str, Any]
) -> None:
    bearer = token(emulator, f"tenant-{ACME}-users-test")
    answer = call(emulator, outputs[f"tenant-endpoint-{ACME}-test"], bearer=bearer)
    assert answer.status == 200, answer
    assert answer.headers["x-tenant-id"] == ACME
    items = emulator.client("dynamodb").scan(TableName=f"tenant-{ACME}-metadata-test")["Items"]
    recorded = [item for item in items if item["resource_type"]["S"].startswith("api_request#")]
    assert [item["tenant_id"]["S"] for item in recorded] == [ACME]


def test_health_says_that_table_and_bucket_are_reachable(emulator: Emulator, outputs: dict[str, Any]) -> None:
    bearer = token(emulator, f"tenant-{ACME}-users-test")
    answer = call(emulator, outputs[f"tenant-endpoint-{ACME}-test"], "/health", bearer=bearer)
    assert answer.status == 200, answer


def test_an_object_goes_through_the_api_to_the_bucket_under_the_tenants_key(
    emulator: Emulator, outputs: dict[str, Any]
) -> None:
    endpoint, bearer = outputs[f"tenant-endpoint-{ACME}-test"], token(emulator, f"tenant-{ACME}-users-test")
    put = call(emulator, endpoint, "/objects/greeting", method="PUT", bearer=bearer, body={"hello": "world"})
    assert put.status in {200, 201, 204}, put
    stored = emulator.client("s3").head_object(Bucket=f"tenant-{ACME}-data-test", Key="greeting")
    assert stored["ServerSideEncryption"] == "aws:kms"
    assert stored["SSEKMSKeyId"] in key_arn(emulator, ACME)
    assert call(emulator, endpoint, "/objects/greeting", bearer=bearer).body == {"hello": "world"}


def test_nobody_else_calls_it(emulator: Emulator, outputs: dict[str, Any]) -> None:
    """No token, nonsense, a tampered one, an unsigned one, and one of another tenant's user."""
    endpoint = outputs[f"tenant-endpoint-{ACME}-test"]
    own = token(emulator, f"tenant-{ACME}-users-test")
    others = token(emulator, f"tenant-{OTHER}-users-test", "readers")
    head, payload, signature = own.split(".")
    for bearer in (None, "nonsense", others, f"{head}.{payload[:-4]}AAAA.{signature}", f"{head}.{payload}."):
        answer = call(emulator, endpoint, bearer=bearer)
        assert answer.status in {401, 403}, answer
    assert call(emulator, outputs[f"tenant-endpoint-{OTHER}-test"], bearer=others).status == 200


def test_what_a_user_may_do_depends_on_groups_where_the_tenant_says_so(
    emulator: Emulator, outputs: dict[str, Any]
) -> None:
    endpoint, pool = outputs[f"tenant-endpoint-{OTHER}-test"], f"tenant-{OTHER}-users-test"
    statuses = {
        group: [
            call(emulator, endpoint, "/records/note/1", method=method, bearer=bearer, body=body).status
            for method, body in (("PUT", {"a": 1}), ("GET", None))
        ]
        for group, bearer in (
            ("writers", token(emulator, pool, "writers")),
            ("readers", token(emulator, pool, "readers")),
            (None, token(emulator, pool)),
        )
    }
    assert statuses == {"writers": [201, 200], "readers": [403, 200], None: [403, 403]}
    writer = token(emulator, pool, "writers")
    refused = call(emulator, endpoint, "/records/note/2", method="PUT", bearer=writer, body={"a": 1})
    assert (refused.status, refused.body["limit_records"]) == (409, 1)
    first, second = (
        call(emulator, endpoint, f"/objects/{key}", method="PUT", bearer=writer, body={"a": 1})
        for key in "ab"
    )
    assert (first.status, second.status, second.body["limit_objects"]) == (201, 409, 1)


def test_a_users_id_token_is_no_key_to_the_api(emulator: Emulator, outputs: dict[str, Any]) -> None:
    tokens = signed_in(emulator, f"tenant-{ACME}-users-test")["AuthenticationResult"]
    endpoint = outputs[f"tenant-endpoint-{ACME}-test"]
    assert call(emulator, endpoint, bearer=tokens["AccessToken"]).status == 200
    assert call(emulator, endpoint, bearer=tokens["IdToken"]).status == 403


def test_a_signup_provisions_this_tenant_and_no_other(emulator: Emulator, deployment: Deployment) -> None:
    assert profile_of(emulator, ACME) is None
    for _ in range(3):
        sign_up(emulator, ACME)
    item = wait_for(lambda: profile_of(emulator, ACME))
    assert item["status"] == {"S": "ACTIVE"}
    assert profile_of(emulator, OTHER) is None


def test_a_malformed_signup_ends_in_the_dead_letter_queue(emulator: Emulator, deployment: Deployment) -> None:
    sqs = emulator.client("sqs")
    queue = sqs.get_queue_url(QueueName=f"tenant-{ACME}-functions-dlq-test")["QueueUrl"]
    sign_up(emulator, ACME, plan=["no", "plan"])

    def received() -> list[dict[str, Any]] | None:
        with keys_opened(emulator):
            messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=1).get("Messages")
        assert messages is None or isinstance(messages, list)
        return messages

    (message,) = wait_for(received)
    assert json.loads(message["Body"])["detail"]["plan"] == ["no", "plan"]


# What a change does


def with_silo(tenant: str, **changes: object) -> dict[str, Any]:
    """The registry with `changes` of one tenant's silo."""
    registry = deepcopy(REGISTRY)
    registry["tenants"].setdefault(tenant, {"silo": {}})["silo"].update(changes)
    return registry


def test_a_changed_tenant_changes_in_place_and_leaves_the_other_alone(deployment: Deployment) -> None:
    mine, other = STACKS
    untouched = deployment.state_file(other).read_bytes()
    deployment.synthesize(with_silo(ACME, log_retention_days=14, reserved_concurrency=3))
    plans = deployment.plan(mine, other)
    assert plans[other].empty
    assert {change.actions for change in plans[mine].changes} == {("update",)}
    assert {change.address.split(".")[0] for change in plans[mine].changes} == {
        "aws_cloudwatch_log_group",
        "aws_lambda_function",
    }
    deployment.root(mine).apply()
    assert deployment.state_file(other).read_bytes() == untouched
    assert deployment.root(mine).plan().empty


def test_another_account_and_a_lifting_that_ran_out_are_stopped_before_anything_happens(
    deployment: Deployment,
) -> None:
    lifted = {
        "tenant": STACKS[1].removeprefix("tenant-").removesuffix("-test"),
        "stack": "silo",
        "resource": "bucket",
        "reason": "The tenant has left, with its data.",
    }
    entry: dict[str, object] = {
        "profile": "production",
        "account": ACCOUNT,
        "region": REGION,
        "state_keys": "stack",
    }
    for change, said in (
        ({"account": "210987654321"}, f"AWS account ID not allowed: {ACCOUNT}"),
        ({"unprotected": [lifted | {"until": "2020-02-29"}]}, "until 2020-02-29, which is over"),
        ({"unprotected": [lifted | {"until": "2099-12-31"}]}, ""),
    ):
        declared = entry | change
        declared["alarm_topic_arn"] = f"arn:aws:sns:{REGION}:{declared['account']}:pager"
        administrators = PRODUCTION["KEY_ADMINISTRATOR_ARNS"].replace(ACCOUNT, str(declared["account"]))
        variables = {"KEY_ADMINISTRATOR_ARNS": administrators}
        deployment.synthesize({**REGISTRY, "environments": {"test": declared}}, **variables)
        root = deployment.root(STACKS[1])
        if said:
            with pytest.raises(TerraformError) as stopped:
                root.plan()
            assert said in " ".join(str(stopped.value).replace("│", " ").split())
        else:
            assert not root.plan().empty
    deployment.synthesize(REGISTRY)
    assert deployment.root(STACKS[1]).plan().empty


def test_a_deployer_who_is_no_key_administrator_is_stopped_before_anything_happens(
    deployment: Deployment,
) -> None:
    others = f"arn:aws:iam::{ACCOUNT}:role/somebody-else"
    deployment.synthesize(REGISTRY, **PRODUCTION | {"KEY_ADMINISTRATOR_ARNS": others})
    with pytest.raises(TerraformError, match="KEY_ADMINISTRATOR_ARNS does not name the role or user"):
        deployment.root(STACKS[1]).plan()
    deployment.synthesize(REGISTRY)
    assert deployment.root(STACKS[1]).plan().empty


def test_a_tenant_that_comes_touches_nobody(deployment: Deployment) -> None:
    states = {stack: deployment.state_file(stack).read_bytes() for stack in STACKS}
    deployment.synthesize(
        with_silo("newcomer", cidr="10.3.0.0/16", api_authorization="iam", api_callers=["orders"])
    )
    deployment.root("tenant-newcomer-test").init()
    plans = deployment.plan("tenant-newcomer-test", STACKS[1])
    assert {change.actions for change in plans["tenant-newcomer-test"].changes} == {("create",)}
    assert plans[STACKS[1]].empty
    assert {stack: deployment.state_file(stack).read_bytes() for stack in STACKS} == states


# How it ends


def test_a_tenant_that_is_retired_answers_nothing_leaves_nothing_and_touches_nobody(
    emulator: Emulator, deployment: Deployment, outputs: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = STACKS
    with keys_opened(emulator):
        for version in range(2):
            emulator.client("s3").put_object(
                Bucket=f"tenant-{ACME}-data-test", Key="versioned", Body=str(version).encode()
            )
    untouched = deployment.state_file(other).read_bytes()
    deployment.synthesize(REGISTRY)
    retiring = Retiring(deployment=deployment, monkeypatch=monkeypatch)
    release, bearers = (
        retiring.release(),
        {tenant: token(emulator, f"tenant-{tenant}-users-test") for tenant in (ACME, OTHER)},
    )
    no_export = ("--no-export", "Its data was handed over before.")
    with retiring.stopped_before("exported"):
        assert retiring.run(ACME, release, *REQUEST, *no_export, like=mine) == INTERRUPTED
    for tenant, status in ((ACME, {429, 500, 503}), (OTHER, {200, 403})):
        answer = call(emulator, outputs[f"tenant-endpoint-{tenant}-test"], bearer=bearers[tenant])
        assert answer.status in status, (tenant, answer)
    assert retiring.run(ACME, release, like=mine) == 0
    receipt = retiring.receipt()
    assert receipt["steps"]["disabled"]["functions"] == 2
    assert remains(receipt) == ["kms key"]
    assert {identity["type"] for identity in receipt["resources"].values()} >= {
        "aws_vpc",
        "aws_lambda_function",
    }
    assert not [thing for thing in inventory(emulator) if f"tenant-{ACME}-" in thing.replace(OTHER, "")]
    assert deployment.state_file(other).read_bytes() == untouched
    assert deployment.root(other).plan().empty


def test_nothing_is_left_when_the_last_has_gone(
    emulator: Emulator, deployment: Deployment, before: set[str]
) -> None:
    deployment.destroy(STACKS[1])
    assert inventory(emulator) == before
    assert deployment.state(STACKS[1])["resources"] == []
