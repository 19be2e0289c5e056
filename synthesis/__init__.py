"""What synthesis runs on: jsii prepared, and several processes for many stacks."""
