"""Rights on the own resource that reach another owner's by what the request names in an argument."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.isolation.holes.editing import (
    ACME,
    PLATFORM,
    RETAIL,
    RETAIL_ROLE,
    Documents,
    add,
    allow,
    arn,
    name_of,
    retail_policy,
)
from tests.isolation.holes.hole import A, G, Hole, R
from tests.isolation.holes.moved import named, of, reference

INITECH = "initech-llc"


def _own(documents: Documents, action: object, service: str, rest: str) -> None:
    allow(retail_policy(documents), action, arn(service, rest))


def _queue(documents: Documents, stack: str = RETAIL) -> str:
    return named(documents, stack, "aws_sqs_queue", "name")


def _function(documents: Documents) -> str:
    return f"function:{named(documents, RETAIL, 'aws_lambda_function', 'function_name', 'api_function')}"


def _of_task(
    documents: Documents, tenant: str, action: object, resources: str, condition: object = None
) -> None:
    more = {} if condition is None else {"Condition": condition}
    allow(of(documents, "aws_iam_role_policy", f"{tenant}_task_role"), action, resources, "policy", **more)


def _arn_of(documents: Documents, type_: str, tenant: str) -> str:
    return f"${{{type_}.{name_of(documents, PLATFORM, type_, f'tenants_{tenant}')}.arn}}"


# Queues


def the_own_queue_to_be_changed(documents: Documents) -> None:
    _own(documents, "sqs:SetQueueAttributes", "sqs", _queue(documents))


def everything_on_the_own_queue(documents: Documents) -> None:
    _own(documents, "*", "sqs", _queue(documents))


def all_but_sending_to_the_own_queue(documents: Documents) -> None:
    with_not = {"Sid": "Hole", "Effect": "Allow", "NotAction": "sqs:SendMessage"}
    body = retail_policy(documents)
    document = json.loads(body["policy"])
    document["Statement"].append({**with_not, "Resource": arn("sqs", _queue(documents))})
    body["policy"] = json.dumps(document)


def the_own_queue_to_be_changed_by_its_policy(documents: Documents) -> None:
    statement = {
        "Sid": "Hole",
        "Effect": "Allow",
        "Principal": {"AWS": RETAIL_ROLE},
        "Action": "sqs:SetQueueAttributes",
        "Resource": arn("sqs", "tenant-retail-co-mine"),
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    add(documents, RETAIL, "aws_sqs_queue", "mine", {"name": "tenant-retail-co-mine", "policy": policy})


def everything_of_queues_on_the_own_queue(documents: Documents) -> None:
    _own(documents, "sqs:*", "sqs", _queue(documents))


def a_new_queue(documents: Documents) -> None:
    _own(documents, "sqs:CreateQueue", "sqs", "tenant-retail-co-*")


def _take_from(documents: Documents, policy: Callable[[str], object]) -> None:
    """Let each queue of others' say which queues it takes messages of: `policy` of its own ARN."""
    for stack, document in documents.items():
        for name, body in document["resource"].get("aws_sqs_queue", {}).items():
            if stack != RETAIL:
                own = f"${{aws_sqs_queue.{name}.arn}}"
                body["redrive_allow_policy"] = policy(own)


def queues_that_say_which(documents: Documents) -> None:
    the_own_queue_to_be_changed(documents)
    said = {"redrivePermission": "byQueue"}
    _take_from(documents, lambda own: json.dumps({**said, "sourceQueueArns": [own]}))


def queues_that_take_none(documents: Documents) -> None:
    a_new_queue(documents)
    everything_on_the_own_queue(documents)
    _take_from(documents, lambda _: json.dumps({"redrivePermission": "denyAll"}))


def one_queue_says_it_takes_all(documents: Documents) -> None:
    queues_that_take_none(documents)
    body = documents[ACME]["resource"]["aws_sqs_queue"][name_of(documents, ACME, "aws_sqs_queue")]
    body["redrive_allow_policy"] = json.dumps({"redrivePermission": "allowAll"})


