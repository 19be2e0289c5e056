"""Holes in what arguments move: data to another owner, data of another owner, another owner's code."""

from __future__ import annotations

import json

from tests.isolation.holes.editing import ACME, PLATFORM, RETAIL, Documents, Json, add, name_of, resource
from tests.isolation.holes.hole import A, G, Hole, R

ARN = "arn:aws:{}:us-east-1:${{data.aws_caller_identity.{}.account_id}}:{}"


def named(documents: Documents, stack: str, type_: str, argument: str, start: str = "") -> str:
    return str(resource(documents, stack, type_, start)[argument])


def retail_arn(documents: Documents, service: str, rest: str) -> str:
    """An ARN of retail-co's as acme-corp's stack writes it."""
    (identity,) = documents[ACME]["data"]["aws_caller_identity"]
    return ARN.format(service, identity, rest)


def retail_queue(documents: Documents) -> str:
    return retail_arn(documents, "sqs", named(documents, RETAIL, "aws_sqs_queue", "name"))


def retail_log(documents: Documents) -> str:
    name = named(documents, RETAIL, "aws_cloudwatch_log_group", "name")
    return retail_arn(documents, "logs", f"log-group:{name}")


def reference(documents: Documents, stack: str, type_: str, attribute: str, start: str = "") -> str:
    return f"${{{type_}.{name_of(documents, stack, type_, start)}.{attribute}}}"


def of(documents: Documents, type_: str, tenant: str) -> Json:
    """A Fargate tenant's resource in the platform's stack."""
    return resource(documents, PLATFORM, type_, f"tenants_{tenant}")


def messages_move_to_anothers_queue(documents: Documents) -> None:
    policy = {"deadLetterTargetArn": retail_queue(documents), "maxReceiveCount": 3}
    resource(documents, ACME, "aws_sqs_queue")["redrive_policy"] = json.dumps(policy)


def events_go_to_anothers_queue(documents: Documents) -> None:
    rule = reference(documents, ACME, "aws_cloudwatch_event_rule", "name")
    add(
        documents, ACME, "aws_cloudwatch_event_target", "hole", {"rule": rule, "arn": retail_queue(documents)}
    )


def events_of_another_are_taken(documents: Documents) -> None:
    queue = reference(documents, RETAIL, "aws_sqs_queue", "arn")
    rule = named(documents, ACME, "aws_cloudwatch_event_rule", "name")
    add(documents, RETAIL, "aws_cloudwatch_event_target", "hole", {"rule": rule, "arn": queue})


def access_is_logged_to_anothers_bucket(documents: Documents) -> None:
    bucket = reference(documents, ACME, "aws_s3_bucket", "id")
    target = named(documents, RETAIL, "aws_s3_bucket", "bucket")
    body = {"bucket": bucket, "target_bucket": target, "target_prefix": ""}
    add(documents, ACME, "aws_s3_bucket_logging", "hole", body)


def objects_are_replicated_to_another(documents: Documents) -> None:
    destination = f"arn:aws:s3:::{named(documents, RETAIL, 'aws_s3_bucket', 'bucket')}"
    rules = [{"id": "all", "status": "Enabled", "destination": [{"bucket": destination}]}]
    role = reference(documents, ACME, "aws_iam_role", "arn")
    resource(documents, ACME, "aws_s3_bucket")["replication_configuration"] = [{"role": role, "rules": rules}]


def traffic_is_logged_to_another(documents: Documents) -> None:
    body = {
        "vpc_id": reference(documents, ACME, "aws_vpc", "id"),
        "log_destination": retail_log(documents),
        "traffic_type": "ALL",
        "iam_role_arn": reference(documents, ACME, "aws_iam_role", "arn"),
    }
    add(documents, ACME, "aws_flow_log", "hole", body)


def a_function_writes_its_log_to_another(documents: Documents) -> None:
    name = named(documents, RETAIL, "aws_cloudwatch_log_group", "name")
    resource(documents, ACME, "aws_lambda_function", "api")["logging_config"] = [{"log_group": name}]


