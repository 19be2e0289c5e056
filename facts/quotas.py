"""AWS's default quotas that the stacks meet: for one account, and one region where AWS counts by region.

Each figure was read again on 2026-11-27: on the page that its row names, or in the published tables of what
`aws service-quotas list-aws-default-service-quotas` prints; `make preflight` compares every figure that has a code with
what AWS says in the account.
CloudWatch's page says "No limit on the total number of alarms per account": alarms have no row here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from facts.sourced import Sourced


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What AWS gives an account by default.

    Attributes:
        service: code of the service, as Service Quotas names it.
        code: of the quota, as Service Quotas names it; `None` where that does not list it.
        name: what is counted, and in what: `rules per event bus`.
        default: how many.
        unit: of `default`: `count`, `GB`, `vCPU`, `addresses` or `requests per second`.
        adjustable: whether AWS raises it on request.
        maximum: to which it can be raised; `None` where AWS names none.
        by_region: other defaults, by region.
        raised_with: code of the quota of the same service that is to be raised instead; `None` for this one.
        new_account: what an account has that AWS does not know yet; `None` where that is the default.
    """

    service: str
    code: str | None
    name: str
    default: int
    unit: str = "count"
    adjustable: bool = True
    maximum: int | None = None
    by_region: Mapping[str, int] = field(default_factory=dict)
    raised_with: str | None = None
    new_account: int | None = None

    def value(self, region: str) -> int:
        """Return the default in `region`."""
        return self.by_region.get(region, self.default)


_CHECKED: Final = date(2026, 11, 27)
_VPC: Final = "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"
_ALB: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"
_AURORA: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html"
_LAMBDA: Final = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
_EVENTS: Final = "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html"
_COGNITO: Final = "https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html"
_LOGS: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html"


def _sourced(source: str, *quotas: Quota, checked: date = _CHECKED) -> dict[str, Sourced[Quota]]:
    return {quota.name: Sourced(value=quota, source=source, checked=checked) for quota in quotas}


