"""A listener has certificates beside its default one.

MiniStack does not know the requests for them.

AWS: Elastic Load Balancing API reference, version 2015-12-01. AddListenerCertificates ("If the certificate in already
in the certificate list, the call is successful but the certificate is not added again"), DescribeListenerCertificates
(the default certificate first, with `IsDefault`), RemoveListenerCertificates; the errors `ListenerNotFound` and
`CertificateNotFound`
(https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddListenerCertificates.html).
"""

from collections.abc import Callable, Iterable
from typing import Any

from emulator.patches import PatchError
from emulator.shims._patching import part, service

Request = dict[str, Any]
Listener = dict[str, Any]
FURTHER = "further_certificates"
"""The field in which a listener keeps them."""


def apply() -> None:
    """Add the three requests."""
    actions = part(service("services.alb"), "_ACTION_MAP")
    for action, act in (
        ("AddListenerCertificates", _add),
        ("DescribeListenerCertificates", _describe),
        ("RemoveListenerCertificates", _remove),
    ):
        if action in actions:
            raise PatchError(
                f"MiniStack knows {action}: remove this shim if its test shows that it has caught up"
            )
        actions[action] = _of_a_listener(act)


def _of_a_listener(act: Callable[[Listener, Request], Any]) -> Callable[[Request], Any]:
    elb = service("services.alb")
    listeners, value = part(elb, "_listeners"), part(elb, "_p")

    def handle(request: Request) -> Any:  # noqa: ANN401
        arn = value(request, "ListenerArn")
        if arn not in listeners:
            return part(elb, "_error")("ListenerNotFound", f"Listener '{arn}' not found")
        return act(listeners[arn], request)

    return handle


def _add(listener: Listener, request: Request) -> Any:  # noqa: ANN401
    elb, known = service("services.alb"), part(service("services.acm"), "_certificates")
    wanted = part(elb, "_parse_certificate_arns")(request)
    for arn in wanted:
        if arn not in known:
            return part(elb, "_error")("CertificateNotFound", f"Certificate ARN '{arn}' is not valid")
    further = listener.setdefault(FURTHER, [])
    further += [arn for arn in wanted if arn not in further]
    return _answer("AddListenerCertificates", _shown(wanted, default=False))


def _describe(listener: Listener, _request: Request) -> Any:  # noqa: ANN401
    first = _shown(listener.get("Certificates", ()), default=True)
    return _answer("DescribeListenerCertificates", first + _shown(listener.get(FURTHER, ()), default=False))


def _remove(listener: Listener, request: Request) -> Any:  # noqa: ANN401
    unwanted = part(service("services.alb"), "_parse_certificate_arns")(request)
    listener[FURTHER] = [arn for arn in listener.get(FURTHER, ()) if arn not in unwanted]
    return part(service("services.alb"), "_xml")(200, "RemoveListenerCertificates", "")


def _answer(action: str, shown: str) -> Any:  # noqa: ANN401
    return part(service("services.alb"), "_xml")(200, action, f"<Certificates>{shown}</Certificates>")


def _shown(arns: Iterable[str], *, default: bool) -> str:
    word = "true" if default else "false"
    return "".join(
        f"<member><CertificateArn>{arn}</CertificateArn><IsDefault>{word}</IsDefault></member>"
        for arn in arns
    )
