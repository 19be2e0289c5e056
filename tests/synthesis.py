"""Synthesizes the app as `cdktf synth` does and looks at the JSON that Terraform would get."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from config.environments import completed, declared
from config.registry.loading import validated
from config.settings import load_settings
from config.yaml_file import read_yaml
from stacks.app import FleetApp
from tenancy.resolution import resolve

ACCOUNT = "123456789012"

type_of_arn = {
    "aws_backup_vault": "arn:aws:backup:{region}:{account}:backup-vault:{name}",
    "aws_cloudwatch_event_rule": "arn:aws:events:{region}:{account}:rule/{name}",
    "aws_cloudwatch_log_group": "arn:aws:logs:{region}:{account}:log-group:{name}",
    "aws_codebuild_project": "arn:aws:codebuild:{region}:{account}:project/{name}",
    "aws_dynamodb_table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "aws_ecs_cluster": "arn:aws:ecs:{region}:{account}:cluster/{name}",
    "aws_iam_role": "arn:aws:iam::{account}:role/{name}",
    "aws_kms_key": "arn:aws:kms:{region}:{account}:key/{tenant}",
    "aws_lambda_function": "arn:aws:lambda:{region}:{account}:function:{function_name}",
    "aws_rds_cluster": "arn:aws:rds:{region}:{account}:cluster:{cluster_identifier}",
    "aws_s3_bucket": "arn:aws:s3:::{bucket}",
    "aws_secretsmanager_secret": "arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf",
    "aws_sqs_queue": "arn:aws:sqs:{region}:{account}:{name}",
}
"""How AWS writes the ARN of each type, from the resource's own arguments."""

computed = {
    "aws_rds_cluster": {
        "cluster_resource_id": "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "endpoint": "{cluster_identifier}.cluster-abcdefghijkl.{region}.rds.amazonaws.com",
        "master_user_secret[0].secret_arn": (
            "arn:aws:secretsmanager:{region}:{account}:secret:rds!cluster-01234567-89ab-cdef-0123-456789abcdef-AbCdEf"
        ),
        "port": "5432",
        "reader_endpoint": "{cluster_identifier}.cluster-ro-abcdefghijkl.{region}.rds.amazonaws.com",
    }
}
"""Other attributes that AWS gives a resource."""


@dataclass(frozen=True)
class StackDocument:
    """The JSON of one stack: resources are looked up by type and role."""

    id: str
    document: dict[str, Any]

    @property
    def provider(self) -> dict[str, Any]:
        (block,) = self.document["provider"]["aws"]
        return dict(block)

    @property
    def tags(self) -> dict[str, str]:
        return dict(self.provider["default_tags"][0]["tags"])

    @property
    def addresses(self) -> list[str]:
        return sorted(f"{kind}.{name}" for kind, found in self.document["resource"].items() for name in found)

    def all(self, kind: str) -> dict[str, dict[str, Any]]:
        return dict(self.document["resource"].get(kind, {}))

    def one(self, kind: str, role: str = "") -> dict[str, Any]:
        """The only resource of `kind` whose id starts with `role`."""
        found = {name: body for name, body in self.all(kind).items() if name.startswith(role)}
        assert len(found) == 1, f"{kind} {role!r}: {sorted(found) or sorted(self.all(kind))}"
        return dict(next(iter(found.values())))

    def address(self, kind: str, role: str = "") -> str:
        names = [name for name in self.all(kind) if name.startswith(role)]
        assert len(names) == 1, names
        return f"{kind}.{names[0]}"

    def reference(self, kind: str, role: str = "", attribute: str = "arn") -> str:
        """How another resource refers to an attribute of the only resource of `kind` whose id starts with `role`."""
        return f"${{{self.address(kind, role)}.{attribute}}}"

    def output(self, name: str) -> str:
        """The value of an output, references resolved."""
        return self.resolved(str(self.document["output"][name]["value"]))

    def granted(self) -> dict[str, dict[str, Any]]:
        """The statements that `tests.construct.Surroundings.grant` collected, by sid."""
        document: dict[str, Any] = json.loads(self.output("granted"))
        return {statement["Sid"]: statement for statement in document["Statement"]}

    def statements(self, kind: str, role: str = "", field: str = "policy") -> dict[str, dict[str, Any]]:
        """The statements of a policy by sid, references to this stack's resources resolved to ARNs."""
        document: dict[str, Any] = json.loads(self.resolved(self.one(kind, role)[field]))
        return {statement["Sid"]: statement for statement in document["Statement"]}

    def resolved(self, text: str) -> str:
        """Return `text` with references replaced by what AWS would put there."""

        def value(match: re.Match[str]) -> str:
            path = match[1].split(".")
            if path[:2] == ["data", "aws_caller_identity"]:
                assert path[2] in self.document["data"]["aws_caller_identity"], path
                return ACCOUNT
            if path[:2] == ["data", "aws_partition"]:
                assert path[2] in self.document["data"]["aws_partition"], path
                return "aws"
            kind, name, attribute = match[1].split(".", 2)
            body = self.document["resource"][kind][name]
            given = type_of_arn[kind] if attribute == "arn" else computed.get(kind, {}).get(attribute)
            if given is None:
                return str(body[attribute])
            arguments = {key: str(item) for key, item in body.items()}
            # A tenant's own stack has one key, the platform's has several.
            key = self.id if len(self.all("aws_kms_key")) == 1 else name
            arguments |= {"region": self.provider["region"], "account": ACCOUNT, "tenant": key}
            return given.format_map(arguments)

        return re.sub(r"\$\{([^}]+)\}", value, text)


