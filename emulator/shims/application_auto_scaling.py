"""Application Auto Scaling: scalable targets and scaling policies are kept, and nothing is scaled.

MiniStack has no such service.

AWS: Application Auto Scaling API reference: `RegisterScalableTarget`, `DescribeScalableTargets`,
`DeregisterScalableTarget` (it deletes the target's policies), `PutScalingPolicy`, `DescribeScalingPolicies`,
`DeleteScalingPolicy`, `ListTagsForResource`, `TagResource`, `UntagResource`.
"""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import ModuleType
from typing import Any

from emulator.shims._patching import part, service

NAME, MODULE = "application-autoscaling", "application_autoscaling"
TARGET_FIELDS = ("ServiceNamespace", "ResourceId", "ScalableDimension")
POLICY_FIELDS = ("PolicyName", *TARGET_FIELDS)
Request = Mapping[str, Any]


class RefusedError(Exception):
    """An error answer: its code and its message."""


def apply() -> None:
    """Add the service to MiniStack's router."""
    app = service("app")
    module = ModuleType(MODULE)
    scaling = ApplicationAutoScaling(service("core.responses"))
    module.__dict__.update({"handle_request": scaling.handle_request, "reset": scaling.reset})
    part(app, "_loaded_modules")[MODULE] = module
    part(app, "SERVICE_REGISTRY").setdefault(NAME, {"module": MODULE})
    part(app, "SERVICE_HANDLERS").setdefault(NAME, part(app, "_lazy_handler")(MODULE))
    patterns = part(service("core.router"), "SERVICE_PATTERNS")
    patterns.setdefault(NAME, {"target_prefixes": ["AnyScaleFrontendService"], "host_patterns": []})


