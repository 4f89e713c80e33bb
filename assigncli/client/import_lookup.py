"""Which rows of a sheet were sent before, as the server says.

It is the server's word, and costs little where it is a lie: a row that was sent is refused when it
is sent again, and one that is left out is told with the number of the other.
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
    """Return what was made, by import key; raises Tampered `answer_malformed`."""
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
