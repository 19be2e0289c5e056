"""Running Terraform, on roots of its built-in resources: they need neither AWS nor a provider."""

import json
from pathlib import Path

import pytest

from terraform.errors import TerraformError
from terraform.runner import Root, Terraform

pytestmark = pytest.mark.deployment


def root_of(terraform: Terraform, folder: Path, **document: object) -> Root:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "root.tf.json").write_text(json.dumps(document))
    return terraform.root(folder)


def test_a_root_is_applied_read_and_destroyed(tmp_path: Path) -> None:
    def greeting(text: str) -> dict[str, object]:
        return {
            "resource": {"terraform_data": {"greeting": {"input": text}}},
            "output": {"said": {"value": "${terraform_data.greeting.output}"}},
        }

    with Terraform({}, folder=tmp_path) as terraform:
        root = root_of(terraform, tmp_path / "root", **greeting("hello"))
        root.init()
        assert (root.validate().errors, root.validate().warnings) == ((), ())
        assert root.addresses() == []
        assert [change.actions for change in root.plan().changes] == [("create",), ("create",)]
        root.apply()
        assert root.plan().empty
        assert root.addresses() == ["terraform_data.greeting"]
        assert root.outputs() == {"said": "hello"}
        root_of(terraform, tmp_path / "root", **greeting("bye"))
        changed = {change.address: change for change in root.plan().changes}
        assert changed["terraform_data.greeting"].actions == ("update",)
        root.destroy()
        assert root.addresses() == []


def test_a_failure_shows_the_last_lines(tmp_path: Path) -> None:
    with Terraform({}, folder=tmp_path) as terraform:
        root = root_of(terraform, tmp_path / "root", output={"bad": {"value": "${nothing.at_all}"}})
        root.init()
        found = root.validate()
        assert [error.summary for error in found.errors] == ["Reference to undeclared resource"]
        with pytest.raises(TerraformError, match=r"(?s)terraform plan in .* failed:.*undeclared resource"):
            root.plan()


def test_an_overrun_keeps_what_exists_in_the_state_and_leaves_no_lock(tmp_path: Path) -> None:
    """Interrupted, not killed. The time is doubled until Terraform has begun its work on this machine."""
    with Terraform({"PATH": "/usr/bin:/bin"}, folder=tmp_path) as terraform:
        for seconds in (4, 8, 16, 32, 64, 128):
            folder = tmp_path / f"root-{seconds}"
            begun = folder / "begun"
            # Longer than the last try; the interrupt ends it.
            endless = {"local-exec": {"command": f"touch '{begun}'; exec sleep 600"}}
            resource = {"terraform_data": {"slow": {"provisioner": [endless]}}}
            root = root_of(terraform, folder, resource=resource)
            root.init()
            with pytest.raises(TerraformError, match=f"terraform apply in .* took longer than {seconds} s:"):
                root.apply(timeout=seconds)
            if begun.exists():
                break
        assert begun.exists()
        assert root.addresses() == ["terraform_data.slow"]
        assert not list(folder.glob(".*.lock.info"))
