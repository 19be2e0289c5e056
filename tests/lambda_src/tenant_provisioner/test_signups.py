"""The tenant provisioner in this process, on the emulator's DynamoDB and EventBridge."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest

from emulator.server import Emulator
from runtime.environment import SettingsError
from tenant_provisioner import handler as handler_module
from tenant_provisioner.bus import Bus, NotSentError
from tenant_provisioner.provisioning import Outcome, Provisioning, ProvisioningError
from tenant_provisioner.settings import Settings, read_settings
from tenant_provisioner.signup import RejectedEventError, Signup, read_signup
from tenant_provisioner.tenant_profiles import Claim, Notice, TenantProfiles
from tests.lambda_src.conftest import answer_with, client, fresh, items_of, make_table
from tests.lambda_src.support.invocations import Context, signup_event, unique

NOW = 1_767_225_600.0
"""The time in all tests of claims, 2026-01-01. It stands still, so no claim lapses because a test is slow."""


class CrashError(BaseException):
    """The process ends here: nothing is caught, and nothing is cleaned up."""


@dataclass
class Provisioner:
    """A tenant's provisioner in this process, and a queue that receives the events it sends."""

    emulator: Emulator
    tenant: str
    table: str
    bus: str
    queue: str

    def __call__(self, event: Any, request_id: str | None = None) -> dict[str, str]:
        return handler_module.handler(event, Context(request_id))

    def dies(self, event: Any, request_id: str = "first") -> None:
        """Handle the event in a process that ends before it is done."""
        logic, signup = at(0), read_signup(event, self.tenant)
        with pytest.raises(CrashError):
            logic.provision(signup, request_id)

    def profile(self) -> dict[str, Any]:
        (item,) = items_of(self.emulator, self.table)
        assert item.pop("tenant_id") == {"S": self.tenant}
        assert item.pop("resource_type") == {"S": "profile"}
        return {name: next(iter(value.values())) for name, value in item.items()}

    def sent(self) -> list[dict[str, Any]]:
        """The events that have arrived since the last call, without the fields that the bus adds."""
        queue = client(self.emulator, "sqs")
        events = []
        while messages := queue.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                event = json.loads(message["Body"])
                events.append({name: event[name] for name in ("source", "detail-type", "detail")})
                queue.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return events


