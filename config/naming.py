"""All physical names, from one pure object.

Two rules keep tenants apart by name alone. A name is `tenant-{t}-{role}-{s}` with the suffix `{s}` free of hyphens,
and within one service no role's text ends with another's preceded by a hyphen: so tenant `x` can never make the
name of tenant `x-y`. And a name too long for its service keeps its head and ends in a hash of the whole.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What one AWS service admits as a name.

    Attributes:
        service: as a message names it.
        length: characters at most.
        pattern: of the whole name.
        source: AWS's page that says so.
    """

    service: str
    length: int
    pattern: str
    source: str


_DOCS: Final = "https://docs.aws.amazon.com"
S3: Final = Limit(
    service="S3 bucket",
    length=63,
    pattern=r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    source=f"{_DOCS}/AmazonS3/latest/userguide/bucketnamingrules.html",
)
IAM_ROLE: Final = Limit(
    service="IAM role",
    length=64,
    pattern=r"[\w+=,.@-]+",
    source=f"{_DOCS}/IAM/latest/APIReference/API_CreateRole.html",
)
LAMBDA: Final = Limit(
    service="Lambda function",
    length=64,
    pattern=r"[a-zA-Z0-9_-]+",
    source=f"{_DOCS}/lambda/latest/api/API_CreateFunction.html",
)
RULE: Final = Limit(
    service="EventBridge rule",
    length=64,
    pattern=r"[.\-_A-Za-z0-9]+",
    source=f"{_DOCS}/eventbridge/latest/APIReference/API_PutRule.html",
)
RULE_TARGET: Final = Limit(
    service="EventBridge target",
    length=64,
    pattern=r"[.\-_A-Za-z0-9]+",
    source=f"{_DOCS}/eventbridge/latest/APIReference/API_Target.html",
)
KMS_ALIAS: Final = Limit(
    service="KMS alias",
    length=256,
    pattern=r"alias/[a-zA-Z0-9/_-]+",
    source=f"{_DOCS}/kms/latest/APIReference/API_CreateAlias.html",
)
DYNAMODB: Final = Limit(
    service="DynamoDB table",
    length=255,
    pattern=r"[a-zA-Z0-9_.-]{3,}",
    source=f"{_DOCS}/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html",
)
SQS: Final = Limit(
    service="SQS queue",
    length=80,
    pattern=r"[a-zA-Z0-9_-]+",
    source=f"{_DOCS}/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html",
)
LOG_GROUP: Final = Limit(
    service="log group",
    length=512,
    pattern=r"[.\-_/#A-Za-z0-9]+",
    source=f"{_DOCS}/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html",
)
SECURITY_GROUP: Final = Limit(
    service="security group",
    length=255,
    pattern=r"(?!sg-)[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]+",
    source=f"{_DOCS}/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html",
)
TAG: Final = Limit(
    service="Name tag",
    length=256,
    pattern=r"[\w+\-=.:/@ ]+",
    source=f"{_DOCS}/tag-editor/latest/userguide/best-practices-and-strats.html",
)
HTTP_API: Final = Limit(
    service="HTTP API",
    length=128,
    pattern=r"[\w-]+",
    source=f"{_DOCS}/apigatewayv2/latest/api-reference/apis.html",
)
USER_POOL: Final = Limit(
    service="Cognito user pool",
    length=128,
    pattern=r"[\w\s+=,.@-]+",
    source=f"{_DOCS}/cognito-user-identity-pools/latest/APIReference/API_CreateUserPool.html",
)
LOAD_BALANCER: Final = Limit(
    service="load balancer",
    length=32,
    pattern=r"(?!internal-)[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?",
    source=f"{_DOCS}/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html",
)
TARGET_GROUP: Final = Limit(
    service="target group",
    length=32,
    pattern=r"[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?",
    source=f"{_DOCS}/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html",
)
ECS: Final = Limit(
    service="ECS cluster, service or task family",
    length=255,
    pattern=r"[a-zA-Z0-9_-]+",
    source=f"{_DOCS}/AmazonECS/latest/APIReference/API_CreateService.html",
)
RDS: Final = Limit(
    service="Aurora cluster, instance or snapshot",
    length=63,
    pattern=r"[a-z]([a-z0-9]|-(?!-))*[a-z0-9]",
    source=f"{_DOCS}/AmazonRDS/latest/APIReference/API_CreateDBCluster.html",
)
RDS_GROUP: Final = Limit(
    service="Aurora subnet or parameter group",
    length=255,
    pattern=r"[a-z]([a-z0-9]|-(?!-))*[a-z0-9]",
    source=f"{_DOCS}/AmazonRDS/latest/APIReference/API_CreateDBClusterParameterGroup.html",
)
SECRET: Final = Limit(
    service="secret",
    length=512,
    pattern=r"(?!.*-.{6}$)[a-zA-Z0-9/_+=.@-]+",
    source=f"{_DOCS}/secretsmanager/latest/apireference/API_CreateSecret.html",
)
WEB_ACL: Final = Limit(
    service="web ACL",
    length=128,
    pattern=r"[\w-]+",
    source=f"{_DOCS}/waf/latest/APIReference/API_CreateWebACL.html",
)
_HASH_CHARACTERS: Final = 8


