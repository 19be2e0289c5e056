"""The part of SARIF 2.1.0's schema that the report uses: what each object may hold, and must.

From https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json, whose objects hold
nothing else (`additionalProperties` is false for each).
"""

from __future__ import annotations

from typing import Any

TEXT: dict[str, Any] = {"type": "string"}
BAG: dict[str, Any] = {
    "type": "object",
    "properties": {"tags": {"type": "array", "items": TEXT, "uniqueItems": True}},
}
INDEX: dict[str, Any] = {"type": "integer", "minimum": -1}
TEXTS_BY_NAME: dict[str, Any] = {"type": "object", "additionalProperties": TEXT}


def an_object(required: str = "", **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required.split(),
        "properties": {**properties, "properties": BAG},
    }


def a_list(items: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


def one_of(*values: str) -> dict[str, Any]:
    return {"enum": list(values)}


LEVEL = one_of("none", "note", "warning", "error")
MESSAGE = an_object(text=TEXT, markdown=TEXT, id=TEXT, arguments=a_list(TEXT)) | {
    "anyOf": [{"required": ["text"]}, {"required": ["id"]}]
}
MULTIFORMAT = an_object("text", text=TEXT, markdown=TEXT)
ARTIFACT_LOCATION = an_object(
    uri=TEXT | {"format": "uri-reference"}, uriBaseId=TEXT, index=INDEX, description=MESSAGE
)
REGION = an_object(startLine={"type": "integer", "minimum": 1})
PHYSICAL = an_object(artifactLocation=ARTIFACT_LOCATION, region=REGION) | {"required": ["artifactLocation"]}
LOGICAL = an_object(name=TEXT, index=INDEX, fullyQualifiedName=TEXT, parentIndex=INDEX, kind=TEXT)
LOCATION = an_object(
    id=INDEX, physicalLocation=PHYSICAL, logicalLocations=a_list(LOGICAL, uniqueItems=True), message=MESSAGE
)
SUPPRESSION = an_object(
    "kind",
    kind=one_of("inSource", "external"),
    status=one_of("accepted", "underReview", "rejected"),
    justification=TEXT,
    location=LOCATION,
)
RULE = an_object(
    "id",
    id=TEXT,
    name=TEXT,
    shortDescription=MULTIFORMAT,
    fullDescription=MULTIFORMAT,
    help=MULTIFORMAT,
    helpUri=TEXT | {"format": "uri"},
    defaultConfiguration=an_object(level=LEVEL),
)
RESULT = an_object(
    "message",
    ruleId=TEXT,
    ruleIndex=INDEX,
    kind=one_of("notApplicable", "pass", "fail", "review", "open", "informational"),
    level=LEVEL,
    message=MESSAGE,
    locations=a_list(LOCATION),
    partialFingerprints=TEXTS_BY_NAME,
    suppressions=a_list(SUPPRESSION, uniqueItems=True),
)
RUN = an_object(
    "tool",
    tool=an_object("driver", driver=an_object("name", name=TEXT, rules=a_list(RULE, uniqueItems=True))),
    originalUriBaseIds={"type": "object", "additionalProperties": ARTIFACT_LOCATION},
    columnKind=one_of("utf16CodeUnits", "unicodeCodePoints"),
    results=a_list(RESULT),
)
SARIF = an_object("version runs", version=one_of("2.1.0"), runs=a_list(RUN)) | {
    "$schema": "http://json-schema.org/draft-07/schema#"
}
SARIF["properties"]["$schema"] = TEXT | {"format": "uri"}
