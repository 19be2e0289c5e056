"""Holes in backups: what is backed up, into whose vault, and who gets the rights of AWS Backup's role."""

from __future__ import annotations

import json

from tests.isolation.holes.editing import (
    ACCOUNT,
    ACME,
    RETAIL,
    Documents,
    Json,
    add,
    allow,
    arn,
    name_of,
    resource,
    retail_policy,
    trust,
)
from tests.isolation.holes.hole import A, Hole, R

ROLE = "tenant-retail-co-backup-role-test"
VAULT = {"name": "tenant-retail-co-backups-test"}
ON_THE_ACCOUNT = {
    "Sid": "ReadBucketMetrics",
    "Effect": "Allow",
    "Action": ["cloudwatch:GetMetricData"],
    "Resource": ["*"],
}


def _trust(*services: str) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": list(services)}}
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "Trust", **statement}]})


def _bucket(documents: Documents, stack: str) -> str:
    return f"${{aws_s3_bucket.{name_of(documents, stack, 'aws_s3_bucket')}.arn}}"


def backed_up(documents: Documents, *resources: str, vault: str = "", copies: str = "") -> Json:
    """Backups of retail-co's own bucket, or of `resources`, with a role of its own, which is returned."""
    add(documents, RETAIL, "aws_backup_vault", "own", VAULT)
    rule: Json = {"rule_name": "daily", "target_vault_name": vault or "${aws_backup_vault.own.name}"}
    if copies:
        rule["copy_action"] = [{"destination_vault_arn": copies}]
    add(documents, RETAIL, "aws_backup_plan", "own", {"name": "own", "rule": [rule]})
    selected = list(resources) or [_bucket(documents, RETAIL)]
    chosen = {
        "name": "own",
        "plan_id": "${aws_backup_plan.own.id}",
        "iam_role_arn": "${aws_iam_role.backup.arn}",
        "resources": selected,
    }
    add(documents, RETAIL, "aws_backup_selection", "own", chosen)
    role: Json = {"name": ROLE, "assume_role_policy": _trust("backup.amazonaws.com")}
    add(documents, RETAIL, "aws_iam_role", "backup", role)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ON_THE_ACCOUNT]})
    add(
        documents,
        RETAIL,
        "aws_iam_role_policy",
        "backup",
        {"name": "p", "role": "${aws_iam_role.backup.name}", "policy": policy},
    )
    return role


# No holes


def a_role_that_aws_backup_alone_acts_as(documents: Documents) -> None:
    backed_up(documents)


def copies_in_a_vault_that_no_stack_declares(documents: Documents) -> None:
    backed_up(documents, copies=arn("backup", "backup-vault:copies").replace("us-east-1", "us-west-2"))


# Holes


def a_bucket_of_another_is_backed_up(documents: Documents) -> None:
    backed_up(documents, f"arn:aws:s3:::{resource(documents, ACME, 'aws_s3_bucket')['bucket']}")


def backups_go_into_anothers_vault(documents: Documents) -> None:
    add(documents, ACME, "aws_backup_vault", "own", {"name": "tenant-acme-corp-backups-test"})
    backed_up(documents)
    plan = resource(documents, RETAIL, "aws_backup_plan")
    add(documents, ACME, "aws_backup_plan", "own", {**plan, "rule": [{**plan["rule"][0]}]})
    documents[ACME]["resource"]["aws_backup_plan"]["own"]["rule"][0]["target_vault_name"] = VAULT["name"]


def the_role_is_passed_by_a_function(documents: Documents) -> None:
    backed_up(documents)
    allow(retail_policy(documents), "iam:PassRole", arn("iam", f"role/{ROLE}"))


def functions_act_as_the_role_too(documents: Documents) -> None:
    role = backed_up(documents)
    trust(role, Principal={"Service": "lambda.amazonaws.com"})


def backups_of_everybody_are_restored(documents: Documents) -> None:
    add(documents, ACME, "aws_backup_vault", "own", {"name": "tenant-acme-corp-backups-test"})
    points = f"arn:aws:backup:us-east-1:{ACCOUNT}:recovery-point:*"
    allow(retail_policy(documents), "backup:StartRestoreJob", points)


SAFE = [a_role_that_aws_backup_alone_acts_as, copies_in_a_vault_that_no_stack_declares]
HOLES = [
    Hole(a_bucket_of_another_is_backed_up, R, A, "bucket", "", "backs up"),
    Hole(backups_go_into_anothers_vault, R, A, "backups", "", "puts its backups into"),
    Hole(the_role_is_passed_by_a_function, R, A, "account", "cloudwatch:getmetricdata", "iam:passrole"),
    Hole(functions_act_as_the_role_too, R, A, "account", "cloudwatch:getmetricdata", "ReadBucketMetrics"),
    Hole(backups_of_everybody_are_restored, R, A, "backups", "backup:startrestorejob", "#Hole"),
]
