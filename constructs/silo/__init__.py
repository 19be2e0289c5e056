"""What a silo tenant has in a stack of its own."""
