"""Finds what names another owner's resource: a second reading of the edges between owners."""

from __future__ import annotations

from collections.abc import Iterator

from isolation.evaluator.documents import Declared, Documents, declared, owner_of, referred


def crossing(documents: Documents) -> Iterator[tuple[Declared, str, Declared]]:
    """Return each reference to another owner's resource: where it is, in which argument, and to what.

    The argument is the outermost, the block in which the reference is.
    """
    for resource in declared(documents):
        for argument, value in resource.body.items():
            for other in referred(documents, resource.stack, value):
                if owner_of(documents, other) != owner_of(documents, resource):
                    yield resource, argument, other
