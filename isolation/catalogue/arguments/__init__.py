"""Every argument of every resource type of the catalogue, and what it is to the proofs."""
