"""Read the audit log, and verify it: every entry signed by who did it, each after the one before.

A cut-off tail is found only with a checkpoint kept elsewhere; what is checked here is that the
chain is whole, that each actor was certified and held a role for the act, and that the certificates
in the store are those the log says were issued and revoked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import find, trust
from assigncli.actions.session import Session
from assigncli.crypto.certificate import Certificate
from assigncli.crypto.chain import FORGED, Entry, Finding, Link, check_links
from assigncli.crypto.identity import PublicIdentity
from assigncli.domain.audit import ACTORS, Action
from assigncli.domain.lifecycle import Role
from assigncli.errors import NotAllowed, Tampered
from assigncli.locale import _
from assigncli.store import audit, members
from assigncli.store.tables import AuditEntry


@dataclass(frozen=True)
class Recorded:
    """One audit entry as it reads; `at` is aware UTC."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject_type: str
    subject_id: UUID | None
    details: dict[str, str | int]


@dataclass(frozen=True)
class Log:
    """Part of the log, newest first; `before` asks for the next part, None at the end."""

    entries: tuple[Recorded, ...]
    before: int | None


@dataclass(frozen=True)
class Verdict:
    """What verifying found; `entries` is how many were read, `last` the end of the chain."""

    entries: int
    last: Link
    findings: tuple[Finding, ...]


def read_log(
    session: Session, *, reference: str | None, before: int | None, limit: int
) -> Log:
    """Return part of the audit log, of one assignment or of all; for coordinators and admins."""
    with session.store.read() as tx:
        _require_staff(session, tx)
        subject = None if reference is None else find.assignment(session, tx, reference).id
        rows = audit.recent(
            tx, session.organization_id, subject_id=subject, before=before, limit=limit + 1
        )
        names = members.names(tx, {row.actor_id for row in rows})
        shown = rows[:limit]
        return Log(
            tuple(
                Recorded(
                    row.sequence,
                    row.at,
                    names.get(row.actor_id, ("", ""))[1],
                    row.action,
                    row.subject_type,
                    row.subject_id,
                    _details(row.details),
                )
                for row in shown
            ),
            shown[-1].sequence if len(rows) > limit else None,
        )


def verify(session: Session) -> Verdict:
    """Read the whole log and say which entries are altered, missing, out of order or forged."""
    with session.store.read() as tx:
        return _Check(session, tx).run()


class _Check:
    """One verification: the certificates looked up once, the log read once."""

    def __init__(self, session: Session, tx: Transaction) -> None:
        self.session = session
        self.tx = tx
        self.certificates: dict[UUID, Certificate | None] = {}
        self.count = 0
        self.last = Link(0, b"")
        self.issued: set[UUID] = set()
        self.extra: list[Finding] = []

    def run(self) -> Verdict:
        links = check_links(
            self._entries(),
            organization_id=self.session.organization_id,
            public_key_of=self._public_key,
        )
        findings = {(finding.sequence, finding.code): finding for finding in links}
        for finding in [*self.extra, *self._certificate_findings()]:
            findings.setdefault((finding.sequence, finding.code), finding)
        ordered = tuple(findings[key] for key in sorted(findings))
        return Verdict(self.count, self.last, ordered)

    def _entries(self) -> Iterator[tuple[Entry, bytes, bytes]]:
        for row in audit.in_order(self.tx, self.session.organization_id):
            self.count += 1
            self.last = Link(row.sequence, row.entry_hash)
            self._note(row)
            yield _entry(row), row.entry_hash, row.signature

    def _note(self, row: AuditEntry) -> None:
        """Hold each entry against the actor's roles, and remember which certificates it names."""
        certificate = self._certificate(row.actor_certificate_id)
        allowed = ACTORS[Action(row.action)] if row.action in set(Action) else frozenset()
        if certificate is not None and not {role.value for role in allowed} & certificate.roles:
            self.extra.append(Finding(row.sequence, FORGED))
        named = _details(row.details).get("certificate")
        if isinstance(named, str):
            self.issued.add(UUID(named))

    def _public_key(self, certificate_id: UUID, actor_id: UUID) -> PublicIdentity | None:
        certificate = self._certificate(certificate_id)
        if certificate is None or certificate.member_id != actor_id:
            return None
        return certificate.public

    def _certificate(self, certificate_id: UUID) -> Certificate | None:
        if certificate_id not in self.certificates:
            try:
                found = trust.verified_by_id(self.session, self.tx, certificate_id)
            except Tampered:
                found = None
            self.certificates[certificate_id] = found
        return self.certificates[certificate_id]

    def _certificate_findings(self) -> Iterator[Finding]:
        """A certificate that no entry speaks of, or a revocation that nobody may have signed."""
        for row in members.certificates_of(self.tx, self.session.organization_id):
            if row.id not in self.issued:
                yield Finding(0, "certificate_unrecorded")
            if row.revoked_at is not None:
                try:
                    trust.require_revocations_hold(self.session, self.tx, row)
                except Tampered as fault:
                    yield Finding(0, fault.code)


def _entry(row: AuditEntry) -> Entry:
    return Entry(
        organization_id=row.organization_id,
        sequence=row.sequence,
        at=row.at,
        actor_id=row.actor_id,
        actor_certificate_id=row.actor_certificate_id,
        action=row.action,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        details=row.details,
        previous_hash=row.previous_hash,
    )


def _details(text: str) -> dict[str, str | int]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _require_staff(session: Session, tx: Transaction) -> None:
    held = members.roles_of(tx, session.member_id)
    if not held & {Role.COORDINATOR, Role.ORG_ADMIN}:
        raise NotAllowed(
            _("Your roles do not allow this."),
            _("Ask your administrator, or use the profile of a member who may."),
            code="role_missing",
        )
