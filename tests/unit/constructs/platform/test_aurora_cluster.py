"""The shared database."""

from __future__ import annotations

from functools import cache
from typing import Any

from constructs.platform.aurora_cluster import AuroraCluster, AuroraClusterProps
from facts.instance_classes import INSTANCE_CLASSES
from tests.construct import DISPOSABLE, PLATFORM, PROTECTED, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

MASTER = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:rds!cluster-01234567-89ab-cdef-0123-456789abcdef-AbCdEf"


@cache
def database(production: bool = False) -> StackDocument:
    """The database as a profile has it: disposable and alone, or protected, watched and with a reader."""

    def build(around: Surroundings) -> None:
        props = AuroraClusterProps(
            names=PLATFORM,
            account=around.account,
            network=around.network,
            key=around.key,
            backup_days=35 if production else 1,
            log_retention_days=7,
            instance_class=INSTANCE_CLASSES["db.r6g.xlarge" if production else "db.t3.medium"].value,
            instances=4 if production else 1,
            insights=production,
            protection=PROTECTED if production else DISPOSABLE,
        )
        created = AuroraCluster(around.stack, "database", props)
        group = around.security_group
        created.grant_connect(around.stack, "untagged", group, description="PostgreSQL from a function")
        created.grant_connect(
            around.stack, "tagged", group, description="PostgreSQL from a tenant", tags={"tenant_id": "acme"}
        )
        around.grant(created.grant_read_master_secret)

    return alone(build)


def subnet(zone: str, attribute: str = "id") -> str:
    return database().reference("aws_subnet", f"network_private_subnet_{zone}", attribute)


def cluster(production: bool = False) -> dict[str, Any]:
    return database(production).one("aws_rds_cluster")


def test_the_engine_the_class_and_the_database() -> None:
    found = cluster()
    assert (found["engine"], found["engine_version"]) == ("aurora-postgresql", "15")
    assert (found["database_name"], found["master_username"]) == ("saasdb", "platform_admin")
    assert found["cluster_identifier"] == "shared-platform-db-test"


def test_it_is_in_the_private_subnets_on_its_own_group() -> None:
    stack = database()
    assert stack.one("aws_db_subnet_group") == {
        "name": "shared-platform-db-test",
        "description": "Private subnets of the platform",
        "subnet_ids": [subnet("a"), subnet("b")],
    }
    assert cluster()["db_subnet_group_name"] == stack.reference("aws_db_subnet_group", attribute="name")
    group = stack.reference("aws_security_group", "database_security_group", "id")
    assert cluster()["vpc_security_group_ids"] == [group]


def test_the_parameters_force_tls_load_statistics_and_log_slow_statements() -> None:
    """`shared_preload_libraries` is static: AWS refuses it with `immediate`."""
    group = database().one("aws_rds_cluster_parameter_group")
    assert group == {
        "name": "shared-platform-db-aurora-postgresql15-test",
        "family": "aurora-postgresql15",
        "description": "TLS only, and statistics of statements",
        "lifecycle": {"create_before_destroy": True},
        "parameter": [
            {"name": "rds.force_ssl", "value": "1", "apply_method": "immediate"},
            {
                "name": "shared_preload_libraries",
                "value": "pg_stat_statements",
                "apply_method": "pending-reboot",
            },
            # A second. The values that are bound to a statement's parameters are tenants' data.
            {"name": "log_min_duration_statement", "value": "1000", "apply_method": "immediate"},
            {"name": "log_parameter_max_length", "value": "0", "apply_method": "immediate"},
            {"name": "log_parameter_max_length_on_error", "value": "0", "apply_method": "immediate"},
            # kB: a tenth of the 7.5 GiB of a db.t3.medium.
            {"name": "temp_file_limit", "value": "786432", "apply_method": "immediate"},
        ],
    }
    name = database().reference("aws_rds_cluster_parameter_group", attribute="name")
    assert cluster()["db_cluster_parameter_group_name"] == name


def test_a_larger_class_has_larger_temporary_files() -> None:
    """A tenth of the 63 GiB of a db.r6g.xlarge."""
    parameters = database(production=True).one("aws_rds_cluster_parameter_group")["parameter"]
    (limit,) = (one["value"] for one in parameters if one["name"] == "temp_file_limit")
    assert int(limit) == int(6.3 * 2**20)


def test_it_is_encrypted_with_the_platforms_key() -> None:
    key = database().reference("aws_kms_key")
    assert cluster()["storage_encrypted"] is True
    assert cluster()["kms_key_id"] == cluster()["master_user_secret_kms_key_id"] == key


def test_no_password_is_in_terraform() -> None:
    assert cluster()["manage_master_user_password"] is True
    assert "master_password" not in cluster()


def test_its_log_goes_to_an_encrypted_group_that_is_there_first() -> None:
    stack = database()
    assert cluster()["enabled_cloudwatch_logs_exports"] == ["postgresql"]
    assert stack.one("aws_cloudwatch_log_group") == {
        "name": "/aws/rds/cluster/shared-platform-db-test/postgresql",
        "retention_in_days": 7,
        "kms_key_id": stack.reference("aws_kms_key"),
    }
    assert cluster()["depends_on"] == [stack.address("aws_cloudwatch_log_group")]


