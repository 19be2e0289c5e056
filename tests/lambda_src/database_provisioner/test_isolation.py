"""Two tenants in one database: each can use its own data, and the server refuses access to the other's."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pg8000 import native  # type: ignore[import-untyped]

from emulator.server import Emulator
from tests.lambda_src.conftest import Cluster, running_cluster
from tests.lambda_src.support.invocations import unique
from tests.lambda_src.support.postgres_servers import PostgresServer

pytestmark = pytest.mark.postgres

SECRET = "what-only-the-victim-may-know"
DENIED = "42501"
UNDEFINED = {"42P01", "42883", "42704", "3F000"}


@dataclass
class TwoTenants:
    """A victim with data of every kind, and an intruder.

    Attributes:
        victims: A session of the victim.
        intruders: A session of the intruder.
        names: The values for the placeholders in the attempts.
    """

    cluster: Cluster
    victim: str
    intruder: str
    victims: Any
    intruders: Any
    names: dict[str, object]


@pytest.fixture(scope="module")
def two(server: PostgresServer, emulator: Emulator) -> Iterator[TwoTenants]:
    victim, intruder = unique("victim"), unique("intruder")
    with running_cluster(server, emulator) as cluster:
        cluster("create", victim)
        cluster("create", intruder)
        schema = f"tenant_{victim.replace('-', '_')}"
        own = f"tenant_{intruder.replace('-', '_')}"
        with cluster.master() as session:
            session.run(f"CREATE TABLE public.shared AS SELECT '{SECRET}' AS text")
        with cluster.tenant(victim) as victims:
            for statement in (
                f"CREATE TABLE orders AS SELECT 1 AS id, '{SECRET}'::text AS text",
                "ALTER TABLE orders ADD PRIMARY KEY (id)",
                "CREATE SEQUENCE numbers",
                "CREATE TYPE mood AS ENUM ('sad', 'happy')",
                "CREATE VIEW all_orders AS SELECT * FROM orders",
                "CREATE VIEW texts AS SELECT text FROM orders",
                "CREATE FUNCTION tell() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'TABLE texts'",
                f"CREATE TEMPORARY TABLE draft AS SELECT '{SECRET}'::text AS text",
                "ANALYZE orders",
            ):
                victims.run(statement)
            blob = victims.run("SELECT lo_from_bytea(0, :content)", content=SECRET.encode())[0][0]
            pid = victims.run("SELECT pg_backend_pid()")[0][0]
            temporary = victims.run("SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()")[0][0]
            table = victims.run("SELECT 'orders'::regclass::oid::int")[0][0]
            names = {
                "victim": schema,
                "intruder": own,
                "blob": blob,
                "pid": pid,
                "temporary": temporary,
                "table": table,
                "database": cluster.database,
            }
            with cluster.tenant(intruder) as intruders:
                intruders.run("CREATE TEMPORARY TABLE loot (line text)")
                yield TwoTenants(cluster, victim, intruder, victims, intruders, names)


def test_each_tenant_works_with_its_own(two: TwoTenants) -> None:
    assert two.victims.run("SELECT text FROM orders") == [[SECRET]]
    assert two.victims.run("SELECT tell()") == [[SECRET]]
    with two.cluster.tenant(two.intruder) as session:
        session.run("CREATE TABLE orders (id int PRIMARY KEY, text text)")
        session.run("INSERT INTO orders VALUES (1, 'mine')")
        session.run("CREATE TEMPORARY TABLE scratch AS SELECT * FROM orders")
        assert session.run("SELECT text FROM orders") == [["mine"]]
        assert session.run("SELECT text FROM scratch") == [["mine"]]
        assert session.run("SHOW search_path") == [[two.names["intruder"]]]


# What the intruder tries, and the SQLSTATEs with which the server may refuse it (42501 if none is given).
ATTEMPTS: dict[str, str | tuple[str, set[str]]] = {
    "direct: select": "SELECT * FROM {victim}.orders",
    "direct: insert": "INSERT INTO {victim}.orders VALUES (2, 'x')",
    "direct: update": "UPDATE {victim}.orders SET text = 'x'",
    "direct: delete": "DELETE FROM {victim}.orders",
    "direct: truncate": "TRUNCATE {victim}.orders",
    "direct: drop": "DROP TABLE {victim}.orders",
    "direct: lock": "BEGIN; LOCK TABLE {victim}.orders",
    "direct: view": "SELECT * FROM {victim}.all_orders",
    "direct: sequence": "SELECT nextval('{victim}.numbers')",
    "direct: type": "SELECT 'sad'::{victim}.mood",
    "direct: regclass": "SELECT '{victim}.orders'::regclass",
    "direct: explain": "EXPLAIN SELECT * FROM {victim}.orders",
    "direct: prepare": "PREPARE theft AS SELECT * FROM {victim}.orders",
    "direct: grant": "GRANT SELECT ON {victim}.orders TO {intruder}",
    "search_path: set": (
        "SET LOCAL search_path = {victim}; SELECT text FROM all_orders",
        UNDEFINED,
    ),
    "search_path: set_config": (
        "SELECT set_config('search_path', '{victim}', true); SELECT text FROM all_orders",
        UNDEFINED,
    ),
    "search_path: the victim's": "ALTER ROLE {victim} SET search_path = {intruder}",
    "search_path: the database's": "ALTER DATABASE {database} SET search_path = {intruder}",
    "role: set": "SET ROLE {victim}",
    "role: session authorization": "SET SESSION AUTHORIZATION {victim}",
    "role: set master": "SET ROLE platform_admin",
    "role: set rds_superuser": "SET ROLE rds_superuser",
    "role: join": "GRANT {victim} TO {intruder}",
    "role: join monitors": "GRANT pg_read_all_data TO {intruder}",
    "role: create": "CREATE ROLE helper",
    "role: createrole": "ALTER ROLE {intruder} CREATEROLE",
    "role: createdb": "ALTER ROLE {intruder} CREATEDB",
    "role: superuser": "ALTER ROLE {intruder} SUPERUSER",
    "role: bypass row security": "ALTER ROLE {intruder} BYPASSRLS",
    "role: more connections": "ALTER ROLE {intruder} CONNECTION LIMIT -1",
    "role: the victim's password": "ALTER ROLE {victim} PASSWORD 'stolen'",
    "role: rename the victim": "ALTER ROLE {victim} RENAME TO mine",
    "role: drop the victim": "DROP ROLE {victim}",
    "role: take what is the victim's": "REASSIGN OWNED BY {victim} TO {intruder}",
    "role: drop what is the victim's": "DROP OWNED BY {victim}",
    "function: the victim's definer": "SELECT {victim}.tell()",
    "function: do block": "DO $x$ BEGIN PERFORM * FROM {victim}.orders; END $x$",
    "function: sql": "CREATE FUNCTION pg_temp.steal() RETURNS text LANGUAGE sql "
    "AS 'SELECT text FROM {victim}.orders'",
    "function: plpgsql": "CREATE FUNCTION pg_temp.steal() RETURNS text LANGUAGE plpgsql AS "
    "'BEGIN RETURN (SELECT text FROM {victim}.orders); END'; SELECT pg_temp.steal()",
    "function: definer": "CREATE FUNCTION pg_temp.steal() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS "
    "'BEGIN RETURN (SELECT text FROM {victim}.orders); END'; SELECT pg_temp.steal()",
    "function: in the victim's schema": "CREATE FUNCTION {victim}.trap() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "function: replace the victim's": "CREATE OR REPLACE FUNCTION {victim}.tell() RETURNS text LANGUAGE sql "
    "AS 'SELECT 1::text'",
    "function: in C": "CREATE FUNCTION steal() RETURNS int AS 'libc', 'getpid' LANGUAGE c",
    "function: internal": "CREATE FUNCTION steal() RETURNS int AS 'pg_backend_pid' LANGUAGE internal",
    "function: xml": "SELECT query_to_xml('SELECT * FROM {victim}.orders', true, false, '')",
    "function: xml of the schema": "SELECT schema_to_xml('{victim}', true, false, '')",
    "function: end the victim's session": "SELECT pg_terminate_backend({pid})",
    "function: cancel the victim": "SELECT pg_cancel_backend({pid})",
    "function: read a file": "SELECT pg_read_file('PG_VERSION')",
    "function: list a folder": "SELECT pg_ls_dir('.')",
    "function: reload": "SELECT pg_reload_conf()",
    "function: replication": "SELECT pg_create_physical_replication_slot('theft')",
    "large object: get": "SELECT lo_get({blob})",
    "large object: open": "SELECT lo_open({blob}, 262144)",
    "large object: write": "SELECT lo_put({blob}, 0, 'x')",
    "large object: drop": "SELECT lo_unlink({blob})",
    "large object: grant": "GRANT SELECT ON LARGE OBJECT {blob} TO {intruder}",
    "large object: import": "SELECT lo_import('/etc/passwd')",
    "large object: export": "SELECT lo_export({blob}, '/tmp/stolen')",
    "large object: compatibility": "SET lo_compat_privileges = on",
    "large object: catalog": "SELECT * FROM pg_largeobject",
    "catalog: pg_authid": "SELECT rolpassword FROM pg_authid",
    "catalog: pg_shadow": "SELECT passwd FROM pg_shadow",
    "catalog: pg_statistic": "SELECT stavalues1 FROM pg_statistic",
    "catalog: pg_user_mapping": "SELECT umoptions FROM pg_user_mapping",
    "catalog: pg_hba_file_rules": "SELECT * FROM pg_hba_file_rules",
    "catalog: pg_file_settings": "SELECT * FROM pg_file_settings",
    "catalog: pg_subscription": "SELECT subconninfo FROM pg_subscription",
    "catalog: write": "UPDATE pg_class SET relowner = 1",
    "copy: to the client": "COPY {victim}.orders TO STDOUT",
    "copy: a query": "COPY (SELECT * FROM {victim}.orders) TO STDOUT",
    "copy: from the client": "COPY {victim}.orders FROM STDIN",
    "copy: to a file": "COPY (SELECT 1) TO '/tmp/stolen'",
    "copy: from a file": "COPY pg_temp.loot FROM '/etc/passwd'",
    "copy: to a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "copy: from a program": "COPY pg_temp.loot FROM PROGRAM 'id'",
    "extension: language": "CREATE LANGUAGE theft HANDLER plpgsql_call_handler",
    "extension: wrapper": "CREATE FOREIGN DATA WRAPPER theft",
    "extension: publication": "CREATE PUBLICATION theft FOR ALL TABLES",
    "extension: event trigger": "CREATE EVENT TRIGGER theft ON ddl_command_end EXECUTE FUNCTION pg_reload_conf()",
    "extension: load": "LOAD 'plpgsql'",
    "extension: preload": "SET session_preload_libraries = 'x'",
    "extension: alter system": "ALTER SYSTEM SET work_mem = '1MB'",
    "defaults: the victim's": "ALTER DEFAULT PRIVILEGES FOR ROLE {victim} GRANT SELECT ON TABLES TO {intruder}",
    "temporary: the victim's": "SELECT * FROM {temporary}.draft",
    "temporary: into the victim's": "CREATE TABLE {temporary}.trap (id int)",
    "structure: view": "CREATE VIEW theft AS SELECT * FROM {victim}.orders",
    "structure: foreign key": "CREATE TABLE theft (id int REFERENCES {victim}.orders)",
    "structure: inherit": "CREATE TABLE theft () INHERITS ({victim}.orders)",
    "structure: like": "CREATE TABLE theft (LIKE {victim}.orders)",
    "structure: partition": "CREATE TABLE theft PARTITION OF {victim}.orders DEFAULT",
    "structure: trigger": "CREATE TRIGGER trap BEFORE INSERT ON {victim}.orders EXECUTE FUNCTION "
    "suppress_redundant_updates_trigger()",
    "structure: rule": "CREATE RULE trap AS ON INSERT TO {victim}.orders DO INSTEAD NOTHING",
    "structure: comment": "COMMENT ON TABLE {victim}.orders IS 'x'",
    "structure: index": "CREATE INDEX ON {victim}.orders (text)",
    "schema: create": "CREATE SCHEMA mine",
    "schema: drop the victim's": "DROP SCHEMA {victim} CASCADE",
    "schema: own the victim's": "ALTER SCHEMA {victim} OWNER TO {intruder}",
    "schema: open the victim's": "GRANT USAGE ON SCHEMA {victim} TO {intruder}",
    "schema: table in the victim's": "CREATE TABLE {victim}.trap (id int)",
    "schema: move into the victim's": "ALTER TABLE pg_temp.loot SET SCHEMA {victim}",
    "public: create": "CREATE TABLE public.trap (id int)",
    "public: read": "SELECT * FROM public.shared",
    "public: function": "CREATE FUNCTION public.trap() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "database: create": "CREATE DATABASE mine",
    "database: drop": "DROP DATABASE {database}",
    "database: own": "ALTER DATABASE {database} OWNER TO {intruder}",
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_server_refuses(two: TwoTenants, attempt: str) -> None:
    found = ATTEMPTS[attempt]
    statement, codes = found if isinstance(found, tuple) else (found, {DENIED})
    with pytest.raises(native.DatabaseError) as refusal:
        two.intruders.run(statement.format(**two.names))
    two.intruders.run("ROLLBACK")
    assert refusal.value.args[0]["C"] in codes, refusal.value
    assert SECRET not in str(refusal.value)
    assert two.victims.run("SELECT text FROM orders") == [[SECRET]]


def test_no_extension_can_be_installed(two: TwoTenants) -> None:
    with two.cluster.tenant(two.intruder) as session:
        offered = session.run("SELECT name FROM pg_available_extensions WHERE installed_version IS NULL")
        assert offered
        for (name,) in offered:
            with pytest.raises(native.DatabaseError) as refusal:
                session.run(f"CREATE EXTENSION {native.identifier(name)}")
            # 42704: it needs another extension, which is refused too.
            assert refusal.value.args[0]["C"] in {DENIED, "42704"}, (name, refusal.value)


def test_statistics_and_activity_hide_what_is_the_victims(two: TwoTenants) -> None:
    two.victims.run(f"SELECT '{SECRET}'")
    with two.cluster.tenant(two.intruder) as session:
        victim = two.names["victim"]
        statistics = "SELECT count(*) FROM pg_stats WHERE schemaname = :victim"
        tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = :victim"
        for question in (statistics, tables):
            # The victim sees it, so there is something to hide.
            assert two.victims.run(question, victim=victim) != [[0]]
            assert session.run(question, victim=victim) == [[0]]
        seen = session.run("SELECT query FROM pg_stat_activity WHERE pid = :pid", pid=two.names["pid"])
        assert seen == [["<insufficient privilege>"]]


def test_what_the_victim_creates_later_is_closed_as_well(two: TwoTenants) -> None:
    two.victims.run("CREATE TABLE IF NOT EXISTS later (id int)")
    two.victims.run("CREATE OR REPLACE FUNCTION later() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    two.victims.run("DROP TYPE IF EXISTS later_type; CREATE TYPE later_type AS (id int)")
    # Even a role to which the owner has opened the schema gets nothing beyond that.
    victim, intruder = two.names["victim"], two.names["intruder"]
    two.victims.run(f"GRANT USAGE ON SCHEMA {victim} TO {intruder}")
    try:
        with two.cluster.tenant(two.intruder) as session:
            for statement in (
                f"SELECT * FROM {victim}.later",
                f"SELECT {victim}.later()",
                f"CREATE TABLE theft (x {victim}.later_type)",
            ):
                with pytest.raises(native.DatabaseError) as refusal:
                    session.run(statement)
                assert refusal.value.args[0]["C"] == DENIED
    finally:
        two.victims.run(f"REVOKE USAGE ON SCHEMA {victim} FROM {intruder}")


def test_a_shadowing_temporary_table_deceives_only_its_maker(two: TwoTenants) -> None:
    with two.cluster.tenant(two.intruder) as session:
        session.run("CREATE TEMPORARY TABLE all_orders AS SELECT 'forged' AS text")
        assert two.victims.run("SELECT text FROM all_orders") == [[SECRET]]


def test_a_tenants_password_opens_no_other_role(two: TwoTenants) -> None:
    known = two.cluster.secret_value(two.intruder)
    for user in (two.names["victim"], "platform_admin", "bootstrap"):
        with (
            pytest.raises(native.DatabaseError) as refusal,
            two.cluster.server.session(str(user), known["password"], two.cluster.database),
        ):
            pass
        assert refusal.value.args[0]["C"] == "28P01"


def test_nobody_without_a_grant_can_connect(two: TwoTenants) -> None:
    stranger = unique("stranger").replace("-", "_")
    with two.cluster.superuser() as session:
        session.run(f"CREATE ROLE {stranger} LOGIN PASSWORD 'a-strangers-password'")
    with (
        pytest.raises(native.DatabaseError) as refusal,
        two.cluster.server.session(stranger, "a-strangers-password", two.cluster.database),
    ):
        pass
    assert refusal.value.args[0]["C"] == DENIED


def test_the_master_keeps_no_membership(two: TwoTenants) -> None:
    with two.cluster.superuser() as session:
        version = int(session.run("SHOW server_version_num")[0][0])
        # Since version 16, the creator of a role keeps the right to grant it, but may not act as it.
        active = "AND (set_option OR inherit_option)" if version >= 160000 else ""
        found = session.run(
            "SELECT count(*) FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = roleid "
            f"WHERE rolname IN (:one, :two) {active}",
            one=two.names["victim"],
            two=two.names["intruder"],
        )
    assert found == [[0]]
