"""The demo: all stacks, deployed with real Terraform on the local AWS (`make demo`, `make demo-down`)."""
