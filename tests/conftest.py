"""What all tests share. jsii is prepared before any test imports `cdktf` or `constructs`."""

import synthesis.jsii  # noqa: F401, I001 (first)
import tests.unchecked  # noqa: F401 (before cdktf)

from hypothesis import settings

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("any_machine", deadline=None)
# For `make check` (`--hypothesis-profile=quick`): fewer examples, the explicit ones among them.
settings.register_profile("quick", deadline=None, max_examples=15)
settings.load_profile("any_machine")
