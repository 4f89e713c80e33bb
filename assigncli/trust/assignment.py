"""An assignment's steps and its manifest in force, from the log (PROTOCOL.md section 4).

The steps are verified from the first: none counts without the one before it. The newest may be
missing, because nothing proves that a server showed all. Whether an act is allowed now is not
decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from assigncli.domain.actions import STEP_ACTION, STEP_OF, Action
from assigncli.domain.declining import DECLINABLE
from assigncli.domain.lifecycle import BY_MENTOR, Status, may_move
from assigncli.protocol.acts import DISPATCHER, RECIPIENT
from assigncli.protocol.entry import Entry
from assigncli.protocol.manifest import Manifest
from assigncli.trust.manifests import Vouched
from assigncli.trust.people import People
from assigncli.trust.signers import SIGNERS
from assigncli.trust.statements import EMPTIED_BY, ToldStatement
from assigncli.trust.tampering import (
    entry_invalid,
    entry_missing,
    manifest_invalid,
    require,
    statement_invalid,
)

_VISITING: Final = frozenset(
    {
        *(STEP_ACTION[status] for status in (Status.DELIVERED, *BY_MENTOR)),
        *(Action.CONSENT_COMPLETED, Action.CONTACT_UNANSWERED),
    }
)
"""The entries that no assignment has after its mentor declined it."""

_OF_THE_TWO: Final = frozenset({RECIPIENT, DISPATCHER})


@dataclass(frozen=True)
class Step:
    """A status and the time of its entry (aware UTC).

    `actor` is a certificate; it may be the service's.
    """

    status: Status
    at: datetime
    sequence: int
    actor: UUID | None


@dataclass(frozen=True)
class ProvenAssignment:
    """What the log proves about one assignment: each step, each entry, and the manifest in force.

    `vouched` is None only where an archived or erased assignment no longer has a manifest.
    """

    id: UUID
    number: int
    steps: tuple[Step, ...]
    entries: tuple[Entry, ...]
    vouched: Vouched | None

    @property
    def status(self) -> Status:
        """The status of the last step shown."""
        return self.steps[-1].status


def walked(
    assignment: UUID,
    entries: Iterable[Entry],
    manifests: Mapping[bytes, Vouched],
    told: Mapping[bytes, ToldStatement],
    people: People,
) -> ProvenAssignment:
    """Return an assignment all of whose entries are shown, from the first.

    Raises Tampered: `entry_missing` for a step without the one before it, `entry_invalid` for
    another number or actor and for an act of the mentor's after their decline, `manifest_invalid`
    where the manifest in force is not shown,
    `statement_invalid` where a statement replaces another manifest than the one in force.
    """
    own = tuple(entry for entry in entries if entry.subject == assignment)
    require(bool(own) and own[0].act == Action.ASSIGNMENT_CREATED, entry_missing)
    numbers = {entry.facts["number"] for entry in own if "number" in entry.facts}
    require(len(numbers) == 1, entry_invalid)
    steps = _steps(own)
    _require_declined_once(own)
    _require_replaced(own, told)
    vouched = _in_force(own, manifests)
    if vouched is not None:
        was_sent = any(step.status == Status.DISPATCHED for step in steps)
        is_sent = vouched.manifest.status == Status.DISPATCHED
        require(was_sent == is_sent, manifest_invalid)
        for entry in own:
            _require_one_of_the_two(entry, vouched.manifest, people)
    return ProvenAssignment(assignment, numbers.pop(), steps, own, vouched)


def _steps(own: Iterable[Entry]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for entry in own:
        if "to" not in entry.facts:
            continue
        status = Status(entry.facts["to"])
        require(STEP_OF.get(entry.act) is status, entry_invalid)
        before = steps[-1].status if steps else None
        require(entry.facts["from"] == before, entry_missing)
        require(before is None or may_move(before, status), entry_missing)
        steps.append(Step(status, entry.at, entry.sequence, entry.actor))
    return tuple(steps)


def _require_declined_once(own: Iterable[Entry]) -> None:
    """Require that a decline is the only one, before contact, and the mentor's last act."""
    status: Status | None = None
    declined = False
    for entry in own:
        if entry.act == Action.ASSIGNMENT_DECLINED:
            require(not declined and status in DECLINABLE, entry_invalid)
            declined = True
        require(not declined or not _is_for_visit(entry), entry_invalid)
        status = STEP_OF.get(entry.act, status)


def _is_for_visit(entry: Entry) -> bool:
    """Say whether the entry hands the brief to the mentor, or is of their work with it."""
    if entry.act == Action.PAYLOAD_DECRYPTED:
        return bool(entry.facts["as"] == RECIPIENT)
    return entry.act in _VISITING


def _in_force(own: Sequence[Entry], manifests: Mapping[bytes, Vouched]) -> Vouched | None:
    """Return the manifest that the last entry with a manifest names."""
    last = [entry.facts["manifest"] for entry in own if "manifest" in entry.facts][-1]
    vouched = manifests.get(bytes.fromhex(last))
    is_gone = any(entry.act in EMPTIED_BY for entry in own)
    require(vouched is not None or is_gone, manifest_invalid)
    return vouched


def _require_replaced(own: Iterable[Entry], told: Mapping[bytes, ToldStatement]) -> None:
    """Require that a shown statement that replaces a manifest names the one in force before it."""
    before: str | None = None
    for entry in own:
        if "manifest" not in entry.facts:
            continue
        shown = None if entry.statement is None else told.get(entry.statement)
        replaced = None if shown is None else shown.statement.arguments.get("replaces")
        require(replaced is None or replaced == before, statement_invalid)
        before = entry.facts["manifest"]


def _require_one_of_the_two(entry: Entry, manifest: Manifest, people: People) -> None:
    """Require that an act of only recipient or dispatcher was done by the right one of them."""
    signers = SIGNERS.get(entry.act, frozenset())
    if entry.statement is None or entry.actor is None or not signers <= _OF_THE_TWO:
        return
    if entry.act == Action.PAYLOAD_DECRYPTED:
        signers = frozenset({entry.facts["as"]})
    elif entry.act == Action.ASSIGNMENT_READ:
        signers = frozenset({RECIPIENT})
    members = {RECIPIENT: manifest.context.recipient, DISPATCHER: manifest.context.dispatcher}
    actor = people.member(entry.actor)
    require(actor in {members[signer] for signer in signers}, entry_invalid)
