"""A CodeBuild project keeps where it logs, how long its builds may wait, and how many run at once.

MiniStack loses them, and does not find a project that is to be deleted by its ARN, as Terraform's provider names it.

AWS: CodeBuild API reference, `CreateProject` and `Project` (`logsConfig`, `queuedTimeoutInMinutes`,
`concurrentBuildLimit`; an update with -1 removes the limit):
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html
"""

from __future__ import annotations

import json
from typing import Any

from emulator.shims._patching import part, service, wrap

DEFAULTS = {
    "logsConfig": {"cloudWatchLogs": {"status": "ENABLED"}, "s3Logs": {"status": "DISABLED"}},
    "queuedTimeoutInMinutes": 480,
}
KEPT = (*DEFAULTS, "concurrentBuildLimit")
NONE = -1
OK = 200


def apply() -> None:
    """Keep and show them."""
    module = service("services.codebuild")
    projects = part(module, "_projects")

    def keep(original: Any, data: dict[str, Any]) -> Any:  # noqa: ANN401
        status, headers, body = original(data)
        if status == OK:
            project = projects[data["name"]]
            project.update({name: data[name] for name in KEPT if name in data})
            for name, value in DEFAULTS.items():
                project.setdefault(name, value)
            if project.get("concurrentBuildLimit") == NONE:
                del project["concurrentBuildLimit"]
            body = json.dumps({"project": part(module, "_project_shape")(project)}).encode()
        return status, headers, body

    def shape(original: Any, project: dict[str, Any]) -> Any:  # noqa: ANN401
        return original(project) | {name: project[name] for name in KEPT if name in project}

    def delete(original: Any, data: dict[str, Any]) -> Any:  # noqa: ANN401
        name = part(module, "_project_name_from_identifier")(data.get("name", ""))
        return original(data | {"name": name or ""})

    wrap(module, "_delete_project", delete)
    wrap(module, "_project_shape", shape)
    wrap(module, "_create_project", keep)
    wrap(module, "_update_project", keep)
