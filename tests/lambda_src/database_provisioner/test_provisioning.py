"""The database provisioner on real servers: what it creates, repairs, refuses and removes."""

import base64
import contextlib
import hashlib
import hmac
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pg8000 import native  # type: ignore[import-untyped]

from database_provisioner import connection as connection_module
from database_provisioner import database as database_module
from database_provisioner import handler as handler_module
from database_provisioner.connection import DatabaseError, quoted, tls_context
from database_provisioner.credentials import Address, Credentials, Login, SecretError
from database_provisioner.database import Database, IsolationError, connect
from database_provisioner.provisioning import Provisioning, retired
from database_provisioner.request import Action, RejectedRequestError, Request
from database_provisioner.scram import verifier
from emulator.database_tls import HOST, make_authority
from tests.lambda_src.conftest import Cluster, client, fresh
from tests.lambda_src.support import postgres_servers
from tests.lambda_src.support.invocations import Context, unique
from tests.lambda_src.support.postgres_servers import PostgresServer
from tests.lambda_src.support.waiting import eventually

pytestmark = pytest.mark.postgres


@pytest.fixture
def tenant() -> str:
    return unique("acme-corp")


def role_of(tenant: str) -> str:
    return f"tenant_{tenant.replace('-', '_')}"


def exists(cluster: Cluster, role: str) -> bool:
    with cluster.superuser() as session:
        return bool(session.run("SELECT FROM pg_roles WHERE rolname = :role", role=role))


