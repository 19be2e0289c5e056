"""The report for people, for machines and as a picture: the same bytes for the same stacks."""
