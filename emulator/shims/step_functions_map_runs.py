"""A Distributed Map fails as soon as more children have failed than it tolerates.

MiniStack runs all items before it looks at the failures. JSONata is not read here.

AWS: Step Functions developer guide,
https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html (without a limit the first failure fails
the map, with both the first that is met),
https://docs.aws.amazon.com/step-functions/latest/apireference/API_MapRunExecutionCounts.html (children that still run
are aborted with the map run), https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html.
"""

from __future__ import annotations

import contextvars
import json
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Final

from emulator.shims._executions import RUNNING, Execution, abort, go_on
from emulator.shims._happenings import HAPPENED
from emulator.shims._map_items import FAILED, SUCCEEDED, Items, begun, child_of, resumed_by
from emulator.shims._patching import part, service, wrap

THREADS: Final = 64
"""Children that run at once where the map does not say how many."""


def apply() -> None:
    """Replace how a Distributed Map runs."""
    wrap(service("services.stepfunctions"), "_run_distributed_map", _run)


def _run(_original: Any, state: dict[str, Any], given: Any, *arguments: Any) -> Any:  # noqa: ANN401
    effective, iterator, execution, ctx = arguments
    module = service("services.stepfunctions")
    items = resumed_by(execution, ctx) or begun(state, effective, execution, ctx)
    _Run(state=state, items=items, iterator=iterator, execution=execution).run()
    result = part(module, "_apply_result_selector")(state, items.results)
    output = part(module, "_apply_result_path")(state, given, result)
    return part(module, "_apply_output_path")(state, output, ctx), part(module, "_next_or_end")(state)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    state: dict[str, Any]
    items: Items
    iterator: dict[str, Any]
    execution: Execution

    def run(self) -> None:
        """Run the children that have not succeeded, as many at once as the map says."""
        module, run = service("services.stepfunctions"), self.items.run
        left = self.items.left()
        workers = int(self.state.get("MaxConcurrency") or 0) or min(len(left), THREADS) or 1
        with ThreadPoolExecutor(max_workers=workers) as pool:
            wait([pool.submit(contextvars.copy_context().run, self._child, index) for index in left])
        go_on()
        run["stopDate"] = part(module, "now_iso")()
        if run["status"] == FAILED:
            raise part(module, "_ExecutionError")(
                "States.ExceedToleratedFailureThreshold",
                "The specified tolerated failure threshold was exceeded",
            )
        run["status"] = SUCCEEDED

    def _child(self, index: int) -> None:
        module, items = service("services.stepfunctions"), self.items
        with HAPPENED:
            if items.run["status"] != RUNNING:
                return
            child, start, given = child_of(items, index, self.iterator, self.execution)
            items.count()
        failed: dict[str, str] = {}
        result = None
        try:
            result = part(module, "_run_sub_machine")(
                self.iterator.get("States", {}), start, given, child, items.contexts[index]
            )
        except part(module, "_ExecutionError") as problem:
            failed = {"error": problem.error, "cause": problem.cause}
        except Exception as problem:  # noqa: BLE001 - as MiniStack's own: whatever it is, the child failed
            failed = {"error": "States.TaskFailed", "cause": str(problem)}
        with HAPPENED:
            # It may have been aborted meanwhile.
            if child["status"] == RUNNING:
                child["stopDate"] = part(module, "now_iso")()
                if failed:
                    child |= {"status": FAILED, **failed}
                else:
                    items.results[index] = result
                    child |= {"status": SUCCEEDED, "output": json.dumps(result)}
            self._look_at_failures()
            HAPPENED.notify_all()

    def _look_at_failures(self) -> None:
        if self.items.run["status"] == RUNNING and self._exceeded():
            self.items.run["status"] = FAILED
            for other in self.items.children:
                if other is not None:
                    abort(other, cause="The Map Run failed")
        self.items.count()

    def _exceeded(self) -> bool:
        failed, limits = self.items.failed(), []
        if "ToleratedFailureCount" in self.state:
            limits.append(failed > self.state["ToleratedFailureCount"])
        if "ToleratedFailurePercentage" in self.state:
            limits.append(failed * 100 > self.state["ToleratedFailurePercentage"] * len(self.items.inputs))
        return any(limits) if limits else bool(failed)