def queues_that_say_it_at_deployment(documents: Documents) -> None:
    the_own_queue_to_be_changed(documents)
    _take_from(documents, lambda _: "${var.redrive_allow_policy}")


# Services


def _service(tenant: str) -> str:
    return arn("ecs", f"service/{PLATFORM}/saas-platform-{tenant}-service-test")


def _family(tenant: str) -> str:
    return arn("ecs", f"task-definition/saas-platform-{tenant}-task-test:*")


def the_own_service_to_be_changed(documents: Documents) -> None:
    _of_task(documents, A, "ecs:UpdateService", _service(A))


def a_new_service(documents: Documents) -> None:
    _of_task(documents, A, "ecs:CreateService", arn("ecs", f"service/{PLATFORM}/acme-corp-*"))


def the_own_service_with_anothers_task(documents: Documents) -> None:
    condition = {"ArnLike": {"ecs:task-definition": _family(G)}}
    _of_task(documents, A, "ecs:UpdateService", _service(A), condition)


def the_own_service_with_the_own_task(documents: Documents) -> None:
    condition = {"ArnLikeIfExists": {"ecs:task-definition": _family(A)}}
    _of_task(documents, A, "ecs:UpdateService", _service(A), condition)


# Rules of a listener, and target groups


def the_own_rule_to_be_changed(documents: Documents) -> None:
    rule = _arn_of(documents, "aws_lb_listener_rule", A)
    _of_task(documents, A, "elasticloadbalancing:ModifyRule", rule)


def _last(documents: Documents, action: object) -> None:
    """Let the tenant whose rule comes last do `action` on it."""
    _of_task(documents, INITECH, action, _arn_of(documents, "aws_lb_listener_rule", INITECH))
    of(documents, "aws_lb_listener_rule", INITECH)["priority"] = 1000


def the_last_rule_to_be_put_first(documents: Documents) -> None:
    _last(documents, ["elasticloadbalancing:ModifyRule", "elasticloadbalancing:SetRulePriorities"])
    of(documents, "aws_lb_listener_rule", A)["priority"] = 500


def a_wide_rule_to_be_put_first(documents: Documents) -> None:
    _last(documents, "elasticloadbalancing:SetRulePriorities")
    of(documents, "aws_lb_listener_rule", A)["priority"] = 500
    rule = of(documents, "aws_lb_listener_rule", INITECH)
    rule["condition"] = [{"host_header": {"values": ["*.example.com"]}}]


def a_rule_of_which_the_place_is_not_known(documents: Documents) -> None:
    _last(documents, "elasticloadbalancing:ModifyRule")
    del of(documents, "aws_lb_listener_rule", INITECH)["priority"]


def the_last_rule_to_be_changed(documents: Documents) -> None:
    _last(documents, "elasticloadbalancing:ModifyRule")


def a_rule_for_the_own_host_to_be_put_first(documents: Documents) -> None:
    _last(documents, "elasticloadbalancing:SetRulePriorities")
    of(documents, "aws_lb_listener_rule", A)["priority"] = 500


def addresses_behind_the_own_rule(documents: Documents) -> None:
    group = _arn_of(documents, "aws_lb_target_group", A)
    _of_task(documents, A, "elasticloadbalancing:RegisterTargets", group)


def addresses_behind_a_load_balancer_that_is_somewhere(documents: Documents) -> None:
    addresses_that_no_load_balancer_reaches(documents)
    documents[PLATFORM]["resource"]["aws_lb"][name_of(documents, PLATFORM, "aws_lb")]["security_groups"] = [
        "${var.security_group}"
    ]


def addresses_that_no_load_balancer_reaches(documents: Documents) -> None:
    addresses_behind_the_own_rule(documents)
    rules = documents[PLATFORM]["resource"]["aws_vpc_security_group_ingress_rule"]
    for tenant in (G, INITECH):
        (name,) = (one for one in rules if tenant in one and "from_load_balancer" in one)
        del rules[name]


