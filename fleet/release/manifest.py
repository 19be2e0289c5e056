"""What a release says of itself: one JSON document, whose SHA-256 is the release's digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from fleet.rollout_settings import NotObserved

VERSION: Final = 1
"""Of the document's form."""
CONFIGURATION: Final = "cdk.tf.json"
"""Name of the file of each stack that was proved."""

Kind = Literal["silo", "platform"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The commit that was synthesized.

    Attributes:
        commit: its full id.
        author: `Name <address>`.
        committed_at: in UTC, `2026-11-27T20:15:00Z`.
        modified: whether files that git knows, or could know, differed from it.
    """

    commit: str
    author: str
    committed_at: str
    modified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the prover said of the stacks.

    Attributes:
        verdict: `PROVED`, or `ACCEPTED` where waivers accept each finding.
        accepted: what they accept: the finding's id, its address, and the reason, one line each.
        report: SHA-256 of the prover's report, a blob.
    """

    verdict: str
    accepted: tuple[str, ...]
    report: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEntry:
    """One stack of a release.

    Attributes:
        id: of the stack.
        kind: what it is the stack of.
        tenants: who is in it, sorted.
        region: that its provider deploys to.
        account: whose credentials alone deploy it; `None` takes any.
        backend: of its state, as Terraform has it.
        files: SHA-256 by path in the stack's folder: the configuration, the provider's lock file, packages.
        content: digest of its files, without the tags that say who committed: a stack of the same content is the same.
        shape: digest of its resources' addresses and arguments, without their values.
        canary: whether the registry has it come first.
        held: whether the registry keeps it out of rollouts.
        may_destroy: addresses of what holds data, or another's address, and may be deleted or replaced nevertheless.
        alarms: names of its CloudWatch alarms, sorted.
    """

    id: str
    kind: Kind
    tenants: tuple[str, ...]
    region: str
    account: str | None
    backend: Mapping[str, Any]
    files: Mapping[str, str]
    content: str
    shape: str
    canary: bool = False
    held: bool = False
    may_destroy: tuple[str, ...] = ()
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Stacks that are deployed side by side.

    Attributes:
        name: `canary`, `10%`, `platform`.
        stacks: their ids, in the order in which they begin.
        tolerated: failures after which the wave still counts as done.
        bake_minutes: pause after it, before the next.
    """

    name: str
    stacks: tuple[str, ...]
    tolerated: int
    bake_minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """How the health of a wave is found out, during the pause after it.

    Attributes:
        minimum_requests: of a stack; with fewer it is not observed.
        not_observed: `continue` where the rollout goes on nevertheless, `wait` where a person decides.
    """

    minimum_requests: int
    not_observed: NotObserved


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A release.

    Attributes:
        source: the commit.
        proof: the prover's verdict.
        stacks: by id.
        packages: size in bytes of each function package that the release carries, by SHA-256.
        objects: function packages that are in a bucket, `s3://bucket/key`.
        waves: of a rollout, in order; those who are held are in none.
        concurrency: stacks that are deployed at once, at most.
        watching: how the health of a wave is found out; `None` in a release of before that was asked.
    """

    source: Source
    proof: Proof
    stacks: Mapping[str, StackEntry]
    packages: Mapping[str, int]
    objects: tuple[str, ...]
    waves: tuple[Wave, ...]
    concurrency: int
    watching: Watching | None = None

    @property
    def held(self) -> tuple[str, ...]:
        """The stacks that the registry keeps out, in the order of their ids."""
        return tuple(id_ for id_, stack in sorted(self.stacks.items()) if stack.held)

    @property
    def blobs(self) -> frozenset[str]:
        """SHA-256 of everything that the release is made of, but the manifest."""
        files = {sha256 for stack in self.stacks.values() for sha256 in stack.files.values()}
        return frozenset(files | {self.proof.report})

    def encoded(self) -> bytes:
        """Return the document; the same release gives the same bytes."""
        document = {"version": VERSION, **asdict(self)}
        # What a release of before does not have is left out: its bytes, and so its digest, stay.
        if self.watching is None:
            del document["watching"]
        for stack in document["stacks"].values():
            if not stack["alarms"]:
                del stack["alarms"]
        return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


class UnreadableManifestError(ValueError):
    """A document is no manifest; the message says what it is."""


def digest(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def decoded(content: bytes) -> Manifest:
    """Return the manifest that `content` is.

    Raises:
        UnreadableManifestError: it is none, or of another version.
    """
    try:
        document = json.loads(content)
        _check_version(document.pop("version"))
        stacks = {id_: _stack(id_, entry) for id_, entry in document.pop("stacks").items()}
        proof, watching = document.pop("proof"), document.pop("watching", None)
        return Manifest(
            source=Source(**document.pop("source")),
            proof=Proof(**{**proof, "accepted": tuple(proof["accepted"])}),
            stacks=stacks,
            waves=tuple(Wave(**{**wave, "stacks": tuple(wave["stacks"])}) for wave in document.pop("waves")),
            objects=tuple(document.pop("objects")),
            watching=None if watching is None else Watching(**watching),
            **document,
        )
    except UnreadableManifestError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise UnreadableManifestError(f"no manifest ({type(error).__name__})") from None


def _check_version(version: object) -> None:
    if version != VERSION:
        raise UnreadableManifestError(f"version {version!r}")


def _stack(id_: str, entry: Mapping[str, Any]) -> StackEntry:
    for path in (id_, *entry["files"]):
        parts = PurePosixPath(path).parts
        if not parts or parts[0] == "/" or ".." in parts:
            raise UnreadableManifestError(f"the path {path!r}")
    lists = {name: tuple(entry[name]) for name in ("tenants", "may_destroy")}
    return StackEntry(**{**entry, **lists, "alarms": tuple(entry.get("alarms", ()))})