def a_table_is_restored_from_anothers(documents: Documents) -> None:
    body = {
        "name": "retail-restored",
        "restore_source_name": named(documents, ACME, "aws_dynamodb_table", "name"),
        "restore_to_latest_time": True,
    }
    add(documents, RETAIL, "aws_dynamodb_table", "hole", body)


def code_is_taken_from_anothers_bucket(documents: Documents) -> None:
    body = resource(documents, ACME, "aws_lambda_function", "api")
    del body["filename"]
    body["s3_bucket"] = named(documents, RETAIL, "aws_s3_bucket", "bucket")
    body["s3_key"] = "code.zip"


def an_image_is_taken_from_anothers_repository(documents: Documents) -> None:
    add(documents, RETAIL, "aws_ecr_repository", "images", {"name": "retail-images"})
    definition = of(documents, "aws_ecs_task_definition", A)
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/retail-images:latest"
    containers = json.loads(definition["container_definitions"])
    containers[0]["image"] = image
    definition["container_definitions"] = json.dumps(containers)


def a_host_is_sent_to_anothers_tasks(documents: Documents) -> None:
    target = of(documents, "aws_lb_target_group", G)
    name = next(
        name
        for name, body in documents[PLATFORM]["resource"]["aws_lb_target_group"].items()
        if body is target
    )
    action = of(documents, "aws_lb_listener_rule", A)["action"][0]
    action["target_group_arn"] = f"${{aws_lb_target_group.{name}.arn}}"


def a_service_takes_anothers_requests(documents: Documents) -> None:
    taken = of(documents, "aws_ecs_service", A)["load_balancer"][0]["target_group_arn"]
    of(documents, "aws_ecs_service", G)["load_balancer"][0]["target_group_arn"] = taken


def taken_before(documents: Documents, host: str, **more: Json) -> None:
    """Add a rule of globex-inc's that comes before acme-corp's."""
    of(documents, "aws_lb_listener_rule", A)["priority"] = 10
    body = of(documents, "aws_lb_listener_rule", G)
    early = {**body, "priority": 1, "condition": [{"host_header": {"values": [host]}}, *more.values()]}
    add(documents, PLATFORM, "aws_lb_listener_rule", "hole", early)


def host_of(documents: Documents, tenant: str) -> str:
    return str(of(documents, "aws_lb_listener_rule", tenant)["condition"][0]["host_header"]["values"][0])


def anothers_host_is_taken(documents: Documents) -> None:
    taken_before(documents, host_of(documents, A).upper())


def every_host_is_taken(documents: Documents) -> None:
    taken_before(documents, "*." + host_of(documents, A).partition(".")[2])


HOLES = [
    Hole(anothers_host_is_taken, G, A, "network", "", "takes requests for its host"),
    Hole(every_host_is_taken, G, A, "network", "", "takes requests for its host"),
    Hole(messages_move_to_anothers_queue, R, A, "queue", "", "moves messages"),
    Hole(events_go_to_anothers_queue, R, A, "events", "", "sends events to"),
    Hole(events_of_another_are_taken, R, A, "events", "", "takes the events of"),
    Hole(access_is_logged_to_anothers_bucket, R, A, "bucket", "", "writes its access log to"),
    Hole(objects_are_replicated_to_another, R, A, "bucket", "", "replicates its objects to"),
    Hole(traffic_is_logged_to_another, R, A, "network", "", "writes flow logs to"),
    Hole(a_function_writes_its_log_to_another, R, A, "function", "", "writes its log to"),
    Hole(a_table_is_restored_from_anothers, R, A, "table", "", "is restored from"),
    Hole(code_is_taken_from_anothers_bucket, R, A, "function", "", "runs code from"),
    Hole(an_image_is_taken_from_anothers_repository, R, A, "task", "", "runs an image from"),
    Hole(a_host_is_sent_to_anothers_tasks, G, A, "balancer", "", "sends requests to"),
    Hole(a_service_takes_anothers_requests, G, A, "balancer", "", "takes the requests of"),
]
