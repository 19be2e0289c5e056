"""The checks of our own, by id. checkov's are described in its own documentation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CHECKS: Final[Mapping[str, str]] = {
    "IAM-101": "An IAM document is an expression that only Terraform can read",
    "IAM-102": "An IAM document is not of the version 2012-10-17",
    "IAM-103": "An IAM document has elements that IAM does not take there",
    "IAM-104": "A statement names an action that AWS does not have",
    "IAM-105": "A statement names an action that applies to none of its resources",
    "IAM-106": "A statement asks for a condition key that no request for its actions carries",
    "INT-201": "A statement allows by NotAction, NotPrincipal or NotResource",
    "INT-202": "A statement admits everyone, of any account",
    "INT-203": "A VPC endpoint lets everyone's requests to everyone's resources pass",
    "INT-204": "A role's trust has no condition",
    "INT-205": "A service may act for anybody",
    "INT-206": "A key's policy leaves its use to the account's IAM policies",
    "INT-207": "A statement allows every action of a service, or of all",
    "INT-208": "A wildcard runs on after a tenant's id",
    "INT-301": "A security group is open to the internet",
    "INT-401": "Nothing watches a resource that must raise an alarm",
    "INT-402": "An alarm tells nobody",
    "INT-403": "Nobody is told that a key is about to be deleted",
    "INT-404": "Nobody is told that a copy of a backup failed",
}
