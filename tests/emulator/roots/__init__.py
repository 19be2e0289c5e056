"""Small Terraform roots that use each resource type in the way of this application's stacks."""

from tests.emulator.roots.api import api
from tests.emulator.roots.data_stores import data_stores
from tests.emulator.roots.network import network
from tests.emulator.roots.platform import platform
from tests.emulator.roots.writing import Block, allow, policy, trust, write_root

__all__ = ["Block", "allow", "api", "data_stores", "network", "platform", "policy", "trust", "write_root"]
