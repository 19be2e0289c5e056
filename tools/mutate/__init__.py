"""Changes the constructs one argument at a time, and reports each change that no test notices."""
