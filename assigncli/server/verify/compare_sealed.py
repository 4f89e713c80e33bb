"""Verify each live assignment, and all wraps, against what their makers signed.

So an alteration is found before anybody opens the assignment. Which manifest the entries name is
checked in `row_courses`. Whether a share matches its commitment, and a wrap opens, is only found
when they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import NAMING, Action
from assigncli.domain.lifecycle import Role, Status
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.manifest import TEXTS, Manifest, payload_digest
from assigncli.protocol.sealed_keys import USES, OrganizationWrap, Wrap
from assigncli.protocol.texts import Text
from assigncli.server.projection import assignments as projected
from assigncli.server.projection.sealed import SealedColumns
from assigncli.server.record import details_of
from assigncli.server.store import comparing, raw
from assigncli.server.store.raw import Raw
from assigncli.server.store.tables import Assignment, EncryptionKey
from assigncli.server.store.wraps import KeyWrap, OrganizationKeyWrap
from assigncli.server.verify.difference import Difference
from assigncli.server.vouched import text_digests
from assigncli.trust.envelopes import may_hold, may_make

CertificateOf = Callable[[UUID | None], Certificate | None]
"""Returns the certificate with this id if it leads to the pinned root, otherwise None."""

MANIFEST_INVALID: Final = "manifest_invalid"
WRAP_ALTERED: Final = "wrap_altered"
WRAP_MISSING: Final = "wrap_missing"
ORGANIZATION_KEY_ALTERED: Final = "organization_key_altered"

_UNREADABLE: Final = (ValueError, TypeError, AttributeError)


def differences(
    tx: Transaction,
    organization_id: UUID,
    certificate_of: CertificateOf,
    told: Iterable[Difference],
) -> Iterator[Difference]:
    """Yield each assignment, and each wrap of one, that is not as its maker signed it.

    Assignments in `told` are skipped: a column that contradicts its entry is not as signed either.
    """
    known = {each.number for each in told}
    for part in raw.rows(tx, Assignment, raw.of(Assignment, organization_id)):
        found = raw.about(tx, KeyWrap, "assignment_id", [row["id"] for row in part])
        added = _added(tx, organization_id, [row["id"] for row in part])
        keys = raw.about(tx, EncryptionKey, "id", [row["encryption_key_id"] for row in part])
        for row in part:
            number = row["number"] if isinstance(row["number"], int) else None
            if number in known:
                continue
            (key, *_others) = keys.get(row["encryption_key_id"], [{}])
            manifest = _vouched(row, key, certificate_of)
            code = (
                MANIFEST_INVALID
                if manifest is None
                else _fault(
                    manifest, found.get(row["id"], ()), added.get(row["id"], {}), certificate_of
                )
            )
            if code is not None:
                yield Difference(0, code, number=number)


@dataclass(frozen=True)
class Given:
    """An entry that gives keys of the organisation: when (aware UTC), by and to which certificates.

    `by` is None at the founding. It is the service where the root key approved: that gives the key
    for addresses, its only one. `one` are use and id of the one key that is shared; None where a
    device is approved, which gets what its approver has.
    """

    at: datetime
    by: UUID | None
    to: tuple[UUID, ...]
    one: tuple[str, UUID] | None = None


def keys_altered(
    tx: Transaction,
    organization_id: UUID,
    certificate_of: CertificateOf,
    given: Sequence[Given],
) -> Iterator[Difference]:
    """Yield a difference unless the organisation's keys are sealed correctly to all their holders.

    `given` is in the order of the log.
    """
    own = raw.column(OrganizationKeyWrap, "organization_id") == organization_id.hex
    found = [row for part in raw.rows(tx, OrganizationKeyWrap, own) for row in part]
    kept = {(row["certificate_id"], row["use"], row["created_at"]): row["key_id"] for row in found}
    due = _due(given, certificate_of)
    sealed = all(_is_given(row, organization_id, certificate_of) for row in found)
    named = all(kept.get(place) == key for place, key in due.items() if key is not None)
    if len(found) != len(kept) or kept.keys() != due.keys() or not (sealed and named):
        yield Difference(0, ORGANIZATION_KEY_ALTERED)


Due = dict[tuple[str, str, str], str | None]
"""By device, use and moment, as the database keeps them: the id of the key, where it is known."""


def _due(given: Iterable[Given], certificate_of: CertificateOf) -> Due:
    """Return which device has a key of which use, since when."""
    due: Due = {}
    holders: set[tuple[UUID, str]] = set()
    for each in given:
        at = raw.stored(OrganizationKeyWrap, {"created_at": each.at})["created_at"]
        for use in USES if each.one is None else (each.one[0],):
            drawn = each.by is None or (each.one is not None and each.by in each.to)
            maker = certificate_of(each.by)
            may = maker is not None and may_make(use, maker) and (maker.id, use) in holders
            for reader in filter(None, map(certificate_of, each.to)):
                if may_hold(use, reader) and (drawn or may):
                    key = None if each.one is None else each.one[1].hex
                    due[reader.id.hex, use, at] = key
                    holders.add((reader.id, use))
    return due


def _vouched(row: Raw, key: Raw, certificate_of: CertificateOf) -> Manifest | None:
    """Return the manifest if a coordinator's device signed it and the row agrees, else None."""
    try:
        sealed = _sealed(row)
        manifest = sealed.manifest
        signer = certificate_of(manifest.certificate)
        holds = (
            signer is not None
            and signer.member == manifest.context.dispatcher
            and Role.COORDINATOR in signer.roles
            and Manifest.is_signed(sealed.body, sealed.signature, signer.keys.signing_key)
            and _fits(row, sealed)
            and manifest.share_commitment == key.get("share_commitment")
        )
    except _UNREADABLE:
        return None
    return manifest if holds else None


