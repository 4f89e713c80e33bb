"""Signed bodies for an answer, each with those of its texts that the asker may see.

What does not have the right form is left out; the client finds that it is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.lifecycle import Role, is_staff
from assigncli.protocol.canonical import decode
from assigncli.protocol.message import SIGNATURE_SIZE
from assigncli.protocol.sealed_keys import WRAP_BYTES, Envelope, Wrap
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import SALT_BYTES, Text
from assigncli.server.asked import AskingMember
from assigncli.server.store import assignments
from assigncli.server.store.proofs import PersonRow
from assigncli.server.store.tables import Assignment

_TEXTS: Final = ("title", "subject_reference", "coordinator_notes", "internal_notes")


def in_order(people: Sequence[PersonRow], asker: AskingMember) -> tuple[Signed, ...]:
    """Return certificates with their texts, issuers before those they issued.

    Certificates whose issuers form no order come last; the client refuses them.
    """
    waiting = {each.id: each for each in sorted(people, key=lambda each: each.id)}
    placed: list[PersonRow] = []
    while waiting:
        ready = [each for each in waiting.values() if _issuer(each) not in waiting]
        placed += ready or waiting.values()
        waiting = (
            {} if not ready else {each.id: each for each in waiting.values() if each not in ready}
        )
    sees_all = is_staff(asker.roles)
    return tuple(
        Signed(each.body, each.signature, _shown_names(each, asker, sees_all)) for each in placed
    )


def _issuer(row: PersonRow) -> str | None:
    """Return the id of a certificate's issuer; None for the root, and if it cannot be read."""
    try:
        return UUID(decode(row.body)["issuer"]).hex
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _shown_names(row: PersonRow, asker: AskingMember, sees_all: bool) -> dict[str, Text]:
    """Return a certificate's names; the device's is shown to its member and to staff only."""
    is_own = UUID(row.member) == asker.certificate.member
    return {**names(row), **(device(row) if sees_all or is_own else {})}


def names(row: PersonRow) -> dict[str, Text]:
    """Return the member's names that a certificate covers."""
    return as_texts(
        handle=(row.handle_salt, row.handle),
        display_name=(row.display_name_salt, row.display_name),
    )


def device(row: PersonRow) -> dict[str, Text]:
    """Return the device's name that a certificate covers."""
    return as_texts(device=(row.device_salt, row.device))


def as_texts(**said: tuple[Any, Any]) -> dict[str, Text]:
    """Return those columns that have the form of a text with its salt."""
    return {
        name: Text(salt, text)
        for name, (salt, text) in said.items()
        if isinstance(salt, bytes) and len(salt) == SALT_BYTES and isinstance(text, str)
    }


def has_form(body: object, signature: object) -> bool:
    """Return whether this can be given as a signed body; it is not verified."""
    is_signature = isinstance(signature, bytes) and len(signature) == SIGNATURE_SIZE
    return is_signature and isinstance(body, bytes)


def manifest(row: Assignment, asker: AskingMember) -> Signed:
    """Return a manifest with those of its texts that the asker may see."""
    hidden = set() if asker.sees_notes(row) else {"coordinator_notes"}
    if Role.COORDINATOR.value not in asker.certificate.roles:
        hidden.add("internal_notes")
    shown = {
        name: (getattr(row, f"{name}_salt"), getattr(row, name) or "")
        for name in _TEXTS
        if name not in hidden
    }
    return Signed(row.manifest_body, row.manifest_signature, as_texts(**shown))


def envelope(tx: Transaction, row: Assignment, asker: AskingMember) -> Envelope:
    """Return a ciphertext with the asker's own wrap, if there is one of the right form."""
    found = assignments.wrap_for(tx, row.id, asker.certificate.id)
    if found is None or not has_form(found.wrap, found.signature) or len(found.wrap) != WRAP_BYTES:
        return Envelope(row.encryption_key_id, row.encrypted_payload, ())
    wrap = Wrap(found.certificate_id, found.maker_certificate_id, found.wrap, found.signature)
    return Envelope(row.encryption_key_id, row.encrypted_payload, (wrap,))
