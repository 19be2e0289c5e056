"""The function that makes the tenants' logins: what it may, and when it runs."""

from __future__ import annotations

import fnmatch
import json
from functools import cache
from typing import Any

from constructs.common.stack_packages import StackPackages
from constructs.platform.database_provisioner import DatabaseProvisioner, DatabaseProvisionerProps
from tenancy.protection import Protection
from tests.construct import DISPOSABLE, LIMITS, PLATFORM, PROTECTED, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

MASTER = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:rds!cluster-01234567-89ab-cdef-0123-456789abcdef-AbCdEf"
SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:rds/tenant/acme-corp/test/password-AbCdEf"
GROUP = "shared-platform-db-provisioner-sg-test"


@cache
def provisioner(
    protection: Protection = DISPOSABLE, erasures: tuple[str, ...] = (), *, returning: bool = False
) -> StackDocument:
    """The provisioner with the login of one tenant, which waits for the VPC among other things."""

    def build(around: Surroundings) -> None:
        props = DatabaseProvisionerProps(
            names=PLATFORM,
            account=around.account,
            network=around.network,
            endpoints=None,
            role=around.role("provisioner_role"),
            key=around.key,
            database=around.database,
            packages=StackPackages(None),
            log_retention_days=7,
            protection=protection,
            erasures=erasures,
            traced=True,
        )
        created = DatabaseProvisioner(around.stack, "provisioner", props)
        after = [around.network.vpc]
        created.create_login(
            around.stack,
            "login",
            tenant="acme-corp",
            secret_arn=SECRET,
            limits=LIMITS,
            returning=returning,
            after=after,
        )
        for tenant in erasures:
            created.create_erasure(around.stack, f"erasure_{tenant}", tenant=tenant)

    return alone(build)


def group() -> str:
    return provisioner().reference("aws_security_group", "provisioner", "id")


def invocations(stack: StackDocument) -> dict[str, dict[str, Any]]:
    """The tenant's two invocations: what sets its login up, and what removes it."""
    found = stack.all("aws_lambda_invocation")
    assert set(found) == {"login", "login_setup"}
    return {"setup": found["login_setup"], "removal": found["login"]}


def request(stack: StackDocument, role: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stack.resolved(invocations(stack)[role]["input"]))
    return found


def test_it_runs_in_the_private_subnets_on_its_own_security_group() -> None:
    stack = provisioner()
    assert stack.one("aws_lambda_function")["vpc_config"] == {
        "subnet_ids": [stack.reference("aws_subnet", f"network_private_subnet_{z}", "id") for z in "ab"],
        "security_group_ids": [group()],
    }
    body = stack.one("aws_security_group", "provisioner")
    assert (body["name"], body["description"]) == (GROUP, "Database provisioner of the platform")
    assert body["vpc_id"] == stack.reference("aws_vpc", attribute="id")


def test_it_reaches_the_database_and_secrets_manager_and_nothing_reaches_it() -> None:
    stack = provisioner()
    database = stack.reference("aws_security_group", "database", "id")
    out = {"security_group_id": group(), "ip_protocol": "tcp"}
    postgresql = {"from_port": 5432, "to_port": 5432}
    https = {"from_port": 443, "to_port": 443, "cidr_ipv4": "0.0.0.0/0"}
    assert list(stack.all("aws_vpc_security_group_egress_rule").values()) == [
        {**out, **https, "description": "HTTPS to Secrets Manager"},
        {
            **out,
            **postgresql,
            "referenced_security_group_id": database,
            "description": "PostgreSQL to the cluster",
        },
    ]
    assert stack.one("aws_vpc_security_group_ingress_rule") == {
        **postgresql,
        "ip_protocol": "tcp",
        "security_group_id": database,
        "referenced_security_group_id": group(),
        "description": "PostgreSQL from the provisioner",
    }


def environment() -> dict[str, str]:
    variables = provisioner().one("aws_lambda_function")["environment"]["variables"]
    return {name: provisioner().resolved(value) for name, value in variables.items()}


