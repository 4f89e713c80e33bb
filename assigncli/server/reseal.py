"""Keep the secret of an assignment sealed to further devices of its recipient or its dispatcher.

Nothing of the payload changes. A device that has a wrap keeps the one that it has: otherwise
whoever holds one device could take the secret from the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.declining import require_not_declined
from assigncli.domain.lifecycle import OPEN, Role, Status
from assigncli.domain.rules import Rule
from assigncli.lookups.about_log import Fact
from assigncli.protocol.attachments import decode_wraps
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.context import Context
from assigncli.protocol.sealed_keys import Wrap
from assigncli.server import certification, record
from assigncli.server.carrying import Carrying
from assigncli.server.open import signed_context
from assigncli.server.projection.sealed import wrap_rows
from assigncli.server.refused import Expires, Refused, attachment_form, by_code
from assigncli.server.step import is_due_to_expire
from assigncli.server.store import assignments, keys, members, ready
from assigncli.server.store.tables import Assignment
from assigncli.server.store.wraps import KeyWrap
from assigncli.server.vouched import context_of
from assigncli.trust.tampering import manifest_invalid


def add_wraps(doing: Carrying) -> None:
    """Add wraps for devices in force that have none; raises Refused and Expires."""
    with attachment_form():
        given = decode_wraps(doing.request.attachments[0])
    row = doing.assignment()
    context = signed_context(row)
    if context != context_of(row):
        raise manifest_invalid()
    _require_one_of_the_two(doing, row, context)
    _require_open(doing, row)
    readers = _readers(doing, row, context)
    has_one = {each.certificate_id for each in assignments.wraps_of(doing.tx, [row.id])}
    _require_wraps(doing, context, given, readers.keys() - has_one)
    ready.insert_all(doing.tx, KeyWrap, wrap_rows(context, given, doing.turn.now))
    named = sorted(str(each.certificate) for each in given)
    facts: dict[str, Fact] = {"number": row.number, "certificates": named}
    record.record_all(doing.turn, doing.tx, doing.actor, [(Action.WRAP_ADDED, row.id, facts)])


def _require_one_of_the_two(doing: Carrying, row: Assignment, context: Context) -> None:
    """Refuse everybody but the recipient of what was sent, and the dispatcher."""
    member = doing.actor.member
    if member not in (context.recipient, context.dispatcher):
        raise Refused("not_your_assignment", assignment=None)
    if member == context.dispatcher and Role.COORDINATOR.value in doing.actor.roles:
        return
    doing.require_role(Role.PEER_MENTOR)
    if member != context.recipient:
        raise Refused("not_your_assignment", assignment=None)
    if row.status is Status.PENDING:
        raise Refused(Rule.VALID_STATUS_TRANSITION, status=row.status.value)
    with by_code():
        require_not_declined(row.status, row.number, declined=row.declined_at is not None)


def _require_open(doing: Carrying, row: Assignment) -> None:
    """Refuse what has ended or is past its date, and another key than the live one."""
    if is_due_to_expire(row, doing.turn):
        raise Expires(row.id)
    if row.status is Status.EXPIRED:
        raise Refused(Rule.EXPIRED_PAYLOAD_INACCESSIBLE)
    if row.status not in OPEN:
        raise Refused(Rule.VALID_STATUS_TRANSITION, status=row.status.value)
    key = keys.by_id(doing.tx, row.encryption_key_id)
    is_live = key is not None and key.revoked_at is None
    if not is_live or doing.arguments["encryption_key"] != str(row.encryption_key_id):
        raise Refused(Rule.ENCRYPTION_KEY_EXISTS, place=None)


def _readers(doing: Carrying, row: Assignment, context: Context) -> dict[UUID, Certificate]:
    """Return the devices in force that are to read it: the dispatcher's alone while a draft."""
    people = {context.dispatcher}
    if row.status is not Status.PENDING:
        people.add(context.recipient)
    found: dict[UUID, Certificate] = {}
    for each in people:
        member = members.by_id(doing.tx, doing.turn.organization_id, each)
        if member is not None:
            held = certification.in_force_of(doing.turn, doing.tx, member)
            found |= {certificate.id: certificate for certificate in held}
    return found


def _require_wraps(
    doing: Carrying, context: Context, given: Sequence[Wrap], wanted: set[UUID]
) -> None:
    """Refuse a wrap for another device than those `wanted`, or by another than the signer's."""
    named = {each.certificate for each in given}
    if len(named) != len(given) or not named <= wanted:
        raise Refused("wrap_invalid", place=None)
    key = doing.actor.keys.signing_key
    if not all(each.maker == doing.actor.id and each.is_signed(context, key) for each in given):
        raise Refused("wrap_invalid", place=None)
