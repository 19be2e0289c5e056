"""Everything that is decided before a construct exists: settings, registry, naming, profiles.

Pure Python: nothing here imports cdktf, and nothing here reads a file or the environment unless told which.
"""
