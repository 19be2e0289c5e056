"""HTTP: one method per route, on Powertools' event handler."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from botocore.exceptions import BotoCoreError, ClientError

from tenant_api import objects, record_input
from tenant_api.bucket import (
    URL_LIFETIME_SECONDS,
    Bucket,
    ObjectArchivedError,
    ObjectMissingError,
    ObjectNotArchivedError,
    ObjectTooLargeError,
)
from tenant_api.problems import PROBLEM_JSON, Problem, bad_request, busy, internal
from tenant_api.records import Records
from tenant_api.requests import body_of
from tenant_api.table import Table
from tenant_api.uploads import Uploads

# The error codes by which DynamoDB and S3 ask for fewer or later calls:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_THROTTLED = frozenset(
    {
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottlingException",
        "503",
    }
)

# Powertools' `<name>` matches only some characters: here whole segments match, and the routes check them.
_ROOT, _HEALTH, _RECORDS = "/", "/health", "/records"
_RECORD = r"/records/(?:[^/]*)/(?:[^/]*)"
_OBJECT = r"/objects(?:/(?:(?s:.)*))?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the routes use.

    Attributes:
        tenant_id: The tenant that the API serves.
        table: The tenant's table.
        bucket: The tenant's bucket.
        records: The records in that table.
        uploads: What lets objects into that bucket.
        logger: The function's logger.
    """

    tenant_id: str
    table: Table
    bucket: Bucket
    records: Records
    uploads: Uploads
    logger: Logger


