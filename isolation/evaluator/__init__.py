"""Decides one request without formulas or solver: an independent check of the encoding, with no code in common."""
