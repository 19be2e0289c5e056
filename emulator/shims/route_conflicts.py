"""A route table has one route to a destination, and a subnet one route table.

MiniStack adds the second route, and the second association, which no state knows and which outlives the first.

AWS: EC2 API reference, "Error codes for the Amazon EC2 API"
(https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html): RouteAlreadyExists, "A route for the
specified CIDR block already exists in this route table". AssociateRouteTable fails with Resource.AlreadyAssociated
where the subnet has another table (https://github.com/hashicorp/terraform-provider-aws/issues/38960); for the same
table it returns the association that there is.
"""

from typing import Any

from emulator.shims._patching import part, service, wrap_action


def apply() -> None:
    """Look at the routes of the table, and the associations of the subnet, first."""
    ec2 = service("services.ec2")
    tables, value = part(ec2, "_route_tables"), part(ec2, "_p")
    error, xml = part(ec2, "_error"), part(ec2, "_xml")

    def create(original: Any, request: Any) -> Any:  # noqa: ANN401
        table, destination = (
            tables.get(value(request, "RouteTableId")),
            value(request, "DestinationCidrBlock"),
        )
        if table and destination in {route.get("DestinationCidrBlock") for route in table["Routes"]} - {
            None,
            "",
        }:
            name = value(request, "RouteTableId")
            return error(
                "RouteAlreadyExists", f"The route identified by {destination} already exists in {name}", 400
            )
        return original(request)

    def associate(original: Any, request: Any) -> Any:  # noqa: ANN401
        name, subnet = value(request, "RouteTableId"), value(request, "SubnetId")
        for table in tables.values() if subnet else ():
            for association in table["Associations"]:
                if association.get("SubnetId") != subnet:
                    continue
                if association["RouteTableId"] == name:
                    id_ = association["RouteTableAssociationId"]
                    return xml(200, "AssociateRouteTableResponse", f"<associationId>{id_}</associationId>")
                message = (
                    f"the specified association for route table {name} conflicts with an existing association"
                )
                return error("Resource.AlreadyAssociated", message, 400)
        return original(request)

    wrap_action(ec2, "_ACTION_MAP", "CreateRoute", create)
    wrap_action(ec2, "_ACTION_MAP", "AssociateRouteTable", associate)
