"""Physical names of one Fargate tenant's resources."""

from __future__ import annotations

from dataclasses import dataclass

from tenancy.names.limits import (
    ALARM,
    BACKUP,
    BUDGET,
    DASHBOARD,
    ECS,
    IAM_ROLE,
    KMS_ALIAS,
    LOG_GROUP,
    RULE,
    S3,
    SECRET,
    SECURITY_GROUP,
    TARGET_GROUP,
    Limit,
    fitted,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FargateTenantNames:
    """Physical names of one tenant's resources on the shared platform.

    Their prefix is neither a silo tenant's nor the platform's own, so that a tenant in a silo and on the platform has
    two of each, and no tenant's id makes a name of the platform.

    Attributes:
        tenant: the tenant's id, a slug.
        suffix: the environment's suffix; no hyphen.
    """

    tenant: str
    suffix: str

    def _name(self, role: str, limit: Limit) -> str:
        return fitted(f"saas-platform-{self.tenant}-{role}-{self.suffix}", limit)

    @property
    def key_alias(self) -> str:
        """Alias of the tenant's key on the platform."""
        return fitted(f"alias/saas-platform-{self.tenant}-{self.suffix}", KMS_ALIAS)

    @property
    def data_bucket(self) -> str:
        """The tenant's bucket."""
        return self._name("data", S3)

    @property
    def task_role(self) -> str:
        """Role of the tenant's code."""
        return self._name("task-role", IAM_ROLE)

    @property
    def execution_role(self) -> str:
        """Role of the agent that starts the tenant's tasks."""
        return self._name("execution-role", IAM_ROLE)

    @property
    def task_family(self) -> str:
        """Family of the tenant's task definitions."""
        return self._name("task", ECS)

    @property
    def service(self) -> str:
        """The ECS service."""
        return self._name("service", ECS)

    @property
    def scaling_policy(self) -> str:
        """The policy that scales the service by its CPU."""
        return self._name("cpu", ECS)

    @property
    def requests_scaling_policy(self) -> str:
        """The policy that scales the service by its requests."""
        return self._name("requests", ECS)

    @property
    def security_group(self) -> str:
        """Security group of the tenant's tasks."""
        return self._name("sg", SECURITY_GROUP)

    @property
    def target_group(self) -> str:
        """Target group of the tenant's tasks: 32 characters, so the tenant's id comes first."""
        return fitted(f"{self.tenant}-{self.suffix}", TARGET_GROUP)

    @property
    def log_group(self) -> str:
        """Log group of the tenant's tasks."""
        return fitted(f"/ecs/tenant/{self.tenant}/{self.suffix}", LOG_GROUP)

    @property
    def database_secret(self) -> str:
        """Secret with the tenant's login to the database."""
        return fitted(f"rds/tenant/{self.tenant}/{self.suffix}/password", SECRET)

    @property
    def database_user(self) -> str:
        """Name of the tenant's role in PostgreSQL, and of its schema."""
        return f"tenant_{self.tenant.replace('-', '_')}"

    @property
    def backup_vault(self) -> str:
        """Vault of the backups of the tenant's bucket, and the plan and the selection that fill it."""
        return self._name("backups", BACKUP)

    @property
    def backup_role(self) -> str:
        """Role that AWS Backup makes the backups with."""
        return self._name("backup-role", IAM_ROLE)

    @property
    def budget(self) -> str:
        """What the tenant on the platform may cost a month."""
        return self._name("budget", BUDGET)

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
        """Dashboard of the tenant's alarms."""
        return self._name("dashboard", DASHBOARD)

    def alarm(self, role: str) -> str:
        """The alarm of the tenant on the platform with `role`, such as `target-5xx`."""
        return self._name(role, ALARM)

    def output(self, role: str) -> str:
        """Name of the stack's output for `role`, such as `endpoint`."""
        return f"{self.tenant}_{role}"
