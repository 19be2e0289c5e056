"""Holes through patterns that the identifiers match which AWS or Terraform make up."""

from __future__ import annotations

from tests.isolation.holes.editing import ACME, Documents, acme_key, allow, arn, resource, retail_policy
from tests.isolation.holes.hole import A, Hole, R
from tests.isolation.holes.language import deny


def security_groups_by_their_prefix(documents: Documents) -> None:
    allow(retail_policy(documents), "ec2:AuthorizeSecurityGroupIngress", arn("ec2", "security-group/sg-*"))


def route_tables_by_their_prefix(documents: Documents) -> None:
    allow(retail_policy(documents), "ec2:CreateRoute", "arn:aws:ec2:*:*:rtb-*")
    allow(retail_policy(documents), "ec2:CreateRoute", "arn:aws:ec2:*:*:route-table/rtb-*")


def secrets_that_rds_manages(documents: Documents) -> None:
    allow(
        retail_policy(documents),
        "secretsmanager:GetSecretValue",
        arn("secretsmanager", "secret:rds!cluster-*"),
    )


def names_that_terraform_makes_up(documents: Documents) -> None:
    del resource(documents, ACME, "aws_dynamodb_table")["name"]
    allow(retail_policy(documents), "dynamodb:GetItem", arn("dynamodb", "table/terraform-*"))


def names_with_a_prefix(documents: Documents) -> None:
    table = resource(documents, ACME, "aws_dynamodb_table")
    del table["name"]
    table["name_prefix"] = "acme-"
    allow(retail_policy(documents), "dynamodb:GetItem", arn("dynamodb", "table/acme-*"))


HOLES = [
    Hole(security_groups_by_their_prefix, R, A, "network", "ec2:authorizesecuritygroupingress", "#Hole"),
    Hole(route_tables_by_their_prefix, R, A, "network", "ec2:createroute", "#Hole"),
    Hole(secrets_that_rds_manages, R, "(platform)", "secret", "secretsmanager:getsecretvalue", "#Hole"),
    Hole(names_that_terraform_makes_up, R, A, "table", "dynamodb:getitem", "#Hole"),
    Hole(names_with_a_prefix, R, A, "table", "dynamodb:getitem", "#Hole"),
]


# What matches some identifiers and not others: never PROVED, and without a counterexample


def _key_open_but_for(documents: Documents, resources: str) -> None:
    everybody = {
        "AWS": "arn:aws:iam::${data.aws_caller_identity.account_caller_identity_1A605EFC.account_id}:root"
    }
    allow(acme_key(documents), "kms:Decrypt", Principal=everybody)
    allow(retail_policy(documents), "kms:Decrypt", arn("kms", resources))


def keys_that_begin_with_a_digit(documents: Documents) -> None:
    _key_open_but_for(documents, "key/1*")


def a_denial_of_keys_whose_symbol_it_matches(documents: Documents) -> None:
    _key_open_but_for(documents, "key/*")
    deny(retail_policy(documents), "kms:*", "arn:aws:kms:*:*:key/*a*")


def one_group_by_its_id(documents: Documents) -> None:
    group = arn("ec2", "security-group/sg-0a1b2c3d4e5f60718")
    allow(retail_policy(documents), "ec2:AuthorizeSecurityGroupIngress", group)


def names_of_one_day(documents: Documents) -> None:
    del resource(documents, ACME, "aws_dynamodb_table")["name"]
    allow(retail_policy(documents), "dynamodb:GetItem", arn("dynamodb", "table/terraform-20260101*"))


DOUBTS = [
    (keys_that_begin_with_a_digit, R, A, "key"),
    (a_denial_of_keys_whose_symbol_it_matches, R, A, "key"),
    (one_group_by_its_id, R, A, "network"),
    (names_of_one_day, R, A, "table"),
]


# Safe neighbours


def groups_of_another_kind(documents: Documents) -> None:
    allow(retail_policy(documents), "ec2:CreateRoute", arn("ec2", "route-table/sg-*"))


def a_denial_of_every_group(documents: Documents) -> None:
    allow(retail_policy(documents), "ec2:AuthorizeSecurityGroupIngress", arn("ec2", "security-group/sg-*"))
    deny(retail_policy(documents), "ec2:*", "arn:aws:ec2:*:*:security-group/sg-*")


def another_prefix_of_names(documents: Documents) -> None:
    del resource(documents, ACME, "aws_dynamodb_table")["name"]
    allow(retail_policy(documents), "dynamodb:GetItem", arn("dynamodb", "table/tenant-retail-co-*"))


SAFE = [groups_of_another_kind, a_denial_of_every_group, another_prefix_of_names]
