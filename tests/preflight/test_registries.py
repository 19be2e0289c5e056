"""Whether a registry has an image, asked of a registry on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from preflight.registries import Missing, Reference, Unreachable, find_manifest, reference


@dataclass
class Registry:
    """A registry that gives out tokens, and what was asked of it."""

    host: str
    statuses: dict[str, int] = field(default_factory=dict)
    challenge: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def registry() -> Iterator[Registry]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known.asked.append((self.path, self.headers.get("Authorization", "")))
            if self.path.startswith("/token"):
                self._answer(200, json.dumps({"token": "pass"}))
            elif known.challenge and self.headers.get("Authorization") != "Bearer pass":
                realm = f'Bearer realm="http://{known.host}/token",service="here"'
                self._answer(401, "", {"WWW-Authenticate": realm})
            else:
                self._answer(known.statuses.get(self.path, 404), "{}")

        def _answer(self, status: int, body: str, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known = Registry(host=f"127.0.0.1:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield known
        server.shutdown()


@pytest.mark.parametrize(
    ("image", "host", "repository", "version"),
    [
        ("nginx", "registry-1.docker.io", "library/nginx", "latest"),
        ("nginx:1.27", "registry-1.docker.io", "library/nginx", "1.27"),
        ("docker.io/acme/web", "registry-1.docker.io", "acme/web", "latest"),
        ("acme/web@sha256:00", "registry-1.docker.io", "acme/web", "sha256:00"),
        ("acme/web:1@sha256:00", "registry-1.docker.io", "acme/web", "sha256:00"),
        ("public.ecr.aws/nginx/nginx:1", "public.ecr.aws", "nginx/nginx", "1"),
        ("localhost:5000/web:1", "localhost:5000", "web", "1"),
    ],
)
def test_an_image_is_where_docker_looks_for_it(image: str, host: str, repository: str, version: str) -> None:
    assert reference(image) == Reference(host=host, repository=repository, version=version)


def test_only_this_machine_is_asked_without_tls() -> None:
    assert reference("localhost:5000/web").url == "http://localhost:5000/v2/web/manifests/latest"
    assert reference("localhost.example.com/web").url.startswith("https://")
    assert reference("127.0.0.1.example.com/web").url.startswith("https://")


def test_an_image_that_is_there_is_found_with_a_token(registry: Registry) -> None:
    registry.statuses["/v2/acme/web/manifests/1"] = 200
    find_manifest(reference(f"{registry.host}/acme/web:1"))
    assert registry.asked[1][0] == "/token?service=here&scope=repository%3Aacme%2Fweb%3Apull"
    assert registry.asked[2] == ("/v2/acme/web/manifests/1", "Bearer pass")


def test_an_image_that_is_there_is_found_without_a_token(registry: Registry) -> None:
    registry.challenge = False
    registry.statuses["/v2/acme/web/manifests/1"] = 200
    find_manifest(reference(f"{registry.host}/acme/web:1"))
    assert len(registry.asked) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_image_that_is_not_there_or_not_for_everybody_is_missing(registry: Registry, status: int) -> None:
    registry.statuses["/v2/acme/web/manifests/1"] = status
    with pytest.raises(Missing, match=rf"answers {status} for acme/web:1"):
        find_manifest(reference(f"{registry.host}/acme/web:1"))


def test_a_registry_that_fails_or_is_away_is_no_answer(registry: Registry) -> None:
    registry.statuses["/v2/acme/web/manifests/1"] = 503
    with pytest.raises(Unreachable, match="answers 503"):
        find_manifest(reference(f"{registry.host}/acme/web:1"))
    with pytest.raises(Unreachable):
        find_manifest(reference("127.0.0.1:9/acme/web:1"))
