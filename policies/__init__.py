"""IAM policies as typed values. Pure Python: nothing here imports cdktf or anything else of ours."""
