"""What goes wrong with Terraform."""


class TerraformError(Exception):
    """Terraform is missing, failed or took too long; the message says which and why.

    Attributes:
        output: All that Terraform printed, or nothing where it did not run.
    """

    def __init__(self, message: str, *, output: str = "") -> None:
        super().__init__(message)
        self.output = output
