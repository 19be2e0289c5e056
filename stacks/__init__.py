"""One file a stack: provider, backend, a composition of constructs, outputs."""
