"""The parameters of the database that are not at PostgreSQL's or Aurora's defaults."""

from __future__ import annotations

from typing import Final

from cdktf_cdktf_provider_aws.rds_cluster_parameter_group import RdsClusterParameterGroupParameter

from facts.instance_classes import InstanceClass

KILOBYTES_A_GIBIBYTE: Final = 2**20
TEMPORARY_PERCENT: Final = 10
"""Of the instance's temporary storage, for one process. No tenant can raise it, unlike its timeouts."""
LOGGING: Final = {
    # Milliseconds. The text of a slow statement is logged; the values that are bound to its parameters are not.
    "log_min_duration_statement": "1000",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
"""No tenant can change the first two for its sessions, and the last one only for its own errors
(https://www.postgresql.org/docs/15/runtime-config-logging.html)."""


def cluster_parameters(instance_class: InstanceClass) -> list[RdsClusterParameterGroupParameter]:
    """Return the parameters of a cluster whose instances are of `instance_class`."""
    return [
        # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.html
        RdsClusterParameterGroupParameter(name="rds.force_ssl", value="1", apply_method="immediate"),
        # A static parameter: it takes effect when an instance starts.
        RdsClusterParameterGroupParameter(
            name="shared_preload_libraries",
            value="pg_stat_statements",
            apply_method="pending-reboot",
        ),
        *(
            RdsClusterParameterGroupParameter(name=name, value=value, apply_method="immediate")
            for name, value in sorted(
                {**LOGGING, "temp_file_limit": _temporary_files(instance_class)}.items()
            )
        ),
    ]


def _temporary_files(instance_class: InstanceClass) -> str:
    """Return how many kB of temporary files one process may have, of the storage that all tenants share.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/PostgreSQL.ManagingTempFiles.html
    """
    storage = instance_class.temporary_gib * KILOBYTES_A_GIBIBYTE
    return str(int(storage * TEMPORARY_PERCENT / 100))
