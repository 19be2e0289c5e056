"""The stack of one silo tenant: all that it has, and nothing that another has."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf import TerraformOutput

from config.naming import TenantNaming
from config.profiles import Profile
from config.registry import Silo
from constructs import Construct
from constructs.account import Account, AccountProps
from constructs.data_bucket import DataBucket, DataBucketProps
from constructs.dead_letter_queue import DeadLetterQueue, DeadLetterQueueProps
from constructs.execution_role import ExecutionRole, ExecutionRoleProps
from constructs.flow_logs import FlowLogs, FlowLogsProps
from constructs.http_api import HttpApi, HttpApiProps
from constructs.lambda_function import LambdaFunction, LambdaFunctionProps
from constructs.metadata_table import MetadataTable, MetadataTableProps
from constructs.signup_rule import EVENT_BUS, SignupRule, SignupRuleProps, statements_for_announcing
from constructs.tenant_key import TenantKey, TenantKeyProps
from constructs.tenant_network import TenantNetwork, TenantNetworkProps
from stacks.base import BaseStack, StackProps


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantStackProps(StackProps):
    """One tenant's share of the registry and of the settings.

    Attributes:
        naming: the tenant's names.
        silo: what the registry says of it.
    """

    naming: TenantNaming
    silo: Silo

    @property
    def profile(self) -> Profile:
        """How the environment treats data, keys and logs."""
        return self.settings.profile

    @property
    def log_retention_days(self) -> int:
        """The tenant's own retention, or the profile's."""
        return self.silo.log_retention_days or self.profile.log_retention_days

    @property
    def object_expiration_days(self) -> int | None:
        """The tenant's own expiration, or the profile's; `None` is never."""
        own = self.silo.object_expiration_days
        if own == "never":
            return None
        return self.profile.object_expiration_days if own is None else own


class TenantStack(BaseStack):
    """A silo: network, key, data, API and provisioning of one tenant."""

    def __init__(self, scope: Construct, id: str, props: TenantStackProps) -> None:
        naming, profile = props.naming, props.profile
        super().__init__(scope, id, props, tags={"TenantId": naming.tenant, "cost_center": naming.tenant})
        account = Account(self, "account", AccountProps(region=props.settings.region))
        network = TenantNetwork(
            self,
            "network",
            TenantNetworkProps(
                naming=naming,
                account=account,
                block=props.silo.cidr,
                interface_endpoints=props.silo.interface_endpoints,
            ),
        )
        api_role = ExecutionRole(self, "api_role", ExecutionRoleProps(name=naming.api_function_role))
        provisioner_role = ExecutionRole(
            self, "provisioner_role", ExecutionRoleProps(name=naming.provisioner_function_role)
        )
        key = TenantKey(
            self,
            "tenant_key",
            TenantKeyProps(
                tenant=naming.tenant,
                alias=naming.key_alias,
                account=account,
                users=(api_role.role, provisioner_role.role),
                log_groups=(
                    naming.flow_log_group,
                    naming.http_api_log_group,
                    naming.function_log_group(naming.api_function),
                    naming.function_log_group(naming.provisioner_function),
                ),
                rules=(naming.signup_rule,),
                functions=(naming.api_function, naming.provisioner_function),
                administrators=props.settings.key_administrator_arns,
                deletion_window_days=profile.key_deletion_window_days,
                unprotected=profile.unprotected,
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
                retention_days=props.log_retention_days,
            ),
        )
        bucket = DataBucket(
            self,
            "data_bucket",
            DataBucketProps(
                name=naming.data_bucket,
                tenant=naming.tenant,
                key=key,
                object_expiration_days=props.object_expiration_days,
                noncurrent_version_days=profile.noncurrent_version_days,
                unprotected=profile.unprotected,
            ),
        )
        table = MetadataTable(
            self,
            "metadata_table",
            MetadataTableProps(
                name=naming.metadata_table, tenant=naming.tenant, key=key, unprotected=profile.unprotected
            ),
        )
        network.admit_through("s3", bucket.statements_for_gateway())
        network.admit_through("dynamodb", table.statements_for_gateway())
        functions_dlq = DeadLetterQueue(
            self,
            "functions_dlq",
            DeadLetterQueueProps(name=naming.functions_dlq, tenant=naming.tenant, key=key),
        )
        api_function = LambdaFunction(
            self,
            "api_function",
            LambdaFunctionProps(
                name=naming.api_function,
                tenant=naming.tenant,
                source="tenant_api",
                account=account,
                role=api_role,
                log_group=naming.function_log_group(naming.api_function),
                log_retention_days=props.log_retention_days,
                key=key,
                subnets=tuple(network.subnets.values()),
                security_group=network.security_group,
                dead_letters=functions_dlq,
                environment={
                    "TENANT_ID": naming.tenant,
                    "DYNAMODB_TABLE": table.table.name,
                    "S3_BUCKET": bucket.bucket.bucket,
                    # The ARN: the bucket policy compares what an upload names with it, letter by letter.
                    "KMS_KEY_ID": key.arn,
                },
                statements=[
                    *table.statements_for_access(),
                    *bucket.statements_for_access(),
                    *key.statements_for_use(),
                    *functions_dlq.statements_for_function(),
                ],
                reserved_concurrency=props.silo.reserved_concurrency,
            ),
        )
        provisioner = LambdaFunction(
            self,
            "provisioner_function",
            LambdaFunctionProps(
                name=naming.provisioner_function,
                tenant=naming.tenant,
                source="tenant_provisioner",
                account=account,
                role=provisioner_role,
                log_group=naming.function_log_group(naming.provisioner_function),
                log_retention_days=props.log_retention_days,
                key=key,
                subnets=tuple(network.subnets.values()),
                security_group=network.security_group,
                dead_letters=functions_dlq,
                environment={
                    "TENANT_ID": naming.tenant,
                    "DYNAMODB_TABLE": table.table.name,
                    "EVENT_BUS_NAME": EVENT_BUS,
                },
                statements=[
                    *table.statements_for_access(),
                    *key.statements_for_use(),
                    *functions_dlq.statements_for_function(),
                    *statements_for_announcing(naming.tenant, account),
                ],
            ),
        )
        http_api = HttpApi(
            self,
            "http_api",
            HttpApiProps(
                naming=naming,
                function=api_function,
                authorization=props.silo.api_authorization,
                key=key,
                log_retention_days=props.log_retention_days,
                unprotected=profile.unprotected,
            ),
        )
        events_dlq = DeadLetterQueue(
            self, "events_dlq", DeadLetterQueueProps(name=naming.events_dlq, tenant=naming.tenant, key=key)
        )
        SignupRule(
            self,
            "signup_rule",
            SignupRuleProps(naming=naming, account=account, function=provisioner, dead_letters=events_dlq),
        )
        for role, value in {
            "tenant-endpoint": http_api.endpoint,
            "bucket-name": bucket.bucket.bucket,
            "table-arn": table.table.arn,
            "vpc-id": network.vpc.id,
        }.items():
            output = TerraformOutput(self, role.replace("-", "_"), value=value)
            output.override_logical_id(naming.output(role))
