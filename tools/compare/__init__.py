"""Compares what two revisions of this repository synthesize."""