class Routes:
    """The tenant API's routes."""

    def __init__(self, services: Services) -> None:
        self.app = APIGatewayHttpResolver()
        self._services = services
        self._table: tuple[tuple[str, dict[str, Callable[[], Response[Any]]]], ...] = (
            (_ROOT, {"GET": self._root}),
            (_HEALTH, {"GET": self._health}),
            (_RECORDS, {"GET": self._list_records}),
            (_RECORD, {"GET": self._get_record, "PUT": self._put_record, "DELETE": self._delete_record}),
            (
                _OBJECT,
                {
                    "GET": self._get_object,
                    "PUT": self._put_object,
                    "POST": self._restore_object,
                    "DELETE": self._delete_object,
                },
            ),
        )
        for rule, methods in self._table:
            for method, function in methods.items():
                self.app.route(rule, method=method)(function)
        self.app.exception_handler(Problem)(self.problem_response)
        self.app.exception_handler(ClientError)(self._client_error)
        self.app.exception_handler(BotoCoreError)(self._unreachable)
        self.app.not_found(self._no_route)

    def resolve(self, event: dict[str, Any], context: Any) -> dict[str, Any]:  # noqa: ANN401  # Powertools takes anything
        """Respond to one checked event."""
        return self.app.resolve(event, context)

    # Errors

    def problem_response(self, problem: Problem) -> Response[Any]:
        """Return `problem` as an HTTP response."""
        request_id = self.app.lambda_context.aws_request_id
        return Response(
            status_code=problem.status.value,
            content_type=PROBLEM_JSON,
            body=problem.document(request_id),
            headers=problem.headers,
        )

    def _client_error(self, error: ClientError) -> Response[Any]:
        code = error.response["Error"]["Code"]
        # The message may name resources and principals. The code is enough to find the rest in CloudTrail.
        self._services.logger.error("AWS refused", operation=error.operation_name, code=code)
        return self.problem_response(busy() if code in _THROTTLED else internal())

    def _unreachable(self, error: BotoCoreError) -> Response[Any]:
        self._services.logger.error("AWS did not answer", error=type(error).__name__)
        return self.problem_response(busy())

    def _no_route(self, _: NotFoundError) -> Response[Any]:
        path = self.app.current_event.path
        for rule, methods in self._table:
            if re.fullmatch(rule, path):
                allowed = ", ".join(sorted(methods))
                return self.problem_response(
                    Problem(
                        HTTPStatus.METHOD_NOT_ALLOWED,
                        "method-not-allowed",
                        f"This path allows {allowed}.",
                        headers={"Allow": allowed},
                    )
                )
        return self.problem_response(
            Problem(HTTPStatus.NOT_FOUND, "unknown-route", "There is no such route.")
        )

    # What the routes read from the request

    def _header(self, name: str) -> str | None:
        return self.app.current_event.headers.get(name)

    def _query(self, name: str) -> str | None:
        return (self.app.current_event.query_string_parameters or {}).get(name)

    def _body(self) -> bytes:
        return body_of(self.app.current_event.raw_event)

    def _record_key(self) -> tuple[str, str]:
        _, _, type_, id_ = self.app.current_event.path.split("/")
        return record_input.check_type(type_), record_input.check_id(id_)

    def _object_key(self) -> str:
        return objects.check_key(self.app.current_event.path.removeprefix("/objects").removeprefix("/"))

    def _precondition(self) -> record_input.Precondition:
        return record_input.parse_precondition(self._header("if-match"), self._header("if-none-match"))

    # The routes

    def _root(self) -> Response[Any]:
        request_id = self.app.lambda_context.aws_request_id
        at = self._services.records.note_request(request_id)
        tenant_id = self._services.tenant_id
        return _json(
            HTTPStatus.OK,
            {
                "message": f"Hello from tenant {tenant_id}",
                "tenant_id": tenant_id,
                "request_id": request_id,
                "time": at,
            },
        )

    def _health(self) -> Response[Any]:
        checks = {"table": self._services.table.ping, "bucket": self._services.bucket.ping}
        unreachable = []
        for name, ping in checks.items():
            try:
                ping()
            except (BotoCoreError, ClientError) as error:
                self._services.logger.warning("unhealthy", store=name, error=type(error).__name__)
                unreachable.append(name)
        if unreachable:
            raise Problem(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "unhealthy",
                f"Not reachable: {', '.join(unreachable)}.",
                headers={"Retry-After": "5"},
                extra={"unreachable": unreachable},
            )
        return _json(HTTPStatus.OK, {"status": "ok", "checks": dict.fromkeys(checks, "ok")})

    def _list_records(self) -> Response[Any]:
        type_ = self._query("type")
        page, cursor = self._services.records.page(
            record_input.check_type(type_) if type_ is not None else None,
            limit=record_input.check_limit(self._query("limit")),
            cursor=self._query("cursor"),
        )
        return _json(HTTPStatus.OK, {"records": [record.view() for record in page], "cursor": cursor})

    def _get_record(self) -> Response[Any]:
        record = self._services.records.get(*self._record_key())
        return _json(HTTPStatus.OK, record.view(), {"ETag": record.etag})

    def _put_record(self) -> Response[Any]:
        type_, id_ = self._record_key()
        precondition = self._precondition()
        record = self._services.records.put(type_, id_, record_input.parse_data(self._body()), precondition)
        status = HTTPStatus.OK if precondition.exists else HTTPStatus.CREATED
        return _json(status, record.view(), {"ETag": record.etag})

    def _delete_record(self) -> Response[Any]:
        type_, id_ = self._record_key()
        self._services.records.delete(type_, id_, self._precondition())
        return Response(status_code=HTTPStatus.NO_CONTENT.value, body="")

    def _get_object(self) -> Response[Any]:
        key = self._object_key()
        try:
            found = self._services.bucket.get(key, limit=objects.INLINE_LIMIT)
        except ObjectMissingError as error:
            raise _no_such_object() from error
        except ObjectArchivedError as error:
            raise Problem(
                HTTPStatus.CONFLICT,
                "object-archived",
                "The object is archived. POST the same path with ?restore, and read it some hours later.",
            ) from error
        except ObjectTooLargeError:
            url = self._services.bucket.download_url(key)
            location = {"url": url, "method": "GET", "expires_in": URL_LIFETIME_SECONDS}
            return _json(HTTPStatus.TEMPORARY_REDIRECT, location, {"Location": url})
        response: Response[Any] = Response(
            status_code=HTTPStatus.OK.value,
            content_type=found.content_type,
            # Encoded here, because Powertools would serialize the bytes of a JSON document once more.
            body=base64.b64encode(found.content).decode(),
            # A browser must not run an upload as a page of the API's own origin.
            headers={"Content-Disposition": "attachment"},
        )
        response.base64_encoded = True
        return response

    def _put_object(self) -> Response[Any]:
        key = self._object_key()
        content_type = objects.check_media_type(self._header("content-type"))
        announced = self._query("upload_size")
        if announced is not None:
            size = objects.check_upload_size(announced)
            return _json(HTTPStatus.OK, self._services.uploads.url(key, size, content_type))
        body = self._body()
        self._services.uploads.store(key, body, content_type)
        return _json(HTTPStatus.CREATED, {"key": key, "size": len(body), "content_type": content_type})

    def _restore_object(self) -> Response[Any]:
        key = self._object_key()
        if self._query("restore") is None:
            raise bad_request("unknown-operation", "An object takes POST with ?restore alone.")
        try:
            self._services.bucket.restore(key)
        except ObjectMissingError as error:
            raise _no_such_object() from error
        except ObjectNotArchivedError as error:
            raise Problem(
                HTTPStatus.CONFLICT, "object-not-archived", "The object is not archived: it can be read."
            ) from error
        return _json(HTTPStatus.ACCEPTED, {"key": key, "status": "restoring"})

    def _delete_object(self) -> Response[Any]:
        self._services.bucket.delete(self._object_key())
        return Response(status_code=HTTPStatus.NO_CONTENT.value, body="")


def _no_such_object() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "object-not-found", "There is no such object.")


def _json(status: HTTPStatus, value: object, headers: Mapping[str, str] | None = None) -> Response[Any]:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(status_code=status.value, content_type="application/json", body=text, headers=headers)
