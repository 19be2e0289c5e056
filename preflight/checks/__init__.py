"""One check a file: a question to the account whose answer a deployment depends on."""
