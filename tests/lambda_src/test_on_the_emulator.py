"""The packed zips on the emulator, invoked as on AWS, with IAM enforced and a separate role for each function.

HTTP request -> API -> Lambda -> DynamoDB and S3; PutEvents -> rule -> Lambda -> profile -> event; and
Terraform's invocation -> Lambda -> PostgreSQL.
"""

import http.client
import json
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from bundling.function_package import package
from emulator.database_tls import HOST
from emulator.server import ACCOUNT_ID, REGION, Emulator
from tests.aws.calling import token
from tests.guards import GUARD_SECONDS
from tests.lambda_src.conftest import client, items_of, make_table
from tests.lambda_src.support import postgres_servers
from tests.lambda_src.support.invocations import unique
from tests.lambda_src.support.postgres_servers import PostgresServer
from tests.lambda_src.support.waiting import eventually

TENANT = "acme-corp"


@dataclass
class Cloud:
    """An AWS account with what the functions need.

    Attributes:
        table: The tenant's table.
        bucket: The tenant's bucket.
        key: ARN of the tenant's key.
        api: Id of the HTTP API.
        bearer: An access token of a user of the tenant's.
    """

    emulator: Emulator
    table: str = ""
    bucket: str = ""
    key: str = ""
    api: str = ""
    bearer: str = ""
    arns: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        return client(self.emulator, service)

    def queue(self, name: str, sender: str | None = None) -> tuple[str, str]:
        """A queue's URL and ARN; `sender` is the AWS service that may send to it."""
        queues = self.client("sqs")
        url = queues.create_queue(QueueName=name)["QueueUrl"]
        arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        if sender:
            statement = {"Effect": "Allow", "Principal": {"Service": sender}, "Action": "sqs:SendMessage"}
            policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": arn}]}
            queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        return url, arn

    def messages(self, url: str) -> list[dict[str, Any]]:
        queues = self.client("sqs")
        found = queues.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=0
        )
        messages: list[dict[str, Any]] = found.get("Messages", [])
        return messages

    def taken(self, url: str) -> list[dict[str, Any]]:
        """Up to ten messages, which are then deleted from the queue."""
        messages = self.messages(url)
        for message in messages:
            self.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return messages

    def function(
        self,
        source: str,
        environment: dict[str, str],
        statements: list[dict[str, Any]],
        dead_letters: str | None = None,
    ) -> str:
        """A function made from the packed zip, whose role allows what `statements` say and nothing else."""
        role = unique(source)
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        iam = self.client("iam")
        arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        allowed = [{"Effect": "Allow", **statement} for statement in statements]
        policy = {"Version": "2012-10-17", "Statement": allowed}
        iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=json.dumps(policy))
        made = self.client("lambda").create_function(
            FunctionName=unique(source),
            Runtime="python3.13",
            Handler=f"{source}.handler.handler",
            Role=arn,
            Timeout=900,
            MemorySize=256,
            Code={"ZipFile": package(source).path.read_bytes()},
            Environment={"Variables": environment},
            **({"DeadLetterConfig": {"TargetArn": dead_letters}} if dead_letters else {}),
        )
        found: str = made["FunctionArn"]
        self.arns[source] = found
        return found

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """The status, headers and body that a client of the API gets."""
        url = f"{self.emulator.endpoint}/_aws/execute-api/{self.api}/$default{path}"
        return fetch(method, url, body, {"Authorization": f"Bearer {self.bearer}"} | (headers or {}))


def fetch(
    method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    parts = urllib.parse.urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=GUARD_SECONDS)
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        return (
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            response.read(),
        )
    finally:
        connection.close()


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with Emulator(auth=True) as emulator:
        made = Cloud(emulator)
        made.table = make_table(emulator)
        made.bucket = unique("bucket")
        made.client("s3").create_bucket(Bucket=made.bucket)
        made.key = made.client("kms").create_key()["KeyMetadata"]["Arn"]
        yield made


