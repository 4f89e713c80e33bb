"""One assignment as its evidence proves it: status, manifest, names, and since when.

The only unverified fact is whether a member has a notification channel. A database row that
contradicts the log is reported as tampering, never used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from assigncli.client import directory
from assigncli.domain.actions import Action
from assigncli.domain.consent_text import consent_invalid
from assigncli.domain.declining import DeclineReason
from assigncli.domain.lifecycle import Priority, Status
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.forms import stamp
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.texts import Text
from assigncli.trust.assignment import ProvenAssignment
from assigncli.trust.tampering import (
    certificate_invalid,
    manifest_invalid,
    require,
    statement_not_ours,
)
from assigncli.trust.verification import Verified


@dataclass(frozen=True)
class Declined:
    """When a mentor declined (aware UTC), and why; None where this reader is not shown it."""

    at: datetime
    reason: DeclineReason | None


@dataclass(frozen=True)
class Case:
    """A verified assignment, the answer that it came with, and the manifest in force."""

    verified: Verified
    assignment: ProvenAssignment
    manifest: Manifest

    @property
    def id(self) -> UUID:
        """The assignment's id."""
        return self.assignment.id

    @property
    def number(self) -> int:
        """The number that the log gives it."""
        return self.assignment.number

    @property
    def status(self) -> Status:
        """The status of the last step in the log."""
        return self.assignment.status

    @property
    def priority(self) -> Priority:
        """The priority that the coordinator signed."""
        return Priority(self.manifest.priority)

    @property
    def recipient(self) -> UUID:
        """The mentor to whom it is addressed."""
        return self.manifest.context.recipient

    @property
    def dispatcher(self) -> UUID:
        """The coordinator who is responsible for it."""
        return self.manifest.context.dispatcher

    @property
    def title(self) -> str:
        """The title; empty where this reader may not see it."""
        return self.text("title") or ""

    @property
    def texts(self) -> Mapping[str, Text]:
        """The texts of the manifest that this reader may see, with their salts."""
        vouched = self.assignment.vouched
        return {} if vouched is None else vouched.texts

    @property
    def manifest_hash(self) -> bytes:
        """The hash of the manifest in force."""
        return Manifest.digest(self.manifest.encode())

    @property
    def since(self) -> datetime:
        """When it entered its status (aware UTC)."""
        return self.assignment.steps[-1].at

    @property
    def declined(self) -> Declined | None:
        """When the recipient declined and why; None where they did not."""
        acts = [each for each in self.assignment.entries if each.act == Action.ASSIGNMENT_DECLINED]
        if not acts:
            return None
        shown = (
            None if acts[0].statement is None else self.verified.statements.get(acts[0].statement)
        )
        reason = None if shown is None else shown.statement.arguments["reason"]
        return Declined(acts[0].at, reason and DeclineReason(reason))

    @property
    def consent_given_at(self) -> datetime | None:
        """When the recipient consented (aware UTC); None where they did not."""
        given = [
            entry for entry in self.assignment.entries if entry.act == Action.CONSENT_COMPLETED
        ]
        return given[-1].at if given else None

    def text(self, field: str) -> str | None:
        """Return a text of the manifest; None where it is empty, or not for this reader."""
        found = self.texts.get(field)
        return None if found is None else found.text or None

    def at(self, status: Status) -> datetime | None:
        """Return when it last entered this status (aware UTC); None where it never did."""
        steps = [step for step in self.assignment.steps if step.status is status]
        return steps[-1].at if steps else None

    def handle(self, member: UUID) -> str:
        """Return a member's handle from their certificate."""
        return directory.name(self.verified, member, "handle")

    def display_name(self, member: UUID) -> str:
        """Return a member's name from their certificate."""
        return directory.name(self.verified, member, "display_name")

    def devices(self, member: UUID) -> tuple[Certificate, ...]:
        """Return the member's certificates in force now."""
        return directory.devices(self.verified, member)

    def has_channel(self, member: UUID) -> bool:
        """Say whether a member has a notification channel, on the server's unverified word."""
        rows = self.verified.word.rows.get("members", [])
        return any(row.get("id") == str(member) and row.get("has_channel") for row in rows)


def case_of(verified: Verified) -> Case:
    """Return the one assignment that the evidence is about; raises as `cases_of`."""
    found = cases_of(verified)
    require(len(found) == 1, statement_not_ours)
    return found[0]


def cases_of(verified: Verified) -> list[Case]:
    """Return the assignments that the evidence is about, in its order; raises Tampered.

    Each row must agree with log and manifest (`manifest_invalid`, `consent_invalid`), and each
    member's row with their certificates (`certificate_invalid`).
    """
    require_members(verified)
    return [_case(verified, row) for row in verified.word.rows.get("assignments", [])]


def _case(verified: Verified, row: Mapping[str, Any]) -> Case:
    try:
        about = UUID(str(row.get("id")))
    except ValueError:
        raise manifest_invalid() from None
    assignment = verified.assignment(about)
    if assignment.vouched is None:
        raise manifest_invalid()
    found = Case(verified, assignment, assignment.vouched.manifest)
    _require_row(row, found)
    return found


def _require_row(row: Mapping[str, Any], case: Case) -> None:
    manifest, sent_at = case.manifest, case.at(Status.DISPATCHED)
    told = {
        "number": case.number,
        "status": case.status.value,
        "priority": manifest.priority,
        "recipient_user_id": str(case.recipient),
        "dispatched_by_user_id": str(case.dispatcher),
        "dispatcher_certificate_id": str(manifest.certificate),
        "encryption_key_id": str(manifest.context.encryption_key),
        "contact_deadline_days": manifest.contact_deadline_days,
        "consent_required": manifest.consent_required,
        "dispatched_at": _moment(sent_at),
        "first_read_at": _moment(case.at(Status.READ)),
        "expires_at": _moment(manifest.expires_at),
        "import_key": _hex(manifest.import_key),
        "import_digest": _hex(manifest.import_digest),
    }
    declined = case.declined
    told["declined_at"] = _moment(None if declined is None else declined.at)
    differs = any(row.get(name, told) != value for name, value in told.items())
    require(not differs, manifest_invalid)
    if row.get("consent_completed_at") != _moment(case.consent_given_at):
        raise consent_invalid()


def require_members(verified: Verified) -> None:
    """Refuse members' rows that contradict their certificates; raises Tampered."""
    for row in verified.word.rows.get("members", []):
        _require_member(verified, row)


def _require_member(verified: Verified, row: Mapping[str, Any]) -> None:
    """Refuse a member's row with other keys or roles than those of a certificate they hold.

    Only the server uses these columns; a change of them is reported all the same.
    """
    try:
        member = UUID(str(row.get("id")))
    except ValueError:
        raise certificate_invalid() from None
    held = verified.standing.held(member, verified.head.size + 1)
    certificates = [verified.people.person(each).certificate for each in held]
    told = {
        (each.keys.signing_key.hex(), each.keys.encryption_key.hex(), " ".join(sorted(each.roles)))
        for each in certificates
    }
    said = (row.get("signing_key"), row.get("encryption_key"), row.get("roles"))
    require(not told or said in told, certificate_invalid)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)


def _hex(data: bytes | None) -> str | None:
    return None if data is None else data.hex()
