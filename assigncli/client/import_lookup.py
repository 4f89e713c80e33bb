"""Look up which rows of a sheet were sent before, on the server's word.

A lie does little harm: a row that was sent already is refused when it is sent again, and a row that
is wrongly skipped is reported with the number of another assignment.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from assigncli.domain.imported import Imported
from assigncli.domain.lifecycle import Status
from assigncli.protocol.forms import RecordForm
from assigncli.trust.tampering import answer_malformed, read_or
from assigncli.trust.verification import Verified

_ROW: Final = RecordForm(
    {
        "import_key": "hex32",
        "import_digest": "hex32",
        "id": "id",
        "number": "number",
        "status": "status",
    }
)


def imported(found: Verified) -> dict[bytes, Imported]:
    """Return what was created, by import key; raises Tampered `answer_malformed`."""
    with read_or(answer_malformed):
        rows = found.word.rows.get("imported", [])
        for row in rows:
            _ROW.require(row)
    return {
        bytes.fromhex(row["import_key"]): Imported(
            row["number"],
            UUID(row["id"]),
            Status(row["status"]),
            bytes.fromhex(row["import_digest"]),
        )
        for row in rows
    }