def access(cloud: Cloud) -> list[dict[str, Any]]:
    """The actions that the tenant stack allows its functions."""
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{cloud.table}"
    bucket = f"arn:aws:s3:::{cloud.bucket}"
    return [
        {
            "Action": [f"dynamodb:{name}" for name in ("GetItem", "PutItem", "Query", "UpdateItem")],
            "Resource": table,
        },
        {"Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": f"{bucket}/*"},
        {"Action": "s3:ListBucket", "Resource": bucket},
        {"Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], "Resource": cloud.key},
    ]


@pytest.fixture(scope="module")
def api(cloud: Cloud) -> Cloud:
    environment = {
        "TENANT_ID": TENANT,
        "DYNAMODB_TABLE": cloud.table,
        "S3_BUCKET": cloud.bucket,
        "KMS_KEY_ID": cloud.key,
        "LARGEST_OBJECT_BYTES": "1000000000",
        "MOST_RECORDS": "unlimited",
        "MOST_OBJECTS": "10",
        "MOST_OBJECT_BYTES": "unlimited",
        "API_CALLERS": "users",
    }
    function = cloud.function("tenant_api", environment, access(cloud))
    gateway = cloud.client("apigatewayv2")
    cloud.api = gateway.create_api(Name="http", ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=cloud.api, IntegrationType="AWS_PROXY", IntegrationUri=function, PayloadFormatVersion="2.0"
    )
    users = cloud.client("cognito-idp")
    pool = users.create_user_pool(PoolName=TENANT)["UserPool"]["Id"]
    reader = users.create_user_pool_client(
        UserPoolId=pool, ClientName="api", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    issuer = f"https://cognito-idp.{REGION}.amazonaws.com/{pool}"
    authorizer = gateway.create_authorizer(
        ApiId=cloud.api,
        Name="users",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": [reader], "Issuer": issuer},
    )
    cloud.bearer = token(users, TENANT)
    gateway.create_route(
        ApiId=cloud.api,
        RouteKey="$default",
        Target=f"integrations/{integration['IntegrationId']}",
        AuthorizationType="JWT",
        AuthorizerId=authorizer["AuthorizerId"],
    )
    gateway.create_stage(ApiId=cloud.api, StageName="$default", AutoDeploy=True)
    cloud.client("lambda").add_permission(
        FunctionName=function,
        StatementId="AllowApi",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT_ID}:{cloud.api}/*",
    )
    return cloud


def test_a_request_comes_through_the_api_to_the_table(api: Cloud) -> None:
    status, headers, body = api.request("GET", "/")
    assert status == 200, body
    answer = json.loads(body)
    assert answer["tenant_id"] == headers["x-tenant-id"] == TENANT
    assert answer["request_id"] == headers["x-request-id"]
    keys = [item["resource_type"]["S"] for item in items_of(api.emulator, api.table)]
    assert f"api_request#{answer['time']}#{answer['request_id']}" in keys


def test_the_roles_actions_are_enough_for_health(api: Cloud) -> None:
    status, _, body = api.request("GET", "/health")
    assert (status, json.loads(body)["status"]) == (200, "ok")


def test_a_record_lives_and_dies_over_http(api: Cloud) -> None:
    path = "/records/invoice/2026-1"
    status, headers, body = api.request("PUT", path, '{"name": "grüße"}'.encode())
    assert (status, headers["etag"]) == (201, '"1"'), body
    status, _, body = api.request("PUT", path, b"{}", {"If-Match": '"7"'})
    assert (status, json.loads(body)["current_version"]) == (412, 1)
    status, headers, _ = api.request("PUT", path, b'{"a": 2}', {"If-Match": '"1"'})
    assert (status, headers["etag"]) == (200, '"2"')
    status, _, body = api.request("GET", "/records?type=invoice&limit=1")
    assert [record["data"] for record in json.loads(body)["records"]] == [{"a": 2}]
    assert api.request("DELETE", path, headers={"If-Match": '"2"'})[0] == 204
    assert api.request("GET", path)[0] == 404


def test_an_object_lives_and_dies_over_http(api: Cloud) -> None:
    path = "/objects/reports/%C3%BCbersicht%20%28a%29.bin"
    content = bytes(range(256))
    status, _, body = api.request("PUT", path, content, {"Content-Type": "application/octet-stream"})
    assert (status, json.loads(body)["key"]) == (201, "reports/übersicht (a).bin")
    status, headers, body = api.request("GET", path)
    assert (status, body, headers["content-type"]) == (200, content, "application/octet-stream")
    head = api.client("s3").head_object(Bucket=api.bucket, Key="reports/übersicht (a).bin")
    assert head["SSEKMSKeyId"] == api.key
    assert api.request("DELETE", path)[0] == 204
    assert api.request("GET", path)[0] == 404


@pytest.mark.parametrize(
    "path", ["/objects/%2e%2e/x", "/objects/a/%2E%2E/%2e%2e/x", "/objects/a%00b", "/objects/%252e%252e/x"]
)
def test_an_escaped_traversal_is_400_over_http(api: Cloud, path: str) -> None:
    status, headers, body = api.request("PUT", path, b"x")
    assert (status, headers["content-type"]) == (400, "application/problem+json")
    assert json.loads(body)["type"].endswith(":invalid-key")


def test_a_large_object_goes_by_urls_that_the_role_has_signed(api: Cloud) -> None:
    content = b"z" * (1024 * 1024 + 1)
    status, _, body = api.request("PUT", "/objects/big", content)
    assert status == 413, body
    status, _, body = api.request("PUT", f"/objects/big?upload_size={len(content)}")
    upload = json.loads(body)
    assert status == 200
    # IAM is enforced: nobody may write without the signature.
    assert fetch("PUT", upload["url"].partition("?")[0], content, upload["headers"])[0] == 403
    assert fetch("PUT", upload["url"], content, upload["headers"])[0] == 200
    status, headers, _ = api.request("GET", "/objects/big")
    assert status == 307
    assert fetch("GET", headers["location"])[2] == content


def test_an_unknown_route_and_a_wrong_method_over_http(api: Cloud) -> None:
    assert api.request("GET", "/nowhere")[0] == 404
    status, headers, _ = api.request("POST", "/health", b"{}")
    assert (status, headers["allow"]) == (405, "GET")


@dataclass
class Signups:
    """The rule in front of the provisioner, and the queues that receive the outcomes of signups.

    Attributes:
        heard: URL of the queue for the events that the provisioner sends.
        done: URL of the queue for the records of successful invocations.
        dead: URL of the dead-letter queue.
    """

    cloud: Cloud
    heard: str
    done: str
    dead: str

    def put(self, detail: dict[str, Any]) -> None:
        entry = {"Source": "custom.signup", "DetailType": "Tenant Signup", "Detail": json.dumps(detail)}
        answer = self.cloud.client("events").put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0


@pytest.fixture(scope="module")
def signups(cloud: Cloud) -> Signups:
    dead, dead_arn = cloud.queue(unique("dead"), "lambda.amazonaws.com")
    done, done_arn = cloud.queue(unique("done"))
    heard, heard_arn = cloud.queue(unique("heard"), "events.amazonaws.com")
    bus = f"arn:aws:events:{REGION}:{ACCOUNT_ID}:event-bus/default"
    announce = {
        "Action": "events:PutEvents",
        "Resource": bus,
        "Condition": {"StringEquals": {"events:source": "tenant-platform.provisioner"}},
    }
    send = {"Action": "sqs:SendMessage", "Resource": [dead_arn, done_arn]}
    environment = {"TENANT_ID": TENANT, "DYNAMODB_TABLE": cloud.table, "EVENT_BUS_NAME": "default"}
    function = cloud.function("tenant_provisioner", environment, [*access(cloud), announce, send], dead_arn)
    functions = cloud.client("lambda")
    functions.put_function_event_invoke_config(
        FunctionName=function, DestinationConfig={"OnSuccess": {"Destination": done_arn}}
    )
    functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=4)
    events = cloud.client("events")
    pattern = {
        "source": ["custom.signup"],
        "detail-type": ["Tenant Signup"],
        "detail": {"tenantId": [TENANT]},
    }
    rule = events.put_rule(Name="signup", EventPattern=json.dumps(pattern))["RuleArn"]
    functions.add_permission(
        FunctionName=function,
        StatementId="AllowEventBridgeInvoke",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule,
    )
    events.put_targets(Rule="signup", Targets=[{"Id": "function", "Arn": function}])
    events.put_rule(Name="heard", EventPattern=json.dumps({"source": ["tenant-platform.provisioner"]}))
    events.put_targets(Rule="heard", Targets=[{"Id": "queue", "Arn": heard_arn}])
    return Signups(cloud, heard, done, dead)


def profile(cloud: Cloud) -> dict[str, Any] | None:
    key = {"tenant_id": {"S": TENANT}, "resource_type": {"S": "profile"}}
    item: dict[str, Any] | None = (
        cloud.client("dynamodb").get_item(TableName=cloud.table, Key=key, ConsistentRead=True).get("Item")
    )
    return item


def reason(letter: dict[str, Any]) -> str:
    """Why an event became a dead letter, empty where Lambda does not say."""
    text: str = letter.get("MessageAttributes", {}).get("ErrorMessage", {}).get("StringValue", "")
    return text


def test_a_malformed_signup_ends_in_the_dead_letter_queue_once(signups: Signups) -> None:
    wanted = {"no plan at all", "none again"}

    def letters(number: int) -> list[dict[str, Any]]:
        # The emulator writes a letter first and its reason a moment later.
        found = signups.cloud.messages(signups.dead)
        return found if len(found) >= number and all(map(reason, found)) else []

    for number, plan in enumerate(sorted(wanted), start=1):
        signups.put({"tenantId": TENANT, "plan": plan})
        assert eventually(partial(letters, number))
    # A second letter about the first signup would have come before the one about the second.
    found = letters(2)
    assert sorted(json.loads(letter["Body"])["detail"]["plan"] for letter in found) == sorted(wanted)
    for letter in found:
        assert "malformed signup event: event.detail.plan must satisfy pattern" in reason(letter)
    assert profile(signups.cloud) is None


def test_signups_at_once_give_one_profile_and_one_event(signups: Signups) -> None:
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda _: signups.put({"tenantId": TENANT, "plan": "premium"}), range(30)))

    outcomes: list[str] = []
    throttled: list[dict[str, Any]] = []

    def all_have_ended() -> bool:
        records = [json.loads(record["Body"]) for record in signups.cloud.taken(signups.done)]
        outcomes.extend(record["responsePayload"]["outcome"] for record in records)
        letters = signups.cloud.taken(signups.dead)
        throttled.extend(
            letter for letter in letters if json.loads(letter["Body"])["detail"]["plan"] == "premium"
        )
        return len(outcomes) + len(throttled) == 30

    eventually(all_have_ended)
    assert sorted(outcomes) == ["duplicate"] * (len(outcomes) - 1) + ["provisioned"]
    # The emulator gives up on a throttled event after three attempts, where AWS goes on for hours.
    assert {reason(letter) for letter in throttled} <= {""}
    item = profile(signups.cloud)
    assert item is not None
    assert (item["status"]["S"], item["plan"]["S"], item["notice"]["S"]) == ("ACTIVE", "premium", "SENT")
    (message,) = eventually(lambda: signups.cloud.messages(signups.heard))
    event = json.loads(message["Body"])
    assert (event["detail-type"], event["detail"]["tenantId"]) == ("Tenant Provisioned", TENANT)


@pytest.mark.postgres
def test_terraforms_invocation_makes_and_removes_a_tenant(cloud: Cloud) -> None:
    folder = postgres_servers.binaries(postgres_servers.WHEEL_VERSIONS[0])
    assert folder is not None
    secrets = cloud.client("secretsmanager")
    login = {"username": postgres_servers.MASTER, "password": postgres_servers.MASTER_PASSWORD}
    master = secrets.create_secret(Name="rds!cluster-1", SecretString=json.dumps(login))["ARN"]
    tenant = secrets.create_secret(Name=f"rds/tenant/{TENANT}/test/password")["ARN"]
    with PostgresServer(postgres_servers.WHEEL_VERSIONS[0], folder) as server:
        with server.master("postgres") as session:
            session.run("CREATE DATABASE saasdb")
        environment = {
            "DATABASE_HOST": HOST,
            "DATABASE_PORT": str(server.port),
            "MASTER_SECRET_ARN": master,
            "DATABASE_CA_FILE": str(server.authority.ca_file),
            "ERASABLE_TENANTS": "*",
        }
        function = cloud.function(
            "database_provisioner",
            environment,
            [
                {"Action": "secretsmanager:GetSecretValue", "Resource": master},
                {
                    "Action": ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
                    "Resource": tenant,
                },
            ],
        )

        def invoke(action: str) -> dict[str, Any]:
            event = {"tenant": TENANT, "secret_arn": tenant, "tf": {"action": action}}
            answer = cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
            result: dict[str, Any] = json.loads(answer["Payload"].read())
            assert "FunctionError" not in answer, result
            return result

        assert invoke("create")["role"] == "tenant_acme_corp"
        assert invoke("update")["schema"] == "tenant_acme_corp"
        known = json.loads(secrets.get_secret_value(SecretId=tenant)["SecretString"])
        with server.session(known["username"], known["password"], known["dbname"]) as session:
            session.run("CREATE TABLE mine (id int)")
        invoke("delete")
        with server.superuser() as session:
            assert session.run("SELECT FROM pg_roles WHERE rolname = 'tenant_acme_corp'") == []
