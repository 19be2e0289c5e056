"""Asks the AWS provider which arguments it replaces a resource for."""