@dataclass(frozen=True)
class SynthesizedStack(StackDocument):
    """One stack of the app as it was written."""

    folder: Path

    @property
    def text(self) -> str:
        return (self.folder / "cdk.tf.json").read_text()


@dataclass(frozen=True)
class Synthesis:
    """What one synthesis wrote."""

    outdir: Path
    stacks: Mapping[str, SynthesizedStack]

    def tenant(self, id_: str, suffix: str = "test") -> SynthesizedStack:
        return self.stacks[f"tenant-{id_}-{suffix}"]

    def platform(self, suffix: str = "test") -> SynthesizedStack:
        return self.stacks[f"shared-platform-{suffix}"]


def registry_with(**tenants: Mapping[str, Any]) -> dict[str, Any]:
    """A registry of `tenants`, underscores in their names standing for hyphens."""
    return {
        "created_at": "2026-01-01T00:00:00Z",
        "tenants": {name.replace("_", "-"): tenant for name, tenant in tenants.items()},
    }


ONE_SILO = registry_with(acme_corp={"silo": {"cidr": "10.1.0.0/16"}})
ADMINISTRATOR = "arn:aws:iam::123456789012:role/deployer"
THREE = ("acme-corp", "globex-inc", "initech-llc")
IMAGE = f"public.ecr.aws/nginx/nginx@sha256:{'0123456789abcdef' * 4}"
ZONE = "Z0123456789ABCDEFGHIJ"
REGION = "us-east-1"
"""The default."""
TOPIC = "pager"
"""Name of the topic that alarms are sent to in production."""
PRODUCTION = {"PROFILE": "production", "KEY_ADMINISTRATOR_ARNS": ADMINISTRATOR}


def synthesize(registry: Mapping[str, Any] = ONE_SILO, **variables: str) -> Synthesis:
    """Synthesize `registry` in the environment `variables`; the same input is synthesized once a session.

    In production it gets what production requires and it lacks.
    """
    return _synthesize(json.dumps(completed_registry(registry, variables)), tuple(sorted(variables.items())))


