"""Verify ciphertexts and wraps against their manifests (PROTOCOL.md 6.4 and 6.5).

A wrap proves only its maker. It counts if its maker and its reader were in force when it was added.
Whether it opens only its reader can tell.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from assigncli.crypto.organization_key import organization_key_altered
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import STAFF, is_staff
from assigncli.protocol.certificate import SERVICE, Certificate
from assigncli.protocol.sealed_keys import (
    ADDRESSES,
    IMPORTS,
    Envelope,
    OrganizationWrap,
    Wrap,
)
from assigncli.trust.assignment import ProvenAssignment
from assigncli.trust.manifests import Vouched
from assigncli.trust.people import People, Standing
from assigncli.trust.tampering import manifest_invalid, require, wrap_altered

_HOLDERS: Final = {ADDRESSES: frozenset({*STAFF, SERVICE}), IMPORTS: frozenset(STAFF)}


@dataclass(frozen=True)
class SealedEvidence:
    """A ciphertext that matches its manifest, and verified wraps by their readers' certificates."""

    vouched: Vouched
    ciphertext: bytes
    wraps: Mapping[UUID, bytes]


def verified_envelope(
    envelope: Envelope, assignment: ProvenAssignment, people: People, standing: Standing, head: int
) -> SealedEvidence:
    """Return an envelope of the manifest in force; `head` is the size of the log.

    Raises Tampered: `manifest_invalid` for another ciphertext or key, `wrap_altered`.
    """
    vouched = assignment.vouched
    if vouched is None or vouched.manifest.context.encryption_key != envelope.encryption_key:
        raise manifest_invalid()
    hashed = hashlib.sha256(envelope.ciphertext).digest()
    require(hashed == vouched.manifest.payload_sha256, manifest_invalid)
    wraps: dict[UUID, bytes] = {}
    for wrap in envelope.wraps:
        require(wrap.certificate not in wraps, wrap_altered)
        is_theirs = any(
            _counts(wrap, vouched, standing, at) for at in _added(wrap, assignment, vouched)
        )
        require(is_theirs and standing.counts(wrap.certificate, head + 1), wrap_altered)
        maker = people.person(wrap.maker).certificate.keys
        require(wrap.is_signed(vouched.manifest.context, maker.signing_key), wrap_altered)
        wraps[wrap.certificate] = wrap.wrap
    return SealedEvidence(vouched, envelope.ciphertext, wraps)


def sealed_to(assignment: ProvenAssignment) -> frozenset[UUID]:
    """Return the certificates that the secret is sealed to, by manifest and log.

    Whether each counts today, and whether the server still has its wrap, is not said here.
    """
    vouched = assignment.vouched
    if vouched is None:
        return frozenset()
    later = (
        UUID(each)
        for entry in assignment.entries
        if entry.act == Action.WRAP_ADDED and entry.sequence > vouched.since
        for each in entry.facts["certificates"]
    )
    return frozenset({*vouched.manifest.readers, *later})


def verified_organization_wraps(
    wraps: Iterable[OrganizationWrap], organization: UUID, people: People
) -> tuple[OrganizationWrap, ...]:
    """Return the organisation key wraps, all by makers and for readers who may.

    Raises Tampered (`organization_key_altered`). The log does not say when a wrap was added, so any
    certificate that ever led to the root is accepted as the maker's.
    """
    found = tuple(wraps)
    for each in found:
        require(
            each.wrap.maker in people and each.wrap.certificate in people, organization_key_altered
        )
        maker = people.person(each.wrap.maker).certificate
        reader = people.person(each.wrap.certificate).certificate
        may = may_make(each.use, maker) and may_hold(each.use, reader)
        is_signed = each.is_signed(organization, maker.keys.signing_key)
        require(may and is_signed, organization_key_altered)
    return found


def may_make(use: str, certificate: Certificate) -> bool:
    """Say whether a device may give out the organisation key for this use: staff may.

    The service may give out the key that it holds, for who is approved by the root key.
    """
    return is_staff(certificate.roles) or (use == ADDRESSES and SERVICE in certificate.roles)


def may_hold(use: str, certificate: Certificate) -> bool:
    """Say whether a device may hold the organisation key for this use."""
    return bool(certificate.roles & _HOLDERS[use])


def _added(wrap: Wrap, assignment: ProvenAssignment, vouched: Vouched) -> list[int]:
    """Return the entries that may have added the wrap: the manifest's own, and later ones."""
    with_it = [vouched.since] if wrap.certificate in vouched.manifest.readers else []
    return with_it + [
        entry.sequence
        for entry in assignment.entries
        if entry.act == Action.WRAP_ADDED
        and entry.sequence > vouched.since
        and str(wrap.certificate) in entry.facts["certificates"]
    ]


def _counts(wrap: Wrap, vouched: Vouched, standing: Standing, sequence: int) -> bool:
    """Say whether maker and reader were in force there, as recipient's or dispatcher's devices."""
    context = vouched.manifest.context
    theirs = standing.in_force(context.recipient, sequence)
    theirs |= standing.in_force(context.dispatcher, sequence)
    return wrap.maker in theirs and wrap.certificate in theirs
