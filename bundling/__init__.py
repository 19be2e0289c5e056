"""The zip of each Lambda function: its dependencies vendored, the same bytes on every machine.

CDK calls this bundling. The folder is not called `packaging`: a library of that name is on every Python's path, and the
repository's root comes first on ours (docs/decisions/0012).
"""
