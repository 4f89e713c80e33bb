"""Say what became of what was signed earlier and got no answer, before anything else is done.

No key of the member is needed: the statements are signed already.
"""

from __future__ import annotations

from dataclasses import replace

from assigncli.actions import service
from assigncli.actions.session import Session
from assigncli.actions.waiting import Say
from assigncli.client import outcome
from assigncli.client.outcome import Became, Fate, Service
from assigncli.client.outstanding import Note
from assigncli.errors import AssignError
from assigncli.kept_heads import KnownService
from assigncli.store import assignments
from assigncli.trust.people import OneService
from assigncli.trust.reply import Grounds


def settle(session: Session) -> list[Became]:
    """Ask about everything that is outstanding, say what became of it and return that.

    What is not known yet stays outstanding, and stops nothing: an ending must be possible whatever
    the disk. That the store was changed by this is not remembered, since nothing of what a person
    asked for was.
    """
    waiting = session.waiting
    if waiting is None:
        return []
    saved_before = session.store.has_saved
    try:
        return [_settled(session, note, waiting.say) for note in waiting.notes.left()]
    finally:
        session.store.has_saved = saved_before


def _settled(session: Session, note: Note, say: Say) -> Became:
    """Ask about one statement; its file goes last, so that nothing is forgotten unsaid."""
    try:
        found = _asked(session, note)
        if found.head is not None:
            session.witness.acted(found.head)
        found = replace(found, number=_number(session, found))
        say(found, note.aside)
    except BaseException:
        note.leave()
        raise
    outcome.end(note, found.fate)
    return found


def _asked(session: Session, note: Note) -> Became:
    try:
        known = session.witness.service or _beside(session)
    except AssignError as problem:
        return Became(Fate.NOT_KNOWN, error=problem)
    grounds = Grounds(OneService(known.certificate, known.signing_key))
    asked = Service(session.organization_id, known.certificate, grounds)
    return outcome.asked(note, session.connection, asked, session.witness.kept)


def _beside(session: Session) -> KnownService:
    """Return the service of the store, for a new key: it has asked nothing, and no answer yet."""
    with session.store.read() as tx:
        ours = service.own(session, tx).certificate
    return KnownService(ours.id, ours.keys.signing_key)


def _number(session: Session, found: Became) -> int | None:
    """Return the number of the assignment: of the entry, or as the store has it."""
    for entry in found.done.own if found.done is not None else ():
        if isinstance(number := entry.facts.get("number"), int):
            return number
    if found.statement is None:
        return None
    try:
        with session.store.read() as tx:
            row = assignments.by_id(tx, session.organization_id, found.statement.about)
    except AssignError:
        return None
    return None if row is None else row.number
