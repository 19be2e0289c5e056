"""CloudWatch lists the rules that contributor insights of tables create.

MiniStack has no `DescribeInsightRules`, and its tables' insights create no rules.

AWS: DynamoDB developer guide, "CloudWatch contributor insights for DynamoDB: how it works": a table has a rule for the
most accessed and one for the most throttled partition keys, and two more where it has a sort key. CloudWatch API
reference, `DescribeInsightRules`.
"""

from typing import Any

from emulator.shims._patching import part, service, wrap

ACTION = "DescribeInsightRules"
ON = {"ENABLED", "ENABLING"}


def apply() -> None:
    """Answer the action, in the two forms in which SDKs ask today."""
    cloudwatch, dynamodb = service("services.cloudwatch"), service("services.dynamodb")
    tables, insights = part(dynamodb, "_tables"), part(dynamodb, "_contributor_insights")
    answers = {"cbor": part(cloudwatch, "_cbor_ok"), "json": part(cloudwatch, "_json_ok")}

    async def handle(original: Any, method: str, path: str, headers: Any, *rest: Any) -> Any:  # noqa: ANN401
        asked = headers.get("x-amz-target", "").endswith(f".{ACTION}") or path.endswith(
            f"/operation/{ACTION}"
        )
        if not asked:
            return await original(method, path, headers, *rest)
        rules = [
            {
                "Name": rule,
                "State": "ENABLED",
                "Schema": '{"Name":"CloudWatchLogRule","Version":1}',
                "Definition": "{}",
            }
            for name, entry in sorted(insights.items())
            if entry["ContributorInsightsStatus"] in ON and name in tables
            for rule in _rules(name, tables[name])
        ]
        form = "cbor" if "cbor" in headers.get("content-type", "") else "json"
        return answers[form]({"InsightRules": rules})

    wrap(cloudwatch, "handle_request", handle)


def _rules(name: str, table: dict[str, Any]) -> list[str]:
    keys = {key["KeyType"] for key in table["KeySchema"]}
    kinds = ["PKC", "PKT", *(["SKC", "SKT"] if "RANGE" in keys else [])]
    return [f"DynamoDBContributorInsights-{kind}-{name}" for kind in kinds]
