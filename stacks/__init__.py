"""One file per kind of stack: provider, backend, a composition of constructs, outputs."""
