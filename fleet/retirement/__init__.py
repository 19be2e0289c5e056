"""A tenant leaves: disabled, exported, unprotected, destroyed, looked for in AWS, and a receipt of all that."""
