"""Seal the secret of open assignments to devices that came later; no payload is opened.

Any device that holds the secret can do it: the mentor's other one, or one of the dispatcher's.
Which assignments are open is the server's word; to whom each is sealed is verified by its log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from uuid import UUID

from assigncli.client import asking, seal
from assigncli.client.case import Case
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.member import plain
from assigncli.client.open import secret_half
from assigncli.client.refusals import of_one
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Status
from assigncli.errors import AssignError, RuleRefused
from assigncli.lookups.about_assignments import READERS, Readers, WantedReaders
from assigncli.protocol.attachments import encode_wraps
from assigncli.protocol.certificate import Certificate
from assigncli.trust.envelopes import sealed_to


class Sealing(Enum):
    """What became of one assignment."""

    SEALED = "sealed"
    """Sealed to the devices that lacked it."""
    WAS_SEALED = "was_sealed"
    """All devices had it already."""
    NOT_HELD = "not_held"
    """This device cannot read it, so it cannot seal it."""
    ENDED = "ended"
    """It ended, or its date passed, meanwhile."""


@dataclass(frozen=True)
class Resealed:
    """One open assignment; `was_read` says whether the mentor had opened it."""

    id: UUID
    number: int
    title: str
    was_read: bool
    outcome: Sealing

    @property
    def can_be_read(self) -> bool:
        """Whether every device in force that is to read it can."""
        return self.outcome in (Sealing.SEALED, Sealing.WAS_SEALED)


def open_with(client: Client, handle: str | None) -> Sequence[Readers]:
    """Return the acting member's open assignments, or those of them that are with a member.

    It is the server's word. Raises NotFound `member_not_found`.
    """
    if handle is None:
        return client.look(READERS, WantedReaders()).items
    theirs = client.look(READERS, WantedReaders(plain(handle)))
    return [each for each in theirs.items if client.member_id in _people(each)]


def reseal(client: Client, each: Readers) -> Resealed:
    """Seal one assignment to all devices in force that lack it; does nothing where none does.

    Raises RuleRefused and Tampered as reading the assignment does.
    """
    return _reseal(client, each, tries=2)


def _reseal(client: Client, each: Readers, *, tries: int) -> Resealed:
    """Try once more where another device was faster."""
    case = asking.case(client, str(each.id), is_signed=True)
    missing = [device for device in _due(case) if device.id not in sealed_to(case.assignment)]
    if not missing:
        return _resealed(case, Sealing.WAS_SEALED)
    maker = asking.own_certificate(client, case.verified)
    sealed = case.verified.envelopes.get(case.id)
    if sealed is None or maker.id not in sealed.wraps:
        return _resealed(case, Sealing.NOT_HELD)
    secret = secret_half(client, case)
    wraps = seal.wraps(client, case.manifest.context, secret, maker, missing)
    said = {"encryption_key": str(case.manifest.context.encryption_key)}
    action = Action.WRAP_ADDED.value
    intent = Intent(action, case.id, said, attachments=(encode_wraps(wraps),))
    signer = asking.this_device(client, case.verified)
    try:
        asking.act(client, signer, intent, partial(of_one, case.number))
    except RuleRefused:
        return _resealed(case, Sealing.ENDED)
    except AssignError as error:
        if error.code != "wrap_invalid" or tries == 1:
            raise
        return _reseal(client, each, tries=tries - 1)
    return _resealed(case, Sealing.SEALED)


def _due(case: Case) -> tuple[Certificate, ...]:
    """Return the devices in force that are to read it: of a draft the dispatcher's alone."""
    devices = case.devices(case.dispatcher)
    if case.status is not Status.PENDING and case.recipient != case.dispatcher:
        devices = (*devices, *case.devices(case.recipient))
    return devices


def _people(each: Readers) -> tuple[UUID, UUID]:
    return each.recipient_user_id, each.dispatched_by_user_id


def _resealed(case: Case, outcome: Sealing) -> Resealed:
    was_read = case.at(Status.READ) is not None
    return Resealed(case.id, case.number, case.title, was_read, outcome)
