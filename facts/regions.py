"""AWS regions that stacks can be deployed to, the zones that an account sees there, and what a region lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from facts.sourced import Sourced


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region.

    Attributes:
        name: as AWS's APIs name it.
        place: as AWS's pages name it.
        partition: `aws` or `aws-us-gov`: the second part of every ARN.
        opt_in: whether an account must enable it first: so it is with the regions that AWS opened after 20 March 2019
            (https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html). S3's global host knows no
            bucket of theirs (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html).
        zones: letters of its zones that an account sees, in order; where they differ from account to account, those
            that most accounts see.
        zones_differ: whether no choice of zones exists in every account, so that someone must look.
    """

    name: str
    place: str
    partition: str = "aws"
    opt_in: bool = False
    zones: str = "abc"
    zones_differ: bool = False


def _default(name: str, place: str, zones: str = "abc") -> Region:
    return Region(name=name, place=place, zones=zones)


def _opt_in(name: str, place: str) -> Region:
    return Region(name=name, place=place, opt_in=True)


def _govcloud(name: str, place: str) -> Region:
    return Region(name=name, place=place, partition="aws-us-gov")


_ALL: Final = (
    _opt_in("af-south-1", "Cape Town"),
    _opt_in("ap-east-1", "Hong Kong"),
    _opt_in("ap-east-2", "Taipei"),
    # Most accounts have no b (https://github.com/aws-cloudformation/cfn-lint/pull/1447).
    _default("ap-northeast-1", "Tokyo", zones="acd"),
    _default("ap-northeast-2", "Seoul", zones="abcd"),
    _default("ap-northeast-3", "Osaka"),
    _default("ap-south-1", "Mumbai"),
    _opt_in("ap-south-2", "Hyderabad"),
    _default("ap-southeast-1", "Singapore"),
    _default("ap-southeast-2", "Sydney"),
    _opt_in("ap-southeast-3", "Jakarta"),
    _opt_in("ap-southeast-4", "Melbourne"),
    _opt_in("ap-southeast-5", "Malaysia"),
    _opt_in("ap-southeast-6", "New Zealand"),
    _opt_in("ap-southeast-7", "Thailand"),
    # Most accounts have no c (the same list).
    _default("ca-central-1", "Canada", zones="abd"),
    _opt_in("ca-west-1", "Calgary"),
    _default("eu-central-1", "Frankfurt"),
    _opt_in("eu-central-2", "Zurich"),
    _default("eu-north-1", "Stockholm"),
    _opt_in("eu-south-1", "Milan"),
    _opt_in("eu-south-2", "Spain"),
    _default("eu-west-1", "Ireland"),
    _default("eu-west-2", "London"),
    _default("eu-west-3", "Paris"),
    _opt_in("il-central-1", "Tel Aviv"),
    _opt_in("me-central-1", "United Arab Emirates"),
    _opt_in("me-south-1", "Bahrain"),
    _opt_in("mx-central-1", "Mexico"),
    _default("sa-east-1", "São Paulo"),
    _default("us-east-1", "Northern Virginia", zones="abcdef"),
    _default("us-east-2", "Ohio"),
    _govcloud("us-gov-east-1", "GovCloud East"),
    _govcloud("us-gov-west-1", "GovCloud West"),
    # Newer accounts have two of its three zones: a and c, b and c, or a and b.
    Region(name="us-west-1", place="Northern California", zones="", zones_differ=True),
    _default("us-west-2", "Oregon", zones="abcd"),
)

REGIONS: Final[Sourced[Mapping[str, Region]]] = Sourced(
    value={region.name: region for region in _ALL},
    source="https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html",
    checked=date(2026, 11, 27),
)
"""By name. The other partitions are not supported: China has no Cognito user pools, and its names end in
`amazonaws.com.cn` where this code's end in `amazonaws.com`; the secret regions and the European sovereign cloud have
hosts of their own.

Each of these regions has an endpoint of every service that the stacks use, Cognito user pools, X-Ray and WAF among
them, in the list that AWS's SDK for Python carries (a test compares them). Features that a service lacks in a region
are on its own pages: GovCloud's names none that the stacks use
(https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-abp.html). Which zones an interface endpoint has is
documented by `aws ec2 describe-vpc-endpoint-services` alone, and can differ from account to account
(https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html)."""
