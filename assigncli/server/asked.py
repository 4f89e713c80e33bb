"""One question while it is answered: one transaction, one member, the server's clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlmodel import Session as Transaction

from assigncli.domain.access import may_see_coordinator_notes
from assigncli.domain.lifecycle import Role, Status
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.question import Question
from assigncli.server.service import Service
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn

_OF_ROOT: Final = frozenset({Role.ORG_ADMIN.value})


@dataclass(frozen=True)
class AskingMember:
    """The member who asks, by the certificate of a device; `is_signed` if that device signed.

    With `is_root` the root key signed: the certificate is then the service's, and it is answered as
    an administrator is.
    """

    certificate: Certificate
    is_signed: bool
    is_root: bool = False

    @property
    def roles(self) -> frozenset[str]:
        """The roles by which it is decided what they may see."""
        return _OF_ROOT if self.is_root else self.certificate.roles

    def sees_notes(self, row: Assignment) -> bool:
        """Return whether they may see the coordinator's notes to the recipient."""
        return may_see_coordinator_notes(
            self.certificate.member,
            row.recipient_user_id,
            row.dispatched_by_user_id,
            sent=row.status is not Status.PENDING,
        )


@dataclass(frozen=True)
class Answering:
    """What the function that answers a question is given.

    `is_settled` is true once the expiry or the delivery that the answer causes has been recorded,
    as far as the assignments are as they were signed.
    """

    turn: Turn
    tx: Transaction
    ours: Service
    asker: AskingMember
    question: Question
    is_settled: bool
