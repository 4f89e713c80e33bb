"""Show a server's new keys that wait for an administrator: the digits, and what is to be run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from assigncli.cli.output import Line, Record, views
from assigncli.cli.output.states import next_line
from assigncli.locale import _

if TYPE_CHECKING:
    from assigncli.cli.session.new_service_keys import WaitingKey

APPROVE: Final = "assign member approve service"


def made(found: Sequence[WaitingKey]) -> tuple[str, Record]:
    """Return the new keys of a store that nobody serves, as a result."""
    if not found:
        return _taken(), views.record(None, "-new_keys", (), new_keys=())
    keys = tuple(
        views.record(
            None,
            "organization fingerprint",
            organization=each.organization,
            fingerprint=each.fingerprint,
        )
        for each in found
    )
    lines = (*(Line(_label(each), each.fingerprint) for each in found), next_line(APPROVE))
    return _waits(), views.record(None, "new_keys", lines, new_keys=keys)


def said(found: Sequence[WaitingKey], *, wanted: bool) -> Iterator[str]:
    """Yield the lines that a server prints before it listens; `wanted`: it was to make keys."""
    if not found:
        yield from (_taken(),) if wanted else ()
        return
    yield _waits()
    for each in found:
        yield f"{_label(each)}: {each.fingerprint}"
    yield _("An administrator runs {command}, and types the digits as you read them.").format(
        command=APPROVE
    )


def _label(each: WaitingKey) -> str:
    return _("Fingerprint of the new key of {organization}").format(organization=each.organization)


def _waits() -> str:
    return _(
        "The server has a new key. Until an administrator has confirmed it, nothing can be done."
    )


def _taken() -> str:
    return _("The server's new key is confirmed already, and has taken the place of the old one.")
