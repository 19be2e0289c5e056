"""Terraform (or OpenTofu) as a library: find it and its AWS provider, run it, read its plans."""
