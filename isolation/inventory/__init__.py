"""Reads the model out of the stacks: every role and user, every target, and the policies that belong to each."""
