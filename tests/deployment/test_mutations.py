"""The checks can fail: a stack that is broken on purpose fails the test that should notice it, and no other.

One tenant's stack is deployed with all mutations at once, the other's as it is. Each mutation names the test of this
suite that notices it; the same test passes on the tenant that was left alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.server import Emulator
from tests.attached_provider import Terraform
from tests.deployment import test_isolation as isolation
from tests.deployment import test_tenants as tenants
from tests.deployment.callers import keys_opened, profile_of, sign_up, wait_for
from tests.deployment.deploying import Deployment, as_deployer
from tests.deployment.probing import DENIED, SILO_ACTIONS, Holdings, outcome, silo_callers, silo_holdings

pytestmark = pytest.mark.deployment

BROKEN, INTACT = tenants.ACME, tenants.OTHER
Document = dict[str, Any]


@dataclass
class Suite:
    """What the tests of the suite take."""

    emulator: Emulator
    deployment: Deployment
    outputs: dict[str, Any]
    holdings: dict[str, Holdings] = field(default_factory=dict)

    def attempt(self, action: str) -> dict[isolation.Cell, str]:
        """The part of the isolation matrix that is about one action; there are no tasks here to try it."""
        (found,) = [item for item in SILO_ACTIONS if item.name == action]
        tasks = product(self.holdings, ("task", "execution"), self.holdings)
        return {(f"{mine} {role}", action, whose): DENIED for mine, role, whose in tasks} | {
            (caller.name, action, tenant): outcome(caller, found, has)
            for mine in self.holdings
            for caller in silo_callers(self.emulator, mine)
            for tenant, has in self.holdings.items()
        }


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A mistake, and the test that notices it.

    Attributes:
        apply: makes it in the stack's JSON.
        check: runs that test for a tenant.
        complaint: a pattern of what it says then.
    """

    apply: Callable[[Document], None]
    check: Callable[[Suite, str], None]
    complaint: str


def only(document: Document, kind: str, *, containing: str = "") -> dict[str, Any]:
    """The one resource of `kind` whose name contains `containing`."""
    (body,) = [body for name, body in document["resource"][kind].items() if containing in name]
    assert isinstance(body, dict)
    return body


def statement_removed(document: Document, kind: str, containing: str, sid: str) -> None:
    body = only(document, kind, containing=containing)
    policy = json.loads(body["policy"])
    kept = [statement for statement in policy["Statement"] if statement["Sid"] != sid]
    assert len(kept) == len(policy["Statement"]) - 1
    body["policy"] = json.dumps(policy | {"Statement": kept})


def role_writes_every_log(document: Document) -> None:
    """Where a key protects what is reached, its policy is a second wall; a log has none against those who write."""
    body = only(document, "aws_iam_role_policy", containing="api_role")
    policy = json.loads(body["policy"])
    (statement,) = [item for item in policy["Statement"] if item["Sid"] == "WriteOwnLogGroup"]
    statement["Resource"] = "*"
    body["policy"] = json.dumps(policy)


def bucket_policy_admits_the_account(document: Document) -> None:
    statement_removed(document, "aws_s3_bucket_policy", "data_bucket", "DenyOtherPrincipals")


def log_group_is_named_otherwise(document: Document) -> None:
    """Also in the key's policy and in the outputs: AWS makes no group that its key does not admit."""
    name = only(document, "aws_cloudwatch_log_group", containing="http_api")["name"]
    text = json.dumps(document)
    assert text.count(name) > 1
    renamed = json.loads(text.replace(name, name.replace("-http-", "-2-http-")))
    document.clear()
    document.update(renamed)


def resources_are_billed_to_another(document: Document) -> None:
    document["provider"]["aws"][0]["default_tags"][0]["tags"]["cost_center"] = INTACT


def table_is_encrypted_by_amazons_key(document: Document) -> None:
    del only(document, "aws_dynamodb_table")["server_side_encryption"]["kms_key_arn"]


def rule_may_not_start_its_function(document: Document) -> None:
    permissions = document["resource"]["aws_lambda_permission"]
    (name,) = [name for name in permissions if "signup_rule" in name]
    del permissions[name]
    target = only(document, "aws_cloudwatch_event_target")
    target["depends_on"].remove(f"aws_lambda_permission.{name}")


def subnets_give_public_addresses(document: Document) -> None:
    for subnet in document["resource"]["aws_subnet"].values():
        subnet["map_public_ip_on_launch"] = True


def check_signup(suite: Suite, tenant: str) -> None:
    """The signup ends in a profile, or in the queue for what the rule cannot deliver."""
    sqs = suite.emulator.client("sqs")
    queue = sqs.get_queue_url(QueueName=f"tenant-{tenant}-events-dlq-test")["QueueUrl"]
    sign_up(suite.emulator, tenant)

    def undelivered() -> object:
        with keys_opened(suite.emulator):
            return sqs.receive_message(QueueUrl=queue).get("Messages")

    ended = wait_for(lambda: profile_of(suite.emulator, tenant) or undelivered())
    assert isinstance(ended, dict), f"the signup was not delivered: {ended}"


