"""A release: stacks that were synthesized and proved once, kept by digest, and read back by whoever deploys them."""
