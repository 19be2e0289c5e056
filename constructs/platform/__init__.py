"""What the Fargate tenants share."""
