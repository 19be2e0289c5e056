"""Three readings of the same policies agree: automata and globs, encoding and evaluator, proof and requests."""

from __future__ import annotations

import random
from dataclasses import replace
from fnmatch import fnmatchcase

import pytest
import z3  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from isolation.encoding.policies import Encoding
from isolation.evaluator.decision import authorized
from isolation.evaluator.lookup import decide
from isolation.evaluator.request import Request
from isolation.iam.language import ANYONE, ParsedCondition, ParsedStatement, PrincipalPattern
from isolation.iam.patterns import (
    arn_includes,
    arn_matches,
    arns_meet,
    glob_includes,
    glob_matches,
    globs_meet,
)
from isolation.inventory.inventory import Inventory
from isolation.inventory.reading import take_inventory
from isolation.logic.automata import Language, combinations
from isolation.logic.formula import Atom, Formula, atoms, conjunction, negation
from isolation.logic.solver import Solver
from isolation.model.caller import Caller
from isolation.model.outsiders import anonymous, foreign_account, service_for_foreigner
from isolation.model.target import Target
from isolation.reach.counterexample import concrete_request
from tests.isolation.stacks import documents

HOME, STRANGER = "111122223333", "444455556666"
THOROUGH = settings(
    max_examples=700, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
BRIEF = settings(THOROUGH, max_examples=200)

globs = st.text("ab*?", max_size=6)
texts = st.text("ab", max_size=6)


# Patterns and automata


@THOROUGH
@given(globs, texts)
def test_globs_match_as_the_shell_matches(pattern: str, text: str) -> None:
    assert glob_matches(pattern, text) == fnmatchcase(text, pattern)


@THOROUGH
@given(globs, globs, texts)
def test_meeting_and_inclusion_hold_for_every_text(left: str, right: str, text: str) -> None:
    if glob_matches(left, text) and glob_matches(right, text):
        assert globs_meet(left, right)
    if glob_includes(left, right) and glob_matches(right, text):
        assert glob_matches(left, text)


arns = st.tuples(*[st.text("a*", max_size=2)] * 6).map(":".join)


@BRIEF
@given(arns, arns, st.tuples(*[st.text("a", max_size=2)] * 6).map(":".join))
def test_arns_meet_and_include_segment_by_segment(left: str, right: str, arn: str) -> None:
    if arn_matches(left, arn) and arn_matches(right, arn):
        assert arns_meet(left, right)
    if arn_includes(left, right) and arn_matches(right, arn):
        assert arn_matches(left, arn)


def test_a_wildcard_does_not_run_over_a_colon_except_in_the_last_segment() -> None:
    assert arn_matches("arn:aws:logs:*:*:log-group:*", "arn:aws:logs:r:1:log-group:a:log-stream:b")
    assert not arn_matches("arn:aws:*:y:b:c", "arn:aws:s3:x:y:b:c")


languages = st.lists(
    st.builds(Language, st.sampled_from(["equals", "iequals", "like"]), st.text("aA*?", max_size=4)),
    min_size=1,
    max_size=3,
    unique=True,
).map(tuple)


def matches(language: Language, text: str) -> bool:
    match language.relation:
        case "equals":
            return text == language.text
        case "iequals":
            return text.lower() == language.text.lower()
        case "like":
            return glob_matches(language.text, text)
        case _:
            return arn_matches(language.text, text)


@THOROUGH
@given(languages, st.text("aAb*?", max_size=5))
def test_automata_know_every_combination_and_witness_it(found: tuple[Language, ...], text: str) -> None:
    possible = combinations(found)
    assert tuple(matches(language, text) for language in found) in possible
    for row, witness in possible.items():
        assert tuple(matches(language, witness) for language in found) == row


def in_z3(language: Language) -> z3.ReRef:
    sort = z3.ReSort(z3.StringSort())
    parts = [
        z3.Full(sort) if char == "*" else z3.AllChar(sort) if char == "?" else z3.Re(char)
        for char in language.text
    ]
    return z3.Concat(*parts, z3.Re(""), z3.Re(""))


@settings(BRIEF, max_examples=60)
@given(
    st.lists(
        st.builds(Language, st.just("like"), st.text("ab*?", max_size=4)), min_size=2, max_size=2, unique=True
    )
)
def test_automata_agree_with_the_solvers_own_strings(found: list[Language]) -> None:
    possible = combinations(tuple(found))
    text = z3.String("text")
    for row in [(first, second) for first in (True, False) for second in (True, False)]:
        solver = z3.Solver()
        for language, holds in zip(found, row, strict=True):
            member = z3.InRe(text, in_z3(language))
            solver.add(member if holds else z3.Not(member))
        assert (solver.check() == z3.sat) == (row in possible)


# Encoding and evaluator, on random policies and requests

ROLE, OTHER = f"arn:aws:iam::{HOME}:role/one", f"arn:aws:iam::{HOME}:role/other"
ACTIONS = ["s3:getobject", "s3:putobject", "s3:listbucket"]
RESOURCES = ["arn:aws:s3:::data", "arn:aws:s3:::data/a", "arn:aws:s3:::data/b"]
KEYS = [
    "aws:principaltag/tenantid",
    "aws:sourceip",
    "aws:securetransport",
    "aws:tagkeys",
    "s3:prefix",
    "aws:sourcearn",
]
KEYS += [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:sourceaccount",
    "aws:resourcetag/owner",
    "aws:resourceaccount",
]
VALUES = ["a", "A", "b", "true", "false", HOME, STRANGER, ROLE, f"arn:aws:iam::{STRANGER}:role/any"]
VALUES += [f"arn:aws:events:r:{STRANGER}:rule/a", f"arn:aws:events:r:{HOME}:rule/a"]
PATTERNS = [
    *VALUES,
    "*",
    "a*",
    "?",
    "arn:aws:iam::*:role/*",
    f"arn:aws:*:*:{STRANGER}:*",
    "${aws:PrincipalTag/TenantId}",
]
OPERATORS = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
]
OPERATORS += ["StringNotLike", "ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "Bool", "Null"]


@st.composite
def conditions(draw: st.DrawFn) -> ParsedCondition:
    key = draw(st.sampled_from(KEYS))
    if key == "aws:sourceip":
        blocks = st.lists(st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0"]), min_size=1, max_size=2)
        operator = draw(st.sampled_from(["IpAddress", "NotIpAddress"]))
        return ParsedCondition(operator, "", draw(st.booleans()), key, tuple(draw(blocks)))
    operator = draw(st.sampled_from(OPERATORS))
    if operator in {"Bool", "Null"}:
        values = draw(st.lists(st.sampled_from(["true", "false"]), min_size=1, max_size=2))
        return ParsedCondition(operator, "", operator == "Bool" and draw(st.booleans()), key, tuple(values))
    values = draw(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2))
    several = key == "aws:tagkeys"
    quantifier = draw(
        st.sampled_from(["ForAnyValue", "ForAllValues"] if several else ["", "ForAnyValue", "ForAllValues"])
    )
    return ParsedCondition(operator, quantifier, not quantifier and draw(st.booleans()), key, tuple(values))  # type: ignore[arg-type]


def statements(*, named: bool) -> st.SearchStrategy[ParsedStatement]:
    principals = st.lists(
        st.sampled_from(
            [
                ANYONE,
                PrincipalPattern("account", HOME),
                PrincipalPattern("account", STRANGER),
                PrincipalPattern("arn", ROLE),
                PrincipalPattern("arn", OTHER),
                PrincipalPattern("arn", f"arn:aws:iam::{STRANGER}:role/any"),
                PrincipalPattern("service", "events.amazonaws.com"),
            ]
        ),
        min_size=1,
        max_size=2,
    ).map(tuple)
    return st.builds(
        ParsedStatement,
        source=st.just("statement"),
        effect=st.sampled_from(["Allow", "Allow", "Deny"]),
        actions=st.lists(st.sampled_from([*ACTIONS, "s3:*", "s3:get*", "*"]), min_size=1, max_size=2).map(
            tuple
        ),
        resources=st.lists(
            st.sampled_from([*RESOURCES, "arn:aws:s3:::data/*", "*"]), min_size=1, max_size=2
        ).map(tuple),
        not_action=st.sampled_from([False, False, True]),
        not_resource=st.sampled_from([False, False, True]),
        principals=principals if named else st.none(),
        not_principal=st.sampled_from([False, False, True]) if named else st.just(value=False),
        conditions=st.lists(conditions(), max_size=2).map(tuple),
    )


@st.composite
def questions(draw: st.DrawFn) -> tuple[Target, Request]:
    target = Target(
        kind="bucket",
        owner="a",
        address="stack/aws_s3_bucket.data",
        account=HOME,
        arn=RESOURCES[0],
        patterns=(RESOURCES[0], f"{RESOURCES[0]}/*"),
        actions=("s3:*",),
        policy=tuple(draw(st.lists(statements(named=True), max_size=3))),
        policy_required=draw(st.booleans()),
        tags={"Owner": "a"},
    )
    tags = draw(st.sampled_from([{}, {"TenantId": "a"}, {"TenantId": "b"}]))
    identity = tuple(draw(st.lists(statements(named=False), max_size=3)))
    boundary = draw(st.none() | st.lists(statements(named=False), max_size=2).map(tuple))
    role = Caller(type="role", name="one", owner="b", arn=ROLE, account=HOME, tags=tags, identity=identity)
    foreign = replace(foreign_account(STRANGER), arn=f"arn:aws:iam::{STRANGER}:role/any")
    service = service_for_foreigner("events.amazonaws.com", STRANGER, bucket=False)
    who = draw(st.sampled_from([replace(role, boundary=boundary), role, foreign, anonymous(), service]))
    keys: dict[str, tuple[str, ...]] = {"aws:securetransport": (draw(st.sampled_from(["true", "false"])),)}
    for key, values in {
        "aws:sourceip": ["10.1.2.3", "10.2.0.1", "192.0.2.1"],
        "s3:prefix": ["a", "A", "b", "other"],
        **({"aws:principaltag/tenantid": ["a", "A", "b", "other"]} if who.type == "foreign" else {}),
        **(
            {"aws:sourcearn": [f"arn:aws:events:r:{STRANGER}:rule/{name}" for name in "ab"]}
            if who.type == "service"
            else {}
        ),
        **({"aws:sourceaccount": [STRANGER]} if who.type == "service" else {}),
    }.items():
        value = draw(st.none() | st.sampled_from(values))
        if value is not None:
            keys[key] = (value,)
    several = draw(st.lists(st.sampled_from(["a", "A", "b", "other"]), max_size=2, unique=True))
    if several:
        keys["aws:tagkeys"] = tuple(several)
    return target, Request(who, draw(st.sampled_from(ACTIONS)), draw(st.sampled_from(RESOURCES)), keys)


def pinned(formula: Formula, request: Request) -> Formula:
    """`formula` for exactly the values of `request`."""
    facts: list[Formula] = []
    for variable in sorted({atom.variable for atom in atoms(formula)}):
        name, _, slot = variable.partition("#")
        own = {
            "action": (request.action,),
            "resource": (request.resource,),
            "principal": (request.caller.arn,),
        }
        values = own.get(name) or request.context.get(name, ())
        number = int(slot or 0)
        if number >= len(values):
            facts.append(negation(Atom(variable, "present")))
            continue
        relation = ("cidr", f"{values[number]}/32") if name == "aws:sourceip" else ("equals", values[number])
        facts += [Atom(variable, "present"), Atom(variable, *relation)]
    return conjunction([formula, *facts])


@THOROUGH
@given(questions())
def test_encoding_and_evaluator_decide_alike(question: tuple[Target, Request]) -> None:
    target, request = question
    who = replace(request.caller, arn="") if request.caller.type == "foreign" else request.caller
    answer = authorized(target, request).allowed
    wide = Encoding(who, target, wide=True).authorized()
    narrow = Encoding(who, target, wide=False).authorized()
    solver = Solver()
    if answer:
        assert solver.model(pinned(wide, request)) is not None, "the proof would miss this request"
    if solver.model(pinned(narrow, request)) is not None:
        assert answer, "the counterexample would be none"
    if solver.model(pinned(wide, request)) is not None and not _unclear(target, request):
        assert answer


def _unclear(target: Target, request: Request) -> bool:
    """Whether wide and narrow readings may differ: policy variables, NotPrincipal, values without a quantifier."""
    policies = [*target.policy, *request.caller.identity, *(request.caller.boundary or ())]
    found = [condition for statement in policies for condition in statement.conditions]
    plain = any(condition.key == "aws:tagkeys" and not condition.quantifier for condition in found)
    variables = any("${" in value for condition in found for value in condition.values)
    return plain or variables or any(statement.not_principal for statement in policies)


@THOROUGH
@given(questions())
def test_a_witness_of_the_solver_is_authorized_by_the_evaluator(question: tuple[Target, Request]) -> None:
    target, request = question
    who = replace(request.caller, arn="") if request.caller.type == "foreign" else request.caller
    model = Solver().model(Encoding(who, target, wide=False).authorized())
    if model is not None:
        assert authorized(target, concrete_request(who, target, model)).allowed


# The project's stacks: what is PROVED, no concrete request contradicts


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return take_inventory(documents(), HOME)


def requests(inventory: Inventory, count: int) -> list[tuple[Target, Request]]:
    """Random requests of one tenant, or an outsider, on another tenant's resources, close to those that are allowed."""
    dice = random.Random(7)
    values = [
        "acme-corp",
        "retail-co",
        "globex-inc",
        "aws:kms",
        "true",
        "custom.signup",
        "tenant-platform.provisioner",
    ]
    keys = ["s3:x-amz-server-side-encryption", "kms:viaservice", "events:source", "kms:grantisforawsresource"]
    targets = [target for target in inventory.targets if target.owner is not None]
    actors = [role for role in inventory.identities if role.owner is not None]
    found: list[tuple[Target, Request]] = []
    while len(found) < count:
        target = dice.choice(targets)
        who = dice.choice([*actors, foreign_account(STRANGER), anonymous()])
        if who.owner == target.owner:
            continue
        named = [action for found_ in (*who.identity, *target.policy) for action in found_.actions]
        action = dice.choice([*(target.examples or target.actions), *named]).replace(
            "*", dice.choice(["", "x"])
        )
        context: dict[str, tuple[str, ...]] = {"aws:securetransport": ("true",)}
        context |= {key: (dice.choice(values),) for key in keys if dice.random() < 0.4}
        if who.functions:
            context["lambda:sourcefunctionarn"] = (dice.choice(who.functions),)
        if who.type == "foreign":
            context |= {f"aws:principaltag/{key}": (str(target.owner),) for key in ("tenantid", "tenant_id")}
        context |= {key: (dice.choice(allowed),) for key, allowed in target.context}
        resource = dice.choice(target.patterns).replace("*", dice.choice(["", "x", "x/y"]))
        found.append((target, Request(who, action, resource, context)))
    return found


def harmless(target: Target, action: str) -> bool:
    bears = any(glob_matches(pattern, action) for pattern in target.actions)
    return not bears or any(glob_matches(pattern, action) for pattern in target.harmless)


def test_no_concrete_request_contradicts_the_proof(inventory: Inventory) -> None:
    for target, request in requests(inventory, 8000):
        if authorized(target, request).allowed:
            assert harmless(target, request.action), (
                request.caller.name,
                request.action,
                request.resource,
            )


def test_a_request_can_be_decided_by_name(inventory: Inventory) -> None:
    api = "tenant-acme-corp-test/aws_iam_role.api_role_76AF2B69"
    role = f"arn:aws:iam::{HOME}:role/tenant-acme-corp-lambda-role-test"
    assert decide(inventory, role, "s3:GetObject", "arn:aws:s3:::tenant-acme-corp-data-test/a")
    assert decide(inventory, api, "kms:Decrypt", "tenant-acme-corp-test/aws_kms_key.tenant_key_E5F8FD05")
    assert not decide(inventory, api, "kms:Decrypt", "tenant-retail-co-test/aws_kms_key.tenant_key_E5F8FD05")
    assert not decide(inventory, role, "s3:GetObject", "arn:aws:s3:::tenant-retail-co-data-test/a")
    assert not decide(
        inventory,
        role,
        "s3:GetObject",
        "arn:aws:s3:::tenant-acme-corp-data-test/a",
        {"aws:SecureTransport": "false"},
    )
    assert not decide(
        inventory,
        role,
        "dynamodb:Scan",
        f"arn:aws:dynamodb:us-east-1:{HOME}:table/tenant-acme-corp-metadata-test",
    )
    assert decide(inventory, role, "xray:PutTraceSegments", "*")
    with pytest.raises(KeyError):
        decide(inventory, "nobody", "s3:GetObject", "*")
