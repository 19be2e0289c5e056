"""The part of a container's definition that takes its privileges away."""

from __future__ import annotations

from typing import Final

from tenancy.containers import Confinement

FOLDER_MEBIBYTES: Final = 64
"""Of each writable folder at most, out of the task's memory."""
FOLDER_OPTIONS: Final = ("noexec", "nosuid", "nodev")


def confined(confinement: Confinement) -> dict[str, object]:
    """Return what a container definition says so that the container is confined.

    Fargate runs no privileged container, and of the capabilities takes `SYS_PTRACE` alone as an addition; those that
    containers have by default are dropped here
    (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html). Writable folders are in
    memory: a bind mount on Fargate is root's, unless the image declares a volume there
    (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html), and `tmpfs` takes an owner; Fargate
    has it since January 2026
    (https://aws.amazon.com/about-aws/whats-new/2026/01/amazon-ecs-tmpfs-mounts-aws-fargate-managed-instances/).
    Who is not root and has no capability may listen on port 80 because the task's network lets every user
    (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html).
    All read 2026-11-27.
    """
    user, group = confinement.user.split(":")
    options = [*FOLDER_OPTIONS, f"uid={user}", f"gid={group}"]
    return {
        "readonlyRootFilesystem": True,
        "user": confinement.user,
        "linuxParameters": {
            "capabilities": {"add": [], "drop": ["ALL"]},
            "tmpfs": [
                {"containerPath": path, "mountOptions": options, "size": FOLDER_MEBIBYTES}
                for path in confinement.writable_folders
            ],
        },
        "systemControls": [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
    }
