"""The results of reading a sheet: a checked row, or the problems of a bad one, by place.

A place is the row as a spreadsheet shows it; the header is row 1 if nothing is above it. A row
hides its values from `repr`; a problem has none to hide.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from assigncli.domain.lifecycle import Priority
from assigncli.domain.payload import Payload
from assigncli.errors import Fact, InvalidInput

# json.dumps would make a new encoder for each call.
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A problem and its place: the row and, if there is one, the column by the sheet's own name.

    `code` is stable, for scripts; `why` and `facts` are as in an error.
    """

    row: int
    column: str | None
    code: str
    why: str | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)


class HeaderRefused(InvalidInput):
    """The header does not identify every column; `problems` lists why, in reading order."""

    def __init__(self, problems: Iterable[RowProblem]) -> None:
        """Keep and count the problems; whoever shows the error lists them."""
        self.problems = tuple(problems)
        super().__init__("header_refused", count=len(self.problems))


@dataclass(frozen=True, slots=True, repr=False)
class SheetRow:
    """One assignment from the sheet; it satisfies every rule that needs no database.

    `deadline_days` and `expires` are None if the organisation's default applies; `expires` is the
    last local day included.
    """

    row: int
    payload: Payload
    mentor: str
    title: str
    reference: str | None
    priority: Priority
    deadline_days: int | None
    expires: date | None
    consent: bool
    coordinator_notes: str | None
    external_id: str | None

    def __repr__(self) -> str:
        """Show the row's number and nothing else."""
        return f"SheetRow(row {self.row}, values hidden)"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be dispatched, and every reason found."""

    row: int
    problems: tuple[RowProblem, ...]


def row_identity(row: SheetRow) -> bytes:
    """Return the canonical bytes that identify a row's assignment, for the keyed import hash.

    The external id alone if there is one, else the whole content. Contains personal data in plain
    text: hash it with a key, and keep only the hash.
    """
    if row.external_id is not None:
        return b"external_id\0" + row.external_id.encode()
    return row_content(row)


def row_content(row: SheetRow) -> bytes:
    """Return the canonical bytes of a row's whole content, for the keyed digest of the import.

    Everything that is sent or decides what is sent counts: mentor, title, reference, priority,
    deadline, expiry, consent, notes and the payload; and the external id, so that equal rows under
    two ids differ. The row's place does not count. A value left to the organisation's defaults
    stays open here, so that a changed default changes no row. The bytes do not depend on the
    sheet's encoding, delimiter, quoting, headings, order of columns or date format. They contain
    personal data in plain text: hash them with a key, and keep only the hash.
    """
    content = {
        "mentor": row.mentor,
        "title": row.title,
        "reference": row.reference,
        "priority": row.priority,
        "deadline_days": row.deadline_days,
        "expires": row.expires and row.expires.isoformat(),
        "consent": row.consent,
        "coordinator_notes": row.coordinator_notes,
        "external_id": row.external_id,
    }
    told = _ENCODER.encode(content)
    return b"content\0" + told.encode() + b"\0" + row.payload.to_bytes()
