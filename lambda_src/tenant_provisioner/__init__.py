"""The tenant provisioner: writes a tenant's profile when it has signed up, and says so on the event bus.

`handler` is thin, `signup` reads the event, `provisioning` is logic, `tenant_profiles` and `bus` are data access.
"""
