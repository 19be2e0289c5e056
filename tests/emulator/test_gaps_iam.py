"""Gaps of the emulator and their shims (`gaps.py`): what policies decide, with IAM enforced."""

import json
from typing import Any

from emulator.server import ACCOUNT_ID, REGION, Emulator
from tests.emulator.gaps import assert_closed_by_a_shim, assumed, function, is_allowed, name


def test_a_policy_variable_in_a_resource_is_the_callers_tag(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        prefix = name()
        for tenant in ("a", "b"):
            emulator.client("s3").create_bucket(Bucket=f"{prefix}-{tenant}")
        resource = f"arn:aws:s3:::{prefix}-${{aws:PrincipalTag/TenantId}}/*"
        keys = assumed(
            emulator, [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": resource}], TenantId="a"
        )
        s3 = emulator.client("s3", **keys)
        return [is_allowed(s3.put_object, Bucket=f"{prefix}-{tenant}", Key="k") for tenant in ("a", "b")]

    assert_closed_by_a_shim(observe, [True, False], shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_a_condition_on_the_callers_arn_means_the_role(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        bucket = name()
        emulator.client("s3").create_bucket(Bucket=bucket)
        put = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
        found = []
        for operator in ("ArnEquals", "ArnNotEquals"):
            keys = assumed(
                emulator,
                [
                    {
                        **put,
                        "Condition": {operator: {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT_ID}:role/t-*"}},
                    }
                ],
            )
            found.append(is_allowed(emulator.client("s3", **keys).put_object, Bucket=bucket, Key="k"))
        return found

    assert_closed_by_a_shim(observe, [True, False], shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_a_condition_on_leading_keys_keeps_a_caller_to_its_items(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        table = name()
        emulator.client("dynamodb").create_table(
            TableName=table,
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        statement = {
            "Effect": "Allow",
            "Action": ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchWriteItem"],
            "Resource": f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{table}",
            "Condition": {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["a"]}},
        }
        client = emulator.client("dynamodb", **assumed(emulator, [statement]))
        allowed = []
        for key in ("a", "b"):
            value = {"S": key}
            write = {table: [{"PutRequest": {"Item": {"pk": value}}}]}
            allowed += [
                is_allowed(client.get_item, TableName=table, Key={"pk": value}),
                is_allowed(
                    client.query,
                    TableName=table,
                    KeyConditionExpression="#k = :v",
                    ExpressionAttributeNames={"#k": "pk"},
                    ExpressionAttributeValues={":v": value},
                ),
                is_allowed(client.batch_write_item, RequestItems=write),
            ]
        return allowed

    assert_closed_by_a_shim(observe, [True] * 3 + [False] * 3, shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_a_policy_that_asks_for_tls_is_met_unless_the_request_says_http(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        bucket = name()
        owner = emulator.client("s3")
        owner.create_bucket(Bucket=bucket)
        refused = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        owner.put_bucket_policy(
            Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [refused]})
        )
        permission = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
        s3 = emulator.client("s3", **assumed(emulator, [permission]))
        over_tls = is_allowed(s3.put_object, Bucket=bucket, Key="k")
        s3.meta.events.register(
            "before-sign.s3", lambda request, **_: request.headers.add_header("X-Forwarded-Proto", "http")
        )
        return over_tls, is_allowed(s3.put_object, Bucket=bucket, Key="k")

    assert_closed_by_a_shim(observe, (True, False), shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_a_permission_for_one_event_source_admits_that_source_only(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        statement = {
            "Effect": "Allow",
            "Action": "events:PutEvents",
            "Resource": f"arn:aws:events:{REGION}:{ACCOUNT_ID}:event-bus/default",
            "Condition": {"StringEquals": {"events:source": "mine", "events:detail-type": "Done"}},
        }
        events = emulator.client("events", **assumed(emulator, [statement]))
        return [
            is_allowed(
                events.put_events,
                Entries=[{"Source": source, "DetailType": "Done", "Detail": "{}"} for source in sources],
            )
            for sources in (["mine"], ["theirs"], ["mine", "theirs"])
        ]

    assert_closed_by_a_shim(observe, [True, False, False], shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_a_permission_for_the_streams_of_one_group_admits_these_only(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        group = name()
        for suffix in ("", "-other"):
            emulator.client("logs").create_log_group(logGroupName=f"{group}{suffix}")
        statement = {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{group}:log-stream:*",
        }
        logs = emulator.client("logs", **assumed(emulator, [statement]))
        allowed = []
        for found in (group, f"{group}-other"):
            stream = {"logGroupName": found, "logStreamName": "s"}
            event = {"timestamp": 1, "message": "m"}
            allowed += [
                is_allowed(logs.create_log_stream, **stream),
                is_allowed(logs.put_log_events, **stream, logEvents=[event]),
                is_allowed(logs.get_log_events, **stream),
            ]
        return allowed

    wanted = [True, True, False, False, False, False]
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_a_policy_against_writing_over_admits_who_says_so(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        bucket = name()
        owner = emulator.client("s3")
        owner.create_bucket(Bucket=bucket)
        objects = f"arn:aws:s3:::{bucket}/*"
        refusal: dict[str, Any] = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": objects,
        }
        refusal["Condition"] = {"Null": {"s3:if-none-match": "true"}}
        document = {"Version": "2012-10-17", "Statement": [refusal]}
        owner.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
        permission = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": objects}
        s3 = emulator.client("s3", **assumed(emulator, [permission]))
        return [
            is_allowed(s3.put_object, Bucket=bucket, Key="a", Body=b"", IfNoneMatch="*"),
            is_allowed(s3.put_object, Bucket=bucket, Key="b", Body=b""),
        ]

    assert_closed_by_a_shim(observe, [True, False], shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_a_policy_for_one_key_refuses_uploads_under_another(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        bucket = name()
        owner, kms = emulator.client("s3"), emulator.client("kms")
        owner.create_bucket(Bucket=bucket)
        wanted, other = (kms.create_key()["KeyMetadata"] for _ in range(2))
        key = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        customers = "s3:x-amz-server-side-encryption-customer-algorithm"
        refusal = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
        }
        refusals = [
            {"Null": {key: "false"}, "ArnNotEquals": {key: wanted["Arn"]}},
            {"Null": {customers: "false"}},
        ]
        owner.put_bucket_policy(
            Bucket=bucket,
            Policy=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [{**refusal, "Condition": condition} for condition in refusals],
                }
            ),
        )
        permission = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
        use = {"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": "*"}
        s3 = emulator.client("s3", **assumed(emulator, [permission, use]))
        uploads: list[dict[str, Any]] = [
            {},
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": wanted["Arn"]},
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": wanted["KeyId"]},
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": other["Arn"]},
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": other["KeyId"]},
        ]
        return [is_allowed(s3.put_object, Bucket=bucket, Key="k", **upload) for upload in uploads]

    wanted = [True, True, True, False, False]
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_a_functions_code_is_a_session_of_its_role(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        code = "import boto3\n"
        code += "def handler(event, context):\n"
        code += "    return boto3.client('sts').get_caller_identity()['Arn']\n"
        function_name, function_arn = function(emulator, code)
        client = emulator.client("lambda")
        role_name = client.get_function(FunctionName=function_name)["Configuration"]["Role"].rpartition("/")[
            2
        ]
        arn = json.loads(client.invoke(FunctionName=function_arn)["Payload"].read())
        return arn == f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{role_name}/{function_name}"

    assert_closed_by_a_shim(observe, wanted=True, shimmed=shimmed, bare=bare)
