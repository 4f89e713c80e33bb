"""Look something up at a server in another process: ask, verify the head, and read the document.

What is shown is the server's word. That its log continues what this device has seen is verified.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from assigncli.client import asking
from assigncli.client.client import Client
from assigncli.client.inquiry import Wanted
from assigncli.lookups import Asked, Lookup, Shown, crossing
from assigncli.protocol.evidence import Rows
from assigncli.trust.tampering import answer_malformed


def look(
    client: Client, lookup: Lookup[Asked, Shown], asked: Asked, /, *, is_signed: bool = False
) -> Shown:
    """Return what the server shows the acting member.

    Signed, it is answered whoever's connection it is, which needs the member's keys.
    Raises the error that the server tells, what a refusal of the question means, and Tampered for
    an answer that does not verify or has another type.
    """
    wanted = Wanted(lookup.name, None, crossing.arguments(asked))
    rows = asking.read(client, wanted, asking.by_code, is_signed=is_signed).word.rows
    if "refused" in rows:
        raise _one(rows, "refused", "error", crossing.error)
    shown: Shown = _one(rows, "shown", "document", lambda text: crossing.shown(lookup, text))
    return shown


def _one(rows: Rows, table: str, column: str, read: Callable[[str], Any]) -> Any:
    try:
        (row,) = rows[table]
        text = row[column]
    except (LookupError, ValueError):
        raise answer_malformed() from None
    if not isinstance(text, str):
        raise answer_malformed()
    return read(text)
