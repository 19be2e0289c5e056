"""What the database provisioner accepts from its environment and from Terraform; no server is needed."""

from typing import Any

import pytest

from database_provisioner.request import Action, RejectedRequestError, Request, read_request
from database_provisioner.settings import Settings, read_settings
from runtime.environment import SettingsError

SECRET = "rds/tenant/acme-corp/test/password"
ARN = f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{SECRET}-a1B2c3"
MASTER = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1-a1B2c3"


def test_the_environment_is_read_whole() -> None:
    known = {"DATABASE_HOST": "cluster.example.com", "MASTER_SECRET_ARN": MASTER}
    assert read_settings(known) == Settings(
        host="cluster.example.com",
        port=5432,
        database="saasdb",
        master_secret=MASTER,
        ca_file=None,
        erasable=frozenset(),
    )
    more = known | {"DATABASE_PORT": "5433", "DATABASE_NAME": "other", "DATABASE_CA_FILE": "/var/task/ca.pem"}
    assert read_settings(more) == Settings(
        host="cluster.example.com",
        port=5433,
        database="other",
        master_secret=MASTER,
        ca_file="/var/task/ca.pem",
        erasable=frozenset(),
    )


def test_every_problem_of_the_environment_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        read_settings(
            {
                "DATABASE_PORT": "0",
                "DATABASE_NAME": "a b",
                "MASTER_SECRET_ARN": "x",
                "DATABASE_CA_FILE": "x",
                "ERASABLE_TENANTS": "a;b",
            }
        )
    assert str(error.value) == (
        "DATABASE_HOST is missing, expected a host name; "
        "DATABASE_PORT is '0', expected a port number; "
        "DATABASE_NAME is 'a b', expected a database name; "
        "MASTER_SECRET_ARN is 'x', expected the ARN of a Secrets Manager secret; "
        "DATABASE_CA_FILE is 'x', expected the absolute path of a PEM file, or nothing; "
        "ERASABLE_TENANTS is 'a;b', expected ids of tenants, separated by commas, or '*', or nothing"
    )


def test_what_terraform_sends_is_read() -> None:
    event = {
        "tenant": "acme-corp",
        "secret_arn": ARN,
        "returning": True,
        "connection_limit": 7,
        "tf": {"action": "update", "prev_input": {"tenant": "acme-corp", "secret_arn": ARN}},
    }
    wanted = Request(action=Action.UPDATE, tenant="acme-corp", secret=ARN, returning=True, connection_limit=7)
    assert read_request(event) == wanted
    assert wanted.role == "tenant_acme_corp"


@pytest.mark.parametrize("prev_input", [None, {}, {"tenant": "globex-inc"}])
def test_terraforms_first_request_has_no_earlier_input(prev_input: Any) -> None:
    event = {
        "tenant": "acme-corp",
        "secret_arn": SECRET,
        "tf": {"action": "create", "prev_input": prev_input},
    }
    assert read_request(event).action is Action.CREATE


@pytest.mark.parametrize("more", [{"action": "delete"}, {"tf": {"action": "delete"}}])
def test_the_action_may_stand_in_either_place_or_in_both(more: dict[str, Any]) -> None:
    wanted = Request(action=Action.DELETE, tenant="acme-corp", secret="", connection_limit=20)
    assert read_request({"tenant": "acme-corp", **more}) == wanted
    assert read_request({"tenant": "acme-corp", "action": "delete", "tf": {"action": "delete"}}) == wanted


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE, Action.DELETE])
@pytest.mark.parametrize("only", [None, Action.CREATE, Action.UPDATE, Action.DELETE])
def test_a_request_for_one_action_leaves_the_others_out(action: Action, only: Action | None) -> None:
    event = {"tenant": "acme-corp", "secret_arn": SECRET, "tf": {"action": action}}
    request = read_request(event if only is None else event | {"only": only})
    assert (request.action, request.only) == (action, only)
    assert request.carried_out is (only is None or only is action)


def test_no_two_tenants_share_a_role() -> None:
    requests = [read_request({"tenant": tenant, "action": "delete"}) for tenant in ("a-b", "a-b-c", "ab")]
    assert len({request.role for request in requests}) == 3
    with pytest.raises(RejectedRequestError):
        read_request({"tenant": "a_b", "action": "delete"})


