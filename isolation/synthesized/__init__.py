"""The synthesized stacks as they are in their JSON, with references resolved. Knows nothing of policies."""
