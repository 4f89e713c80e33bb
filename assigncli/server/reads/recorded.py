"""Read the audit log as the store has it, newest first. `verify` checks that it is whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import REFUSED, Action, kind_of_subject
from assigncli.domain.lifecycle import STAFF
from assigncli.lookups.about_log import Fact, LogPage, Recorded, WantedLog
from assigncli.protocol.acts import ACTS, ROOT
from assigncli.server import certification
from assigncli.server.reads import find
from assigncli.server.record import details_of, id_in, told_by
from assigncli.server.store import audit_log, keys, members, organizations
from assigncli.server.store.tables import AuditEntry
from assigncli.server.turn import Turn

MOST: Final = 1_000
"""How many are shown at once; who asks for more is shown where the next begin."""
_BATCH: Final = 200
_CYCLES: Final = (Action.CYCLE_OPENED, Action.CYCLE_CLOSED, Action.CYCLE_REOPENED)
_ASKED: Final = (Action.SETTING_CHANGED, Action.HONORARIUM_EXPORTED)
"""Acts on the organisation whose statement, not entry, says what was done."""


def read_log(turn: Turn, asked: WantedLog) -> LogPage:
    """Return part of the audit log, of one assignment or of all, at most `MOST` entries.

    It is read in batches, each in a transaction of its own, so that no writer waits for long. For
    coordinators and administrators: raises NotAllowed `role_missing`, Tampered
    `certificate_invalid`, and as `find.recorded_id`.
    """
    left = min(asked.limit, MOST)
    read = [_batch(turn, asked.reference, asked.before, min(left, _BATCH))]
    while read[-1].before is not None and (left := left - len(read[-1].entries)) > 0:
        read.append(_batch(turn, asked.reference, read[-1].before, min(left, _BATCH)))
    entries = tuple(entry for batch in read for entry in batch.entries)
    return LogPage(entries, read[0].total, read[-1].before)


def _batch(turn: Turn, reference: str | None, before: int | None, limit: int) -> LogPage:
    with turn.store.read() as tx:
        certification.require_asker(turn, tx, *STAFF)
        subject = None if reference is None else find.recorded_id(turn, tx, reference)
        rows = audit_log.recent(
            tx, turn.organization_id, subject_id=subject, before=before, limit=limit + 1
        )
        actors = {row.sequence: _acted(tx, row) for row in rows}
        names = members.names(tx, {each for each in actors.values() if each is not None})
        shown = rows[:limit]
        return LogPage(
            tuple(_recorded(turn, tx, row, _name(names, actors[row.sequence])) for row in shown),
            _total(turn, tx, subject),
            shown[-1].sequence if len(rows) > limit else None,
        )


def _name(names: Mapping[UUID, tuple[str, str]], actor: UUID | None) -> str | None:
    return None if actor is None else names.get(actor, ("", ""))[1]


def _recorded(turn: Turn, tx: Transaction, row: AuditEntry, actor: str | None) -> Recorded:
    facts = _details(turn, tx, row)
    about, number = kind_of_subject(row.action), facts.get("number")
    if row.action in REFUSED:  # its member is shown as the actor
        facts.pop("certificate", None)
    if row.action == Action.ATTEMPT_REFUSED:
        is_whole = row.subject_id == turn.organization_id
        about = "organization" if is_whole else kind_of_subject(str(facts.get("act")))
        if about == "assignment" and row.subject_id is not None:
            number = keys.number_of(tx, turn.organization_id, row.subject_id)
    if row.action == Action.PRIVACY_EXPORTED and row.subject_id == turn.organization_id:
        about = "organization"
    return Recorded(row.sequence, row.at, actor, row.action, about, row.subject_id, facts, number)


def _details(turn: Turn, tx: Transaction, row: AuditEntry) -> dict[str, Fact]:
    """Return an entry's facts, with its cycle's name or its statement's arguments."""
    facts = details_of(row.details)
    if row.action in _CYCLES:
        cycle = organizations.cycle_by_id(tx, turn.organization_id, row.subject_id)
        facts |= {} if cycle is None else {"name": cycle.name}
    elif row.action in _ASKED:
        facts |= _arguments(tx, row)
    return facts


def _arguments(tx: Transaction, row: AuditEntry) -> Mapping[str, Fact]:
    try:
        said = told_by(tx, row).arguments
    except (ValueError, TypeError):
        return {}
    return {name: value for name, value in said.items() if isinstance(value, str | int)}


def _acted(tx: Transaction, row: AuditEntry) -> UUID | None:
    """Return the member who acted, None for the root key.

    For a refused attempt it is who tried, not the service.
    """
    if row.actor_id == row.organization_id or _tried_by_root(row):
        return None
    tried = id_in(row.details, "certificate") if row.action in REFUSED else None
    found = None if tried is None else members.certificate(tx, tried)
    return row.actor_id if found is None else found.member_id


def _tried_by_root(row: AuditEntry) -> bool:
    """Return whether the root key signed what a refused attempt was."""
    if row.action != Action.ATTEMPT_REFUSED:
        return False
    facts = details_of(row.details)
    act = ACTS.get(str(facts.get("act")))
    return facts.get("certificate") is None and act is not None and ROOT in act.signers


def _total(turn: Turn, tx: Transaction, subject: UUID | None) -> int:
    """Return how many entries there are; all are numbered from 1, so the last number is enough."""
    if subject is not None:
        return audit_log.count_about(tx, turn.organization_id, subject)
    return audit_log.last_sequence(tx, turn.organization_id)
