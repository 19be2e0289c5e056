"""Whose host it is: rules of listeners that do not take others' requests, and patterns that meet."""

from __future__ import annotations

import fnmatch
from itertools import product

from isolation.network.hosts import _overlap
from isolation.verdict.analysis import analyse
from tests.isolation.holes.editing import PLATFORM, resource
from tests.isolation.holes.hole import A, G
from tests.isolation.holes.moved import host_of, of, taken_before
from tests.isolation.stacks import documents


def test_another_host_of_the_same_tenant_may_come_first() -> None:
    stacks = documents()
    taken_before(stacks, "*.beta." + host_of(stacks, G))
    assert analyse(stacks).verdict == "PROVED"


def test_a_rule_that_comes_after_takes_nothing() -> None:
    stacks = documents()
    taken_before(stacks, host_of(stacks, A))
    resource(stacks, PLATFORM, "aws_lb_listener_rule", "hole")["priority"] = 40_000
    assert (A, G, "network") in analyse(stacks).findings
    assert (G, A, "network") not in analyse(stacks).findings


def test_a_rule_whose_place_or_host_is_not_known_is_unknown() -> None:
    stacks = documents()
    taken_before(stacks, "${var.host}")
    assert analyse(stacks).findings[G, A, "network"].verdict == "UNKNOWN"
    stacks = documents()
    taken_before(stacks, host_of(stacks, A))
    del resource(stacks, PLATFORM, "aws_lb_listener_rule", "hole")["priority"]
    assert analyse(stacks).findings[G, A, "network"].verdict == "UNKNOWN"


def test_a_rule_without_a_host_takes_all() -> None:
    stacks = documents()
    taken_before(stacks, "x")
    rule = resource(stacks, PLATFORM, "aws_lb_listener_rule", "hole")
    rule["condition"] = [{"path_pattern": {"values": ["/login"]}}]
    assert analyse(stacks).findings[G, A, "network"].verdict == "VIOLATED"
    of(stacks, "aws_lb_listener_rule", A)["condition"].append({"path_pattern": {"values": ["/x"]}})
    assert analyse(stacks).findings[G, A, "network"].verdict == "UNKNOWN"


def test_patterns_meet_where_a_text_matches_both() -> None:
    texts = ["".join(letters) for length in range(5) for letters in product("ab", repeat=length)]
    patterns = ["".join(letters) for length in range(4) for letters in product("ab*?", repeat=length)]
    for one, other in product(patterns, repeat=2):
        meets = any(fnmatch.fnmatchcase(text, one) and fnmatch.fnmatchcase(text, other) for text in texts)
        assert _overlap(one, other) == meets, (one, other)
