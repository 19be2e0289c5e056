"""Physical names of what the Fargate tenants share."""

from __future__ import annotations

from dataclasses import dataclass

from tenancy.names.limits import (
    ALARM,
    BACKUP,
    DASHBOARD,
    ECS,
    IAM_ROLE,
    KMS_ALIAS,
    LAMBDA,
    LOAD_BALANCER,
    LOG_GROUP,
    RDS,
    RDS_GROUP,
    RULE,
    S3,
    SECURITY_GROUP,
    TAG,
    WEB_ACL,
    Limit,
    fitted,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformNames:
    """Physical names of what the Fargate tenants share.

    Attributes:
        suffix: the environment's suffix; no hyphen.
    """

    suffix: str

    def _name(self, role: str, limit: Limit) -> str:
        return fitted(f"shared-platform-{role}-{self.suffix}", limit)

    @property
    def stack(self) -> str:
        """The stack's id: what `cdktf deploy` takes, and the key of its state."""
        return f"shared-platform-{self.suffix}"

    @property
    def vpc(self) -> str:
        """Name tag of the VPC."""
        return self._name("vpc", TAG)

    @property
    def internet_gateway(self) -> str:
        """Name tag of the internet gateway."""
        return self._name("internet", TAG)

    def subnet(self, tier: str, zone: str) -> str:
        """Name tag of the `tier` (`public`, `private`) subnet in `zone` (a letter)."""
        return self._name(f"{tier}-{zone}", TAG)

    def route_table(self, tier: str) -> str:
        """Name tag of a route table: `public`, or `private-` and a zone."""
        return self._name(f"{tier}-routes", TAG)

    def nat_gateway(self, zone: str) -> str:
        """Name tag of the NAT gateway in `zone`, and of its address."""
        return self._name(f"nat-{zone}", TAG)

    def endpoint(self, service: str) -> str:
        """Name tag of the VPC endpoint for `service`."""
        return self._name(f"endpoint-{service}", TAG)

    @property
    def endpoints_security_group(self) -> str:
        """Security group of the interface endpoints."""
        return self._name("endpoints-sg", SECURITY_GROUP)

    @property
    def flow_log_group(self) -> str:
        """Log group of the VPC's flow logs."""
        return fitted(f"/aws/vpc/{self._name('flow-logs', LOG_GROUP)}", LOG_GROUP)

    @property
    def flow_logs_role(self) -> str:
        """Role that delivers flow logs."""
        return self._name("flow-logs-role", IAM_ROLE)

    @property
    def key_alias(self) -> str:
        """Alias of the platform's own key."""
        return fitted(f"alias/shared-platform-{self.suffix}", KMS_ALIAS)

    @property
    def load_balancer(self) -> str:
        """The load balancer."""
        return fitted(f"shared-platform-{self.suffix}", LOAD_BALANCER)

    @property
    def log_bucket(self) -> str:
        """Bucket of the access logs of the load balancer and of the tenants' buckets."""
        return self._name("logs", S3)

    @property
    def tenant_data_buckets(self) -> str:
        """Pattern of the tenants' buckets."""
        return f"saas-platform-*-data-{self.suffix}"

    @property
    def load_balancer_security_group(self) -> str:
        """Security group of the load balancer."""
        return self._name("alb-sg", SECURITY_GROUP)

    @property
    def web_acl(self) -> str:
        """The load balancer's web ACL, and the prefix of its metrics."""
        return self._name("waf", WEB_ACL)

    @property
    def web_acl_log_group(self) -> str:
        """Log group of the web ACL; AWS WAF takes no other beginning."""
        return fitted(f"aws-waf-logs-{self.web_acl}", LOG_GROUP)

    @property
    def ecs_cluster(self) -> str:
        """The ECS cluster."""
        return fitted(f"shared-platform-{self.suffix}", ECS)

    @property
    def container_insights_log_group(self) -> str:
        """Log group that ECS writes the cluster's performance to; the name is its own choice.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-reference-performance-logs-ECS.html
        """
        return fitted(f"/aws/ecs/containerinsights/{self.ecs_cluster}/performance", LOG_GROUP)

    @property
    def database_cluster(self) -> str:
        """The Aurora cluster."""
        return self._name("db", RDS)

    def database_instance(self, role: str) -> str:
        """The Aurora instance with `role` (`writer`, `reader`) at its creation."""
        return self._name(f"db-{role}", RDS)

    @property
    def database_final_snapshot(self) -> str:
        """Snapshot that is taken when the cluster is deleted."""
        return self._name("db-final", RDS)

    @property
    def database_subnet_group(self) -> str:
        """The cluster's subnet group."""
        return self._name("db", RDS_GROUP)

    def database_parameter_group(self, family: str) -> str:
        """Parameter group of the cluster for the engine `family`; each family has its own."""
        return self._name(f"db-{family}", RDS_GROUP)

    @property
    def database_security_group(self) -> str:
        """Security group of the cluster."""
        return self._name("db-sg", SECURITY_GROUP)

    @property
    def database_log_group(self) -> str:
        """Log group that Aurora exports its PostgreSQL log to; the name is its own choice.

        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.CloudWatch.html
        """
        return fitted(f"/aws/rds/cluster/{self.database_cluster}/postgresql", LOG_GROUP)

    @property
    def database_monitoring_role(self) -> str:
        """Role of enhanced monitoring."""
        return self._name("db-monitoring-role", IAM_ROLE)

    @property
    def provisioner_function(self) -> str:
        """Function that creates the tenants' database logins."""
        return self._name("db-provisioner", LAMBDA)

    @property
    def provisioner_role(self) -> str:
        """Role of the database provisioner."""
        return self._name("db-provisioner-role", IAM_ROLE)

    @property
    def provisioner_security_group(self) -> str:
        """Security group of the database provisioner."""
        return self._name("db-provisioner-sg", SECURITY_GROUP)

    @property
    def provisioner_log_group(self) -> str:
        """Log group of the database provisioner."""
        return fitted(f"/aws/lambda/{self.provisioner_function}", LOG_GROUP)

    @property
    def backup_vault(self) -> str:
        """Vault of the backups of the database, and the plan and the selection that fill it."""
        return self._name("backups", BACKUP)

    @property
    def backup_role(self) -> str:
        """Role that AWS Backup makes the backups with."""
        return self._name("backup-role", IAM_ROLE)

    @property
    def key_deletion_rule(self) -> str:
        """EventBridge rule for what ends the use of the key."""
        return self._name("key-deletion", RULE)

    @property
    def backup_failures_rule(self) -> str:
        """EventBridge rule for backups and copies that fail."""
        return self._name("backup-failures", RULE)

    @property
    def dashboard(self) -> str:
        """Dashboard of the alarms of what the Fargate tenants share."""
        return self._name("dashboard", DASHBOARD)

    def alarm(self, role: str) -> str:
        """The alarm of the platform with `role`, such as `database-cpu`."""
        return self._name(role, ALARM)

    @property
    def tenant_secrets(self) -> str:
        """Pattern of the names of all tenants' secrets in this environment."""
        return f"rds/tenant/*/{self.suffix}/password"

    @property
    def tenant_key_aliases(self) -> str:
        """Pattern of the aliases of all tenants' keys on this platform."""
        return f"alias/saas-platform-*-{self.suffix}"
