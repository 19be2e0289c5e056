"""What a silo tenant has."""

from __future__ import annotations

from dataclasses import dataclass

from config.profiles import SignIn
from config.registry.tenants import ApiAuthorization, InterfaceEndpoint
from tenancy.addressing import SiloAddresses
from tenancy.protection import Backups, KeyAdministration, Protection, Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class SiloSpecification:
    """What a silo tenant has.

    Attributes:
        addresses: of its VPC and its subnets.
        interface_endpoints: AWS services reached through an address in the subnets.
        api_authorization: `jwt` (tokens of the tenant's own user pool) or `iam` (signed requests).
        api_callers: names of the roles whose signed requests the API answers; none with `jwt`.
        api_readers: names of further roles, which change nothing; none with `jwt`.
        users_by_group: whether what a user may do depends on their groups.
        sign_in: of the tenant's users.
        requests_per_second: that its API takes in the long run.
        request_burst: requests that its API takes at once.
        largest_object_bytes: that its API takes.
        most_records: that its API keeps; `None` is any number.
        most_objects: that its API keeps; `None` is any number.
        most_object_bytes: that its objects have together; `None` is any number.
        reserved_concurrency: executions kept for the API's function; `None` keeps none.
        traced_functions: whether its functions send traces.
        alarm_topic_arn: SNS topic that its alarms are sent to; `None` has no alarms.
        monthly_budget: US dollars that the tenant may cost a month before the topic is told; `None` has no budget.
        dashboard: whether what has an alarm is on a dashboard.
        access_logs: whether its bucket keeps an access log.
        backups: of its bucket and its table; `None` makes none.
        keys: who administers the tenant's key.
        protection: of its data.
        retention: of its data and logs.
    """

    addresses: SiloAddresses
    interface_endpoints: tuple[InterfaceEndpoint, ...]
    api_authorization: ApiAuthorization
    api_callers: tuple[str, ...]
    api_readers: tuple[str, ...]
    users_by_group: bool
    sign_in: SignIn
    requests_per_second: int
    request_burst: int
    largest_object_bytes: int
    most_records: int | None
    most_objects: int | None
    most_object_bytes: int | None
    reserved_concurrency: int | None
    traced_functions: bool
    alarm_topic_arn: str | None
    monthly_budget: int | None
    dashboard: bool
    access_logs: bool
    backups: Backups | None
    keys: KeyAdministration
    protection: Protection
    retention: Retention
