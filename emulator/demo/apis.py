"""The tenants' HTTP APIs, called as a user of theirs calls them."""

import contextlib
import re
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

from emulator import server
from emulator.demo.console import say, shown
from emulator.demo.errors import DemoError
from emulator.demo.folder import Folder
from emulator.server import REGION

USER = "demo@example.com"
API_ID = re.compile(r"//([a-z0-9]+)\.execute-api")


def show_call(folder: Folder, endpoint: str, stack: str, api_url: str) -> None:
    """Call a stack's API and print how, with the answer."""
    found = API_ID.search(api_url)
    try:
        how, answer = call_api(endpoint, api_url)
    except (DemoError, ClientError, BotoCoreError) as error:
        say(f"  its API could not be called: {error}")
        return
    if not how.startswith("curl") and found:
        token = folder.path / f"{stack}.token"
        token.touch(mode=0o600)
        token.write_text(how)
        url = f"{endpoint}/_aws/execute-api/{found[1]}/$default/"
        how = f"curl -H \"Authorization: Bearer $(cat '{shown(token)}')\" '{url}'"
    say(f"  call its API:\n    {how}\n    {answer}")


def call_api(endpoint: str, api_url: str) -> tuple[str, str]:
    """Call an HTTP API on the emulator as a user of its own; what to type for it, and the answer.

    Args:
        endpoint: The emulator's URL.
        api_url: The API's URL as the stack's output says; on AWS it would be called as it is.
    """
    found = API_ID.search(api_url)
    if found is None:
        raise DemoError(f"expected the URL of an HTTP API, received {api_url!r}")
    url = f"{endpoint}/_aws/execute-api/{found[1]}/$default/"
    gateway = server.client(endpoint, "apigatewayv2")
    routes = gateway.get_routes(ApiId=found[1])["Items"]
    authorizers = {item["AuthorizerId"]: item for item in gateway.get_authorizers(ApiId=found[1])["Items"]}
    route = routes[0]
    if route["AuthorizationType"] == "AWS_IAM":
        request = AWSRequest(method="GET", url=url)
        SigV4Auth(Credentials(server.ACCOUNT_ID, server.SECRET_KEY), "execute-api", REGION).add_auth(request)
        how = f"curl --aws-sigv4 aws:amz:{REGION}:execute-api '{url}'"
        return f"{how}, as a role of api_callers; the demo is none of them:", _get(url, dict(request.headers))
    jwt = authorizers[route["AuthorizerId"]]["JwtConfiguration"]
    token = _token(endpoint, pool=jwt["Issuer"].rpartition("/")[2], audience=jwt["Audience"][0])
    return token, _get(url, {"Authorization": f"Bearer {token}"})


def _token(endpoint: str, *, pool: str, audience: str) -> str:
    """A token of a demo user, who is made where missing."""
    cognito = server.client(endpoint, "cognito-idp")
    password = f"Aa1!{secrets.token_urlsafe(24)}"
    with contextlib.suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(
            UserPoolId=pool, Username=USER, TemporaryPassword=password, MessageAction="SUPPRESS"
        )
    cognito.admin_set_user_password(UserPoolId=pool, Username=USER, Password=password, Permanent=True)
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=audience,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": USER, "PASSWORD": password},
    )
    return str(answer["AuthenticationResult"]["AccessToken"])


def _get(url: str, headers: Mapping[str, str]) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - the emulator's own URL
    try:
        with opener.open(request, timeout=60) as answer:
            return f"{answer.status} {answer.read().decode()}"
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read().decode()}"
    except OSError as error:
        raise DemoError(f"no answer from {url}: {error}") from error