def fitted(name: str, limit: Limit) -> str:
    """Return `name` as `limit` admits it: whole, or its head and a hash of the whole.

    Raises:
        ValueError: it holds characters that the service refuses; cutting does not help that.
    """
    if len(name) > limit.length:
        digest = hashlib.sha256(name.encode()).hexdigest()[:_HASH_CHARACTERS]
        name = f"{name[: limit.length - _HASH_CHARACTERS - 1].rstrip('-')}-{digest}"
    if not re.fullmatch(limit.pattern, name):
        raise ValueError(
            f"{limit.service}: received the name {name!r}, expected {limit.pattern} ({limit.source})"
        )
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantNaming:
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

    @staticmethod
    def function_log_group(function: str) -> str:
        """Log group of the function named `function`."""
        return fitted(f"/aws/lambda/{function}", LOG_GROUP)

    def output(self, role: str) -> str:
        """Name of the stack's output for `role`, such as `tenant-endpoint`."""
        return f"{role}-{self.tenant}-{self.suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FargateTenantNaming:
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
        """The policy that scales the service."""
        return self._name("cpu", ECS)

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

    def output(self, role: str) -> str:
        """Name of the stack's output for `role`, such as `endpoint`."""
        return f"{self.tenant}_{role}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformNaming:
    """Physical names of what the Fargate tenants share.

    Attributes:
        suffix: the environment's suffix; no hyphen.
    """

    suffix: str

    def _name(self, role: str, limit: Limit) -> str:
        return fitted(f"shared-platform-{role}-{self.suffix}", limit)

    def tenant(self, tenant: str) -> FargateTenantNaming:
        """Return the names of the Fargate tenant `tenant`."""
        return FargateTenantNaming(tenant=tenant, suffix=self.suffix)

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
    def load_balancer_security_group(self) -> str:
        """Security group of the load balancer."""
        return self._name("alb-sg", SECURITY_GROUP)

    @property
    def web_acl(self) -> str:
        """The web ACL before the load balancer, and the prefix of its metrics."""
        return self._name("waf", WEB_ACL)

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
        """Parameter group of the cluster for the engine `family`; another family is another group."""
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
        """Function that makes the tenants' database logins."""
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
    def tenant_secrets(self) -> str:
        """Pattern of the names of all tenants' secrets in this environment."""
        return f"rds/tenant/*/{self.suffix}/password"

    @property
    def tenant_key_aliases(self) -> str:
        """Pattern of the aliases of all tenants' keys on this platform."""
        return f"alias/saas-platform-*-{self.suffix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """Names of one environment: where each tenant's come from.

    Attributes:
        suffix: the environment's suffix.
    """

    suffix: str

    @property
    def platform(self) -> PlatformNaming:
        """The names of the shared platform."""
        return PlatformNaming(suffix=self.suffix)

    def tenant(self, tenant: str) -> TenantNaming:
        """Return the names of the silo tenant `tenant`."""
        return TenantNaming(tenant=tenant, suffix=self.suffix)

    @staticmethod
    def state_key(stack: str) -> str:
        """Return the object key of the state of `stack` in the state bucket."""
        return f"{stack}/terraform.tfstate"
