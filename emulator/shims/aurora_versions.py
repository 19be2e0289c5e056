"""A major version of Aurora PostgreSQL becomes one of its minors, and a cluster moves forward only.

MiniStack refuses a version that AWS no longer offers, such as 15.8, with AWS's own error. But it keeps a major version
as it is written, where AWS creates the default minor of that major and reports it; it lets a cluster go back to an
earlier version; and it leaves the instances behind when their cluster moves on.

AWS: RDS API reference, `CreateDBCluster` and `ModifyDBCluster` (EngineVersion), the `DBCluster` and `DBInstance` data
types (EngineVersion). The error for an earlier version is as AWS gave it in
https://github.com/nationalarchives/ds-caselaw-data-enrichment-service/pull/167.
"""

from typing import Any

from emulator.shims._patching import part, service, wrap_action

ENGINE = "aurora-postgresql"
DEFAULTS = {"15": "15.15"}
"""AWS's default minors trail the newest ones. MiniStack knows those of 16 and 17: 16.11 and 17.7, which AWS released
together with 15.15."""


def apply() -> None:
    """Resolve versions where a cluster is created and where it is modified."""
    rds = service("services.rds")
    clusters, instances = part(rds, "_clusters"), part(rds, "_instances")
    defaults: dict[str, str] = part(rds, "AURORA_POSTGRESQL_DEFAULT_ENGINE_VERSIONS")
    refuse, value = part(rds, "_error"), part(rds, "_p")
    for major, minor in DEFAULTS.items():
        defaults.setdefault(major, minor)

    def create(original: Any, request: Any) -> Any:  # noqa: ANN401
        minor = defaults.get(value(request, "EngineVersion"))
        if value(request, "Engine") == ENGINE and minor:
            return original({**request, "EngineVersion": [minor]})
        return original(request)

    def modify(original: Any, request: Any) -> Any:  # noqa: ANN401
        cluster = clusters.get(value(request, "DBClusterIdentifier"))
        asked = value(request, "EngineVersion")
        if not cluster or cluster["Engine"] != ENGINE or not asked:
            return original(request)
        current = cluster["EngineVersion"]
        # A major that the cluster has already changes nothing.
        wanted = max(defaults[asked], current, key=_order) if asked in defaults else asked
        if _order(wanted) < _order(current):
            text = f"Cannot upgrade {ENGINE} from {current} to {wanted}"
            return refuse("InvalidParameterCombination", text, 400)
        answer = original({**request, "EngineVersion": [wanted]})
        for instance in instances.values():
            if instance.get("DBClusterIdentifier") == cluster["DBClusterIdentifier"]:
                instance["EngineVersion"] = cluster["EngineVersion"]
        return answer

    wrap_action(rds, "_ACTION_MAP", "CreateDBCluster", create)
    wrap_action(rds, "_ACTION_MAP", "ModifyDBCluster", modify)


def _order(version: str) -> tuple[int, ...]:
    """Return what versions are compared by: `15.10` is later than `15.8`."""
    return tuple(int(step) for step in version.partition("-")[0].split("."))
