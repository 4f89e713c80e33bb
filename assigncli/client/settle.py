"""Find out, before anything else is done, what happened to earlier statements without an answer.

The member's keys are not needed: the statements are already signed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from assigncli.client import outcome
from assigncli.client.client import Client
from assigncli.client.outcome import AskedService, Became, Fate
from assigncli.client.outstanding import Note
from assigncli.client.waiting import Say
from assigncli.errors import AssignError
from assigncli.kept_heads import KnownService
from assigncli.protocol.certificate import SERVICE
from assigncli.trust.people import OneService
from assigncli.trust.replies import Grounds


def settle(client: Client) -> list[Became]:
    """Ask about every outstanding statement, report what happened to it, and return that.

    A statement whose fate is not known yet stays outstanding and stops nothing, because a recall or
    cancellation must be possible whatever the state of the disk. A change of the store by this is
    not remembered, because it is nothing that the person asked for now.
    """
    waiting = client.waiting
    if waiting is None:
        return []
    with client.unasked():
        return [_settled(client, note, waiting.say) for note in waiting.notes.left()]


def _settled(client: Client, note: Note, say: Say) -> Became:
    """Ask about one statement; its file is removed last, so that its fate is always reported."""
    try:
        found = _asked(client, note)
        if found.head is not None:
            client.witness.acted(found.head)
        found = replace(found, number=_number(client, found))
        say(found, note.aside)
    except BaseException:
        note.leave()
        raise
    outcome.end(note, found.fate)
    return found


def _asked(client: Client, note: Note) -> Became:
    """Ask with the service as this device knows it, and again where that was replaced since."""
    known = client.witness.service
    try:
        service = _one_service(client) if known is None else _known(known)
        found = _asked_of(client, note, service)
        if known is None or not _may_be_replaced(found):
            return found
        newer = _one_service(client)
    except AssignError as problem:
        return Became(Fate.NOT_KNOWN, error=problem)
    return found if newer == service else _asked_of(client, note, newer)


def _asked_of(client: Client, note: Note, service: OneService) -> Became:
    names = {service.certificate, *service.earlier}
    asked = AskedService(client.organization_id, names, Grounds(service))
    return outcome.asked(note, client.connection, asked, client.witness.kept)


def _may_be_replaced(found: Became) -> bool:
    """Say whether the reason may be that statement and answer are of different services."""
    is_unproven = found.error is not None and found.error.code == "certificate_invalid"
    return found.fate is Fate.ELSEWHERE or is_unproven


def _known(service: KnownService) -> OneService:
    return OneService(service.certificate, service.signing_key)


def _one_service(client: Client) -> OneService:
    """Ask which service this is now, and which certificates it had; raises as `new_key`."""
    from assigncli.client import asking  # which settles before each act, and so imports this

    found = asking.new_key(client)
    now = asking.service(found)
    services = (each.certificate for each in found.people if SERVICE in each.certificate.roles)
    keys = {each.id: each.keys.signing_key for each in services}
    del keys[now.certificate]
    return OneService(now.certificate, now.signing_key, keys)


def _number(client: Client, found: Became) -> int | None:
    """Return the assignment's number from the entry, or as the server has it."""
    for entry in found.done.own if found.done is not None else ():
        if isinstance(number := entry.facts.get("number"), int):
            return number
    if found.statement is None or client.waiting is None:
        return None
    with suppress(AssignError):
        return client.waiting.number_of(found.statement.about)
    return None
