"""`assign key`: one's own keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigncli.cli.frame import current_globals, environ, group, out
from assigncli.cli.output import Field, Line, Record
from assigncli.cli.private_keys import place_words
from assigncli.cli.session import opened
from assigncli.config import Keys, load_profile
from assigncli.locale import N_, _, ngettext, pgettext

if TYPE_CHECKING:
    from assigncli.server.reads.own_keys import Key

app = group(N_("Show your own keys."))


@app.command("list", help=N_("List your certificates, and the fingerprint to read out."))
def list_() -> None:
    from assigncli.server.reads import own_keys

    profile = load_profile(current_globals().profile, environ())
    with opened(profile) as session:
        found = own_keys.list_keys(session.turn)
        out().listing(
            "keys",
            ngettext("{count} key.", "{count} keys.", len(found)).format(count=len(found)),
            [_record(each, profile.keys) for each in found],
        )


def _record(found: Key, keys: Keys) -> Record:
    if found.revoked_at is not None:
        state, words = "revoked", pgettext("certificate", "revoked")
    elif found.certificate_id is None:
        state, words = "requested", _("waiting for approval")
    else:
        state, words = "active", pgettext("certificate", "active")
    return Record(
        (
            Field("handle", _("Handle"), found.handle),
            Field("display_name", _("Name"), found.display_name),
            Field("status", _("Status"), state, words),
            Field("fingerprint", _("Fingerprint"), found.fingerprint),
            Field("keys", _("Private keys"), keys, place_words(keys)),
            Field("issued_at", _("Issued"), found.issued_at),
            Field("certified_until", _("Certified until"), found.certified_until),
            Field("revoked_at", _("Revoked"), found.revoked_at),
            Field("certificate_id", _("Certificate"), found.certificate_id),
        ),
        _lines(found, words, keys),
    )


def _lines(found: Key, state: str, keys: Keys) -> tuple[Line, ...]:
    """What its owner has to read out or to know."""
    calendar = out().calendar
    lines = [
        Line(_("Fingerprint"), found.fingerprint),
        Line(_("Status"), state),
        Line(_("Private keys"), place_words(keys)),
    ]
    if found.issued_at is not None:
        lines.append(Line(_("Issued"), calendar.day_of(found.issued_at)))
    if found.certified_until is not None:
        lines.append(Line(_("Certified until"), calendar.day(found.certified_until)))
    return tuple(lines)
