"""What each stack is to be: everything that its constructs need to know, decided before any of them exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from tenancy.names.silo import SiloNames
from tenancy.owner import Owner
from tenancy.specifications.delivery import DeliverySpecification
from tenancy.specifications.platform import PlatformSpecification
from tenancy.specifications.silo import SiloSpecification


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalState:
    """State in a file.

    Attributes:
        path: absolute, or relative to the folder that holds the output folder.
    """

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketState:
    """State as an object of an S3 bucket, with a lock object beside it.

    Attributes:
        bucket: name of the bucket.
        key: of the object.
        region: of the bucket.
    """

    bucket: str
    key: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """How Terraform's AWS provider is configured.

    Attributes:
        region: where everything is.
        account: whose credentials alone Terraform plans with; `None` takes any.
        default_tags: of every resource that takes tags.
        path_style_buckets: whether buckets are addressed by path: a bucket's own host name resolves at AWS only.
    """

    region: str
    account: str | None
    default_tags: Mapping[str, str]
    path_style_buckets: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseStackPlan:
    """What every stack has.

    Attributes:
        id: what `cdktf deploy` takes.
        provider: how its AWS provider is configured.
        state: where its state is kept.
        package_bucket: S3 bucket that its functions take their code from; `None` keeps it in the stack's folder.
    """

    id: str
    provider: ProviderSettings
    state: LocalState | BucketState
    package_bucket: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiloPlan(BaseStackPlan):
    """The stack of one silo tenant.

    Attributes:
        kind: of stack.
        owner: the tenant.
        specification: what it has.
    """

    kind: ClassVar[str] = "silo"
    owner: Owner[SiloNames]
    specification: SiloSpecification


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformPlan(BaseStackPlan):
    """The stack that the Fargate tenants share. No tenant owns it.

    Attributes:
        kind: of stack.
        specification: what they share, and the tenants.
    """

    kind: ClassVar[str] = "platform"
    specification: PlatformSpecification


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlan(BaseStackPlan):
    """The stack that rolls releases out. No tenant owns it.

    Attributes:
        kind: of stack.
        specification: what it has.
    """

    kind: ClassVar[str] = "delivery"
    specification: DeliverySpecification


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionPlan(BaseStackPlan):
    """A stack of the user's own (docs/your-own-stack.md).

    Attributes:
        kind: of stack.
        name: which of the user's stacks it is.
        tenant: whose it is; `None` where it is nobody's.
        specification: what it has, as the user's code says it: a frozen dataclass of values.
    """

    kind: ClassVar[str] = "extension"
    name: str
    tenant: str | None
    specification: object


StackPlan = SiloPlan | PlatformPlan | DeliveryPlan | ExtensionPlan
