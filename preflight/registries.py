"""Container registries: whether one has an image, by the protocol that all of them speak.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests and, for the token,
https://distribution.github.io/distribution/spec/auth/token/
"""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

TIMEOUT_SECONDS: Final = 10
DOCKER_HUB: Final = "registry-1.docker.io"
LOOPBACK: Final = re.compile(r"(localhost|127\.0\.0\.1)(:[0-9]+)?")
ACCEPTED: Final = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)


class Missing(Exception):  # noqa: N818 (an answer, not a fault)
    """The registry has no such image, or not for everybody."""


class Unreachable(Exception):  # noqa: N818 (an answer, not a fault)
    """The registry did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An image.

    Attributes:
        host: of the registry.
        repository: its name there.
        version: a tag or a digest.
    """

    host: str
    repository: str
    version: str

    @property
    def url(self) -> str:
        """Where its manifest is. A registry on this machine speaks plain HTTP, as it does to Docker."""
        scheme = "http" if LOOPBACK.fullmatch(self.host) else "https"
        return f"{scheme}://{self.host}/v2/{self.repository}/manifests/{self.version}"


def reference(image: str) -> Reference:
    """Return where `image` is: without a host it is on Docker Hub, without a tag it is `latest`.

    https://github.com/distribution/reference: a first part with a dot or a colon, or `localhost`, is a host.
    """
    name, _, digest = image.partition("@")
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        host, name = first, rest
    else:
        host, name = DOCKER_HUB, name if slash else f"library/{name}"
    repository, _, tag = name.partition(":")
    host = DOCKER_HUB if host in {"docker.io", "index.docker.io"} else host
    return Reference(host=host, repository=repository, version=digest or tag or "latest")


def find_manifest(image: Reference) -> None:
    """Ask the registry for the image's manifest, as somebody without an account.

    Raises:
        Missing: it has none, or not for everybody.
        Unreachable: it did not answer.
    """
    try:
        try:
            _get(image.url, {"Accept": ACCEPTED})
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.UNAUTHORIZED:
                raise
            token = _token(error.headers.get("WWW-Authenticate", ""), image)
            _get(image.url, {"Accept": ACCEPTED, "Authorization": f"Bearer {token}"})
    except urllib.error.HTTPError as error:
        if error.code in {HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            raise Missing(
                f"{image.host} answers {error.code} for {image.repository}:{image.version}"
            ) from None
        raise Unreachable(f"{image.host} answers {error.code}") from None
    except (OSError, ValueError) as error:
        raise Unreachable(f"{image.host}: {error}") from None


def _token(challenge: str, image: Reference) -> str:
    scheme, _, rest = challenge.partition(" ")
    parameters = dict(re.findall(r'([a-z]+)="([^"]*)"', rest))
    if scheme.lower() != "bearer" or not parameters.get("realm", "").startswith(("http://", "https://")):
        raise Missing(f"{image.host} wants credentials")
    query = {name: parameters[name] for name in ("service",) if name in parameters}
    query["scope"] = parameters.get("scope", f"repository:{image.repository}:pull")
    answer = json.loads(_get(f"{parameters['realm']}?{urllib.parse.urlencode(query)}", {}))
    return str(answer.get("token") or answer.get("access_token") or "")


def _get(url: str, headers: dict[str, str]) -> bytes:
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 (http and https alone, above)
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
        body: bytes = response.read(4 * 1024 * 1024)
    return body
