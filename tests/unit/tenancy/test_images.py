"""Where an image lies."""

from __future__ import annotations

import pytest

from tenancy.images import EcrRepository, ecr_repository

REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
SHOP = EcrRepository(account="123456789012", region="eu-west-1", name="team/shop")


@pytest.mark.parametrize(
    "image",
    [f"{REGISTRY}/team/shop", f"{REGISTRY}/team/shop:1.2", f"{REGISTRY}/team/shop@sha256:{'0' * 64}"],
)
def test_an_image_of_ecr(image: str) -> None:
    assert ecr_repository(image) == SHOP


@pytest.mark.parametrize(
    "image",
    [
        "nginx:latest",
        "public.ecr.aws/nginx/nginx:1",
        f"evil.com/{REGISTRY}/shop",
        f"{REGISTRY}.evil.com/shop",
    ],
)
def test_an_image_of_another_registry(image: str) -> None:
    assert ecr_repository(image) is None
