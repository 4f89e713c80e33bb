"""Open a payload: record the access before releasing the share. Refusals are recorded too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from assigncli.domain.access import SHARE_MISSING, AuditReceipt, ReadRequest, require_readable
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Status
from assigncli.errors import StoreUnavailable, Tampered
from assigncli.protocol.acts import RECIPIENT
from assigncli.protocol.context import Context
from assigncli.protocol.manifest import Manifest
from assigncli.server import record, service, step
from assigncli.server.carrying import Carrying, Release
from assigncli.server.expiry import expire_if_due
from assigncli.server.refused import Expires, Refused, by_code
from assigncli.server.store import assignments, keys, restores
from assigncli.server.store.restores import LostKind
from assigncli.server.store.tables import Assignment
from assigncli.server.vouched import context_of
from assigncli.trust.signers import ROLES
from assigncli.trust.tampering import manifest_invalid, read_or


def open_payload(doing: Carrying) -> None:
    """Record the access, and for the recipient's first one the step to `read`."""
    reader = doing.arguments["as"]
    row, request = _readable(doing, reader)
    receipt = _recorded(doing, row, reader)
    doing.release = Release(row.encryption_key_id, request, receipt)


def refuse_payload(doing: Carrying) -> None:
    """Record that the reader's own client refused to open the payload, and with which code.

    If the assignment is past its date, also record that it expired.
    """
    row = doing.assignment()
    context = signed_context(row)
    if doing.actor.member not in (context.recipient, context.dispatcher):
        raise Refused("not_your_assignment", assignment=None)
    dead = expire_if_due(doing.turn, doing.tx, row)
    if dead is not None:  # not raised as Expires: the act itself is still carried out
        doing.dead.append(dead)
    facts = {"number": row.number, "code": doing.arguments["code"]}
    record.record(doing.turn, doing.tx, doing.actor, Action.PAYLOAD_REFUSED, row.id, **facts)


def _readable(doing: Carrying, reader: str) -> tuple[Assignment, ReadRequest]:
    """Check every rule, and return the assignment and the request to read it; raises Refused."""
    doing.require_role(*ROLES[reader])
    row = doing.assignment()
    if signed_context(row) != context_of(row):
        raise manifest_invalid()
    own = row.recipient_user_id if reader == RECIPIENT else row.dispatched_by_user_id
    if doing.actor.member != own:
        raise Refused("not_your_assignment", assignment=None)
    if step.is_due_to_expire(row, doing.turn):
        raise Expires(row.id)
    with by_code(status=row.status.value):
        require_readable(request := _request(doing, row, reader))
    if doing.arguments["encryption_key"] != str(row.encryption_key_id):
        raise Refused("encryption_key_exists", place=None)
    require_share(doing, row)
    return row, request


def signed_context(row: Assignment) -> Context:
    """Return the manifest's context; an entry by anyone else than it names would never verify.

    Raises Tampered `manifest_invalid`.
    """
    with read_or(manifest_invalid):
        return Manifest.decode(row.manifest_body).context


def require_share(doing: Carrying, row: Assignment) -> None:
    """Refuse if the share is gone or does not match its commitment.

    Raises Refused `share_missing` or `share_mismatch`.
    """
    key = keys.by_id(doing.tx, row.encryption_key_id)
    if key is None or key.revoked_at is not None:  # a restored vault may have it
        raise Refused(SHARE_MISSING)
    if restores.is_lost(doing.tx, row.organization_id, LostKind.KEY, key.id):
        raise Refused(SHARE_MISSING)
    context = context_of(row)
    with _refused_by_vault():
        doing.turn.vault.vouches(
            key.id,
            lambda share: context.commitment(share) == key.share_commitment,
            number=row.number,
        )


@contextmanager
def _refused_by_vault() -> Iterator[None]:
    try:
        yield
    except (StoreUnavailable, Tampered) as fault:
        if fault.code not in (SHARE_MISSING, "share_mismatch"):
            raise
        raise Refused(fault.code) from None


def _recorded(doing: Carrying, row: Assignment, reader: str) -> AuditReceipt:
    """Take the steps that opening implies and append their entries, the access last."""
    access: record.Act = (Action.PAYLOAD_DECRYPTED, row.id, {"number": row.number, "as": reader})
    turn, tx, actor = doing.turn, doing.tx, doing.actor
    if reader == RECIPIENT and row.status is Status.DISPATCHED:
        host = service.own(turn, tx).certificate
        step.step(turn, tx, host, row, Status.DELIVERED)
    if reader != RECIPIENT or row.status is not Status.DELIVERED:
        return record.record_all(turn, tx, actor, [access])[0]
    facts = step.facts_of(row, Status.READ)
    reading: record.Act = (Action.ASSIGNMENT_READ, row.id, facts)
    happened = step.happening(turn, actor, *reading, doing.request)
    # The guard `audit_all_access` wants the access in the log before the row counts as read.
    receipt = record.record_all(turn, tx, actor, [reading, access])[-1]
    with by_code(status=row.status.value):
        step.move(tx, row, happened)
    return receipt


def _request(doing: Carrying, row: Assignment, reader: str) -> ReadRequest:
    given = assignments.consent_of(doing.tx, row.id, row.recipient_user_id)
    return ReadRequest(
        assignment_id=row.id,
        number=row.number,
        organization_id=row.organization_id,
        recipient_id=row.recipient_user_id,
        dispatcher_id=row.dispatched_by_user_id,
        status=row.status,
        expires_at=row.expires_at,
        consent_required=row.consent_required,
        consent_given=given is not None,
        declined=reader == RECIPIENT and row.declined_at is not None,
        actor_id=doing.actor.member,
        actor_organization_id=doing.actor.organization,
        now=doing.turn.now,
    )
