"""What the functions share. Each function's zip holds this package beside the function's own.

`environment` validates environment variables, `telemetry` sets up logs, metrics and traces, `schema` checks events,
`aws` limits how long a client waits, `silo` holds what is true of every tenant's silo, `timestamps` formats times.
"""
