"""Holes in a network that tenants share, and in the names of endpoints; and neighbours that are none."""

from __future__ import annotations

from tests.isolation.holes.editing import PLATFORM, RETAIL, Documents, Json, add, name_of, resource
from tests.isolation.holes.hole import ANONYMOUS, A, G, Hole, R

_INGRESS = "aws_vpc_security_group_ingress_rule"


def _ref(
    documents: Documents, type_: str, start: str = "", attribute: str = "id", stack: str = PLATFORM
) -> str:
    return f"${{{type_}.{name_of(documents, stack, type_, start)}.{attribute}}}"


def _group(documents: Documents, tenant: str) -> str:
    return _ref(documents, "aws_security_group", f"tenants_{tenant}")


def _admit(documents: Documents, **more: object) -> None:
    """Let something in at acme's tasks."""
    body = {"security_group_id": _group(documents, A), "from_port": 80, "to_port": 80, "ip_protocol": "tcp"}
    add(documents, PLATFORM, _INGRESS, "hole", body | more)


def _with_v6(documents: Documents) -> None:
    for subnet in documents[PLATFORM]["resource"]["aws_subnet"].values():
        subnet["ipv6_cidr_block"] = "${cidrsubnet(aws_vpc.network_vpc_4E8F0223.ipv6_cidr_block, 8, 1)}"


def _send(documents: Documents, **more: object) -> None:
    """Let globex's tasks send."""
    add(
        documents,
        PLATFORM,
        "aws_vpc_security_group_egress_rule",
        "hole",
        {"security_group_id": _group(documents, G), "ip_protocol": "-1"} | more,
    )


def a_protocol_by_its_number(documents: Documents) -> None:
    _admit(documents, ip_protocol="6", cidr_ipv4="10.0.0.0/16")


def all_protocols_by_name(documents: Documents) -> None:
    _admit(documents, ip_protocol="ALL", cidr_ipv4="10.0.0.0/16")


def a_rule_of_the_older_kind(documents: Documents) -> None:
    body = {
        "security_group_id": _group(documents, A),
        "type": "ingress",
        "protocol": 6,
        "from_port": "0",
        "to_port": "65535",
        "source_security_group_id": _group(documents, G),
    }
    add(documents, PLATFORM, "aws_security_group_rule", "hole", body)


def a_block_in_the_group_itself(documents: Documents) -> None:
    group = resource(documents, PLATFORM, "aws_security_group", "tenants_acme-corp")
    rule = {"protocol": "tcp", "from_port": 80, "to_port": 80, "security_groups": [_group(documents, G)]}
    group["ingress"] = [rule]


def _in_default_group(documents: Documents, group: str) -> None:
    for tenant in (A, G):
        service = resource(documents, PLATFORM, "aws_ecs_service", f"tenants_{tenant}")
        service["network_configuration"]["security_groups"] = [group]


def both_in_the_default_group(documents: Documents) -> None:
    group = resource(documents, PLATFORM, "aws_default_security_group")
    group["ingress"] = [{"protocol": "-1", "from_port": 0, "to_port": 0, "self": True}]
    group["egress"] = [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}]
    _in_default_group(documents, _ref(documents, "aws_default_security_group"))


def both_in_the_default_group_by_the_vpc(documents: Documents) -> None:
    del documents[PLATFORM]["resource"]["aws_default_security_group"]
    _in_default_group(documents, _ref(documents, "aws_vpc", "", "default_security_group_id"))


def both_without_a_group(documents: Documents) -> None:
    del documents[PLATFORM]["resource"]["aws_default_security_group"]
    for tenant in (A, G):
        service = resource(documents, PLATFORM, "aws_ecs_service", f"tenants_{tenant}")
        del service["network_configuration"]["security_groups"]


def addresses_of_the_other_family(documents: Documents) -> None:
    _with_v6(documents)
    _admit(documents, cidr_ipv6="::/0")
    _send(documents, cidr_ipv6="::/0")


def the_internet_by_the_other_family(documents: Documents) -> None:
    _with_v6(documents)
    _admit(documents, cidr_ipv6="2000::/3")


def a_prefix_list_of_the_own(documents: Documents) -> None:
    body = {"name": "offices", "address_family": "IPv4", "max_entries": 5, "entry": [{"cidr": "10.0.0.0/8"}]}
    add(documents, PLATFORM, "aws_ec2_managed_prefix_list", "offices", body)
    _admit(documents, prefix_list_id="${aws_ec2_managed_prefix_list.offices.id}")


def an_entry_of_a_prefix_list(documents: Documents) -> None:
    a_prefix_list_of_the_own(documents)
    resource(documents, PLATFORM, "aws_ec2_managed_prefix_list")["entry"] = []
    body = {"prefix_list_id": "${aws_ec2_managed_prefix_list.offices.id}", "cidr": "10.0.0.0/9"}
    add(documents, PLATFORM, "aws_ec2_managed_prefix_list_entry", "more", body)


def _database(documents: Documents, owner: str | None, **more: object) -> Json:
    tags = {"tags": {"tenant_id": owner}} if owner else {}
    group = {"vpc_id": _ref(documents, "aws_vpc"), "name": "own-database", **tags}
    admits = {"protocol": "tcp", "from_port": 5432, "to_port": 5432, "cidr_blocks": ["10.0.0.0/16"]}
    add(documents, PLATFORM, "aws_security_group", "own", group | {"ingress": [admits]})
    body = {
        "identifier": "own-database",
        "engine": "postgres",
        "db_subnet_group_name": _ref(documents, "aws_db_subnet_group", "", "name"),
        "vpc_security_group_ids": ["${aws_security_group.own.id}"],
        **tags,
        **more,
    }
    add(documents, PLATFORM, "aws_db_instance", "own", body)
    return admits