def test_it_is_told_where_the_database_and_the_masters_secret_are() -> None:
    function = provisioner().one("aws_lambda_function")
    assert function["function_name"] == "shared-platform-db-provisioner-test"
    assert function["handler"] == "database_provisioner.handler.handler"
    assert environment() == {
        "DATABASE_HOST": "shared-platform-db-test.cluster-abcdefghijkl.eu-west-1.rds.amazonaws.com",
        "DATABASE_PORT": "5432",
        "DATABASE_NAME": "saasdb",
        "MASTER_SECRET_ARN": MASTER,
        "ERASABLE_TENANTS": "*",
        "POWERTOOLS_SERVICE_NAME": "database_provisioner",
        "POWERTOOLS_METRICS_NAMESPACE": "TenantPlatform",
    }
    assert function["timeout"] == 120, "more than it waits for one answer of the database"
    assert "dead_letter_config" not in function


def test_the_function_accepts_its_environment_and_its_requests() -> None:
    """Both sides of the contract, held together."""
    from database_provisioner.request import read_request
    from database_provisioner.settings import read_settings

    settings = read_settings(environment())
    assert (settings.database, settings.port, settings.master_secret) == ("saasdb", 5432, MASTER)
    setup = read_request(request(provisioner(), "setup"))
    assert (setup.tenant, setup.role, setup.carried_out) == ("acme-corp", "tenant_acme_corp", True)
    assert setup.connection_limit == 11
    assert setup.timeouts == {
        "statement_timeout": 22,
        "idle_in_transaction_session_timeout": 33,
        "idle_session_timeout": None,
    }
    for action, carried_out in (("create", False), ("update", False), ("delete", True)):
        event = {**request(provisioner(), "removal"), "tf": {"action": action, "prev_input": None}}
        read = read_request(event)
        assert (read.tenant, read.carried_out) == ("acme-corp", carried_out)


def test_a_login_is_set_up_by_an_invocation_whose_failure_is_in_the_next_plan() -> None:
    """The provider saves a failed update of a `CRUD` invocation as done; one that is created again it does not."""
    stack = provisioner()
    invocation = invocations(stack)["setup"]
    assert set(invocation) == {"depends_on", "function_name", "input", "lifecycle_scope"}
    assert invocation["lifecycle_scope"] == "CREATE_ONLY"
    function = stack.reference("aws_lambda_function", attribute="function_name")
    assert invocation["function_name"] == function
    assert invocation["depends_on"] == ["aws_lambda_invocation.login"]
    assert request(stack, "setup") == {
        "action": "create",
        "tenant": "acme-corp",
        "secret_arn": SECRET,
        "cluster": "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "connection_limit": 11,
        "statement_timeout": 22,
        "idle_in_transaction_session_timeout": 33,
        "idle_session_timeout": None,
    }


def test_a_login_is_dropped_by_an_invocation_that_does_nothing_before() -> None:
    """A change of `triggers` would replace the invocation, and the tenant would be taken away first."""
    stack = provisioner()
    invocation = invocations(stack)["removal"]
    assert set(invocation) == {"depends_on", "function_name", "input", "lifecycle_scope"}
    assert invocation["lifecycle_scope"] == "CRUD"
    assert invocation["function_name"] == stack.reference("aws_lambda_function", attribute="function_name")
    assert request(stack, "removal") == {
        "only": "delete",
        "tenant": "acme-corp",
        "secret_arn": SECRET,
    }


def test_a_request_is_the_same_text_in_whatever_order_it_is_put_together() -> None:
    """Another text would be a change of every tenant's login."""
    for invocation in invocations(provisioner()).values():
        assert invocation["input"] == json.dumps(json.loads(invocation["input"]), sort_keys=True)


def erasable(protection: Protection, *erasures: str) -> str:
    function = provisioner(protection, erasures).one("aws_lambda_function")
    return str(function["environment"]["variables"]["ERASABLE_TENANTS"])


def test_protected_data_is_dropped_of_recorded_tenants_alone() -> None:
    assert erasable(DISPOSABLE) == "*"
    assert erasable(PROTECTED) == ""
    assert erasable(PROTECTED, "gone", "left") == "gone,left"


def test_an_erasure_is_asked_for_once_and_accepted() -> None:
    from database_provisioner.request import Action, read_request

    stack = provisioner(PROTECTED, ("gone",))
    erasure = stack.one("aws_lambda_invocation", "erasure_gone")
    assert set(erasure) == {"depends_on", "function_name", "input", "lifecycle_scope"}
    assert erasure["lifecycle_scope"] == "CREATE_ONLY"
    assert json.loads(erasure["input"]) == {"action": "erase", "tenant": "gone"}
    assert erasure["input"] == json.dumps(json.loads(erasure["input"]), sort_keys=True)
    assert read_request(json.loads(erasure["input"])).action is Action.ERASE
    assert erasure["function_name"] == stack.reference("aws_lambda_function", attribute="function_name")
    removal = stack.all("aws_lambda_invocation")["login"]
    assert erasure["depends_on"] == removal["depends_on"][:-1], "all but the tenant's own"


