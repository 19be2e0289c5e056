"""Local AWS: starts the emulator and drives Terraform against it, for `make demo` and the tests."""
