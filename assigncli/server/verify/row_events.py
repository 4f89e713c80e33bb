"""Compare an assignment's consents, unanswered attempts and notifications with its entries.

As in `row_courses`, only entries that verified count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Status
from assigncli.domain.notification import NotificationKind
from assigncli.server.projection import consents as consented
from assigncli.server.projection import contact_attempts as attempted
from assigncli.server.projection import notifications as owing
from assigncli.server.projection.happening import Happening
from assigncli.server.store import raw
from assigncli.server.store.contact_attempts import ContactAttempt
from assigncli.server.store.raw import Raw
from assigncli.server.store.scheduled import Notification
from assigncli.server.store.tables import ConsentRecord
from assigncli.server.verify.difference import Difference
from assigncli.server.verify.told_row import ToldRow

ATTEMPT_DIFFERS: Final = "contact_attempt_differs"
ATTEMPT_MISSING: Final = "contact_attempt_missing"
ATTEMPT_UNRECORDED: Final = "contact_attempt_unrecorded"
CONSENT_DIFFERS: Final = "consent_differs"
CONSENT_MISSING: Final = "consent_missing"
CONSENT_UNRECORDED: Final = "consent_unrecorded"
NOTIFICATION_DIFFERS: Final = "notification_differs"
NOTIFICATION_MISSING: Final = "notification_missing"
NOTIFICATION_UNRECORDED: Final = "notification_unrecorded"


def consents(
    told: ToldRow, happened: Sequence[Happening], rows: Sequence[Raw]
) -> Iterator[Difference]:
    """Yield where the consents kept are not those that the mentor completed."""
    given = [each for each in happened if each.act == Action.CONSENT_COMPLETED]
    wanted = [(raw.stored(ConsentRecord, consented.row(each)), each) for each in given]
    kept = list(rows)
    for values, each in wanted:
        own = next((row for row in kept if row["member_id"] == values["member_id"]), None)
        if own is None:
            yield Difference(each.sequence, CONSENT_MISSING, number=told.number)
            continue
        kept.remove(own)
        for name, value in values.items():
            if own[name] != value:
                yield Difference(each.sequence, CONSENT_DIFFERS, number=told.number, column=name)
    yield from (Difference(0, CONSENT_UNRECORDED, number=told.number) for _consent in kept)


def attempts(
    told: ToldRow, happened: Sequence[Happening], rows: Sequence[Raw]
) -> Iterator[Difference]:
    """Yield where the attempts kept are not those that the mentor said nobody answered."""
    tried = [each for each in happened if each.act == Action.CONTACT_UNANSWERED]
    kept = {row["attempt"]: row for row in rows}
    for each in tried:
        values = raw.stored(ContactAttempt, attempted.row(each))
        own = kept.pop(values["attempt"], None)
        if own is None:
            yield Difference(each.sequence, ATTEMPT_MISSING, number=told.number)
        elif any(own[name] != value for name, value in values.items()):
            yield Difference(each.sequence, ATTEMPT_DIFFERS, number=told.number)
    if len(rows) > len(tried) or kept:
        yield Difference(0, ATTEMPT_UNRECORDED, number=told.number)


def notifications(
    told: ToldRow, happened: Sequence[Happening], rows: Sequence[Raw]
) -> Iterator[Difference]:
    """Compare which notifications are owed; the progress of sending is in no entry."""
    kept = list(rows)
    for each in happened:
        for owed in owing.owed(each, *_both(told)):
            values = raw.stored(Notification, owed)
            whom = (values["kind"], values["recipient_id"])
            own = next((row for row in kept if (row["kind"], row["recipient_id"]) == whom), None)
            if own is None:
                yield Difference(
                    each.sequence, NOTIFICATION_MISSING, number=told.number, name=values["kind"]
                )
                continue
            kept.remove(own)
            for name, value in values.items():
                if own[name] != value:
                    yield Difference(
                        each.sequence, NOTIFICATION_DIFFERS, number=told.number, column=name
                    )
    for row in kept:
        kind = row["kind"] if row["kind"] in set(NotificationKind) else None
        yield Difference(0, NOTIFICATION_UNRECORDED, number=told.number, name=kind)


def _both(told: ToldRow) -> tuple[UUID, UUID]:
    """Return recipient and dispatcher from the entry of the dispatch; nil ids for a draft."""
    sent = told.steps.get(Status.DISPATCHED)
    if sent is None:
        return UUID(int=0), UUID(int=0)
    return sent.id("recipient") or UUID(int=0), sent.actor
