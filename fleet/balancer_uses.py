"""What is taken of each load balancer: rules, certificates, target groups and targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fleet.counting import REFERENCE, Use, nobodys, referred, tasks
from fleet.synthesized import Resource, SynthesizedStack


def _balancers(stack: SynthesizedStack) -> dict[str, str]:
    """Return the load balancer's id by the id of each of its listeners."""
    found = {
        name: referred(body.get("load_balancer_arn")) for name, body in stack.all("aws_lb_listener").items()
    }
    return {name: located[1] for name, located in found.items() if located}


def _balancer_of(balancers: Mapping[str, str], rule: Resource) -> str | None:
    listener = referred(rule.get("listener_arn"))
    return balancers.get(listener[1]) if listener else None


def _on(
    stack: SynthesizedStack, resource: Resource, balancer: str | None, least: int = 1, most: int = 1
) -> Use:
    """Return what `resource` takes of a load balancer; those that are nowhere in the stack count as one."""
    holder = f"{stack.id} {balancer or 'load balancer elsewhere'}"
    shared = nobodys(stack, ("aws_lb", balancer) if balancer else None)
    return Use(stack.owner(resource), least, most, holder, shared=shared)


def balancer_rules(stack: SynthesizedStack) -> Iterator[Use]:
    """Yield the rules of each load balancer's listeners."""
    balancers = _balancers(stack)
    for rule in stack.all("aws_lb_listener_rule").values():
        yield _on(stack, rule, _balancer_of(balancers, rule))


def balancer_certificates(stack: SynthesizedStack) -> Iterator[Use]:
    """Yield the certificates beside the listeners' own, which AWS does not count."""
    balancers = _balancers(stack)
    for certificate in stack.all("aws_lb_listener_certificate").values():
        yield _on(stack, certificate, _balancer_of(balancers, certificate))


def _balancers_of_groups(stack: SynthesizedStack) -> dict[str, set[str]]:
    """Return the load balancers' ids by the id of each target group that they forward to."""
    balancers = _balancers(stack)
    found: dict[str, set[str]] = {}
    forwarding = [
        (_balancer_of(balancers, rule), rule.get("action"))
        for rule in stack.all("aws_lb_listener_rule").values()
    ]
    forwarding += [
        (balancers.get(name), body.get("default_action"))
        for name, body in stack.all("aws_lb_listener").items()
    ]
    for balancer, action in forwarding:
        for kind, name in REFERENCE.findall(str(action)):
            if kind == "aws_lb_target_group" and balancer:
                found.setdefault(name, set()).add(balancer)
    return found


def target_groups(stack: SynthesizedStack) -> Iterator[Use]:
    """Yield the target groups of each load balancer, once for each that forwards to them."""
    balancers_of = _balancers_of_groups(stack)
    for name, group in stack.all("aws_lb_target_group").items():
        for balancer in sorted(balancers_of.get(name, ())) or [""]:
            yield _on(stack, group, balancer)


def targets(stack: SynthesizedStack) -> Iterator[Use]:
    """Yield the tasks of each load balancer's target groups, now and where scaling stops."""
    balancers_of = _balancers_of_groups(stack)
    for service, _, least, most in tasks(stack):
        for attached in service.get("load_balancer", ()):
            group = referred(attached.get("target_group_arn"))
            for balancer in sorted(balancers_of.get(group[1], ()) if group else ()) or [""]:
                yield _on(stack, service, balancer, least, most)
