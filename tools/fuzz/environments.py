"""Environments as people could set them by mistake."""

from __future__ import annotations

from random import Random
from typing import Final

from tools.fuzz import texts

_TAGS: Final = (
    "me",
    "a@b",
    "x" * 256,
    "x" * 257,
    " me",
    "me ",
    "aws:me",
    "AWS:x",
    "a\nb",
    "a;b",
    "\u65e5",
    "${x}",
)
_ZONES: Final = (
    *("us-east-1a,us-east-1b", "us-east-1a,us-east-1b,us-east-1c", "us-east-1a", "us-east-1a,us-east-1a"),
    *(
        "us-east-1a,us-west-2b",
        "us-east-1-bos-1a,us-east-1b",
        "a,b,c",
        "us-east-1a us-east-1b",
        "use1-az1,use1-az2",
    ),
    *("us-west-1a,us-west-1c", ","),
)
_REGISTRIES: Final = ("nope.yaml", ".", "", "/", "/dev/null", "a\x00b", "x" * 5000, "tenants.yaml/", "a\nb")

VALUES: Final = {
    "ENVIRONMENT_SUFFIX": ("s3alias", "an", "a-b", "A", "x" * 12, "x" * 13, "test ", "0", "\u0661"),
    "AWS_REGION": texts.REGIONS,
    "AVAILABILITY_ZONES": _ZONES,
    "PROFILE": ("production", "Production", "prod", "default"),
    "REPOSITORY": _TAGS,
    "COMMIT_AUTHOR": _TAGS,
    "PR_NUMBER": _TAGS,
    "TEAM": _TAGS,
    "CREATED_AT": texts.TIMES,
    "PACKAGE_BUCKET": texts.BUCKETS,
    "STATE_BUCKET": texts.BUCKETS,
    "STATE_BUCKET_REGION": texts.REGIONS,
    "STATE_DIRECTORY": (
        "../state",
        "a/b",
        "${x}",
        "%{x}",
        "a\x00b",
        "a\nb",
        "x" * 1025,
        ".",
        "~",
        "a\u2028b",
    ),
    "AWS_ENDPOINT_URL": texts.URLS,
    "TENANT_REGISTRY": _REGISTRIES,
    "STACKS": ("tenant-acme-dev", "nope", "a,b", "A", "..", ",", "tenant-acme-corp-test,"),
    "SYNTH_PROCESSES": ("0", "64", "65", "-1", "1.0", "01", "1e1", " 1", "\uff11", "two", "9" * 5000),
    "SYNTH_CACHE": ("on", "off", "ON", "true", "0", " off"),
    "KEY_ADMINISTRATOR_ARNS": texts.PRINCIPALS,
}
"""What is tried for each variable: some of it is right."""
_RIGHT: Final = {
    "ENVIRONMENT_SUFFIX": ("dev", "prod", "pr123"),
    "AWS_REGION": ("us-east-1", "us-west-2", "eu-west-1", "us-gov-west-1"),
    "AVAILABILITY_ZONES": _ZONES[:2],
    "PROFILE": ("development",),
    "REPOSITORY": _TAGS[:3],
    "COMMIT_AUTHOR": _TAGS[:3],
    "PR_NUMBER": _TAGS[:3],
    "TEAM": _TAGS[:3],
    "CREATED_AT": ("2026-01-01T00:00:00Z",),
    "PACKAGE_BUCKET": ("package-bucket",),
    "STATE_BUCKET": ("state-bucket",),
    "STATE_BUCKET_REGION": ("us-east-1", "eu-west-1"),
    "STATE_DIRECTORY": ("state", "build/state"),
    "AWS_ENDPOINT_URL": ("http://127.0.0.1:4566", "https://aws.example"),
    "TENANT_REGISTRY": ("tenants.yaml",),
    "STACKS": ("",),
    "SYNTH_PROCESSES": ("1", "2", "64"),
    "SYNTH_CACHE": ("on", "off"),
    "KEY_ADMINISTRATOR_ARNS": texts.PRINCIPALS[:3],
}


def environment(random: Random) -> dict[str, str]:
    """Return one to five variables: most right, the others nearly so, or with any text."""
    variables = {}
    for name in random.sample(sorted(VALUES), random.randint(1, 5)):
        value = random.choice(_RIGHT[name])
        chance = random.random()
        if chance < 1 / 10:
            value = texts.changed(random, value)
        elif chance < 1 / 8:
            value = random.choice(texts.ANY)
        elif chance < 2 / 5:
            value = random.choice(VALUES[name])
        variables[name] = value
    return variables
