"""Gaps of the emulator and their shims (`gaps.py`): buckets, authorizers, alarms, containers and databases."""

import json
import ssl
import urllib.parse
import urllib.request

import pytest
from botocore.exceptions import ClientError
from pg8000 import native  # type: ignore[import-untyped]

from emulator.server import ACCOUNT_ID, REGION, Emulator
from tests.emulator.gaps import assert_closed_by_a_shim, name
from tests.guards import GUARD_SECONDS


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


def test_an_alarm_on_a_percentile_has_no_other_statistic(shimmed: Emulator, bare: Emulator) -> None:
    given = {"ExtendedStatistic": "p99", "EvaluateLowSampleCountPercentile": "ignore"}

    def observe(emulator: Emulator) -> object:
        alarm = name()
        query(
            emulator,
            "monitoring",
            Action="PutMetricAlarm",
            AlarmName=alarm,
            MetricName="Latency",
            Namespace="AWS/ApiGateway",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods="1",
            Threshold="1",
            **given,
        )
        shown = query(emulator, "monitoring", Action="DescribeAlarms", **{"AlarmNames.member.1": alarm})
        return [text in shown for text in (">p99<", ">ignore<", "<Statistic>")]

    assert_closed_by_a_shim(observe, [True, True, False], shimmed=shimmed, bare=bare)


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
    with opener.open(request, timeout=GUARD_SECONDS) as answer:
        text: str = answer.read().decode()
    return text


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


def test_aurora_keeps_logs_and_the_insights_key(shimmed: Emulator, bare: Emulator) -> None:
    key = f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/insights"

    def observe(emulator: Emulator) -> object:
        rds, cluster, instance = emulator.client("rds"), name(), name()
        rds.create_db_cluster(
            DBClusterIdentifier=cluster,
            Engine="aurora-postgresql",
            MasterUsername="root1",
            ManageMasterUserPassword=True,
            EnableCloudwatchLogsExports=["postgresql"],
        )
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
        return shown.get("EnabledCloudwatchLogsExports"), member.get("PerformanceInsightsKMSKeyId")

    assert_closed_by_a_shim(observe, (["postgresql"], key), shimmed=shimmed, bare=bare)


def test_aurora_creates_the_default_minor_of_a_major_and_goes_forward_only(
    shimmed: Emulator, bare: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        rds, cluster, instance = emulator.client("rds"), name(), name()
        rds.create_db_cluster(
            DBClusterIdentifier=cluster,
            Engine="aurora-postgresql",
            EngineVersion="15",
            MasterUsername="root1",
            ManageMasterUserPassword=True,
        )
        rds.create_db_instance(
            DBInstanceIdentifier=instance,
            DBClusterIdentifier=cluster,
            DBInstanceClass="db.r6g.large",
            Engine="aurora-postgresql",
        )

        def versions() -> tuple[str, str]:
            (shown,) = rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"]
            (member,) = rds.describe_db_instances(DBInstanceIdentifier=instance)["DBInstances"]
            return shown["EngineVersion"], member["EngineVersion"]

        seen: list[object] = [versions()]
        for version in ("15.18", "15.15", "15"):
            try:
                rds.modify_db_cluster(DBClusterIdentifier=cluster, EngineVersion=version)
            except ClientError as error:
                seen.append(error.response["Error"]["Message"])
            seen.append(versions())
        rds.delete_db_instance(DBInstanceIdentifier=instance, SkipFinalSnapshot=True)
        rds.delete_db_cluster(DBClusterIdentifier=cluster, SkipFinalSnapshot=True)
        return seen

    moved = ("15.18", "15.18")
    refusal = "Cannot upgrade aurora-postgresql from 15.18 to 15.15"
    expected = [("15.15", "15.15"), moved, refusal, moved, moved]
    assert_closed_by_a_shim(observe, expected, shimmed=shimmed, bare=bare)


def test_a_version_of_aurora_that_aws_no_longer_offers_is_refused(shimmed: Emulator) -> None:
    with pytest.raises(ClientError) as refused:
        shimmed.client("rds").create_db_cluster(
            DBClusterIdentifier=name(),
            Engine="aurora-postgresql",
            EngineVersion="15.8",
            MasterUsername="root1",
            ManageMasterUserPassword=True,
        )
    assert refused.value.response["Error"]["Code"] == "InvalidParameterCombination"
    assert refused.value.response["Error"]["Message"] == "Cannot find version 15.8 for aurora-postgresql"


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


def test_contributor_insights_create_rules_that_cloudwatch_lists(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        dynamodb, table = emulator.client("dynamodb"), name()
        dynamodb.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in "ab"],
        )
        dynamodb.update_contributor_insights(TableName=table, ContributorInsightsAction="ENABLE")
        try:
            found = emulator.client("cloudwatch").describe_insight_rules()["InsightRules"]
        except ClientError as error:
            return error.response["Error"]["Message"]
        return sorted(rule["Name"].split("-")[1] for rule in found if rule["Name"].endswith(table))

    assert_closed_by_a_shim(observe, ["PKC", "PKT", "SKC", "SKT"], shimmed=shimmed, bare=bare)


