"""The shared platform, deployed with real Terraform, a real PostgreSQL and IAM enforced: tenants apart from each other.

The tests share one deployment and run in the order of this file; the last ones change it and take it down.
"""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError
from pg8000 import native  # type: ignore[import-untyped]

from emulator.server import ACCOUNT_ID, Emulator
from tenancy.names.environment import EnvironmentNames
from terraform.plans import Plan
from terraform.runner import Root
from tests.attached_provider import Terraform
from tests.deployment.callers import keys_opened
from tests.deployment.deploying import Deployment, as_deployer, deployed
from tests.deployment.inventory import inventory
from tests.deployment.probing import DENIALS, administrator_of, session_of_task
from tests.deployment.retiring import REQUEST as REQUESTED
from tests.deployment.retiring import Retiring, remains
from tests.deployment.schema_dumps import dump_schema, dumped
from tests.synthesis import PRODUCTION, THREE, ZONE, fargate_registry

pytestmark = pytest.mark.deployment

STACK = "shared-platform-test"
CLUSTER = "shared-platform-test"
LEAVING = "globex-inc"
REGISTRY = fargate_registry(*THREE)
FORTY = tuple(f"tenant-{number:02d}" for number in range(40))
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT_ID}:certificate/01234567-89ab-cdef-0123-456789abcdef"
FORBIDDEN, WRONG_PASSWORD = "42501", "28P01"
"""https://www.postgresql.org/docs/16/errcodes-appendix.html: insufficient_privilege, invalid_password."""
ROOT = Path(__file__).parents[2]


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
    with deployed(emulator, tmp_path_factory.mktemp("platform"), REGISTRY, STACK) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def root(deployment: Deployment) -> Root:
    return deployment.root(STACK)


@pytest.fixture
def administrator(emulator: Emulator) -> Iterator[Mapping[str, str]]:
    """Credentials of a role that may do everything, as far as its own policy goes."""
    with administrator_of(emulator) as credentials:
        yield credentials


session_of = cache(session_of_task)


def as_role(emulator: Emulator, tenant: str, role: str, service: str) -> Any:
    """Return a client of `service` with a session of the tenant's `task` or `execution` role."""
    names = EnvironmentNames(suffix="test").fargate_tenant(tenant)
    wanted = names.task_role if role == "task" else names.execution_role
    return emulator.client(service, **session_of(emulator, wanted))


def secret_of(tenant: str) -> str:
    return f"rds/tenant/{tenant}/test/password"


def login(emulator: Emulator, tenant: str) -> dict[str, Any]:
    """What ECS gets from the tenant's secret, as its execution role, for the tenant's tasks."""
    value = as_role(emulator, tenant, "execution", "secretsmanager").get_secret_value(
        SecretId=secret_of(tenant)
    )
    found = json.loads(value["SecretString"])
    assert isinstance(found, dict)
    return found


def is_denied(call: Callable[..., object], **arguments: object) -> bool:
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] in DENIALS
    return False


@contextmanager
def session(known: dict[str, Any]) -> Iterator[Any]:
    """A session of the tenant. The server's certificate is not what is tested here."""
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    connection = native.Connection(
        known["username"],
        host=known["host"],
        port=known["port"],
        database=known["dbname"],
        password=known["password"],
        ssl_context=tls,
    )
    try:
        yield connection
    finally:
        connection.close()


