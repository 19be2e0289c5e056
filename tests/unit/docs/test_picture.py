"""The README's picture of the architecture, compared with what is synthesized: the snapshots, which hold it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from facts.stateful import STATEFUL

ROOT = Path(__file__).resolve().parents[3]
(PICTURE,) = re.findall(r"```mermaid\n(.+?)```", (ROOT / "README.md").read_text(), re.DOTALL)
GLUE = 3
"""Resources that may be between two of the picture, such as an integration between an API and a function."""

SILO = {
    "api": ("aws_apigatewayv2_api.",),
    "pool": ("aws_cognito_user_pool.", "aws_cognito_user_pool_client."),
    "rule": ("aws_cloudwatch_event_rule.signup_rule",),
    "vpc": ("aws_vpc.",),
    "fn": ("aws_lambda_function.api_function",),
    "prov": ("aws_lambda_function.provisioner_function",),
    "s3": ("aws_s3_bucket.data_bucket",),
    "ddb": ("aws_dynamodb_table.",),
    "dlq": ("aws_sqs_queue.",),
    "logs": ("aws_cloudwatch_log_group.",),
    "key": ("aws_kms_key.",),
}
PLATFORM = {
    "alb": ("aws_lb.",),
    "svc": ("aws_ecs_service.", "aws_ecs_task_definition.", "aws_ecs_cluster."),
    "own": ("aws_s3_bucket.tenants", "aws_secretsmanager_secret.tenants", "aws_cloudwatch_log_group.tenants"),
    "ownkey": ("aws_kms_key.tenants",),
    "db": ("aws_rds_cluster.", "aws_rds_cluster_instance."),
    "dbp": ("aws_lambda_function.database_provisioner",),
}
"""Resources by the picture's node: how their addresses begin."""
PEOPLE = {"client", "signup", "browser"}
NOT_SHOWN = {
    "aws_backup_vault": "production's alone",
    "aws_eip": "of the gateways to the internet",
    "aws_vpc": "the platform's, which everything there is in",
}
"""Stateful types that the picture of the platform or of production leaves out, with the reason."""
STACKS = [("silo", "tenant", SILO), ("platform", "shared-platform", PLATFORM)]


def drawn(name: str) -> tuple[set[str], set[tuple[str, str]]]:
    """The nodes and the edges of a subgraph, people left out."""
    body = PICTURE.split(f"  subgraph {name} [")[1].split("\n  end\n")[0]
    edges = set(re.findall(r"^ +(\w+) (?:-->|-\.encrypts\.-)(?:\|[^|]+\|)? (\w+)$", body, re.MULTILINE))
    nodes = set(re.findall(r"^ +(?:subgraph )?(\w+) ?[\[({]", body, re.MULTILINE))
    return nodes - PEOPLE, {edge for edge in edges if not set(edge) & PEOPLE}


@cache
def references(stack: str) -> Mapping[str, frozenset[str]]:
    """By address, what a resource of a snapshot refers to, or is referred to by."""
    resources = json.loads((ROOT / "tests" / "snapshots" / f"{stack}.json").read_text())["resource"]
    found: defaultdict[str, set[str]] = defaultdict(set)
    for type_, named in resources.items():
        for name, arguments in named.items():
            address = f"{type_}.{name}"
            found[address] |= set()
            for other in re.findall(r"\$\{(aws_\w+\.[\w-]+)", json.dumps({**arguments, "depends_on": None})):
                if other != address:
                    found[address].add(other)
                    found[other].add(address)
    return {address: frozenset(others) for address, others in found.items()}


def of_node(stack: str, beginnings: tuple[str, ...]) -> frozenset[str]:
    return frozenset(address for address in references(stack) if address.startswith(beginnings))


def joined(stack: str, nodes: Mapping[str, tuple[str, ...]], one: str, other: str) -> bool:
    """Whether references lead from one node to the other without passing a third, or a role, on their way."""
    shown = {address for name in nodes for address in of_node(stack, nodes[name])}
    reached, goal = set(of_node(stack, nodes[one])), of_node(stack, nodes[other])
    edge = set(reached)
    for _ in range(GLUE + 1):
        edge = {further for address in edge for further in references(stack)[address]} - reached
        if edge & goal:
            return True
        reached |= edge
        passing = re.compile(r"aws_(iam_role|subnet|security_group|route_table|vpc)\b")
        edge = {address for address in edge if address not in shown and not passing.match(address)}
    return False


@pytest.mark.parametrize(("name", "stack", "nodes"), STACKS, ids=["silo", "platform"])
def test_every_node_is_synthesized(name: str, stack: str, nodes: Mapping[str, tuple[str, ...]]) -> None:
    shown, _ = drawn(name)
    assert shown == set(nodes)
    for beginnings in nodes.values():
        for beginning in beginnings:
            assert of_node(stack, (beginning,)), beginning


@pytest.mark.parametrize(("name", "stack", "nodes"), STACKS, ids=["silo", "platform"])
def test_every_line_is_a_reference(name: str, stack: str, nodes: Mapping[str, tuple[str, ...]]) -> None:
    _, edges = drawn(name)
    assert len(edges) > 5
    for one, other in edges:
        assert joined(stack, nodes, one, other), f"{one} --> {other}"


@pytest.mark.parametrize(("name", "stack", "nodes"), STACKS, ids=["silo", "platform"])
def test_whatever_holds_data_and_every_function_is_shown(
    name: str, stack: str, nodes: Mapping[str, tuple[str, ...]]
) -> None:
    shown = {address for beginnings in nodes.values() for address in of_node(stack, beginnings)}
    types = ({*STATEFUL, "aws_lambda_function"}) - set(NOT_SHOWN)
    left_out = {
        address for address in references(stack) if address.split(".")[0] in types and address not in shown
    }
    # The platform's own key and logs are in the same way what the tenants' are.
    assert {address.split(".")[0] for address in left_out} <= (
        {"aws_kms_key", "aws_cloudwatch_log_group"} if name == "platform" else set()
    )


def test_what_is_not_joined_is_found() -> None:
    assert not joined("tenant", SILO, "rule", "s3")
    assert not joined("tenant", SILO, "prov", "s3")
    assert not joined("shared-platform", PLATFORM, "alb", "db")
