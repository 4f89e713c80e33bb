"""`assign key`: a member's own keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigncli.cli.frame import current_globals, environ, group, out
from assigncli.cli.output import Record, columns, views
from assigncli.cli.session import opened
from assigncli.cli.session.private_keys import own_fingerprint, place_words
from assigncli.errors import IdentityUnavailable
from assigncli.locale import N_, _, ngettext, pgettext
from assigncli.profiles import Keys, Profile, load_profile

if TYPE_CHECKING:
    from assigncli.lookups.about_members import Key

app = group()


@app.command("list", help=N_("List your certificates, and the fingerprint to read out."))
def list_() -> None:
    from assigncli.lookups import Nothing
    from assigncli.lookups.about_members import KEYS

    profile = load_profile(current_globals().profile, environ())
    try:
        with opened(profile) as session:
            found = session.look(KEYS, Nothing()).keys
    except IdentityUnavailable as error:
        if error.code != "not_approved":
            raise
        found = (_own(profile),)
    out().listing(
        "keys",
        ngettext("{count} key.", "{count} keys.", len(found)).format(count=len(found)),
        [_record(each, profile.keys) for each in found],
        columns=columns.KEYS,
    )


def _own(profile: Profile) -> Key:
    """Return the key on this machine, which a server that has not admitted it says nothing of."""
    from assigncli.lookups.about_members import Key

    return Key(None, profile.handle, profile.handle, own_fingerprint(profile))


def _record(found: Key, keys: Keys) -> Record:
    if found.revoked_at is not None:
        status = views.Said("revoked", pgettext("certificate", "revoked"))
    elif found.certificate_id is None:
        status = views.Said("requested", _("waiting for approval"))
    else:
        status = views.Said("active", pgettext("certificate", "active"))
    more = {"status": status, "keys": views.Said(keys, place_words(keys))}
    issued = found.issued_at and out().calendar.day_of(found.issued_at)
    return views.record(
        found,
        "handle display_name status fingerprint keys issued_at certified_until revoked_at"
        " certificate_id",
        views.lines(
            found, "fingerprint status keys issued_at certified_until", issued_at=issued, **more
        ),
        **more,
    )
