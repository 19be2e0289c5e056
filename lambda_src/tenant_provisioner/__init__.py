"""The tenant provisioner: writes a tenant's profile once it has signed up, and announces it on the event bus.

`handler` is thin, `signup` reads the event, `provisioning` is the logic, `tenant_profiles` and `bus` are the data
access.
"""
