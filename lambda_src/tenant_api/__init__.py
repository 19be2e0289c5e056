"""The tenant API: one tenant's records and objects served over HTTP.

| Request | Response |
|---|---|
| `GET /` | 200 with the tenant and the request id; the request is recorded |
| `GET /health` | 200, or 503 with `unreachable` |
| `GET /records?type=&limit=&cursor=` | 200 with `records` and the next `cursor`, null at the end |
| `GET /records/{type}/{id}` | 200 with the version as `ETag`; 404 |
| `PUT /records/{type}/{id}` | a JSON object as body; 201, or 200 with `If-Match`; 409 too many; 412; 428 no version |
| `DELETE /records/{type}/{id}` | with `If-Match`; 204; 404; 412; 428 |
| `GET /objects/{key}` | 200 with the content up to 1 MiB, else 307 to a signed URL; 404; 409 if archived |
| `PUT /objects/{key}` | 201; 413 over 1 MiB; with `?upload_size=` and no body, 200 with a signed URL and its headers |
| `DELETE /objects/{key}` | 204 |

Every route may also respond with 400 for a malformed request, 403 for another tenant's token or for a caller who may
not do this, 404 for an unknown
route, 405 for a method that the route does not allow, 413 for a body that is too large, 503 with `Retry-After` if
DynamoDB or S3 throttles or does not respond, and 500 for anything else. Each of these is a problem document.

`handler` is thin, `routes` is the HTTP layer, `records` and `objects` are the logic, `table` and `bucket` are the data
access.
"""
