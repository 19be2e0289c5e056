"""What a tenant's tasks are told: who they are, where their data is, and whom to trust there. No secret."""

from __future__ import annotations

from typing import Final

from cdktf import Token

from bundling.authorities import region_authorities
from constructs.common.account import Account
from constructs.common.data_bucket import DataBucket
from constructs.platform.aurora_cluster import DATABASE, AuroraCluster
from tenancy.names.fargate import FargateTenantNames
from tenancy.owner import Owner

AUTHORITIES_FILE: Final = "/tmp/database-authorities.pem"  # noqa: S108 (of the container, whose only user it is)
"""Where libpq looks for the authorities: the container's start writes `DATABASE_AUTHORITIES` there."""


def task_environment(
    owner: Owner[FargateTenantNames], *, account: Account, bucket: DataBucket, database: AuroraCluster
) -> dict[str, str]:
    """Return the variables of the tasks of `owner`.

    libpq and what is built on it check the server's certificate by default (`PGSSLMODE`,
    https://www.postgresql.org/docs/15/libpq-envars.html): where the file of `PGSSLROOTCERT` is missing, they refuse to
    connect. Other drivers take the authorities as text.

    Args:
        owner: the tenant.
        account: of the tasks.
        bucket: the tenant's.
        database: that the tenants share.
    """
    cluster = database.resource
    return {
        "TENANT_ID": owner.tenant,
        "S3_BUCKET": bucket.name,
        "DATABASE_HOST": cluster.endpoint,
        # With no reader it is the writer's, so that a service can use it always.
        "DATABASE_READER_HOST": cluster.reader_endpoint,
        "DATABASE_PORT": Token.as_string(cluster.port),
        "DATABASE_NAME": DATABASE,
        "DATABASE_USER": owner.names.database_user,
        "DATABASE_AUTHORITIES": region_authorities(account.region),
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": AUTHORITIES_FILE,
    }
