"""The tenant answers nothing any more, before anything of it is gone; what is disabled can be enabled again.

A silo's functions get no concurrency, with which Lambda refuses each invocation
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html, "to throttle a function, set the reserved
concurrency to zero"). A Fargate tenant's service gets no task, and its scaling no more than that. Both are the tenant's
own: neither the account's other functions nor the shared load balancer and cluster see a change. The next deployment of
the stack would undo it, so no worker deploys it any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.retirement.context import Context, StepError, answered, identities
from fleet.retirement.record import Retirement


def look(context: Context, retirement: Retirement) -> dict[str, dict[str, str]]:
    """Return what the tenant has, by `stack/address`, as the states say.

    Raises:
        StepError: a state cannot be read, or holds nothing of the tenant.
    """
    found: dict[str, dict[str, str]] = {}
    for stack in retirement.stacks:
        with context.stack(stack) as initialized:
            found |= identities(stack, initialized.own(retirement.tenant))
    if not found:
        raise StepError(f"no state has anything of {retirement.tenant}: is it deployed in this environment?")
    return found


def disable(context: Context, retirement: Retirement) -> Mapping[str, Any]:
    """Take a silo's functions and a Fargate tenant's tasks away, and return how many of each there were.

    Raises:
        StepError: AWS refuses.
    """
    functions, services = 0, 0
    for name, identity in sorted(retirement.resources.items()):
        region = context.region(name.partition("/")[0])
        with answered(f"disabling {name}"):
            match identity["type"]:
                case "aws_lambda_function":
                    context.client("lambda", region).put_function_concurrency(
                        FunctionName=identity["id"], ReservedConcurrentExecutions=0
                    )
                    functions += 1
                case "aws_appautoscaling_target":
                    # Before the service: scaling would start tasks again.
                    context.client("application-autoscaling", region).register_scalable_target(
                        ServiceNamespace="ecs",
                        ResourceId=identity["id"],
                        ScalableDimension="ecs:service:DesiredCount",
                        MinCapacity=0,
                        MaxCapacity=0,
                    )
                case "aws_ecs_service":
                    cluster, service = identity["id"].split("/")[-2:]
                    context.client("ecs", region).update_service(
                        cluster=cluster, service=service, desiredCount=0
                    )
                    services += 1
    return {"functions": functions, "services": services}
