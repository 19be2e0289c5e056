"""Each shim closes its gap, and the gap is there without it.

When a test fails at "without the shim", MiniStack has caught up: remove the shim and its row in
`emulator/README.md`.
"""

import io
import json
import ssl
import time
import urllib.parse
import urllib.request
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pg8000 import native  # type: ignore[import-untyped]

from emulator.server import ACCOUNT_ID, REGION, Emulator

DELIVERY_SECONDS = 15.0
Observe = Callable[[Emulator], Any]


def assert_closed_by_a_shim(observe: Observe, wanted: object, *, shimmed: Emulator, bare: Emulator) -> None:
    assert observe(shimmed) == wanted
    assert observe(bare) != wanted, "without the shim: the emulator has caught up, remove the shim"


def name() -> str:
    return f"t-{uuid.uuid4().hex[:8]}"


def network(emulator: Emulator) -> tuple[str, str, str]:
    """A VPC, a subnet and a security group."""
    ec2 = emulator.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName=name(), Description="test", VpcId=vpc)["GroupId"]
    return vpc, subnet, group


def role(emulator: Emulator, service: str, **tags: str) -> str:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }
    made = emulator.client("iam").create_role(
        RoleName=name(),
        AssumeRolePolicyDocument=json.dumps(trust),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    return str(made["Role"]["Arn"])


def function(emulator: Emulator, code: str, **settings: object) -> tuple[str, str]:
    """A function's name and ARN."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", code)
    made = emulator.client("lambda").create_function(
        FunctionName=name(),
        Runtime="python3.13",
        Handler="app.handler",
        Role=role(emulator, "lambda.amazonaws.com"),
        Code={"ZipFile": packed.getvalue()},
        **settings,
    )
    return made["FunctionName"], made["FunctionArn"]


def queue(emulator: Emulator, *, admits: str | None = None) -> tuple[str, str]:
    """A queue's URL and ARN."""
    sqs = emulator.client("sqs")
    url = sqs.create_queue(QueueName=name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    if admits:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": admits}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


def received(emulator: Emulator, url: str, *, seconds: float = DELIVERY_SECONDS) -> dict[str, Any] | None:
    """The first message, or None when none comes."""
    sqs = emulator.client("sqs")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"], WaitTimeSeconds=1)
        if found := answer.get("Messages"):
            return dict(found[0])
    return None


def test_vpc_endpoints_keep_their_policy_groups_and_private_dns(shimmed: Emulator, bare: Emulator) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})

    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2")
        vpc, subnet, group = network(emulator)
        gateway = ec2.create_vpc_endpoint(
            VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", PolicyDocument=policy
        )
        interface = ec2.create_vpc_endpoint(
            VpcId=vpc,
            ServiceName=f"com.amazonaws.{REGION}.kms",
            VpcEndpointType="Interface",
            SubnetIds=[subnet],
            SecurityGroupIds=[group],
            PrivateDnsEnabled=True,
        )
        ids = [item["VpcEndpoint"]["VpcEndpointId"] for item in (gateway, interface)]
        found = {
            e["VpcEndpointId"]: e for e in ec2.describe_vpc_endpoints(VpcEndpointIds=ids)["VpcEndpoints"]
        }
        shown = found[ids[1]]
        return (
            found[ids[0]].get("PolicyDocument"),
            [item["GroupId"] for item in shown.get("Groups", [])] == [group],
            shown.get("PrivateDnsEnabled"),
        )

    assert_closed_by_a_shim(observe, (policy, True, True), shimmed=shimmed, bare=bare)


def test_a_vpc_endpoint_without_a_policy_has_the_one_that_admits_all(shimmed: Emulator) -> None:
    ec2 = shimmed.client("ec2")
    vpc, _, _ = network(shimmed)
    made = ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3")["VpcEndpoint"]
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], PolicyDocument='{"Statement": []}')
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], ResetPolicy=True)
    found = ec2.describe_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["VpcEndpoints"][0]
    assert json.loads(found["PolicyDocument"])["Statement"][0]["Action"] == "*"


def test_flow_logs_keep_their_role_interval_and_tags(shimmed: Emulator, bare: Emulator) -> None:
    role_arn = f"arn:aws:iam::{ACCOUNT_ID}:role/flow-logs"

    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2")
        vpc, _, _ = network(emulator)
        made = ec2.create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestination=f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:/flow",
            DeliverLogsPermissionArn=role_arn,
            MaxAggregationInterval=60,
            TagSpecifications=[{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "k", "Value": "v"}]}],
        )
        shown = ec2.describe_flow_logs(FlowLogIds=made["FlowLogIds"])["FlowLogs"][0]
        tags = [item["Key"] for item in shown.get("Tags", [])]
        return shown.get("DeliverLogsPermissionArn"), shown.get("MaxAggregationInterval"), tags

    assert_closed_by_a_shim(observe, (role_arn, 60, ["k"]), shimmed=shimmed, bare=bare)


