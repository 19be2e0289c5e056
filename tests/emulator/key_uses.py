"""What a stack's deployment and its roles ask of each of its keys, as requests to the services."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from emulator.server import ACCOUNT_ID, REGION, Emulator
from tests.emulator import gaps
from tests.emulator.refused import ROOT, outcome

Statements = Mapping[str, Mapping[str, Any]]
Uses = Callable[[Emulator, str, Statements], Iterator[tuple[str, str]]]
"""Requests by name, with what came of each: given an emulator, a key's ARN and the statements of its whole policy."""

TAGS = [{"Key": "TenantId", "Value": "acme-corp"}, {"Key": "tenant_id", "Value": "acme-corp"}]


def named(statement: Mapping[str, Any], key: str) -> list[str]:
    """Return the last part of the ARNs that a statement's condition names."""
    (values,) = (values[key] for values in statement["Condition"].values() if key in values)
    return [arn.split(":", 6)[-1] for arn in values]


def sessions(emulator: Emulator, statement: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Make the roles that a statement names, without any permission of their own but for the services."""
    iam = emulator.client("iam")
    for arn in statement["Principal"]["AWS"]:
        name = arn.rpartition("/")[2]
        trust = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, Tags=TAGS)
        own = {
            "Effect": "Allow",
            "Action": ["dynamodb:*", "s3:*", "sqs:*", "secretsmanager:*"],
            "Resource": "*",
        }
        iam.put_role_policy(
            RoleName=name,
            PolicyName="services",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [own]}),
        )
        keys = emulator.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        yield {
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"],
        }


def log_groups(emulator: Emulator, key: str, statements: Statements) -> Iterator[tuple[str, str]]:
    logs = emulator.client("logs")
    for name in named(statements["EncryptLogGroups"], "kms:EncryptionContext:aws:logs:arn"):
        yield f"log group {name}", outcome(logs.create_log_group, logGroupName=name, kmsKeyId=key)


def environments(emulator: Emulator, key: str, statements: Statements) -> Iterator[tuple[str, str]]:
    lambda_ = emulator.client("lambda")
    context = "kms:EncryptionContext:aws:lambda:FunctionArn"
    role = gaps.role(emulator, "lambda.amazonaws.com")
    for name in named(statements["EncryptFunctionEnvironment"], context):
        made = outcome(
            lambda_.create_function,
            FunctionName=name,
            Runtime="python3.13",
            Handler="app.handler",
            Role=role,
            Code={"ZipFile": gaps.packed("")},
            KMSKeyArn=key,
            Environment={"Variables": {"A": "b"}},
        )
        yield f"function {name}", made
        if made == "accepted":
            shown = lambda_.get_function_configuration(FunctionName=name)["Environment"]
            yield f"environment of {name}", "hidden" if "Error" in shown else "accepted"


def objects(emulator: Emulator, key: str, roles: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    bucket = gaps.name()
    emulator.client("s3").create_bucket(Bucket=bucket)
    for keys in roles:
        s3 = emulator.client("s3", **keys)
        put = {"Bucket": bucket, "Key": "k", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
        yield "upload", outcome(s3.put_object, **put)
        yield "download", outcome(s3.get_object, Bucket=bucket, Key="k")


def backups(
    emulator: Emulator, key: str, statements: Statements, *resources: str
) -> Iterator[tuple[str, str]]:
    """A vault with the key, and backups of `resources`, whose data has the key as well, also into one without."""
    backup = emulator.client("backup")
    yield "vault", outcome(backup.create_backup_vault, BackupVaultName="vault", EncryptionKeyArn=key)
    backup.create_backup_vault(BackupVaultName="no-key")
    for arn in statements["ReadForBackups"]["Principal"]["AWS"]:
        for resource, vault in ((resource, vault) for resource in resources for vault in ("vault", "no-key")):
            begin = {"BackupVaultName": vault, "ResourceArn": resource, "IamRoleArn": arn}
            yield f"backup of {resource} into {vault}", outcome(backup.start_backup_job, **begin)


def bucket(emulator: Emulator, key: str) -> str:
    """Make a bucket whose objects have the key, and return its ARN."""
    name, s3 = gaps.name(), emulator.client("s3")
    s3.create_bucket(Bucket=name)
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    return f"arn:aws:s3:::{name}"


def silo(emulator: Emulator, key: str, statements: Statements) -> Iterator[tuple[str, str]]:
    """The uses of a silo's key."""
    conditions = statements["EncryptOwnTable"]["Condition"]["StringEquals"]
    (table,) = conditions["kms:EncryptionContext:aws:dynamodb:tableName"]
    yield (
        "table",
        outcome(
            emulator.client("dynamodb").create_table,
            TableName=table,
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
        ),
    )
    own = f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{table}"
    yield from backups(emulator, key, statements, own, bucket(emulator, key))
    yield from environments(emulator, key, statements)
    yield from log_groups(emulator, key, statements)
    roles = list(sessions(emulator, statements["UseTenantKey"]))
    yield from objects(emulator, key, roles)
    for keys in roles:
        item = {"pk": {"S": "a"}}
        yield (
            "item",
            outcome(emulator.client("dynamodb", **keys).put_item, TableName=table, Item=item),
        )
        yield "encryption", outcome(emulator.client("kms", **keys).encrypt, KeyId=key, Plaintext=b"x")
    yield "dead letter", dead_letter(emulator, key, statements["EncryptDeadLettersOfRule"])


def dead_letter(emulator: Emulator, key: str, statement: Mapping[str, Any]) -> str:
    """Send an event to a function that does not exist, with the tenant's queue for its dead letter."""
    (name,) = named(statement, "kms:EncryptionContext:aws:sqs:arn")
    sqs, events = emulator.client("sqs"), emulator.client("events")
    url = sqs.create_queue(QueueName=name, Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    send = {
        "Effect": "Allow",
        "Principal": statement["Principal"],
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [send]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    events.put_rule(Name="r", EventPattern=json.dumps({"source": ["s"]}))
    nothing = f"arn:aws:lambda:{REGION}:{arn.split(':')[4]}:function:nothing"
    events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": nothing, "DeadLetterConfig": {"Arn": arn}}])
    events.put_events(Entries=[{"Source": "s", "DetailType": "t", "Detail": "{}"}])
    counted = "ApproximateNumberOfMessages"
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[counted])["Attributes"][counted]
    return "accepted" if found == "1" else "lost"


def platform(emulator: Emulator, key: str, statements: Statements) -> Iterator[tuple[str, str]]:
    """The uses of the platform's key."""
    cluster = f"arn:aws:rds:{REGION}:{ACCOUNT_ID}:cluster:storage"
    yield from backups(emulator, key, statements, cluster)
    create = emulator.client("rds").create_db_cluster
    settings: dict[str, Any] = {"Engine": "aurora-postgresql", "MasterUsername": "master"}
    password = {"MasterUserPassword": "long-enough", "KmsKeyId": key}
    yield "cluster", outcome(create, DBClusterIdentifier="storage", **settings, **password)
    managed = {"ManageMasterUserPassword": True, "MasterUserSecretKmsKeyId": key}
    yield "master's secret", outcome(create, DBClusterIdentifier="secret", **settings, **managed)
    yield from environments(emulator, key, statements)
    yield from log_groups(emulator, key, statements)
    secrets = emulator.client("secretsmanager")
    yield "secret", outcome(secrets.create_secret, Name="s", KmsKeyId=key, SecretString="x")
    for keys in sessions(emulator, statements["DecryptMasterSecret"]):
        read = emulator.client("secretsmanager", **keys).get_secret_value
        yield "login of the provisioner", outcome(read, SecretId="s")


def fargate(emulator: Emulator, key: str, statements: Statements) -> Iterator[tuple[str, str]]:
    """The uses of a Fargate tenant's key."""
    yield from backups(emulator, key, statements, bucket(emulator, key))
    yield from log_groups(emulator, key, statements)
    yield from objects(emulator, key, list(sessions(emulator, statements["UseKeyForObjects"])))
    secrets = emulator.client("secretsmanager")
    yield "secret", outcome(secrets.create_secret, Name="s", KmsKeyId=key)
    for keys in sessions(emulator, statements["WriteSecret"]):
        write = emulator.client("secretsmanager", **keys).put_secret_value
        yield "value", outcome(write, SecretId="s", SecretString="x")
    for keys in sessions(emulator, statements["DecryptOwnSecret"]):
        read = emulator.client("secretsmanager", **keys).get_secret_value
        yield "reading", outcome(read, SecretId="s")
