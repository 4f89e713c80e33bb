"""Check names of members and devices: salted texts, of which a certificate has the digests.

A name in a row counts only if its digest is the certificate's. `certification` checks the
certificate.
"""

from __future__ import annotations

from typing import Final

from sqlmodel import Session as Transaction

from assigncli.protocol.certificate import Certificate
from assigncli.protocol.texts import Text
from assigncli.server.store import members
from assigncli.server.store.tables import Member
from assigncli.trust.tampering import certificate_invalid

_SALT_BYTES: Final = 16


def fits(certificate: Certificate, field: str, salt: object, text: object) -> bool:
    """Return whether a column holds the text whose digest is signed; False for any other value."""
    if not isinstance(salt, bytes) or len(salt) != _SALT_BYTES or not isinstance(text, str):
        return False
    try:
        return Text(salt, text).digest() == certificate.texts[field]
    except ValueError:
        return False


def are_of(certificate: Certificate, member: Member) -> bool:
    """Return whether the names in the member's row are those of the certificate."""
    return fits(certificate, "handle", member.handle_salt, member.handle) and fits(
        certificate, "display_name", member.display_name_salt, member.display_name
    )


def display_name(tx: Transaction, certificate: Certificate) -> str:
    """Return the display name of a verified certificate's member.

    Raises Tampered `certificate_invalid` if the member's row has other names.
    """
    member = members.by_id(tx, certificate.organization, certificate.member)
    if member is None or not are_of(certificate, member):
        raise certificate_invalid()
    return member.display_name
