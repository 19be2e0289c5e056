"""What AWS offers, as of a date: values that expire, each with its source. It imports nothing of ours."""
