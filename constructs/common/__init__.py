"""AWS capabilities that a silo and the shared platform both use."""
