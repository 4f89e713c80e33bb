"""A question while it is answered: in one transaction, for one member, by the server's clock."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session as Transaction

from assigncli.domain.access import may_see_coordinator_notes
from assigncli.domain.lifecycle import Status
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.question import Question
from assigncli.server.service import Service
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn


@dataclass(frozen=True)
class AskingMember:
    """Who asks: the certificate of one of their devices; `is_signed` where that device signed."""

    certificate: Certificate
    is_signed: bool

    def sees_notes(self, row: Assignment) -> bool:
        """Say whether they may see what the coordinator notes for the recipient."""
        return may_see_coordinator_notes(
            self.certificate.member,
            row.recipient_user_id,
            row.dispatched_by_user_id,
            sent=row.status is not Status.PENDING,
        )


@dataclass(frozen=True)
class Answering:
    """What answers a read: by which service, and for whom.

    `is_settled` says that what is past its date, or new in an inbox, was recorded just now, as far
    as it stands as it was signed.
    """

    turn: Turn
    tx: Transaction
    ours: Service
    asker: AskingMember
    question: Question
    is_settled: bool
