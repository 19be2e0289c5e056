"""The Aurora PostgreSQL cluster that the Fargate tenants share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.db_subnet_group import DbSubnetGroup
from cdktf_cdktf_provider_aws.iam_role_policy_attachment import IamRolePolicyAttachment
from cdktf_cdktf_provider_aws.rds_cluster import RdsCluster
from cdktf_cdktf_provider_aws.rds_cluster_instance import RdsClusterInstance
from cdktf_cdktf_provider_aws.rds_cluster_parameter_group import RdsClusterParameterGroup
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.subnet import Subnet
from cdktf_cdktf_provider_aws.vpc_security_group_egress_rule import VpcSecurityGroupEgressRule
from cdktf_cdktf_provider_aws.vpc_security_group_ingress_rule import VpcSecurityGroupIngressRule

from constructs import Construct
from constructs.common.account import Account
from constructs.common.backup_rights import grant_backup_cluster
from constructs.common.customer_key import CustomerKey
from constructs.common.lifecycle import protected_lifecycle
from constructs.common.log_group import EncryptedLogGroup, EncryptedLogGroupProps
from constructs.common.service_role import ServiceRole, ServiceRoleProps
from constructs.common.vpc import NamedSecurityGroup, NamedSecurityGroupProps
from constructs.platform.cluster_parameters import cluster_parameters
from constructs.platform.shared_network import SharedNetwork
from facts.engines import ENGINE, MAJOR, PARAMETER_FAMILY
from facts.instance_classes import InstanceClass
from policies.conditions import from_source
from policies.grantee import Grantee
from policies.statements import Statement
from tenancy.names.platform import PlatformNames
from tenancy.protection import Protection

DATABASE: Final = "saasdb"
MASTER: Final = "platform_admin"
PORT: Final = 5432
MONITORING_SECONDS: Final = 60
INSIGHTS_DAYS: Final = 7
"""What Performance Insights keeps at no cost
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_PerfInsights.Overview.cost.html). Its console ended
on 2026-07-31; the API and these arguments go on, as the standard mode of Database Insights
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_PerfInsights.Enabling.html)."""
PROTECTED_ROLES: Final = ("writer", "reader")
"""Of instances at their creation: those that production always has."""
LOGS: Final = "postgresql"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuroraClusterProps:
    """Where the database lies, and how it is kept.

    Attributes:
        names: the platform's.
        account: of the cluster.
        network: whose private subnets it is in.
        key: encrypts its storage, backups, logs and its master's secret.
        backup_days: retention of automatic backups, 1 to 35.
        log_retention_days: as CloudWatch admits.
        instance_class: of all its instances, so that whichever becomes the writer holds as many connections.
        instances: a writer and its readers, spread over the network's availability zones.
        insights: whether enhanced monitoring and Performance Insights are on.
        protection: of the database; where it is disposable, no final snapshot is taken.
    """

    names: PlatformNames
    account: Account
    network: SharedNetwork
    key: CustomerKey
    backup_days: int
    log_retention_days: int
    instance_class: InstanceClass
    instances: int
    insights: bool
    protection: Protection


class AuroraCluster(Construct):
    """A cluster that accepts TLS only, from the security groups that were granted it; RDS keeps its master's password.

    Attributes:
        resource: the cluster.
        writer: its first instance: nothing can connect before it exists.
        security_group: whose rules say who connects.
    """

    def __init__(self, scope: Construct, id: str, props: AuroraClusterProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.security_group = self._create_security_group()
        self.resource = self._create_cluster()
        self._monitoring = self._create_monitoring_role() if props.insights else None
        subnets = cycle(props.network.private_subnets.values())
        self.writer, *_ = (
            self._create_instance(role, subnet)
            for role, subnet in zip(_roles(props.instances), subnets, strict=False)
        )

    @property
    def master_secret_arn(self) -> str:
        """ARN of the secret in which RDS keeps the master's password; known once the cluster exists."""
        return str(self.resource.master_user_secret.get(0).secret_arn)

    def grant_connect(
        self,
        scope: Construct,
        id: str,
        group: SecurityGroup,
        *,
        description: str,
        tags: Mapping[str, str] | None = None,
    ) -> VpcSecurityGroupIngressRule:
        """Let `group` connect, by a rule of its own that belongs to `scope`, and return the rule."""
        return VpcSecurityGroupIngressRule(
            scope,
            id,
            security_group_id=self.security_group.id,
            description=description,
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            referenced_security_group_id=group.id,
            tags=dict(tags) if tags else None,
        )

    def grant_backup(self, grantee: Grantee) -> None:
        """Let `grantee` back the cluster up."""
        grant_backup_cluster(grantee, self.resource.arn, self._props.account)

    def grant_reach(
        self,
        scope: Construct,
        id: str,
        group: SecurityGroup,
        *,
        tags: Mapping[str, str] | None = None,
    ) -> VpcSecurityGroupEgressRule:
        """Let what is in `group` open connections here, by a rule of its own that belongs to `scope`."""
        return VpcSecurityGroupEgressRule(
            scope,
            id,
            security_group_id=group.id,
            description="PostgreSQL to the cluster",
            ip_protocol="tcp",
            from_port=PORT,
            to_port=PORT,
            referenced_security_group_id=self.security_group.id,
            tags=dict(tags) if tags else None,
        )

    def grant_read_master_secret(self, grantee: Grantee) -> None:
        """Let `grantee` read the master's password."""
        grantee.add_to_policy(
            Statement(
                sid="ReadMasterSecret",
                actions=("secretsmanager:GetSecretValue",),
                resources=(self.master_secret_arn,),
            )
        )

    def _create_security_group(self) -> NamedSecurityGroup:
        """Create the group. The database opens no connection of its own; `grant_connect` says who connects."""
        return NamedSecurityGroup(
            self,
            "security_group",
            NamedSecurityGroupProps(
                name=self._props.names.database_security_group,
                description="Aurora PostgreSQL of the platform",
                vpc=self._props.network.vpc,
            ),
        )

    def _create_cluster(self) -> RdsCluster:
        props, names = self._props, self._props.names
        protected = props.protection.protected
        subnets = self._create_subnet_group()
        parameters = self._create_parameters()
        # Before the cluster: Aurora would create a group that never expires and is not encrypted.
        logs = EncryptedLogGroup(
            self,
            "log_group",
            EncryptedLogGroupProps(
                name=names.database_log_group, key=props.key, retention_days=props.log_retention_days
            ),
        )
        return RdsCluster(
            self,
            "cluster",
            cluster_identifier=names.database_cluster,
            engine=ENGINE,
            # The major alone: AWS chooses the minor and moves it forward, and the provider compares what is written
            # and no more (https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/rds_cluster).
            engine_version=MAJOR,
            database_name=DATABASE,
            master_username=MASTER,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=props.key.arn,
            storage_encrypted=True,
            kms_key_id=props.key.arn,
            db_subnet_group_name=subnets.name,
            db_cluster_parameter_group_name=parameters.name,
            vpc_security_group_ids=[self.security_group.id],
            backup_retention_period=props.backup_days,
            preferred_backup_window="03:00-04:00",
            preferred_maintenance_window="sun:05:00-sun:06:00",
            copy_tags_to_snapshot=True,
            enabled_cloudwatch_logs_exports=[LOGS],
            deletion_protection=protected,
            skip_final_snapshot=not protected,
            final_snapshot_identifier=names.database_final_snapshot if protected else None,
            # A change of the engine or of a static setting waits for the maintenance window where it would be felt.
            apply_immediately=not protected,
            lifecycle=protected_lifecycle(props.protection),
            depends_on=[logs],
        )

    def _create_subnet_group(self) -> DbSubnetGroup:
        return DbSubnetGroup(
            self,
            "subnet_group",
            name=self._props.names.database_subnet_group,
            description="Private subnets of the platform",
            subnet_ids=[subnet.id for subnet in self._props.network.private_subnets.values()],
        )

    def _create_parameters(self) -> RdsClusterParameterGroup:
        return RdsClusterParameterGroup(
            self,
            "parameters",
            name=self._props.names.database_parameter_group(PARAMETER_FAMILY),
            family=PARAMETER_FAMILY,
            description="TLS only, and statistics of statements",
            parameter=cluster_parameters(self._props.instance_class),
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )

    def _create_monitoring_role(self) -> tuple[ServiceRole, IamRolePolicyAttachment]:
        """Create enhanced monitoring's role, and the policy that must exist before it is used.

        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.Enabling.html
        """
        account, names = self._props.account, self._props.names
        instances = [
            account.arn("rds", f"db:{names.database_instance(role)}")
            for role in _roles(self._props.instances)
        ]
        role = ServiceRole(
            self,
            "monitoring_role",
            ServiceRoleProps(
                name=names.database_monitoring_role,
                service="monitoring.rds.amazonaws.com",
                trust=from_source(account.id, *instances),
            ),
        )
        policy = IamRolePolicyAttachment(
            self,
            "monitoring_policy",
            role=role.name,
            policy_arn=f"arn:{account.partition}:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
        )
        return role, policy

    def _create_instance(self, role: str, subnet: Subnet) -> RdsClusterInstance:
        props, monitoring = self._props, self._monitoring
        return RdsClusterInstance(
            self,
            role.replace("-", "_"),
            identifier=props.names.database_instance(role),
            cluster_identifier=self.resource.id,
            engine=ENGINE,
            instance_class=props.instance_class.name,
            db_subnet_group_name=self.resource.db_subnet_group_name,
            availability_zone=subnet.availability_zone,
            publicly_accessible=False,
            # The version is the cluster's; in its maintenance window AWS may move it to a later minor.
            auto_minor_version_upgrade=True,
            copy_tags_to_snapshot=True,
            monitoring_interval=MONITORING_SECONDS if monitoring else None,
            monitoring_role_arn=monitoring[0].arn if monitoring else None,
            performance_insights_enabled=True if props.insights else None,
            performance_insights_kms_key_id=props.key.arn if props.insights else None,
            performance_insights_retention_period=INSIGHTS_DAYS if props.insights else None,
            # Further readers come and go with the load; they hold no data of their own.
            lifecycle=protected_lifecycle(props.protection) if role in PROTECTED_ROLES else None,
            depends_on=[monitoring[1]] if monitoring else None,
        )


def _roles(instances: int) -> list[str]:
    """Return the instances' roles at their creation, which are in their addresses and names."""
    return [*PROTECTED_ROLES, *(f"reader-{number}" for number in range(2, instances))][:instances]
