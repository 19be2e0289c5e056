"""What a tenant may take of the shared server: which limits PostgreSQL enforces, and which are only defaults."""

from __future__ import annotations

from typing import Any

import pytest
from pg8000 import native  # type: ignore[import-untyped]

from tests.guards import GUARD_SECONDS
from tests.lambda_src.conftest import Cluster
from tests.lambda_src.support.invocations import unique
from tests.lambda_src.support.waiting import eventually

pytestmark = pytest.mark.postgres

CANCELLED, DENIED, ENDED_IN_TRANSACTION, ENDED_IDLE = "57014", "42501", "25P03", "57P05"
NEVER: dict[str, Any] = {
    "statement_timeout": None,
    "idle_in_transaction_session_timeout": None,
    "idle_session_timeout": None,
}


@pytest.fixture
def tenant() -> str:
    return unique("acme-corp")


def role_of(tenant: str) -> str:
    return f"tenant_{tenant.replace('-', '_')}"


def code(raised: pytest.ExceptionInfo[native.DatabaseError]) -> str:
    return str(raised.value.args[0]["C"])


def defaults(cluster: Cluster, tenant: str) -> dict[str, str]:
    """What a new session of the tenant's starts with, in PostgreSQL's own units."""
    with cluster.tenant(tenant) as session:
        return {name: session.run(f"SHOW {name}")[0][0] for name in NEVER}


def ended(cluster: Cluster, tenant: str) -> bool:
    with cluster.superuser() as session:
        return not session.run("SELECT FROM pg_stat_activity WHERE usename = :role", role=role_of(tenant))


def test_timeouts_are_the_defaults_of_the_tenants_sessions(cluster: Cluster, tenant: str) -> None:
    timeouts: dict[str, Any] = {
        "statement_timeout": 60,
        "idle_in_transaction_session_timeout": 90,
        "idle_session_timeout": None,
    }
    cluster("create", tenant, **timeouts)
    assert defaults(cluster, tenant) == {
        "statement_timeout": "1min",
        "idle_in_transaction_session_timeout": "90s",
        "idle_session_timeout": "0",
    }
    cluster("update", tenant, **NEVER)
    assert set(defaults(cluster, tenant).values()) == {"0"}


def test_a_request_without_timeouts_leaves_them_as_they_are(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant, **{**NEVER, "statement_timeout": 61})
    cluster("update", tenant)
    assert defaults(cluster, tenant)["statement_timeout"] == "61s"


def test_a_slow_statement_is_cancelled(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant, **{**NEVER, "statement_timeout": 1})
    with cluster.tenant(tenant) as session, pytest.raises(native.DatabaseError) as raised:
        session.run(f"SELECT pg_sleep({GUARD_SECONDS})")
    assert code(raised) == CANCELLED


@pytest.mark.parametrize(
    ("timeout", "statement", "expected"),
    [
        ("idle_in_transaction_session_timeout", "BEGIN", ENDED_IN_TRANSACTION),
        ("idle_session_timeout", "SELECT 1", ENDED_IDLE),
    ],
)
def test_a_session_that_does_nothing_is_ended(
    cluster: Cluster, tenant: str, timeout: str, statement: str, expected: str
) -> None:
    """Which also frees the locks that it holds."""
    cluster("create", tenant, **{**NEVER, timeout: 1})
    with cluster.tenant(tenant) as session:
        session.run(statement)
        assert eventually(lambda: ended(cluster, tenant))
        with pytest.raises((native.DatabaseError, native.InterfaceError)) as raised:
            session.run("SELECT 1")
    if isinstance(raised.value, native.DatabaseError):
        assert code(raised) == expected


def test_timeouts_are_defaults_and_no_limits_until_the_next_setup(cluster: Cluster, tenant: str) -> None:
    """PostgreSQL lets every session set them, and a role its own defaults: what the documentation must not promise."""
    cluster("create", tenant, **{**NEVER, "statement_timeout": 1})
    with cluster.tenant(tenant) as session:
        session.run("SET statement_timeout = 0")
        assert session.run("SHOW statement_timeout") == [["0"]]
        session.run(f"ALTER ROLE {role_of(tenant)} SET statement_timeout = 0")
    assert defaults(cluster, tenant)["statement_timeout"] == "0"
    cluster("update", tenant, **{**NEVER, "statement_timeout": 1})
    assert defaults(cluster, tenant)["statement_timeout"] == "1s"


