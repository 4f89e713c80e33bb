"""Verify certificates up to the pinned root, and when each counts (PROTOCOL.md 6.2).

`People` verifies each certificate once and keeps its keys, because making key objects again costs
more than a signature. `Standing` then works out from verified entries at which places in the log
each certificate counts. Names, roles and keys in rows are never used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from assigncli.domain.actions import AT_ONCE, DOUBTING, ISSUING, Action
from assigncli.protocol.certificate import SERVICE, Certificate
from assigncli.protocol.entry import Entry
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import Text
from assigncli.trust.tampering import certificate_invalid, read_or, require, text_altered
from assigncli.trust.vouching import MAX_STEPS, may_issue

MAX_DEVICES: Final = 8
_ALWAYS_SHOWN: Final = frozenset({"handle", "display_name"})


@dataclass(frozen=True)
class Person:
    """A verified certificate, its digest and texts.

    `steps` is the number of certificates from it up to the root, itself included.
    """

    certificate: Certificate
    digest: bytes
    texts: Mapping[str, Text]
    steps: int


class People:
    """The certificates of one organisation that lead to its pinned root, by id."""

    def __init__(
        self, organization: UUID, root_key: bytes, certificates: Iterable[Signed] = ()
    ) -> None:
        self._organization, self._root_key = organization, root_key
        self._found: dict[UUID, Person] = {}
        self._held: dict[UUID, list[UUID]] = {}
        for signed in certificates:
            self.add(signed)

    def add(self, signed: Signed) -> Person:
        """Verify a certificate whose issuer was added before; Tampered (`certificate_invalid`).

        Raises Tampered (`text_altered`) where a name is missing or a text does not match its
        digest.
        """
        with read_or(certificate_invalid):
            certificate = Certificate.decode(signed.body)
        require(certificate.organization == self._organization, certificate_invalid)
        require(certificate.id not in self._found, certificate_invalid)
        steps = self._steps(certificate, signed)
        _require_texts(certificate, signed.texts)
        found = Person(certificate, Certificate.digest(signed.body), signed.texts, steps)
        self._found[certificate.id] = found
        self._held.setdefault(certificate.member, []).append(certificate.id)
        return found

    def __contains__(self, certificate: UUID) -> bool:
        return certificate in self._found

    def __iter__(self) -> Iterator[Person]:
        return iter(self._found.values())

    def person(self, certificate: UUID) -> Person:
        """Return the added certificate with this id; Tampered (`certificate_invalid`) if unknown.

        A certificate that leads to the root does not necessarily count: see `Standing`.
        """
        found = self._found.get(certificate)
        if found is None:
            raise certificate_invalid()
        return found

    def member(self, certificate: UUID) -> UUID:
        """Return the member whose device has this certificate; Tampered (`certificate_invalid`)."""
        return self.person(certificate).certificate.member

    def certificates_of(self, member: UUID) -> Sequence[UUID]:
        """Return the added certificates of a member, whether or not they count."""
        return self._held.get(member, ())

    def require_service(self, certificate: UUID) -> bytes:
        """Return a service's signing key; Tampered (`certificate_invalid`) for any other."""
        found = self.person(certificate).certificate
        require(SERVICE in found.roles, certificate_invalid)
        return found.keys.signing_key

    def require_of_head(self, certificate: UUID) -> bytes:
        """As `require_service`; whether it counts now is checked with the entries."""
        return self.require_service(certificate)

    def _steps(self, certificate: Certificate, signed: Signed) -> int:
        """Return the number of certificates from this one up to the root, this one included."""
        if certificate.issuer is None:
            key, steps = self._root_key, 1
        else:
            issuer = self.person(certificate.issuer)
            key, steps = issuer.certificate.keys.signing_key, issuer.steps + 1
            require(may_issue(issuer.certificate, certificate), certificate_invalid)
        holds = Certificate.is_signed(signed.body, signed.signature, key)
        require(holds and steps <= MAX_STEPS, certificate_invalid)
        return steps


@dataclass(frozen=True)
class OneService:
    """The one service that a device knows of, without any evidence.

    `earlier` are certificates that it had before, with their signing keys: entries of that time are
    signed by them, and no head any more.
    """

    certificate: UUID
    key: bytes
    earlier: Mapping[UUID, bytes] = field(default_factory=dict)

    def require_service(self, certificate: UUID) -> bytes:
        """Return its signing key; Tampered (`certificate_invalid`) for another service."""
        found = self.earlier.get(certificate)
        return self.require_of_head(certificate) if found is None else found

    def require_of_head(self, certificate: UUID) -> bytes:
        """As `require_service`, for whoever signs heads now."""
        require(certificate == self.certificate, certificate_invalid)
        return self.key


Services = People | OneService
"""Gives the signing key of a service."""


