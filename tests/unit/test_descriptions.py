"""AWS's descriptions of its services, which the tests' sessions share."""

import boto3


def test_two_sessions_have_one_loader() -> None:
    first, second = (boto3.session.Session(region_name="us-east-1") for _ in range(2))
    loaders = [session._session.get_component("data_loader") for session in (first, second)]
    assert loaders[0] is loaders[1]
    assert "dynamodb" in first.get_available_services()