class ApplicationAutoScaling:
    """The service's state, by account and region, and its actions."""

    def __init__(self, responses: ModuleType) -> None:
        self._account: Callable[[], str] = part(responses, "get_account_id")
        self._region: Callable[[], str] = part(responses, "get_region")
        make_store = part(responses, "AccountRegionScopedDict")
        self._targets, self._policies, self._tags = make_store(), make_store(), make_store()
        self._actions: dict[str, Callable[[Request], dict[str, Any]]] = {
            "RegisterScalableTarget": self._register,
            "DescribeScalableTargets": self._describe_targets,
            "DeregisterScalableTarget": self._deregister,
            "PutScalingPolicy": self._put_policy,
            "DescribeScalingPolicies": self._describe_policies,
            "DeleteScalingPolicy": self._delete_policy,
            "DescribeScalingActivities": lambda _: {"ScalingActivities": []},
            "DescribeScheduledActions": lambda _: {"ScheduledActions": []},
            "ListTagsForResource": lambda request: {"Tags": self._tags_of(request)},
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }

    async def handle_request(
        self,
        _method: str,
        _path: str,
        headers: Mapping[str, str],
        body: bytes,
        _query: Request,
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer one request of the JSON protocol."""
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        status = HTTPStatus.OK
        try:
            answer = self._actions.get(action, _unknown)(json.loads(body or b"{}"))
        except RefusedError as error:
            status = HTTPStatus.BAD_REQUEST
            answer = {"__type": error.args[0], "message": error.args[1]}
        return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(answer).encode()

    def reset(self) -> None:
        """Forget everything."""
        for store in (self._targets, self._policies, self._tags):
            store.clear()

    def _register(self, request: Request) -> dict[str, Any]:
        key = _key(request, TARGET_FIELDS)
        target = self._targets.get(key)
        if target is None:
            if "MinCapacity" not in request or "MaxCapacity" not in request:
                raise RefusedError("ValidationException", "MinCapacity and MaxCapacity are required")
            target = {name: request[name] for name in TARGET_FIELDS} | {
                "ScalableTargetARN": self._arn(f"scalable-target/{uuid.uuid4().hex[:24]}"),
                "RoleARN": f"arn:aws:iam::{self._account()}:role/aws-service-role/{NAME}",
                "CreationTime": time.time(),
                "SuspendedState": {
                    "DynamicScalingInSuspended": False,
                    "DynamicScalingOutSuspended": False,
                    "ScheduledScalingSuspended": False,
                },
            }
            self._tags[target["ScalableTargetARN"]] = dict(request.get("Tags", {}))
        changed = ("MinCapacity", "MaxCapacity", "RoleARN", "SuspendedState")
        self._targets[key] = target | {name: request[name] for name in changed if name in request}
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    def _describe_targets(self, request: Request) -> dict[str, Any]:
        wanted = request.get("ResourceIds")
        found = [
            t for t in self._of_service(self._targets, request) if not wanted or t["ResourceId"] in wanted
        ]
        return {"ScalableTargets": found}

    def _deregister(self, request: Request) -> dict[str, Any]:
        key = self._existing(self._targets, request, TARGET_FIELDS)
        self._tags.pop(self._targets.pop(key)["ScalableTargetARN"], None)
        for name, policy in list(self._policies.items()):
            if _key(policy, TARGET_FIELDS) == key:
                del self._policies[name]
        return {}

    def _put_policy(self, request: Request) -> dict[str, Any]:
        self._existing(self._targets, request, TARGET_FIELDS)
        key = _key(request, POLICY_FIELDS)
        known = self._policies.get(key, {})
        resource = f"{request['ServiceNamespace']}/{request['ResourceId']}"
        name = f"policyName/{request['PolicyName']}"
        policy = {name: value for name, value in request.items() if value is not None} | {
            "PolicyARN": known.get("PolicyARN")
            or self._arn(f"scalingPolicy:{uuid.uuid4()}:resource/{resource}:{name}", "autoscaling"),
            "CreationTime": known.get("CreationTime", time.time()),
            "Alarms": [],
        }
        self._policies[key] = policy
        return {"PolicyARN": policy["PolicyARN"], "Alarms": []}

    def _describe_policies(self, request: Request) -> dict[str, Any]:
        names = request.get("PolicyNames")
        resource = request.get("ResourceId")
        found = [
            policy
            for policy in self._of_service(self._policies, request)
            if (not names or policy["PolicyName"] in names) and resource in {None, policy["ResourceId"]}
        ]
        return {"ScalingPolicies": found}

    def _delete_policy(self, request: Request) -> dict[str, Any]:
        del self._policies[self._existing(self._policies, request, POLICY_FIELDS)]
        return {}

    def _tag(self, request: Request) -> dict[str, Any]:
        self._tags_of(request).update(request["Tags"])
        return {}

    def _untag(self, request: Request) -> dict[str, Any]:
        tags = self._tags_of(request)
        for name in request["TagKeys"]:
            tags.pop(name, None)
        return {}

    def _tags_of(self, request: Request) -> dict[str, str]:
        tags: dict[str, str] | None = self._tags.get(request["ResourceARN"])
        if tags is None:
            raise RefusedError("ResourceNotFoundException", f"No resource {request['ResourceARN']}")
        return tags

    def _of_service(self, store: Any, request: Request) -> list[dict[str, Any]]:  # noqa: ANN401
        dimension = request.get("ScalableDimension")
        return [
            item
            for item in store.values()
            if item["ServiceNamespace"] == request["ServiceNamespace"]
            and dimension in {None, item["ScalableDimension"]}
        ]

    def _existing(self, store: Any, request: Request, fields: tuple[str, ...]) -> str:  # noqa: ANN401
        key = _key(request, fields)
        if key not in store:
            raise RefusedError("ObjectNotFoundException", f"No scalable target or policy found for {key}")
        return key

    def _arn(self, resource: str, service_name: str = NAME) -> str:
        return f"arn:aws:{service_name}:{self._region()}:{self._account()}:{resource}"


def _unknown(_: Request) -> dict[str, Any]:
    raise RefusedError("UnknownOperationException", "Not one of the actions that are kept here")


def _key(item: Request, fields: tuple[str, ...]) -> str:
    return "|".join(str(item.get(name, "")) for name in fields)