def _sealed(row: Raw) -> SealedColumns:
    texts = {name: Text(row[f"{name}_salt"], row[name] or "") for name in TEXTS}
    body, signature = row["manifest_body"], row["manifest_signature"]
    return SealedColumns(Manifest.decode(body), body, signature, row["encrypted_payload"], texts)


def _fits(row: Raw, sealed: SealedColumns) -> bool:
    """Say whether the row is as the manifest says, and payload and texts match its digests."""
    said, context = sealed.manifest, sealed.manifest.context
    status = Status.PENDING if row["dispatched_at"] is None else Status.DISPATCHED
    written = {
        "id": context.assignment,
        "organization_id": context.organization,
        "dispatched_by_user_id": context.dispatcher,
        **projected.signed(sealed),
    }
    return (
        all(row[name] == value for name, value in raw.stored(Assignment, written).items())
        and said.status == status
        and said.payload_sha256 == payload_digest(row["encrypted_payload"])
        and said.texts == text_digests(partial(_column, row))
    )


def _column(row: Mapping[str, Any], name: str) -> Any:
    return row[name]


def _added(
    tx: Transaction, organization_id: UUID, ids: Collection[Any]
) -> dict[Any, dict[UUID, UUID]]:
    """Return by assignment the devices that later got a wrap, each with the member who made it.

    A manifest that is named later replaces all wraps before it.
    """
    found: dict[Any, dict[UUID, UUID]] = {}
    kinds = (*NAMING, Action.WRAP_ADDED)
    for said in comparing.entries(tx, organization_id, ids, kinds):
        own = found.setdefault(said.subject_id, {})
        if said.action != Action.WRAP_ADDED:
            own.clear()
            continue
        named = details_of(said.details).get("certificates")
        with suppress(*_UNREADABLE):
            if isinstance(named, list):
                own |= {UUID(each): UUID(said.actor_id) for each in named}
    return found


def _fault(
    manifest: Manifest,
    found: Iterable[Raw],
    added: Mapping[UUID, UUID],
    certificate_of: CertificateOf,
) -> str | None:
    """Return what is wrong with the wraps: each reader needs one, by recipient or dispatcher.

    Readers are those of the manifest, and those `added` later.
    """
    rows = list(found)
    if not all(_is_made(row, manifest, added, certificate_of) for row in rows):
        return WRAP_ALTERED
    due = sorted(each.hex for each in {*manifest.readers, *added})
    readers = sorted(row["certificate_id"] for row in rows)
    return None if readers == due else WRAP_MISSING


def _is_made(
    row: Raw, manifest: Manifest, added: Mapping[UUID, UUID], certificate_of: CertificateOf
) -> bool:
    """Say whether recipient or dispatcher made this wrap, for a reader of theirs and the key."""
    context = manifest.context
    both = (context.recipient, context.dispatcher)
    try:
        wrap = _wrap(row)
        maker, reader = certificate_of(wrap.maker), certificate_of(wrap.certificate)
        return (
            maker is not None
            and reader is not None
            and maker.member in both
            and reader.member in both
            and added.get(wrap.certificate, maker.member) == maker.member
            and wrap.certificate in {*manifest.readers, *added}
            and row["encryption_key_id"] == context.encryption_key.hex
            and wrap.is_signed(context, maker.keys.signing_key)
        )
    except _UNREADABLE:
        return False


def _is_given(row: Raw, organization_id: UUID, certificate_of: CertificateOf) -> bool:
    """Say whether an organisation key was sealed by a device that may, for one that may hold it."""
    try:
        wrap = _wrap(row)
        maker, reader = certificate_of(wrap.maker), certificate_of(wrap.certificate)
        given = OrganizationWrap(UUID(row["key_id"]), row["use"], wrap)
        return (
            maker is not None
            and reader is not None
            and may_make(given.use, maker)
            and may_hold(given.use, reader)
            and given.is_signed(organization_id, maker.keys.signing_key)
        )
    except _UNREADABLE:
        return False


def _wrap(row: Raw) -> Wrap:
    certificate, maker = UUID(row["certificate_id"]), UUID(row["maker_certificate_id"])
    return Wrap(certificate, maker, row["wrap"], row["signature"])
