"""What the questions are about: who makes a request, and what must not be reached."""