MUTATIONS = {
    "a policy: the role writes to every log": Mutation(
        apply=role_writes_every_log,
        check=lambda suite, tenant: isolation.test_nobody_may_do_it_to_another_tenant(
            suite.attempt("api log PutLogEvents"), "api log PutLogEvents"
        ),
        complaint=f"'{BROKEN} api', '{INTACT}'.*allowed",
    ),
    "a policy: the bucket admits the whole account": Mutation(
        apply=bucket_policy_admits_the_account,
        check=lambda suite, tenant: tenants.test_the_bucket(suite.emulator, suite.deployment, tenant),
        complaint="DenyOtherPrincipals",
    ),
    "a name: the log group is called otherwise": Mutation(
        apply=log_group_is_named_otherwise,
        check=lambda suite, tenant: tenants.test_every_log_group_is_encrypted_and_expires(
            suite.emulator, suite.deployment, tenant
        ),
        complaint=f"/aws/vendedlogs/apigateway/tenant-{BROKEN}-http-test",
    ),
    "a tag: another tenant pays": Mutation(
        apply=resources_are_billed_to_another,
        check=lambda suite, tenant: tenants.test_the_key(suite.emulator, suite.deployment, tenant),
        complaint="cost_center",
    ),
    "a key: the table is encrypted by Amazon's": Mutation(
        apply=table_is_encrypted_by_amazons_key,
        check=lambda suite, tenant: tenants.test_the_table(suite.emulator, suite.deployment, tenant),
        complaint="alias/aws/dynamodb",
    ),
    "a dependency: the rule's permission is gone": Mutation(
        apply=rule_may_not_start_its_function, check=check_signup, complaint="the signup was not delivered"
    ),
    "a subnet: it gives public addresses": Mutation(
        apply=subnets_give_public_addresses,
        check=lambda suite, tenant: tenants.test_the_network(
            suite.emulator, suite.outputs, tenant, 1 if tenant == BROKEN else 2
        ),
        complaint="us-east-1a",
    ),
}
NOTICED = (AssertionError, ClientError, LookupError)
"""How a test fails: what it asserts does not hold, or what it asks for is not there."""
ABOUT_BOTH = {"a policy: the role writes to every log"}
"""The test is about both tenants at once, so that no tenant is left to pass it."""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    with Emulator(auth=True) as emulator, Terraform(as_deployer(emulator)) as terraform:
        folder = tmp_path_factory.mktemp("mutations")
        deployed = Deployment(emulator=emulator, terraform=terraform, folder=folder)
        deployed.synthesize(tenants.REGISTRY)
        broken, intact = tenants.STACKS
        file = deployed.root(broken).folder / "cdk.tf.json"
        document = json.loads(file.read_text())
        for mutation in MUTATIONS.values():
            mutation.apply(document)
        file.write_text(json.dumps(document))
        deployed.apply(broken, intact)
        yield Suite(
            emulator=emulator,
            deployment=deployed,
            outputs=deployed.root(broken).outputs() | deployed.root(intact).outputs(),
            holdings={tenant: silo_holdings(emulator, tenant) for tenant in (BROKEN, INTACT)},
        )


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mistake_is_noticed(suite: Suite, name: str) -> None:
    mutation = MUTATIONS[name]
    with pytest.raises(NOTICED, match=f"(?s){mutation.complaint}"):
        mutation.check(suite, BROKEN)


@pytest.mark.parametrize("name", sorted(MUTATIONS.keys() - ABOUT_BOTH))
def test_where_there_is_no_mistake_the_same_test_passes(suite: Suite, name: str) -> None:
    MUTATIONS[name].check(suite, INTACT)


def test_a_role_that_was_left_alone_stays_out(suite: Suite) -> None:
    """The matrix names the mutated role, and it alone."""
    across = {cell for cell, found in suite.attempt("api log PutLogEvents").items() if found == "allowed"}
    assert {(who, whose) for who, _, whose in across if not who.startswith(f"{whose} ")} == {
        (f"{BROKEN} api", INTACT)
    }


def test_a_reference_to_what_is_not_there_is_noticed(
    suite: Suite, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("dangling")
    made = Deployment(emulator=suite.emulator, terraform=suite.deployment.terraform, folder=folder)
    made.synthesize(tenants.REGISTRY)
    for stack in tenants.STACKS:
        made.root(stack).init()
    tenants.test_validation_finds_neither_errors_nor_warnings(made)
    file = made.root(tenants.STACKS[0]).folder / "cdk.tf.json"
    document = json.loads(file.read_text())
    del document["resource"]["aws_kms_key"]
    file.write_text(json.dumps(document))
    with pytest.raises(AssertionError, match="Reference to undeclared resource"):
        tenants.test_validation_finds_neither_errors_nor_warnings(made)
