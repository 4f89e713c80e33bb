"""An assignment as it is stored, beside the entries that tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from assigncli.domain.actions import NAMING, Action
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.texts import Text
from assigncli.server.projection.happening import Happening
from assigncli.server.projection.sealed import SealedColumns
from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.raw import Raw
from assigncli.server.store.tables import Assignment

_KEPT_TEXTS: Final = ("title", "subject_reference")
"""The texts that the archive keeps until the assignment is erased."""


@dataclass(frozen=True)
class ToldRow:
    """An assignment as stored in `table`, its steps by status, and all its entries, in order."""

    table: type[Assignment] | type[ArchivedAssignment]
    row: Raw
    steps: Mapping[str, Happening]
    happened: Sequence[Happening]

    @property
    def number(self) -> int | None:
        """The row's number; None where it holds no number."""
        found = self.row["number"]
        return found if isinstance(found, int) else None

    def last(self, *actions: str) -> Happening | None:
        """Return the last entry with one of these actions, or None."""
        return next((each for each in reversed(self.happened) if each.act in actions), None)

    def first(self, *actions: str) -> Happening | None:
        """Return the first entry with one of these actions, or None."""
        return next((each for each in self.happened if each.act in actions), None)

    @property
    def erased(self) -> Happening | None:
        """The entry that erased it, or None."""
        return self.first(Action.ASSIGNMENT_ERASED)

    @property
    def sealed(self) -> SealedColumns | None:
        """What the row's manifest covers, if it is the one named last; otherwise None."""
        naming = self.last(*NAMING)
        body = self.row["manifest_body"]
        try:
            sealed = SealedColumns(
                Manifest.decode(body),
                body,
                self.row.get("manifest_signature", b""),
                None,
                {} if self.table is Assignment or self.erased else _kept_texts(self.row),
            )
        except (ValueError, TypeError, AttributeError):
            return None
        fits = naming is not None and naming.facts.get("manifest") == sealed.hash
        return sealed if fits else None


def _kept_texts(row: Raw) -> dict[str, Text]:
    """Return the texts that the archive keeps; TypeError for an invalid one."""
    found: dict[str, Text] = {}
    for name in _KEPT_TEXTS:
        text, salt = row[name], row[f"{name}_salt"]
        if not isinstance(text or "", str) or not isinstance(salt, bytes):
            raise TypeError(name)
        found[name] = Text(salt, text or "")
    return found
