"""Random policies, and random requests that they may be about."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from isolation.evaluator.request import Request
from isolation.iam.language import ANYONE, ParsedCondition, ParsedStatement, PrincipalPattern
from isolation.model.caller import Caller
from isolation.model.outsiders import anonymous, foreign_account, service_for_foreigner
from isolation.model.target import Target

HOME, STRANGER = "111122223333", "444455556666"
ROLE, OTHER = f"arn:aws:iam::{HOME}:role/one", f"arn:aws:iam::{HOME}:role/other"
SERVICES = ["s3", "kms", "sqs", "rds-db"]
"""Services whose requests carry tags of the resource by choice of its owner, always, perhaps and never."""
VERBS = ["getobject", "putobject", "listbucket"]
RESOURCES = ["arn:aws:s3:::data", "arn:aws:s3:::data/a", "arn:aws:s3:::data/b", "arn:aws:s3:::data/c:d:e"]
WIDE_RESOURCES = [
    "arn:aws:s3",
    "arn:aws:s3*",
    "arn:*",
    "arn:aws:*:data/a",
    "arn:aws:*:::data*",
    "arn:aws:s?:::data",
]
WIDE_RESOURCES += [
    "arn:*:e",
    "arn:aws:s3:::*:e",
    "arn:aws*:::data/?",
    "arn:aws:*d:::*",
    "arn:aws:s3:*:data/*:d:e",
]
WIDE_RESOURCES += ["arn:aws:s3:::x-*", "arn:aws:s3:::x-1*", "arn:aws:s3:::*b*", "arn:aws:s3:::x-?????"]
WIDE_RESOURCES += ["arn:aws:s3:::*/a", "arn:aws:s3:::?-*/a"]
"""Patterns of resources that AWS reads more widely than segment by segment, or that match some identifiers."""
MADE_UP = "arn:aws:s3:::x-⟦stack/aws_s3_bucket.b⟧"
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
    "ec2:resourcetag/owner",
    "sqs:resourcetag/owner",
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
    "${$}{aws:PrincipalTag/TenantId}",
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


def statements(service: str, *, named: bool) -> st.SearchStrategy[ParsedStatement]:
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
        actions=st.lists(
            st.sampled_from([*(f"{service}:{verb}" for verb in [*VERBS, "*", "get*"]), "*"]),
            min_size=1,
            max_size=2,
        ).map(tuple),
        resources=st.lists(
            st.sampled_from(
                [*RESOURCES, "arn:aws:s3:::data/*", "*", *WIDE_RESOURCES, MADE_UP, f"{MADE_UP}/*"]
            ),
            min_size=1,
            max_size=2,
        ).map(tuple),
        not_action=st.sampled_from([False, False, True]),
        not_resource=st.sampled_from([False, False, True]),
        principals=principals if named else st.none(),
        not_principal=st.sampled_from([False, False, True]) if named else st.just(value=False),
        conditions=st.lists(conditions(), max_size=2).map(tuple),
    )


@st.composite
def questions(draw: st.DrawFn) -> tuple[Target, Request]:
    service = draw(st.sampled_from(SERVICES))
    arn = draw(st.sampled_from([RESOURCES[0], RESOURCES[0], MADE_UP]))
    target = Target(
        kind="bucket",
        owner="a",
        address="stack/aws_s3_bucket.data",
        account=HOME,
        arn=arn,
        patterns=(arn, f"{arn}/*"),
        actions=(f"{service}:*",),
        policy=tuple(draw(st.lists(statements(service, named=True), max_size=3))),
        policy_required=draw(st.booleans()),
        tags={"Owner": "a"},
    )
    tags = draw(st.sampled_from([{}, {"TenantId": "a"}, {"TenantId": "b"}]))
    identity = tuple(draw(st.lists(statements(service, named=False), max_size=3)))
    boundary = draw(st.none() | st.lists(statements(service, named=False), max_size=2).map(tuple))
    role = Caller(type="role", name="one", owner="b", arn=ROLE, account=HOME, tags=tags, identity=identity)
    foreign = replace(foreign_account(STRANGER), arn=f"arn:aws:iam::{STRANGER}:role/any")
    deputy = service_for_foreigner("events.amazonaws.com", STRANGER, bucket=False)
    who = draw(st.sampled_from([replace(role, boundary=boundary), role, foreign, anonymous(), deputy]))
    keys: dict[str, tuple[str, ...]] = {"aws:securetransport": (draw(st.sampled_from(["true", "false"])),)}
    for key, values in {
        "aws:sourceip": ["10.1.2.3", "10.2.0.1", "192.0.2.1"],
        "s3:prefix": ["a", "A", "b", "other", "${aws:PrincipalTag/TenantId}"],
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
    resource = draw(st.sampled_from(RESOURCES)).replace(RESOURCES[0], arn)
    return target, Request(who, f"{service}:{draw(st.sampled_from(VERBS))}", resource, keys)