def the_own_load_balancer_to_be_changed(documents: Documents) -> None:
    """Let its access log be sent anywhere that load balancers of the account may write."""
    own = "loadbalancer/app/tenant-retail-co/*"
    _own(documents, "elasticloadbalancing:ModifyLoadBalancerAttributes", "elasticloadbalancing", own)


# Functions


def the_own_function_to_be_moved(documents: Documents) -> None:
    _own(documents, "lambda:UpdateFunctionConfiguration", "lambda", _function(documents))


def everything_on_the_own_function(documents: Documents) -> None:
    _own(documents, "*", "lambda", _function(documents))


def the_own_function_to_be_moved_by_its_policy(documents: Documents) -> None:
    body = {
        "action": "lambda:UpdateFunctionConfiguration",
        "function_name": reference(documents, RETAIL, "aws_lambda_function", "function_name", "api_function"),
        "principal": RETAIL_ROLE,
    }
    add(documents, RETAIL, "aws_lambda_permission", "hole", body)


def the_own_queue_to_be_read(documents: Documents) -> None:
    _own(documents, "sqs:GetQueueAttributes", "sqs", _queue(documents))


_MOVES = "takes messages from any queue"
_SETS, _MODIFIES = "sqs:setqueueattributes", "elasticloadbalancing:modifyrule"
HOLES = [
    Hole(the_own_queue_to_be_changed, R, A, "queue", _SETS, _MOVES),
    Hole(everything_on_the_own_queue, R, A, "queue", _SETS, _MOVES),
    Hole(all_but_sending_to_the_own_queue, R, A, "queue", _SETS, _MOVES),
    Hole(the_own_queue_to_be_changed_by_its_policy, R, A, "queue", _SETS, _MOVES),
    Hole(everything_of_queues_on_the_own_queue, R, A, "queue", _SETS, _MOVES),
    Hole(a_new_queue, R, A, "queue", "sqs:createqueue", _MOVES),
    Hole(one_queue_says_it_takes_all, R, A, "queue", "sqs:", _MOVES),
    Hole(the_own_service_to_be_changed, A, G, "task", "ecs:", "its taskDefinition may be"),
    Hole(a_new_service, A, G, "task", "ecs:createservice", "its taskDefinition may be"),
    Hole(the_own_service_with_anothers_task, A, G, "task", "ecs:updateservice", "globex-inc-task"),
    Hole(the_own_rule_to_be_changed, A, G, "balancer", _MODIFIES, "takes requests for its host"),
    Hole(the_last_rule_to_be_put_first, INITECH, A, "balancer", _MODIFIES, "takes requests for its host"),
    Hole(a_wide_rule_to_be_put_first, INITECH, A, "balancer", "elasticloadbalancing:setrule", "its host"),
    Hole(
        addresses_behind_the_own_rule,
        A,
        G,
        "network",
        "elasticloadbalancing:register",
        "in by shared-platform",
    ),
]
"""Found as VIOLATED."""

IN_PRODUCTION = [
    Hole(the_own_load_balancer_to_be_changed, R, "(platform)", "bucket", "s3:putobject", "WriteAccessLogs"),
]
"""The same, of what the profile production alone has."""

DOUBTS = [
    (queues_that_say_it_at_deployment, R, A, "queue"),
    (a_rule_of_which_the_place_is_not_known, INITECH, A, "balancer"),
    (addresses_behind_a_load_balancer_that_is_somewhere, A, G, "network"),
    (the_own_function_to_be_moved, R, A, "other"),
    (everything_on_the_own_function, R, A, "other"),
    (the_own_function_to_be_moved_by_its_policy, R, A, "other"),
]
"""Found as UNKNOWN, each with its cell."""

SAFE = [
    queues_that_say_which,
    queues_that_take_none,
    the_own_service_with_the_own_task,
    the_last_rule_to_be_changed,
    a_rule_for_the_own_host_to_be_put_first,
    addresses_that_no_load_balancer_reaches,
    the_own_queue_to_be_read,
]
