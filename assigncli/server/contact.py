"""Contact: the mentor has been in contact with the person, or has tried and got no answer."""

from __future__ import annotations

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import require_move
from assigncli.lookups.about_log import Fact
from assigncli.server.carrying import Carrying
from assigncli.server.projection import contact_attempts as projected
from assigncli.server.record import record
from assigncli.server.refused import by_code
from assigncli.server.store import contact_attempts, ready
from assigncli.server.store.contact_attempts import ContactAttempt


def contact(doing: Carrying) -> None:
    """Record that contact was made; no reminder is sent after this."""
    doing.advance(Status.CONTACT_MADE)


def no_answer(doing: Carrying) -> None:
    """Record an attempt without an answer, where contact could be recorded.

    The assignment stays as it is: no step is taken, and the reminder is not stopped.
    """
    row = doing.own()
    with by_code(status=row.status.value):
        require_move(row.status, Status.CONTACT_MADE, row.number)
    attempt = contact_attempts.count(doing.tx, row.id) + 1
    facts: dict[str, Fact] = {"number": row.number, "attempt": attempt}
    happened = doing.happening(Action.CONTACT_UNANSWERED, facts)
    ready.insert_all(doing.tx, ContactAttempt, [projected.row(happened)])
    record(doing.turn, doing.tx, doing.actor, Action.CONTACT_UNANSWERED, row.id, **facts)
