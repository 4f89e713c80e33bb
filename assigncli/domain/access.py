"""Decide who may read a payload, and when, before the vault hands out a share.

Takes facts and returns nothing or raises a refusal. It does not verify the facts: the caller takes
them from signed statements, and from bare columns only where there is no signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from assigncli.domain.declining import require_not_declined
from assigncli.domain.lifecycle import WITHDRAWN, Status
from assigncli.domain.moves import require_move
from assigncli.domain.rules import Rule
from assigncli.errors import NotAllowed, RuleRefused, Tampered, VaultUnavailable

SHARE_MISSING: Final = "share_missing"
"""The code of the refusal when a share is deleted."""


@dataclass(frozen=True)
class ReadRequest:
    """One member's request to read one payload at one moment (`now` is aware UTC).

    `declined` is whether they read as the mentor who declined it.
    """

    assignment_id: UUID
    number: int
    organization_id: UUID
    recipient_id: UUID
    dispatcher_id: UUID
    status: Status
    expires_at: datetime | None
    consent_required: bool
    consent_given: bool
    declined: bool
    actor_id: UUID
    actor_organization_id: UUID
    now: datetime


@dataclass(frozen=True)
class AuditReceipt:
    """Proof that an access was recorded: the committed audit entry that names it."""

    organization_id: UUID
    sequence: int
    subject_id: UUID
    actor_id: UUID


def require_readable(request: ReadRequest) -> None:
    """Refuse a read that a rule forbids.

    Raises RuleRefused `organization_scope_isolation`, `expired_payload_inaccessible`,
    `assignment_declined`, `consent_before_payload_access` or `valid_status_transition`, or
    NotAllowed `not_your_assignment`.
    """
    _require_same_organization(request)
    _require_reader(request)
    _require_not_withdrawn(request)
    require_not_expired(request.number, request.status, request.expires_at, request.now)
    require_not_declined(request.status, request.number, declined=request.declined)
    if request.actor_id == request.recipient_id and not _is_own_draft(request):
        _require_dispatched(request)
        _require_consent(request)


def require_not_expired(
    number: int, status: Status, expires_at: datetime | None, now: datetime
) -> None:
    """Refuse an assignment past `expires_at`, even if the sweep has not expired it yet.

    A completed assignment stays readable for its retention, until its share is deleted.
    Raises RuleRefused `expired_payload_inaccessible`.
    """
    past = expires_at is not None and now >= expires_at and status is not Status.COMPLETED
    if status is Status.EXPIRED or past:
        raise expired(number)


def expired(number: int) -> RuleRefused:
    """Return the refusal of an act that needs an assignment which has not expired."""
    return RuleRefused(Rule.EXPIRED_PAYLOAD_INACCESSIBLE, number=number)


def not_your_assignment(number: int) -> NotAllowed:
    """Return the refusal of a mentor's act on an assignment sent to somebody else."""
    return NotAllowed("not_your_assignment", number=number)


def require_receipt(request: ReadRequest, receipt: AuditReceipt) -> None:
    """Refuse to release a share if the audit entry names another read.

    Raises RuleRefused `audit_all_access`.
    """
    asked = (request.organization_id, request.assignment_id, request.actor_id)
    if (receipt.organization_id, receipt.subject_id, receipt.actor_id) != asked:
        raise RuleRefused(Rule.AUDIT_ALL_ACCESS)


def may_see_coordinator_notes(
    member_id: UUID, recipient_id: UUID, dispatcher_id: UUID, *, sent: bool
) -> bool:
    """Say whether a member may see the note to the mentor: only its writer and its reader.

    A draft's note is only for its coordinator; the mentor it names is a recipient once it is
    `sent`.
    """
    return member_id == dispatcher_id or (sent and member_id == recipient_id)


def _require_same_organization(request: ReadRequest) -> None:
    if request.actor_organization_id != request.organization_id:
        raise RuleRefused(Rule.ORGANIZATION_SCOPE_ISOLATION, number=request.number)


def _require_reader(request: ReadRequest) -> None:
    if request.actor_id not in (request.recipient_id, request.dispatcher_id):
        raise not_your_assignment(request.number)


def _require_not_withdrawn(request: ReadRequest) -> None:
    if request.status in WITHDRAWN:
        raise RuleRefused(
            Rule.VALID_STATUS_TRANSITION, "withdrawn", status=request.status, number=request.number
        )


def _is_own_draft(request: ReadRequest) -> bool:
    """Say whether the coordinator reads their own draft; they may be its recipient too."""
    return request.status is Status.PENDING and request.actor_id == request.dispatcher_id


def _require_dispatched(request: ReadRequest) -> None:
    if request.status is Status.PENDING:
        require_move(request.status, Status.READ, request.number)


def _require_consent(request: ReadRequest) -> None:
    if request.consent_required and not request.consent_given:
        raise RuleRefused(Rule.CONSENT_BEFORE_PAYLOAD_ACCESS, number=request.number)


def share_missing(number: int) -> VaultUnavailable:
    """Return the refusal when the share is deleted or about to be deleted."""
    return VaultUnavailable(SHARE_MISSING, number=number)


def other_share(number: int) -> Tampered:
    """Return the error for a share that does not match the signed commitment."""
    return Tampered("share_mismatch", "in_vault", number=number)
