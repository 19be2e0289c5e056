"""Gaps of the emulator and their shims (`gaps.py`): what a request is authorized for, with IAM enforced."""

import json
import urllib.parse
from http import HTTPStatus
from pathlib import Path

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from emulator.server import ACCOUNT_ID, REGION, Emulator
from tests.emulator.gaps import assert_closed_by_a_shim, assumed, is_allowed, name, packed, role

TAGS = [{"ResourceType": "vpc", "Tags": [{"Key": "Environment", "Value": "mine"}]}]


def test_a_network_is_made_and_changed_by_its_tag(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        others = emulator.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        vpcs = f"arn:aws:ec2:{REGION}:{ACCOUNT_ID}:vpc/*"
        made = {"StringEquals": {"aws:RequestTag/Environment": "mine"}}
        owned = {"StringEquals": {"aws:ResourceTag/Environment": "mine"}}
        keys = assumed(
            emulator,
            [
                {
                    "Effect": "Allow",
                    "Action": ["ec2:CreateVpc", "ec2:CreateTags"],
                    "Resource": vpcs,
                    "Condition": made,
                },
                {"Effect": "Allow", "Action": "ec2:DeleteVpc", "Resource": vpcs, "Condition": owned},
            ],
        )
        ec2 = emulator.client("ec2", **keys)
        made_here = is_allowed(ec2.create_vpc, CidrBlock="10.8.0.0/16", TagSpecifications=TAGS)
        untagged = is_allowed(ec2.create_vpc, CidrBlock="10.8.0.0/16")
        return [made_here, untagged, is_allowed(ec2.delete_vpc, VpcId=others)]

    assert_closed_by_a_shim(observe, [True, False, False], shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_a_backup_plan_is_made_and_changed_by_its_tag(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        plan = {"BackupPlanName": name(), "Rules": [{"RuleName": "daily", "TargetBackupVaultName": "v"}]}
        others = emulator.client("backup").create_backup_plan(BackupPlan=plan)["BackupPlanId"]
        plans = f"arn:aws:backup:{REGION}:{ACCOUNT_ID}:backup-plan:*"
        vaults = f"arn:aws:backup:{REGION}:{ACCOUNT_ID}:backup-vault:mine-*"
        made = {"StringEquals": {"aws:RequestTag/Environment": "mine"}}
        owned = {"StringEquals": {"aws:ResourceTag/Environment": "mine"}}
        keys = assumed(
            emulator,
            [
                {
                    "Effect": "Allow",
                    "Action": "backup:CreateBackupPlan",
                    "Resource": plans,
                    "Condition": made,
                },
                {
                    "Effect": "Allow",
                    "Action": "backup:DeleteBackupPlan",
                    "Resource": plans,
                    "Condition": owned,
                },
                {"Effect": "Allow", "Action": "backup:CreateBackupVault", "Resource": vaults},
            ],
        )
        backup = emulator.client("backup", **keys)
        tags = {"Environment": "mine"}
        return [
            is_allowed(backup.create_backup_plan, BackupPlan=plan, BackupPlanTags=tags),
            is_allowed(backup.create_backup_plan, BackupPlan=plan),
            is_allowed(backup.delete_backup_plan, BackupPlanId=others),
            is_allowed(backup.create_backup_vault, BackupVaultName=f"mine-{name()}"),
            is_allowed(backup.create_backup_vault, BackupVaultName=name()),
        ]

    assert_closed_by_a_shim(
        observe, [True, False, False, True, False], shimmed=shimmed_with_iam, bare=bare_with_iam
    )


def test_a_budget_is_made_and_read_by_whoever_may_modify_and_view_it(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        allowed = {
            "Effect": "Allow",
            "Action": ["budgets:ModifyBudget", "budgets:ViewBudget"],
            "Resource": f"arn:aws:budgets::{ACCOUNT_ID}:budget/mine-*",
        }
        budgets = emulator.client("budgets", **assumed(emulator, [allowed]))
        limit = {"Amount": "10", "Unit": "USD"}
        mine = f"mine-{name()}"

        def made(called: str) -> bool:
            budget = {"BudgetName": called, "BudgetLimit": limit, "TimeUnit": "MONTHLY", "BudgetType": "COST"}
            return is_allowed(budgets.create_budget, AccountId=ACCOUNT_ID, Budget=budget)

        read = is_allowed(budgets.describe_budget, AccountId=ACCOUNT_ID, BudgetName=name())
        return [made(mine), made(name()), read]

    assert_closed_by_a_shim(observe, [True, False, False], shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_a_role_is_passed_by_whoever_may_pass_it(shimmed_with_iam: Emulator, bare_with_iam: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        passed, other = (role(emulator, "ecs-tasks.amazonaws.com") for _ in range(2))
        keys = assumed(
            emulator,
            [
                {"Effect": "Allow", "Action": "ecs:RegisterTaskDefinition", "Resource": "*"},
                {
                    "Effect": "Allow",
                    "Action": "iam:PassRole",
                    "Resource": passed,
                    "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
                },
            ],
        )
        ecs = emulator.client("ecs", **keys)
        container = [{"name": "app", "image": "nginx", "memory": 128}]
        return [
            is_allowed(
                ecs.register_task_definition,
                family=name(),
                containerDefinitions=container,
                taskRoleArn=given,
            )
            for given in (passed, other)
        ]

    assert_closed_by_a_shim(observe, [True, False], shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_a_package_is_used_by_whoever_may_read_it(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        bucket, runs = name(), role(emulator, "lambda.amazonaws.com")
        s3 = emulator.client("s3")
        s3.create_bucket(Bucket=bucket)
        for key in ("mine.zip", "other.zip"):
            s3.put_object(Bucket=bucket, Key=key, Body=packed(""))
        keys = assumed(
            emulator,
            [
                {"Effect": "Allow", "Action": ["lambda:*", "iam:PassRole"], "Resource": "*"},
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/mine.zip"},
            ],
        )
        functions, function = emulator.client("lambda", **keys), name()
        created = [
            is_allowed(
                functions.create_function,
                FunctionName=function if key == "mine.zip" else name(),
                Runtime="python3.13",
                Handler="app.handler",
                Role=runs,
                Code={"S3Bucket": bucket, "S3Key": key},
            )
            for key in ("mine.zip", "other.zip")
        ]
        updated = [
            is_allowed(functions.update_function_code, FunctionName=function, S3Bucket=bucket, S3Key=key)
            for key in ("mine.zip", "other.zip")
        ]
        return created + updated

    assert_closed_by_a_shim(observe, [True, False, True, False], shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_each_decision_is_recorded(shimmed_with_iam: Emulator, bare_with_iam: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        keys = assumed(emulator, [{"Effect": "Allow", "Action": "s3:CreateBucket", "Resource": "*"}])
        s3, bucket = emulator.client("s3", **keys), name()
        is_allowed(s3.create_bucket, Bucket=bucket)
        is_allowed(s3.delete_bucket, Bucket=bucket)
        return [
            (entry["action"], entry["allowed"])
            for entry in entries(emulator.log_file.parent / "authorizations.jsonl")
            if entry["resource"] == f"arn:aws:s3:::{bucket}"
        ]

    wanted = [("s3:CreateBucket", True), ("s3:DeleteBucket", False)]
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed_with_iam, bare=bare_with_iam)


def entries(record: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []


def test_an_alarm_is_deleted_and_tagged_by_its_name_and_so_are_dashboards(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    own = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT_ID}:alarm:mine-"
    others = own.replace("mine", "others")
    actions = ["cloudwatch:DeleteAlarms", "cloudwatch:ListTagsForResource"]
    dashboards = f"arn:aws:cloudwatch::{ACCOUNT_ID}:dashboard/mine-*"
    on_dashboards = ["cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard"]

    def observe(emulator: Emulator) -> object:
        keys = assumed(
            emulator,
            [
                {"Effect": "Allow", "Action": actions, "Resource": f"{own}*"},
                {"Effect": "Allow", "Action": on_dashboards, "Resource": dashboards},
            ],
        )

        def allowed(**parameters: str) -> bool:
            """In the query protocol, as Terraform asks: boto3 no longer does for CloudWatch."""
            form = urllib.parse.urlencode({"Version": "2010-08-01"} | parameters)
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            request = AWSRequest("POST", f"{emulator.endpoint}/", headers=kind, data=form)
            SigV4Auth(Credentials(*keys.values()), "monitoring", REGION).add_auth(request)
            session = URLLib3Session()
            return bool(session.send(request.prepare()).status_code != HTTPStatus.FORBIDDEN)

        return [
            allowed(Action="DeleteAlarms", **{"AlarmNames.member.1": "mine-a"}),
            allowed(Action="DeleteAlarms", **{"AlarmNames.member.1": "others-a"}),
            allowed(Action="ListTagsForResource", ResourceARN=f"{own}a"),
            allowed(Action="ListTagsForResource", ResourceARN=f"{others}a"),
            *(
                allowed(Action=action, **{field: f"{whose}-a", "DashboardBody": "{}"})
                for action, field in (
                    ("PutDashboard", "DashboardName"),
                    ("GetDashboard", "DashboardName"),
                    ("DeleteDashboards", "DashboardNames.member.1"),
                )
                for whose in ("mine", "others")
            ),
        ]

    wanted = [True, False] * 5
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_an_http_api_is_made_changed_and_deleted_by_its_name(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        def right(method: str, path: str, key: str) -> dict[str, object]:
            return {
                "Effect": "Allow",
                "Action": f"apigateway:{method}",
                "Resource": f"arn:aws:apigateway:{REGION}::{path}",
                "Condition": {"StringLike": {f"apigateway:{key}/ApiName": "mine-*"}},
            }

        keys = assumed(
            emulator,
            [
                right("POST", "/apis", "Request"),
                right("PATCH", "/apis/*", "Resource"),
                right("DELETE", "/apis/*", "Resource"),
            ],
        )
        everyone = emulator.client("apigatewayv2")
        mine, others = (
            everyone.create_api(Name=f"{whose}-http", ProtocolType="HTTP")["ApiId"]
            for whose in ("mine", "others")
        )
        api = emulator.client("apigatewayv2", **keys)
        return [
            is_allowed(api.create_api, Name="mine-new", ProtocolType="HTTP"),
            is_allowed(api.create_api, Name="others-new", ProtocolType="HTTP"),
            is_allowed(api.update_api, ApiId=mine, Description="changed"),
            is_allowed(api.update_api, ApiId=others, Description="changed"),
            is_allowed(api.create_route, ApiId=mine, RouteKey="GET /"),
            is_allowed(api.delete_api, ApiId=others),
            is_allowed(api.delete_api, ApiId=mine),
        ]

    wanted = [True, False, True, False, False, False, True]
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed_with_iam, bare=bare_with_iam)
