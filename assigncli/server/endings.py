"""Find out from signed entries what has ended, before a share is deleted or a row archived.

The store's columns only tell where to look. An entry is trusted if the log's tree has it, and if it
carries out a statement of a member who was allowed the act at that place or the service may state
it by itself. Such entries tell which key belongs to which assignment, when it was replaced, and how
the assignment ended. Nothing is written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import EMPTYING, SEALING, STEP_ACTION, STEP_OF, Action
from assigncli.domain.lifecycle import ENDED_EARLY, TERMINAL, Status, may_move
from assigncli.errors import Tampered
from assigncli.protocol.manifest import Manifest
from assigncli.server import certification, log_end
from assigncli.server.record import about, details_of, entry_of, id_in
from assigncli.server.store import assignments
from assigncli.server.store.tables import Assignment, AuditEntry
from assigncli.server.turn import Turn

_TOLD: Final = (*STEP_ACTION.values(), Action.ASSIGNMENT_EDITED, *EMPTYING)
_KEY: Final = "encryption_key"


@dataclass(frozen=True)
class Course:
    """The entries about one assignment; each is verified when it is relied on."""

    turn: Turn
    tx: Transaction
    entries: Sequence[AuditEntry]
    row: Assignment | None
    """The live assignment, which has its manifest; None for an archived one."""

    @property
    def number(self) -> int | None:
        """The number that the entries give it; None if they give none. Not verified."""
        numbers = (details_of(row.details).get("number") for row in self.entries)
        return next((each for each in numbers if isinstance(each, int)), None)

    @property
    def key_id(self) -> UUID:
        """The key of its payload by the last signed entry; raises Tampered `ending_unsigned`."""
        return self._keyed()[-1][0]

    @property
    def named_keys(self) -> list[UUID]:
        """The keys that the entries name, in order. Not verified."""
        found = (id_in(row.details, _KEY) for row in self.entries if row.action in SEALING)
        return [key_id for key_id in found if key_id is not None]

    @property
    def manifest_hash(self) -> str | None:
        """The hash of the manifest in force, as the last entry to name one has it."""
        named = [details_of(row.details).get("manifest") for row in self.entries]
        return next((str(each) for each in reversed(named) if each is not None), None)

    @property
    def created_at(self) -> datetime:
        """When it was created, by a signed entry (aware UTC); raises Tampered `ending_unsigned`."""
        return self._keyed()[0][1].at

    def key_ended_at(self, key_id: UUID) -> datetime:
        """Return when the key was replaced, or ended with its assignment (aware UTC).

        Raises Tampered `ending_unsigned` if no signed entry says so.
        """
        keyed = self._keyed()
        for place, (each, _row) in enumerate(keyed):
            if each == key_id and place + 1 < len(keyed):
                return keyed[place + 1][1].at
        if keyed[-1][0] != key_id:
            raise ending_unsigned()
        return self._emptied_at()

    def end(self) -> AuditEntry:
        """Return the verified entry of the step that ended the assignment.

        Raises Tampered `ending_unsigned`.
        """
        steps = [row for row in self.entries if row.action in STEP_OF]
        taken = [STEP_OF[row.action] for row in steps]
        if (
            taken[:1] != [Status.PENDING]
            or taken[-1] not in TERMINAL
            or not all(may_move(source, target) for source, target in pairwise(taken))
        ):
            raise ending_unsigned()
        last = self._verified(steps[-1])
        if taken[-1] is Status.COMPLETED:
            self._require_by_recipient(last)
        elif taken[-1] is Status.EXPIRED:
            self._require_past_expiry(last)
        return last

    def entry(self, status: Status) -> AuditEntry | None:
        """Return the entry by which the status was entered; None if it never was. Not verified."""
        action = STEP_ACTION[status].value
        return next((row for row in self.entries if row.action == action), None)

    def _keyed(self) -> list[tuple[UUID, AuditEntry]]:
        """Return the keys it had, in order, each with its verified entry.

        Only the coordinator who made a draft may change it, and nobody once it is sent.
        """
        found: list[tuple[UUID, AuditEntry]] = []
        sent = self.entry(Status.DISPATCHED)
        for row in (each for each in self.entries if each.action in SEALING):
            key = id_in(row.details, _KEY)
            replaces = id_in(row.details, "ended_key")
            made_once = (not found) == (row.action == Action.ASSIGNMENT_CREATED)
            if (
                key is None
                or not made_once
                or (sent is not None and row.sequence > sent.sequence)
                or (found and (replaces, row.actor_id) != (found[-1][0], found[0][1].actor_id))
            ):
                raise ending_unsigned()
            found.append((key, self._verified(row)))
        if not found:
            raise ending_unsigned()
        manifest = self._vouched(found[0][1].actor_id)
        if manifest is not None and manifest.context.encryption_key != found[-1][0]:
            raise ending_unsigned()
        return found

    def _vouched(self, dispatcher_id: UUID) -> Manifest | None:
        """Return the manifest in force, that of the last entry to name one; None once archived.

        It must be signed with the certificate it names, by the coordinator who made the draft.
        """
        if self.row is None:
            return None
        body = self.row.manifest_body
        try:
            manifest = Manifest.decode(body)
            if Manifest.digest(body).hex() != self.manifest_hash:
                raise ending_unsigned()
            signer = certification.verified_by_id(self.turn, self.tx, manifest.certificate)
        except (Tampered, ValueError, TypeError):
            raise ending_unsigned() from None
        holds = Manifest.is_signed(body, self.row.manifest_signature, signer.keys.signing_key)
        if not holds or signer.member != dispatcher_id:
            raise ending_unsigned()
        return manifest

    def _emptied_at(self) -> datetime:
        end = self.end()
        if STEP_OF[end.action] in ENDED_EARLY:
            return end.at
        for row in self.entries:
            if row.action in EMPTYING and id_in(row.details, _KEY) == self.key_id:
                return self._verified(row).at
        raise ending_unsigned()

    def _sent(self) -> AuditEntry:
        """Return the verified entry of the dispatch, by the coordinator who made the draft."""
        sent = self.entry(Status.DISPATCHED)
        if sent is None or sent.actor_id != self._keyed()[0][1].actor_id:
            raise ending_unsigned()
        return self._verified(sent)

    def _require_by_recipient(self, completed: AuditEntry) -> None:
        manifest = self._vouched(self._sent().actor_id)
        if manifest is not None and manifest.context.recipient != completed.actor_id:
            raise ending_unsigned()

    def _require_past_expiry(self, expired: AuditEntry) -> None:
        """Refuse an expiry earlier than the date that the coordinator signed, whoever states it."""
        manifest = self._vouched(self._keyed()[0][1].actor_id)
        if manifest is None:
            return
        expires_at = manifest.expires_at
        if expires_at is None or min(expired.at, self.turn.now) < expires_at:
            raise ending_unsigned()

    def _verified(self, row: AuditEntry) -> AuditEntry:
        return verified(self.turn, self.tx, row)


def course(turn: Turn, tx: Transaction, assignment_id: UUID) -> Course:
    """Return the entries about an assignment; Tampered `ending_unsigned` if unreadable."""
    try:
        row = assignments.by_id(tx, turn.organization_id, assignment_id)
        return Course(turn, tx, about(turn, tx, assignment_id, _TOLD), row)
    except (ValueError, TypeError, AttributeError):  # a column holds no valid time or id
        raise ending_unsigned() from None


def verified(turn: Turn, tx: Transaction, row: AuditEntry) -> AuditEntry:
    """Verify an entry's signers and its place in the log's tree; return the entry.

    Raises Tampered `ending_unsigned`.
    """
    try:
        certification.signer_of(turn, tx, row)
        stands = log_end.stands(tx, row.organization_id, row.sequence, entry_of(row).encode())
    except (Tampered, ValueError, TypeError, AttributeError):
        raise ending_unsigned() from None
    if not stands:
        raise ending_unsigned()
    return row


def ending_unsigned() -> Tampered:
    """Return the error for destroying something that no signed entry says has ended."""
    return Tampered("ending_unsigned")


def assignment_altered() -> Tampered:
    """Return the error for archiving an assignment that differs from its signed entries."""
    return Tampered("assignment_altered")