QUOTAS: Final[Mapping[str, Sourced[Quota]]] = {
    **_sourced(
        _VPC,
        Quota(service="vpc", code="L-F678F1CE", name="VPCs per region", default=5),
        Quota(service="vpc", code="L-E79EC296", name="security groups per region", default=2_500),
        Quota(service="vpc", code="L-0EA8095F", name="rules per security group", default=60),
        Quota(service="vpc", code="L-DF5E4CA3", name="network interfaces per region", default=5_000),
        Quota(service="vpc", code="L-FE5A380F", name="NAT gateways per zone", default=5),
        # "To increase this quota, increase the quota for VPCs per Region."
        Quota(
            service="vpc",
            code="L-A4707A72",
            name="internet gateways per region",
            default=5,
            raised_with="L-F678F1CE",
        ),
        Quota(service="ec2", code="L-0263D0A3", name="elastic IP addresses per region", default=5),
    ),
    **_sourced(
        "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html",
        Quota(service="vpc", code="L-1B52E74A", name="gateway endpoints per region", default=20),
    ),
    **_sourced(
        "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html",
        Quota(
            service="vpc",
            code=None,
            name="private addresses",
            default=2**24 + 2**20 + 2**16,
            unit="addresses",
            adjustable=False,
        ),
    ),
    **_sourced(
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html",
        Quota(service="monitoring", code="L-DBD11BCC", name="contributor insights rules", default=100),
    ),
    **_sourced(
        _LAMBDA,
        Quota(
            service="lambda",
            code="L-B99A9384",
            name="concurrent executions per region",
            default=1_000,
            new_account=10,
        ),
        Quota(
            service="lambda", code="L-2ACBD22F", name="storage of functions and layers", default=75, unit="GB"
        ),
    ),
    **_sourced(
        _EVENTS,
        Quota(
            service="events",
            code="L-244521F2",
            name="rules per event bus",
            default=300,
            by_region={"af-south-1": 100, "eu-south-1": 100},
        ),
    ),
    **_sourced(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
        Quota(service="iam", code="L-FE177D64", name="roles per account", default=1_000, maximum=5_000),
    ),
    # Service Quotas lists none of them: AWS Support raises them.
    **_sourced(
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/aws-backup-limits.html",
        Quota(service="backup", code=None, name="backup vaults per region", default=300),
        Quota(service="backup", code=None, name="backup plans per region", default=300),
        Quota(service="backup", code=None, name="buckets that are backed up per account", default=100),
    ),
    **_sourced(
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html",
        Quota(
            service="apigateway",
            code="L-AA0FF27B",
            name="HTTP APIs per region",
            default=600,
            adjustable=False,
        ),
    ),
    **_sourced(
        _COGNITO,
        Quota(service="cognito-idp", code="L-66E6DF30", name="user pools per region", default=1_000),
    ),
    **_sourced(
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html",
        Quota(service="dynamodb", code="L-F98FE922", name="tables per region", default=2_500),
    ),
    **_sourced(
        "https://docs.aws.amazon.com/general/latest/gr/s3.html",
        Quota(service="s3", code="L-DC2B2D3D", name="buckets per account", default=10_000),
    ),
    **_sourced(
        _ALB,
        Quota(
            service="elasticloadbalancing",
            code="L-822D1B1B",
            name="target groups per load balancer",
            default=100,
            adjustable=False,
        ),
        Quota(
            service="elasticloadbalancing", code="L-53DA6B97", name="load balancers per region", default=50
        ),
        Quota(
            service="elasticloadbalancing", code="L-B22855CB", name="target groups per region", default=3_000
        ),
        Quota(service="elasticloadbalancing", code="L-7EED9B64", name="rules per load balancer", default=100),
        # Without the default certificate of each listener.
        Quota(
            service="elasticloadbalancing",
            code="L-9365A611",
            name="certificates per load balancer",
            default=25,
        ),
        Quota(
            service="elasticloadbalancing", code="L-7E6692B2", name="targets per load balancer", default=1_000
        ),
    ),
    **_sourced(
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html",
        Quota(service="fargate", code="L-3032A538", name="Fargate vCPUs per region", default=6, unit="vCPU"),
    ),
    **_sourced(
        _AURORA,
        Quota(service="rds", code="L-952B80B8", name="database clusters per region", default=40),
        Quota(
            service="rds",
            code="L-E4C808A8",
            name="cluster parameter groups per region",
            default=50,
            adjustable=False,
        ),
    ),
    # Builds of a rollout on AWS; five times as many wait for their turn. "Internal metrics" decide what an account has.
    **_sourced(
        "https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html",
        Quota(
            service="codebuild",
            code="L-9D07B6EF",
            name="concurrent builds on small Linux machines",
            default=1,
        ),
        checked=date(2026, 11, 28),
    ),
    **_sourced(
        _LOGS,
        Quota(
            service="logs", code=None, name="log resource policies per region", default=10, adjustable=False
        ),
    ),
}
"""By name: the numbers of things that an account holds at once."""

RATES: Final[Mapping[str, Sourced[Quota]]] = {
    **_sourced(
        "https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html",
        Quota(service="kms", code=None, name="CreateKey", default=5, unit="requests per second"),
    ),
    **_sourced(
        _LOGS,
        Quota(
            service="logs",
            code="L-D2832119",
            name="CreateLogGroup",
            default=10,
            unit="requests per second",
        ),
        Quota(
            service="logs",
            code=None,
            name="PutRetentionPolicy",
            default=5,
            unit="requests per second",
            adjustable=False,
        ),
    ),
    **_sourced(
        _COGNITO,
        Quota(
            service="cognito-idp",
            code=None,
            name="changes of user pools",
            default=15,
            unit="requests per second",
            adjustable=False,
        ),
    ),
    **_sourced(
        _EVENTS,
        Quota(
            service="events",
            code=None,
            name="changes of rules",
            default=50,
            unit="requests per second",
            adjustable=False,
        ),
    ),
}
"""By name: how fast an account may ask, which bounds how many tenants can be deployed at once."""
