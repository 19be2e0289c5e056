"""Gives one Fargate tenant a new password for the shared database, in a deployed environment."""
