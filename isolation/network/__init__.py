"""What the network lets through: routes, security groups, endpoint policies and front doors, each by itself."""
