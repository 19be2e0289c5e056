"""The provider that the deployment tests share between the commands of a root."""

from pathlib import Path

import pytest

from emulator.processes import is_alive
from tests.attached_provider import Terraform
from tests.emulator import roots


@pytest.mark.deployment
def test_one_provider_that_init_installed_serves_all_commands_of_a_root(tmp_path: Path) -> None:
    """What it says of a bad argument comes from the provider: Terraform alone does not know it."""
    resources: dict[str, roots.Block] = {"aws_vpc.main": {"cidr_block": "10.0.0.0/16"}}
    with Terraform({}, folder=tmp_path) as terraform:
        root = terraform.root(roots.write_root(tmp_path / "root", resources=resources))
        assert terraform.providers == {}
        root.init()
        assert '"h1:' in (root.folder / ".terraform.lock.hcl").read_text()
        (provider,) = terraform.providers.values()
        assert root.validate().errors == ()
        roots.write_root(root.folder, resources={"aws_vpc.main": {"cidr_block": "nonsense"}})
        (error,) = root.validate().errors
        assert "invalid CIDR address: nonsense" in error.summary + error.detail
        root.init()
        assert list(terraform.providers.values()) == [provider]
        assert is_alive(provider.process.pid)
    assert provider.process.returncode is not None


@pytest.mark.deployment
def test_terraform_uses_the_provider_that_runs(tmp_path: Path) -> None:
    """Once it is gone, nothing starts another in its place."""
    with Terraform({}, folder=tmp_path) as terraform:
        root = terraform.root(roots.write_root(tmp_path / "root", resources={"aws_vpc.main": {}}))
        root.init()
        (provider,) = terraform.providers.values()
        provider.process.kill()
        provider.process.wait()
        assert [error.summary for error in root.validate().errors] == ["Failed to load plugin schemas"]