def test_a_tenant_that_returns_is_said_to() -> None:
    stack = provisioner(PROTECTED, returning=True)
    assert request(stack, "setup")["returning"] is True
    assert "returning" not in request(stack, "removal")


def test_a_new_cluster_sets_logins_up_again() -> None:
    cluster = provisioner().reference("aws_rds_cluster", attribute="cluster_resource_id")
    assert cluster in invocations(provisioner())["setup"]["input"]
    assert cluster not in invocations(provisioner())["removal"]["input"]


def test_it_runs_while_the_database_and_the_way_to_it_are_there() -> None:
    stack = provisioner()
    assert invocations(stack)["removal"]["depends_on"] == [
        stack.address("aws_rds_cluster_instance"),
        stack.address("aws_vpc_security_group_ingress_rule"),
        stack.address("aws_vpc_security_group_egress_rule", "provisioner_postgresql"),
        stack.address("aws_vpc_security_group_egress_rule", "provisioner_https"),
        stack.address("aws_route", "network_public_default_route"),
        *(
            address
            for zone in "ab"
            for address in (
                stack.address("aws_route", f"network_private_default_route_{zone}"),
                stack.address("aws_route_table_association", f"network_private_association_{zone}"),
            )
        ),
        stack.address("aws_vpc"),
    ]


def test_its_rights_are_these_and_no_other() -> None:
    statements = provisioner().statements("aws_iam_role_policy")
    assert [sid for sid, statement in statements.items() if statement["Resource"] == ["*"]] == [
        "SendTraces",
        "ManageNetworkInterfaces",
        "DenyNetworkInterfacesToTheCode",
    ]
    assert set(statements) == {
        "WriteOwnLogGroup",
        "SendTraces",
        "ManageNetworkInterfaces",
        "DenyNetworkInterfacesToTheCode",
        "ReadMasterSecret",
        "DecryptMasterSecret",
        "WriteTenantsSecrets",
        "UseTenantsKeysForSecrets",
    }
    assert statements["ReadMasterSecret"]["Resource"] == [MASTER]
    via_secrets = {"StringEquals": {"kms:ViaService": ["secretsmanager.eu-west-1.amazonaws.com"]}}
    assert statements["DecryptMasterSecret"]["Condition"] == via_secrets


def test_it_writes_the_secrets_of_this_environments_tenants() -> None:
    write = provisioner().statements("aws_iam_role_policy")["WriteTenantsSecrets"]
    pattern = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:rds/tenant/*/test/password-??????"
    assert write == {
        "Sid": "WriteTenantsSecrets",
        "Effect": "Allow",
        "Action": ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
        "Resource": [pattern],
    }
    assert fnmatch.fnmatch(SECRET, pattern)
    for other in (
        "rds/tenant/acme-corp/prod/password-AbCdEf",
        "rds!cluster-x-AbCdEf",
        "test/password-AbCdEf",
    ):
        assert not fnmatch.fnmatch(f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:{other}", pattern)


def test_it_uses_the_tenants_keys_through_secrets_manager_alone() -> None:
    assert provisioner().statements("aws_iam_role_policy")["UseTenantsKeysForSecrets"] == {
        "Sid": "UseTenantsKeysForSecrets",
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": [f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*"],
        "Condition": {
            "StringEquals": {"kms:ViaService": ["secretsmanager.eu-west-1.amazonaws.com"]},
            "ForAnyValue:StringLike": {"kms:ResourceAliases": ["alias/saas-platform-*-test"]},
        },
    }


def test_its_logs_are_encrypted_and_its_own_and_it_is_no_tenants() -> None:
    stack = provisioner()
    assert stack.one("aws_cloudwatch_log_group", "provisioner") == {
        "name": "/aws/lambda/shared-platform-db-provisioner-test",
        "retention_in_days": 7,
        "kms_key_id": stack.reference("aws_kms_key"),
    }
    assert "Condition" not in stack.statements("aws_iam_role_policy")["WriteOwnLogGroup"]
