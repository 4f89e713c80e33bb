"""Verify the audit log and the tables.

Entries, statements and the tree are verified in `reading`. This module checks that service and
actor of each entry were certified and had a role for the act, and that they could give or revoke
what they did. The tables are compared with the log in `compare`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import CERTIFYING, ISSUING, Action
from assigncli.domain.lifecycle import Role
from assigncli.errors import Tampered
from assigncli.lookups import Nothing
from assigncli.lookups.about_log import LogCheck, LogFault
from assigncli.protocol import tree
from assigncli.protocol.acts import was_of_root
from assigncli.protocol.certificate import SERVICE_ROLES, Certificate
from assigncli.protocol.entry import Entry
from assigncli.protocol.seen import Seen
from assigncli.protocol.signed import Signed
from assigncli.server.certified import is_named, of_chain
from assigncli.server.finding import FORGED, LOG_BEHIND, LOG_FORKED, Finding
from assigncli.server.heads import node_in, places
from assigncli.server.restore import restored
from assigncli.server.store import audit_log, members
from assigncli.server.store.founding import founding
from assigncli.server.turn import Turn
from assigncli.server.verify import compare_sealed
from assigncli.server.verify.compare import differences
from assigncli.server.verify.compare_people import CERTIFICATE_INVALID
from assigncli.server.verify.compare_sealed import Given
from assigncli.server.verify.difference import Difference
from assigncli.server.verify.doubts import Doubts, revocation_invalid
from assigncli.server.verify.reading import Reading
from assigncli.trust.signers import ACTORS
from assigncli.trust.vouching import may_vouch


@dataclass(frozen=True)
class Verdict:
    """The result: `entries` is the number read, `head` the root over them.

    A `Difference` among the findings is about a table that contradicts the log.
    """

    entries: int
    head: Seen
    findings: tuple[Finding, ...]


def verify(turn: Turn) -> Verdict:
    """Read the whole log and report entries that are altered, missing, out of order or forged.

    Also statements and nodes of the tree, a kept head that the log does not continue, and tables
    that differ from what the entries make of them.
    """
    with turn.store.read() as tx:
        return _Check(turn, tx).run()


def check(turn: Turn, _asked: Nothing) -> LogCheck:
    """Return what `verify` finds, for display."""
    found = verify(turn)
    head, faults = found.head, tuple(map(_fault, found.findings))
    with turn.store.read() as tx:
        told = tuple(restored(turn, tx))
    return LogCheck(found.entries, head.size, head.root.hex(), faults, told)


def _fault(found: Finding) -> LogFault:
    place = found if isinstance(found, Difference) else None
    return LogFault(
        sequence=found.sequence,
        through=found.through,
        code=found.code,
        of_table=place is not None,
        number=None if place is None else place.number,
        name=None if place is None else place.name,
        column=None if place is None else place.column,
    )


class _Check:
    """One verification: certificates are looked up once, the log is read once, first to last."""

    def __init__(self, turn: Turn, tx: Transaction) -> None:
        self.turn = turn
        self.tx = tx
        self.certificates: dict[UUID, Certificate | None] = {}
        self.holders: dict[UUID, list[UUID]] = {}  # the certificates that each member holds so far
        self.given: list[Given] = []  # who was given keys of the organisation, in order
        self.doubts = Doubts(tx, self._certificate, self._is_held)
        self.extra: list[Finding] = []

    def run(self) -> Verdict:
        own = self.turn.organization_id, self.turn.root_public_key
        reading = Reading(self.tx, *own, self._certificate)
        findings = {_place(each): each for each in self._entry_findings(reading)}
        for finding in (*self.extra, *self._beside_the_kept_head(reading.size)):
            findings.setdefault(_place(finding), finding)
        log = tuple(findings.values())
        told = differences(self.turn, self.tx, log)
        organization_id = self.turn.organization_id
        sealed = compare_sealed.differences(self.tx, organization_id, self._certificate, told)
        keys = compare_sealed.keys_altered(self.tx, organization_id, self._certificate, self.given)
        for finding in (*told, *sealed, *keys):
            findings.setdefault(_place(finding), finding)
        head = Seen(reading.tree.size, reading.tree.root())
        return Verdict(reading.count, head, tuple(findings[key] for key in sorted(findings)))

    def _entry_findings(self, reading: Reading) -> Iterator[Finding]:
        for read in reading.entries():
            yield from read.findings
            if read.entry is None:
                continue
            if self._may_act(read.entry):
                self._note(read.entry)
            else:
                self.extra.append(Finding(read.entry.sequence, FORGED))
        self.extra.extend(self.doubts.left(reading.count))
        yield from reading.rest()

    def _beside_the_kept_head(self, size: int) -> Iterator[Finding]:
        """Yield a finding where the stored tree of this size does not continue the kept head."""
        kept = self.turn.witness.kept
        root_of = partial(tree.root, kept.size)
        nodes = audit_log.nodes(self.tx, self.turn.organization_id, places(root_of))
        if size < kept.size:
            yield Finding(size + 1, LOG_BEHIND, kept.size)
            return
        try:
            differs = root_of(partial(node_in, nodes)) != kept.root
        except Tampered:  # a missing node is reported by the reading
            return
        if differs:
            yield Finding(kept.size, LOG_FORKED)

    def _may_act(self, entry: Entry) -> bool:
        """Say whether service and actor had the role, by a certificate they held at that place.

        A certificate that does not verify, or has another key, is found with the signature.
        """
        host, actor = self._certificate(entry.service), self._certificate(entry.actor)
        if host is None or (actor is None and entry.actor is not None):
            return True
        if entry.act == Action.SERVICE_REPLACED:
            return self._replaces(entry, host, actor)
        if host.roles != SERVICE_ROLES or not self._holds(host):
            return False
        if actor is None:  # a new key or the root, whose statement was checked with its entry
            return True
        return self._holds(actor) and bool(ACTORS.get(entry.act, frozenset()) & actor.roles)

    def _replaces(self, entry: Entry, new: Certificate, actor: Certificate | None) -> bool:
        """Say whether an administrator certified the new service in place of the one in force."""
        old = self._certificate(_id_of(entry.facts.get("replaced")))
        return (
            actor is not None
            and old is not None
            and self._holds(actor)
            and Role.ORG_ADMIN in actor.roles
            and old.roles == new.roles == SERVICE_ROLES
            and old.member == new.member
            and self.holders.get(old.member) == [old.id]
            and new.issuer == actor.id
            and not any(new.id in each.to for each in self.given)
            and is_named(new, entry.facts)
        )

    def _holds(self, certificate: Certificate) -> bool:
        """Say whether a certificate is held and not suspended here."""
        held = self.holders.get(certificate.member, [certificate.id])
        return certificate.id in held and certificate.id not in self.doubts.suspended

    def _note(self, entry: Entry) -> None:
        """Track what an entry says about certificates; report what its actor could not give."""
        held = self.holders.get(entry.subject, [])
        self.extra.extend(self.doubts.found(entry))
        if entry.act == Action.ORGANIZATION_FOUNDED:
            self._note_founding(entry)
        elif entry.act == Action.SERVICE_REPLACED:
            self._note_service(entry)
        elif entry.act == Action.MEMBER_REVOKED:
            if not self._could_end(entry, held):
                self.extra.append(revocation_invalid(entry.sequence))
            self.holders[entry.subject] = []
        elif entry.act == Action.DEVICE_REVOKED:
            named = _id_of(entry.facts.get("certificate"))
            if named not in held or not self._could_end_device(entry, named):
                self.extra.append(revocation_invalid(entry.sequence))
                return
            self.holders[entry.subject] = [each for each in held if each != named]
            self.doubts.revoked(entry, named)
        elif entry.act in ISSUING:
            named = _id_of(entry.facts.get("certificate"))
            if named is None or not self._could_give(entry, named):
                self.extra.append(Finding(entry.sequence, CERTIFICATE_INVALID))
                return
            self.holders[entry.subject] = [*held, named]
            # The root key holds no key of the organisation: the service gives what it may.
            self.given.append(Given(entry.at, entry.actor or entry.service, (named,)))
            self.doubts.approved(named, entry.sequence)
        elif entry.act == Action.ORGANIZATION_KEY_SHARED:
            to = tuple(UUID(str(each)) for each in entry.facts["certificates"])
            one = str(entry.facts["use"]), UUID(str(entry.facts["key"]))
            self.given.append(Given(entry.at, entry.actor, to, one))
        elif entry.act == Action.WRAP_ADDED:
            if not all(self._is_held(_id_of(each)) for each in entry.facts["certificates"]):
                self.extra.append(Finding(entry.sequence, FORGED))
        elif entry.act in CERTIFYING and not self._could_certify(entry, held):
            self.extra.append(Finding(entry.sequence, CERTIFICATE_INVALID))

    def _is_held(self, certificate_id: UUID | None) -> bool:
        """Say whether somebody holds this certificate at this place of the log."""
        found = self._certificate(certificate_id)
        return found is not None and found.id in self.holders.get(found.member, ())

    def _note_founding(self, entry: Entry) -> None:
        """Track the founder's and the service's certificates, which the root signed."""
        founded = founding(self.tx, self.turn.organization_id)
        given = {} if founded is None else founded.given
        for member, certificate_id in given.items():
            certificate = self._certificate(certificate_id)
            if (
                certificate is None
                or (certificate.member, certificate.issuer) != (member, None)
                or not is_named(certificate, entry.facts)
            ):
                self.extra.append(Finding(entry.sequence, CERTIFICATE_INVALID))
                continue
            self.holders[member] = [certificate_id]
            self.given.append(Given(entry.at, None, (certificate_id,)))

    def _note_service(self, entry: Entry) -> None:
        """Track the new service: what the old one signs from here on counts no longer."""
        new = self._certificate(entry.service)
        if new is not None:
            self.holders[new.member] = [new.id]
            self.given.append(Given(entry.at, entry.actor, (new.id,)))

    def _could_give(self, entry: Entry, certificate_id: UUID) -> bool:
        given = self._certificate(certificate_id)
        if given is None or given.member != entry.subject or not is_named(given, entry.facts):
            return False
        if was_of_root(entry) or given.issuer is None:
            is_of_person = given.roles != SERVICE_ROLES
            return was_of_root(entry) and given.issuer is None and is_of_person
        actor = self._certificate(entry.actor)
        issuer = self._certificate(given.issuer)
        return (
            issuer is not None
            and actor is not None
            and issuer.member == actor.member
            and may_vouch(actor.roles, given.roles)
        )

    def _could_end(self, entry: Entry, held: Sequence[UUID]) -> bool:
        """Say whether the subject is another member, for all of whose roles the actor may vouch.

        A member who was never approved holds nothing; their request can be ended too.
        """
        actor, theirs = self._certificate(entry.actor), [self._certificate(each) for each in held]
        if entry.facts.get("certificates") != sorted(str(each) for each in held):
            return False
        return was_of_root(entry) or (
            actor is not None
            and actor.member != entry.subject
            and all(each is not None and may_vouch(actor.roles, each.roles) for each in theirs)
        )

    def _could_end_device(self, entry: Entry, device: UUID) -> bool:
        """Say whether it is one of the actor's own devices, or the actor may vouch for it."""
        actor, theirs = self._certificate(entry.actor), self._certificate(device)
        return was_of_root(entry) or (
            actor is not None
            and theirs is not None
            and (actor.member == entry.subject or may_vouch(actor.roles, theirs.roles))
        )

    def _could_certify(self, entry: Entry, held: Sequence[UUID]) -> bool:
        """Say whether another member holds a certificate for which the actor may vouch."""
        actor, theirs = self._certificate(entry.actor), [self._certificate(each) for each in held]
        return was_of_root(entry) or (
            actor is not None
            and actor.member != entry.subject
            and any(each is not None and may_vouch(actor.roles, each.roles) for each in theirs)
        )

    def _certificate(self, certificate_id: UUID | None) -> Certificate | None:
        """Return a certificate by its id if its chain reaches the root, otherwise None.

        The other columns of its row are compared in `compare_people`.
        """
        if certificate_id is None:
            return None
        if certificate_id not in self.certificates:
            self.certificates[certificate_id] = self._chained(certificate_id)
        return self.certificates[certificate_id]

    def _chained(self, certificate_id: UUID) -> Certificate | None:
        signed = self._signed(certificate_id)
        try:
            found = None if signed is None else of_chain(self.turn, signed, self._signed)
        except Tampered:
            return None
        return found if found is not None and found.id == certificate_id else None

    def _signed(self, certificate_id: UUID) -> Signed | None:
        found = members.signed(self.tx, certificate_id)
        return None if found is None else Signed(*found, {})


def _place(finding: Finding) -> tuple[int, str, int, str]:
    """Return the key by which findings are sorted, and duplicates dropped."""
    if isinstance(finding, Difference):
        word = f"{finding.name or ''} {finding.column or ''} {finding.member or ''}"
        return finding.sequence, finding.code, finding.number or 0, word
    return finding.sequence, finding.code, 0, ""


def _id_of(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
