"""The account that is asked: read-only clients, and who asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

READS: Final = re.compile(r"(?:BatchGet|Describe|Get|Head|List)[A-Z].*")
"""Operations that change nothing, by AWS's own naming."""
DENIED: Final = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "Forbidden",
        "NotAuthorized",
        "UnauthorizedOperation",
    }
)


class NotAReadError(Exception):
    """A check called an operation that could change something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks.

    Attributes:
        account: id of the account, 12 digits.
        arn: of the user, or of the role's session.
    """

    account: str
    arn: str

    @property
    def is_root(self) -> bool:
        """Whether it is the account's root user."""
        return self.arn.endswith(":root")

    @property
    def role(self) -> str | None:
        """Name of the role whose session it is, without its path, which a session's ARN leaves out."""
        found = re.fullmatch(r"arn:[a-z-]+:sts::[0-9]{12}:assumed-role/(?P<role>[^/]+)/.+", self.arn)
        return found["role"] if found else None


class Account:
    """An AWS account in one region, through the caller's own credentials.

    Args:
        region: that the stacks are deployed to.
    """

    def __init__(self, region: str) -> None:
        self.region = region
        self._session = boto3.session.Session(region_name=region)
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, *, region: str | None = None) -> Any:  # noqa: ANN401 - boto3 names no type for all
        """Return a client that refuses every operation that is not a read.

        Raises:
            NotAReadError: from each such operation.
        """
        key = (service, region or self.region)
        if key not in self._clients:
            make: Any = self._session.client
            config = Config(
                connect_timeout=10,
                read_timeout=30,
                retries={"mode": "standard", "total_max_attempts": 5},
                # Names with dots, and emulators on an IP address, have no host of their own.
                s3={"addressing_style": "path"},
            )
            client = make(service, region_name=key[1], config=config)
            client.meta.events.register("before-parameter-build", _refuse_writes)
            self._clients[key] = client
        return self._clients[key]

    @cached_property
    def caller(self) -> Caller:
        """Who the credentials belong to.

        Raises:
            botocore.exceptions.BotoCoreError: there are no credentials, or AWS cannot be reached.
            botocore.exceptions.ClientError: AWS does not know them.
        """
        found = self.client("sts").get_caller_identity()
        return Caller(account=found["Account"], arn=found["Arn"])

    def pages(self, service: str, operation: str, result: str, **arguments: object) -> Iterator[Any]:
        """Return each entry of `result` of every page that `operation` answers with."""
        client = self.client(service)
        if client.can_paginate(operation):
            for page in client.get_paginator(operation).paginate(**arguments):
                yield from page.get(result, [])
        else:
            yield from getattr(client, operation)(**arguments).get(result, [])


def _refuse_writes(model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's
    if not READS.fullmatch(model.name):
        raise NotAReadError(f"{model.service_model.service_name}:{model.name} is no read")


def code_of(error: ClientError) -> str:
    """Return AWS's code of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_denied(error: ClientError) -> bool:
    """Tell whether the caller lacks a right."""
    return code_of(error) in DENIED
