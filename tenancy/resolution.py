"""Resolves settings, profile and registry into the fleet: each stack's plan is made here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from config.profiles import Disposable, SignIn
from config.regions import SILO_ZONES, zone_letters
from config.registry.backups import EnvironmentBackup
from config.registry.databases import EnvironmentDatabase, TenantDatabase
from config.registry.delivery import EnvironmentDelivery
from config.registry.environments import LiftedStack, SignInSettings
from config.registry.models import Platform, Registry
from config.registry.tenants import Fargate, Silo
from config.settings import Settings
from tenancy.addressing import platform_addresses, silo_addresses
from tenancy.containers import confinement, destinations
from tenancy.fleet import Fleet
from tenancy.images import ecr_repository
from tenancy.monitoring import Monitoring
from tenancy.names.environment import EnvironmentNames
from tenancy.owner import FARGATE_TAG, SILO_TAG, Owner
from tenancy.plans import (
    DeliveryPlan,
    ExtensionPlan,
    PlatformPlan,
    ProviderSettings,
    SiloPlan,
    StackPlan,
)
from tenancy.protection import BackupCopies, Backups, KeyAdministration, Protection, Retention
from tenancy.root_modules import provider_settings, state_of
from tenancy.specifications.certificates import custom_certificate, platform_certificate
from tenancy.specifications.delivery import DeliverySpecification
from tenancy.specifications.fargate_tenant import DatabaseLimits, FargateTenantPlan
from tenancy.specifications.platform import PlatformSpecification
from tenancy.specifications.silo import SiloSpecification
from tenancy.web_acl_hosts import check_capacity


def resolve(settings: Settings, registry: Registry) -> Fleet:
    """Return all stacks of `registry` in the environment that `settings` describe.

    A tenant's own setting comes before the profile's; `CREATED_AT` comes before any time in the registry.

    Raises:
        ConfigurationError: the web ACL has no capacity for what tenants ask of it.
    """
    resolution = Resolution(settings, registry)
    stacks: list[StackPlan] = [resolution.silo(tenant, silo) for tenant, silo in registry.silos.items()]
    if registry.platform:
        platform = resolution.platform(registry.platform)
        check_capacity(platform.specification)
        stacks.append(platform)
    declared = settings.declared
    if declared and declared.delivery:
        stacks.append(resolution.delivery(declared.delivery, declared.account))
    return Fleet(stacks=tuple(stacks))


def _database_limits(database: TenantDatabase) -> DatabaseLimits:
    return DatabaseLimits(
        connections=database.connections,
        statement_timeout=database.statement_timeout_seconds,
        idle_in_transaction_timeout=database.idle_in_transaction_timeout_seconds,
        idle_session_timeout=database.idle_session_timeout_seconds,
    )


class Resolution:
    """What is the same for every stack, and each stack from it.

    Attributes:
        keys: who administers keys.
    """

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self._settings, self._registry = settings, registry
        self._profile = settings.profile
        self._monitoring = Monitoring(settings, registry)
        self._zones = zone_letters(settings.region, settings.availability_zones)
        self._names = EnvironmentNames(suffix=settings.environment_suffix)
        self.keys = KeyAdministration(
            administrators=settings.key_administrator_arns,
            deletion_window_days=self._profile.key_deletion_window_days,
        )

    def silo(self, tenant: str, silo: Silo) -> SiloPlan:
        """Return the plan of the silo of `tenant`."""
        names = self._names.silo(tenant)
        owner = Owner(
            tenant=tenant, tag=SILO_TAG, tags={SILO_TAG: tenant, "cost_center": tenant}, names=names
        )
        return SiloPlan(
            id=names.stack,
            provider=self._provider(tenant, owner.tags),
            state=state_of(self._settings, names.stack),
            package_bucket=self._settings.package_bucket,
            owner=owner,
            specification=SiloSpecification(
                addresses=silo_addresses(silo.cidr, self._zones[:SILO_ZONES]),
                interface_endpoints=silo.interface_endpoints,
                api_authorization=silo.api_authorization,
                api_callers=silo.api_callers,
                api_readers=silo.api_readers,
                users_by_group=silo.api_user_rights == "groups",
                sign_in=self._sign_in(),
                requests_per_second=silo.requests_per_second,
                request_burst=silo.request_burst,
                largest_object_bytes=silo.largest_object_bytes,
                most_records=silo.most_records,
                most_objects=silo.most_objects,
                most_object_bytes=silo.most_object_bytes,
                reserved_concurrency=silo.reserved_concurrency,
                traced_functions=self._monitoring.traced_functions,
                alarm_topic_arn=self._monitoring.alarm_topic_arn,
                monthly_budget=self._monitoring.monthly_budget(tenant),
                dashboard=self._monitoring.dashboards,
                access_logs=self._profile.access_logs,
                backups=self._backups(),
                keys=self.keys,
                protection=self.protection(tenant, "silo"),
                retention=self.retention(silo.log_retention_days, silo.object_expiration_days),
            ),
        )

    def platform(self, platform: Platform) -> PlatformPlan:
        """Return the plan of the shared platform."""
        names, profile, declared = self._names.platform, self._profile, self._settings.declared
        database = declared.database if declared else EnvironmentDatabase()
        return PlatformPlan(
            id=names.stack,
            provider=self._provider(None, {}),
            state=state_of(self._settings, names.stack),
            package_bucket=self._settings.package_bucket,
            specification=PlatformSpecification(
                names=names,
                addresses=platform_addresses(platform.cidr, self._zones),
                certificate=platform_certificate(platform),
                private_endpoints=profile.private_endpoints,
                traced_functions=self._monitoring.traced_functions,
                collector=self._monitoring.collector,
                other_registries=declared is None or bool(declared.image_registries),
                access_logs=profile.access_logs,
                domain=platform.domain,
                web_acl=profile.web_acl,
                requests_per_address=platform.requests_per_address,
                database_backup_days=profile.database_backup_days,
                database_instance_class=database.instance_class_in(profile),
                database_instances=database.instances_in(profile),
                database_insights=profile.database_insights,
                alarm_topic_arn=self._monitoring.alarm_topic_arn,
                dashboards=self._monitoring.dashboards,
                backups=self._backups(),
                keys=self.keys,
                protection=self.protection(),
                retention=self.retention(),
                tenants=tuple(
                    self._fargate_tenant(tenant, fargate, platform)
                    for tenant, fargate in self._registry.fargate_tenants.items()
                ),
                erasures=tuple(id_ for id_, left in sorted(self._registry.retired.items()) if left.erase),
            ),
        )

    def delivery(self, delivery: EnvironmentDelivery, account: str) -> DeliveryPlan:
        """Return the plan of the stack that rolls releases out."""
        names = self._names.delivery(account)
        return DeliveryPlan(
            id=names.stack,
            provider=self._provider(None, {}),
            state=state_of(self._settings, names.stack),
            package_bucket=self._settings.package_bucket,
            specification=DeliverySpecification(
                names=names,
                image=delivery.image,
                deployer_role_arn=delivery.deployer_role_arn,
                alarm_topic_arn=self._monitoring.alarm_topic_arn,
                access_logs=self._profile.access_logs,
                keys=self.keys,
                protection=self.protection(),
                retention=self.retention(),
            ),
        )

    def extension(self, name: str, specification: object, tenant: str | None) -> ExtensionPlan:
        """Return the plan of a stack of the user's own, of the kind `name`, that `tenant` owns where there is one."""
        id_ = self._names.extension(name, tenant)
        tags = {SILO_TAG: tenant, "cost_center": tenant} if tenant else {}
        return ExtensionPlan(
            id=id_,
            provider=self._provider(tenant, tags),
            state=state_of(self._settings, id_),
            package_bucket=self._settings.package_bucket,
            name=name,
            tenant=tenant,
            specification=specification,
        )

    def _fargate_tenant(self, tenant: str, fargate: Fargate, platform: Platform) -> FargateTenantPlan:
        tags = {FARGATE_TAG: tenant, "cost_center": tenant}
        # The platform's default tags say when the platform was created; a tenant that came at another time says so.
        if self._created_at(tenant) != self._created_at():
            tags["CreatedAt"] = self._created_at(tenant)
        return FargateTenantPlan(
            owner=Owner(tenant=tenant, tag=FARGATE_TAG, tags=tags, names=self._names.fargate_tenant(tenant)),
            host=f"{tenant}.{platform.domain}",
            custom_hosts=fargate.custom_hosts.names if fargate.custom_hosts else (),
            custom_certificate=custom_certificate(fargate.custom_hosts),
            listener_priority=fargate.listener_priority,
            image=fargate.image,
            repository=ecr_repository(fargate.image),
            confinement=confinement(fargate),
            egress=destinations(fargate),
            minimum_tasks=fargate.minimum_tasks or self._profile.minimum_tasks,
            maximum_tasks=fargate.maximum_tasks,
            requests_per_task=fargate.requests_per_task,
            large_bodies=fargate.large_bodies is not None,
            web_acl_counts=fargate.web_acl_counts is not None,
            database=_database_limits(fargate.database),
            # The silo's stack has it where there is a silo: the tag counts both.
            monthly_budget=None
            if tenant in self._registry.silos
            else self._monitoring.monthly_budget(tenant),
            returning=fargate.returns is not None,
            backups=self._backups(),
            keys=self.keys,
            protection=self.protection(tenant, "platform"),
            retention=self.retention(fargate.log_retention_days, fargate.object_expiration_days),
        )

    def protection(self, tenant: str | None = None, stack: LiftedStack | None = None) -> Protection:
        """Return the protection of `tenant`'s data in `stack`, or of what no tenant owns."""
        declared = self._settings.declared
        return Protection(
            disposable=self._profile.disposable,
            lifted=tuple(
                (lifted.resource, Disposable(reason=lifted.reason, until=lifted.until))
                for lifted in (declared.unprotected if declared else ())
                if (lifted.tenant, lifted.stack) == (tenant, stack)
            ),
        )

    def _backups(self) -> Backups | None:
        """Return how backups are kept: as the environment declares it, else as its profile has it."""
        declared = self._settings.declared
        own = declared.backup if declared else EnvironmentBackup()
        days = own.retention_days or self._profile.backup_retention_days
        if days is None:
            return None
        copies = (
            BackupCopies(region=own.copy_to_region, vault=self._names.copies_vault)
            if own.copy_to_region
            else None
        )
        return Backups(retention_days=days, copies=copies)

    def _sign_in(self) -> SignIn:
        """Return how users sign in: as the environment declares it, else as its profile has it."""
        declared, profile = self._settings.declared, self._profile.sign_in
        own = declared.sign_in if declared else SignInSettings()
        return SignIn(
            mfa=own.mfa or profile.mfa,
            threat_protection=own.threat_protection or profile.threat_protection,
        )

    def _created_at(self, tenant: str | None = None) -> str:
        """Return the tag CreatedAt of `tenant`'s resources, or of what no tenant owns."""
        own = self._registry.tenants[tenant].created_at if tenant else None
        return self._settings.created_at or own or self._registry.created_at

    def retention(
        self, log_days: int | None = None, object_days: int | Literal["never"] | None = None
    ) -> Retention:
        """Return how long data is kept; `None` leaves a value to the profile."""
        profile = self._profile
        own_object_days = None if object_days == "never" else object_days
        return Retention(
            logs=log_days or profile.log_retention_days,
            objects=profile.object_expiration_days if object_days is None else own_object_days,
            noncurrent_versions=profile.noncurrent_version_days,
            secret_recovery=profile.secret_recovery_window_days,
        )

    def _provider(self, tenant: str | None, owner_tags: Mapping[str, str]) -> ProviderSettings:
        return provider_settings(self._settings, created_at=self._created_at(tenant), owner_tags=owner_tags)
