"""The database provisioner: a login role and a schema for each tenant, in the database that they share.

`handler` is thin, `request` reads what Terraform sends, `provisioning` is the logic, `database` and `credentials`
are the data access.
"""
