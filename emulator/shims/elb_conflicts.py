"""A load balancer, target group, listener or rule that exists is not made a second time.

MiniStack makes a second listener for a port and a second rule for a priority, which no state knows, and refuses the
creation of a load balancer or target group that is only sent again.

AWS: Elastic Load Balancing API reference, version 2015-12-01. CreateLoadBalancer, CreateTargetGroup and CreateListener
are idempotent: with the same settings each call succeeds, and with others they fail with DuplicateLoadBalancerName,
DuplicateTargetGroupName and DuplicateListener. CreateRule fails with PriorityInUse
(https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html).
"""

from collections.abc import Callable
from typing import Any

from emulator.shims._patching import part, service, wrap_action

Request = dict[str, Any]

UNIQUE = (
    ("CreateLoadBalancer", "_lbs", {"LoadBalancerName": "Name"}, "DuplicateLoadBalancerName"),
    ("CreateTargetGroup", "_tgs", {"TargetGroupName": "Name"}, "DuplicateTargetGroupName"),
    (
        "CreateListener",
        "_listeners",
        {"LoadBalancerArn": "LoadBalancerArn", "Port": "Port"},
        "DuplicateListener",
    ),
    ("CreateRule", "_rules", {"ListenerArn": "ListenerArn", "Priority": "Priority"}, "PriorityInUse"),
)
"""Per action: the table of what it makes, the parameters that identify one by field, and the error."""
SETTINGS = "created_with"
"""The field in which an entry of the tables keeps the request and the answer that made it."""


def apply() -> None:
    """Look for what the request would make, first."""
    elb = service("services.alb")
    value, error = part(elb, "_p"), part(elb, "_error")

    def once(action: str, entries: Any, identity: dict[str, str], code: str) -> Callable[..., Any]:  # noqa: ANN401
        def find(request: Request) -> dict[str, Any] | None:
            wanted = {field: value(request, parameter) for field, parameter in identity.items()}
            for entry in entries.values():
                if all(str(entry[field]) == text for field, text in wanted.items()):
                    found: dict[str, Any] = entry
                    return found
            return None

        def create(original: Any, request: Request) -> Any:  # noqa: ANN401
            existing = find(request)
            if existing is None:
                answer = original(request)
                made = find(request)
                if made is not None:
                    made[SETTINGS] = (dict(request), answer)
                return answer
            asked, answer = existing.get(SETTINGS, (None, None))
            if asked == request and action != "CreateRule":
                return answer
            which = " and ".join(f"{name} {value(request, name)}" for name in identity.values())
            return error(code, f"{which}: there is one already")

        return create

    for action, table, identity, code in UNIQUE:
        wrap_action(elb, "_ACTION_MAP", action, once(action, part(elb, table), identity, code))
