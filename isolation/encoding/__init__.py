"""Policies as formulas: the reading of IAM that the proofs rest on."""
