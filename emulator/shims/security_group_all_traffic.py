"""A rule for all protocols is the same rule whatever ports a request names.

MiniStack compares the ports as well: the provider's request to revoke the rule that every new group has (all traffic
out) then finds none, and the group keeps a way out that the configuration does not have, without the description and
the tags of the rule that is made later.

AWS: API reference, EC2, the `IpPermission` data type (IpProtocol: with -1 all ports are meant, whatever range is
given) and `RevokeSecurityGroupEgress`.
"""

from typing import Any

from emulator.shims._patching import service, wrap

ALL_PROTOCOLS = "-1"


def apply() -> None:
    """Compare such rules without their ports."""
    wrap(service("services.ec2"), "_rules_match", _match)


def _match(original: Any, first: dict[str, Any], second: dict[str, Any]) -> bool:  # noqa: ANN401
    return bool(original(_without_ports(first), _without_ports(second)))


def _without_ports(rule: dict[str, Any]) -> dict[str, Any]:
    if rule.get("IpProtocol") != ALL_PROTOCOLS:
        return rule
    return {name: value for name, value in rule.items() if name not in {"FromPort", "ToPort"}}
