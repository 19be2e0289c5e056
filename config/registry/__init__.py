"""The tenant registry: its models, the reading of the file, checks across tenants, its JSON Schema."""
