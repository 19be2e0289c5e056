"""Scans what is synthesized for known weaknesses: checkov, AWS's IAM definitions, and assertions of our own."""
