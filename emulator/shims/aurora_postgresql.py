"""An Aurora PostgreSQL cluster has a PostgreSQL server behind its endpoint.

MiniStack starts one in a container if docker is there, and otherwise none. Here the cluster's endpoint and port are
those of a server of the emulator's own (`emulator/postgres.py`): it has the cluster's master, with the password that is
in the master's secret, and the cluster's database; it speaks TLS only. The functions find its certificate's authority
among those of their system (`SSL_CERT_FILE`).

AWS: RDS API reference, `CreateDBCluster` and the `DBCluster` data type (Endpoint, ReaderEndpoint, Port,
MasterUserSecret); Aurora User Guide, "Securing Aurora PostgreSQL data with SSL/TLS".
"""

import atexit
import os
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Any

from emulator.database_tls import HOST, Authority, make_authority
from emulator.postgres import Postgres
from emulator.shims._patching import part, service, wrap, wrap_action

ENGINE = "aurora-postgresql"
NOT_STARTED = {"started": False, "failed": False, "readiness_host": None, "readiness_port": None}


def apply() -> None:
    """Start a server with each cluster, and stop it with the cluster."""
    rds = service("services.rds")
    clusters, value = part(rds, "_clusters"), part(rds, "_p")
    sync_endpoints = part(rds, "_sync_cluster_endpoints")
    servers = Servers(make_authority(Path(tempfile.mkdtemp(prefix="rds-ca-"))))

    def create(original: Any, request: Any) -> Any:  # noqa: ANN401
        known = clusters.get(value(request, "DBClusterIdentifier"))
        answer = original(request)
        cluster = clusters.get(value(request, "DBClusterIdentifier"))
        if answer[0] == HTTPStatus.OK and known is None and cluster["Engine"] == ENGINE:
            # From the beginning: an endpoint's name does not change when the first instance comes.
            cluster["Port"] = servers.start(cluster)
            cluster["_shared_endpoint"] = {
                "Address": HOST,
                "Port": cluster["Port"],
                "HostedZoneId": cluster["HostedZoneId"],
            }
            sync_endpoints(cluster)
        return answer

    def delete(original: Any, request: Any) -> Any:  # noqa: ANN401
        cluster = clusters.get(value(request, "DBClusterIdentifier"))
        answer = original(request)
        if answer[0] == HTTPStatus.OK and cluster is not None:
            servers.stop(cluster)
        return answer

    def start_container(original: Any, name: str, cluster: Any, **options: Any) -> Any:  # noqa: ANN401
        return dict(NOT_STARTED) if servers.has(cluster) else original(name, cluster, **options)

    def reset(original: Any) -> None:  # noqa: ANN401
        original()
        servers.stop_all()

    wrap_action(rds, "_ACTION_MAP", "CreateDBCluster", create)
    wrap_action(rds, "_ACTION_MAP", "DeleteDBCluster", delete)
    wrap(rds, "_start_cluster_shared_container", start_container)
    wrap(rds, "reset", reset)


class Servers:
    """The servers of all clusters, by the clusters' resource ids."""

    def __init__(self, authority: Authority) -> None:
        """Let the functions trust `authority`; stop everything when the emulator ends."""
        self._authority = authority
        self._running: dict[str, Postgres] = {}
        # The functions inherit it.
        os.environ["SSL_CERT_FILE"] = str(authority.ca_file)
        atexit.register(self.stop_all)

    def start(self, cluster: dict[str, Any]) -> int:
        """Start the cluster's server; the port that it listens on."""
        server = Postgres(
            authority=self._authority,
            master=cluster["MasterUsername"],
            password=cluster["_MasterUserPassword"],
            database=cluster["DatabaseName"] or "postgres_database",
        ).start()
        self._running[cluster["DbClusterResourceId"]] = server
        return server.port

    def has(self, cluster: dict[str, Any]) -> bool:
        """Whether the cluster has a server."""
        return cluster["DbClusterResourceId"] in self._running

    def stop(self, cluster: dict[str, Any]) -> None:
        """Stop the cluster's server, if it has one."""
        if server := self._running.pop(cluster["DbClusterResourceId"], None):
            server.stop()

    def stop_all(self) -> None:
        """Stop all of them."""
        while self._running:
            self._running.popitem()[1].stop()
