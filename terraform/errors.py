"""What goes wrong with Terraform."""


class TerraformError(Exception):
    """Terraform is missing, failed or took too long; the message says which and why."""
