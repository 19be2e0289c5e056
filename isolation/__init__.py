"""Proves from the synthesized Terraform JSON that no tenant reaches another. See docs/isolation.md."""
