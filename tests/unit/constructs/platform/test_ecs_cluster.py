"""The cluster of all tenants' tasks."""

from __future__ import annotations

from tests.construct import alone


def test_it_is_watched_and_its_log_group_is_there_first_and_encrypted() -> None:
    """ECS would create a group that is not encrypted and stays behind."""
    stack = alone(lambda around: around.cluster)
    assert stack.one("aws_ecs_cluster") == {
        "name": "shared-platform-test",
        "setting": [{"name": "containerInsights", "value": "enabled"}],
        "depends_on": [stack.address("aws_cloudwatch_log_group")],
    }
    assert stack.one("aws_cloudwatch_log_group") == {
        "name": "/aws/ecs/containerinsights/shared-platform-test/performance",
        "retention_in_days": 14,
        "kms_key_id": stack.reference("aws_kms_key"),
    }