def somebody_waits_for_a_lock(cluster: Cluster) -> bool:
    with cluster.superuser() as session:
        return bool(
            session.run(
                "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )


def secret_versions(cluster: Cluster, tenant: str) -> int:
    manager = client(cluster.emulator, "secretsmanager")
    found = manager.list_secret_version_ids(SecretId=cluster.secret(tenant), IncludeDeprecated=True)
    return len(found["Versions"])


@contextlib.contextmanager
def provisioning(cluster: Cluster) -> Iterator[Provisioning]:
    """The logic on a separate connection, so that several runs can overlap."""
    address = Address(host=HOST, port=cluster.server.port, database=cluster.database)
    login = Login(username=postgres_servers.MASTER, password=postgres_servers.MASTER_PASSWORD)
    tls = tls_context(str(cluster.server.authority.ca_file))
    with connect(address, login, tls) as database:
        yield Provisioning(
            database=database,
            credentials=Credentials(client=client(cluster.emulator, "secretsmanager")),
            address=address,
        )


def request(cluster: Cluster, tenant: str, action: Action = Action.CREATE, **changes: Any) -> Request:
    known = {"connection_limit": 5, **changes}
    if "secret" not in known:
        known["secret"] = cluster.secret(tenant)
    return Request(action=action, tenant=tenant, **known)


# Creation


def test_a_tenant_gets_a_role_a_schema_and_a_secret(cluster: Cluster, tenant: str) -> None:
    answer = cluster("create", tenant, connection_limit=7)
    role = role_of(tenant)
    assert answer == {
        "action": "create",
        "tenant": tenant,
        "database": cluster.database,
        "role": role,
        "schema": role,
    }
    with cluster.superuser() as session:
        columns = (
            "rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolconnlimit"
        )
        attributes = session.run(f"SELECT {columns} FROM pg_roles WHERE rolname = :role", role=role)
        owner = session.run(
            "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = :role", role=role
        )
    assert attributes == [[True, False, False, False, False, False, 7]]
    assert owner == [[role]]
    secret = cluster.secret_value(tenant)
    password = secret.pop("password")
    assert len(password) >= 40
    assert secret == {
        "engine": "postgres",
        "host": "localhost",
        "port": cluster.server.port,
        "dbname": cluster.database,
        "username": role,
    }
    with cluster.tenant(tenant) as session:
        session.run("CREATE TABLE mine (id int)")
        assert session.run("SHOW search_path") == [[role]]
        assert session.run(
            "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'mine'"
        ) == [[role]]


def test_each_tenant_has_a_password_of_its_own(cluster: Cluster) -> None:
    tenants = [unique("tenant") for _ in range(3)]
    for tenant in tenants:
        cluster("create", tenant)
    assert len({cluster.secret_value(tenant)["password"] for tenant in tenants}) == 3


def test_public_has_no_right_on_the_database_nor_on_its_schemas(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    with cluster.superuser() as session:
        database = session.run(
            "SELECT FROM pg_database, aclexplode(datacl) WHERE datname = :name AND grantee = 0",
            name=cluster.database,
        )
        schemas = session.run(
            "SELECT nspname FROM pg_namespace, aclexplode(nspacl) WHERE grantee = 0 "
            "AND nspname NOT IN ('pg_catalog', 'information_schema')"
        )
    assert database == []
    assert schemas == []


def test_a_database_without_a_schema_public_is_fine(cluster: Cluster, tenant: str) -> None:
    with cluster.superuser() as session:
        session.run("DROP SCHEMA public")
    cluster("create", tenant)
    with cluster.tenant(tenant) as session:
        assert session.run("SELECT 1") == [[1]]


def test_the_password_is_in_no_answer_no_log_and_no_statement(
    cluster: Cluster, tenant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = [cluster("create", tenant), cluster("update", tenant), cluster("delete", tenant)]
    secrets = [cluster.secret_value(tenant)["password"], postgres_servers.MASTER_PASSWORD]
    printed = "".join(capsys.readouterr())
    # The server logs every statement. The role's password reaches it only as a verifier.
    logged = cluster.server.log_file.read_text()
    assert f'ALTER ROLE "{role_of(tenant)}" LOGIN PASSWORD \'SCRAM-SHA-256$4096:' in logged
    for secret in secrets:
        assert secret not in json.dumps(answers)
        assert secret not in printed
        assert secret not in logged
        assert secret not in repr(Login(username="somebody", password=secret))


# Repetition


def test_the_same_request_again_changes_nothing_that_a_client_sees(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    before = cluster.secret_value(tenant)
    versions = secret_versions(cluster, tenant)
    with cluster.tenant(tenant) as session:
        session.run("CREATE TABLE mine AS SELECT 1 AS id")
        for action in ("create", "update", "update"):
            cluster(action, tenant)
        assert session.run("SELECT id FROM mine") == [[1]]
    assert cluster.secret_value(tenant) == before
    assert secret_versions(cluster, tenant) == versions
    with cluster.tenant(tenant) as session:
        assert session.run("SELECT id FROM mine") == [[1]]


def test_an_update_sets_what_has_changed(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    cluster("update", tenant, connection_limit=1, tf={"action": "update", "prev_input": {"tenant": tenant}})
    with cluster.tenant(tenant), pytest.raises(native.DatabaseError) as refusal, cluster.tenant(tenant):
        pass
    assert refusal.value.args[0]["C"] == "53300"


def test_an_update_undoes_what_was_changed_by_hand(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    role = role_of(tenant)
    with cluster.superuser() as session:
        session.run(f"ALTER ROLE {role} NOLOGIN PASSWORD 'another-password' CONNECTION LIMIT 99")
        session.run(f"ALTER ROLE {role} SET search_path = public")
        session.run("GRANT ALL ON SCHEMA public TO PUBLIC")
        session.run(f"GRANT ALL ON DATABASE {cluster.database} TO PUBLIC")
        session.run(f"GRANT ALL ON SCHEMA {role} TO PUBLIC")
    cluster("update", tenant)
    with cluster.tenant(tenant) as session:
        assert session.run("SHOW search_path") == [[role]]
        with pytest.raises(native.DatabaseError):
            session.run("CREATE TABLE public.trap (id int)")
    with cluster.superuser() as session:
        assert session.run("SELECT rolconnlimit FROM pg_roles WHERE rolname = :role", role=role) == [[20]]


def test_a_secret_that_names_an_old_address_is_renewed_with_the_same_password(
    cluster: Cluster, tenant: str
) -> None:
    cluster("create", tenant)
    before = cluster.secret_value(tenant)
    moved = json.dumps(before | {"host": "old.example.com"})
    client(cluster.emulator, "secretsmanager").put_secret_value(
        SecretId=cluster.secret(tenant), SecretString=moved
    )
    cluster("update", tenant)
    assert cluster.secret_value(tenant) == before


@pytest.mark.parametrize(
    "value",
    [
        "no json",
        "[]",
        "{}",
        '{"password": 1}',
        '{"password": "short"}',
        '{"username": "x", "password": "%s"}',
    ],
)
def test_a_secret_that_is_no_login_of_the_tenants_gets_a_new_password(
    cluster: Cluster, tenant: str, value: str
) -> None:
    manager = client(cluster.emulator, "secretsmanager")
    known = "a-password-that-somebody-else-knows"
    manager.put_secret_value(SecretId=cluster.secret(tenant), SecretString=value.replace("%s", known))
    cluster("create", tenant)
    assert cluster.secret_value(tenant)["password"] != known
    with cluster.tenant(tenant) as session:
        assert session.run("SELECT 1") == [[1]]


def test_a_secret_that_does_not_exist_stops_the_tenant(cluster: Cluster, tenant: str) -> None:
    manager = client(cluster.emulator, "secretsmanager")
    with pytest.raises(handler_module.secrets_client().exceptions.ResourceNotFoundException):
        handler_module.handler(
            {"action": "create", "tenant": tenant, "secret_arn": f"rds/tenant/{tenant}/test/password"},
            Context(),
        )
    with cluster.superuser() as session:
        found = session.run("SELECT rolcanlogin FROM pg_roles WHERE rolname = :role", role=role_of(tenant))
    assert found == [[False]]
    manager.create_secret(Name=f"rds/tenant/{tenant}/test/password")
    cluster("create", tenant)
    with cluster.tenant(tenant) as session:
        assert session.run("SELECT 1") == [[1]]


# Crashes


@pytest.mark.parametrize("again", ["create", "update"])
@pytest.mark.parametrize(
    "step", ["create_role", "close_defaults", "verify", "tenant_password", "allow_login", "lost answer"]
)
def test_a_crash_at_any_step_is_repaired_by_the_next_run(
    cluster: Cluster, tenant: str, monkeypatch: pytest.MonkeyPatch, step: str, again: str
) -> None:
    class CrashError(Exception):
        pass

    def crash(*_: object) -> None:
        raise CrashError

    with monkeypatch.context() as patch:
        if step == "lost answer":
            write = Credentials.tenant_password

            def write_and_crash(*arguments: Any) -> None:
                write(*arguments)
                raise CrashError

            patch.setattr(Credentials, "tenant_password", write_and_crash)
        else:
            patch.setattr(Credentials if step == "tenant_password" else Database, step, crash)
        with pytest.raises(CrashError):
            cluster("create", tenant)
    with contextlib.suppress(native.DatabaseError, KeyError), cluster.tenant(tenant):
        pytest.fail("a half-made tenant can log in")
    cluster(again, tenant)
    with cluster.tenant(tenant) as session:
        session.run("CREATE TABLE mine (id int)")


def test_a_crash_while_an_existing_tenant_is_updated_leaves_it_working(
    cluster: Cluster, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster("create", tenant)

    def crash(*_: object) -> None:
        raise RuntimeError

    for step in ("close_defaults", "allow_login"):
        with monkeypatch.context() as patch:
            patch.setattr(Database, step, crash)
            with pytest.raises(RuntimeError):
                cluster("update", tenant)
        with cluster.tenant(tenant) as session:
            assert session.run("SELECT 1") == [[1]]


def test_a_deletion_that_was_cut_off_is_completed_by_the_next_one(
    cluster: Cluster, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster("create", tenant)

    def crash(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(Database, "drop_role", crash)
        with pytest.raises(RuntimeError):
            cluster("delete", tenant)
    assert exists(cluster, role_of(tenant))
    cluster("delete", tenant)
    assert not exists(cluster, role_of(tenant))


# Concurrency


def test_many_runs_at_once_for_one_tenant_and_for_several(cluster: Cluster) -> None:
    tenants = [unique("tenant") for _ in range(3)]
    requests = [request(cluster, tenant) for tenant in tenants for _ in range(4)]
    before = [secret_versions(cluster, tenant) for tenant in tenants]

    def run(wanted: Request) -> None:
        with provisioning(cluster) as logic:
            logic.ensure(wanted)

    with ThreadPoolExecutor(len(requests)) as pool:
        list(pool.map(run, requests))
    assert [secret_versions(cluster, tenant) for tenant in tenants] == [count + 1 for count in before]
    for tenant in tenants:
        with cluster.tenant(tenant) as session:
            assert session.run("SELECT 1") == [[1]]


def test_a_run_waits_for_another(cluster: Cluster, tenant: str) -> None:
    done = threading.Event()

    def run() -> None:
        with provisioning(cluster) as logic:
            logic.ensure(request(cluster, tenant))
        done.set()

    with provisioning(cluster) as other, other.database.locked():
        thread = threading.Thread(target=run)
        thread.start()
        eventually(lambda: somebody_waits_for_a_lock(cluster))
        assert not done.is_set()
        assert not exists(cluster, role_of(tenant))
    thread.join()
    assert done.is_set()
    assert exists(cluster, role_of(tenant))


def test_a_tenant_cannot_lock_the_provisioner_out(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    other = unique("other")
    with cluster.tenant(tenant) as session:
        session.run("SELECT pg_advisory_lock(:lock)", lock=database_module._LOCK)
        cluster("create", other)
        with pytest.raises((native.DatabaseError, native.InterfaceError)):
            session.run("SELECT 1")
    with cluster.tenant(other) as session:
        assert session.run("SELECT 1") == [[1]]


def test_a_lock_that_nobody_lets_go_ends_the_wait(
    cluster: Cluster, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_LOCK_SECONDS", 0.2)
    with cluster.superuser() as session:
        session.run("SELECT pg_advisory_lock(:lock)", lock=database_module._LOCK)
        with pytest.raises(DatabaseError, match="wait for another run: 55P03"):
            cluster("create", tenant)
    assert not exists(cluster, role_of(tenant))


# Hostile names

HOSTILE = [
    'x"; DROP ROLE tenant_v; --',
    "x'; DROP ROLE tenant_v; --",
    'x" SUPERUSER; DROP ROLE tenant_v; --',
    "x$$; DROP ROLE tenant_v; $$",
    "x\\'; DROP ROLE tenant_v; --",
    "x:role",
    "x :lock $1 %s %(a)s {{}}",
    "x\ny",
    "x/* */",
    "x; SELECT 1",
    "\N{GREEK SMALL LETTER ALPHA}" * 24,
    'x""y',
    " x ",
    "X",
]


def test_a_hostile_name_is_only_a_name(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    victim = role_of(tenant)
    with cluster.superuser() as session:
        session.run("DROP ROLE IF EXISTS tenant_v; CREATE ROLE tenant_v")
    # The handler refuses such names, but the layers below it do not rely on that.
    with provisioning(cluster) as logic:
        for name in HOSTILE:
            wanted = request(cluster, name, secret=cluster.secret(unique("hostile")))
            logic.ensure(wanted)
            assert exists(cluster, wanted.role)
            logic.remove(wanted, erase=False)
            assert exists(cluster, retired(wanted.role))
            logic.ensure(replace(wanted, returning=True))
            logic.remove(wanted, erase=True)
            assert not exists(cluster, wanted.role)
            assert not exists(cluster, retired(wanted.role))
    assert exists(cluster, "tenant_v")
    with cluster.tenant(tenant) as session:
        assert session.run("SHOW search_path") == [[victim]]


@pytest.mark.parametrize("name", ["", "x\0y", "x" * 64, "\N{GREEK SMALL LETTER ALPHA}" * 32])
def test_a_name_that_the_server_would_change_is_refused(name: str) -> None:
    with pytest.raises(DatabaseError):
        quoted(name)


# Refusals


def test_a_role_with_more_rights_than_a_tenants_is_not_taken_over(cluster: Cluster, tenant: str) -> None:
    role = role_of(tenant)
    with cluster.superuser() as session:
        session.run(f"CREATE ROLE {role} LOGIN SUPERUSER")
    for action in ("create", "delete"):
        with pytest.raises(IsolationError, match="exists with rights that no tenant has"):
            cluster(action, tenant)
    with cluster.superuser() as session:
        assert session.run("SELECT rolsuper FROM pg_roles WHERE rolname = :role", role=role) == [[True]]


def test_a_schema_of_somebody_elses_is_not_taken_over(cluster: Cluster, tenant: str) -> None:
    with cluster.superuser() as session:
        session.run(f"CREATE SCHEMA {role_of(tenant)}")
    with pytest.raises(IsolationError, match="belongs to another role"):
        cluster("create", tenant)
    assert not exists(cluster, role_of(tenant))


def test_a_schema_that_is_open_to_everybody_stops_the_next_tenant(cluster: Cluster, tenant: str) -> None:
    other = unique("other")
    cluster("create", other)
    with cluster.superuser() as session:
        session.run(f"GRANT USAGE ON SCHEMA {role_of(other)} TO PUBLIC")
    with pytest.raises(IsolationError, match=f"would have rights on '{role_of(other)}'"):
        cluster("create", tenant)
    assert not exists(cluster, role_of(tenant))


def test_a_database_that_stays_open_stops_the_tenant(cluster: Cluster, tenant: str) -> None:
    with cluster.superuser() as session:
        # The owner cannot revoke what the bootstrap superuser has granted.
        session.run(f"ALTER DATABASE {cluster.database} OWNER TO bootstrap")
        session.run(f"GRANT ALL ON DATABASE {cluster.database} TO platform_admin WITH GRANT OPTION")
    with pytest.raises(IsolationError, match="PUBLIC still has rights on the database"):
        cluster("create", tenant)
    assert not exists(cluster, role_of(tenant))


def test_a_membership_stops_the_tenant(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    with cluster.superuser() as session:
        session.run(f"GRANT pg_read_all_data TO {role_of(tenant)}")
    with pytest.raises(IsolationError, match=r"would have rights on|is a member of another role"):
        cluster("update", tenant)
    with cluster.superuser() as session:
        session.run(f"REVOKE pg_read_all_data FROM {role_of(tenant)}")
        session.run(f"GRANT pg_monitor TO {role_of(tenant)}")
    with pytest.raises(IsolationError, match="is a member of another role"):
        cluster("update", tenant)


def test_a_master_secret_without_a_login_is_named_but_not_shown(
    cluster: Cluster, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = client(cluster.emulator, "secretsmanager")
    for value in ('{"username": "platform_admin"}', '{"username": "", "password": "something"}', "something"):
        made = manager.create_secret(Name=unique("master"), SecretString=value)
        monkeypatch.setenv("MASTER_SECRET_ARN", made["ARN"])
        handler_module.settings.cache_clear()
        with pytest.raises(SecretError) as error:
            cluster("create", tenant)
        assert str(error.value) == "the master's secret holds no username and password"


def test_a_wrong_master_password_is_refused_without_being_shown(
    cluster: Cluster, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = json.dumps({"username": "platform_admin", "password": "yesterdays-password"})
    made = client(cluster.emulator, "secretsmanager").create_secret(Name=unique("master"), SecretString=value)
    monkeypatch.setenv("MASTER_SECRET_ARN", made["ARN"])
    handler_module.settings.cache_clear()
    with pytest.raises(DatabaseError, match="connect: 28P01 password authentication failed") as error:
        cluster("create", tenant)
    assert "yesterdays-password" not in str(error.value)


# Deletion


def test_a_deleted_tenants_data_waits_for_its_return(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    role = role_of(tenant)
    with cluster.tenant(tenant) as session:
        session.run("CREATE TABLE mine AS SELECT 42 AS id")
        session.run("CREATE FUNCTION answer() RETURNS int LANGUAGE sql AS 'SELECT id FROM mine'")
        blob = session.run("SELECT lo_from_bytea(0, 'mine')")[0][0]
    password = cluster.secret_value(tenant)["password"]
    cluster("delete", tenant)
    assert not exists(cluster, role)
    with pytest.raises(native.DatabaseError), cluster.tenant(tenant):
        pass
    with cluster.superuser() as session:
        assert session.run(f"SELECT id FROM {role}.mine") == [[42]]
        keeper = session.run("SELECT rolcanlogin FROM pg_roles WHERE rolname = :role", role=retired(role))
    assert keeper == [[False]]

    for action in ("create", "update"):
        with pytest.raises(
            IsolationError, match="data of an earlier tenant is kept by 'retired_tenant_acme_corp"
        ):
            cluster(action, tenant)
        assert not exists(cluster, role)
    cluster("create", tenant, returning=True)
    assert not exists(cluster, retired(role))
    assert cluster.secret_value(tenant)["password"] == password
    with cluster.tenant(tenant) as session:
        assert session.run("SELECT answer()") == [[42]]
        assert session.run("SELECT lo_get(:blob)", blob=blob) == [[b"mine"]]
        session.run("DROP TABLE mine CASCADE")


def test_a_tenant_may_go_and_come_back_more_than_once(cluster: Cluster, tenant: str) -> None:
    for number in range(3):
        cluster("create", tenant, returning=True)
        with cluster.tenant(tenant) as session:
            session.run(f"CREATE TABLE table_{number} (id int)")
        cluster("delete", tenant)
        cluster("delete", tenant)
    cluster("create", tenant, returning=True)
    with cluster.tenant(tenant) as session:
        assert session.run("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()") == [[3]]


def test_a_deletion_with_the_data_leaves_nothing(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    role = role_of(tenant)
    with cluster.tenant(tenant) as session:
        session.run("CREATE TABLE mine AS SELECT 42 AS id")
        session.run("SELECT lo_from_bytea(0, 'mine')")
    answer = cluster("delete", tenant, drop_schema=True, tf={"action": "delete", "prev_input": None})
    assert answer["action"] == "delete"
    assert not exists(cluster, role)
    assert not exists(cluster, retired(role))
    with cluster.superuser() as session:
        assert session.run("SELECT FROM pg_namespace WHERE nspname = :role", role=role) == []
        assert session.run("SELECT FROM pg_largeobject_metadata") == []


def test_data_that_was_kept_can_be_dropped_later(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    cluster("delete", tenant)
    assert exists(cluster, retired(role_of(tenant)))
    cluster("delete", tenant, drop_schema=True)
    assert not exists(cluster, retired(role_of(tenant)))
    with cluster.superuser() as session:
        assert session.run("SELECT FROM pg_namespace WHERE nspname = :role", role=role_of(tenant)) == []


def erase(tenant: str, recorded: str) -> None:
    with pytest.MonkeyPatch.context() as patch, fresh(handler_module.settings):
        patch.setenv("ERASABLE_TENANTS", recorded)
        handler_module.handler({"action": "erase", "tenant": tenant}, Context())


@pytest.mark.parametrize("left", [True, False], ids=["before it left", "after it left"])
def test_an_erasure_that_is_recorded_leaves_nothing_of_the_tenant(
    cluster: Cluster, tenant: str, *, left: bool
) -> None:
    cluster("create", tenant)
    with cluster.tenant(tenant) as session:
        session.run("CREATE TABLE mine AS SELECT 42 AS id")
    if left:
        cluster("delete", tenant)
    for _ in range(2):
        erase(tenant, f"another,{tenant}")
        assert not exists(cluster, role_of(tenant))
        assert not exists(cluster, retired(role_of(tenant)))
    cluster("delete", tenant)
    with cluster.superuser() as session:
        assert session.run("SELECT FROM pg_namespace WHERE nspname = :role", role=role_of(tenant)) == []


@pytest.mark.parametrize("recorded", ["", "another", "{tenant}-eu", "eu-{tenant}"])
def test_whoever_invokes_the_function_cannot_have_data_dropped(
    cluster: Cluster, tenant: str, recorded: str
) -> None:
    cluster("create", tenant)
    with cluster.tenant(tenant) as session:
        session.run("CREATE TABLE mine AS SELECT 42 AS id")
    with pytest.raises(RejectedRequestError, match="may not be dropped: no erasure is recorded"):
        erase(tenant, recorded.format(tenant=tenant))
    with cluster.tenant(tenant) as session:
        assert session.run("SELECT id FROM mine") == [[42]]
    with pytest.MonkeyPatch.context() as patch, fresh(handler_module.settings):
        patch.setenv("ERASABLE_TENANTS", recorded.format(tenant=tenant))
        asked = {"action": "delete", "tenant": tenant, "drop_schema": True, "erase": True}
        handler_module.handler(asked, Context())
    with cluster.superuser() as session:
        assert session.run(f"SELECT id FROM {role_of(tenant)}.mine") == [[42]]


def test_a_tenant_that_is_not_there_is_deleted_already(cluster: Cluster, tenant: str) -> None:
    for drop_schema in (False, True):
        assert cluster("delete", tenant, drop_schema=drop_schema)["role"] == role_of(tenant)
    assert not exists(cluster, retired(role_of(tenant)))


def test_a_deletion_needs_no_secret(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    handler_module.handler({"action": "delete", "tenant": tenant}, Context())
    assert not exists(cluster, role_of(tenant))


def test_an_invocation_for_the_tenants_end_changes_nothing_before(cluster: Cluster, tenant: str) -> None:
    event = {
        "tenant": tenant,
        "secret_arn": cluster.secret(tenant),
        "only": "delete",
    }
    for action in ("create", "update"):
        answer = handler_module.handler(event | {"tf": {"action": action, "prev_input": None}}, Context())
        assert (answer["action"], answer["role"]) == (action, role_of(tenant))
        assert not exists(cluster, role_of(tenant))
    cluster("create", tenant)
    handler_module.handler(event | {"tf": {"action": "update", "prev_input": event}}, Context())
    assert exists(cluster, role_of(tenant))
    handler_module.handler(event | {"tf": {"action": "delete", "prev_input": event}}, Context())
    assert not exists(cluster, role_of(tenant))


def test_a_deletion_ends_the_tenants_sessions_and_no_other(cluster: Cluster, tenant: str) -> None:
    longer = f"{tenant}-eu"
    cluster("create", tenant)
    cluster("create", longer)
    with cluster.tenant(longer) as others:
        others.run("CREATE TABLE mine AS SELECT 1 AS id")
        with cluster.tenant(tenant) as session:
            session.run("CREATE TABLE mine (id int)")
            session.run("START TRANSACTION")
            session.run("LOCK TABLE mine")
            cluster("delete", tenant, drop_schema=True)
            with pytest.raises((native.DatabaseError, native.InterfaceError)):
                session.run("SELECT 1")
        assert others.run("SELECT id FROM mine") == [[1]]
    with cluster.tenant(longer) as others:
        assert others.run("SELECT id FROM mine") == [[1]]


@pytest.mark.parametrize("drop_schema", [True, False])
def test_a_deletion_never_takes_what_is_another_tenants(
    cluster: Cluster, tenant: str, *, drop_schema: bool
) -> None:
    other = unique("other")
    cluster("create", tenant)
    cluster("create", other)
    mine, theirs = role_of(tenant), role_of(other)
    with cluster.tenant(tenant) as session:
        session.run("CREATE TABLE prices AS SELECT 1 AS id")
        session.run(f"GRANT USAGE ON SCHEMA {mine} TO {theirs}")
        session.run(f"GRANT SELECT ON prices TO {theirs}")
    with cluster.tenant(other) as session:
        session.run(f"CREATE VIEW borrowed AS SELECT * FROM {mine}.prices")
    if drop_schema:
        with pytest.raises(DatabaseError, match="drop what the role owns: 2BP01"):
            cluster("delete", tenant, drop_schema=True)
        # The tenant is as it was before.
        with cluster.tenant(tenant) as session:
            assert session.run("SELECT id FROM prices") == [[1]]
    else:
        cluster("delete", tenant)
    with cluster.tenant(other) as session:
        assert session.run("SELECT id FROM borrowed") == [[1]]


def test_a_table_of_somebody_elses_in_the_schema_is_not_dropped(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    with cluster.superuser() as session:
        session.run(f"CREATE TABLE {role_of(tenant)}.audit AS SELECT 1 AS id")
    with pytest.raises(DatabaseError, match="2BP01"):
        cluster("delete", tenant, drop_schema=True)
    with cluster.superuser() as session:
        assert session.run(f"SELECT id FROM {role_of(tenant)}.audit") == [[1]]


def test_data_in_another_database_is_not_dropped(cluster: Cluster, tenant: str) -> None:
    cluster("create", tenant)
    role = role_of(tenant)
    with cluster.server.superuser("postgres") as session:
        session.run(f"CREATE SCHEMA {role} AUTHORIZATION {role}")
    with pytest.raises(DatabaseError, match="drop the role: 2BP01"):
        cluster("delete", tenant, drop_schema=True)
    with cluster.tenant(tenant) as session:
        assert session.run("SELECT 1") == [[1]]
    with cluster.server.superuser("postgres") as session:
        session.run(f"DROP SCHEMA {role}")


# TLS


def test_an_unknown_authority_is_refused(
    cluster: Cluster, tenant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = make_authority(tmp_path / "stranger")
    for ca_file in (str(stranger.ca_file), ""):
        monkeypatch.setenv("DATABASE_CA_FILE", ca_file)
        handler_module.settings.cache_clear()
        handler_module.trust.cache_clear()
        with pytest.raises(DatabaseError, match="certificate verify failed"):
            cluster("create", tenant)
    assert not exists(cluster, role_of(tenant))


def test_another_servers_certificate_is_refused(
    cluster: Cluster, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_HOST", "ip6-localhost")
    connect_to = socket.create_connection
    monkeypatch.setattr(
        socket,
        "create_connection",
        lambda address, *more, **named: connect_to(("127.0.0.1", address[1]), *more, **named),
    )
    handler_module.settings.cache_clear()
    with pytest.raises(DatabaseError, match="Hostname mismatch"):
        cluster("create", tenant)


def test_the_packed_authorities_are_trusted_by_default(
    cluster: Cluster, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "PACKED_CA_FILE", cluster.server.authority.ca_file)
    monkeypatch.delenv("DATABASE_CA_FILE")
    handler_module.settings.cache_clear()
    handler_module.trust.cache_clear()
    cluster("create", tenant)
    assert exists(cluster, role_of(tenant))


@contextlib.contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                answer(client)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def test_a_server_without_tls_never_sees_the_password(tmp_path: Path) -> None:
    received = []

    def refuse(client: socket.socket) -> None:
        received.append(client.recv(1024))
        client.sendall(b"N")
        received.append(client.recv(1024))

    tls = tls_context(str(make_authority(tmp_path).ca_file))
    login = Login(username="platform_admin", password="the-masters-own-password")
    with listening(refuse) as port:
        address = Address(host="127.0.0.1", port=port, database="saasdb")
        with pytest.raises(DatabaseError, match="Server refuses SSL"), connect(address, login, tls):
            pass
    assert received == [b"\x00\x00\x00\x08\x04\xd2\x16\x2f", b""]


def test_a_server_that_does_not_answer_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    address = Address(host="127.0.0.1", port=port, database="saasdb")
    login = Login(username="platform_admin", password="the-masters-own-password")
    with pytest.raises(DatabaseError, match="connect: "), connect(address, login, tls_context(None)):
        pass


def test_the_context_demands_a_certificate_with_the_servers_name() -> None:
    context = tls_context(None)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.verify_flags & ssl.VERIFY_X509_STRICT


def test_a_connection_that_breaks_is_told_by_its_own_error(cluster: Cluster, tenant: str) -> None:
    with provisioning(cluster) as logic, logic.database.locked():
        with cluster.superuser() as session:
            session.run(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE application_name = 'database-provisioner' AND datname = :name",
                name=cluster.database,
            )
        with pytest.raises(DatabaseError, match="begin: "), logic.database.transaction():
            pytest.fail("a broken connection began a transaction")


# The verifier


def test_the_verifier_is_what_the_server_makes_of_the_password(server: PostgresServer) -> None:
    role = unique("scram").replace("-", "_")
    with server.superuser() as session:
        session.run(f"CREATE ROLE {role} LOGIN PASSWORD 'a-password-of-ascii'")
        stored = session.run("SELECT rolpassword FROM pg_authid WHERE rolname = :role", role=role)[0][0]
    salt = base64.b64decode(stored.split("$")[1].split(":")[1])
    assert verifier("a-password-of-ascii", salt) == stored


def test_two_verifiers_of_one_password_differ() -> None:
    assert verifier("a-password") != verifier("a-password")


def test_the_verifier_follows_the_rfc() -> None:
    """The example in section 3 of RFC 7677."""
    made = verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    stored_key, server_key = (base64.b64decode(part) for part in made.split("$")[2].split(":"))
    message = (
        b"n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        b"s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    )
    proof = base64.b64decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    signature = hmac.digest(stored_key, message, "sha256")
    client_key = bytes(left ^ right for left, right in zip(proof, signature, strict=True))
    assert hashlib.sha256(client_key).digest() == stored_key
    server_signature = base64.b64encode(hmac.digest(server_key, message, "sha256"))
    assert server_signature == b"6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