@pytest.fixture
def provisioner(on_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provisioner]:
    events, queues = client(on_emulator, "events"), client(on_emulator, "sqs")
    bus = unique("bus")
    events.create_event_bus(Name=bus)
    url = queues.create_queue(QueueName=unique("heard"))["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = json.dumps({"source": ["tenant-platform.provisioner"]})
    events.put_rule(Name="all", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="all", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    made = Provisioner(on_emulator, unique("acme"), make_table(on_emulator), bus, url)
    monkeypatch.setenv("TENANT_ID", made.tenant)
    monkeypatch.setenv("DYNAMODB_TABLE", made.table)
    monkeypatch.setenv("EVENT_BUS_NAME", made.bus)
    with fresh(handler_module.settings, handler_module.provisioning):
        yield made


def at(seconds: float) -> Provisioning:
    """The function's logic, with a clock that starts that many seconds after `NOW` and advances only by sleeping."""
    waited = [0.0]

    def sleep(duration: float) -> None:
        waited[0] += duration

    return replace(handler_module.provisioning(), clock=lambda: NOW + seconds + waited[0], sleep=sleep)


def signup_of(provisioner: Provisioner, event: dict[str, Any]) -> Signup:
    return read_signup(event, provisioner.tenant)


# Settings


def test_the_environment_is_read_whole() -> None:
    known = {"TENANT_ID": "acme-corp", "DYNAMODB_TABLE": "tenant-acme-corp-metadata-test"}
    assert read_settings(known) == Settings(
        tenant_id="acme-corp", table="tenant-acme-corp-metadata-test", event_bus="default"
    )
    assert read_settings(known | {"EVENT_BUS_NAME": "own"}).event_bus == "own"


def test_every_problem_of_the_environment_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({"TENANT_ID": "-", "EVENT_BUS_NAME": ""})
    assert str(error.value) == (
        "TENANT_ID is '-', expected a lower-case slug of 1 to 63 characters; "
        "DYNAMODB_TABLE is missing, expected a DynamoDB table name; "
        "EVENT_BUS_NAME is '', expected the name or the ARN of an event bus"
    )


# One signup


def test_a_signup_gives_a_profile_and_an_event(provisioner: Provisioner) -> None:
    event = signup_event(provisioner.tenant)
    assert provisioner(event) == {"tenant_id": provisioner.tenant, "outcome": "provisioned"}
    profile = provisioner.profile()
    created = profile.pop("created_at")
    assert profile.pop("updated_at") >= created
    assert profile == {
        "status": "ACTIVE",
        "plan": "premium",
        "signed_up_at": "2026-01-02T03:04:05Z",
        "signup_event_id": event["id"],
        "notice": "SENT",
    }
    (sent,) = provisioner.sent()
    key = sent["detail"].pop("idempotencyKey")
    assert len(key) == 64
    assert sent == {
        "source": "tenant-platform.provisioner",
        "detail-type": "Tenant Provisioned",
        "detail": {
            "tenantId": provisioner.tenant,
            "status": "ACTIVE",
            "plan": "premium",
            "provisionedAt": created,
            "signupEventId": event["id"],
        },
    }


def test_a_signup_without_a_plan_gets_the_standard_one(provisioner: Provisioner) -> None:
    provisioner(signup_event(provisioner.tenant, detail={"tenantId": provisioner.tenant}))
    assert provisioner.profile()["plan"] == "standard"


def test_the_same_event_again_changes_nothing(provisioner: Provisioner) -> None:
    event = signup_event(provisioner.tenant)
    provisioner(event)
    before = provisioner.profile()
    for _ in range(3):
        assert provisioner(event)["outcome"] == "duplicate"
    assert provisioner.profile() == before
    assert len(provisioner.sent()) == 1


def test_another_signup_of_the_same_tenant_changes_nothing(provisioner: Provisioner) -> None:
    provisioner(signup_event(provisioner.tenant))
    before = provisioner.profile()
    older = signup_event(
        provisioner.tenant,
        time="2020-01-01T00:00:00Z",
        detail={"tenantId": provisioner.tenant, "plan": "free"},
    )
    assert provisioner(older)["outcome"] == "duplicate"
    assert provisioner.profile() == before
    assert len(provisioner.sent()) == 1


def test_the_same_event_a_hundred_times_at_once(provisioner: Provisioner) -> None:
    signup = signup_of(provisioner, signup_event(provisioner.tenant))
    logic = replace(at(0), sleep=time.sleep)
    start = threading.Barrier(100)

    def run(number: int) -> Outcome:
        start.wait()
        return logic.provision(signup, f"request-{number}")

    with ThreadPoolExecutor(100) as pool:
        outcomes = list(pool.map(run, range(100)))
    assert sorted(outcomes) == [Outcome.DUPLICATE] * 99 + [Outcome.PROVISIONED]
    assert provisioner.profile()["notice"] == "SENT"
    assert len(provisioner.sent()) == 1


# Crashes


@pytest.mark.parametrize("step", ["read", "send"])
@pytest.mark.parametrize("same_request", [True, False])
def test_a_crash_between_the_two_steps_is_repaired_by_the_next_try(
    provisioner: Provisioner, monkeypatch: pytest.MonkeyPatch, step: str, *, same_request: bool
) -> None:
    def crash(*_: object) -> None:
        raise CrashError

    event = signup_event(provisioner.tenant)
    with monkeypatch.context() as patch:
        patch.setattr(TenantProfiles if step == "read" else Bus, step, crash)
        provisioner.dies(event)
    assert provisioner.profile()["notice"] == "CLAIMED"
    assert provisioner.sent() == []
    if same_request:
        # Lambda retries an asynchronous event with the same id.
        assert provisioner(event, "first")["outcome"] == "repaired"
    else:
        # Another delivery waits until the claim has lapsed.
        assert at(0).provision(signup_of(provisioner, event), "second") is Outcome.REPAIRED
    assert provisioner.profile()["notice"] == "SENT"
    assert len(provisioner.sent()) == 1
    assert provisioner(event)["outcome"] == "duplicate"


def test_a_crash_after_sending_sends_the_same_event_again(
    provisioner: Provisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This cannot be ruled out: the bus has the event, but nobody recorded that. Consumers go by the key."""

    def crash(*_: object, **__: object) -> None:
        raise CrashError

    event = signup_event(provisioner.tenant)
    with monkeypatch.context() as patch:
        patch.setattr(TenantProfiles, "settle", crash)
        provisioner.dies(event)
    assert provisioner(event, "first")["outcome"] == "repaired"
    first, second = provisioner.sent()
    assert first == second


def test_of_many_that_find_a_dead_claim_one_takes_it_over(
    provisioner: Provisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise CrashError

    event = signup_event(provisioner.tenant)
    with monkeypatch.context() as patch:
        patch.setattr(Bus, "send", crash)
        provisioner.dies(event)
    logic = replace(at(60), sleep=lambda _: time.sleep(0.01))
    signup = signup_of(provisioner, event)
    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda number: logic.provision(signup, f"later-{number}"), range(20)))
    assert sorted(outcomes) == [Outcome.DUPLICATE] * 19 + [Outcome.REPAIRED]
    assert len(provisioner.sent()) == 1


def test_who_comes_second_to_a_dead_claim_waits_for_the_first(
    provisioner: Provisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles = handler_module.provisioning().profiles
    signup = signup_of(provisioner, signup_event(provisioner.tenant))
    dead = Claim(owner="dead", until=NOW - 1)
    rival = Claim(owner="rival", until=NOW + 20)
    assert profiles.create(signup, at="2026-01-01T00:00:00Z", claim=dead)
    take_over = TenantProfiles.take_over

    def rival_is_faster(self: TenantProfiles, seen: Claim | None, claim: Claim) -> bool:
        assert take_over(self, seen, rival)
        return take_over(self, seen, claim)

    def rival_sends(_: float) -> None:
        assert profiles.settle(rival, Notice.SENT, at="2026-01-01T00:00:01Z")

    monkeypatch.setattr(TenantProfiles, "take_over", rival_is_faster)
    logic = replace(at(0), sleep=rival_sends)
    assert logic.provision(signup, "second") is Outcome.DUPLICATE
    assert provisioner.sent() == []


def test_a_sender_that_lost_its_claim_does_not_end_the_new_one(provisioner: Provisioner) -> None:
    profiles = handler_module.provisioning().profiles
    signup = signup_of(provisioner, signup_event(provisioner.tenant))
    old, new = Claim(owner="old", until=NOW), Claim(owner="new", until=NOW + 20)
    assert profiles.create(signup, at="2026-01-01T00:00:00Z", claim=old)
    assert profiles.take_over(old, new)
    assert not profiles.take_over(old, Claim(owner="late", until=1.5))
    assert not profiles.settle(old, Notice.SENT, at="2026-01-01T00:00:01Z")
    assert profiles.read().claim == new
    assert profiles.settle(new, Notice.PENDING, at="2026-01-01T00:00:01Z")
    assert profiles.read().claim is None
    assert profiles.take_over(None, new)


# Failures of AWS


def test_a_bus_that_refuses_is_tried_again_at_once_by_the_next_delivery(provisioner: Provisioner) -> None:
    logic = handler_module.provisioning()
    event = signup_event(provisioner.tenant)
    answer_with(logic.bus.client, "PutEvents", 400, "AccessDeniedException", times=1)
    with pytest.raises(ProvisioningError, match=r"^the event was not sent: AccessDeniedException$"):
        provisioner(event)
    assert provisioner.profile()["notice"] == "PENDING"
    assert provisioner(event)["outcome"] == "repaired"
    assert provisioner.profile()["notice"] == "SENT"
    assert len(provisioner.sent()) == 1


def test_an_entry_that_the_bus_does_not_take_is_no_success(
    provisioner: Provisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}
    bus = handler_module.provisioning().bus
    monkeypatch.setattr(bus.client, "put_events", lambda **_: refused)
    with pytest.raises(NotSentError, match=r"^Tenant Provisioned: ThrottlingException$"):
        bus.send("Tenant Provisioned", {})
    with pytest.raises(
        ProvisioningError, match="the event was not sent: Tenant Provisioned: ThrottlingException"
    ):
        provisioner(signup_event(provisioner.tenant))


def test_a_table_that_refuses_is_told_to_the_bus(provisioner: Provisioner) -> None:
    logic = handler_module.provisioning()
    answer_with(logic.profiles.client, "PutItem", 400, "AccessDeniedException", times=1)
    event = signup_event(provisioner.tenant)
    with pytest.raises(ProvisioningError, match=r"^the profile was not written: AccessDeniedException$"):
        provisioner(event)
    assert items_of(provisioner.emulator, provisioner.table) == []
    (sent,) = provisioner.sent()
    assert len(sent["detail"].pop("idempotencyKey")) == 64
    assert sent == {
        "source": "tenant-platform.provisioner",
        "detail-type": "Tenant Provisioning Failed",
        "detail": {
            "tenantId": provisioner.tenant,
            "signupEventId": event["id"],
            "reason": "AccessDeniedException",
        },
    }
    assert provisioner(event)["outcome"] == "provisioned"


def test_neither_table_nor_bus_answering_tells_of_both(
    provisioner: Provisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    handler_module.provisioning.cache_clear()
    with pytest.raises(ProvisioningError, match="EndpointConnectionError") as error:
        provisioner(signup_event(provisioner.tenant))
    assert error.value.__cause__ is not None
    assert error.value.__cause__.__notes__ == ["and the bus was not told: EndpointConnectionError"]


def test_a_table_that_throttles_for_a_moment_is_tried_again(provisioner: Provisioner) -> None:
    logic = handler_module.provisioning()
    answer_with(logic.profiles.client, "PutItem", 400, "ProvisionedThroughputExceededException", times=1)
    assert provisioner(signup_event(provisioner.tenant))["outcome"] == "provisioned"


def test_a_write_whose_answer_was_lost_is_recognised(provisioner: Provisioner) -> None:
    """After a lost response the SDK writes again, finds its own item and continues as its owner."""
    logic = at(0)
    signup = signup_of(provisioner, signup_event(provisioner.tenant))
    claim = Claim(owner="first", until=NOW + 20)
    assert logic.profiles.create(signup, at="2026-01-01T00:00:00Z", claim=claim)
    assert logic.provision(signup, "first") is Outcome.REPAIRED
    assert len(provisioner.sent()) == 1


# What is rejected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"source": "custom.other"}, "event.source must satisfy const custom.signup"),
        ({"detail-type": "Tenant Left"}, "event.detail-type must satisfy const Tenant Signup"),
        ({"id": 1}, "event.id must satisfy type string"),
        ({"id": ""}, "event.id must satisfy minLength 1"),
        ({"time": "yesterday"}, "event.time must satisfy pattern"),
        ({"time": "2026-01-02T03:04:05Z\n"}, "event.time must satisfy pattern"),
        ({"detail": None}, "event.detail must satisfy type object"),
        ({"detail": {}}, "event.detail must satisfy required ['tenantId']"),
        ({"detail": {"tenantId": 1}}, "event.detail.tenantId must satisfy type string"),
        ({"detail": {"tenantId": "Acme\n"}}, "event.detail.tenantId must satisfy pattern"),
        ({"detail": {"tenantId": "acme", "plan": "a b"}}, "event.detail.plan must satisfy pattern"),
        ({"detail": {"tenantId": "acme", "plan": None}}, "event.detail.plan must satisfy type string"),
        ({"detail": {"tenantId": "globex-inc"}}, "signup event of another tenant: event.detail.tenantId"),
    ],
)
def test_an_event_that_is_none_is_rejected_with_a_reason(
    provisioner: Provisioner, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(RejectedEventError) as error:
        provisioner(signup_event(provisioner.tenant, **changes))
    assert reason in str(error.value)
    assert items_of(provisioner.emulator, provisioner.table) == []
    assert provisioner.sent() == []


def test_a_rejection_repeats_nothing_of_the_event(provisioner: Provisioner) -> None:
    event = signup_event(provisioner.tenant, detail={"tenantId": "someone@example.com"})
    with pytest.raises(RejectedEventError) as error:
        provisioner(event)
    assert "someone" not in str(error.value)
    assert error.value.__suppress_context__


def test_a_function_without_its_environment_fails(
    provisioner: Provisioner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DYNAMODB_TABLE")
    with pytest.raises(SettingsError, match="DYNAMODB_TABLE is missing"):
        provisioner(signup_event(provisioner.tenant))


def test_the_logs_hold_nothing_personal(provisioner: Provisioner, capsys: pytest.CaptureFixture[str]) -> None:
    provisioner(signup_event(provisioner.tenant))
    printed = "".join(capsys.readouterr())
    assert '"outcome":"provisioned"' in printed
    assert "someone@example.com" not in printed
