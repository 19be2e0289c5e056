"""What each kind of stack has, in values, for its constructs."""
