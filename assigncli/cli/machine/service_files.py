"""How to set up `serve` as a service: the files of `examples/`, with where each belongs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from assigncli.cli.demo import examples

PLACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "assign-serve.sysusers": "/etc/sysusers.d/assign.conf",
        "assign-serve.service": "/etc/systemd/system/assign-serve.service",
        "assign-serve.sshd": "/etc/ssh/sshd_config.d/assign.conf",
    }
)


def service_files() -> str:
    """Return the files, each after a line with its place; raises AssignError `examples_missing`."""
    folder = examples()
    return "\n".join(
        f"### {place}\n{(folder / name).read_text(encoding='utf-8')}"
        for name, place in PLACES.items()
    )
