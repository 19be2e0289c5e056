"""How two revisions' synthesis is compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.profiles import PRODUCTION
from config.registry.delivery import EnvironmentDelivery
from config.registry.environments import Environment, EnvironmentLimits, LiftedProtection
from config.registry.loading import load_registry
from config.registry.models import Platform, Registry
from config.registry.tenants import Fargate, Silo, Tenant
from fleet.comparison.revisions import RevisionError, here
from tools.compare.__main__ import EVERY_SETTING, ROOT, main, synthesized, understood
from tools.compare.differences import differences


def found(before: object, after: object, *apart: str) -> list[str]:
    one, other = (json.dumps(document).encode() for document in (before, after))
    return [str(difference) for difference in differences(one, other, apart=frozenset(apart))]


def policy(**statement: Any) -> dict[str, Any]:
    return {"resource": {"aws_kms_key": {"key": {"policy": json.dumps({"Statement": [statement]})}}}}


def test_equal_documents_have_no_difference() -> None:
    assert found({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}) == []


def test_a_difference_is_a_path_and_both_values() -> None:
    before = {"a": {"kept": 1, "changed": "x", "gone": True}, "list": [1]}
    after = {"a": {"kept": 1, "changed": "y", "new": [2]}, "list": [1, 2]}
    assert found(before, after) == [
        'a.changed: "x" -> "y"',
        "a.gone: true -> absent",
        "a.new: absent -> [2]",
        "list: [1] -> [1, 2]",
    ]


def test_a_value_that_became_another_type_is_a_difference() -> None:
    assert found({"a": True}, {"a": 1}) == ["a: true -> 1"]
    assert found({"a": "1"}, {"a": 1}) == ['a: "1" -> 1']


def test_policies_are_compared_as_documents() -> None:
    before, after = policy(Effect="Allow", Sid="Old"), policy(Sid="Old", Effect="Deny")
    assert found(before, after) == ['resource.aws_kms_key.key.policy.Statement.0.Effect: "Allow" -> "Deny"']


def test_statement_ids_are_set_apart_on_request_and_nothing_else_is() -> None:
    before, after = policy(Effect="Allow", Sid="Old"), policy(Effect="Allow", Sid="New")
    assert found(before, after) == ['resource.aws_kms_key.key.policy.Statement.0.Sid: "Old" -> "New"']
    assert found(before, after, "sid") == []
    assert found(policy(Effect="Allow", Sid="Old"), policy(Effect="Deny", Sid="New"), "sid") != []


def test_packages_are_set_apart_on_request_and_the_rest_of_a_function_is_not() -> None:
    before = {"source_code_hash": "a", "filename": "assets/a.zip", "runtime": "python3.13"}
    after = {"source_code_hash": "b", "filename": "assets/b.zip", "runtime": "python3.14"}
    assert found(before, after, "package") == ['runtime: "python3.13" -> "python3.14"']
    assert len(found(before, after)) == 3


def test_text_in_braces_that_is_no_json_is_compared_as_text() -> None:
    assert found({"a": "{x}"}, {"a": "{y}"}) == ['a: "{x}" -> "{y}"']


def test_an_unknown_revision_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such-revision"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    expected = "a revision of this repository, such as 'main'"
    assert said.err == f"compare: BASE: received 'no-such-revision', expected {expected}\n"


def test_an_app_that_refuses_its_input_is_heard(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match=r"cannot be synthesized:\nTENANT_REGISTRY: received 'nowhere'"):
        synthesized(here(ROOT), tmp_path, {"TENANT_REGISTRY": "nowhere"})


def test_the_compared_registry_uses_every_setting() -> None:
    registry = load_registry(EVERY_SETTING, name="every_setting.yaml", profile=PRODUCTION)
    used: dict[type, set[str]] = {Registry: set(registry.model_fields_set)}
    for tenant in registry.tenants.values():
        for entry in (tenant, tenant.silo, tenant.fargate, registry.platform):
            if entry:
                used.setdefault(type(entry), set()).update(entry.model_fields_set)
    (environment,) = registry.environments.values()
    assert environment.delivery is not None
    for declared in (environment, environment.limits, environment.delivery, *environment.unprotected):
        used[type(declared)] = set(declared.model_fields_set)
    for model in (
        Registry,
        Tenant,
        Silo,
        Fargate,
        Platform,
        Environment,
        EnvironmentDelivery,
        EnvironmentLimits,
        LiftedProtection,
    ):
        # Settings that the compared revisions do not share yet are left out, as the file says.
        missing = set(model.model_fields) - used[model]
        # A certificate is given or issued, and a registry has one platform.
        left_out = {
            Silo: {"api_readers", "api_user_rights", "most_object_bytes", "most_objects", "most_records"},
            Fargate: {
                "object_expiration_days",
                "database",
                "user",
                "writable_folders",
                "unconfined",
                "custom_hosts",
                "egress",
                "web_acl_counts",
            },
            Platform: {"hosted_zone_id"},
            Environment: {
                "backup",
                "dashboards",
                "database",
                "extensions",
                "package_bucket",
                "tracing",
                "image_registries",
                "monthly_budget_usd",
            },
            Tenant: {"extensions", "monthly_budget_usd"},
        }
        assert missing <= left_out.get(model, set()), model.__name__


def test_a_revision_from_before_alarms_gets_a_registry_without_their_topic(tmp_path: Path) -> None:
    models = tmp_path / "config" / "registry" / "environments.py"
    models.parent.mkdir(parents=True)
    models.touch()
    (tmp_path / "config" / "environments.py").touch()
    file = Path(understood(tmp_path, {"TENANT_REGISTRY": str(EVERY_SETTING)}, tmp_path)["TENANT_REGISTRY"])
    older, whole = (yaml.safe_load(path.read_text()) for path in (file, EVERY_SETTING))
    assert whole["environments"]["prod"].pop("alarm_topic_arn")
    assert older == whole


def test_a_revision_from_before_environments_were_declared_gets_a_registry_without_them(
    tmp_path: Path,
) -> None:
    given = {"TENANT_REGISTRY": str(EVERY_SETTING)}
    assert understood(ROOT, given, tmp_path) == given
    assert understood(tmp_path, {}, tmp_path) == {}
    file = Path(understood(tmp_path, given, tmp_path)["TENANT_REGISTRY"])
    older = load_registry(file, name=file.name, profile=PRODUCTION)
    assert not older.environments
    fargate = older.tenants["acme-corp"].fargate
    assert fargate
    assert older.retired["gone"].erase is fargate.returns is fargate.large_bodies is None
    whole = load_registry(EVERY_SETTING, name=EVERY_SETTING.name, profile=PRODUCTION)
    assert (older.tenants["plain"], older.created_at) == (whole.tenants["plain"], whole.created_at)