def test_a_security_group_rule_keeps_its_prefix_list(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2")
        _, _, group = network(emulator)
        permission = {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "PrefixListIds": [{"PrefixListId": "pl-63a5400a"}],
        }
        made = ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[permission])
        rule_id = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        shown = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule_id])["SecurityGroupRules"]
        return [item.get("PrefixListId") for item in shown]

    assert_closed_by_a_shim(observe, ["pl-63a5400a"], shimmed=shimmed, bare=bare)


def test_the_rule_for_all_traffic_is_revoked_whatever_ports_are_named(
    shimmed: Emulator, bare: Emulator
) -> None:
    """As the provider does with the rule that every new group has."""

    def observe(emulator: Emulator) -> object:
        ec2 = emulator.client("ec2")
        _, _, group = network(emulator)
        permission = {
            "IpProtocol": "-1",
            "FromPort": 0,
            "ToPort": 0,
            "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
        }
        ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[permission])
        (shown,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
        return shown["IpPermissionsEgress"]

    assert_closed_by_a_shim(observe, [], shimmed=shimmed, bare=bare)


def test_intelligent_tiering_configurations_are_kept(shimmed: Emulator, bare: Emulator) -> None:
    tierings = [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]

    def observe(emulator: Emulator) -> object:
        s3, bucket = emulator.client("s3"), name()
        s3.create_bucket(Bucket=bucket)
        configuration = {"Id": "EntireBucket", "Status": "Enabled", "Tierings": tierings}
        s3.put_bucket_intelligent_tiering_configuration(
            Bucket=bucket, Id="EntireBucket", IntelligentTieringConfiguration=configuration
        )
        one = s3.get_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="EntireBucket")
        listed = s3.list_bucket_intelligent_tiering_configurations(Bucket=bucket)
        return (
            one.get("IntelligentTieringConfiguration", {}).get("Tierings"),
            [item["Id"] for item in listed.get("IntelligentTieringConfigurationList", [])],
        )

    assert_closed_by_a_shim(observe, (tierings, ["EntireBucket"]), shimmed=shimmed, bare=bare)
    s3, bucket = shimmed.client("s3"), name()
    s3.create_bucket(Bucket=bucket)
    with pytest.raises(ClientError, match="NoSuchConfiguration"):
        s3.get_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="EntireBucket")


