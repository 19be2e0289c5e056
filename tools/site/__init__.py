"""The site of the documentation: `make docs` builds it from README, docs/ and what stands beside them (ADR 30)."""