def test_backups_and_maintenance_are_at_night_and_snapshots_say_whose_they_are() -> None:
    assert cluster()["preferred_backup_window"] == "03:00-04:00"
    assert cluster()["preferred_maintenance_window"] == "sun:05:00-sun:06:00"
    assert cluster()["copy_tags_to_snapshot"] is True


def test_a_disposable_database_is_torn_down_without_a_trace() -> None:
    found = cluster()
    assert found["deletion_protection"] is False
    assert found["skip_final_snapshot"] is True
    assert "final_snapshot_identifier" not in found
    assert found["backup_retention_period"] == 1
    assert found["apply_immediately"] is True
    assert "lifecycle" not in found


def test_a_protected_database_is_kept_and_changed_when_it_is_not_felt() -> None:
    found = cluster(production=True)
    assert found["deletion_protection"] is True
    assert found["skip_final_snapshot"] is False
    assert found["final_snapshot_identifier"] == "shared-platform-db-final-test"
    assert found["backup_retention_period"] == 35
    assert found["apply_immediately"] is False
    assert found["lifecycle"] == {"prevent_destroy": True}


def instance(role: str, zone: str, instance_class: str = "db.t3.medium") -> dict[str, Any]:
    stack = database()
    return {
        "identifier": f"shared-platform-db-{role}-test",
        "cluster_identifier": stack.reference("aws_rds_cluster", attribute="id"),
        "engine": "aurora-postgresql",
        "instance_class": instance_class,
        "db_subnet_group_name": stack.reference("aws_rds_cluster", attribute="db_subnet_group_name"),
        "availability_zone": subnet(zone, "availability_zone"),
        "publicly_accessible": False,
        "auto_minor_version_upgrade": True,
        "copy_tags_to_snapshot": True,
    }


def test_a_writer_alone_is_not_watched_and_not_protected() -> None:
    assert database().one("aws_rds_cluster_instance") == instance("writer", "a")


def test_a_writer_and_readers_of_one_class_are_spread_over_the_zones_watched_and_protected() -> None:
    """A reader that takes over holds the connections that the writer held."""
    stack = database(production=True)
    roles = {"writer": "a", "reader": "b", "reader-2": "a", "reader-3": "b"}
    assert len(stack.all("aws_rds_cluster_instance")) == len(roles)
    for role, zone in roles.items():
        address = f"database_{role.replace('-', '_')}"
        found = [body for name, body in stack.all("aws_rds_cluster_instance").items() if name[:-9] == address]
        assert found == [
            {
                **instance(role, zone, "db.r6g.xlarge"),
                "monitoring_interval": 60,
                "monitoring_role_arn": stack.reference("aws_iam_role"),
                "performance_insights_enabled": True,
                "performance_insights_kms_key_id": stack.reference("aws_kms_key"),
                "performance_insights_retention_period": 7,
                # Readers that are added for the load can be taken away again.
                **({"lifecycle": {"prevent_destroy": True}} if role in ("writer", "reader") else {}),
                # RDS refuses enhanced monitoring with a role that may not write.
                "depends_on": [stack.address("aws_iam_role_policy_attachment")],
            }
        ]


def test_enhanced_monitoring_is_for_these_instances_alone() -> None:
    stack = database(production=True)
    assert stack.one("aws_iam_role")["name"] == "shared-platform-db-monitoring-role-test"
    (trust,) = stack.statements("aws_iam_role", field="assume_role_policy").values()
    assert trust["Principal"] == {"Service": ["monitoring.rds.amazonaws.com"]}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
        "ArnEquals": {
            "aws:SourceArn": [
                *(
                    f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:shared-platform-db-{reader}-test"
                    for reader in ("reader-2", "reader-3", "reader")
                ),
                f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:shared-platform-db-writer-test",
            ]
        },
    }
    attachment = stack.one("aws_iam_role_policy_attachment")
    assert attachment["role"] == stack.reference("aws_iam_role", attribute="name")
    policy = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
    assert stack.resolved(attachment["policy_arn"]) == policy


def test_only_the_groups_it_was_granted_to_connect() -> None:
    stack = database()
    name = "shared-platform-db-sg-test"
    assert stack.one("aws_security_group", "database_security_group") == {
        "name": name,
        "description": "Aurora PostgreSQL of the platform",
        "vpc_id": stack.reference("aws_vpc", "network", "id"),
        "tags": {"Name": name},
    }
    rule = {
        "security_group_id": stack.reference("aws_security_group", "database_security_group", "id"),
        "ip_protocol": "tcp",
        "from_port": 5432,
        "to_port": 5432,
        "referenced_security_group_id": stack.reference("aws_security_group", "security_group", "id"),
    }
    kind = "aws_vpc_security_group_ingress_rule"
    assert stack.one(kind, "untagged") == {**rule, "description": "PostgreSQL from a function"}
    tags = {"tenant_id": "acme"}
    assert stack.one(kind, "tagged") == {**rule, "description": "PostgreSQL from a tenant", "tags": tags}
    assert not stack.all("aws_vpc_security_group_egress_rule"), "the database opens no connection"


def test_the_masters_password_is_read_by_whom_it_was_granted_to() -> None:
    assert database().granted() == {
        "ReadMasterSecret": {
            "Sid": "ReadMasterSecret",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": [MASTER],
        }
    }
