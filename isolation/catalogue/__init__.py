"""What is known of AWS and written down by hand: tables, no logic, and no import from the rest of the prover."""