def test_a_jwt_authorizer_has_no_payload_format_version(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        api = emulator.client("apigatewayv2")
        api_id = api.create_api(Name=name(), ProtocolType="HTTP")["ApiId"]
        made = api.create_authorizer(
            ApiId=api_id,
            Name="jwt",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Audience": ["client"], "Issuer": "https://issuer.example.com"},
        )
        shown = api.get_authorizer(ApiId=api_id, AuthorizerId=made["AuthorizerId"])
        return shown.get("AuthorizerPayloadFormatVersion"), shown["Name"]

    assert_closed_by_a_shim(observe, (None, "jwt"), shimmed=shimmed, bare=bare)


def test_metric_alarms_show_all_that_they_were_given(shimmed: Emulator, bare: Emulator) -> None:
    # Terraform's form of the request and the answer, which boto3 no longer uses for CloudWatch.
    given = {
        "AlarmDescription": "too <many>",
        "Statistic": "Sum",
        "Period": "300",
        "TreatMissingData": "notBreaching",
        "AlarmActions.member.1": f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:alarms",
        "InsufficientDataActions.member.1": f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:unknown",
        "Dimensions.member.1.Name": "FunctionName",
        "Dimensions.member.1.Value": "api",
    }

    def observe(emulator: Emulator) -> object:
        alarm = name()
        query(
            emulator,
            "monitoring",
            Action="PutMetricAlarm",
            AlarmName=alarm,
            MetricName="Errors",
            Namespace="AWS/Lambda",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods="1",
            Threshold="1",
            **given,
        )
        shown = query(emulator, "monitoring", Action="DescribeAlarms", **{"AlarmNames.member.1": alarm})
        texts = ("too &lt;many&gt;", ">Sum<", ">300<", ">notBreaching<", ":alarms<", ":unknown<", ">api<")
        return [text in shown for text in texts]

    assert_closed_by_a_shim(observe, [True] * 7, shimmed=shimmed, bare=bare)


def query(emulator: Emulator, service: str, **parameters: str) -> str:
    """A request of the query protocol, unsigned but for the scope that names the service."""
    scope = f"{ACCOUNT_ID}/20260101/{REGION}/{service}/aws4_request"
    request = urllib.request.Request(
        emulator.endpoint,
        data=urllib.parse.urlencode({"Version": "2010-08-01"} | parameters).encode(),
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        text: str = answer.read().decode()
    return text


def test_a_failing_target_is_retried_and_then_a_dead_letter(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        tries_url, _ = queue(emulator)
        letters_url, letters_arn = queue(emulator)
        code = (
            "import boto3, os\n"
            "def handler(event, context):\n"
            f"    boto3.client('sqs').send_message(QueueUrl={tries_url!r}, MessageBody='try')\n"
            "    raise ValueError('broken')\n"
        )
        function_name, function_arn = function(
            emulator, code, DeadLetterConfig={"TargetArn": letters_arn}, Timeout=10
        )
        emulator.client("lambda").put_function_event_invoke_config(
            FunctionName=function_name, MaximumRetryAttempts=1
        )
        send_through_a_rule(emulator, function_name, function_arn)
        letter = received(emulator, letters_url, seconds=DELIVERY_SECONDS if emulator is shimmed else 3)
        if letter is None:
            return None
        attributes = emulator.client("sqs").get_queue_attributes(
            QueueUrl=tries_url, AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        return (
            json.loads(letter["Body"])["detail"],
            letter["MessageAttributes"]["ErrorMessage"]["StringValue"],
            int(attributes["ApproximateNumberOfMessages"]),
        )

    assert_closed_by_a_shim(observe, ({"n": 1}, "broken", 2), shimmed=shimmed, bare=bare)


def send_through_a_rule(
    emulator: Emulator,
    function_name: str,
    function_arn: str,
    *,
    permit: bool = True,
    dead_letters: bool = False,
) -> str | None:
    """Put an event that a rule hands to the function; the URL of the target's own queue, when it has one."""
    events, rule, source = emulator.client("events"), name(), name()
    rule_arn = events.put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))["RuleArn"]
    if permit:
        emulator.client("lambda").add_permission(
            FunctionName=function_name,
            StatementId="rule",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=rule_arn,
        )
    target: dict[str, Any] = {"Id": "function", "Arn": function_arn}
    url = None
    if dead_letters:
        url, arn = queue(emulator, admits=rule_arn)
        target["DeadLetterConfig"] = {"Arn": arn}
    events.put_targets(Rule=rule, Targets=[target])
    events.put_events(Entries=[{"Source": source, "DetailType": "test", "Detail": json.dumps({"n": 1})}])
    return url


def test_an_event_that_cannot_be_delivered_ends_in_the_targets_queue(
    shimmed: Emulator, bare: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        function_name, function_arn = function(emulator, "def handler(event, context):\n    return 1\n")
        url = send_through_a_rule(emulator, function_name, function_arn, permit=False, dead_letters=True)
        assert url
        letter = received(emulator, url, seconds=DELIVERY_SECONDS if emulator is shimmed else 2)
        if letter is None:
            return None
        return json.loads(letter["Body"])["detail"], letter["MessageAttributes"]["ERROR_CODE"]["StringValue"]

    assert_closed_by_a_shim(observe, ({"n": 1}, "NO_PERMISSIONS"), shimmed=shimmed, bare=bare)


def test_a_success_destination_receives_the_record(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        url, queue_arn = queue(emulator)
        events, rule, bus = emulator.client("events"), name(), name()
        bus_arn = events.create_event_bus(Name=bus)["EventBusArn"]
        events.put_rule(Name=rule, EventBusName=bus, EventPattern=json.dumps({"source": ["lambda"]}))
        events.put_targets(Rule=rule, EventBusName=bus, Targets=[{"Id": "queue", "Arn": queue_arn}])
        function_name, _ = function(emulator, "def handler(event, context):\n    return {'ok': event['n']}\n")
        client = emulator.client("lambda")
        client.put_function_event_invoke_config(
            FunctionName=function_name, DestinationConfig={"OnSuccess": {"Destination": bus_arn}}
        )
        client.invoke(FunctionName=function_name, InvocationType="Event", Payload=b'{"n": 2}')
        message = received(emulator, url, seconds=DELIVERY_SECONDS if emulator is shimmed else 2)
        if message is None:
            return None
        event = json.loads(message["Body"])
        return event["detail-type"], event["detail"]["requestPayload"], event["detail"]["responsePayload"]

    wanted = ("Lambda Function Invocation Result - Success", {"n": 2}, {"ok": 2})
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)


def test_an_ecs_service_keeps_its_zone_rebalancing(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        ecs, cluster, family = emulator.client("ecs"), name(), name()
        ecs.create_cluster(clusterName=cluster)
        ecs.register_task_definition(
            family=family, containerDefinitions=[{"name": "web", "image": "nginx", "memory": 64}]
        )
        settings = {"cluster": cluster, "serviceName": name(), "taskDefinition": family, "desiredCount": 0}
        ecs.create_service(**settings, availabilityZoneRebalancing="DISABLED")
        shown = ecs.describe_services(cluster=cluster, services=[settings["serviceName"]])["services"][0]
        return shown.get("availabilityZoneRebalancing")

    assert_closed_by_a_shim(observe, "DISABLED", shimmed=shimmed, bare=bare)


def test_application_auto_scaling_keeps_targets_policies_and_tags(shimmed: Emulator, bare: Emulator) -> None:
    where = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/cluster/web",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    tracking = {
        "TargetValue": 70.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }

    def observe(emulator: Emulator) -> object:
        client = emulator.client("application-autoscaling")
        try:
            client.register_scalable_target(**where, MinCapacity=2, MaxCapacity=8, Tags={"tenant_id": "a"})
        except ClientError:
            return None
        client.put_scaling_policy(
            **where,
            PolicyName="cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=tracking,
        )
        target = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"][0]
        policy = client.describe_scaling_policies(ServiceNamespace="ecs", PolicyNames=["cpu"])[
            "ScalingPolicies"
        ][0]
        tags = client.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])["Tags"]
        client.deregister_scalable_target(**where)
        left = client.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
        return (
            (target["MinCapacity"], target["MaxCapacity"]),
            policy["TargetTrackingScalingPolicyConfiguration"],
            tags,
            left,
        )

    assert_closed_by_a_shim(observe, ((2, 8), tracking, {"tenant_id": "a"}, []), shimmed=shimmed, bare=bare)


def test_aurora_knows_its_version_and_keeps_logs_and_the_insights_key(
    shimmed: Emulator, bare: Emulator
) -> None:
    key = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/insights"

    def observe(emulator: Emulator) -> object:
        rds, cluster, instance = emulator.client("rds"), name(), name()
        try:
            rds.create_db_cluster(
                DBClusterIdentifier=cluster,
                Engine="aurora-postgresql",
                EngineVersion="15.8",
                MasterUsername="root1",
                ManageMasterUserPassword=True,
                EnableCloudwatchLogsExports=["postgresql"],
            )
        except ClientError:
            return None
        rds.create_db_instance(
            DBInstanceIdentifier=instance,
            DBClusterIdentifier=cluster,
            DBInstanceClass="db.r6g.large",
            Engine="aurora-postgresql",
            EnablePerformanceInsights=True,
            PerformanceInsightsKMSKeyId=key,
        )
        shown = rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]
        member = rds.describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"][0]
        rds.delete_db_instance(DBInstanceIdentifier=instance, SkipFinalSnapshot=True)
        rds.delete_db_cluster(DBClusterIdentifier=cluster, SkipFinalSnapshot=True)
        return (
            shown["EngineVersion"],
            shown.get("EnabledCloudwatchLogsExports"),
            member.get("PerformanceInsightsKMSKeyId"),
        )

    assert_closed_by_a_shim(observe, ("15.8", ["postgresql"], key), shimmed=shimmed, bare=bare)


