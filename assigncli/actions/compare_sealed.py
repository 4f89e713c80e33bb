"""Hold each live assignment, and its wraps, against what its coordinator signed.

So that what is altered is found before somebody opens it. Which manifest the entries name is for
`rows`; that a share fits its commitment, and that a wrap opens, is known where they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions.difference import Difference
from assigncli.actions.vouched import payload_digest, text_digests
from assigncli.crypto.statement import stamp
from assigncli.domain.lifecycle import Status
from assigncli.protocol import wraps
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.manifest import PURPOSE, Manifest
from assigncli.protocol.wraps import Wrap
from assigncli.store import sealed
from assigncli.store.sealed import SealedRow, WrapRow
from assigncli.trust.vouching import COORDINATOR

CertificateOf = Callable[[UUID | None], Certificate | None]
"""Returns a certificate that reaches the pinned root, by its id; None for any other."""

MANIFEST_INVALID: Final = "manifest_invalid"
WRAP_ALTERED: Final = "wrap_altered"

_UNREADABLE: Final = (ValueError, TypeError, AttributeError)


def differences(
    tx: Transaction,
    organization_id: UUID,
    certificate_of: CertificateOf,
    told: Iterable[Difference],
) -> Iterator[Difference]:
    """Yield each assignment that is not as it was signed, or has a wrap that its maker did not.

    But none of those that are told already: a column that no entry bears out is not signed either.
    """
    known = {each.number for each in told}
    for part in sealed.rows(tx, organization_id):
        found = sealed.wraps(tx, [row.id for row in part])
        for row in part:
            number = row.number if isinstance(row.number, int) else None
            if number in known:
                continue
            manifest = _vouched(row, certificate_of)
            if manifest is None:
                yield Difference(0, MANIFEST_INVALID, number=number)
            elif not all(
                _is_made(wrap, manifest, certificate_of) for wrap in found.get(row.id, ())
            ):
                yield Difference(0, WRAP_ALTERED, number=number)


def _vouched(row: SealedRow, certificate_of: CertificateOf) -> Manifest | None:
    """Return the manifest, once a coordinator's device signed it and the row says the same."""
    try:
        manifest = Manifest.decode(row.manifest_body)
        signer = certificate_of(manifest.certificate)
        holds = (
            signer is not None
            and signer.member == manifest.context.dispatcher
            and COORDINATOR in signer.roles
            and signer.keys.verify(PURPOSE, row.manifest_body, row.manifest_signature)
            and _kept(row) == _signed(manifest)
        )
    except _UNREADABLE:
        return None
    return manifest if holds else None


def _kept(row: SealedRow) -> tuple[object, ...]:
    """Return what the row says, in the order of `_signed`."""
    draft = row.dispatched_at is None
    return (
        (row.organization_id, row.id, row.encryption_key_id),
        (row.recipient_user_id, row.dispatched_by_user_id, row.dispatcher_certificate_id),
        Status.PENDING.value if draft else Status.DISPATCHED.value,
        payload_digest(row.encrypted_payload),
        row.share_commitment,
        text_digests(partial(getattr, row)),
        (row.priority, row.contact_deadline_days, row.consent_required, row.expires_at),
        (row.import_key, row.import_digest),
    )


def _signed(manifest: Manifest) -> tuple[object, ...]:
    """Return what the manifest says, as the database keeps it."""
    context, expires_at = manifest.context, manifest.expires_at
    return (
        (context.organization.hex, context.assignment.hex, context.encryption_key.hex),
        (context.recipient.hex, context.dispatcher.hex, manifest.certificate.hex),
        manifest.status,
        manifest.payload_sha256,
        manifest.share_commitment,
        dict(manifest.texts),
        (
            manifest.priority,
            manifest.contact_deadline_days,
            int(manifest.consent_required),
            None if expires_at is None else stamp(expires_at),
        ),
        (manifest.import_key, manifest.import_digest),
    )


def _is_made(row: WrapRow, manifest: Manifest, certificate_of: CertificateOf) -> bool:
    """Say whether a device of one of the two made this wrap, for a reader and the key signed."""
    context = manifest.context
    try:
        wrap = Wrap(
            UUID(row.certificate_id), UUID(row.maker_certificate_id), row.wrap, row.signature
        )
        maker = certificate_of(wrap.maker)
        return (
            maker is not None
            and maker.member in (context.recipient, context.dispatcher)
            and wrap.certificate in manifest.readers
            and row.encryption_key_id == context.encryption_key.hex
            and maker.keys.verify(wraps.PURPOSE, wrap.body(context), row.signature)
        )
    except _UNREADABLE:
        return False
