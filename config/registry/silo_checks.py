"""Whether a silo's settings make sense together.

These checks work on as much of the file as can be read, so that their problems are reported together with the
mistakes in single fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.problems import Problem
from config.yaml_file import Document, Location


def silo_problems(
    document: Document, here: Location, silo: Mapping[str, Any]
) -> Iterator[tuple[Location, Problem]]:
    """Yield what is wrong with the silo at `here` as a whole."""
    yield from _caller_problems(document, here, silo)
    if silo.get("most_object_bytes") is not None and silo.get("most_objects") is None:
        place: Location = (*here, "most_objects")
        expected = "a number where 'most_object_bytes' is given: it bounds how long counting the bytes takes"
        yield place, Problem(where=document.where(place), received=None, expected=expected)


def _caller_problems(
    document: Document, here: Location, silo: Mapping[str, Any]
) -> Iterator[tuple[Location, Problem]]:
    """Yield where callers are named and nobody asks who they are, or the other way round."""
    place: Location = (*here, "api_callers")
    callers, authorization = silo.get("api_callers", ()), silo.get("api_authorization", "jwt")
    readers = silo.get("api_readers", ())
    if not isinstance(callers, Sequence) or not isinstance(readers, Sequence):
        return
    if authorization == "iam" and silo.get("api_user_rights", "all") == "groups":
        where: Location = (*here, "api_user_rights")
        expected = "'all': with 'iam' roles call, and 'api_readers' are those that only read"
        yield where, Problem(where=document.where(where), received="groups", expected=expected)
    if authorization == "jwt" and readers:
        where = (*here, "api_readers")
        expected = "no readers: with 'jwt' the tenant's own users call the API"
        yield where, Problem(where=document.where(where), received=list(readers), expected=expected)
    if both := sorted({role for role in readers if isinstance(role, str)} & {*map(str, callers)}):
        where = (*here, "api_readers")
        expected = "roles that are not among 'api_callers', which read and write"
        yield where, Problem(where=document.where(where), received=both, expected=expected)
    if authorization == "iam" and not callers and not readers:
        expected = "the name of at least one role: with 'iam' the API answers the signed requests of these roles alone"
        yield place, Problem(where=document.where(place), received="nobody", expected=expected)
    if authorization == "jwt" and callers:
        expected = "no callers: with 'jwt' the tenant's own users call the API"
        yield place, Problem(where=document.where(place), received=list(callers), expected=expected)
