"""`member approve service`: confirm a server's new key, after its digits were compared."""

from __future__ import annotations

from assigncli.cli.frame import out
from assigncli.cli.input.telephone import typed_in
from assigncli.cli.output import views
from assigncli.cli.session import opened
from assigncli.errors import InvalidInput, Tampered
from assigncli.locale import _


def approve_service(fingerprint: str | None, *, has_more: bool) -> None:
    """Certify the key that waits at the server, with the digits given or typed.

    `has_more` says that roles or a last day were given, which a server has not: InvalidInput
    `service_alone`.
    """
    from assigncli.client import replace_service

    if has_more:
        raise InvalidInput("service_alone")
    with opened(keys=True) as session:
        waiting = replace_service.waiting_service(session.client)
        digits = fingerprint or _typed(waiting.fingerprint)
        done = replace_service.certify_service(session.client, digits)
        out().result(
            _("The server's new key is confirmed. What the old key signs counts no longer."),
            views.record(done, "fingerprint certificate_id replaced_id", ()),
        )


def _typed(expected: str) -> str:
    """Return the digits, once every group was typed as in `expected`; raises Tampered."""
    label = _("The fingerprint that is read to you at the server")
    try:
        return typed_in(label, expected, "--fingerprint", _told(len(expected.split())))
    except Tampered:
        raise Tampered("fingerprint_mismatch", "service") from None


def _told(count: int) -> tuple[str, ...]:
    return (
        _("The server has a new key, which is to sign the audit log from now on."),
        _(
            "Call the server's operator on a number you already know, and let them read the digits "
            "to you. There are {count} groups. Type each group as you hear it."
        ).format(count=count),
    )
