"""What another revision of this repository would change in the stacks: synthesized, compared, grouped."""
