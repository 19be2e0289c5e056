"""A noisy neighbour: one tenant takes all that it may, and the others still get answers.

The server has 60 connections. As synthesis does, the tests promise the tenants no more than what
`RESERVED_CONNECTIONS` leaves, and the roles are those that the provisioner makes.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pg8000 import native  # type: ignore[import-untyped]

from facts.instance_classes import RESERVED_CONNECTIONS
from tests.guards import GUARD_SECONDS
from tests.lambda_src.conftest import Cluster
from tests.lambda_src.support.invocations import unique
from tests.lambda_src.support.waiting import eventually

pytestmark = pytest.mark.postgres

TOO_MANY = "53300"
SLOW = "SELECT count(*) FROM generate_series(1, 1000000000000) AS numbers WHERE numbers % 7 = 3"
"""Busy for days, unless it is cancelled."""


def role_of(tenant: str) -> str:
    return f"tenant_{tenant.replace('-', '_')}"


def left_for_tenants(cluster: Cluster) -> int:
    with cluster.superuser() as session:
        return int(session.run("SHOW max_connections")[0][0]) - RESERVED_CONNECTIONS


def count(cluster: Cluster, tenant: str, condition: str = "true") -> int:
    with cluster.superuser() as session:
        found = session.run(
            f"SELECT count(*) FROM pg_stat_activity WHERE usename = :role AND {condition}",
            role=role_of(tenant),
        )
        return int(found[0][0])


@contextlib.contextmanager
def sessions(cluster: Cluster, tenant: str, number: int) -> Iterator[list[Any]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(cluster.tenant(tenant)) for _ in range(number)]


def run_quietly(session: Any, statement: str) -> None:
    with contextlib.suppress(native.DatabaseError, native.InterfaceError, OSError):
        session.run(statement)


@contextlib.contextmanager
def busy(cluster: Cluster, tenant: str, opened: list[Any], statement: str) -> Iterator[None]:
    """All of `opened` run `statement`, which does not end by itself."""
    threads = [threading.Thread(target=run_quietly, args=(session, statement)) for session in opened]
    for thread in threads:
        thread.start()
    try:
        assert eventually(lambda: count(cluster, tenant, "state = 'active'") == len(opened))
        yield
    finally:
        with cluster.superuser() as session:
            session.run(
                "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = :role",
                role=role_of(tenant),
            )
        for thread in threads:
            thread.join()


def refused(cluster: Cluster, tenant: str) -> str:
    with pytest.raises(native.DatabaseError) as raised, cluster.tenant(tenant):
        pass
    return str(raised.value.args[0]["C"])


def test_a_tenant_that_opens_all_its_connections_and_runs_slow_queries_keeps_nobody_from_answering(
    cluster: Cluster,
) -> None:
    noisy, quiet = unique("noisy"), unique("quiet")
    each = left_for_tenants(cluster) // 2
    never: dict[str, Any] = {"statement_timeout": None, "connection_limit": each}
    cluster("create", noisy, **never)
    cluster("create", quiet, **never)
    with cluster.tenant(quiet) as session:
        session.run("CREATE TABLE orders AS SELECT generate_series(1, 1000) AS id")
    with sessions(cluster, noisy, each) as opened:
        assert refused(cluster, noisy) == TOO_MANY, "it gets no more than its share"
        with busy(cluster, noisy, opened, SLOW):
            # A new connection each time: a tenant that has none open is the one that could be kept out.
            for _ in range(3):
                with cluster.tenant(quiet) as session:
                    assert session.run("SELECT sum(id) FROM orders") == [[500500]]
            with sessions(cluster, quiet, each):
                assert count(cluster, quiet) == each, "and the other gets its whole share"
            assert count(cluster, noisy, "state = 'active'") == each, (
                "while the neighbour is as noisy as before"
            )


def test_when_all_tenants_have_all_their_connections_the_provisioner_and_operators_still_get_in(
    cluster: Cluster,
) -> None:
    noisy, other, new = unique("noisy"), unique("other"), unique("new")
    each = left_for_tenants(cluster) // 2
    for tenant in (noisy, other):
        cluster("create", tenant, connection_limit=each)
    with (
        sessions(cluster, noisy, each) as opened,
        sessions(cluster, other, each),
        busy(cluster, noisy, opened, f"SELECT pg_sleep({GUARD_SECONDS})"),
    ):
        cluster("create", new)
        with cluster.tenant(new) as session, cluster.master() as operators:
            assert session.run("SELECT 1") == operators.run("SELECT 1") == [[1]]


def test_a_tenant_that_locks_all_it_can_blocks_its_own_alone(cluster: Cluster) -> None:
    noisy, quiet = unique("noisy"), unique("quiet")
    for tenant in (noisy, quiet):
        cluster("create", tenant)
        with cluster.tenant(tenant) as session:
            session.run("CREATE TABLE orders (id int)")
    with cluster.tenant(noisy) as locks, cluster.tenant(quiet) as session:
        locks.run("BEGIN")
        locks.run("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        session.run("INSERT INTO orders VALUES (1)")
        session.run("ALTER TABLE orders ADD COLUMN name text")
        assert session.run("SELECT id FROM orders") == [[1]]


def test_a_statement_that_never_ends_ends_with_the_default_timeout(cluster: Cluster) -> None:
    noisy = unique("noisy")
    cluster("create", noisy, statement_timeout=1)
    with cluster.tenant(noisy) as session, pytest.raises(native.DatabaseError) as raised:
        session.run(SLOW)
    assert raised.value.args[0]["C"] == "57014"
