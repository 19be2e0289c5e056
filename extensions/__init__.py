"""Yours: stacks, constructs and functions that this platform does not have (docs/your-own-stack.md).

No version of the platform changes a file below this folder after the first, so that a merge has no conflict here.
"""
