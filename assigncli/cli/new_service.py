"""`member approve service`: confirm a server's new key, after its digits were compared."""

from __future__ import annotations

from assigncli.cli.frame import out
from assigncli.cli.input.telephone import typed_in
from assigncli.cli.output import views
from assigncli.cli.session import opened
from assigncli.errors import InvalidInput
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
        digits = fingerprint or typed_in(
            _("The fingerprint that is read to you at the server"),
            waiting.fingerprint,
            "--fingerprint",
            _told(len(waiting.fingerprint.split())),
        )
        done = replace_service.certify_service(session.client, digits)
        out().result(
            _("The server's new key is confirmed. What the old key signs counts no longer."),
            views.record(done, "fingerprint certificate_id replaced_id", ()),
        )


def _told(count: int) -> tuple[str, ...]:
    return (
        _("The server has a new key, which is to sign the audit log from now on."),
        _(
            "Call the server's operator on a number you already know, and let them read the digits "
            "to you. There are {count} groups. Type each group as you hear it."
        ).format(count=count),
    )
