"""A rule that a security group has is not made again.

MiniStack answers with the rule that there is.

AWS: EC2 API reference, "Error codes for the Amazon EC2 API"
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html): InvalidPermission.Duplicate, "The
specified inbound or outbound rule already exists for that security group".
"""

from collections.abc import Callable
from typing import Any

from emulator.shims._patching import part, service, wrap_action

DIRECTIONS = (
    ("AuthorizeSecurityGroupIngress", "IpPermissions", False),
    ("AuthorizeSecurityGroupEgress", "IpPermissionsEgress", True),
)


def apply() -> None:
    """Compare the request with the group's rules."""
    ec2 = service("services.ec2")
    groups, value, error = part(ec2, "_security_groups"), part(ec2, "_p"), part(ec2, "_error")
    equal, id_of = part(ec2, "_rules_match"), part(ec2, "_sg_rule_id")

    def once(rules: str, *, egress: bool) -> Callable[..., Any]:
        def authorize(original: Any, request: Any) -> Any:  # noqa: ANN401
            name = value(request, "GroupId")
            # Looked up here: another shim makes it read prefix lists.
            asked = part(ec2, "_parse_ip_permissions")(request, "IpPermissions")
            for rule in asked if name in groups else ():
                rule.setdefault("SecurityGroupRuleId", id_of(name, egress, rule))
                if any(equal(rule, known) for known in groups[name][rules]):
                    message = "the specified rule already exists"
                    return error("InvalidPermission.Duplicate", message, 400)
            return original(request)

        return authorize

    for action, rules, egress in DIRECTIONS:
        wrap_action(ec2, "_ACTION_MAP", action, once(rules, egress=egress))