def a_database_of_its_own_open_to_the_network(documents: Documents) -> None:
    _database(documents, A)


def a_database_of_its_own_on_the_internet(documents: Documents) -> None:
    _database(documents, A, publicly_accessible=True)["cidr_blocks"] = ["0.0.0.0/0"]


def the_shared_database_on_the_internet(documents: Documents) -> None:
    resource(documents, PLATFORM, "aws_rds_cluster_instance")["publicly_accessible"] = True
    group = _ref(documents, "aws_security_group", "database_security")
    body = {"security_group_id": group, "from_port": 5432, "to_port": 5432, "ip_protocol": "tcp"}
    add(documents, PLATFORM, _INGRESS, "hole", body | {"cidr_ipv4": "0.0.0.0/0"})


def a_load_balancer_of_its_own_open_to_the_network(documents: Documents) -> None:
    tags = {"tags": {"tenant_id": A}}
    admits = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["10.0.0.0/8"]}
    group = {"vpc_id": _ref(documents, "aws_vpc"), "name": "own", "ingress": [admits], **tags}
    add(documents, PLATFORM, "aws_security_group", "own", group)
    body = {
        "name": "own",
        "internal": True,
        "subnets": [_ref(documents, "aws_subnet")],
        "security_groups": ["${aws_security_group.own.id}"],
        **tags,
    }
    add(documents, PLATFORM, "aws_lb", "own", body)


def subnets_in_a_vpc_by_its_id(documents: Documents) -> None:
    for subnet in documents[PLATFORM]["resource"]["aws_subnet"].values():
        subnet["vpc_id"] = "vpc-0123456789abcdef0"
    _admit(documents, cidr_ipv4="10.0.0.0/16")


def _wide_endpoint(documents: Documents, name: str) -> None:
    body = resource(documents, RETAIL, "aws_vpc_endpoint", "network_events")
    body["service_name"] = f"com.amazonaws.us-east-1.{name}"
    del body["policy"]


def an_endpoint_of_the_key_service_by_its_fips_name(documents: Documents) -> None:
    _wide_endpoint(documents, "kms-fips")


def an_endpoint_of_tables_by_its_fips_name(documents: Documents) -> None:
    _wide_endpoint(documents, "dynamodb-fips")


def an_endpoint_of_buckets_by_its_private_name(documents: Documents) -> None:
    _wide_endpoint(documents, "s3-global.accesspoint")


# Neighbours that are no holes


def a_protocol_by_number_from_the_own_group(documents: Documents) -> None:
    _admit(documents, ip_protocol="6", referenced_security_group_id=_group(documents, A))


def rules_of_the_other_family_without_its_addresses(documents: Documents) -> None:
    _admit(documents, cidr_ipv6="::/0")
    _send(documents, cidr_ipv6="::/0")


def a_prefix_list_of_somewhere_else(documents: Documents) -> None:
    a_prefix_list_of_the_own(documents)
    resource(documents, PLATFORM, "aws_ec2_managed_prefix_list")["entry"] = [{"cidr": "192.0.2.0/24"}]


def a_public_database_that_admits_only_its_network(documents: Documents) -> None:
    resource(documents, PLATFORM, "aws_rds_cluster_instance")["publicly_accessible"] = True


def an_empty_default_group(documents: Documents) -> None:
    """Nothing comes in by it, and nothing goes out."""
    service = resource(documents, PLATFORM, "aws_ecs_service", "tenants_acme-corp")
    service["network_configuration"]["security_groups"].append(_ref(documents, "aws_default_security_group"))


SAFE = [
    a_protocol_by_number_from_the_own_group,
    rules_of_the_other_family_without_its_addresses,
    a_prefix_list_of_somewhere_else,
    a_public_database_that_admits_only_its_network,
    an_empty_default_group,
]

HOLES = [
    *(
        Hole(hole, G, A, "network", "", story)
        for hole, story in (
            (a_protocol_by_its_number, "tcp 80"),
            (all_protocols_by_name, "in by shared-platform-test/aws_vpc_security_group_ingress_rule.hole"),
            (a_rule_of_the_older_kind, "aws_security_group_rule.hole"),
            (a_block_in_the_group_itself, "in by shared-platform-test/aws_security_group.tenants_acme"),
            (both_in_the_default_group, "in by shared-platform-test/aws_default_security_group"),
            (both_in_the_default_group_by_the_vpc, "in by shared-platform-test/aws_vpc"),
            (both_without_a_group, "in by shared-platform-test/aws_vpc"),
            (addresses_of_the_other_family, "from ::/0"),
            (a_prefix_list_of_the_own, "from 10."),
            (an_entry_of_a_prefix_list, "from 10."),
            (a_database_of_its_own_open_to_the_network, "aws_db_instance.own"),
            (a_load_balancer_of_its_own_open_to_the_network, "aws_lb.own"),
            (
                subnets_in_a_vpc_by_its_id,
                "in by shared-platform-test/aws_vpc_security_group_ingress_rule.hole",
            ),
        )
    ),
    Hole(the_internet_by_the_other_family, ANONYMOUS, A, "network", "", "2000::/3"),
    Hole(a_database_of_its_own_on_the_internet, ANONYMOUS, A, "network", "", "on the internet"),
    Hole(the_shared_database_on_the_internet, ANONYMOUS, "(platform)", "network", "", "on the internet"),
    Hole(an_endpoint_of_the_key_service_by_its_fips_name, R, A, "network", "", "without a policy"),
    Hole(an_endpoint_of_tables_by_its_fips_name, R, A, "network", "", "without a policy"),
    Hole(an_endpoint_of_buckets_by_its_private_name, R, A, "network", "", "without a policy"),
]
