"""A subnet group of RDS that exists is not made again.

MiniStack overwrites it.

AWS: RDS API reference, CreateDBSubnetGroup: DBSubnetGroupAlreadyExists
(https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html).
"""

from typing import Any

from emulator.shims._patching import part, service, wrap_action


def apply() -> None:
    """Look for the name first."""
    rds = service("services.rds")
    groups, value, error = part(rds, "_subnet_groups"), part(rds, "_p"), part(rds, "_error")

    def create(original: Any, request: Any) -> Any:  # noqa: ANN401
        name = value(request, "DBSubnetGroupName")
        if name in groups:
            return error("DBSubnetGroupAlreadyExists", f"The DB subnet group '{name}' already exists.", 400)
        return original(request)

    wrap_action(rds, "_ACTION_MAP", "CreateDBSubnetGroup", create)
