"""Makes a concrete request of a solver's model, for the evaluator to decide and for people to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from isolation.evaluator.request import Request
from isolation.model.caller import Caller
from isolation.model.target import Target


def concrete_request(caller: Caller, target: Target, model: Mapping[str, str]) -> Request:
    """Return the request that a solver's model describes."""
    context: dict[str, tuple[str, ...]] = {}
    for variable, value in sorted(model.items()):
        name, _, _ = variable.partition("#")
        if name not in {"action", "resource", "principal"}:
            context[name] = (*context.get(name, ()), value)
    context.setdefault("aws:securetransport", ("true",))
    if caller.type == "role" and caller.functions and "lambda:sourcefunctionarn" not in context:
        context["lambda:sourcefunctionarn"] = caller.functions[:1]
    for name, values in target.context:
        context.setdefault(name, (values[0].replace("*", ""),))
    if caller.type == "foreign":
        fallback = f"arn:aws:iam::{caller.account}:role/any"
        caller = replace(caller, arn=model.get("principal", fallback))
    resource = model.get("resource") or target.patterns[0]
    return Request(caller, model.get("action", ""), resource, context)
