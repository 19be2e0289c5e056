"""Starting, using and stopping the emulator."""

import os
import signal
import socket
import subprocess
import sys
import time
from types import ModuleType

import psutil
import pytest

from emulator import refusals, shims
from emulator.patches import PatchError
from emulator.processes import is_alive
from emulator.server import ACCOUNT_ID, REPOSITORY, Emulator, EmulatorError, client_environment
from tests.guards import GUARD_SECONDS


def gone(pid: int) -> bool:
    deadline = time.monotonic() + GUARD_SECONDS
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_alive(pid)


def test_it_listens_on_the_loopback_address_only() -> None:
    with Emulator() as emulator:
        listening = [
            connection.laddr.ip
            for process in (
                psutil.Process(emulator.pid),
                *psutil.Process(emulator.pid).children(recursive=True),
            )
            for connection in process.net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert listening == ["127.0.0.1"]


def test_it_stops_with_its_functions_and_leaves_no_folder(shimmed: Emulator) -> None:
    with Emulator() as emulator:
        folder, pid = emulator.log_file.parent, emulator.pid
        assert folder.is_dir()
    assert gone(pid)
    assert not folder.exists()
    assert is_alive(shimmed.pid)


def test_a_given_port_is_used_and_a_taken_one_is_an_error() -> None:
    with (
        Emulator() as emulator,
        pytest.raises(EmulatorError, match=f"cannot listen on 127.0.0.1:{emulator.port}"),
    ):
        Emulator(port=emulator.port).start()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Emulator(port=port) as emulator:
        assert emulator.endpoint == f"http://127.0.0.1:{port}"


def test_reset_empties_it(shimmed: Emulator) -> None:
    with Emulator() as emulator:
        emulator.client("sqs").create_queue(QueueName="queue")
        emulator.client("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId="service/cluster/web",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=1,
            MaxCapacity=2,
        )
        emulator.reset()
        assert not emulator.client("sqs").list_queues().get("QueueUrls")
        left = emulator.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
        assert left["ScalableTargets"] == []


def test_its_credentials_are_the_accounts_root(shimmed_with_iam: Emulator) -> None:
    identity = shimmed_with_iam.client("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT_ID}:root"


def test_the_environment_holds_nothing_of_the_callers_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL_S3",
        "AWS_ROLE_ARN",
        "AWS_CA_BUNDLE",
    ):
        monkeypatch.setenv(variable, "mine")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    monkeypatch.setenv("NO_PROXY", "internal")
    environment = client_environment("http://127.0.0.1:1")
    assert "mine" not in environment.values()
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert environment["AWS_SHARED_CREDENTIALS_FILE"] == environment["AWS_CONFIG_FILE"] == os.devnull
    assert environment["NO_PROXY"] == "internal,127.0.0.1,localhost"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_it_does_not_outlive_its_parent(how: signal.Signals) -> None:
    code = "from emulator.server import Emulator\n"
    code += "print(Emulator().start().pid, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.send_signal(how)
    assert gone(pid)


def test_an_unknown_shim_is_named() -> None:
    with pytest.raises(shims.ShimError, match=r"unknown shims \['typo'\]"):
        Emulator(shims=["typo"])


def test_a_shim_says_what_the_emulator_no_longer_has() -> None:
    from emulator.shims import _patching

    ec2 = _patching.service("services.ec2")
    with pytest.raises(
        shims.ShimError, match=r"has no ministack\.services\.ec2\._gone, which a shim or refusal wraps"
    ):
        _patching.wrap(ec2, "_gone", lambda original: original)
    with pytest.raises(shims.ShimError, match=r"has no ministack\.services\.ec2\._ACTION_MAP\['Gone'\]"):
        _patching.wrap_action(ec2, "_ACTION_MAP", "Gone", lambda original: original)
    with pytest.raises(shims.ShimError, match=r"has no module services\.gone"):
        _patching.service("services.gone")


@pytest.mark.parametrize(("patches", "files"), [(shims, "test_gaps*.py"), (refusals, "test_refusals*.py")])
def test_every_shim_and_refusal_stands_in_the_readme_with_its_test(patches: ModuleType, files: str) -> None:
    readme = (REPOSITORY / "emulator" / "README.md").read_text()
    tests = "".join(path.read_text() for path in sorted((REPOSITORY / "tests" / "emulator").glob(files)))
    for patch in patches.names():
        rows = [line for line in readme.splitlines() if f"| `{patch}` |" in line and line.startswith("|")]
        assert len(rows) == 1, f"expected one row for {patch} in emulator/README.md, found {len(rows)}"
        named = rows[0].rstrip("| ").rpartition("`")[0].rpartition("`")[2]
        assert f"def {named}(" in tests, f"the row of {patch} names the test {named!r}, which does not exist"


def test_refusals_are_chosen_by_name_and_the_optional_ones_only_so() -> None:
    assert not refusals.OPTIONAL.intersection(Emulator().refusals)
    assert Emulator(shims=()).refusals == ()
    assert Emulator(refusals=["kms_s3"]).refusals == ("kms_s3",)
    with pytest.raises(PatchError, match=r"unknown refusals \['typo'\]"):
        Emulator(refusals=["typo"])
    assert set(refusals.names()) >= refusals.OPTIONAL
