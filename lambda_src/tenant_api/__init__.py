"""The tenant API: one tenant's records and objects behind its HTTP API.

`handler` is thin, `routes` is HTTP, `records` and `objects` are logic, `table` and `bucket` are data access.
"""
