"""Who may read a payload, and when: each rule refused, and its neighbour allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from assigncli.domain.access import (
    AuditReceipt,
    ReadRequest,
    require_not_expired,
    require_readable,
    require_receipt,
)
from assigncli.domain.lifecycle import Status
from assigncli.errors import NotAllowed, RuleRefused
from tests.quick import all_in_one

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
EXPIRES = NOW + timedelta(days=1)
MENTOR, COORDINATOR, ORGANIZATION = uuid4(), uuid4(), uuid4()
ASKED = ReadRequest(
    assignment_id=uuid4(),
    number=7,
    organization_id=ORGANIZATION,
    recipient_id=MENTOR,
    dispatcher_id=COORDINATOR,
    status=Status.DISPATCHED,
    expires_at=EXPIRES,
    consent_required=False,
    consent_given=False,
    declined=False,
    actor_id=MENTOR,
    actor_organization_id=ORGANIZATION,
    now=NOW,
)
RECEIPT = AuditReceipt(ORGANIZATION, 1, ASKED.assignment_id, MENTOR)
SENT = (
    *(Status.DISPATCHED, Status.DELIVERED, Status.READ),
    *(Status.ACKNOWLEDGED, Status.CONTACT_MADE, Status.COMPLETED),
)


def refused(rule: str, **changes: object) -> None:
    """Hold that the request, changed like this, breaks that rule."""
    with pytest.raises(RuleRefused) as refusal:
        require_readable(replace(ASKED, **changes))  # type: ignore[arg-type]
    assert refusal.value.code == rule


@pytest.mark.parametrize("status", SENT)
def test_the_recipient_reads_what_was_sent(status: Status) -> None:
    require_readable(replace(ASKED, status=status))


def test_organization_scope_isolation() -> None:
    refused("organization_scope_isolation", actor_organization_id=uuid4())


def test_organization_scope_isolation_is_asked_first() -> None:
    refused("organization_scope_isolation", actor_organization_id=uuid4(), status=Status.EXPIRED)


@all_in_one("status", Status)
def test_nobody_else_reads_it(status: Status) -> None:
    with pytest.raises(NotAllowed) as refusal:
        require_readable(replace(ASKED, actor_id=uuid4(), status=status))
    assert refusal.value.code == "not_your_assignment"


@pytest.mark.parametrize("status", SENT[:4])
def test_what_the_mentor_declined_they_no_longer_read(status: Status) -> None:
    refused("assignment_declined", declined=True, status=status)
    require_readable(replace(ASKED, actor_id=COORDINATOR, status=status))


@pytest.mark.parametrize("status", [Status.RECALLED, Status.CANCELLED])
@pytest.mark.parametrize("actor", [MENTOR, COORDINATOR])
def test_what_was_withdrawn_is_read_by_nobody(status: Status, actor: object) -> None:
    refused("valid_status_transition", status=status, actor_id=actor)


@all_in_one("actor", [MENTOR, COORDINATOR])
@all_in_one("status", [*SENT[:-1], Status.EXPIRED])
def test_expired_payload_inaccessible(status: Status, actor: object) -> None:
    refused("expired_payload_inaccessible", status=status, actor_id=actor, now=EXPIRES)


def test_expired_payload_inaccessible_to_the_microsecond() -> None:
    require_readable(replace(ASKED, now=EXPIRES - timedelta(microseconds=1)))
    refused("expired_payload_inaccessible", now=EXPIRES)
    refused("expired_payload_inaccessible", now=EXPIRES + timedelta(days=400))


def test_expired_payload_inaccessible_once_marked_whatever_the_date() -> None:
    refused("expired_payload_inaccessible", status=Status.EXPIRED)
    refused("expired_payload_inaccessible", status=Status.EXPIRED, expires_at=None)


def test_what_was_completed_stays_readable() -> None:
    require_readable(replace(ASKED, status=Status.COMPLETED, now=EXPIRES + timedelta(days=30)))
    require_not_expired(7, Status.COMPLETED, EXPIRES, EXPIRES)


@pytest.mark.parametrize("status", SENT)
def test_consent_before_payload_access(status: Status) -> None:
    refused("consent_before_payload_access", status=status, consent_required=True)
    require_readable(replace(ASKED, status=status, consent_required=True, consent_given=True))


def test_consent_is_the_recipient_s_not_the_dispatcher_s() -> None:
    require_readable(replace(ASKED, actor_id=COORDINATOR, consent_required=True))


def test_a_recipient_does_not_read_a_draft() -> None:
    refused("valid_status_transition", status=Status.PENDING)


def test_a_coordinator_reads_an_own_draft_also_as_its_recipient() -> None:
    draft = replace(ASKED, status=Status.PENDING, actor_id=COORDINATOR)
    require_readable(draft)
    require_readable(replace(draft, recipient_id=COORDINATOR, consent_required=True))


def test_who_is_both_consents_like_any_recipient_once_it_is_sent() -> None:
    both = {"actor_id": COORDINATOR, "recipient_id": COORDINATOR, "consent_required": True}
    refused("consent_before_payload_access", **both)


def test_a_receipt_for_exactly_this_access() -> None:
    require_receipt(ASKED, RECEIPT)


@pytest.mark.parametrize("name", ["organization_id", "subject_id", "actor_id"])
def test_audit_all_access(name: str) -> None:
    with pytest.raises(RuleRefused) as refusal:
        require_receipt(ASKED, replace(RECEIPT, **{name: uuid4()}))
    assert refusal.value.code == "audit_all_access"
