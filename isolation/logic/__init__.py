"""Questions as formulas, and their answers: satisfiable or not, and by what. Knows nothing of AWS but its patterns."""
