"""What the registry and the settings mean, resolved once: the fleet of stacks with everything decided about each.

Pure Python: no cdktf, no file, no environment, no clock.
"""
