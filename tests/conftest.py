"""What all tests share. The engine is prepared before any test imports `cdktf` or `constructs`."""

import config.engine  # noqa: F401
