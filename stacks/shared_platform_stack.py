"""The stack of the shared platform: what the Fargate tenants share, and what each of them has."""

from __future__ import annotations

from constructs import Construct
from constructs.common.account import Account, AccountProps
from constructs.common.alarms import AlarmProps
from constructs.common.backup_rights import backup_uses, create_backup_role
from constructs.common.backup_vault import BackupVault, BackupVaultProps
from constructs.common.customer_key import CustomerKey, CustomerKeyProps
from constructs.common.flow_logs import FlowLogs, FlowLogsProps
from constructs.common.key_policy import KeyPolicy
from constructs.common.log_bucket import LogBucket, LogBucketProps
from constructs.common.service_role import ServiceRoleProps
from constructs.common.workload_role import WorkloadRole
from constructs.fargate.fargate_tenant import FargateTenant, FargateTenantProps
from constructs.fargate.shared_platform import SharedPlatform
from constructs.platform.aurora_cluster import AuroraCluster, AuroraClusterProps
from constructs.platform.database_provisioner import DatabaseProvisioner, DatabaseProvisionerProps
from constructs.platform.ecs_cluster import EcsCluster, EcsClusterProps
from constructs.platform.load_balancer import LoadBalancer, LoadBalancerProps
from constructs.platform.platform_key import platform_key_statements
from constructs.platform.platform_watch import PlatformWatchProps, watch_platform
from constructs.platform.private_endpoints import PrivateEndpoints, PrivateEndpointsProps
from constructs.platform.shared_network import SharedNetwork, SharedNetworkProps
from constructs.platform.validated_certificate import ValidatedCertificate, ValidatedCertificateProps
from constructs.platform.web_acl import WebAcl, WebAclProps
from stacks.base import BaseStack
from tenancy.plans import PlatformPlan
from tenancy.specifications.certificates import IssuedCertificate


