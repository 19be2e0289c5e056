"""VPC endpoints keep their policy, security groups and private DNS setting.

MiniStack stores none of the three, so each plan reports them as missing.

AWS: API reference, EC2, `CreateVpcEndpoint` ("PolicyDocument: If this parameter is not specified, we attach
a default policy that allows full access to the service"; "PrivateDnsEnabled: Default: true";
"SecurityGroupId.N: If this parameter is not specified, we use the default security group for the VPC"),
`ModifyVpcEndpoint` and the `VpcEndpoint` data type.
"""

import json
import re
from typing import Any
from xml.sax.saxutils import escape

from emulator.shims._patching import part, service, wrap, wrap_action

DEFAULT_POLICY = json.dumps(
    {
        "Version": "2008-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
)


def apply() -> None:
    """Keep the fields at creation and change, and show them."""
    ec2 = service("services.ec2")
    endpoints, members, value = part(ec2, "_vpc_endpoints"), part(ec2, "_parse_member_list"), part(ec2, "_p")
    groups = part(ec2, "_security_groups")

    def create(original: Any, request: Any) -> Any:  # noqa: ANN401
        status, headers, body = original(request)
        found = re.search(rb"<vpcEndpointId>([^<]+)<", body)
        if found:
            endpoint = endpoints[found[1].decode()]
            endpoint["PolicyDocument"] = value(request, "PolicyDocument") or DEFAULT_POLICY
            if endpoint["VpcEndpointType"] == "Interface":
                default = [
                    group_id
                    for group_id, group in groups.items()
                    if group["VpcId"] == endpoint["VpcId"] and group["GroupName"] == "default"
                ]
                endpoint["SecurityGroupIds"] = members(request, "SecurityGroupId") or default
                endpoint["PrivateDnsEnabled"] = value(request, "PrivateDnsEnabled") != "false"
        return status, headers, body

    def modify(original: Any, request: Any) -> Any:  # noqa: ANN401
        answer = original(request)
        endpoint = endpoints.get(value(request, "VpcEndpointId"))
        if endpoint is not None:
            if value(request, "ResetPolicy") == "true":
                endpoint["PolicyDocument"] = DEFAULT_POLICY
            if value(request, "PrivateDnsEnabled"):
                endpoint["PrivateDnsEnabled"] = value(request, "PrivateDnsEnabled") == "true"
            removed = members(request, "RemoveSecurityGroupId")
            kept = [group for group in endpoint.get("SecurityGroupIds", []) if group not in removed]
            endpoint["SecurityGroupIds"] = kept + members(request, "AddSecurityGroupId")
        return answer

    def show(original: Any, endpoint: Any, tag: str = "item") -> str:  # noqa: ANN401
        names = {group_id: group["GroupName"] for group_id, group in groups.items()}
        group_items = "".join(
            f"<item><groupId>{group}</groupId><groupName>{escape(names.get(group, ''))}</groupName></item>"
            for group in endpoint.get("SecurityGroupIds", [])
        )
        private_dns = str(endpoint.get("PrivateDnsEnabled", False)).lower()
        fields = (
            f"<policyDocument>{escape(endpoint.get('PolicyDocument', ''))}</policyDocument>"
            f"<groupSet>{group_items}</groupSet><privateDnsEnabled>{private_dns}</privateDnsEnabled>"
        )
        return str(original(endpoint, tag)).replace("<ownerId>", f"{fields}<ownerId>", 1)

    wrap_action(ec2, "_ACTION_MAP", "CreateVpcEndpoint", create)
    wrap_action(ec2, "_ACTION_MAP", "ModifyVpcEndpoint", modify)
    wrap(ec2, "_vpce_fields_xml", show)
