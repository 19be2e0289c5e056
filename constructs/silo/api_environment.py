"""What the API's function is told of its tenant's data, limits and callers."""

from __future__ import annotations

from constructs.common.customer_key import CustomerKey
from constructs.common.data_bucket import DataBucket
from constructs.silo.metadata_table import MetadataTable
from tenancy.specifications.silo import SiloSpecification


def api_environment(
    plan: SiloSpecification, *, bucket: DataBucket, table: MetadataTable, key: CustomerKey
) -> dict[str, str]:
    """Return the environment variables of the function behind the HTTP API, as `lambda_src/tenant_api` reads them."""
    return {
        "API_CALLERS": _api_callers(plan),
        "DYNAMODB_TABLE": table.name,
        "S3_BUCKET": bucket.name,
        # The ARN: the bucket policy compares what an upload names with it, letter by letter.
        "KMS_KEY_ID": key.arn,
        "LARGEST_OBJECT_BYTES": str(plan.largest_object_bytes),
        "MOST_RECORDS": str(plan.most_records or "unlimited"),
        "MOST_OBJECTS": str(plan.most_objects or "unlimited"),
        "MOST_OBJECT_BYTES": str(plan.most_object_bytes or "unlimited"),
    }


def _api_callers(plan: SiloSpecification) -> str:
    """Return who may call and do what."""
    roles = [*plan.api_callers, *(f"{role}/read" for role in plan.api_readers)]
    if roles:
        return f"roles:{' '.join(roles)}"
    return "users-by-group" if plan.users_by_group else "users"
