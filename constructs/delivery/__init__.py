"""The engine of rollouts on AWS: releases, records, a state machine, and the builds that it starts."""