class SharedPlatformStack(BaseStack):
    """One network, database, load balancer and ECS cluster, and for each Fargate tenant what is its own."""

    def __init__(self, scope: Construct, id: str, props: PlatformPlan) -> None:
        super().__init__(scope, id, props)
        self._plan, self._names = props.specification, props.specification.names
        self._region = props.provider.region
        self._account = Account(self, "account", AccountProps(region=self._region))
        self._network = self._create_network()
        self._endpoints = self._create_endpoints() if self._plan.private_endpoints else None
        provisioner_role = self._create_provisioner_role()
        backup_role = self._create_backup_role()
        self._key = self._create_key(provisioner_role, backup_role)
        self._create_flow_logs()
        database = self._create_database()
        backup_alarms = self._create_backups(database, backup_role)
        provisioner = self._create_provisioner(provisioner_role, database)
        logs = self._create_log_bucket() if self._plan.access_logs else None
        certificate_arn = self._create_certificate()
        load_balancer = self._create_load_balancer(certificate_arn, logs)
        web_acl = self._create_web_acl(load_balancer)
        cluster = self._create_cluster()
        shared = SharedPlatform(
            account=self._account,
            network=self._network,
            endpoints=self._endpoints,
            database=database,
            provisioner=provisioner,
            load_balancer=load_balancer,
            cluster=cluster,
            alarm_topic_arn=self._plan.alarm_topic_arn,
            dashboards=self._plan.dashboards,
            logs=logs,
            collector=self._plan.collector,
        )
        watched = PlatformWatchProps(
            plan=props,
            key=self._key,
            database=database,
            load_balancer=load_balancer,
            web_acl=web_acl,
            provisioner=provisioner,
            backups=backup_alarms,
        )
        watch_platform(self, watched)
        self._create_outputs(shared)
        self._create_tenants(shared)
        self._create_erasures(provisioner)

    def _create_network(self) -> SharedNetwork:
        props = SharedNetworkProps(names=self._names, account=self._account, addresses=self._plan.addresses)
        return SharedNetwork(self, "network", props)

    def _create_endpoints(self) -> PrivateEndpoints:
        props = PrivateEndpointsProps(
            names=self._names,
            account=self._account,
            network=self._network,
            block=self._plan.addresses.block,
            other_registries=self._plan.other_registries,
            traces=self._plan.collector is not None,
        )
        return PrivateEndpoints(self, "endpoints", props)

    def _create_provisioner_role(self) -> WorkloadRole:
        """Create the database provisioner's role, which the keys' policies name."""
        props = ServiceRoleProps(name=self._names.provisioner_role, service="lambda.amazonaws.com")
        return WorkloadRole(self, "provisioner_role", props)

    def _create_backup_role(self) -> WorkloadRole | None:
        """Create the role of the database's backups, which the key's policy names."""
        if self._plan.backups is None:
            return None
        return create_backup_role(self, "backup_role", name=self._names.backup_role, account=self._account)

    def _create_key(self, provisioner: WorkloadRole, backup: WorkloadRole | None) -> CustomerKey:
        policy = KeyPolicy(account=self._account, administration=self._plan.keys)
        return CustomerKey(
            self,
            "platform_key",
            CustomerKeyProps(
                description="Database and logs of the shared platform",
                alias=self._names.key_alias,
                policy=policy,
                statements=platform_key_statements(
                    policy, self._names, provisioner, backup=backup, web_acl=self._plan.web_acl
                ),
                protection=self._plan.protection,
            ),
        )

    def _create_flow_logs(self) -> None:
        FlowLogs(
            self,
            "flow_logs",
            FlowLogsProps(
                vpc=self._network.vpc,
                account=self._account,
                log_group=self._names.flow_log_group,
                role=self._names.flow_logs_role,
                key=self._key,
                retention_days=self._plan.retention.logs,
            ),
        )

    def _create_database(self) -> AuroraCluster:
        return AuroraCluster(
            self,
            "database",
            AuroraClusterProps(
                names=self._names,
                account=self._account,
                network=self._network,
                key=self._key,
                backup_days=self._plan.database_backup_days,
                log_retention_days=self._plan.retention.logs,
                instance_class=self._plan.database_instance_class,
                instances=self._plan.database_instances,
                insights=self._plan.database_insights,
                protection=self._plan.protection,
            ),
        )

    def _create_backups(self, database: AuroraCluster, role: WorkloadRole | None) -> list[AlarmProps]:
        """Create the database's backups where there are any, and return their alarms.

        Each tenant's bucket has its own backups (docs/decisions/0025).
        """
        backups = self._plan.backups
        if backups is None or role is None:
            return []
        database.grant_backup(role)
        for use in backup_uses(self._account, "rds"):
            self._key.grant_use(role, use)
        vault = BackupVault(
            self,
            "backups",
            BackupVaultProps(
                name=self._names.backup_vault,
                account=self._account,
                key=self._key,
                role=role,
                resources=(database.resource.arn,),
                backups=backups,
                protection=self._plan.protection,
            ),
        )
        names, topic = self._names, self._plan.alarm_topic_arn
        if topic is None:
            return []
        return vault.create_alarms(alarm=names.alarm, rule=names.backup_failures_rule, topic_arn=topic)

    def _create_provisioner(self, role: WorkloadRole, database: AuroraCluster) -> DatabaseProvisioner:
        return DatabaseProvisioner(
            self,
            "database_provisioner",
            DatabaseProvisionerProps(
                names=self._names,
                account=self._account,
                network=self._network,
                endpoints=self._endpoints,
                role=role,
                key=self._key,
                database=database,
                packages=self.packages,
                log_retention_days=self._plan.retention.logs,
                protection=self._plan.protection,
                erasures=self._plan.erasures,
                traced=self._plan.traced_functions,
            ),
        )

    def _create_certificate(self) -> str | None:
        """Return the ARN of the load balancer's certificate, which is issued first where none is given."""
        certificate = self._plan.certificate
        if not isinstance(certificate, IssuedCertificate):
            return certificate.arn if certificate else None
        props = ValidatedCertificateProps(
            domain=certificate.domain, wildcard=True, hosted_zone_id=certificate.hosted_zone_id
        )
        return ValidatedCertificate(self, "certificate", props).arn

    def _create_log_bucket(self) -> LogBucket:
        return LogBucket(
            self,
            "log_bucket",
            LogBucketProps(
                name=self._names.log_bucket,
                account=self._account,
                retention_days=self._plan.retention.logs,
                protection=self._plan.protection,
                load_balancers=True,
                # A pattern: a tenant that comes or leaves changes nothing here.
                buckets=self._names.tenant_data_buckets,
            ),
        )

    def _create_load_balancer(self, certificate_arn: str | None, logs: LogBucket | None) -> LoadBalancer:
        return LoadBalancer(
            self,
            "load_balancer",
            LoadBalancerProps(
                names=self._names,
                network=self._network,
                block=self._plan.addresses.block,
                certificate_arn=certificate_arn,
                logs=logs,
                protection=self._plan.protection,
            ),
        )

    def _create_web_acl(self, load_balancer: LoadBalancer) -> WebAcl | None:
        if not self._plan.web_acl:
            return None
        props = WebAclProps(
            names=self._names,
            load_balancer=load_balancer.resource,
            requests_per_address=self._plan.requests_per_address,
            domain=self._plan.domain,
            key=self._key,
            log_retention_days=self._plan.retention.logs,
            custom_hosts={plan.owner.tenant: plan.custom_hosts for plan in self._plan.tenants},
            large_bodies=tuple(plan.owner.tenant for plan in self._plan.tenants if plan.large_bodies),
            counting=tuple(plan.owner.tenant for plan in self._plan.tenants if plan.web_acl_counts),
        )
        return WebAcl(self, "web_acl", props)

    def _create_cluster(self) -> EcsCluster:
        props = EcsClusterProps(
            names=self._names, key=self._key, log_retention_days=self._plan.retention.logs
        )
        return EcsCluster(self, "ecs", props)

    def _create_outputs(self, shared: SharedPlatform) -> None:
        database = shared.database.resource
        for name, value in {
            "vpc_id": shared.network.vpc.identifier,
            "alb_dns_name": shared.load_balancer.resource.dns_name,
            "aurora_cluster_endpoint": database.endpoint,
            "aurora_cluster_reader_endpoint": database.reader_endpoint,
        }.items():
            self._output(f"{name}_output", name, value)

    def _create_tenants(self, shared: SharedPlatform) -> None:
        # Below a construct of their own: a tenant may be called `network`.
        tenants = Construct(self, "tenants")
        for plan in self._plan.tenants:
            tenant = FargateTenant(tenants, plan.owner.tenant, FargateTenantProps(plan=plan, platform=shared))
            for role, value in {
                "endpoint": plan.host,
                "bucket": tenant.bucket.name,
                "db_connection": tenant.database_connection,
            }.items():
                name = plan.owner.names.output(role)
                self._output(f"{name}_output", name, value)

    def _create_erasures(self, provisioner: DatabaseProvisioner) -> None:
        """Erase what the registry says of tenants that left."""
        erasures = Construct(self, "erasures")
        for tenant in self._plan.erasures:
            provisioner.create_erasure(erasures, tenant, tenant=tenant)
