"""Security group rules keep the prefix list that they name.

MiniStack drops it, so that the rule admits nothing and each plan wants to replace it.

AWS: API reference, EC2, `AuthorizeSecurityGroupEgress` (the `IpPermission` data type, PrefixListIds) and
`DescribeSecurityGroupRules` (the `SecurityGroupRule` data type, prefixListId).
"""

from collections.abc import Mapping
from typing import Any

from emulator.shims._patching import part, service, wrap

FIELD = "PrefixListIds"
OTHER_SOURCES = ("IpRanges", "Ipv6Ranges", "UserIdGroupPairs")


def apply() -> None:
    """Read the prefix lists of a request and show them in the rules."""
    ec2 = service("services.ec2")
    value = part(ec2, "_p")

    def parse(original: Any, request: Any, prefix: str) -> list[dict[str, Any]]:  # noqa: ANN401
        rules: list[dict[str, Any]] = original(request, prefix)
        for i, rule in enumerate(rules, start=1):
            j = 1
            while name := value(request, f"{prefix}.{i}.{FIELD}.{j}.PrefixListId"):
                description = value(request, f"{prefix}.{i}.{FIELD}.{j}.Description")
                entry = {"PrefixListId": name} | ({"Description": description} if description else {})
                rule[FIELD].append(entry)
                j += 1
        return rules

    wrap(ec2, "_parse_ip_permissions", parse)
    wrap(ec2, "_sg_rule_xml", _show)


def _show(original: Any, group: str, rule: Mapping[str, Any], is_egress: bool = False) -> str:  # noqa: ANN401, FBT001, FBT002
    text = str(original(group, rule, is_egress))
    # MiniStack shows one item for each other source, and one without a source where there is none.
    if not rule.get(FIELD) or any(rule.get(name) for name in OTHER_SOURCES):
        return text
    return "".join(
        text.replace("</toPort>", f"</toPort><prefixListId>{entry['PrefixListId']}</prefixListId>")
        for entry in rule[FIELD]
    )