def test_the_longest_tenants_names_fit_postgresql() -> None:
    role = read_request({"tenant": "a" * 48, "action": "delete"}).role
    assert len(f"retired_{role}") == 63
    with pytest.raises(RejectedRequestError):
        read_request({"tenant": "a" * 49, "action": "delete"})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tenant": None}, "event.tenant must satisfy type string"),
        ({"tenant": 'x"; DROP ROLE a; --'}, "event.tenant must satisfy pattern"),
        ({"tenant": "acme-corp\n"}, "event.tenant must satisfy pattern"),
        ({"tenant": ""}, "event.tenant must satisfy pattern"),
        ({"action": "drop"}, "event.action must satisfy enum"),
        ({"tf": {}}, "event.tf must satisfy required ['action']"),
        ({"tf": {"action": "read"}}, "event.tf.action must satisfy enum"),
        ({"tf": {"action": "delete"}}, "one action is expected, in event.action or event.tf.action, not 2"),
        ({"returning": "yes"}, "event.returning must satisfy type boolean"),
        ({"action": None, "tf": {"action": "erase"}}, "event.action must satisfy enum"),
        ({"tf": {"action": "erase"}}, "event.tf.action must satisfy enum"),
        ({"only": "erase"}, "event.only must satisfy enum"),
        ({"connection_limit": 0}, "event.connection_limit must satisfy minimum 1"),
        ({"connection_limit": -1}, "event.connection_limit must satisfy minimum 1"),
        ({"connection_limit": "7"}, "event.connection_limit must satisfy type integer"),
    ],
)
def test_a_malformed_request_is_rejected_with_a_reason(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(RejectedRequestError) as error:
        read_request({"tenant": "acme-corp", "secret_arn": SECRET, "action": "create", **changes})
    assert reason in str(error.value)


def test_whose_data_may_go_is_in_the_environment() -> None:
    known = {"DATABASE_HOST": "cluster.example.com", "MASTER_SECRET_ARN": MASTER}
    for recorded, tenants in (("", ""), ("a", "a"), ("a,b-c", "a b-c"), ("*", "a b b-c")):
        settings = read_settings({**known, "ERASABLE_TENANTS": recorded})
        assert {t for t in ("a", "b", "b-c") if settings.may_erase(t)} == set(tenants.split()), recorded


def test_an_erasure_names_a_tenant_and_no_secret() -> None:
    found = read_request({"action": "erase", "tenant": "acme-corp"})
    assert (found.action, found.role, found.carried_out) == (Action.ERASE, "tenant_acme_corp", True)


def test_a_request_without_an_action_is_rejected() -> None:
    with pytest.raises(RejectedRequestError, match="not 0"):
        read_request({"tenant": "acme-corp", "secret_arn": SECRET})


def test_a_tenant_is_not_renamed() -> None:
    tf = {"action": "update", "prev_input": {"tenant": "globex-inc"}}
    with pytest.raises(RejectedRequestError, match="a tenant is not renamed"):
        read_request({"tenant": "acme-corp", "secret_arn": SECRET, "tf": tf})


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "rds/tenant/globex-inc/test/password",
        "rds/tenant/acme-corp-eu/test/password",
        "rds/tenant/acme-corp/test/password-eu",
        "rds/tenant/acme-corp/password",
        "rds/tenant/acme-corp/../globex-inc/password",
        "rds/tenant/acme-corp/test/password\n",
        "x/rds/tenant/acme-corp/test/password",
        ARN.replace("acme-corp", "globex-inc"),
        ARN.replace("-a1B2c3", ""),
        ARN.replace(":secret:", ":secret:x"),
        ARN.replace("secretsmanager", "ssm"),
        MASTER,
    ],
)
@pytest.mark.parametrize("action", ["create", "update"])
def test_the_secret_of_another_tenant_is_refused(secret: str, action: str) -> None:
    with pytest.raises(
        RejectedRequestError, match="must be the name or ARN of rds/tenant/acme-corp/<suffix>/"
    ):
        read_request({"tenant": "acme-corp", "secret_arn": secret, "action": action})
