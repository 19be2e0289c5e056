"""What people write, validated whole: environment variables, the tenant registry, the environments' profiles.

Pure Python. Nothing here imports cdktf, and nothing here reads a file or the environment that its caller did not name.
"""