def test_service_quotas_knows_defaults_and_what_was_raised(shimmed: Emulator, bare: Emulator) -> None:
    vpcs = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}

    def observe(emulator: Emulator) -> object:
        quotas = emulator.client("service-quotas", region="eu-west-3")
        try:
            first = quotas.get_service_quota(**vpcs)["Quota"]["Value"]
            quotas.request_service_quota_increase(**vpcs, DesiredValue=first + 45)
            raised = quotas.get_service_quota(**vpcs)["Quota"]
            default = quotas.get_aws_default_service_quota(**vpcs)["Quota"]["Value"]
        except ClientError as error:
            return error.response["Error"]["Code"]
        with pytest.raises(quotas.exceptions.NoSuchResourceException):
            quotas.get_service_quota(ServiceCode="vpc", QuotaCode="L-00000000")
        with pytest.raises(quotas.exceptions.IllegalArgumentException):
            quotas.request_service_quota_increase(**vpcs, DesiredValue=5)
        elsewhere = emulator.client("service-quotas", region="eu-west-2").get_service_quota(**vpcs)
        return first, raised["Value"], default, elsewhere["Quota"]["Value"], raised["Adjustable"]

    assert_closed_by_a_shim(observe, (5.0, 50.0, 5.0, 5.0, True), shimmed=shimmed, bare=bare)


def test_a_web_acl_keeps_where_its_log_goes(shimmed: Emulator, bare: Emulator) -> None:
    visible = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}

    def acl(emulator: Emulator) -> str:
        made = emulator.client("wafv2").create_web_acl(
            Name=name(), Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visible
        )
        return str(made["Summary"]["ARN"])

    def group(called: str) -> str:
        return f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{called}"

    def observe(emulator: Emulator) -> object:
        wafv2, arn = emulator.client("wafv2"), acl(emulator)
        configuration = {"ResourceArn": arn, "LogDestinationConfigs": [group("aws-waf-logs-a")]}
        try:
            wafv2.put_logging_configuration(LoggingConfiguration=configuration)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return wafv2.get_logging_configuration(ResourceArn=arn)["LoggingConfiguration"] == configuration

    assert_closed_by_a_shim(observe, True, shimmed=shimmed, bare=bare)
    wafv2, arn = shimmed.client("wafv2"), acl(shimmed)
    with pytest.raises(ClientError, match="WAFInvalidParameterException"):
        wafv2.put_logging_configuration(
            LoggingConfiguration={"ResourceArn": arn, "LogDestinationConfigs": [group("a")]}
        )
    with pytest.raises(ClientError, match="WAFNonexistentItemException"):
        wafv2.delete_logging_configuration(ResourceArn=arn)


