"""KMS is asked on the caller's behalf (`emulator/refusals/kms_*.py`), also where the caller is the account's root."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.server import ACCOUNT_ID, REGION, Emulator
from tests.emulator import gaps
from tests.emulator.refused import allow, key, outcome, policy, statement

TABLE: dict[str, Any] = {
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}
TABLE_RIGHTS = (
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:CreateGrant",
)
ITEM = {"pk": {"S": "a"}}
USE = ("kms:Decrypt", "kms:GenerateDataKey")


def via(service: str, **context: str) -> dict[str, Any]:
    found = {f"kms:EncryptionContext:{name}": value for name, value in context.items()}
    return {"StringEquals": {"kms:ViaService": f"{service}.{REGION}.amazonaws.com", **found}}


def table_condition(name: str) -> dict[str, Any]:
    context = {"aws:dynamodb:tableName": name, "aws:dynamodb:subscriberId": ACCOUNT_ID}
    return via("dynamodb", **context)


def create_table(emulator: Emulator, name: str, key_arn: str) -> str:
    encryption = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key_arn}
    return outcome(
        emulator.client("dynamodb").create_table, TableName=name, SSESpecification=encryption, **TABLE
    )


def test_a_table_needs_every_documented_right(shimmed: Emulator, bare: Emulator) -> None:
    for missing in TABLE_RIGHTS:
        name = gaps.name()
        rights = [right for right in TABLE_RIGHTS if right != missing]
        for emulator, wanted in ((shimmed, "AccessDeniedException"), (bare, "accepted")):
            key_arn = key(emulator, statement(*rights, condition=table_condition(name)))
            assert create_table(emulator, name, key_arn) == wanted, missing
    name = gaps.name()
    allowed = key(shimmed, statement(*TABLE_RIGHTS, condition=table_condition(name)))
    assert create_table(shimmed, name, allowed) == "accepted"
    assert create_table(shimmed, gaps.name(), allowed) == "AccessDeniedException"


def test_an_item_needs_the_tables_key(shimmed: Emulator, bare: Emulator) -> None:
    for emulator, wanted in ((shimmed, "AccessDeniedException"), (bare, "accepted")):
        name = gaps.name()
        full = statement(*TABLE_RIGHTS, condition=table_condition(name))
        key_arn = key(emulator, full)
        assert create_table(emulator, name, key_arn) == "accepted"
        client = emulator.client("dynamodb")
        requests: dict[str, dict[str, Any]] = {
            "put_item": {"TableName": name, "Item": ITEM},
            "scan": {"TableName": name},
            "batch_get_item": {"RequestItems": {name: {"Keys": [ITEM]}}},
            "transact_write_items": {"TransactItems": [{"Put": {"TableName": name, "Item": ITEM}}]},
        }
        for call, arguments in requests.items():
            assert outcome(getattr(client, call), **arguments) == "accepted"
        allow(emulator, key_arn, statement("kms:Encrypt"))
        for call, arguments in requests.items():
            assert outcome(getattr(client, call), **arguments) == wanted, call


@pytest.mark.parametrize("bucket_key", [False, True])
def test_an_object_needs_its_key(shimmed: Emulator, bare: Emulator, bucket_key: bool) -> None:
    for emulator, refused in ((shimmed, "AccessDenied"), (bare, "accepted")):
        bucket, s3 = gaps.name(), emulator.client("s3")
        arn = f"arn:aws:s3:::{bucket}" + ("" if bucket_key else "/k")
        key_arn = key(emulator)
        s3.create_bucket(Bucket=bucket)
        rule = {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn},
            "BucketKeyEnabled": bucket_key,
        }
        s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
        put = {"Bucket": bucket, "Key": "k", "Body": b"x"}
        assert outcome(s3.put_object, **put) == refused
        allow(emulator, key_arn, statement("kms:GenerateDataKey", condition=via("s3", **{"aws:s3:arn": arn})))
        assert outcome(s3.put_object, **put) == "accepted"
        assert outcome(s3.get_object, Bucket=bucket, Key="k") == refused
        copy = {"Bucket": bucket, "Key": "copy", "CopySource": f"{bucket}/k"}
        assert outcome(s3.copy_object, **copy) == refused
        assert outcome(s3.create_multipart_upload, Bucket=bucket, Key="k") == refused
        allow(emulator, key_arn, statement(*USE, condition=via("s3", **{"aws:s3:arn": arn})))
        assert outcome(s3.get_object, Bucket=bucket, Key="k") == "accepted"
        assert outcome(s3.create_multipart_upload, Bucket=bucket, Key="k") == "accepted"
        by_header = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key(emulator)}
        assert outcome(s3.put_object, **put, **by_header) == refused


def test_a_secret_needs_its_key(shimmed: Emulator, bare: Emulator) -> None:
    for emulator, refused in ((shimmed, "AccessDeniedException"), (bare, "accepted")):
        secrets = emulator.client("secretsmanager")
        trial = statement(*USE, condition=via("secretsmanager", SecretVersionId="RequestToValidateKeyAccess"))
        key_arn = key(emulator, statement("kms:GenerateDataKey"))
        assert outcome(secrets.create_secret, Name=gaps.name(), KmsKeyId=key_arn) == refused
        allow(emulator, key_arn, trial)
        secret = gaps.name()
        assert outcome(secrets.create_secret, Name=secret, KmsKeyId=key_arn) == "accepted"
        assert outcome(secrets.create_secret, Name=gaps.name(), KmsKeyId=key_arn, SecretString="x") == refused
        put = {"SecretId": secret, "SecretString": "x"}
        assert outcome(secrets.put_secret_value, **put) == refused
        allow(emulator, key_arn, trial, statement(*USE, condition=via("secretsmanager")))
        assert outcome(secrets.put_secret_value, **put) == "accepted"
        assert outcome(secrets.get_secret_value, SecretId=secret) == "accepted"
        allow(emulator, key_arn, trial)
        assert outcome(secrets.get_secret_value, SecretId=secret) == refused


def encrypted_queue(emulator: Emulator, key_arn: str) -> tuple[str, str]:
    url, arn = gaps.queue(emulator)
    emulator.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": key_arn})
    return url, arn


def test_a_message_needs_the_queues_key(shimmed: Emulator, bare: Emulator) -> None:
    for emulator, refused in ((shimmed, "KMS.AccessDeniedException"), (bare, "accepted")):
        sqs, key_arn = emulator.client("sqs"), key(emulator, statement("kms:GenerateDataKey"))
        url, arn = encrypted_queue(emulator, key_arn)
        assert outcome(sqs.send_message, QueueUrl=url, MessageBody="x") == refused
        allow(emulator, key_arn, statement(*USE, condition=via("sqs", **{"aws:sqs:arn": arn})))
        assert outcome(sqs.send_message, QueueUrl=url, MessageBody="x") == "accepted"
        allow(emulator, key_arn, statement("kms:GenerateDataKey"))
        assert outcome(sqs.receive_message, QueueUrl=url) == refused


def test_a_log_group_needs_the_logs_service_in_the_key_policy(shimmed: Emulator, bare: Emulator) -> None:
    logs_service = {"Service": f"logs.{REGION}.amazonaws.com"}
    rights = ("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*")
    for emulator, refused in ((shimmed, "AccessDeniedException"), (bare, "accepted")):
        logs, group = emulator.client("logs"), gaps.name()
        arn = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{group}"
        condition = {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": arn}}
        # The account's own rights do not help: the service uses the key for itself.
        key_arn = key(emulator, statement("kms:*"))
        create = logs.create_log_group
        assert outcome(create, logGroupName=gaps.name(), kmsKeyId=key_arn) == refused
        allow(emulator, key_arn, statement(*rights, principal=logs_service, condition=condition))
        assert outcome(create, logGroupName=gaps.name(), kmsKeyId=key_arn) == refused
        assert outcome(create, logGroupName=group, kmsKeyId=key_arn) == "accepted"


def test_a_functions_environment_needs_its_key(shimmed: Emulator, bare: Emulator) -> None:
    settings = {"Environment": {"Variables": {"A": "b"}}}
    for emulator, refused in ((shimmed, "InvalidParameterValueException"), (bare, "accepted")):
        for missing in ("kms:Encrypt", "kms:CreateGrant"):
            rights = {"kms:Encrypt", "kms:CreateGrant", "kms:Decrypt"} - {missing}
            key_arn = key(emulator, statement(*rights, condition=via("lambda")))
            made = outcome(lambda: gaps.function(emulator, "", KMSKeyArn=key_arn, **settings))  # noqa: B023
            assert made == refused, missing
        allow(emulator, key_arn, statement("kms:Encrypt", "kms:CreateGrant", condition=via("lambda")))
        name, _ = gaps.function(emulator, "", KMSKeyArn=key_arn, **settings)
        shown = emulator.client("lambda").get_function_configuration(FunctionName=name)["Environment"]
        assert ("Error" in shown) == (emulator is shimmed)
        allow(emulator, key_arn, statement("kms:Decrypt", condition=via("lambda")))
        shown = emulator.client("lambda").get_function(FunctionName=name)["Configuration"]["Environment"]
        assert shown == {"Variables": {"A": "b"}}


@pytest.mark.parametrize(
    ("parameters", "missing"),
    [
        ({"KmsKeyId": True, "MasterUserPassword": "long-enough"}, "kms:CreateGrant"),
        ({"KmsKeyId": True, "MasterUserPassword": "long-enough"}, "kms:DescribeKey"),
        *(
            ({"MasterUserSecretKmsKeyId": True, "ManageMasterUserPassword": True}, f"kms:{action}")
            for action in ("CreateGrant", "Decrypt", "GenerateDataKey", "DescribeKey")
        ),
    ],
)
def test_a_cluster_and_its_secret_need_their_keys(
    shimmed: Emulator, bare: Emulator, parameters: dict[str, object], missing: str
) -> None:
    rights = {"kms:CreateGrant", "kms:DescribeKey", *USE}
    for emulator, refused in ((shimmed, "KMSKeyNotAccessibleFault"), (bare, "accepted")):
        management = statement("kms:PutKeyPolicy")
        kms = emulator.client("kms")

        def made(*actions: str, kms: Any = kms, management: Any = management) -> str:
            document = {"Version": "2012-10-17", "Statement": [management, statement(*actions)]}
            return str(kms.create_key(Policy=json.dumps(document))["KeyMetadata"]["Arn"])

        for key_arn, wanted in ((made(*(rights - {missing})), refused), (made(*rights), "accepted")):
            settings = {
                name: key_arn if value is True and "Key" in name else value
                for name, value in parameters.items()
            }
            created = outcome(
                emulator.client("rds").create_db_cluster,
                DBClusterIdentifier=gaps.name(),
                Engine="aurora-postgresql",
                MasterUsername="master",
                **settings,
            )
            assert created == wanted


def test_a_key_that_is_disabled_serves_nobody(shimmed: Emulator, bare: Emulator) -> None:
    for emulator, refused in ((shimmed, "AccessDenied"), (bare, "accepted")):
        bucket, s3 = gaps.name(), emulator.client("s3")
        s3.create_bucket(Bucket=bucket)
        key_arn = key(emulator, statement("kms:*"))
        put = {"Bucket": bucket, "Key": "k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn}
        assert outcome(s3.put_object, **put) == "accepted"
        emulator.client("kms").disable_key(KeyId=key_arn)
        assert outcome(s3.put_object, **put) == refused


def test_a_role_needs_the_key_policy_and_its_own_or_a_grant(shimmed_with_iam: Emulator) -> None:
    emulator = shimmed_with_iam
    bucket = gaps.name()
    emulator.client("s3").create_bucket(Bucket=bucket)
    put = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    use = {"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": "*"}
    key_arn = key(emulator, statement("kms:GenerateDataKey", "kms:CreateGrant"))
    found = {}
    for label, statements in {"both": [put, use], "policy alone": [put]}.items():
        keys = gaps.assumed(emulator, statements)
        s3 = emulator.client("s3", **keys)
        upload = {"Bucket": bucket, "Key": "k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn}
        found[label] = outcome(s3.put_object, **upload)
        if label == "policy alone":
            arn = emulator.client("sts", **keys).get_caller_identity()["Arn"]
            emulator.client("kms").create_grant(
                KeyId=key_arn, GranteePrincipal=arn, Operations=["GenerateDataKey"]
            )
            found["grant"] = outcome(s3.put_object, **upload)
    assert found == {"both": "accepted", "policy alone": "AccessDenied", "grant": "accepted"}


BACKUP_ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/backups"
OF_VAULT = ("kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant", *USE)
OF_BACKUP = ("kms:CreateGrant", "kms:DescribeKey", *USE)


@pytest.mark.parametrize("missing", [*OF_VAULT, ""])
def test_a_vault_and_its_backups_need_their_keys(shimmed: Emulator, bare: Emulator, missing: str) -> None:
    for emulator, refused in ((shimmed, "AccessDeniedException"), (bare, "accepted")):
        backup, kms = emulator.client("backup"), emulator.client("kms")
        administration = statement("kms:PutKeyPolicy")

        def made(*statements: Any, kms: Any = kms, administration: Any = administration) -> str:
            return str(kms.create_key(Policy=policy([administration, *statements]))["KeyMetadata"]["Arn"])

        def without(right: str, rights: tuple[str, ...]) -> list[str]:
            return [other for other in rights if other != right]

        wanted = refused if missing else "accepted"
        of_vault = made(statement(*without(missing, OF_VAULT)))
        created = outcome(backup.create_backup_vault, BackupVaultName=gaps.name(), EncryptionKeyArn=of_vault)
        assert created == wanted

        # The role is a principal of the keys' policies: it needs no policy of its own.
        role = {"AWS": BACKUP_ROLE}
        vault, table, bucket = gaps.name(), gaps.name(), gaps.name()
        rights = statement(*without(missing, OF_BACKUP), principal=role)
        its_key = made(statement(*OF_VAULT), rights)
        backup.create_backup_vault(BackupVaultName=vault, EncryptionKeyArn=its_key)
        through = ("dynamodb", "s3")
        data = [statement(*without(missing, USE), principal=role, condition=via(name)) for name in through]
        of_data = made(statement(*TABLE_RIGHTS, "kms:DescribeKey"), *data)
        assert create_table(emulator, table, of_data) == "accepted"
        encrypt_by_default(emulator, bucket, of_data)

        def begun(resource: str, vault: str = vault, backup: Any = backup) -> str:
            return outcome(
                backup.start_backup_job,
                BackupVaultName=vault,
                ResourceArn=resource,
                IamRoleArn=BACKUP_ROLE,
            )

        of_role = refused if missing in OF_BACKUP else "accepted"
        assert begun(f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{table}") == of_role
        assert begun(f"arn:aws:s3:::{bucket}") == of_role
        # A vault without a key of the customer's asks for the data's alone.
        free = gaps.name()
        backup.create_backup_vault(BackupVaultName=free)
        of_table = refused if missing in USE else "accepted"
        of_bucket = refused if missing == "kms:Decrypt" else "accepted"
        assert begun(f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{table}", free) == of_table
        assert begun(f"arn:aws:s3:::{bucket}", free) == of_bucket


def encrypt_by_default(emulator: Emulator, bucket: str, key_arn: str) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=bucket)
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn}
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}]
        },
    )
