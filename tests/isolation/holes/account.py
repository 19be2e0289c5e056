"""Holes in what the whole account shares: traces, calls, figures, the bus, names in the DNS, sessions with tasks."""

from __future__ import annotations

import json

from tests.isolation.holes.copies import globex_policy
from tests.isolation.holes.editing import ACME, PLATFORM, RETAIL, Documents, add, allow, arn, retail_policy
from tests.isolation.holes.hole import A, G, Hole, R

OWNER = "(platform)"


def _of_the_platform(documents: Documents, type_: str, **body: object) -> None:
    """A resource of the platform's, as the profile production has it anyway."""
    add(documents, PLATFORM, type_, "more", body)


# Holes: what is on no resource


def traces_of_everybody(documents: Documents) -> None:
    allow(retail_policy(documents), "xray:BatchGetTraces")


def calls_of_everybody(documents: Documents) -> None:
    allow(retail_policy(documents), "cloudtrail:LookupEvents")


def figures_of_everybody(documents: Documents) -> None:
    allow(retail_policy(documents), "cloudwatch:GetMetricData")


def the_configuration_of_everything(documents: Documents) -> None:
    allow(retail_policy(documents), "config:BatchGetResourceConfig")


def what_everybody_costs(documents: Documents) -> None:
    allow(retail_policy(documents), "ce:GetCostAndUsage")


def a_trail_of_its_own(documents: Documents) -> None:
    allow(retail_policy(documents), "cloudtrail:CreateTrail", arn("cloudtrail", "trail/retail-*"))


def a_share_of_anything(documents: Documents) -> None:
    allow(retail_policy(documents), "ram:CreateResourceShare", "arn:aws:ram:*:*:resource-share/*")


def telemetry_for_another_account(documents: Documents) -> None:
    allow(retail_policy(documents), "oam:CreateLink", "arn:aws:oam:*:*:link/*")


def queries_of_any_network(documents: Documents) -> None:
    logs = "arn:aws:route53resolver:*:*:resolver-query-log-config/*"
    allow(retail_policy(documents), "route53resolver:AssociateResolverQueryLogConfig", logs)


def names_for_any_network(documents: Documents) -> None:
    rules = "arn:aws:route53resolver:*:*:resolver-rule/*"
    allow(retail_policy(documents), "route53resolver:AssociateResolverRule", rules)


def a_zone_for_any_network(documents: Documents) -> None:
    allow(retail_policy(documents), "route53:CreateHostedZone")


def any_network_joined_with_another(documents: Documents) -> None:
    joins = "arn:aws:vpc-lattice:*:*:servicenetworkvpcassociation/*"
    allow(retail_policy(documents), "vpc-lattice:CreateServiceNetworkVpcAssociation", joins)


def a_stream_of_figures(documents: Documents) -> None:
    streams = arn("cloudwatch", "metric-stream/retail-*")
    allow(retail_policy(documents), "cloudwatch:PutMetricStream", streams)


# Holes: what several owners are on


def a_rule_that_hears_what_others_send(documents: Documents) -> None:
    allow(retail_policy(documents), ["events:PutRule", "events:PutTargets"], arn("events", "rule/retail-*"))


def a_rule_on_anothers_bus(documents: Documents) -> None:
    a_rule_on_the_own_bus(documents)
    allow(retail_policy(documents), "events:PutRule", arn("events", "rule/acme/*"))


def an_archive_of_what_others_send(documents: Documents) -> None:
    allow(retail_policy(documents), "events:CreateArchive", arn("events", "archive/retail-*"))


def a_session_with_any_task(documents: Documents) -> None:
    allow(globex_policy(documents), "ssm:StartSession", arn("ecs", "task/*"))


def the_cluster_of_everybody(documents: Documents) -> None:
    allow(globex_policy(documents), "ecs:UpdateCluster", arn("ecs", "cluster/*"))


def settings_of_the_database(documents: Documents) -> None:
    allow(globex_policy(documents), "rds:ModifyDBClusterParameterGroup", arn("rds", "cluster-pg:*"))


def traffic_of_any_interface(documents: Documents) -> None:
    interfaces = arn("ec2", "network-interface/*")
    allow(retail_policy(documents), "ec2:CreateTrafficMirrorSession", interfaces)


def requests_behind_the_firewall(documents: Documents) -> None:
    _of_the_platform(documents, "aws_wafv2_web_acl", name="own", scope="REGIONAL")
    allow(globex_policy(documents), "wafv2:GetSampledRequests", arn("wafv2", "regional/webacl/*"))


def names_of_the_zone(documents: Documents) -> None:
    record = {"zone_id": "Z0123456789ABCDEFGHIJ", "name": "*.apps.example.com", "type": "A"}
    _of_the_platform(documents, "aws_route53_record", **record)
    zones = "arn:aws:route53:::hostedzone/*"
    allow(globex_policy(documents), "route53:ChangeResourceRecordSets", zones)


