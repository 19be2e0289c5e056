"""A new password for a tenant, now: the old one stops working, and a failure in the middle is completed later."""

from __future__ import annotations

from typing import Any

import pytest
from pg8000 import native  # type: ignore[import-untyped]

from database_provisioner.connection import DatabaseError
from database_provisioner.credentials import Credentials
from database_provisioner.database import Database
from database_provisioner.request import RejectedRequestError
from tests.lambda_src.conftest import Cluster
from tests.lambda_src.support.invocations import unique

pytestmark = pytest.mark.postgres

WRONG_PASSWORD = "28P01"


class CrashError(Exception):
    """The function was killed."""


@pytest.fixture
def tenant(cluster: Cluster) -> str:
    name = unique("acme-corp")
    cluster("create", name)
    return name


def rotate(cluster: Cluster, tenant: str, **more: Any) -> Any:
    return cluster.asked({"action": "rotate", "tenant": tenant, "secret_arn": cluster.secret(tenant), **more})


def opens(cluster: Cluster, known: dict[str, Any]) -> bool:
    try:
        with cluster.server.session(known["username"], known["password"], known["dbname"]) as session:
            return bool(session.run("SELECT CURRENT_USER") == [[known["username"]]])
    except native.DatabaseError as error:
        if error.args[0]["C"] != WRONG_PASSWORD:
            raise
        return False


def test_the_old_password_stops_working_and_the_secret_has_the_new_one(cluster: Cluster, tenant: str) -> None:
    before = cluster.secret_value(tenant)
    assert rotate(cluster, tenant)["action"] == "rotate"
    after = cluster.secret_value(tenant)
    assert after.pop("password") != before["password"]
    assert after == {name: value for name, value in before.items() if name != "password"}
    assert not opens(cluster, before)
    assert opens(cluster, cluster.secret_value(tenant))


def test_the_neighbour_keeps_its_password_and_the_tenant_its_rows(cluster: Cluster, tenant: str) -> None:
    neighbour = unique("neighbour")
    cluster("create", neighbour)
    others = cluster.secret_value(neighbour)
    with cluster.tenant(tenant) as session:
        session.run("CREATE TABLE orders AS SELECT 1 AS id")
    rotate(cluster, tenant)
    assert cluster.secret_value(neighbour) == others
    assert opens(cluster, others)
    with cluster.tenant(tenant) as session:
        assert session.run("SELECT id FROM orders") == [[1]]


def test_no_password_is_in_the_answer_or_the_servers_log(cluster: Cluster, tenant: str) -> None:
    answer = rotate(cluster, tenant)
    password = cluster.secret_value(tenant)["password"]
    assert password not in str(answer)
    assert password not in cluster.server.log_file.read_text()


def test_open_sessions_stay_unless_they_are_to_end(cluster: Cluster, tenant: str) -> None:
    """A pool goes on with what it has; an intruder would too."""
    neighbour = unique("neighbour")
    cluster("create", neighbour)
    with cluster.tenant(neighbour) as others, cluster.tenant(tenant) as session:
        rotate(cluster, tenant)
        assert session.run("SELECT 1") == [[1]]
        rotate(cluster, tenant, end_sessions=True)
        with pytest.raises((native.DatabaseError, native.InterfaceError)):
            session.run("SELECT 1")
        assert others.run("SELECT 1") == [[1]]
    with cluster.superuser() as session:
        members = session.run(
            "SELECT FROM pg_auth_members WHERE roleid = :role::regrole", role=role_of(tenant)
        )
        granted = session.run(
            "SELECT FROM pg_auth_members WHERE roleid = :role::regrole AND (inherit_option OR set_option)"
            if cluster.server.version != "15"
            else "SELECT FROM pg_auth_members WHERE roleid = :role::regrole",
            role=role_of(tenant),
        )
    assert len(members) <= 1
    assert not granted, "the master gave its membership up"


def role_of(tenant: str) -> str:
    return f"tenant_{tenant.replace('-', '_')}"


def test_a_secret_that_cannot_be_written_leaves_all_as_it_was(
    cluster: Cluster, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cluster.secret_value(tenant)

    def fails(*_: object) -> None:
        raise CrashError

    with monkeypatch.context() as patch:
        patch.setattr(Credentials, "write", fails)
        with pytest.raises(CrashError):
            rotate(cluster, tenant)
    assert cluster.secret_value(tenant) == before
    assert opens(cluster, before)


@pytest.mark.parametrize("completed_by", ["rotate", "update"])
def test_a_crash_between_the_secret_and_the_role_is_completed_by_the_next_run(
    cluster: Cluster, tenant: str, monkeypatch: pytest.MonkeyPatch, completed_by: str
) -> None:
    before = cluster.secret_value(tenant)
    write = Credentials.write

    def crashes(*arguments: Any) -> None:
        write(*arguments)
        raise CrashError

    with monkeypatch.context() as patch:
        patch.setattr(Credentials, "write", crashes)
        with pytest.raises(CrashError):
            rotate(cluster, tenant)
    ahead = cluster.secret_value(tenant)
    assert ahead["password"] != before["password"]
    assert opens(cluster, before), "the role still has the old password"
    assert not opens(cluster, ahead)
    if completed_by == "rotate":
        rotate(cluster, tenant)
    else:
        cluster("update", tenant)
        assert cluster.secret_value(tenant) == ahead
    assert opens(cluster, cluster.secret_value(tenant))
    assert not opens(cluster, before)


def test_a_crash_before_the_sessions_ended_is_completed_by_the_next_run(
    cluster: Cluster, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise CrashError

    with cluster.tenant(tenant) as session:
        with monkeypatch.context() as patch:
            patch.setattr(Database, "end_sessions", fails)
            with pytest.raises(CrashError):
                rotate(cluster, tenant, end_sessions=True)
        assert session.run("SELECT 1") == [[1]]
        rotate(cluster, tenant, end_sessions=True)
        with pytest.raises((native.DatabaseError, native.InterfaceError)):
            session.run("SELECT 1")


def test_a_tenant_that_is_not_there_has_no_password(cluster: Cluster) -> None:
    name = unique("nobody")
    with pytest.raises(DatabaseError, match="does not exist"):
        rotate(cluster, name)


def test_a_rotation_names_the_tenants_own_secret(cluster: Cluster, tenant: str) -> None:
    neighbour = unique("neighbour")
    cluster("create", neighbour)
    before = cluster.secret_value(neighbour)
    with pytest.raises(RejectedRequestError, match="must be the name or ARN of"):
        cluster.asked({"action": "rotate", "tenant": tenant, "secret_arn": cluster.secret(neighbour)})
    assert cluster.secret_value(neighbour) == before
