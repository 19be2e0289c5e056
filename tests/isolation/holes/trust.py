"""Holes in who may assume a role."""

from __future__ import annotations

from tests.isolation.holes.editing import ACME, Documents, resource, trust
from tests.isolation.holes.hole import FOREIGN, A, Hole, R


def a_role_that_anybody_may_assume(documents: Documents) -> None:
    trust(resource(documents, ACME, "aws_iam_role", "api_role"), Principal={"AWS": "*"})


def a_role_that_another_account_may_assume(documents: Documents) -> None:
    trust(
        resource(documents, ACME, "aws_iam_role", "api_role"),
        Principal={"AWS": "arn:aws:iam::210987654321:root"},
    )


HOLES = [
    Hole(a_role_that_anybody_may_assume, FOREIGN, A, "role", "sts:assumerole", "trust#Hole"),
    Hole(a_role_that_anybody_may_assume, R, A, "table", "dynamodb:getitem", "sts:assumerole"),
    Hole(a_role_that_another_account_may_assume, FOREIGN, A, "role", "sts:assumerole", "210987654321"),
]
