"""Who reaches what: the pairs that policies can connect, the question for each, and what a caller can become."""
