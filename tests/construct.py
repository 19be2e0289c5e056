"""Builds one construct in a bare stack, among the few others that it needs, and reads its JSON.

    def bucket() -> StackDocument:
        return alone(lambda around: DataBucket(around.stack, "bucket", DataBucketProps(key=around.key, ...)))

What is around a construct is real and small: no test waits for a whole tenant in order to look at one queue.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from typing import Any

from cdktf import App, TerraformOutput, TerraformStack, Testing
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.subnet import Subnet

from config.profiles import Disposable
from constructs.common.account import Account, AccountProps
from constructs.common.customer_key import CustomerKey, CustomerKeyProps
from constructs.common.key_policy import KeyPolicy
from constructs.common.lambda_function import LambdaFunction, LambdaFunctionProps
from constructs.common.log_group import EncryptedLogGroup, EncryptedLogGroupProps
from constructs.common.service_role import ServiceRoleProps
from constructs.common.stack_packages import StackPackages
from constructs.common.vpc import ClosedVpc, ClosedVpcProps, NamedSecurityGroup, NamedSecurityGroupProps
from constructs.common.workload_role import WorkloadRole
from constructs.platform.aurora_cluster import AuroraCluster, AuroraClusterProps
from constructs.platform.database_provisioner import DatabaseProvisioner, DatabaseProvisionerProps
from constructs.platform.ecs_cluster import EcsCluster, EcsClusterProps
from constructs.platform.load_balancer import LoadBalancer, LoadBalancerProps
from constructs.platform.shared_network import SharedNetwork, SharedNetworkProps
from facts.instance_classes import INSTANCE_CLASSES
from policies.grantee import PolicyDraft
from policies.statements import policy_document
from tenancy.addressing import PlatformAddresses, platform_addresses
from tenancy.containers import Confinement
from tenancy.names.environment import EnvironmentNames
from tenancy.owner import FARGATE_TAG, SILO_TAG, Owner
from tenancy.protection import KeyAdministration, Protection, Retention
from tenancy.specifications.fargate_tenant import DatabaseLimits, FargateTenantPlan
from tests.synthesis import ADMINISTRATOR, IMAGE, StackDocument, scratch

REGION = "eu-west-1"
"""Not the default: a region that is written into a construct would show."""
NAMES = EnvironmentNames(suffix="test")
SILO = Owner(tenant="acme-corp", tag=SILO_TAG, tags={}, names=NAMES.silo("acme-corp"))
FARGATE = Owner(
    tenant="acme-corp",
    tag=FARGATE_TAG,
    tags={FARGATE_TAG: "acme-corp", "cost_center": "acme-corp"},
    names=NAMES.fargate_tenant("acme-corp"),
)
PLATFORM = NAMES.platform
DISPOSABLE = Protection(disposable=Disposable(reason="A test holds nobody's data."))
PROTECTED = Protection(disposable=None)
ANYONE = KeyAdministration(administrators=(), deletion_window_days=7)
NAMED = KeyAdministration(administrators=(ADMINISTRATOR,), deletion_window_days=30)
RETENTION = Retention(logs=14, objects=None, noncurrent_versions=30, secret_recovery=7)
SMALL = INSTANCE_CLASSES["db.t3.medium"].value
LIMITS = DatabaseLimits(
    connections=11, statement_timeout=22, idle_in_transaction_timeout=33, idle_session_timeout=None
)
FARGATE_PLAN = FargateTenantPlan(
    owner=FARGATE,
    host="acme-corp.example.com",
    custom_hosts=(),
    custom_certificate=None,
    listener_priority=7,
    image=IMAGE,
    repository=None,
    confinement=Confinement(user="101:102", writable_folders=("/tmp", "/run")),
    egress=(),
    minimum_tasks=2,
    maximum_tasks=8,
    requests_per_task=700,
    large_bodies=False,
    web_acl_counts=False,
    database=LIMITS,
    monthly_budget=None,
    returning=False,
    backups=None,
    keys=ANYONE,
    protection=DISPOSABLE,
    retention=RETENTION,
)
ADDRESSES: PlatformAddresses = platform_addresses(IPv4Network("10.0.0.0/16"), zones=("a", "b"))
"""Two zones: the fewest that an Aurora cluster and a load balancer take."""


@dataclass(frozen=True)
class Surroundings:
    """A bare stack, and what a construct may need around it: each is created when a test first asks for it.

    Attributes:
        stack: with the AWS provider and nothing else.
    """

    stack: TerraformStack

    @cached_property
    def account(self) -> Account:
        return Account(self.stack, "account", AccountProps(region=REGION))

    @cached_property
    def key_policy(self) -> KeyPolicy:
        return KeyPolicy(account=self.account, administration=ANYONE)

    @cached_property
    def key(self) -> CustomerKey:
        """A key that nobody uses yet."""
        props = CustomerKeyProps(
            description="A key",
            alias="alias/a-key",
            policy=self.key_policy,
            statements=[],
            protection=DISPOSABLE,
        )
        return CustomerKey(self.stack, "key", props)

    @cached_property
    def log_group(self) -> EncryptedLogGroup:
        props = EncryptedLogGroupProps(name="/a/log-group", key=self.key, retention_days=14)
        return EncryptedLogGroup(self.stack, "log_group", props)

    @cached_property
    def vpc(self) -> ClosedVpc:
        return ClosedVpc(self.stack, "vpc", ClosedVpcProps(name="a-vpc", block=IPv4Network("10.0.0.0/16")))

    @cached_property
    def subnet(self) -> Subnet:
        return Subnet(self.stack, "subnet", vpc_id=self.vpc.identifier, cidr_block="10.0.0.0/24")

    @cached_property
    def security_group(self) -> NamedSecurityGroup:
        props = NamedSecurityGroupProps(name="a-group", description="A group", vpc=self.vpc)
        return NamedSecurityGroup(self.stack, "security_group", props)

    @cached_property
    def network(self) -> SharedNetwork:
        """The platform's network, in two zones."""
        props = SharedNetworkProps(names=PLATFORM, account=self.account, addresses=ADDRESSES)
        return SharedNetwork(self.stack, "network", props)

    @cached_property
    def database(self) -> AuroraCluster:
        props = AuroraClusterProps(
            names=PLATFORM,
            account=self.account,
            network=self.network,
            key=self.key,
            backup_days=1,
            log_retention_days=14,
            instance_class=SMALL,
            instances=1,
            insights=False,
            protection=DISPOSABLE,
        )
        return AuroraCluster(self.stack, "database", props)

    @cached_property
    def provisioner(self) -> DatabaseProvisioner:
        props = DatabaseProvisionerProps(
            names=PLATFORM,
            account=self.account,
            network=self.network,
            endpoints=None,
            role=self.role("provisioner_role"),
            key=self.key,
            database=self.database,
            packages=StackPackages(None),
            log_retention_days=14,
            protection=DISPOSABLE,
            erasures=(),
            traced=True,
        )
        return DatabaseProvisioner(self.stack, "provisioner", props)

    @cached_property
    def load_balancer(self) -> LoadBalancer:
        props = LoadBalancerProps(
            names=PLATFORM,
            network=self.network,
            block=ADDRESSES.block,
            certificate_arn=None,
            logs=None,
            protection=DISPOSABLE,
        )
        return LoadBalancer(self.stack, "load_balancer", props)

    @cached_property
    def cluster(self) -> EcsCluster:
        props = EcsClusterProps(names=PLATFORM, key=self.key, log_retention_days=14)
        return EcsCluster(self.stack, "cluster", props)

    @cached_property
    def function(self) -> LambdaFunction:
        """A function of the silo tenant."""
        return LambdaFunction(self.stack, "function", self.function_props())

    def function_props(self, **props: Any) -> LambdaFunctionProps:
        """The props of a function of the silo tenant, but for `props`."""
        given: dict[str, Any] = {
            "name": "a-function",
            "owner": SILO,
            "source": "tenant_api",
            "account": self.account,
            "role": self.role("function_role"),
            "log_group": "/aws/lambda/a-function",
            "log_retention_days": 14,
            "key": self.key,
            "packages": StackPackages(None),
            "subnets": (self.subnet,),
            "security_group": self.security_group,
            "dead_letter_queue_arn": None,
            "environment": {"TENANT_ID": SILO.tenant},
        }
        return LambdaFunctionProps(**{**given, **props})

    def role(self, id: str, service: str = "lambda.amazonaws.com") -> WorkloadRole:
        """A new role called like its construct, in hyphens."""
        return WorkloadRole(self.stack, id, ServiceRoleProps(name=id.replace("_", "-"), service=service))

    def output(self, id: str, value: str) -> None:
        """Have `value` in the document, read by `StackDocument.output`."""
        TerraformOutput(self.stack, id, value=value).override_logical_id(id)

    def grant(self, *grants: Callable[[PolicyDraft], None]) -> None:
        """Grant all of `grants` to a grantee that is no role, read by `StackDocument.granted`."""
        draft = PolicyDraft()
        for grant in grants:
            grant(draft)
        self.output("granted", policy_document(draft.statements))


def alone(build: Callable[[Surroundings], object]) -> StackDocument:
    """Return the document of a bare stack in which `build` creates a construct."""
    # An app creates its folder at once, though nothing is written here.
    stack = TerraformStack(App(outdir=str(scratch())), "alone")
    AwsProvider(stack, "aws", region=REGION)
    build(Surroundings(stack))
    return StackDocument("alone", json.loads(Testing.synth(stack)))
