"""What each Fargate tenant has of its own on the shared platform."""
