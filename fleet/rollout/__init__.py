"""A rollout: a release reaches the stacks, one worker for each, wave by wave."""
