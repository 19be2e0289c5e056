"""The network interfaces of a function in a VPC outlive it, and Lambda deletes them with the function's role.

MiniStack makes none. Optional: on AWS a security group waits for them up to 20 minutes and more, and the provider
waits 10 seconds at least. What is time on AWS is here a number of requests that ask for them or are refused because of
them, so that a test does not depend on the machine.

AWS: Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC"
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html): functions with the same subnet and security
groups share an interface; Lambda needs `ec2:DeleteNetworkInterface` of the execution role to delete it, which may take
20 minutes, and cannot where the role is gone. EC2 API reference, "Error codes": DependencyViolation.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.refusals._kms import role as session_of
from emulator.refusals._requests import Request, Response, after, before
from emulator.shims._patching import part, service, wrap_action

REQUESTS = 2
"""How often interfaces without a function are seen before they go."""
OWNER = "amazon-aws"
"""Of the attachment of an interface that a service has made."""
ROLE, SEEN = "_emulator_role", "_emulator_seen"
FILTERS = {
    "network-interface-id": "NetworkInterfaceId",
    "subnet-id": "SubnetId",
    "vpc-id": "VpcId",
    "description": "Description",
    "status": "Status",
    "interface-type": "InterfaceType",
}
Interface = dict[str, Any]


def apply() -> None:
    """Make interfaces with functions, show them by filter, and let them hold groups and subnets."""
    after(service("services.lambda_svc"), _follow_functions)
    before(service("services.ec2"), _refuse)
    wrap_action(service("services.ec2"), "_ACTION_MAP", "DescribeNetworkInterfaces", _describe)


def _follow_functions(request: Request, answer: Response) -> Response:
    """After each change of functions, make the interfaces that they need; the others are on their own from then on."""
    if request.method != "GET":
        for subnet, groups, name, arn in _wanted():
            if not any(_is(interface, subnet, groups) for interface in _interfaces().values()):
                _make(subnet, groups, name)
            for interface in _interfaces().values():
                if _is(interface, subnet, groups):
                    interface |= {ROLE: arn, SEEN: 0}
    return answer


def _wanted() -> Iterator[tuple[str, list[str], str, str]]:
    for name, function in part(service("services.lambda_svc"), "_functions").items():
        config = function.get("config") or {}
        vpc = config.get("VpcConfig") or {}
        groups = sorted(vpc.get("SecurityGroupIds") or [])
        for subnet in vpc.get("SubnetIds") or []:
            yield subnet, groups, name, config["Role"]


def _refuse(request: Request) -> Response | None:
    if request.action == "DetachNetworkInterface":
        return _refuse_detachment(request.parameter("AttachmentId"))
    wanted = {"DeleteSecurityGroup": "GroupId", "DeleteSubnet": "SubnetId"}.get(request.action)
    if wanted is None:
        return None
    resource = request.parameter(wanted)
    held = [
        interface
        for interface in list(_interfaces().values())
        if ROLE in interface and resource in {interface["SubnetId"], *_groups(interface)}
    ]
    if not held:
        return None
    for interface in held:
        _age(interface)
    message = f"resource {resource} has a dependent object"
    made: Response = part(service("services.ec2"), "_error")("DependencyViolation", message, 400)
    return made


def _refuse_detachment(attachment: str) -> Response | None:
    """Refuse to detach what Lambda has attached, as EC2 does."""
    if not attachment.startswith("ela-attach-"):
        return None
    message = "You are not allowed to manage 'ela-attach' attachments."
    made: Response = part(service("services.ec2"), "_error")("OperationNotPermitted", message, 400)
    return made


def _describe(_original: Any, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401
    ec2 = service("services.ec2")
    ids = part(ec2, "_parse_member_list")(parameters, "NetworkInterfaceId")
    filters: dict[str, list[str]] = part(ec2, "_parse_filters")(parameters)
    found = [i for i in list(_interfaces().values()) if _matches(i, ids, filters)]
    if missing := set(ids) - {interface["NetworkInterfaceId"] for interface in found}:
        name = min(missing)
        message = f"The networkInterface ID '{name}' does not exist"
        return part(ec2, "_error")("InvalidNetworkInterfaceID.NotFound", message, 400)
    shown = "".join(_xml_of(interface) for interface in found)
    for interface in found:
        _age(interface)
    response = "DescribeNetworkInterfacesResponse"
    return part(ec2, "_xml")(200, response, f"<networkInterfaceSet>{shown}</networkInterfaceSet>")


def _xml_of(interface: Interface) -> str:
    """Return the interface as a response shows it: who owns the attachment is what the provider waits for."""
    shown: str = part(service("services.ec2"), "_eni_fields_xml")(interface)
    if ROLE not in interface:
        return shown
    owner = f"<instanceOwnerId>{OWNER}</instanceOwnerId>"
    return shown.replace("<instanceId></instanceId>", owner)


def _matches(interface: Interface, ids: list[str], filters: Mapping[str, list[str]]) -> bool:
    if ids and interface["NetworkInterfaceId"] not in ids:
        return False
    for name, values in filters.items():
        if name == "group-id" and not set(values).intersection(_groups(interface)):
            return False
        if name in FILTERS and interface[FILTERS[name]] not in values:
            return False
    return True


def _age(interface: Interface) -> None:
    """Bring an interface that no function needs nearer to its end, if its role can end it."""
    needed = any(_is(interface, subnet, groups) for subnet, groups, *_ in _wanted())
    if ROLE not in interface or needed or not _may_delete(interface[ROLE]):
        return
    interface[SEEN] += 1
    if interface[SEEN] >= REQUESTS:
        del _interfaces()[interface["NetworkInterfaceId"]]


def _may_delete(role_arn: str) -> bool:
    if role_arn.rpartition("/")[2] not in part(service("services.iam"), "_roles"):
        return False
    evaluator, asker = service("core.iam_evaluator"), session_of(role_arn, "lambda")
    context = part(evaluator, "EvalContext")(
        principal_arn=asker.principal.arn,
        principal_type=asker.principal.type,
        principal_account=asker.principal.account,
        action="ec2:DeleteNetworkInterface",
        resource_arn="*",
        region=part(service("core.responses"), "get_region")(),
        principal_keys=asker.principal.keys,
    )
    decided = part(evaluator, "evaluate")(context, asker.principal.policies, *asker.principal.limits)
    return bool(decided.decision == "Allow")


_numbers = itertools.count(1)


def _make(subnet: str, groups: list[str], function: str) -> None:
    ec2 = service("services.ec2")
    request: dict[str, list[str]] = {"SubnetId": [subnet]}
    for number, group in enumerate(groups, start=1):
        request[f"SecurityGroupId.{number}"] = [group]
    known = set(_interfaces())
    part(ec2, "_create_network_interface")(request)
    for interface_id, interface in _interfaces().items():
        if interface_id not in known:
            interface |= {
                "Description": f"AWS Lambda VPC ENI-{function}-{next(_numbers)}",
                "InterfaceType": "lambda",
                "Status": "in-use",
                "Attachment": {
                    "AttachmentId": f"ela-attach-{next(_numbers)}",
                    "DeviceIndex": 1,
                    "AttachTime": part(ec2, "_now_ts")(),
                },
            }


def _is(interface: Interface, subnet: str, groups: list[str]) -> bool:
    return (
        interface["SubnetId"] == subnet
        and sorted(_groups(interface)) == groups
        and (interface["InterfaceType"] == "lambda")
    )


def _groups(interface: Interface) -> list[str]:
    return [group["GroupId"] for group in interface["Groups"]]


def _interfaces() -> dict[str, Interface]:
    found: dict[str, Interface] = part(service("services.ec2"), "_network_interfaces")
    return found
