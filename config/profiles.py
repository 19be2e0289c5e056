"""The two profiles: what differs between an environment that is thrown away and one that holds customers' data.

Constructs take these values; none of them asks which profile it is in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Mfa = Literal["required", "optional", "off"]
ThreatProtection = Literal["enforced", "audit", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposable:
    """Data may be destroyed together with its stack, for the reason given.

    Protection is the default: this is the typed way out, and the reason is part of it.

    Attributes:
        reason: why losing the data is acceptable; a sentence for a reviewer.
        until: the last day in UTC, `2026-12-31`, on which Terraform plans it so; `None` has no end.

    Raises:
        ValueError: the reason is empty.
    """

    reason: str
    until: str | None = None

    def __post_init__(self) -> None:
        """Refuse an opt-out that does not say why."""
        if not self.reason.strip():
            raise ValueError("disposable data needs a written reason, received an empty one")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How a tenant's users sign in to its user pool.

    Attributes:
        mfa: whether a second factor, a code of an authenticator application, is `required`, `optional` or `off`.
        threat_protection: what Cognito does about passwords that leaked and sign-ins that look stolen: `enforced` asks
            for the second factor or refuses them, `audit` logs them, `off` does not look. Anything but `off` puts the
            user pool on the Plus plan, which is paid by the user
            (https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-threat-protection.html).
    """

    mfa: Mfa
    threat_protection: ThreatProtection


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentProfile:
    """How an environment treats data, keys and logs.

    Attributes:
        name: as `PROFILE` names it.
        disposable: why data may be destroyed with its stack; `None` protects it.
        key_deletion_window_days: waiting time before KMS deletes a key; 7 to 30
            (https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html).
        log_retention_days: CloudWatch retention; one of the values that PutRetentionPolicy admits.
        object_expiration_days: age at which current objects expire; `None` is never.
        noncurrent_version_days: age at which replaced and deleted versions expire.
        secret_recovery_window_days: 0 (at once: the same name can be used again) or 7 to 30.
        named_key_administrators: whether the settings must name who administers keys.
        pinned_images: whether container images must be given by digest.
        database_backup_days: retention of automatic backups of Aurora, 1 to 35.
        backup_retention_days: age at which AWS Backup's copies of buckets, tables and the database expire, unless a
            declared environment has its own; `None` makes none.
        database_instance_class: of Aurora's instances, unless a declared environment has its own.
        database_instances: a writer and its readers in other availability zones, unless a declared environment has
            its own number; where burstable classes are refused, no environment has fewer.
        burstable_database: whether the instances may be of a class that slows down without CPU credits.
        database_insights: whether enhanced monitoring and Performance Insights are on.
        private_endpoints: whether the platform's VPC has endpoints, so that no AWS traffic leaves it, and tasks reach
            nothing but them, the database and what the registry lists.
        tasks_in_each_zone: whether no tenant may run fewer tasks than `minimum_tasks`, one in each zone.
        minimum_tasks: tasks of a Fargate tenant that always run, unless the tenant has its own number.
        access_logs: whether the load balancer and the tenants' buckets keep access logs.
        web_acl: whether a WAF web ACL filters the load balancer's requests.
        alarms: whether what somebody has to act on raises an alarm.
        dashboards: whether what has an alarm is on a dashboard, unless a declared environment says otherwise.
        declared: whether the registry must declare each environment with this profile.
        sign_in: how users of silo tenants sign in, where the environment does not say otherwise.
        tls: whether tenants are served over TLS alone, so that the platform must have a certificate.
    """

    name: str
    disposable: Disposable | None
    key_deletion_window_days: int
    log_retention_days: int
    object_expiration_days: int | None
    noncurrent_version_days: int
    secret_recovery_window_days: int
    named_key_administrators: bool
    pinned_images: bool
    database_backup_days: int
    backup_retention_days: int | None
    database_instance_class: str
    database_instances: int
    burstable_database: bool
    database_insights: bool
    private_endpoints: bool
    tasks_in_each_zone: bool
    minimum_tasks: int
    access_logs: bool
    web_acl: bool
    alarms: bool
    dashboards: bool
    declared: bool
    sign_in: SignIn
    tls: bool


DEVELOPMENT: Final = EnvironmentProfile(
    name="development",
    disposable=Disposable(
        reason="A development environment holds no customer's data and is torn down often."
    ),
    key_deletion_window_days=7,
    log_retention_days=30,
    object_expiration_days=90,
    noncurrent_version_days=30,
    secret_recovery_window_days=0,
    named_key_administrators=False,
    pinned_images=False,
    database_backup_days=1,
    backup_retention_days=None,
    database_instance_class="db.t3.medium",
    database_instances=1,
    burstable_database=True,
    database_insights=False,
    private_endpoints=False,
    tasks_in_each_zone=False,
    minimum_tasks=2,
    access_logs=False,
    web_acl=False,
    alarms=False,
    dashboards=False,
    declared=False,
    sign_in=SignIn(mfa="off", threat_protection="off"),
    tls=False,
)

PRODUCTION: Final = EnvironmentProfile(
    name="production",
    disposable=None,
    key_deletion_window_days=30,
    log_retention_days=365,
    object_expiration_days=None,
    noncurrent_version_days=90,
    secret_recovery_window_days=30,
    named_key_administrators=True,
    pinned_images=True,
    database_backup_days=35,
    backup_retention_days=35,
    database_instance_class="db.r6g.large",
    database_instances=2,
    burstable_database=False,
    database_insights=True,
    private_endpoints=True,
    tasks_in_each_zone=True,
    minimum_tasks=3,
    access_logs=True,
    web_acl=True,
    alarms=True,
    dashboards=True,
    declared=True,
    sign_in=SignIn(mfa="required", threat_protection="enforced"),
    tls=True,
)

PROFILES: Final = {profile.name: profile for profile in (DEVELOPMENT, PRODUCTION)}
