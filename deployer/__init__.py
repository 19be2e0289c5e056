"""What whoever deploys needs in AWS: the IAM policies of the deployer's role, printed by `python -m deployer`."""
