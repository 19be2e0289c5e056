"""A VPC in which nothing is open by default, and the groups that open it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Final

from cdktf import TerraformResource
from cdktf_cdktf_provider_aws.default_security_group import DefaultSecurityGroup
from cdktf_cdktf_provider_aws.security_group import SecurityGroup
from cdktf_cdktf_provider_aws.vpc import Vpc

from constructs import Construct

HTTP: Final = 80
HTTPS: Final = 443
ANYWHERE: Final = "0.0.0.0/0"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedVpcProps:
    """What it is called and where it lies.

    Attributes:
        name: its Name tag.
        block: its addresses.
    """

    name: str
    block: IPv4Network


class ClosedVpc(Vpc):
    """A VPC whose default security group has no rule.

    Whatever is put into it without naming a group can talk to nobody.

    Attributes:
        identifier: the VPC's id, read once: each read is a message to Node.js and back.
    """

    def __init__(self, scope: Construct, id: str, props: ClosedVpcProps) -> None:
        super().__init__(
            scope,
            id,
            cidr_block=str(props.block),
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": props.name},
        )
        self.identifier = self.id
        DefaultSecurityGroup(scope, "default_security_group", vpc_id=self.identifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSecurityGroupProps:
    """What it is called and where it is.

    Attributes:
        name: physical name, and its Name tag.
        description: of what is in it; AWS never lets it be changed.
        vpc: the VPC.
        tags: of the group, beyond the provider's.
    """

    name: str
    description: str
    vpc: ClosedVpc
    tags: Mapping[str, str] = field(default_factory=dict)


class NamedSecurityGroup(SecurityGroup):
    """A security group without rules; each rule is a resource of its own, owned by whoever needs it.

    A function's network interfaces are in it until Lambda deletes them with the function's own role, up to 20 minutes
    after the function is gone
    (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis). The group cannot be
    destroyed before that, so whatever it depends on outlives the interfaces.
    """

    def __init__(self, scope: Construct, id: str, props: NamedSecurityGroupProps) -> None:
        super().__init__(
            scope,
            id,
            name=props.name,
            description=props.description,
            vpc_id=props.vpc.identifier,
            tags={"Name": props.name, **props.tags},
        )
        self._outliving: list[str] = []

    def create_after(self, resource: TerraformResource) -> None:
        """Have the group created after `resource`, which then outlives the group and the interfaces in it."""
        # The address alone: `fqn` is an expression, which Terraform takes in no `depends_on`.
        self._outliving.append(f"{resource.terraform_resource_type}.{resource.friendly_unique_id}")
        self.depends_on = list(self._outliving)
