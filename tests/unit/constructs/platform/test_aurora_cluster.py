"""The shared database."""

from __future__ import annotations

import json

import pytest

from tests.synthesis import ACCOUNT, PRODUCTION, THREE, platform


def test_the_engine_the_class_and_the_database() -> None:
    stack = platform()
    cluster, writer = stack.one("aws_rds_cluster"), stack.one("aws_rds_cluster_instance")
    assert (cluster["engine"], cluster["engine_version"]) == ("aurora-postgresql", "15.8")
    assert cluster["database_name"] == "saasdb"
    assert cluster["cluster_identifier"] == "shared-platform-db-test"
    assert writer["instance_class"] == "db.t3.medium"
    assert writer["publicly_accessible"] is False
    # AWS would move on from the version that is pinned, and every plan would want to go back.
    assert writer["auto_minor_version_upgrade"] is False


def test_it_stands_in_the_private_subnets() -> None:
    stack = platform()
    assert stack.one("aws_db_subnet_group")["subnet_ids"] == [
        f"${{{stack.address('aws_subnet', f'network_private_subnet_{zone}')}.id}}" for zone in "abc"
    ]
    assert stack.one("aws_rds_cluster")["db_subnet_group_name"] == (
        f"${{{stack.address('aws_db_subnet_group')}.name}}"
    )


def test_the_parameters_force_tls_and_load_statistics() -> None:
    group = platform().one("aws_rds_cluster_parameter_group")
    assert group["family"] == "aurora-postgresql15"
    assert "aurora-postgresql15" in group["name"]
    assert group["lifecycle"] == {"create_before_destroy": True}
    assert {p["name"]: (p["value"], p["apply_method"]) for p in group["parameter"]} == {
        "rds.force_ssl": ("1", "immediate"),
        # Static: AWS refuses it with `immediate`.
        "shared_preload_libraries": ("pg_stat_statements", "pending-reboot"),
    }


def test_it_is_encrypted_with_the_platforms_key() -> None:
    stack = platform()
    key = f"${{{stack.address('aws_kms_key', 'platform_key')}.arn}}"
    cluster = stack.one("aws_rds_cluster")
    assert cluster["storage_encrypted"] is True
    assert cluster["kms_key_id"] == cluster["master_user_secret_kms_key_id"] == key


@pytest.mark.parametrize("variables", [{}, PRODUCTION], ids=["development", "production"])
def test_no_password_stands_in_terraform(variables: dict[str, str]) -> None:
    stack = platform(variables=variables)
    cluster = stack.one("aws_rds_cluster")
    assert cluster["manage_master_user_password"] is True
    assert "master_password" not in cluster
    assert not {"aws_secretsmanager_secret_version", "random_password"} & set(stack.document["resource"])
    assert "random_password" not in stack.text


def test_its_log_goes_to_an_encrypted_group_that_stands_first() -> None:
    stack = platform()
    cluster = stack.one("aws_rds_cluster")
    assert cluster["enabled_cloudwatch_logs_exports"] == ["postgresql"]
    group = stack.one("aws_cloudwatch_log_group", "database_log_group")
    assert group["name"] == "/aws/rds/cluster/shared-platform-db-test/postgresql"
    assert group["retention_in_days"] == 30
    assert cluster["depends_on"] == [stack.address("aws_cloudwatch_log_group", "database_log_group")]


def test_development_is_torn_down_without_a_trace() -> None:
    stack = platform()
    cluster = stack.one("aws_rds_cluster")
    assert cluster["deletion_protection"] is False
    assert cluster["skip_final_snapshot"] is True
    assert "final_snapshot_identifier" not in cluster
    assert cluster["backup_retention_period"] == 1
    assert cluster["apply_immediately"] is True
    (writer,) = stack.all("aws_rds_cluster_instance").values()
    assert not {"monitoring_interval", "performance_insights_enabled", "lifecycle"} & set(writer)


def test_production_is_protected_and_watched() -> None:
    stack = platform(variables=PRODUCTION)
    cluster = stack.one("aws_rds_cluster")
    assert cluster["deletion_protection"] is True
    assert cluster["skip_final_snapshot"] is False
    assert cluster["final_snapshot_identifier"] == "shared-platform-db-final-test"
    assert cluster["backup_retention_period"] == 35
    assert cluster["lifecycle"] == {"prevent_destroy": True}
    writer, reader = (
        stack.one("aws_rds_cluster_instance", f"database_{role}") for role in ("writer", "reader")
    )
    assert writer["availability_zone"] != reader["availability_zone"]
    for instance in (writer, reader):
        assert instance["monitoring_interval"] == 60
        assert instance["performance_insights_enabled"] is True
        assert instance["performance_insights_retention_period"] == 7
        assert instance["performance_insights_kms_key_id"] == cluster["kms_key_id"]
        assert instance["lifecycle"] == {"prevent_destroy": True}


def test_enhanced_monitoring_is_for_these_instances_alone() -> None:
    stack = platform(variables=PRODUCTION)
    document = json.loads(
        stack.resolved(stack.one("aws_iam_role", "database_monitoring")["assume_role_policy"])
    )
    (trust,) = document["Statement"]
    assert trust["Principal"] == {"Service": ["monitoring.rds.amazonaws.com"]}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
        "ArnEquals": {
            "aws:SourceArn": [
                f"arn:aws:rds:us-east-1:{ACCOUNT}:db:shared-platform-db-reader-test",
                f"arn:aws:rds:us-east-1:{ACCOUNT}:db:shared-platform-db-writer-test",
            ]
        },
    }
    attachment = stack.one("aws_iam_role_policy_attachment")
    assert attachment["policy_arn"].endswith(":iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole")


def test_the_tenants_and_the_provisioner_connect_and_nobody_else() -> None:
    stack = platform()
    cluster_group = f"${{{stack.address('aws_security_group', 'database_security_group')}.id}}"
    assert not {"ingress", "egress"} & set(stack.one("aws_security_group", "database_security_group"))
    rules = {
        name: rule
        for name, rule in stack.all("aws_vpc_security_group_ingress_rule").items()
        if rule["security_group_id"] == cluster_group
    }
    for rule in rules.values():
        assert (rule["ip_protocol"], rule["from_port"], rule["to_port"]) == ("tcp", 5432, 5432)
        assert not {"cidr_ipv4", "cidr_ipv6", "prefix_list_id"} & set(rule)
    admitted = {rule["referenced_security_group_id"] for rule in rules.values()}
    owners = ("database_provisioner", *(f"tenants_{tenant}_security_group" for tenant in THREE))
    assert admitted == {f"${{{stack.address('aws_security_group', owner)}.id}}" for owner in owners}
    assert len(rules) == 4
    assert not [
        rule
        for rule in stack.all("aws_vpc_security_group_egress_rule").values()
        if rule["security_group_id"] == cluster_group
    ]
