"""RDS asks KMS whether the caller may use the keys of a cluster, of its master's secret, and of Performance Insights.

MiniStack stores the keys' ARNs and asks nobody.

AWS: Aurora user guide, "Encrypting Amazon Aurora resources"
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.Keys.html): whoever creates a resource
with a customer managed key needs `CreateGrant` and `DescribeKey`. "Password management with Amazon Aurora and AWS
Secrets Manager" (.../rds-secrets-manager.html#rds-secrets-manager-permissions): for a master's secret with a
customer managed key `DescribeKey`, `CreateGrant`, `Decrypt` and `GenerateDataKey`; Secrets Manager tries the key out
as for every secret (`kms_secrets_manager`). For the key of Performance Insights no page names the rights at creation;
here they are those of the cluster's key.
"""

from __future__ import annotations

from emulator.refusals._kms import CREATE_GRANT, Use, caller, denial
from emulator.refusals._requests import Request, Response, before
from emulator.refusals.kms_secrets_manager import tried
from emulator.shims._patching import part, service

STORAGE = {
    "CreateDBCluster": ("KmsKeyId", "PerformanceInsightsKMSKeyId"),
    "ModifyDBCluster": ("PerformanceInsightsKMSKeyId",),
    "CreateDBInstance": ("KmsKeyId", "PerformanceInsightsKMSKeyId"),
    "ModifyDBInstance": ("PerformanceInsightsKMSKeyId",),
}
USES = (Use(action="DescribeKey"), Use(action=CREATE_GRANT))


def apply() -> None:
    """Ask before a cluster or instance gets a key."""
    before(service("services.rds"), refuse)


def refuse(request: Request) -> Response | None:
    """The refusal of a request, or None."""
    problems = (
        denial(caller(request), request.parameter(name), "rds", *USES)
        for name in STORAGE.get(request.action, ())
    )
    problem = next((found for found in problems if found), None)
    if not problem and request.action in STORAGE:
        problem = _of_secret(request)
    if not problem:
        return None
    made: Response = part(service("services.rds"), "_error")("KMSKeyNotAccessibleFault", problem, 400)
    return made


def _of_secret(request: Request) -> str | None:
    key = request.parameter("MasterUserSecretKmsKeyId")
    if not key:
        return None
    asker = caller(request)
    responses = service("core.responses")
    region, account = part(responses, "get_region")(), part(responses, "get_account_id")()
    arn = f"arn:aws:secretsmanager:{region}:{account}:secret:rds!cluster-000000"
    return (
        denial(asker, key, "rds", Use(action="DescribeKey"))
        or tried(asker, key, arn)
        or denial(asker, key, "secretsmanager", Use(action=CREATE_GRANT))
    )