@pytest.mark.parametrize(
    "attempt",
    [
        "ALTER ROLE {role} CONNECTION LIMIT -1",
        "SET temp_file_limit = -1",
        "ALTER ROLE {role} SET temp_file_limit = -1",
        "SET log_min_duration_statement = -1",
        "SET log_parameter_max_length = -1",
    ],
)
def test_what_no_tenant_can_lift(cluster: Cluster, tenant: str, attempt: str) -> None:
    cluster("create", tenant)
    with cluster.tenant(tenant) as session, pytest.raises(native.DatabaseError) as raised:
        session.run(attempt.format(role=role_of(tenant)))
    assert code(raised) == DENIED


# Statistics


def superuser_for_a_moment(cluster: Cluster, *, allowed: bool) -> None:
    """Let the master add the extension, as Aurora lets `rds_superuser`."""
    with cluster.superuser() as session:
        session.run(f"ALTER ROLE platform_admin {'SUPERUSER' if allowed else 'NOSUPERUSER'}")


def statistics(cluster: Cluster) -> list[Any]:
    with cluster.superuser() as session:
        return [
            name
            for (name,) in session.run(
                "SELECT nspname FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace "
                "WHERE extname = 'pg_stat_statements'"
            )
        ]


def test_the_statistics_are_created_where_the_server_has_them(cluster: Cluster, tenant: str) -> None:
    with cluster.superuser() as session:
        session.run("DROP EXTENSION IF EXISTS pg_stat_statements")
        session.run("DROP SCHEMA IF EXISTS platform")
    offered = cluster.server.version != "16"
    superuser_for_a_moment(cluster, allowed=cluster.server.version == "15")
    try:
        cluster("create", tenant)
        cluster("update", tenant)
    finally:
        superuser_for_a_moment(cluster, allowed=False)
    assert statistics(cluster) == (["platform"] if offered else [])


def test_no_tenant_may_look_at_the_statistics(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    if not statistics(cluster):
        with cluster.master() as session:
            session.run("CREATE SCHEMA platform; CREATE VIEW platform.pg_stat_statements AS SELECT 1")
    with cluster.tenant(tenant) as session, pytest.raises(native.DatabaseError) as raised:
        session.run("SELECT * FROM platform.pg_stat_statements")
    assert code(raised) == DENIED


def test_a_right_on_the_statistics_stops_the_tenant(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    with cluster.superuser() as session:
        session.run("CREATE SCHEMA IF NOT EXISTS platform")
        session.run("GRANT USAGE ON SCHEMA platform TO PUBLIC")
    with pytest.raises(Exception, match="would have rights on 'platform'"):
        cluster("update", tenant)


def test_even_with_the_schema_open_a_tenant_reads_no_others_statements(cluster: Cluster, tenant: str) -> None:
    """What hides the texts is that no tenant is a member of `pg_read_all_stats`."""
    if cluster.server.version != "15":
        pytest.skip("the wheel's PostgreSQL has no pg_stat_statements of its own; Debian's 15 has")
    other = unique("other")
    cluster("create", tenant)
    cluster("create", other)
    with cluster.tenant(other) as session:
        session.run("SELECT 'only-the-other-may-know'::text AS secret, 1 AS of_the_other")
    with cluster.superuser() as session:
        assert session.run("SELECT FROM platform.pg_stat_statements WHERE query LIKE '%of_the_other%'")
        assert not session.run("SELECT FROM platform.pg_stat_statements WHERE query LIKE '%only-the-other%'")
        session.run("GRANT USAGE ON SCHEMA platform TO PUBLIC")
    with cluster.tenant(tenant) as session:
        others = f"FROM platform.pg_stat_statements WHERE userid = '{role_of(other)}'::regrole"
        texts = {text for (text,) in session.run(f"SELECT query {others}")}
        assert texts == {"<insufficient privilege>"}
        assert session.run("SELECT pg_has_role(CURRENT_USER, 'pg_read_all_stats', 'MEMBER')") == [[False]]
