"""The database provisioner: a login role and a schema for each tenant, in one database that they share.

`handler` is thin, `request` reads what Terraform sends, `provisioning` is logic, `database` and `credentials` are
data access.
"""
