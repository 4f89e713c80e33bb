"""Check the rows of a batch against what their manifests say and what the server may keep.

A row is an assignment: its manifest, signed by the dispatcher's device, with ciphertext, texts and
wraps. Nothing is written here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from assigncli.domain.deadlines import (
    local_day,
    require_deadline_positive,
    require_expiry_in_future,
)
from assigncli.domain.imported import Imported
from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role, Status
from assigncli.domain.personal_data import (
    require_no_personal_data,
    require_note,
    require_reference_length,
    require_title,
)
from assigncli.domain.rules import Rule
from assigncli.protocol.batches import BatchRow, Share
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.sealed_keys import Wrap
from assigncli.server.carrying import Carrying
from assigncli.server.certified import chained
from assigncli.server.mentor_away import profile_today
from assigncli.server.projection.sealed import SealedColumns
from assigncli.server.refused import Refused, by_code
from assigncli.server.store import ids, imports, keys, members

_SUITE: Final = b"\x01"
_OVERHEAD: Final = 1 + 12 + 16
_STEP: Final = 256


@dataclass(frozen=True)
class CheckedRow:
    """A row that may be kept; `share` is None if the draft's share stays."""

    row: BatchRow
    manifest: Manifest
    hash: bytes
    share: bytes | None = field(repr=False)

    @property
    def id(self) -> UUID:
        """The assignment's id."""
        return self.manifest.context.assignment

    @property
    def recipient(self) -> UUID:
        """The recipient's member id."""
        return self.manifest.context.recipient

    @property
    def sealed(self) -> SealedColumns:
        """The signed content of the row, for the projection."""
        row = self.row
        return SealedColumns(self.manifest, row.manifest, row.signature, row.ciphertext, row.texts)