def alarms_of_anybody(documents: Documents) -> None:
    _of_the_platform(documents, "aws_cloudwatch_metric_alarm", alarm_name="own")
    allow(globex_policy(documents), "cloudwatch:DisableAlarmActions", arn("cloudwatch", "alarm:*"))


def a_certificate_of_the_platform(documents: Documents) -> None:
    _of_the_platform(documents, "aws_acm_certificate", domain_name="apps.example.com")
    allow(globex_policy(documents), "acm:ExportCertificate", arn("acm", "certificate/*"))


HOLES = [
    Hole(traces_of_everybody, R, A, "account", "xray:batchgettraces", "#Hole"),
    Hole(calls_of_everybody, R, A, "account", "cloudtrail:lookupevents", "#Hole"),
    Hole(figures_of_everybody, R, A, "account", "cloudwatch:getmetricdata", "#Hole"),
    Hole(the_configuration_of_everything, R, A, "account", "config:batchgetresourceconfig", "#Hole"),
    Hole(what_everybody_costs, R, A, "account", "ce:getcostandusage", "#Hole"),
    Hole(a_trail_of_its_own, R, A, "account", "cloudtrail:createtrail", "trail/retail-"),
    Hole(a_share_of_anything, R, A, "account", "ram:createresourceshare", "resource-share/"),
    Hole(queries_of_any_network, R, A, "account", "route53resolver:associate", "query-log-config/"),
    Hole(names_for_any_network, R, A, "account", "route53resolver:associateresolverrule", "rule/"),
    Hole(a_zone_for_any_network, R, A, "account", "route53:createhostedzone", "#Hole"),
    Hole(any_network_joined_with_another, R, A, "account", "vpc-lattice:create", "association/"),
    Hole(a_stream_of_figures, R, A, "account", "cloudwatch:putmetricstream", "metric-stream/retail-"),
    Hole(telemetry_for_another_account, R, A, "account", "oam:createlink", "link/"),
    Hole(a_rule_that_hears_what_others_send, R, A, "events", "events:putrule", "rule/retail-"),
    Hole(a_rule_on_anothers_bus, R, A, "events", "events:putrule", "rule/acme/"),
    Hole(an_archive_of_what_others_send, R, A, "events", "events:createarchive", "archive/retail-"),
    Hole(a_session_with_any_task, G, A, "task", "ssm:startsession", "task/"),
    Hole(the_cluster_of_everybody, G, OWNER, "task", "ecs:updatecluster", "cluster/"),
    Hole(settings_of_the_database, G, OWNER, "database", "rds:modifydbclusterparametergroup", "pg:"),
    Hole(traffic_of_any_interface, R, A, "network", "ec2:createtrafficmirrorsession", "interface/"),
    Hole(requests_behind_the_firewall, G, OWNER, "firewall", "wafv2:getsampledrequests", "webacl/"),
    Hole(names_of_the_zone, G, OWNER, "dns", "route53:changeresourcerecordsets", "hostedzone/"),
    Hole(alarms_of_anybody, G, OWNER, "monitoring", "cloudwatch:disablealarmactions", "alarm:"),
    Hole(a_certificate_of_the_platform, G, OWNER, "certificate", "acm:exportcertificate", "certificate/"),
]


# Safe neighbours


def the_own_traces_are_written(documents: Documents) -> None:
    allow(retail_policy(documents), ["xray:PutTraceSegments", "xray:GetSamplingRules"])


def the_own_figures_are_written(documents: Documents) -> None:
    allow(retail_policy(documents), "cloudwatch:PutMetricData")


def a_right_on_no_resource_of_the_service(documents: Documents) -> None:
    """AWS grants nothing by it: `BatchGetTraces` is on no resource, and only a star covers that."""
    allow(retail_policy(documents), "xray:BatchGetTraces", "arn:aws:s3:::*")


def a_rule_on_the_own_bus(documents: Documents) -> None:
    for stack, name in ((ACME, "acme"), (RETAIL, "retail")):
        add(documents, stack, "aws_cloudwatch_event_bus", "own", {"name": name})
    pattern = json.dumps({"source": ["orders"]})
    body = {"name": "hears", "event_bus_name": "acme", "event_pattern": pattern}
    add(documents, ACME, "aws_cloudwatch_event_rule", "own", body)
    allow(retail_policy(documents), "events:PutRule", arn("events", "rule/retail/*"))


def an_alarm_of_its_own(documents: Documents) -> None:
    allow(
        retail_policy(documents), "cloudwatch:PutMetricAlarm", arn("cloudwatch", "alarm:tenant-retail-co-*")
    )


def what_is_behind_no_resource_is_listed(documents: Documents) -> None:
    listing = ["wafv2:ListWebACLs", "route53:ListHostedZones", "acm:ListCertificates", "ecs:ListTasks"]
    allow(retail_policy(documents), listing)


SAFE = [
    the_own_traces_are_written,
    the_own_figures_are_written,
    a_rule_on_the_own_bus,
    a_right_on_no_resource_of_the_service,
    an_alarm_of_its_own,
    what_is_behind_no_resource_is_listed,
]
