"""What is over a quota is refused.

MiniStack counts nothing. Optional: tests deploy more than a new account may have.

AWS, by quota: "Amazon VPC quotas" (VPCs, gateway endpoints), "Elastic IP addresses" (EC2 guide), "Amazon EventBridge
quotas" (rules per bus), "Configuring reserved concurrency for a function" (Lambda developer guide: 100 must remain
unreserved), "Quotas for your Application Load Balancers" (target groups), "CloudWatch Contributor Insights for
DynamoDB: How it works" (two rules a table, four with a sort key; beyond the quota enabling fails afterwards, with the
status FAILED).

Errors, as users report them (read 2026-11-28): `VpcLimitExceeded` (https://github.com/virt-s1/rhel-edge/issues/3947),
`LimitExceededException` of EventBridge (https://github.com/tmobile/pacbot/issues/253),
`InvalidParameterValueException` of Lambda with its message
(https://github.com/milliHQ/terraform-aws-next-js/issues/251) and `TooManyUniqueTargetGroupsPerLoadBalancer`
(https://github.com/DefangLabs/defang/issues/534). `VpcEndpointLimitExceeded` and `AddressLimitExceeded` are on EC2's
list of error codes (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html), of which no stored
copy was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulator import quotas
from emulator.quotas import applied
from emulator.refusals._requests import Request, Response, before, json_error
from emulator.shims._patching import part, service, wrap
from facts.quotas import Quota

UNRESERVED = 100


def apply() -> None:
    """Count before something is created."""
    for module, refuse in {
        "ec2": _of_ec2,
        "eventbridge": _of_events,
        "lambda_svc": _of_lambda,
        "alb": _of_balancers,
    }.items():
        before(service(f"services.{module}"), refuse)
    wrap(service("services.dynamodb"), "_update_contributor_insights", _of_insights)


def _of_ec2(request: Request) -> Response | None:
    ec2 = service("services.ec2")

    def gateways() -> int:
        found = part(ec2, "_vpc_endpoints").values()
        return sum(endpoint.get("VpcEndpointType", "Gateway") == "Gateway" for endpoint in found)

    counted: Mapping[str, tuple[Quota, Callable[[], int], str]] = {
        "CreateVpc": (quotas.VPCS, lambda: len(part(ec2, "_vpcs")), "VpcLimitExceeded"),
        "CreateVpcEndpoint": (quotas.GATEWAY_ENDPOINTS, gateways, "VpcEndpointLimitExceeded"),
        "AllocateAddress": (quotas.ADDRESSES, lambda: len(part(ec2, "_addresses")), "AddressLimitExceeded"),
    }
    if request.action not in counted:
        return None
    if request.parameter("VpcEndpointType") not in {"", "Gateway"}:
        return None
    quota, count, code = counted[request.action]
    if count() < applied(quota):
        return None
    made: Response = part(ec2, "_error")(code, _message(quota), 400)
    return made


def _of_events(request: Request) -> Response | None:
    if request.action != "PutRule":
        return None
    events = service("services.eventbridge")
    bus = request.json.get("EventBusName", "default").rpartition("/")[2]
    rules = part(events, "_rules")
    if part(events, "_rule_key")(request.json.get("Name"), bus) in rules:
        return None
    count = sum(rule.get("EventBusName", "default") == bus for rule in rules.values())
    over = count >= applied(quotas.RULES)
    return json_error("LimitExceededException", _message(quotas.RULES)) if over else None


def _of_lambda(request: Request) -> Response | None:
    segments = request.path.strip("/").split("/")
    if request.method != "PUT" or segments[-1] != "concurrency":
        return None
    functions = part(service("services.lambda_svc"), "_functions")
    name = segments[-2].rpartition(":")[2]
    others = sum(f.get("concurrency") or 0 for other, f in functions.items() if other != name)
    wanted = others + int(request.json.get("ReservedConcurrentExecutions") or 0)
    least = min(UNRESERVED, applied(quotas.CONCURRENCY))
    if wanted <= applied(quotas.CONCURRENCY) - least:
        return None
    return json_error(
        "InvalidParameterValueException",
        "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below "
        f"its minimum value of [{least}].",
    )


def _of_balancers(request: Request) -> Response | None:
    if request.action not in {"CreateRule", "CreateListener"}:
        return None
    alb = service("services.alb")
    listeners = part(alb, "_listeners")
    listener = listeners.get(request.parameter("ListenerArn")) or {}
    balancer = request.parameter("LoadBalancerArn") or listener.get("LoadBalancerArn")
    own = {arn for arn, found in listeners.items() if found["LoadBalancerArn"] == balancer}
    records = [listeners[arn].get("DefaultActions", []) for arn in own]
    records += [rule["Actions"] for rule in part(alb, "_rules").values() if rule["ListenerArn"] in own]
    used = {
        action["TargetGroupArn"] for actions in records for action in actions if "TargetGroupArn" in action
    }
    prefix = "Actions" if request.action == "CreateRule" else "DefaultActions"
    new = set(_target_groups(request, prefix)) - used
    if not new or len(used | new) <= applied(quotas.TARGET_GROUPS):
        return None
    code = "TooManyUniqueTargetGroupsPerLoadBalancer"
    made: Response = part(alb, "_error")(code, _message(quotas.TARGET_GROUPS))
    return made


def _target_groups(request: Request, prefix: str) -> Iterator[str]:
    number = 1
    while request.parameter(f"{prefix}.member.{number}.Type"):
        if found := request.parameter(f"{prefix}.member.{number}.TargetGroupArn"):
            yield found
        number += 1


def _of_insights(original: Any, asked: Mapping[str, Any]) -> Any:  # noqa: ANN401
    answer = original(asked)
    dynamodb = service("services.dynamodb")
    tables, insights = part(dynamodb, "_tables"), part(dynamodb, "_contributor_insights")
    key_of = part(dynamodb, "_ci_key")
    enabled = {"ENABLING", "ENABLED"}
    rules = {
        name: 2 * len(table["KeySchema"])
        for name, table in tables.items()
        if (insights.get(key_of(name, None)) or {}).get("ContributorInsightsStatus") in enabled
    }
    name = str(asked.get("TableName", "")).rpartition("/")[2]
    if name in rules and sum(rules.values()) > applied(quotas.INSIGHTS):
        insights[key_of(name, None)] |= {
            "ContributorInsightsStatus": "FAILED",
            "FailureException": {
                "ExceptionName": "LimitExceededException",
                "ExceptionDescription": _message(quotas.INSIGHTS),
            },
        }
    return answer


def _message(quota: Quota) -> str:
    return f"The maximum of {quota.name} has been reached: {applied(quota)}"
