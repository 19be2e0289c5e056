"""How AWS and container registries write names: buckets, ARNs, images, domains, endpoints.

Patterns are whole-text, without lookarounds: the models, the JSON Schema and editors read the same ones.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_IPV4_FORM: Final = re.compile(r"[0-9]+(\.[0-9]+){3}")
_BUCKET_PREFIXES: Final = ("xn--", "sthree-", "amzn-s3-demo-")
_BUCKET_SUFFIXES: Final = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_ACCOUNT_NAMESPACE: Final = re.compile(r".+-[0-9]{12}-[a-z]{2}(-[a-z]+)+-[1-9]-an")
BUCKET_EXPECTED: Final = (
    "the name of an S3 bucket: 3 to 63 lowercase letters, digits, '.' and '-', no IP address, none of the prefixes "
    "and suffixes that S3 keeps for itself"
)


def bucket_name(value: str) -> str:
    """Return `value`, which S3 takes as the name of a general purpose bucket.

    Raises:
        ValueError: S3 would refuse it (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html;
            `-an` ends the names of an account's own namespace alone, `{prefix}-{account}-{region}-an`:
            https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html).
    """
    if (
        not _BUCKET.fullmatch(value)
        or ".." in value
        or _IPV4_FORM.fullmatch(value)
        or value.startswith(_BUCKET_PREFIXES)
        or value.endswith(_BUCKET_SUFFIXES)
        or (value.endswith("-an") and not _ACCOUNT_NAMESPACE.fullmatch(value))
    ):
        raise ValueError(BUCKET_EXPECTED)
    return value


ENVIRONMENT_SUFFIX: Final = r"^[a-z0-9]{1,12}$"
"""No hyphen: `tenant-{t}-data-{s}` can then be read back in one way only, so that no two pairs of
tenant and environment share a physical name. Twelve characters leave 30 for the tenant's id."""
ENVIRONMENT_SUFFIX_EXPECTED: Final = "1 to 12 lowercase letters and digits, such as 'dev' or 'pr123'"
RESERVED_SUFFIXES: Final = frozenset({"s3alias", "an"})
"""Suffixes of an environment with which every tenant's bucket, `tenant-{t}-data-{s}`, would have a name that S3
refuses."""


def partition(region: str) -> str:
    """Return the partition of `region`, the second part of its ARNs.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    return next((name for start, name in _PARTITIONS.items() if region.startswith(start)), "aws")


_PARTITIONS: Final = {"us-gov-": "aws-us-gov", "cn-": "aws-cn"}
_UUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
CERTIFICATE_ARN: Final = (
    rf"^arn:(aws|aws-cn|aws-us-gov):acm:[a-z]{{2}}(-[a-z]+)+-[1-9]:[0-9]{{12}}:certificate/{_UUID}$"
)
"""https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscertificatemanager.html"""
TOPIC_ARN: Final = (
    r"^arn:(aws|aws-cn|aws-us-gov):sns:[a-z]{2}(-[a-z]+)+-[1-9]:[0-9]{12}:[A-Za-z0-9_-]{1,256}$"
)
"""A topic, which is no FIFO one: its name has no dot
(https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html, read 2026-11-27)."""
HOSTED_ZONE_ID: Final = r"^Z[A-Z0-9]{1,31}$"
"""At most 32 characters
(https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html, read 2026-11-27)."""
ACCOUNT_ID: Final = "^[0-9]{12}$"
"""https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html (read 2026-11-27)."""
ROLE_NAME: Final = r"^[A-Za-z0-9_+=,.@-]{1,64}$"
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (read 2026-11-27)."""
PRINCIPAL_ARN: Final = (
    r"^arn:(aws|aws-cn|aws-us-gov):iam::[0-9]{12}:(role|user)/"
    r"([A-Za-z0-9_+=.@-]{1,128}/){0,16}[A-Za-z0-9_+=.@-]{1,64}$"
)
"""A role or a user: a path and a name of at most 64 characters
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). A comma, which IAM takes in names,
separates ARNs here."""

ROLE_ARN: Final = PRINCIPAL_ARN.replace("(role|user)", "role")
"""A role alone."""


def same_partition(arn: str, region: str) -> bool:
    """Return whether `arn` is of the partition that `region` is in."""
    return arn.split(":")[1] == partition(region)


_LABEL: Final = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN: Final = rf"^({_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]$"
"""Labels of at most 63 letters, digits and inner hyphens (RFC 1035, 2.3.1, and RFC 1123, 2.1); the last begins with a
letter, so that no IP address is one."""

