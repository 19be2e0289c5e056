"""The tenant API: one tenant's records and objects behind its HTTP API.

| request | answer |
|---|---|
| `GET /` | 200: which tenant, which request; the request is recorded |
| `GET /health` | 200, or 503 with `unreachable` |
| `GET /records?type=&limit=&cursor=` | 200: `records` and the next `cursor`, null at the end |
| `GET /records/{type}/{id}` | 200 with the version as `ETag`; 404 |
| `PUT /records/{type}/{id}` | a JSON object; 201, or 200 with `If-Match`; 412 another version, 428 none given |
| `DELETE /records/{type}/{id}` | with `If-Match`; 204; 404; 412; 428 |
| `GET /objects/{key}` | 200 with the content up to 1 MiB, else 307 to a signed URL; 404; 409 archived |
| `PUT /objects/{key}` | 201; 413 over 1 MiB; with `?upload_size=` and no body 200 with a signed URL and its headers |
| `DELETE /objects/{key}` | 204 |

Everywhere: 400 malformed, 403 another tenant's token, 404 unknown route, 405 another method, 413 over-large,
503 with `Retry-After` a store that throttles or does not answer, 500 anything else; each as a problem document.

`handler` is thin, `routes` is HTTP, `records` and `objects` are logic, `table` and `bucket` are data access.
"""
