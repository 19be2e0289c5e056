"""Measures synthesis, planning, the functions' packages and the prover, as ratios in one run."""
