"""Read the input of commands: days, payload files, addresses. No input is ever repeated."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assigncli.cli.input.sources import first_line, opened_source
from assigncli.errors import InvalidInput
from assigncli.locale import _

if TYPE_CHECKING:
    from assigncli.domain.payload import Payload
    from assigncli.protocol.witnessing import Checkpoint, Submitted

_MAX_LINE: Final = 4096


def day(text: str | None) -> date | None:
    """Return the day written as 31.12.2026 or 2026-12-31; raise InvalidInput `date_invalid`."""
    from assigncli.domain.deadlines import parse_day

    return None if text is None else parse_day(text)


def expiry(text: str | None, zone: str) -> datetime | None:
    """Return the first moment after the local day written, aware UTC; raises as `end_of_day`."""
    from assigncli.domain.deadlines import end_of_day, parse_day

    return None if text is None else end_of_day(parse_day(text), zone)


def payload(source: str) -> Payload:
    """Return the payload from a file or from standard input (`-`).

    Raises InvalidInput `payload_unreadable` and as `Payload.from_json`.
    """
    from assigncli.domain.payload import Payload

    return Payload.from_json(_bytes(source))


def address(source: str | None) -> str:
    """Return a notification address: typed hidden, or the first line of a file or of `-`.

    Raises InvalidInput `channel_unreadable`.
    """
    if source is None:
        from assigncli.cli.input.prompts import ask_secret

        return ask_secret(_("Address for notifications"), option="--channel")
    try:
        if source == "-":
            line = first_line(sys.stdin.buffer, _MAX_LINE)
        else:
            with opened_source(source) as file:
                line = first_line(file, _MAX_LINE)
        return line.decode("utf-8-sig").strip()
    except (OSError, ValueError):
        raise InvalidInput("channel_unreadable") from None


def checkpoint(path: Path) -> tuple[Submitted, Checkpoint]:
    """Return the checkpoint in a file, with the proof above it if there is one.

    Raises InvalidInput `checkpoint_unreadable`, and as `read_submitted`.
    """
    from assigncli.protocol.witnessing import MAX_SUBMITTED
    from assigncli.trust.cosigning import read_submitted

    try:
        with opened_source(path) as file:
            data = file.read(MAX_SUBMITTED + 1)
    except (OSError, ValueError):
        raise InvalidInput("checkpoint_unreadable") from None
    return read_submitted(data)


def _bytes(source: str) -> bytes:
    from assigncli.domain.payload import MAX_BYTES

    try:
        if source == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with opened_source(source) as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        raise InvalidInput("payload_unreadable") from None
