"""Puts back what one tenant had at an earlier time: objects from their versions, items from a table restored beside."""
