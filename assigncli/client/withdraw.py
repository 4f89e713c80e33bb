"""What recall and cancel have in common: both delete the share, so the brief is lost for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from secrets import token_bytes
from uuid import UUID

from assigncli.client import asking, directory, references
from assigncli.client.case import case_of
from assigncli.client.client import Client
from assigncli.client.dispatch import not_shown
from assigncli.client.ending import Ending, as_proven, as_told
from assigncli.client.exchange import Intent
from assigncli.client.mentor_step import refused_step
from assigncli.domain.actions import STEP_ACTION
from assigncli.domain.lifecycle import Status
from assigncli.domain.moves import changed_meanwhile, require_move
from assigncli.domain.naming import LIST
from assigncli.errors import PartlyDone, Tampered
from assigncli.protocol.texts import SALT_BYTES, Text
from assigncli.trust.verification import Verified


@dataclass(frozen=True)
class Withdrawn:
    """An assignment that has ended, as it was before; when, by whom and why (`at` is aware UTC)."""

    ending: Ending
    status: Status
    at: datetime
    by_user_id: UUID
    reason: str | None


def asked(client: Client, reference: str, target: Status) -> tuple[Verified, Ending]:
    """Return what would end, and what proves the asking member and the service.

    An assignment that does not verify may be ended all the same. Then another question proves the
    asking member, and the assignment's facts are the server's word.
    """
    answer = asking.unproven(
        client, references.wanted(reference, LIST), not_shown(client, reference)
    )
    try:
        case = case_of(asking.proven(client, answer))
        found, ending = case.verified, as_proven(case)
    except Tampered:
        found, ending = asking.standing(client), as_told(answer)
    directory.require_coordinator(found, client.member_id)
    require_move(ending.status, target, ending.number)
    return found, ending


def withdraw(
    client: Client, reference: str, target: Status, reason: str | None, told: Ending | None
) -> Withdrawn:
    """End an assignment; raises as `recall` and `cancel`, PartlyDone where its share remains."""
    found, ending = asked(client, reference, target)
    if told is not None and told != ending:
        raise changed_meanwhile()
    intent = Intent(
        STEP_ACTION[target].value,
        ending.id,
        {"number": ending.number}
        if reason is None
        else {"number": ending.number, "read": ending.disclosed},
        {} if reason is None else {"reason": Text(token_bytes(SALT_BYTES), reason)},
    )
    signer = asking.this_device(client, found)
    done = asking.act(client, signer, intent, partial(refused_step, ending.number, target))
    require_deleted(done.deleted, target, ending.number)
    return Withdrawn(ending, target, done.at, client.member_id, reason)


def require_deleted(deleted: bool | None, target: Status, number: int) -> None:
    """Raise PartlyDone for an ended assignment where no deletion of the share is proven."""
    if deleted is None:
        raise PartlyDone("key_unsigned", status=target, number=number)
    if not deleted:
        raise PartlyDone("share_not_deleted", status=target, number=number)