_PORT: Final = (
    "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"  # 1 to 65535
)
_NAME: Final = r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST: Final = rf"{_NAME}(:{_PORT})?"
_WORD: Final = "[a-z0-9]+"
_PATH: Final = rf"{_WORD}((\.|_|__|-+){_WORD})*"
_DOTLESS: Final = rf"{_WORD}((_|__|-+){_WORD})*"
_IMAGE_NAME: Final = rf"({_HOST}/{_PATH}(/{_PATH})*|{_DOTLESS}(/{_PATH})+|{_PATH})"
_DIGEST: Final = "@sha256:[0-9a-f]{64}"
PINNED_IMAGE: Final = rf"^{_IMAGE_NAME}{_DIGEST}$"
"""An image by digest."""
IMAGE: Final = rf"^{_IMAGE_NAME}(:[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}}|{_DIGEST})?$"
"""The grammar of `distribution` (https://github.com/distribution/reference/blob/v0.6.0/reference.go), of which Fargate
can use: a registry by a domain name with a dot, and a tag or a digest, as ECS documents
(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html). An IP address is no registry:
a network in the wrong place reads as one. A first part with a dot is a registry whenever a slash follows."""
IMAGE_REGISTRY: Final = rf"^{_HOST}(/{_PATH})*$"
"""A registry by its domain name, and folders of it."""
IMAGE_LENGTH: Final = 255
"""Of the whole text (the same page)."""


def image(value: str) -> str:
    """Return `value`, an image that fits `IMAGE`.

    Raises:
        ValueError: its registry is the task's own machine, or its name is an IP address.
    """
    name = value.split("@", maxsplit=1)[0].rsplit(":", 1)[0]
    if value.startswith("localhost/") or _IPV4_FORM.fullmatch(name):
        raise ValueError("no image")
    return value


_ENDPOINT: Final = re.compile(
    rf"https?://({_NAME}|{_LABEL}|[0-9]{{1,3}}(\.[0-9]{{1,3}}){{3}}|\[[0-9a-fA-F:.]{{2,45}}\])(:{_PORT})?/?"
)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def endpoint_url(value: str) -> str:
    """Return `value`, an http or https URL of a host and a port alone.

    Raises:
        ValueError: it is not such a URL, or has credentials, a path, a query or a fragment.
    """
    if not _ENDPOINT.fullmatch(value):
        raise ValueError("no endpoint")
    host = urlsplit(value).hostname or ""
    if ":" in host or host.replace(".", "").isdigit():
        ip_address(host)  # raises ValueError for what looks like an address and is none
    return value


def is_exposed(url: str) -> bool:
    """Return whether requests to the endpoint `url` leave this machine unencrypted."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in _LOOPBACK


RESERVED_HOSTS: Final = frozenset(
    """
    about abuse account accounts admin administrator alpha api app apps assets auth autoconfig autodiscover
    beta billing blog broadcasthost caldav carddav cdn console crl dashboard dev dns docs email
    enterpriseenrollment enterpriseregistration faq ftp help hostmaster imap imaps info internal isatap
    kerberos ldap localdomain localhost login lyncdiscover lyncdiscoverinternal mail marketing metrics
    monitoring msoid mta-sts mx news noc ns ns1 ns2 ns3 ns4 ntp oauth ocsp openpgpkey pki platform pop pop3
    pops portal postmaster prod production root sales security sftp signup sip sipinternal smtp smtps ssh ssl
    sso staging static status submission support system test tests time tls usenet uucp vpn web webmail
    webmaster wpad www
    """.split()  # noqa: SIM905 (a list would fill the screen)
)
"""Hosts `{tenant}.{domain}` that a provider keeps for itself, or that others would trust as the provider's:

- those of RFC 2142's mailboxes (https://www.rfc-editor.org/rfc/rfc2142): a certificate authority sends to some of them;
- of mail: `mta-sts`, whose page says how mail to the domain is sent (https://www.rfc-editor.org/rfc/rfc8461#section-3.3),
  `autoconfig` and `autodiscover`, which tell mail clients of a server
  (https://learn.microsoft.com/exchange/architecture/client-access/autodiscover), `webmail`, and the protocols' own;
- that machines look up by themselves in their domain: `wpad` and `isatap`, which Windows' name servers block by default
  (https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-r2-and-2008/cc794902(v=ws.10)),
  `localhost` and `broadcasthost`, `openpgpkey`
  (https://datatracker.ietf.org/doc/draft-koch-openpgp-webkey-service/), `lyncdiscover` and `sip`, `msoid` and the
  `enterprise...` ones (https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records),
  `caldav` and `carddav` (https://www.rfc-editor.org/rfc/rfc6764), name servers, time and certificates' own services;
- and the service's own parts.
"""
