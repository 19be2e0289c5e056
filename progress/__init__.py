"""Says what a command is doing while that takes long; the one place that decides how."""
