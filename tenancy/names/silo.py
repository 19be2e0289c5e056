"""Physical names of one silo tenant's resources."""

from __future__ import annotations

from dataclasses import dataclass

from tenancy.names.limits import (
    ALARM,
    BACKUP,
    BUDGET,
    DASHBOARD,
    DYNAMODB,
    HTTP_API,
    IAM_ROLE,
    KMS_ALIAS,
    LAMBDA,
    LOG_GROUP,
    RULE,
    RULE_TARGET,
    S3,
    SECURITY_GROUP,
    SQS,
    TAG,
    USER_POOL,
    Limit,
    fitted,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiloNames:
    """Physical names of one silo tenant's resources.

    Attributes:
        tenant: the tenant's id, a slug.
        suffix: the environment's suffix; no hyphen.
    """

    tenant: str
    suffix: str

    def _name(self, role: str, limit: Limit) -> str:
        return fitted(f"tenant-{self.tenant}-{role}-{self.suffix}", limit)

    @property
    def stack(self) -> str:
        """The stack's id: what `cdktf deploy` takes, and the key of its state."""
        return f"tenant-{self.tenant}-{self.suffix}"

    @property
    def vpc(self) -> str:
        """Name tag of the VPC."""
        return self._name("vpc", TAG)

    def subnet(self, index: int) -> str:
        """Name tag of the subnet number `index` (0, 1)."""
        return self._name(f"subnet-{index}", TAG)

    @property
    def route_table(self) -> str:
        """Name tag of the private subnets' route table."""
        return self._name("routes", TAG)

    def endpoint(self, service: str) -> str:
        """Name tag of the VPC endpoint for `service`."""
        return self._name(f"endpoint-{service}", TAG)

    @property
    def security_group(self) -> str:
        """Security group of the functions and of the interface endpoints."""
        return self._name("sg", SECURITY_GROUP)

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
        """Alias of the tenant's key."""
        return fitted(f"alias/tenant-{self.tenant}-{self.suffix}", KMS_ALIAS)

    @property
    def data_bucket(self) -> str:
        """The tenant's bucket."""
        return self._name("data", S3)

    @property
    def log_bucket(self) -> str:
        """Bucket of the access log of the tenant's bucket."""
        return self._name("logs", S3)

    @property
    def metadata_table(self) -> str:
        """The tenant's table."""
        return self._name("metadata", DYNAMODB)

    @property
    def api_function(self) -> str:
        """Function behind the HTTP API."""
        return self._name("api", LAMBDA)

    @property
    def api_function_role(self) -> str:
        """Role of the function behind the HTTP API."""
        return self._name("lambda-role", IAM_ROLE)

    @property
    def provisioner_function(self) -> str:
        """Function that a signup event starts."""
        return self._name("provisioner", LAMBDA)

    @property
    def provisioner_function_role(self) -> str:
        """Role of the provisioner. Not `provisioner-lambda-role`: tenant `x-provisioner` would have it too."""
        return self._name("provisioner-role", IAM_ROLE)

    @property
    def functions_dlq(self) -> str:
        """Queue of events that a function failed on."""
        return self._name("functions-dlq", SQS)

    @property
    def events_dlq(self) -> str:
        """Queue of events that EventBridge could not deliver."""
        return self._name("events-dlq", SQS)

    @property
    def signup_rule(self) -> str:
        """EventBridge rule for this tenant's signups."""
        return self._name("signup-rule", RULE)

    @property
    def signup_target(self) -> str:
        """Id of the rule's target."""
        return fitted(f"tenant-{self.tenant}-lambda-target", RULE_TARGET)

    @property
    def http_api(self) -> str:
        """The HTTP API."""
        return self._name("http", HTTP_API)

    @property
    def user_pool(self) -> str:
        """Cognito user pool of the tenant's users."""
        return self._name("users", USER_POOL)

    @property
    def http_api_log_group(self) -> str:
        """Log group of the HTTP API's access log.

        API Gateway writes each log group into one resource policy of 5,120 characters, which a few dozen tenants fill;
        names below `/aws/vendedlogs/` are exempt
        (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html).
        """
        return fitted(f"/aws/vendedlogs/apigateway/{self.http_api}", LOG_GROUP)

    @property
    def backup_vault(self) -> str:
        """Vault of the backups of the tenant's bucket and table, and the plan and the selection that fill it."""
        return self._name("backups", BACKUP)

    @property
    def backup_role(self) -> str:
        """Role that AWS Backup makes the backups with."""
        return self._name("backup-role", IAM_ROLE)

    @property
    def budget(self) -> str:
        """What the tenant may cost a month."""
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
        """The alarm of the tenant with `role`, such as `http-5xx`."""
        return self._name(role, ALARM)

    @staticmethod
    def function_log_group(function: str) -> str:
        """Log group of the function named `function`."""
        return fitted(f"/aws/lambda/{function}", LOG_GROUP)

    def output(self, role: str) -> str:
        """Name of the stack's output for `role`, such as `tenant-endpoint`."""
        return f"{role}-{self.tenant}-{self.suffix}"
