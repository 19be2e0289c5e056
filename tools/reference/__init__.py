"""Pages of the documentation that are written from the code, and compared with it by a test (`make reference`)."""
