"""A client token makes an EC2 request idempotent.

MiniStack ignores the token, so that a request that is sent again makes a second resource, which no state knows. The AWS
provider sends one with CreateFlowLogs, CreateNatGateway, CreateRouteTable and CreateVpcEndpoint.

AWS: EC2 developer guide, "Ensuring idempotency in Amazon EC2 API requests"
(https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html): a retry with the same token and parameters
succeeds without further actions, one with other parameters fails with IdempotentParameterMismatch; the message is the
one of "Error codes for the Amazon EC2 API" (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html).
"""

from typing import Any

from emulator.shims._patching import part, service, wrap_action
from emulator.shims._tokens import Answers

# Those of the guide's list that MiniStack has.
ACTIONS = (
    "CreateEgressOnlyInternetGateway",
    "CreateFlowLogs",
    "CreateLaunchTemplate",
    "CreateManagedPrefixList",
    "CreateNatGateway",
    "CreateNetworkAcl",
    "CreateNetworkInterface",
    "CreateRouteTable",
    "CreateVolume",
    "CreateVpcEndpoint",
    "RunInstances",
)
MISMATCH = "The request uses the same client token as a previous, but non-identical request."


def apply() -> None:
    """Answer a request that was answered before without carrying it out again."""
    ec2 = service("services.ec2")
    value, error = part(ec2, "_p"), part(ec2, "_error")
    answers = Answers(ec2)

    def once(original: Any, request: Any) -> Any:  # noqa: ANN401
        token = value(request, "ClientToken")
        if not token:
            return original(request)
        return answers.once(
            f"{value(request, 'Action')} {token}",
            dict(request),
            lambda: original(request),
            lambda: error("IdempotentParameterMismatch", MISMATCH, 400),
        )

    for action in ACTIONS:
        wrap_action(ec2, "_ACTION_MAP", action, once)
