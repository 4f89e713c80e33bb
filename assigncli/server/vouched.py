"""Compare an assignment's row with the manifest that its dispatcher signed.

The manifest is kept as signed, with a salt beside each text of the row. `intact` checks the
dispatcher's certificate and the log.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from sqlmodel import Session as Transaction

from assigncli.crypto.identity import PublicIdentity
from assigncli.domain.lifecycle import Status
from assigncli.protocol.context import Context
from assigncli.protocol.manifest import TEXTS, Manifest, payload_digest
from assigncli.protocol.texts import Text
from assigncli.server.store.tables import Assignment, EncryptionKey
from assigncli.trust.tampering import manifest_invalid

_SALTS: Final = {field: f"{field}_salt" for field in TEXTS}


def texts_of(assignment: Assignment) -> dict[str, Text]:
    """Return an assignment's texts as kept, each with its salt."""
    return {
        field: Text(getattr(assignment, salt), getattr(assignment, field) or "")
        for field, salt in _SALTS.items()
    }


def text_digests(column: Callable[[str], Any]) -> dict[str, bytes]:
    """Return the digests of an assignment's texts. An absent text is empty, with its salt."""
    return {
        field: Text(column(salt), column(field) or "").digest() for field, salt in _SALTS.items()
    }


def context_of(assignment: Assignment) -> Context:
    """Return the context that the assignment's envelope is bound to, from the row."""
    return Context(
        organization=assignment.organization_id,
        assignment=assignment.id,
        encryption_key=assignment.encryption_key_id,
        recipient=assignment.recipient_user_id,
        dispatcher=assignment.dispatched_by_user_id,
    )


def manifest_of(tx: Transaction, assignment: Assignment) -> Manifest:
    """Return the manifest that the row would have now; Tampered `manifest_invalid` if none.

    The readers are taken from the signed manifest: no column of the row names them.
    """
    key = tx.get(EncryptionKey, assignment.encryption_key_id)
    if key is None:
        raise manifest_invalid()
    draft = assignment.dispatched_at is None
    try:
        return Manifest(
            context=context_of(assignment),
            certificate=assignment.dispatcher_certificate_id,
            status=Status.PENDING.value if draft else Status.DISPATCHED.value,
            payload_sha256=payload_digest(assignment.encrypted_payload),
            share_commitment=key.share_commitment,
            texts=text_digests(partial(getattr, assignment)),
            priority=assignment.priority.value,
            contact_deadline_days=assignment.contact_deadline_days,
            consent_required=assignment.consent_required,
            expires_at=assignment.expires_at,
            readers=Manifest.decode(assignment.manifest_body).readers,
            import_key=assignment.import_key,
            import_digest=assignment.import_digest,
        )
    except (ValueError, TypeError, AttributeError):
        raise manifest_invalid() from None


def require_vouched(tx: Transaction, assignment: Assignment, dispatcher: PublicIdentity) -> None:
    """Raise Tampered `manifest_invalid` unless the dispatcher signed the row as it is now."""
    body, signature = assignment.manifest_body, assignment.manifest_signature
    if not Manifest.is_signed(body, signature, dispatcher.signing_key):
        raise manifest_invalid()
    stands = manifest_of(tx, assignment)
    try:
        same = stands.encode() == body
    except (ValueError, TypeError, AttributeError):
        same = False
    if not same:
        raise manifest_invalid()
