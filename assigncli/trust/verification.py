"""Verify evidence: an answer's bytes in, verified facts out (PROTOCOL.md section 3.2).

Certificates are verified first, because every other check needs keys that lead to the root. Then
follow head, consistency, entries, where certificates count, statements, manifests and wraps. The
first failure raises. What is not signed is kept apart as the server's `word`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.entry import Entry
from assigncli.protocol.evidence import Evidence, Rows
from assigncli.protocol.head import Head
from assigncli.protocol.question import Question, is_about_an_assignment
from assigncli.protocol.sealed_keys import OrganizationWrap
from assigncli.trust.assignment import ProvenAssignment, walked
from assigncli.trust.envelopes import SealedEvidence, verified_envelope, verified_organization_wraps
from assigncli.trust.log_proof import verified_entries, verify_actors, verify_growth, verify_head
from assigncli.trust.manifests import Vouched, verified_manifests
from assigncli.trust.people import People, Standing
from assigncli.trust.statements import ToldStatement, require_shown, verified_statements
from assigncli.trust.tampering import (
    answer_malformed,
    certificate_invalid,
    head_invalid,
    manifest_invalid,
    read_or,
    require,
    statement_not_ours,
)


@dataclass(frozen=True)
class ServersWord:
    """What the server says unsigned: its clock (aware UTC), the time zone, and the rows."""

    now: datetime
    zone: str
    rows: Rows


@dataclass(frozen=True)
class Verified:
    """What the answer proves; statements and manifests by hash, envelopes by assignment."""

    head: Head
    people: People
    standing: Standing
    entries: tuple[Entry, ...]
    statements: Mapping[bytes, ToldStatement]
    manifests: Mapping[bytes, Vouched]
    envelopes: Mapping[UUID, SealedEvidence]
    organization_wraps: tuple[OrganizationWrap, ...]
    word: ServersWord

    def assignment(self, assignment: UUID) -> ProvenAssignment:
        """Return an assignment of which every entry was asked for; raises Tampered as `walked`."""
        return walked(assignment, self.entries, self.manifests, self.statements, self.people)


def verify_evidence(
    body: bytes,
    question: Question,
    *,
    root_key: bytes,
    reader: UUID | None = None,
    head_key: bytes | None = None,
    known: UUID | None = None,
) -> Verified:
    """Return what the answer to `question` proves, or raise Tampered.

    `root_key` is the pinned root and `reader` the asking member, None before they are one.
    `head_key` is a service key without a certificate, which the user compares: at a founding, and
    while a new service key waits for its certificate. `known` is the service that answered the
    asker before: another must have replaced it, so that a replaced key convinces nobody who has
    seen the new one.
    """
    evidence = _answer_to(body, question)
    organization = question.organization
    people = People(organization, root_key, evidence.certificates)
    _verify_head(evidence, question, people, head_key)
    entries, standing = _log(evidence, people, is_certified=head_key is None)
    if known is not None:
        _require_successor(evidence.head.service, known, entries)
    statements = verified_statements(
        evidence.statements, entries, people, organization=organization, root_key=root_key
    )
    own = None if reader is None else _own(people, standing, reader, evidence.head.size)
    require_shown(entries, statements, people, own)
    verified = Verified(
        head=evidence.head,
        people=people,
        standing=standing,
        entries=entries,
        statements=statements,
        manifests=verified_manifests(evidence.manifests, entries, people, standing, own),
        envelopes={},
        organization_wraps=(),
        word=ServersWord(evidence.now, evidence.zone, evidence.rows),
    )
    return _with_sealed(verified, evidence)


def _answer_to(body: bytes, question: Question) -> Evidence:
    with read_or(answer_malformed):
        evidence = Evidence.decode(body)
    said = (evidence.organization, evidence.act, evidence.about)
    require(said == (question.organization, question.act, question.about), statement_not_ours)
    return evidence


def _verify_head(
    evidence: Evidence, question: Question, people: People, head_key: bytes | None
) -> None:
    head = evidence.head
    require(head.service == evidence.service, head_invalid)
    if head_key is None:
        head_key = people.require_service(head.service)
    else:
        require(head.service == question.service, head_invalid)
    verify_head(head, question.organization, head_key)
    verify_growth(question.seen, head, evidence.consistency)


def _log(
    evidence: Evidence, people: People, *, is_certified: bool
) -> tuple[tuple[Entry, ...], Standing]:
    """Return the entries and where each certificate counts; the head's service must count now."""
    head = evidence.head
    entries = verified_entries(evidence.entries, head, evidence.organization, people)
    standing = Standing(people, entries)
    standing.require_all(head.size + 1)
    if is_certified:
        standing.require(head.service, head.size + 1)
    verify_actors(entries, people, standing)
    return entries, standing


def _require_successor(service: UUID, known: UUID, entries: Iterable[Entry]) -> None:
    """Require that a service is the known one, or that verified entries lead from that to it."""
    replaced = [entry.facts for entry in entries if entry.act == Action.SERVICE_REPLACED]
    current = str(known)
    for facts in replaced:
        if facts["replaced"] == current:
            current = facts["certificate"]
    require(current == str(service), certificate_invalid)


def _own(people: People, standing: Standing, reader: UUID, size: int) -> Certificate:
    """Return any certificate in force of the asking member; they all have the same roles."""
    in_force = standing.in_force(reader, size + 1)
    require(bool(in_force), certificate_invalid)
    return people.person(min(in_force)).certificate


def _with_sealed(verified: Verified, evidence: Evidence) -> Verified:
    """Verify the steps of the assignment that was asked about, and add envelopes and wraps."""
    if evidence.about is not None and _is_of_an_assignment(evidence.act):
        verified.assignment(evidence.about)
    wraps = verified_organization_wraps(
        evidence.organization_wraps, evidence.organization, verified.people
    )
    return replace(verified, envelopes=_envelopes(evidence, verified), organization_wraps=wraps)


def _is_of_an_assignment(act: str) -> bool:
    return act == "read.assignment" or is_about_an_assignment(act)


def _envelopes(evidence: Evidence, verified: Verified) -> dict[UUID, SealedEvidence]:
    """Return the envelopes by assignment; each must be of a key that a shown manifest names."""
    contexts = [each.manifest.context for each in verified.manifests.values()]
    places = {context.encryption_key: context.assignment for context in contexts}
    found: dict[UUID, SealedEvidence] = {}
    for each in evidence.envelopes:
        place = places.get(each.encryption_key)
        if place is None or place in found:
            raise manifest_invalid()
        people, standing, size = verified.people, verified.standing, verified.head.size
        assignment = verified.assignment(place)
        found[place] = verified_envelope(each, assignment, people, standing, size)
    return found
