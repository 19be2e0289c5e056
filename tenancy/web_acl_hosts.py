"""The hosts that the platform's web ACL tells apart, and the capacity that telling them apart takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from config.problems import ConfigurationError, Problem
from facts.web_acl_units import BASE_UNITS, GROUP_UNITS, MOST_UNITS, TRANSFORMATION_UNITS
from tenancy.specifications.fargate_tenant import FargateTenantPlan
from tenancy.specifications.platform import PlatformSpecification

MANAGED_RULES: Final = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
)
"""The managed groups that the web ACL applies."""
REGEX_CHARACTERS: Final = 512
"""https://docs.aws.amazon.com/waf/latest/developerguide/limits.html"""
_DOT: Final = r"\."


def patterns_of(
    tenants: tuple[str, ...], domain: str, custom_hosts: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Return patterns of all hosts of `tenants`: those below `domain`, and their `custom_hosts`, by tenant id."""
    custom = [host for tenant in tenants for host in custom_hosts.get(tenant, ())]
    exactly = [rf"^{host.replace('.', _DOT)}(:[0-9]+)?$" for host in custom]
    return [*host_patterns(tenants, domain), *exactly]


def host_patterns(tenants: tuple[str, ...], domain: str) -> list[str]:
    """Return patterns of the hosts of `tenants` and of those below, each as short as AWS WAF takes it."""
    patterns: list[str] = []
    group: list[str] = []
    for tenant in tenants:
        if group and len(_pattern([*group, tenant], domain)) > REGEX_CHARACTERS:
            patterns.append(_pattern(group, domain))
            group = []
        group.append(tenant)
    return [*patterns, _pattern(group, domain)] if group else []


def _pattern(tenants: list[str], domain: str) -> str:
    below = domain.replace(".", _DOT)
    return rf"^([^.]+\.)*({'|'.join(tenants)})\.{below}(:[0-9]+)?$"


def units(*, counting: int, large_bodies: int) -> int:
    """Return the capacity units of the web ACL: `facts.web_acl_units.capacity` of its rules, without the rules.

    Args:
        counting: patterns of hosts whose requests the managed groups only count; each group is then in the web ACL
            twice.
        large_bodies: patterns of hosts that take bodies of any size.
    """
    pattern = BASE_UNITS.value["regex_match"] + TRANSFORMATION_UNITS
    managed = sum(GROUP_UNITS.value[group] for group in MANAGED_RULES)
    if counting:
        managed = 2 * (managed + len(MANAGED_RULES) * counting * pattern)
    own = BASE_UNITS.value["rate_based"] + BASE_UNITS.value["size_constraint"]
    return own + managed + large_bodies * pattern


def check_capacity(platform: PlatformSpecification) -> None:
    """Refuse more hosts that the web ACL tells apart than it has capacity for.

    Raises:
        ConfigurationError: with the units that they take and those that AWS gives.
    """
    if not platform.web_acl:
        return
    counting = _patterns(platform, [plan for plan in platform.tenants if plan.web_acl_counts])
    large = _patterns(platform, [plan for plan in platform.tenants if plan.large_bodies])
    taken = units(counting=counting, large_bodies=large)
    if taken > MOST_UNITS.value:
        received = f"{taken} capacity units of the web ACL"
        expected = (
            f"at most {MOST_UNITS.value}, which AWS gives a web ACL: fewer tenants with 'web_acl_counts' ({counting} "
            f"patterns of hosts) or 'large_bodies' ({large}), or fewer 'custom_hosts' of theirs"
        )
        raise ConfigurationError([Problem(where="tenants", received=received, expected=expected)])


def _patterns(platform: PlatformSpecification, plans: list[FargateTenantPlan]) -> int:
    custom = {plan.owner.tenant: plan.custom_hosts for plan in plans}
    return len(patterns_of(tuple(custom), platform.domain, custom))
