"""A request to AWS Backup is checked on the vault or the plan that it is about, with its tags.

MiniStack checks such requests on `*`, and knows no tags of vaults and plans, nor those that one is created with.

AWS: Service Authorization Reference, AWS Backup, the columns "Resource types" and "Condition keys"
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html).
"""

import json
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from emulator.shims._patching import part, service, wrap


def apply() -> None:
    """Name the resources, and hand out their tags."""
    actions = service("core.iam_actions")
    wrap(actions, "extract_resource_arn", _arn)
    wrap(actions, "request_tag_context", _request_tags)
    collectors: MutableMapping[str, Callable[[], Iterator[Any]]] = part(
        service("services.tagging"), "_RESOURCE_TAG_COLLECTORS"
    )
    collectors["backup"] = _tags


def _arn(original: Any, name: str, *arguments: Any) -> str:  # noqa: ANN401
    if name != "backup":
        return str(original(name, *arguments))
    _method, path, _headers, _body, _parameters, region, account = arguments
    match urllib.parse.unquote(path).strip("/").split("/"):
        case ["backup-vaults", vault, *_]:
            return f"arn:aws:backup:{region}:{account}:backup-vault:{vault}"
        case ["backup", "plans", *rest]:
            # One that is being created has no id yet.
            return f"arn:aws:backup:{region}:{account}:backup-plan:{rest[0] if rest else 'new'}"
        case ["tags" | "untag", *tagged]:
            return "/".join(tagged)
        case _:
            return str(original(name, *arguments))


def _request_tags(original: Any, name: str, action: str, body: bytes, parameters: Any) -> Any:  # noqa: ANN401
    """The tags of what is created have names of their own."""
    if name != "backup" or not body:
        return original(name, action, body, parameters)
    fields = json.loads(body)
    tags = fields.get("BackupPlanTags") or fields.get("BackupVaultTags") or fields.get("Tags") or {}
    return {f"aws:RequestTag/{key}".lower(): value for key, value in tags.items()} | {"aws:TagKeys": [*tags]}


def _tags() -> Iterator[tuple[str, Any]]:
    backup = service("services.backup")
    for vault in part(backup, "_vaults").values():
        yield vault["BackupVaultArn"], _listed(vault["BackupVaultTags"])
    for plan in part(backup, "_plans").values():
        yield plan["BackupPlanArn"], _listed(plan["Tags"])


def _listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
