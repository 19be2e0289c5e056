"""One tenant's schema is put back from a cluster restored beside, and the neighbour's rows stay as they are.

The commands are those of `docs/restore.md`. The restored cluster is a copy of the database, made before the damage.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pg8000 import native  # type: ignore[import-untyped]

from tests.lambda_src.conftest import Cluster
from tests.lambda_src.support.invocations import unique
from tests.lambda_src.support.postgres_servers import MASTER, MASTER_PASSWORD

pytestmark = pytest.mark.postgres


def role_of(tenant: str) -> str:
    return f"tenant_{tenant.replace('-', '_')}"


def run(cluster: Cluster, database: str, program: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs as the master user."""
    done = subprocess.run(
        [cluster.server.folder / program, *arguments],
        env={"PATH": os.environ["PATH"], **cluster.server.libpq(MASTER, MASTER_PASSWORD, database)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def restored_beside(cluster: Cluster) -> Iterator[str]:
    """A copy of the database as it is now, with the same roles."""
    name = f"{cluster.database}_restored"
    with cluster.server.superuser() as session:
        session.run(f"CREATE DATABASE {name} TEMPLATE {cluster.database} OWNER {MASTER}")
    try:
        yield name
    finally:
        with cluster.server.superuser() as session:
            session.run(f"DROP DATABASE {name} WITH (FORCE)")


def restore(cluster: Cluster, restored: str, tenant: str, folder: Path) -> None:
    """Do what the page says."""
    role, dump = role_of(tenant), str(folder / "dump")
    # Roles are the cluster's: on AWS, where the copy is another one, this is done on both.
    run(cluster, restored, "psql", "-v", "ON_ERROR_STOP=1", "-c", f"GRANT {role} TO CURRENT_USER")
    only_it = (f"--role={role}", f"--schema={role}")
    run(cluster, restored, "pg_dump", *only_it, "--format=custom", f"--file={dump}")
    into = ("--clean", "--if-exists", "--no-owner", "--single-transaction", f"--dbname={cluster.database}")
    run(cluster, cluster.database, "pg_restore", *only_it, *into, dump)
    run(cluster, cluster.database, "psql", "-v", "ON_ERROR_STOP=1", "-c", f"REVOKE {role} FROM CURRENT_USER")


def rows(session: Any, table: str) -> list[Any]:
    return [tuple(row) for row in session.run(f"SELECT * FROM {table} ORDER BY 1")]


def test_one_tenants_schema_is_put_back_and_the_neighbours_rows_stay(
    cluster: Cluster, tmp_path: Path
) -> None:
    tenant, neighbour = unique("acme-corp"), unique("globex")
    for name in (tenant, neighbour):
        cluster("create", name)
        with cluster.tenant(name) as session:
            session.run("CREATE TABLE orders (id serial PRIMARY KEY, text text)")
            session.run("CREATE VIEW all_orders AS SELECT * FROM orders")
            session.run("INSERT INTO orders (text) VALUES ('before'), ('too')")
    with restored_beside(cluster) as restored:
        with cluster.tenant(tenant) as session:
            session.run("DELETE FROM orders WHERE id = 1")
            session.run("UPDATE orders SET text = 'damaged'")
            session.run("CREATE TABLE later AS SELECT 1 AS id")
        with cluster.tenant(neighbour) as session:
            session.run("INSERT INTO orders (text) VALUES ('after')")
        restore(cluster, restored, tenant, tmp_path)
    with cluster.tenant(tenant) as session:
        assert rows(session, "orders") == rows(session, "all_orders") == [(1, "before"), (2, "too")]
        session.run("INSERT INTO orders (text) VALUES ('next')")
        assert rows(session, "orders")[-1] == (3, "next"), "the sequence goes on where it was"
        assert rows(session, "later") == [(1,)], "what came later and the dump has not stays"
    with cluster.tenant(neighbour) as session:
        assert rows(session, "orders") == [(1, "before"), (2, "too"), (3, "after")]
    # Nothing is left that the provisioner would refuse, and the tenants are as apart as before.
    cluster("update", tenant)
    cluster("update", neighbour)
    with cluster.tenant(neighbour) as session, pytest.raises(native.DatabaseError) as raised:
        session.run(f"SELECT * FROM {role_of(tenant)}.orders")
    assert raised.value.args[0]["C"] == "42501"
    with cluster.tenant(tenant) as session:
        owners = session.run(
            "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class "
            "WHERE relnamespace = CAST(CURRENT_USER AS regnamespace)"
        )
    assert owners == [[role_of(tenant)]]


def test_a_restore_that_fails_leaves_all_as_it_was(cluster: Cluster, tmp_path: Path) -> None:
    """Something that the tenant made since depends on what is to be replaced: nothing is."""
    tenant = unique("acme-corp")
    cluster("create", tenant)
    with cluster.tenant(tenant) as session:
        session.run("CREATE TABLE orders AS SELECT 1 AS id")
    with restored_beside(cluster) as restored:
        with cluster.tenant(tenant) as session:
            session.run("INSERT INTO orders VALUES (2)")
            session.run("CREATE VIEW later AS SELECT * FROM orders")
        with pytest.raises(AssertionError, match="other objects depend on it"):
            restore(cluster, restored, tenant, tmp_path)
    with cluster.tenant(tenant) as session:
        assert rows(session, "later") == rows(session, "orders") == [(1,), (2,)]
