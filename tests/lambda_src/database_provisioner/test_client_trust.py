"""Clients check who the database is, with what tasks are told: an impostor's certificate is refused."""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from pg8000 import native  # type: ignore[import-untyped]

from bundling.authorities import region_authorities
from emulator.database_tls import HOST
from tests.lambda_src.conftest import Cluster
from tests.lambda_src.support.invocations import unique

pytestmark = pytest.mark.postgres


@pytest.fixture
def tenant(cluster: Cluster) -> str:
    name = unique("acme-corp")
    cluster("create", name)
    return name


def connects(cluster: Cluster, tenant: str, authorities: str, *, host: str = HOST) -> bool:
    """Connect as a driver does that takes the authorities as text."""
    known = cluster.secret_value(tenant)
    tls = ssl.create_default_context(cadata=authorities)
    with socket.create_connection(("127.0.0.1", known["port"])) as channel:
        connection = native.Connection(
            known["username"],
            host=host,
            database=known["dbname"],
            password=known["password"],
            sock=channel,
            ssl_context=tls,
        )
        answer = connection.run("SELECT 1")
        connection.close()
    return bool(answer == [[1]])


def test_the_server_of_a_trusted_authority_is_accepted(cluster: Cluster, tenant: str) -> None:
    assert connects(cluster, tenant, cluster.server.authority.ca_file.read_text())


def test_a_server_that_no_authority_of_rds_vouches_for_is_refused(cluster: Cluster, tenant: str) -> None:
    """Here the test's server is the impostor."""
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        connects(cluster, tenant, region_authorities("eu-west-1"))


def test_a_trusted_certificate_for_another_host_is_refused(cluster: Cluster, tenant: str) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        connects(cluster, tenant, cluster.server.authority.ca_file.read_text(), host="another.example.com")


@pytest.mark.parametrize("file", ["trusted", "another", "missing"])
def test_libpq_checks_it_by_the_variables_alone(
    cluster: Cluster, tenant: str, tmp_path: Path, file: str
) -> None:
    if cluster.server.version != "15":
        pytest.skip("the wheel's libpq speaks no TLS; Debian's of version 15 does")
    known = cluster.secret_value(tenant)
    path = tmp_path / "authorities.pem"
    if file != "missing":
        trusted = cluster.server.authority.ca_file.read_text()
        path.write_text(trusted if file == "trusted" else region_authorities("eu-west-1"))
    variables = {
        "PATH": os.environ["PATH"],
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": str(path),
        "PGPASSWORD": known["password"],
    }
    psql = cluster.server.folder / "psql"
    address = ("-h", known["host"], "-p", str(known["port"]), "-U", known["username"], "-d", known["dbname"])
    said = subprocess.run(
        [psql, *address, "-Atc", "SELECT 'in'"], env=variables, capture_output=True, text=True, check=False
    )
    assert (said.stdout.strip() == "in") == (file == "trusted"), said.stderr
    if file != "trusted":
        assert "certificate" in said.stderr