def changed(plan: Plan) -> dict[str, set[tuple[str, ...]]]:
    """The actions of a plan by the address they are for, outputs left out."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for change in plan.changes:
        if not change.address.startswith("output."):
            found.setdefault(change.address, set()).add(change.actions)
    return found


@pytest.mark.parametrize("tenants", [(), FORTY], ids=["none", "forty"])
@pytest.mark.parametrize("variables", [{}, PRODUCTION], ids=["development", "production"])
def test_a_platform_of_any_size_is_valid(
    emulator: Emulator, tmp_path: Path, tenants: tuple[str, ...], variables: dict[str, str]
) -> None:
    """With a certificate, which the deployed one has not: given in development, issued in production."""
    with Terraform(as_deployer(emulator)) as terraform:
        of_size = Deployment(emulator=emulator, terraform=terraform, folder=tmp_path)
        tls: dict[str, Any] = {"hosted_zone_id": ZONE} if variables else {"certificate_arn": CERTIFICATE}
        registry = fargate_registry(*tenants, **tls)
        for tenant in registry["tenants"].values():
            # Forty times twenty are more than a development database holds.
            tenant["fargate"]["database"] = {"connections": 10}
        of_size.synthesize(registry, **variables)
        of_size.root(STACK).init()
        found = of_size.root(STACK).validate()
    assert (found.errors, found.warnings) == ((), ())


# What exists


def test_validation_finds_neither_errors_nor_warnings(root: Root) -> None:
    found = root.validate()
    assert (found.errors, found.warnings) == ((), ())


def test_a_second_plan_is_empty(root: Root) -> None:
    plan = root.plan()
    assert plan.empty, str(plan)


def test_the_outputs_are_the_contracts(root: Root, emulator: Emulator) -> None:
    outputs = root.outputs()
    (cluster,) = emulator.client("rds").describe_db_clusters()["DBClusters"]
    assert outputs["aurora_cluster_endpoint"] == cluster["Endpoint"]
    assert outputs["alb_dns_name"].endswith(".elb.amazonaws.com")
    for tenant in THREE:
        user = f"tenant_{tenant.replace('-', '_')}"
        assert outputs[f"{tenant}_endpoint"] == f"{tenant}.example.com"
        assert outputs[f"{tenant}_bucket"] == f"saas-platform-{tenant}-data-test"
        assert outputs[f"{tenant}_db_connection"] == (
            f"postgresql://{user}@{cluster['Endpoint']}/saasdb?secret=rds/tenant/{tenant}/test/password"
        )


def test_each_host_goes_to_its_own_target_group(root: Root, emulator: Emulator) -> None:
    elb = emulator.client("elbv2")
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    (listener,) = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    by_priority = {rule["Priority"]: rule for rule in rules}
    assert set(by_priority) == {"1", "2", "3", "default"}
    (default,) = by_priority["default"]["Actions"]
    assert default["FixedResponseConfig"]["StatusCode"] == "404"
    assert default["FixedResponseConfig"]["MessageBody"] == "Invalid tenant"
    targets = {group["TargetGroupArn"]: group for group in elb.describe_target_groups()["TargetGroups"]}
    for priority, tenant in enumerate(THREE, start=1):
        rule = by_priority[str(priority)]
        (condition,) = rule["Conditions"]
        hosts = condition.get("HostHeaderConfig", condition)["Values"]
        assert set(hosts) == {f"{tenant}.example.com", f"*.{tenant}.example.com"}
        (action,) = rule["Actions"]
        assert targets[action["TargetGroupArn"]]["TargetGroupName"].startswith(tenant[:10])


def test_each_service_runs_as_its_tenant(root: Root, emulator: Emulator) -> None:
    ecs = emulator.client("ecs")
    names = [f"saas-platform-{tenant}-service-test" for tenant in THREE]
    services = ecs.describe_services(cluster=CLUSTER, services=names, include=["TAGS"])["services"]
    assert [service["serviceName"] for service in services] == names
    for tenant, service in zip(THREE, services, strict=True):
        assert (service["desiredCount"], service["launchType"]) == (2, "FARGATE")
        assert service["propagateTags"] == "SERVICE"
        tags = {tag["key"]: tag["value"] for tag in service["tags"]}
        assert tags.items() >= {"tenant_id": tenant, "cost_center": tenant, "Environment": "test"}.items()
        definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        assert f"saas-platform-{tenant}-task-role-test" in definition["taskRoleArn"]
        (container,) = definition["containerDefinitions"]
        (secret,) = container["secrets"]
        assert f":secret:rds/tenant/{tenant}/test/password-" in secret["valueFrom"]


def test_services_scale_between_two_and_eight_tasks(root: Root, emulator: Emulator) -> None:
    targets = emulator.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")[
        "ScalableTargets"
    ]
    assert {target["ResourceId"] for target in targets} == {
        f"service/{CLUSTER}/saas-platform-{tenant}-service-test" for tenant in THREE
    }
    assert {(target["MinCapacity"], target["MaxCapacity"]) for target in targets} == {(2, 8)}


def test_the_database_admits_the_tenants_and_the_provisioner_alone(root: Root, emulator: Emulator) -> None:
    groups = {g["GroupName"]: g for g in emulator.client("ec2").describe_security_groups()["SecurityGroups"]}
    database = groups["shared-platform-db-sg-test"]
    admitted = {
        pair["GroupId"] for permission in database["IpPermissions"] for pair in permission["UserIdGroupPairs"]
    }
    wanted = [f"saas-platform-{tenant}-sg-test" for tenant in THREE]
    assert admitted == {
        groups[name]["GroupId"] for name in (*wanted, "shared-platform-db-provisioner-sg-test")
    }
    assert not [r for permission in database["IpPermissions"] for r in permission["IpRanges"]]
    assert database["IpPermissionsEgress"] == []


# The database


def test_each_tenant_logs_in_with_a_password_of_its_own(root: Root, emulator: Emulator) -> None:
    logins = {tenant: login(emulator, tenant) for tenant in THREE}
    assert len({known["password"] for known in logins.values()}) == len(THREE)
    for tenant, known in logins.items():
        user = f"tenant_{tenant.replace('-', '_')}"
        with session(known) as own:
            assert own.run("SELECT current_user, current_schema, current_database()") == [
                [user, user, "saasdb"]
            ]


def test_a_password_is_rotated_now_by_whoever_deploys(
    root: Root, deployment: Deployment, emulator: Emulator
) -> None:
    """The last step replaces the tasks, whose new ones read the secret."""
    before, others = login(emulator, "acme-corp"), login(emulator, LEAVING)
    names = EnvironmentNames(suffix="test").fargate_tenant("acme-corp")

    def deployments() -> set[str]:
        found = emulator.client("ecs").describe_services(cluster=CLUSTER, services=[names.service])
        return {one["id"] for one in found["services"][0]["deployments"]}

    running = deployments()
    said = subprocess.run(
        [sys.executable, "-m", "rotation", "acme-corp"],
        cwd=ROOT,
        env={
            **os.environ,
            **as_deployer(emulator),
            "TENANT_REGISTRY": str(deployment.folder / "tenants.yaml"),
            "ENVIRONMENT_SUFFIX": "test",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert before["password"] not in said.stdout
    after = login(emulator, "acme-corp")
    assert after["password"] != before["password"]
    with pytest.raises(native.DatabaseError) as raised, session(before):
        pass
    assert raised.value.args[0]["C"] == WRONG_PASSWORD
    with session(after) as own, session(others) as other:
        assert own.run("SELECT 1") == other.run("SELECT 1") == [[1]]
    assert login(emulator, LEAVING) == others
    assert deployments() - running, "ECS replaces the tasks"


def test_no_tenant_reads_another_tenants_data(root: Root, emulator: Emulator) -> None:
    acme, globex = login(emulator, "acme-corp"), login(emulator, LEAVING)
    with session(acme) as own:
        own.run("CREATE TABLE orders (id int)")
        own.run("INSERT INTO orders VALUES (1)")
        assert own.run("SELECT count(*) FROM orders") == [[1]]
    with session(globex) as other:
        for statement in ("SELECT * FROM tenant_acme_corp.orders", "DROP SCHEMA tenant_acme_corp CASCADE"):
            with pytest.raises(native.DatabaseError) as raised:
                other.run(statement)
            assert raised.value.args[0]["C"] == FORBIDDEN


def test_a_connection_without_tls_is_refused(root: Root, emulator: Emulator) -> None:
    known = login(emulator, "acme-corp")
    with pytest.raises((native.InterfaceError, native.DatabaseError, OSError)):
        native.Connection(
            known["username"],
            host=known["host"],
            port=known["port"],
            database=known["dbname"],
            password=known["password"],
            ssl_context=False,
        )


def test_no_password_stands_in_the_state(deployment: Deployment, emulator: Emulator) -> None:
    state = deployment.state_file(STACK).read_text()
    for tenant in THREE:
        assert login(emulator, tenant)["password"] not in state
    (cluster,) = emulator.client("rds").describe_db_clusters()["DBClusters"]
    master = emulator.client("secretsmanager").get_secret_value(
        SecretId=cluster["MasterUserSecret"]["SecretArn"]
    )
    password = json.loads(master["SecretString"])["password"]
    assert json.dumps(password)[1:-1] not in state


# Who may do what


def test_a_secret_is_for_its_tenants_execution_role_alone(root: Root, emulator: Emulator) -> None:
    own = as_role(emulator, "acme-corp", "execution", "secretsmanager")
    assert not is_denied(own.get_secret_value, SecretId=secret_of("acme-corp"))
    assert is_denied(own.get_secret_value, SecretId=secret_of(LEAVING))
    assert is_denied(own.put_secret_value, SecretId=secret_of("acme-corp"), SecretString="{}")
    task = as_role(emulator, "acme-corp", "task", "secretsmanager")
    assert is_denied(task.get_secret_value, SecretId=secret_of("acme-corp"))


def test_the_secrets_own_policy_keeps_even_administrators_out(
    root: Root, emulator: Emulator, administrator: Mapping[str, str]
) -> None:
    broad = emulator.client("secretsmanager", **administrator)
    for tenant in THREE:
        assert is_denied(broad.get_secret_value, SecretId=secret_of(tenant))
        assert is_denied(broad.put_secret_value, SecretId=secret_of(tenant), SecretString="{}")
        assert broad.describe_secret(SecretId=secret_of(tenant))["Name"] == secret_of(tenant)


def test_a_bucket_is_for_its_tenants_task_role_alone(
    root: Root, emulator: Emulator, administrator: Mapping[str, str]
) -> None:
    own = as_role(emulator, "acme-corp", "task", "s3")
    other = as_role(emulator, LEAVING, "task", "s3")
    execution = as_role(emulator, "acme-corp", "execution", "s3")
    at = {"Bucket": "saas-platform-acme-corp-data-test", "Key": "order"}
    own.put_object(**at, Body=b"1")
    assert own.get_object(**at)["Body"].read() == b"1"
    for stranger in (other, execution, emulator.client("s3", **administrator)):
        assert is_denied(stranger.get_object, **at)
        assert is_denied(stranger.put_object, **at, Body=b"2")


# What changes


def test_terraform_leaves_the_number_of_tasks_to_scaling(root: Root, emulator: Emulator) -> None:
    service = "saas-platform-acme-corp-service-test"
    emulator.client("ecs").update_service(cluster=CLUSTER, service=service, desiredCount=5)
    plan = root.plan()
    assert plan.empty, str(plan)


def test_a_version_that_aws_moved_forward_is_never_planned_back(root: Root, emulator: Emulator) -> None:
    rds = emulator.client("rds")
    (created,) = rds.describe_db_clusters()["DBClusters"]
    assert created["EngineVersion"] == "15.15"
    rds.modify_db_cluster(
        DBClusterIdentifier=created["DBClusterIdentifier"], EngineVersion="15.18", ApplyImmediately=True
    )
    plan = root.plan()
    assert plan.empty, str(plan)
    root.apply()
    assert {cluster["EngineVersion"] for cluster in rds.describe_db_clusters()["DBClusters"]} == {"15.18"}
    assert {member["EngineVersion"] for member in rds.describe_db_instances()["DBInstances"]} == {"15.18"}


def test_a_tenant_that_comes_plans_additions_only(deployment: Deployment) -> None:
    deployment.synthesize(fargate_registry(*THREE, "umbrella"))
    root = deployment.root(STACK)
    changes = changed(root.plan())
    deployment.synthesize(REGISTRY)
    assert {actions for found in changes.values() for actions in found} == {("create",)}
    assert all(".tenants_umbrella_" in address for address in changes)
    assert [address for address in changes if "_postgresql_to_cluster_" in address]


def test_a_tenant_that_is_retired_takes_what_is_its_own_and_nothing_else(
    deployment: Deployment,
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept = {tenant: login(emulator, tenant) for tenant in THREE if tenant != LEAVING}
    gone = login(emulator, LEAVING)
    retiring = Retiring(deployment=deployment, monkeypatch=monkeypatch)
    with session(gone) as own:
        own.run("CREATE TABLE handed_over (what text)")
        own.run("INSERT INTO handed_over VALUES ('is its own')")
    dump, handover = deployment.folder / "dump", deployment.folder / "handover"
    dump_schema(gone, dump)
    exported = ("--export", str(handover), "--schema-dump", str(dump), "--export-profile=reader")
    erased = ("--erase", "Its contract has ended.")
    with keys_opened(emulator):
        assert retiring.run(LEAVING, retiring.release(), *REQUESTED, *exported, *erased, like=STACK) == 1
    assert f"still has {LEAVING}: review the registry's change" in capsys.readouterr().err
    (service,) = emulator.client("ecs").describe_services(
        cluster=CLUSTER, services=[EnvironmentNames(suffix="test").fargate_tenant(LEAVING).service]
    )["services"]
    assert (service["desiredCount"], service["runningCount"]) == (0, 0)
    # Its entry is among the retired now, and a release of that registry has it no more.
    registry = yaml.safe_load((deployment.folder / "tenants.yaml").read_text())
    assert registry["retired"] == {LEAVING: {"listener_priority": 2, "erase": "Its contract has ended."}}
    deployment.synthesize(registry)
    root = deployment.root(STACK)
    changes = changed(root.plan())
    gone_with_it = {address for address, found in changes.items() if set(found) == {("delete",)}}
    assert all(f".tenants_{LEAVING}_" in address for address in gone_with_it)
    # The call that erases the schema.
    erasing = {
        address.partition(".")[0]: found for address, found in changes.items() if address not in gone_with_it
    }
    assert erasing == {"aws_lambda_invocation": {("create",)}}
    assert retiring.run(LEAVING, retiring.release(), "--export-profile=reader", like=STACK) == 0
    assert root.plan().empty
    assert remains(retiring.receipt()) == ["kms key"]
    for tenant, known in kept.items():
        assert login(emulator, tenant) == known
    with session(kept["acme-corp"]) as own:
        assert own.run("SELECT count(*) FROM orders") == [[1]]
        assert own.run("SELECT rolname FROM pg_roles WHERE rolname LIKE :name", name="%globex%") == []
        assert own.run("SELECT nspname FROM pg_namespace WHERE nspname LIKE :name", name="%globex%") == []
    with pytest.raises(native.DatabaseError), session(gone):
        pass
    # What it had is with whoever it was handed to.
    sha256 = json.loads((handover / "manifest.json").read_text())["schema_dump"]["sha256"]
    assert retiring.receipt()["steps"]["exported"]["schema_dump"] == sha256
    assert "is its own" in dumped(handover / "blobs" / sha256)
    left = {item for item in inventory(emulator) if LEAVING in item}
    assert left == set()


def test_nothing_is_left_when_it_is_destroyed(
    deployment: Deployment, emulator: Emulator, before: set[str]
) -> None:
    deployment.destroy(STACK)
    assert inventory(emulator) == before
    assert deployment.root(STACK).addresses() == []
