"""Compile the catalogues of translations when the package is built or installed for development."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface[Any]):
    """Hatchling's hook: a `.mo` beside each `.po`, which goes into what is built."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write each compiled catalogue; raises babel's error for one that cannot be read."""
        for written in Path(self.root, "assigncli", "locale").rglob("*.po"):
            with written.open("rb") as source, written.with_suffix(".mo").open("wb") as target:
                write_mo(target, read_po(source))
        build_data["artifacts"].append("assigncli/locale/**/*.mo")
