"""Keep a consent: the recipient accepts every step of the text in force, once."""

from __future__ import annotations

from uuid import uuid4

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.consent_text import CURRENT, consent_invalid
from assigncli.domain.lifecycle import TERMINAL, Status
from assigncli.domain.moves import require_move
from assigncli.errors import Tampered
from assigncli.lookups.about_log import Fact
from assigncli.server import certification
from assigncli.server.carrying import Carrying
from assigncli.server.projection import assignments as projected
from assigncli.server.projection import consents
from assigncli.server.record import about, record_all
from assigncli.server.refused import Refused, by_code
from assigncli.server.store import assignments, ready
from assigncli.server.store.tables import Assignment, AuditEntry, ConsentRecord
from assigncli.server.turn import Turn


def consent(doing: Carrying) -> None:
    """Keep the consent to an assignment that asks for one and has not ended."""
    row = doing.own()
    if row.status is Status.PENDING:
        raise Refused("assignment_not_found")
    if row.status in TERMINAL:
        with by_code(status=row.status.value):
            require_move(row.status, Status.READ, row.number)
    if not row.consent_required:
        raise Refused("consent_not_asked")
    _require_whole(doing)
    if assignments.consent_of(doing.tx, row.id, row.recipient_user_id) is not None:
        raise Refused("consent_given")
    facts: dict[str, Fact] = {"number": row.number}
    act = Action.CONSENT_COMPLETED, row.id, facts
    happened = doing.happening(Action.CONSENT_COMPLETED, facts)
    ready.insert_all(doing.tx, ConsentRecord, [{"id": uuid4(), **consents.row(happened)}])
    assignments.change(doing.tx, row, projected.change(happened))
    record_all(doing.turn, doing.tx, doing.actor, [act])


def _require_whole(doing: Carrying) -> None:
    """Refuse a text that is not in force, or only some of its steps: `consent_incomplete`."""
    said = doing.arguments
    digest = CURRENT.digest(said["language"]).hex()
    stands = (CURRENT.version, CURRENT.names, digest)
    if (said["text"], said["steps"], said["text_sha256"]) != stands:
        raise Refused("consent_incomplete")


def given(turn: Turn, tx: Transaction, row: Assignment) -> bool:
    """Return whether the recipient's signed consent to this assignment is recorded.

    Raises Tampered `consent_invalid` if the recipient did not sign it, or if the row has a time of
    consent and there is no record.
    """
    consent = assignments.consent_of(tx, row.id, row.recipient_user_id)
    if consent is None:
        if row.consent_completed_at is not None:
            raise consent_invalid()
        return False
    for entry in about(turn, tx, row.id, [Action.CONSENT_COMPLETED]):
        if entry.statement_hash == consent.statement_hash and _is_by(turn, tx, entry, row):
            return True
    raise consent_invalid()


def _is_by(turn: Turn, tx: Transaction, entry: AuditEntry, row: Assignment) -> bool:
    """Return whether the assignment's recipient signed the statement of the entry."""
    try:
        signer = certification.signer_of(turn, tx, entry)
    except Tampered:
        return False
    return signer is not None and signer.member == row.recipient_user_id
