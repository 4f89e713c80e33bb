"""Read the audit log, and verify it: every entry signed by who did it, each after the one before.

A cut-off tail is found only with a checkpoint kept elsewhere; what is checked here is that the
chain is whole, that each actor was certified and held a role for the act, and that the certificates
in the store are those the log says were issued and revoked. What else the store keeps of the same
acts is held against the log by `compare`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, type_coerce
from sqlalchemy.types import NullType
from sqlmodel import Session as Transaction
from sqlmodel import col

from assigncli.actions import find, trust
from assigncli.actions.compare import differences
from assigncli.actions.difference import Difference
from assigncli.actions.record import details_of, id_in
from assigncli.actions.session import Session
from assigncli.actions.standing import DIFFERS, differs
from assigncli.crypto.certificate import Certificate, may_vouch
from assigncli.crypto.chain import FORGED, Entry, Finding, Link, check_links
from assigncli.crypto.identity import PublicIdentity
from assigncli.crypto.statement import unstamp
from assigncli.domain.audit import ACTORS, STANDING, Action
from assigncli.domain.lifecycle import Role
from assigncli.domain.permitted import role_missing
from assigncli.errors import Tampered
from assigncli.store import audit, members
from assigncli.store.tables import AuditEntry, CertificateRow

_STAFF: Final = (Role.COORDINATOR, Role.ORG_ADMIN)
CERTIFICATE_INVALID: Final = "certificate_invalid"
_COLUMNS: Final = (
    *("sequence", "at", "actor_id", "actor_certificate_id", "action"),
    *("subject_type", "subject_id", "details", "previous_hash", "entry_hash", "signature"),
)
_UNREADABLE: Final = Entry(
    organization_id=UUID(int=0),
    sequence=0,
    at=datetime.min,  # noqa: DTZ901 - no time zone, so that it has no proper form
    actor_id=UUID(int=0),
    actor_certificate_id=UUID(int=0),
    action="",
    subject_type="",
    subject_id=None,
    details="",
    previous_hash=b"",
)
"""Stands for an entry that cannot be read; it has no hash, so it counts as altered."""


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
    """Part of the log, newest first; `before` asks for the next part, None at the end.

    `total` is how many entries there are, of the one assignment where that was asked for.
    """

    entries: tuple[Recorded, ...]
    total: int
    before: int | None


@dataclass(frozen=True)
class Verdict:
    """What verifying found; `entries` is how many were read, `last` the end of the chain.

    A `Difference` among the findings is of a table that says otherwise than the log.
    """

    entries: int
    last: Link
    findings: tuple[Finding, ...]


def read_log(session: Session, *, reference: str | None, before: int | None, limit: int) -> Log:
    """Return part of the audit log, of one assignment or of all; for coordinators and admins."""
    with session.store.read() as tx:
        _require_staff(session, tx)
        subject = None if reference is None else find.recorded_id(session, tx, reference)
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
                    details_of(row.details),
                )
                for row in shown
            ),
            _total(session, tx, subject),
            shown[-1].sequence if len(rows) > limit else None,
        )


def _total(session: Session, tx: Transaction, subject: UUID | None) -> int:
    """Return how many entries there are: they are numbered from 1, so that none is counted."""
    if subject is not None:
        return audit.count_about(tx, session.organization_id, subject)
    last, _hash = audit.tail(tx, session.organization_id)
    return last


def verify(session: Session) -> Verdict:
    """Read the whole log and say which entries are altered, missing, out of order or forged.

    And where status log, honorarium ledger, settings or cycles are not what the entries say.
    """
    with session.store.read() as tx:
        return _Check(session, tx).run()


class _Check:
    """One verification: the certificates looked up once, the log read once, first to last."""

    def __init__(self, session: Session, tx: Transaction) -> None:
        self.session = session
        self.tx = tx
        self.certificates: dict[UUID, Certificate | None] = {}
        self.count = 0
        self.last = Link(0, b"")
        self.holders: dict[UUID, UUID | None] = {}  # the certificate each member holds so far
        self.issued: dict[UUID, int] = {}  # by which entry
        self.ended: dict[UUID, int] = {}
        self.extra: list[Finding] = []

    def run(self) -> Verdict:
        links = check_links(
            self._entries(),
            organization_id=self.session.organization_id,
            public_key_of=self._public_key,
        )
        findings = {_place(finding): finding for finding in links}
        for finding in [*self.extra, *self._certificate_findings()]:
            findings.setdefault(_place(finding), finding)
        chain = tuple(findings.values())
        for finding in differences(self.session, self.tx, chain):
            findings.setdefault(_place(finding), finding)
        return Verdict(self.count, self.last, tuple(findings[key] for key in sorted(findings)))

    def _entries(self) -> Iterator[tuple[Entry, bytes, bytes]]:
        for entry, entry_hash, signature in _as_stored(self.tx, self.session.organization_id):
            self.count += 1
            self.last = Link(entry.sequence, entry_hash)
            if self._may_act(entry):
                self._note(entry)
            else:
                self.extra.append(Finding(entry.sequence, FORGED))
            yield entry, entry_hash, signature

    def _may_act(self, entry: Entry) -> bool:
        """Say whether the actor held the role, under the certificate that the log last gave them.

        Whose certificate does not verify at all, or has another key, is found by its signature.
        """
        certificate = self._certificate(entry.actor_certificate_id)
        if certificate is None:
            return True
        allowed = ACTORS[Action(entry.action)] if entry.action in set(Action) else frozenset()
        held = self.holders.get(certificate.member_id, certificate.id)
        return held == certificate.id and bool({role.value for role in allowed} & certificate.roles)

    def _note(self, entry: Entry) -> None:
        """Remember what an entry says of certificates; one that its actor could not give is bad."""
        member = entry.subject_id
        if member is None or entry.action not in STANDING:
            return
        before = self.holders.get(member)
        if entry.action == Action.MEMBER_REVOKED:
            self.holders[member] = None
        else:
            named = id_in(entry.details, "certificate")
            if named is None or not self._could_give(entry, named):
                self.extra.append(Finding(entry.sequence, CERTIFICATE_INVALID))
                return
            self.holders[member] = named
            self.issued.setdefault(named, entry.sequence)
        if before is not None:
            self.ended[before] = entry.sequence

    def _could_give(self, entry: Entry, certificate_id: UUID) -> bool:
        given = self._certificate(certificate_id)
        actor = self._certificate(entry.actor_certificate_id)
        if given is None or actor is None or given.member_id != entry.subject_id:
            return False
        if given.issuer_certificate_id is None:
            return True
        issuer = self._certificate(given.issuer_certificate_id)
        return (
            issuer is not None
            and issuer.member_id == actor.member_id
            and may_vouch(actor.roles, given.roles)
        )

    def _public_key(self, certificate_id: UUID, actor_id: UUID) -> PublicIdentity | None:
        certificate = self._certificate(certificate_id)
        if certificate is None or certificate.member_id != actor_id:
            return None
        return certificate.public

    def _certificate(self, certificate_id: UUID) -> Certificate | None:
        if certificate_id not in self.certificates:
            row = members.certificate(self.tx, certificate_id)
            try:
                found = None if row is None else trust.chained(self.session, self.tx, row)
            except Tampered:
                found = None
            self.certificates[certificate_id] = found
        return self.certificates[certificate_id]

    def _certificate_findings(self) -> Iterator[Finding]:
        """Hold the store's certificates, and what it copies from them, against the log.

        A finding of a certificate that an entry gave, or took back, is about that entry.
        """
        bad: set[UUID] = set()
        for row in members.certificates_of(self.tx, self.session.organization_id):
            for finding in self._faults(row):
                bad.add(row.member_id)
                yield finding
        for member in members.everyone(self.tx, self.session.organization_id):
            if member.id not in bad:
                try:
                    trust.certificate_of(self.session, self.tx, member)
                except Tampered as fault:
                    yield Finding(self._entry_about(member.id), fault.code)
                    continue
                if differs(self.tx, member):
                    yield Difference(self._entry_about(member.id), DIFFERS, name=member.handle)

    def _faults(self, row: CertificateRow) -> Iterator[Finding]:
        if row.id not in self.issued:
            yield Finding(0, "certificate_unrecorded")
        elif self._certificate(row.id) is None:
            yield Finding(self.issued[row.id], CERTIFICATE_INVALID)
        elif (row.revoked_at is None) == (row.id in self.ended):
            yield Finding(self.ended.get(row.id, self.issued[row.id]), "revocation_invalid")
        elif row.revoked_at is not None:
            try:
                trust.require_revocations_hold(self.session, self.tx, row)
            except Tampered as fault:
                yield Finding(self.ended[row.id], fault.code)

    def _entry_about(self, member_id: UUID) -> int:
        held = self.holders.get(member_id)
        return 0 if held is None else self.issued[held]


def _place(finding: Finding) -> tuple[int, str, int, str]:
    """Return by what findings are ordered, and which are the same."""
    if isinstance(finding, Difference):
        word = f"{finding.name or ''} {finding.column or ''}"
        return finding.sequence, finding.code, finding.number or 0, word
    return finding.sequence, finding.code, 0, ""


def _as_stored(tx: Transaction, organization_id: UUID) -> Iterator[tuple[Entry, bytes, bytes]]:
    """Yield every entry with its hash and signature, as the rows lie, whatever stands in them.

    What cannot be read as an entry at all must be found too, not stop the search. Memory is
    bounded.
    """
    columns = [type_coerce(getattr(AuditEntry, name), NullType()) for name in _COLUMNS]
    rows = tx.connection().execute(
        select(*columns)
        .where(col(AuditEntry.organization_id) == organization_id)
        .order_by(col(AuditEntry.sequence), col(AuditEntry.id))
        .execution_options(yield_per=500)
    )
    for row in rows:
        if not isinstance(row[0], int):
            continue  # then its number is missing
        yield _entry(organization_id, row), _blob(row[-2]), _blob(row[-1])


def _entry(organization_id: UUID, row: Sequence[Any]) -> Entry:
    sequence, at, actor, certificate, action, kind, subject, details, previous = row[:-2]
    try:
        return Entry(
            organization_id=organization_id,
            sequence=sequence,
            at=unstamp(at),
            actor_id=UUID(actor),
            actor_certificate_id=UUID(certificate),
            action=action,
            subject_type=kind,
            subject_id=None if subject is None else UUID(subject),
            details=details,
            previous_hash=previous,
        )
    except (ValueError, TypeError, AttributeError):
        return replace(_UNREADABLE, sequence=sequence, previous_hash=_blob(previous))


def _blob(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""


def _require_staff(session: Session, tx: Transaction) -> None:
    """Ask the certificate, which the database cannot change, not the rows of roles."""
    member = members.by_id(tx, session.organization_id, session.member_id)
    certificate = None if member is None else trust.certificate_of(session, tx, member)
    if certificate is None:
        raise role_missing(*_STAFF)
    trust.require_role(certificate, *_STAFF)
