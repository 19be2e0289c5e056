"""The deployment tests of `tests/aws/` on an account that somebody names: deployed, tested, and taken down again."""