def test_guardduty_has_one_detector_in_each_region(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        guardduty = emulator.client("guardduty", region="eu-west-3")
        try:
            made = guardduty.create_detector(Enable=True)["DetectorId"]
        except ClientError as error:
            return error.response["Error"]["Code"]
        with pytest.raises(guardduty.exceptions.BadRequestException):
            guardduty.create_detector(Enable=True)
        with pytest.raises(guardduty.exceptions.BadRequestException):
            guardduty.get_detector(DetectorId="0" * 32)
        enabled = guardduty.get_detector(DetectorId=made)["Status"]
        guardduty.update_detector(DetectorId=made, Enable=False)
        elsewhere = emulator.client("guardduty", region="eu-west-2").list_detectors()["DetectorIds"]
        listed = guardduty.list_detectors()["DetectorIds"] == [made]
        return enabled, guardduty.get_detector(DetectorId=made)["Status"], listed, elsewhere

    assert_closed_by_a_shim(observe, ("ENABLED", "DISABLED", True, []), shimmed=shimmed, bare=bare)


def test_what_an_update_of_a_user_pool_leaves_out_gets_its_default(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        cognito = emulator.client("cognito-idp")
        plus = {"UserPoolTier": "PLUS", "UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}
        pool = cognito.create_user_pool(PoolName=name(), **plus)["UserPool"]["Id"]
        cognito.set_user_pool_mfa_config(
            UserPoolId=pool, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True}
        )
        on = cognito.get_user_pool_mfa_config(UserPoolId=pool)["SoftwareTokenMfaConfiguration"]
        cognito.set_user_pool_mfa_config(UserPoolId=pool, MfaConfiguration="OFF")
        cognito.update_user_pool(UserPoolId=pool, UserPoolTier="ESSENTIALS")
        off = cognito.get_user_pool_mfa_config(UserPoolId=pool)
        described = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]
        return [on, off.get("SoftwareTokenMfaConfiguration"), described.get("UserPoolAddOns")]

    assert_closed_by_a_shim(observe, [{"Enabled": True}, None, None], shimmed=shimmed, bare=bare)


def test_a_user_without_the_factor_that_a_pool_requires_gets_no_token(
    shimmed: Emulator, bare: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        cognito = emulator.client("cognito-idp")
        pool = cognito.create_user_pool(PoolName=name())["UserPool"]["Id"]
        client = cognito.create_user_pool_client(
            UserPoolId=pool, ClientName="app", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
        )["UserPoolClient"]["ClientId"]
        password = "Aa1!aaaaaaaaaaaa"
        cognito.admin_create_user(UserPoolId=pool, Username="ann", MessageAction="SUPPRESS")
        cognito.admin_set_user_password(UserPoolId=pool, Username="ann", Password=password, Permanent=True)
        found = []
        for mfa in ("OFF", "OPTIONAL", "ON"):
            cognito.set_user_pool_mfa_config(
                UserPoolId=pool, MfaConfiguration=mfa, SoftwareTokenMfaConfiguration={"Enabled": True}
            )
            answer = cognito.admin_initiate_auth(
                UserPoolId=pool,
                ClientId=client,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": "ann", "PASSWORD": password},
            )
            found.append(answer.get("ChallengeName") or sorted(answer["AuthenticationResult"])[0])
        return found

    wanted = ["AccessToken", "AccessToken", "MFA_SETUP"]
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)


def test_a_backup_vault_keeps_its_policy(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        backup, vault = emulator.client("backup"), name()
        backup.create_backup_vault(BackupVaultName=vault)
        try:
            backup.put_backup_vault_access_policy(BackupVaultName=vault, Policy="{}")
        except ClientError as error:
            return error.response["Error"]["Code"]
        kept = backup.get_backup_vault_access_policy(BackupVaultName=vault)["Policy"]
        backup.delete_backup_vault_access_policy(BackupVaultName=vault)
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            backup.get_backup_vault_access_policy(BackupVaultName=vault)
        return kept

    assert_closed_by_a_shim(observe, "{}", shimmed=shimmed, bare=bare)


def test_rds_lists_classes_and_authorities(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        rds = emulator.client("rds")
        asked = {"Engine": "aurora-postgresql", "EngineVersion": "15.15"}
        offered = rds.describe_orderable_db_instance_options(**asked)["OrderableDBInstanceOptions"]
        try:
            authorities = rds.describe_certificates()["Certificates"]
        except ClientError:
            authorities = []
        return (
            {"db.r6g.large", "db.t4g.medium", "db.t3.medium"} <= {one["DBInstanceClass"] for one in offered},
            "db.m5.large" in {one["DBInstanceClass"] for one in offered},
            "rds-ca-rsa2048-g1" in {one["CertificateIdentifier"] for one in authorities},
        )

    assert_closed_by_a_shim(observe, (True, False, True), shimmed=shimmed, bare=bare)
