"""The verdicts: for each attacker, each owner and each kind of resource."""
