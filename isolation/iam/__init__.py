"""IAM's policy language as data: parsed statements, and the patterns in them. Decides nothing."""
