"""Which requests carry the condition keys about the resource: its tags, and its account.

A request does not carry every key (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html:
"not all services support tag-based authorization"). Where a key is missing, a condition that asks for a value does not
hold, so that a denial which depends on it denies nothing, and one with a negated operator or `IfExists` holds. Encoding
and evaluator share this table, and nothing that reads it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

Carried = Literal["always", "perhaps", "not by default", "never"]
"""Whether the requests of a service carry a key. What is carried perhaps is read against whoever relies on it; what is
not carried by default counts as perhaps for a proof, and as missing for a counterexample."""

TAGS_CARRIED: Final[Mapping[str, Carried]] = {
    "execute-api": "never",
    "kms": "always",
    "rds-db": "never",
    "s3": "not by default",
    "secretsmanager": "always",
}
"""By service: whether its requests carry `aws:ResourceTag`; of any other, perhaps they do.

- execute-api, rds-db: calls of an API and logins to a database have no keys of tags
  (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigateway.html,
  https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrdsiamauthentication.html);
- kms: https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html;
- s3: only where the bucket's owner enables it, which is not the default
  (https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html); objects have tags of their
  own, `s3:ExistingObjectTag`;
- secretsmanager: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access-abac.html.

Elsewhere it depends on the action: a log stream, for example, has no tags, though its group has."""

WITHOUT_TAGS: Final = frozenset({"kms:createalias", "kms:deletealias", "kms:updatealias"})
"""Actions on a resource that has no tags, of services that carry them otherwise: a key's alias."""

ACCOUNT_PERHAPS: Final = frozenset({"ec2", "events"})
"""Services of which some requests lack `aws:ResourceAccount`
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount)."""

TAG_KEY: Final = re.compile(r"([a-z0-9-]+):resourcetag/(.+)", re.DOTALL)
"""A condition key about a tag of the resource, lower-case: its service, or `aws`, and the tag."""

TAG_KEYS_OF: Final[Mapping[str, frozenset[str]]] = {"secretsmanager": frozenset({"secretsmanager"})}
"""By service: prefixes under which the tags are carried exactly as under `aws:ResourceTag`."""

PERHAPS_TOO: Final[Mapping[str, frozenset[str]]] = {"sts": frozenset({"iam"})}
"""By service: other services under whose prefix its requests perhaps carry the tags, as `iam:ResourceTag` of a role."""