class Standing:
    """Where in the log each certificate counts, built from entries in the order of the log.

    Raises Tampered (`certificate_invalid`) for a certificate that an entry approved against the
    rules, or whose digest differs from the entry's.
    """

    def __init__(self, people: People, entries: Iterable[Entry]) -> None:
        self._people = people
        self._by_digest = {person.digest: person for person in people}
        self._since: dict[UUID, int] = {}
        self._ended: dict[UUID, int] = {}
        self._suspended: dict[UUID, list[tuple[int, bool]]] = {}
        for entry in entries:
            self._add(entry)

    def counts(self, certificate: UUID, sequence: int) -> bool:
        """Say whether a certificate counts for the entry with this sequence.

        To ask about the head, give the last entry's sequence plus one.
        """
        changes = [held for at, held in self._suspended.get(certificate, ()) if at < sequence]
        return self._is_held(certificate, sequence) and not (changes and changes[-1])

    def _is_held(self, certificate: UUID, sequence: int) -> bool:
        """Say whether a certificate was given before this entry and not ended, suspended or not."""
        since, ended = self._since.get(certificate), self._ended.get(certificate)
        return not (since is None or sequence < since or (ended is not None and ended < sequence))

    def require(self, certificate: UUID, sequence: int) -> Person:
        """Return the certificate if it counts there; Tampered (`certificate_invalid`)."""
        require(self.counts(certificate, sequence), certificate_invalid)
        return self._people.person(certificate)

    def in_force(self, member: UUID, sequence: int) -> frozenset[UUID]:
        """Return the added certificates of a member that count at this sequence."""
        theirs = self._people.certificates_of(member)
        return frozenset(each for each in theirs if self.counts(each, sequence))

    def held(self, member: UUID, sequence: int) -> frozenset[UUID]:
        """Return the added certificates of a member that have not ended, suspended ones too."""
        theirs = self._people.certificates_of(member)
        return frozenset(each for each in theirs if self._is_held(each, sequence))

    def require_all(self, sequence: int) -> None:
        """Raise Tampered (`certificate_invalid`) for what the log contradicts.

        That is a certificate that no entry approved, and members with more devices than PROTOCOL.md
        6.1 allows, or with different roles or names. A suspended device may count again.
        """
        for person in self._people:
            require(person.certificate.id in self._since, certificate_invalid)
        for member in {person.certificate.member for person in self._people}:
            found = [self._people.person(each) for each in self.held(member, sequence)]
            require(len(found) <= MAX_DEVICES, certificate_invalid)
            require(len({_alike(each.certificate) for each in found}) <= 1, certificate_invalid)

    def _add(self, entry: Entry) -> None:
        facts, at = entry.facts, entry.sequence
        if entry.act == Action.ORGANIZATION_FOUNDED:
            self._approve(entry, self._by_digest.get(bytes.fromhex(facts["service_digest"])))
        if entry.act in (*ISSUING, *AT_ONCE):
            self._approve(entry, self._named(facts["certificate"], facts["digest"]))
        if entry.act == Action.SERVICE_REPLACED:
            self._end(facts["replaced"], at)
        elif entry.act == Action.DEVICE_REVOKED:
            self._end(facts["certificate"], at)
        elif entry.act == Action.MEMBER_REVOKED:
            for each in facts["certificates"]:
                self._end(each, at)
        elif entry.act in DOUBTING:
            changes = self._suspended.setdefault(UUID(facts["certificate"]), [])
            changes.append((at, entry.act == Action.DEVICE_SUSPENDED))

    def _end(self, certificate: str, sequence: int) -> None:
        self._ended.setdefault(UUID(certificate), sequence)

    def _named(self, certificate: str, its_digest: str) -> Person | None:
        """Return the certificate that an entry names; None where it was not added."""
        if UUID(certificate) not in self._people:
            return None
        person = self._people.person(UUID(certificate))
        require(person.digest.hex() == its_digest, certificate_invalid)
        return person

    def _approve(self, entry: Entry, person: Person | None) -> None:
        if person is None:
            return
        approved = person.certificate
        require(_may_approve(entry, approved), certificate_invalid)
        issuer_counts = approved.issuer is None or self.counts(approved.issuer, entry.sequence)
        require(issuer_counts, certificate_invalid)
        # Other approvals take effect from the next entry on.
        since = entry.sequence + (entry.act not in AT_ONCE)
        self._since.setdefault(approved.id, since)


def _may_approve(entry: Entry, certificate: Certificate) -> bool:
    """Say whether an entry of this act may certify such a certificate."""
    if entry.act == Action.ORGANIZATION_FOUNDED:
        is_named = entry.facts["certificate"] == str(certificate.id)
        return bool(is_named != (SERVICE in certificate.roles))
    if SERVICE in certificate.roles:
        return entry.act == Action.SERVICE_REPLACED
    # What the root key signed is given by what the root key stated, and by nothing else.
    same_signer = (certificate.issuer is None) == (entry.actor is None)
    return entry.act in ISSUING and entry.subject == certificate.member and same_signer


def _alike(certificate: Certificate) -> tuple[object, ...]:
    """Return what must be the same in all certificates in force of one member."""
    return certificate.roles, *(certificate.texts[field] for field in sorted(_ALWAYS_SHOWN))


def _require_texts(certificate: Certificate, given: Mapping[str, Text]) -> None:
    fit = all(
        field in certificate.texts and text.digest() == certificate.texts[field]
        for field, text in given.items()
    )
    require(fit and given.keys() >= _ALWAYS_SHOWN, text_altered)
