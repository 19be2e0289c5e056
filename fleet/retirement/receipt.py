"""Receipts: what was retired, as a chain in which each names the digest of the one before. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

VERSION: Final = 1
"""Of the document's form."""
FIRST: Final = "0" * 64
"""What the first receipt names as the one before it."""
NAME: Final = re.compile(r"([0-9]{6})\.json")

Receipt = Mapping[str, Any]


def sealed(content: Mapping[str, Any], *, number: int, previous: str) -> Receipt:
    """Return `content` as the receipt of that number: with the digest of the one before, and its own.

    Args:
        content: what was retired.
        number: in the chain, from 1.
        previous: digest of the receipt before it; `FIRST` for the first.
    """
    receipt = {"version": VERSION, "number": number, **content, "previous": previous}
    return {**receipt, "digest": digest_of(receipt)}


def digest_of(receipt: Receipt) -> str:
    """Return the SHA-256 of a receipt without its own digest, whatever the order of its keys, in hexadecimal."""
    content = {name: value for name, value in receipt.items() if name != "digest"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def encoded(receipt: Receipt) -> bytes:
    """Return the bytes of a receipt's file."""
    return (json.dumps(receipt, indent=1) + "\n").encode()


def file_name(number: int) -> str:
    """Return the name of the file of the receipt of that number: two of one number cannot both be kept."""
    return f"{number:06}.json"


def faults(files: Iterable[tuple[str, bytes]], *, known: Mapping[str, str]) -> list[str]:
    """Return what is wrong with a chain, a line for each receipt that was changed, removed or put elsewhere.

    Args:
        files: name and content of each file, in any order; a name twice where it was written over, and no content
            where it was deleted.
        known: digest of each receipt that records of retirements name, by tenant: the end of a chain that was cut off
            is missed by these alone.
    """
    found, digests, previous, expected = [], set(), FIRST, 1
    contents: dict[str, list[bytes]] = {}
    for name, content in sorted(files):
        contents.setdefault(name, []).append(content)
    for name, kept in contents.items():
        if len(kept) > 1:
            found.append(f"{name}: somebody wrote over it, or deleted it")
        # What was kept first is whole, whatever came on top.
        content = max(kept, key=_is_whole)
        match = NAME.fullmatch(name)
        receipt = decoded(content)
        if match is None or receipt is None:
            found.append(f"{name}: no receipt")
            continue
        number = int(match[1])
        while expected < number:
            found.append(f"{file_name(expected)}: missing")
            expected += 1
            previous = ""
        if receipt.get("number") != number:
            found.append(f"{name}: receipt {receipt.get('number')}, expected {number}")
        if digest_of(receipt) != receipt.get("digest"):
            found.append(f"{name}: changed, its digest is another one than it says")
        elif previous and receipt.get("previous") != previous:
            found.append(f"{name}: follows another receipt than {file_name(number - 1)}")
        previous, expected = str(receipt.get("digest")), number + 1
        digests.add(previous)
    found += [
        f"receipt of {tenant}, {digest[:12]}: missing"
        for tenant, digest in sorted(known.items())
        if digest not in digests
    ]
    return found


def rows(files: Sequence[tuple[str, bytes]]) -> list[Mapping[str, Any]]:
    """Return number, tenant, time and digest of each receipt that can be read, in the order of the chain."""
    receipts = [receipt for _, content in sorted(files) if (receipt := decoded(content)) is not None]
    return [
        {name: receipt.get(name) for name in ("number", "tenant", "environment", "ended_at", "digest")}
        for receipt in receipts
    ]


def _is_whole(content: bytes) -> bool:
    receipt = decoded(content)
    return receipt is not None and digest_of(receipt) == receipt.get("digest")


def decoded(content: bytes) -> Receipt | None:
    """Return the receipt that a file holds; `None` where it holds none."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