class Rows:
    """The checks of one batch; each member is looked up once."""

    def __init__(self, doing: Carrying, status: Status) -> None:
        self._doing, self._status = doing, status
        self._devices: dict[UUID, dict[UUID, Certificate]] = {}
        self._standings: dict[UUID, members.MemberStanding] = {}
        self._fit: set[UUID] = set()
        self._taken: set[UUID] = set()

    def new(self, rows: Sequence[BatchRow], shares: Sequence[Share]) -> list[CheckedRow]:
        """Return the new assignments; Refused `rows_refused` has each bad row's first code."""
        found: list[CheckedRow] = []
        refused: list[dict[str, Any]] = []
        read = list(map(_readable, rows))
        said = [each for each in read if each is not None]
        self._taken = {
            *ids.taken(self._doing.tx, [each.context.assignment for each in said]),
            *keys.registered(self._doing.tx, [each.context.encryption_key for each in said]),
        }
        self._look_at({each.context.recipient for each in said})
        known = self._imported(said)
        for place, (row, share, manifest) in enumerate(zip(rows, shares, read, strict=True)):
            try:
                checked = self._checked(row, share, manifest, place)
                self._require_free(checked, place, known)
                found.append(checked)
            except Refused as fault:
                refused.append({"place": place, "code": fault.code})
        if refused:
            raise Refused("rows_refused", rows=refused)
        return found

    def check(self, row: BatchRow, share: Share | None) -> CheckedRow:
        """Check one row for the status of this batch, and return it; raises Refused.

        Without a share the payload of the draft stays; the caller compares it.
        """
        return self._checked(row, share, _readable(row), None)

    def _checked(
        self, row: BatchRow, share: Share | None, said: Manifest | None, place: int | None
    ) -> CheckedRow:
        manifest = self._vouched(row, said, place)
        self._require_recipient(manifest.context.recipient, place)
        self._require_readers(row, manifest, place)
        if share is not None:
            _require_payload(row, manifest, place)
        self._require_texts(row, manifest, place)
        with by_code(place=place):
            require_deadline_positive(manifest.contact_deadline_days)
            if manifest.expires_at is not None:
                require_expiry_in_future(manifest.expires_at, self._doing.turn.now)
        if manifest.expires_at is None and self._status is Status.DISPATCHED:
            raise Refused(Rule.EXPIRES_AT_IN_FUTURE, place=place)
        if share is not None:
            named = share.encryption_key == manifest.context.encryption_key
            if not named or manifest.context.commitment(share.share) != manifest.share_commitment:
                raise Refused("share_mismatch")
        return CheckedRow(
            row, manifest, Manifest.digest(row.manifest), None if share is None else share.share
        )

    def _vouched(self, row: BatchRow, manifest: Manifest | None, place: int | None) -> Manifest:
        """Return the manifest, after checking that the acting device signed it for this status."""
        doing = self._doing
        if manifest is None:
            raise Refused("manifest_invalid", place=place)
        if manifest.context.organization != doing.turn.organization_id:
            raise Refused(Rule.ORGANIZATION_SCOPE_ISOLATION, place=place)
        said = (manifest.certificate, manifest.context.dispatcher, manifest.status)
        stands = (doing.actor.id, doing.actor.member, self._status.value)
        holds = Manifest.is_signed(row.manifest, row.signature, doing.actor.keys.signing_key)
        if said != stands or not holds:
            raise Refused("manifest_invalid", place=place)
        return manifest

    def _require_recipient(self, member_id: UUID, place: int | None) -> None:
        if member_id in self._fit:
            return
        found = self._standing_of(member_id)
        if found is None or found.member.status is not MemberStatus.ACTIVE:
            raise Refused(Rule.RECIPIENT_MUST_BELONG_TO_SAME_ORGANIZATION, place=place)
        if (
            found.profile is None
            or Role.PEER_MENTOR not in found.roles
            or profile_today(self._doing.turn, found.profile) is not ProfileStatus.ACTIVE
        ):
            raise Refused(Rule.RECIPIENT_IS_ACTIVE_PEER_MENTOR, place=place)
        self._fit.add(member_id)

    def _look_at(self, member_ids: Collection[UUID]) -> None:
        """Read all of these members from the store in one query."""
        tx, turn = self._doing.tx, self._doing.turn
        self._standings |= members.standings(tx, turn.organization_id, member_ids)

    def _standing_of(self, member_id: UUID) -> members.MemberStanding | None:
        if member_id not in self._standings:
            self._look_at([member_id])
        return self._standings.get(member_id)

    def _devices_of(self, member_id: UUID) -> dict[UUID, Certificate]:
        if member_id not in self._devices:
            standing = self._standing_of(member_id)
            rows = [] if standing is None else standing.certificates
            found = (chained(self._doing.turn, self._doing.tx, row) for row in rows)
            self._devices[member_id] = {each.id: each for each in found}
        return self._devices[member_id]

    def _require_readers(self, row: BatchRow, manifest: Manifest, place: int | None) -> None:
        """Refuse unless the secret is sealed once to each device in force that is to read it."""
        context = manifest.context
        devices = dict(self._devices_of(context.dispatcher))
        if self._status is Status.DISPATCHED:
            devices |= self._devices_of(context.recipient)
        if manifest.readers != devices.keys():
            raise Refused("devices_changed", place=place)
        sealed_to = [wrap.certificate for wrap in row.wraps]
        if len(sealed_to) != len(devices) or set(sealed_to) != devices.keys():
            raise Refused("wrap_invalid", place=place)
        if not all(self._is_made_here(wrap, manifest) for wrap in row.wraps):
            raise Refused("wrap_invalid", place=place)

    def _is_made_here(self, wrap: Wrap, manifest: Manifest) -> bool:
        context = manifest.context
        makers = {**self._devices_of(context.dispatcher), **self._devices_of(context.recipient)}
        maker = makers.get(wrap.maker)
        return maker is not None and wrap.is_signed(context, maker.keys.signing_key)

    def _require_texts(self, row: BatchRow, manifest: Manifest, place: int | None) -> None:
        if {name: text.digest() for name, text in row.texts.items()} != dict(manifest.texts):
            raise Refused("text_differs", place=place)
        said = {name: text.text for name, text in row.texts.items()}
        today = local_day(self._doing.turn.now, self._doing.turn.zone)
        with _field("title", place):
            require_title(said["title"])
        for note in ("coordinator_notes", "internal_notes"):
            with _field(note, place):
                require_note(said[note])
        with _field("subject_reference", place):
            require_reference_length(said["subject_reference"])
        for name, text in said.items():
            with _field(name, place):
                require_no_personal_data({name: text}, None, today=today)

    def _require_free(self, checked: CheckedRow, place: int, known: dict[bytes, Imported]) -> None:
        """Refuse an id, key or import key that is already used, also by an earlier row."""
        key_id = checked.manifest.context.encryption_key
        if checked.id in self._taken:
            raise Refused("assignment_exists", place=place)
        if key_id in self._taken:
            raise Refused(Rule.ENCRYPTION_KEY_EXISTS, place=place)
        import_key = checked.manifest.import_key
        if import_key is not None and import_key in known:
            raise Refused("import_key_exists", place=place, number=known[import_key].number)
        self._taken |= {checked.id, key_id}
        if import_key is not None:
            known[import_key] = Imported(0, checked.id, self._status, b"")

    def _imported(self, said: Sequence[Manifest]) -> dict[bytes, Imported]:
        named = [each.import_key for each in said if each.import_key is not None]
        if not named:
            return {}
        tx, turn = self._doing.tx, self._doing.turn
        return imports.by_import_key(tx, turn.organization_id, named)


def _readable(row: BatchRow) -> Manifest | None:
    """Return a row's manifest; None if it is malformed, which is refused later with its place."""
    try:
        return Manifest.decode(row.manifest)
    except Malformed:
        return None


def _require_payload(row: BatchRow, manifest: Manifest, place: int | None) -> None:
    """Refuse what cannot be a ciphertext, or is not the one in the manifest."""
    sealed = row.ciphertext
    if not sealed:
        raise Refused(Rule.ENCRYPTED_PAYLOAD_NON_EMPTY, place=place)
    padded = len(sealed) - _OVERHEAD
    if sealed[:1] != _SUITE or padded <= 0 or padded % _STEP:
        raise Refused(Rule.PAYLOAD_MUST_BE_ENCRYPTED_BEFORE_STORAGE, place=place)
    if hashlib.sha256(sealed).digest() != manifest.payload_sha256:
        raise Refused("manifest_invalid", place=place)


def _field(name: str, place: int | None) -> AbstractContextManager[None]:
    return by_code(field=name, place=place)
