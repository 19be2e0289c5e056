"""What AWS does later: interfaces and secrets that outlive their deletion, roles that are not seen at once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from emulator.server import Emulator
from tests.emulator import gaps
from tests.emulator.refused import outcome

REFUSALS = ("lambda_network_interfaces", "role_propagation", "secret_recovery")
DELETE = {"Effect": "Allow", "Action": "ec2:DeleteNetworkInterface", "Resource": "*"}


@pytest.fixture(scope="module")
def later() -> Iterator[Emulator]:
    with Emulator(refusals=REFUSALS) as emulator:
        yield emulator


def test_the_name_of_a_deleted_secret_is_free_after_its_window(later: Emulator, bare: Emulator) -> None:
    for emulator, refused in ((later, "InvalidRequestException"), (bare, "ResourceExistsException")):
        secrets, name = emulator.client("secretsmanager"), gaps.name()
        secrets.create_secret(Name=name, SecretString="kept")
        assert outcome(secrets.create_secret, Name=name) == "ResourceExistsException"
        secrets.delete_secret(SecretId=name, RecoveryWindowInDays=30)
        assert outcome(secrets.create_secret, Name=name) == refused
        secrets.restore_secret(SecretId=name)
        assert secrets.get_secret_value(SecretId=name)["SecretString"] == "kept"
        secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        assert outcome(secrets.create_secret, Name=name) == "accepted"


def test_a_new_role_is_refused_at_first(later: Emulator, bare: Emulator) -> None:
    for emulator, refused in ((later, "InvalidParameterValueException"), (bare, "accepted")):
        role = gaps.role(emulator, "lambda.amazonaws.com")
        found = [create_function(emulator, gaps.name(), role) for _ in range(3)]
        assert found == [refused, "accepted", "accepted"]


def create_function(emulator: Emulator, name: str, role: str, **settings: object) -> str:
    return outcome(
        emulator.client("lambda").create_function,
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.handler",
        Role=role,
        Code={"ZipFile": gaps.packed("")},
        **settings,
    )


def function_in_a_vpc(emulator: Emulator) -> tuple[str, str, str, str]:
    """A function that is gone again: its role, subnet and security group, and a group that it did not have."""
    _, subnet, group = gaps.network(emulator)
    role, name = gaps.role(emulator, "lambda.amazonaws.com"), gaps.name()
    role_name = role.rpartition("/")[2]
    document = json.dumps({"Version": "2012-10-17", "Statement": [DELETE]})
    emulator.client("iam").put_role_policy(RoleName=role_name, PolicyName="p", PolicyDocument=document)
    settings = {"VpcConfig": {"SubnetIds": [subnet], "SecurityGroupIds": [group]}}
    while create_function(emulator, name, role, **settings) != "accepted":
        pass
    delete = emulator.client("ec2").delete_security_group
    expected = "DependencyViolation" if "lambda_network_interfaces" in emulator.refusals else "accepted"
    if expected != "accepted":
        assert [outcome(delete, GroupId=group) for _ in range(5)] == [expected] * 5
    emulator.client("lambda").delete_function(FunctionName=name)
    return role_name, subnet, group, name


def test_interfaces_hold_group_and_subnet_until_lambda_has_deleted_them(
    later: Emulator, bare: Emulator
) -> None:
    for emulator, refusals in ((later, 2), (bare, 0)):
        _, subnet, group, _ = function_in_a_vpc(emulator)
        ec2 = emulator.client("ec2")
        wanted = ["DependencyViolation"] * refusals + ["accepted"]
        assert [outcome(ec2.delete_security_group, GroupId=group) for _ in range(refusals + 1)] == wanted
        assert outcome(ec2.delete_subnet, SubnetId=subnet) == "accepted"


@pytest.mark.parametrize("gone", ["the role", "its permission"])
def test_interfaces_stay_when_their_role_cannot_delete_them(later: Emulator, gone: str) -> None:
    role, subnet, group, _ = function_in_a_vpc(later)
    iam, ec2 = later.client("iam"), later.client("ec2")
    iam.delete_role_policy(RoleName=role, PolicyName="p")
    if gone == "the role":
        iam.delete_role(RoleName=role)
    for _ in range(10):
        assert outcome(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
        assert outcome(ec2.delete_subnet, SubnetId=subnet) == "DependencyViolation"


def test_interfaces_are_found_by_group_and_go_while_they_are_looked_at(later: Emulator) -> None:
    _, _, group, function = function_in_a_vpc(later)
    _, _, other, _ = function_in_a_vpc(later)
    ec2 = later.client("ec2")

    def found(name: str) -> list[str]:
        asked = [{"Name": "group-id", "Values": [name]}]
        return [i["Description"] for i in ec2.describe_network_interfaces(Filters=asked)["NetworkInterfaces"]]

    asked = [{"Name": "group-id", "Values": [other]}]
    (attached,) = ec2.describe_network_interfaces(Filters=asked)["NetworkInterfaces"]
    assert attached["Attachment"]["InstanceOwnerId"] == "amazon-aws"
    detach = ec2.detach_network_interface
    assert outcome(detach, AttachmentId=attached["Attachment"]["AttachmentId"]) == "OperationNotPermitted"

    first, second, third = (found(group) for _ in range(3))
    assert [len(first), len(second), len(third)] == [1, 1, 0]
    assert first[0].startswith(f"AWS Lambda VPC ENI-{function}-")
    assert len(found(other)) == 1