def test_an_aurora_cluster_has_a_database_behind_its_endpoint(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        rds, cluster = emulator.client("rds"), name()
        rds.create_db_cluster(
            DBClusterIdentifier=cluster,
            Engine="aurora-postgresql",
            MasterUsername="root1",
            ManageMasterUserPassword=True,
            DatabaseName="shop",
        )
        (shown,) = rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"]
        secret = emulator.client("secretsmanager").get_secret_value(
            SecretId=shown["MasterUserSecret"]["SecretArn"]
        )
        tls = ssl.create_default_context()
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        try:
            connection = native.Connection(
                "root1",
                host=shown["Endpoint"],
                port=shown["Port"],
                database="shop",
                password=json.loads(secret["SecretString"])["password"],
                ssl_context=tls,
            )
        except (native.InterfaceError, OSError):
            return None
        try:
            rights = "SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user"
            return connection.run(rights)
        finally:
            connection.close()
            rds.delete_db_cluster(DBClusterIdentifier=cluster, SkipFinalSnapshot=True)

    assert_closed_by_a_shim(observe, [[False, True]], shimmed=shimmed, bare=bare)


def assumed(emulator: Emulator, statements: list[dict[str, Any]], **tags: str) -> dict[str, str]:
    """The keys of a session of a role with these permissions and tags."""
    arn = f"arn:aws:iam::{ACCOUNT_ID}:root"
    trust = [{"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}]
    iam, role_name = emulator.client("iam"), name()
    role_arn = iam.create_role(
        RoleName=role_name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )["Role"]["Arn"]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=role_name, PolicyName="inline", PolicyDocument=document)
    keys = emulator.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test")["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


def is_allowed(call: Callable[..., Any], **arguments: Any) -> bool:
    try:
        call(**arguments)
    except ClientError as error:
        if "AccessDenied" not in error.response["Error"]["Code"]:
            raise
        return False
    return True


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
        s3 = emulator.client("s3", **assumed(emulator, [permission]))
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