def completed_registry(registry: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, Any]:
    """In production, `registry` with a hosted zone for the platform's certificate and a topic for alarms.

    The environment is declared as one that was there before: its states are where they are without a declaration.
    """
    if variables.get("PROFILE") != "production":
        return dict(registry)
    suffix, region = variables.get("ENVIRONMENT_SUFFIX", "test"), variables.get("AWS_REGION", REGION)
    partition = variables.get("KEY_ADMINISTRATOR_ARNS", ADMINISTRATOR).split(":")[1]
    entry = {
        "profile": "production",
        "account": ACCOUNT,
        "region": region,
        "state_keys": "stack",
        "image_registries": [IMAGE.partition("/nginx@")[0]],
        "monthly_budget_usd": 500,
        "alarm_topic_arn": f"arn:{partition}:sns:{region}:{ACCOUNT}:{TOPIC}",
    }
    completed = {**registry, "environments": {suffix: entry, **registry.get("environments", {})}}
    of_platform = registry.get("platform")
    if of_platform is not None:
        secured = of_platform if "certificate_arn" in of_platform else {"hosted_zone_id": ZONE, **of_platform}
        completed["platform"] = secured
    return completed


def silo(**settings: Any) -> SynthesizedStack:
    """Synthesize the one tenant acme-corp, with `settings` of its silo or, in capitals, of the environment."""
    variables = {name: value for name, value in settings.items() if name.isupper()}
    own = {name: value for name, value in settings.items() if not name.isupper()}
    registry = registry_with(acme_corp={"silo": {"cidr": "10.1.0.0/16", **own}})
    (stack,) = synthesize(registry, **variables).stacks.values()
    return stack


def fargate_registry(
    *tenants: str, settings: Mapping[str, Any] | None = None, **platform: Any
) -> dict[str, Any]:
    """A registry of Fargate tenants with the priorities 1, 2, ...; `settings` are those of the first."""
    return {
        "created_at": "2026-01-01T00:00:00Z",
        "platform": platform,
        "tenants": {
            id_: {
                "fargate": {
                    "listener_priority": priority,
                    "image": IMAGE,
                    **((settings or {}) if priority == 1 else {}),
                }
            }
            for priority, id_ in enumerate(tenants, start=1)
        },
    }


def platform(
    *tenants: str,
    settings: Mapping[str, Any] | None = None,
    variables: Mapping[str, str] | None = None,
    **of_platform: Any,
) -> SynthesizedStack:
    """Synthesize the shared platform with `tenants` (the three of the registry by default).

    Args:
        tenants: ids.
        settings: of the first tenant.
        variables: of the environment.
        of_platform: what the registry says of the platform.
    """
    registry = fargate_registry(*(tenants or THREE), settings=settings, **of_platform)
    given = dict(variables or {})
    return synthesize(registry, **given).platform(given.get("ENVIRONMENT_SUFFIX", "test"))


@cache
def _synthesize(registry: str, variables: tuple[tuple[str, str], ...]) -> Synthesis:
    digest = hashlib.sha256(f"{registry}{variables}".encode()).hexdigest()[:16]
    outdir = scratch() / digest
    file = scratch() / f"{digest}.yaml"
    file.write_text(yaml.safe_dump(json.loads(registry)))
    given = dict(variables)
    document = read_yaml(file, name="tenants.yaml")
    entry = declared(document, given.get("ENVIRONMENT_SUFFIX", "test"))
    settings = load_settings(completed(given, entry), entry)
    registry_ = validated(document, profile=settings.profile)
    FleetApp(resolve(settings, registry_), outdir=str(outdir)).synth()
    return read(outdir)


def read(outdir: Path) -> Synthesis:
    """Read what a synthesis wrote to `outdir`."""
    stacks = {
        folder.name: SynthesizedStack(folder.name, json.loads((folder / "cdk.tf.json").read_text()), folder)
        for folder in sorted((outdir / "stacks").iterdir())
    }
    return Synthesis(outdir, stacks)


@cache
def scratch() -> Path:
    """A folder that is gone when the session ends."""
    import atexit

    folder = Path(tempfile.mkdtemp(prefix="synthesis-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def strings(value: object) -> Iterator[str]:
    """Every string in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
