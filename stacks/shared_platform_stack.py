"""The stack of the shared platform: what the Fargate tenants share, and what each of them has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cdktf import TerraformOutput

from config.naming import PlatformNaming
from config.profiles import Profile
from config.registry import Fargate, Platform
from constructs import Construct
from constructs.account import Account, AccountProps
from constructs.aurora_cluster import AuroraCluster, AuroraClusterProps
from constructs.customer_key import KeyAdministration
from constructs.database_provisioner import DatabaseProvisioner, DatabaseProvisionerProps
from constructs.ecs_cluster import EcsCluster, EcsClusterProps
from constructs.execution_role import ExecutionRole, ExecutionRoleProps
from constructs.fargate_tenant import FargateTenant, FargateTenantProps, SharedPlatform
from constructs.flow_logs import FlowLogs, FlowLogsProps
from constructs.load_balancer import LoadBalancer, LoadBalancerProps
from constructs.platform_key import PlatformKey, PlatformKeyProps
from constructs.platform_network import PlatformNetwork, PlatformNetworkProps
from constructs.private_endpoints import PrivateEndpoints, PrivateEndpointsProps
from constructs.web_acl import WebAcl, WebAclProps
from stacks.base import BaseStack, StackProps


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPlatformStackProps(StackProps):
    """The platform's share of the registry and of the settings.

    Attributes:
        naming: the platform's names.
        platform: what the registry says of it.
        tenants: the Fargate tenants by id.
    """

    naming: PlatformNaming
    platform: Platform
    tenants: Mapping[str, Fargate]

    @property
    def profile(self) -> Profile:
        """How the environment treats data, keys and logs."""
        return self.settings.profile


class SharedPlatformStack(BaseStack):
    """One network, database, load balancer and ECS cluster, and for each Fargate tenant what is its own."""

    def __init__(self, scope: Construct, id: str, props: SharedPlatformStackProps) -> None:
        naming, profile, platform = props.naming, props.profile, props.platform
        super().__init__(scope, id, props, tags={})
        account = Account(self, "account", AccountProps(region=props.settings.region))
        network = PlatformNetwork(
            self, "network", PlatformNetworkProps(naming=naming, account=account, block=platform.cidr)
        )
        administration = KeyAdministration(
            account=account,
            administrators=props.settings.key_administrator_arns,
            deletion_window_days=profile.key_deletion_window_days,
            unprotected=profile.unprotected,
        )
        provisioner_role = ExecutionRole(
            self, "provisioner_role", ExecutionRoleProps(name=naming.provisioner_role)
        )
        key = PlatformKey(
            self,
            "platform_key",
            PlatformKeyProps(
                alias=naming.key_alias,
                administration=administration,
                provisioner=provisioner_role.role,
                log_groups=(
                    naming.flow_log_group,
                    naming.database_log_group,
                    naming.provisioner_log_group,
                    naming.container_insights_log_group,
                ),
                functions=(naming.provisioner_function,),
            ),
        )
        FlowLogs(
            self,
            "flow_logs",
            FlowLogsProps(
                vpc=network.vpc,
                account=account,
                log_group=naming.flow_log_group,
                role=naming.flow_logs_role,
                key=key,
                retention_days=profile.log_retention_days,
            ),
        )
        if profile.private_endpoints:
            PrivateEndpoints(
                self,
                "endpoints",
                PrivateEndpointsProps(naming=naming, account=account, network=network, block=platform.cidr),
            )
        database = AuroraCluster(
            self,
            "database",
            AuroraClusterProps(
                naming=naming,
                account=account,
                network=network,
                key=key,
                backup_days=profile.database_backup_days,
                log_retention_days=profile.log_retention_days,
                reader=profile.database_reader,
                insights=profile.database_insights,
                unprotected=profile.unprotected,
            ),
        )
        provisioner = DatabaseProvisioner(
            self,
            "database_provisioner",
            DatabaseProvisionerProps(
                naming=naming,
                account=account,
                network=network,
                role=provisioner_role,
                key=key,
                database=database,
                log_retention_days=profile.log_retention_days,
                unprotected=profile.unprotected,
            ),
        )
        load_balancer = LoadBalancer(
            self,
            "load_balancer",
            LoadBalancerProps(
                naming=naming,
                network=network,
                block=platform.cidr,
                certificate_arn=platform.certificate_arn,
                unprotected=profile.unprotected,
            ),
        )
        if profile.web_acl:
            WebAcl(self, "web_acl", WebAclProps(naming=naming, load_balancer=load_balancer.load_balancer))
        cluster = EcsCluster(
            self,
            "ecs",
            EcsClusterProps(naming=naming, key=key, log_retention_days=profile.log_retention_days),
        )
        shared = SharedPlatform(
            account=account,
            network=network,
            load_balancer=load_balancer,
            cluster=cluster,
            database=database,
            provisioner=provisioner,
            key_administration=administration,
            domain=platform.domain,
        )
        self._output("vpc_id", network.vpc.id)
        self._output("alb_dns_name", load_balancer.load_balancer.dns_name)
        self._output("aurora_cluster_endpoint", database.cluster.endpoint)
        self._output("aurora_cluster_reader_endpoint", database.cluster.reader_endpoint)
        # Below a construct of their own: a tenant may be called `network`.
        tenants = Construct(self, "tenants")
        for tenant_id, fargate in props.tenants.items():
            names = naming.tenant(tenant_id)
            tenant = FargateTenant(
                tenants,
                tenant_id,
                FargateTenantProps(
                    naming=names,
                    fargate=fargate,
                    platform=shared,
                    log_retention_days=fargate.log_retention_days or profile.log_retention_days,
                    object_expiration_days=profile.object_expiration_days,
                    noncurrent_version_days=profile.noncurrent_version_days,
                    secret_recovery_window_days=profile.secret_recovery_window_days,
                ),
            )
            self._output(names.output("endpoint"), tenant.host)
            self._output(names.output("bucket"), tenant.bucket.bucket.bucket)
            self._output(names.output("db_connection"), tenant.database_connection)

    def _output(self, name: str, value: str) -> None:
        output = TerraformOutput(self, f"{name}_output", value=value)
        output.override_logical_id(name)
