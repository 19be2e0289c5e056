"""What an AWS account says about a deployment before there is one. It reads, and changes nothing."""
