"""Who has looked at a person's brief, when, in which role and for what, with a proof of each look.

A look is an entry of the log: somebody wrote the brief down, or decrypted it. Its proof is the
entry as the service signed it, with the hashes that lead from it to a checkpoint (PROTOCOL.md
section 5.5). Names are no part of a proof: an entry names certificates only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from assigncli.client import directory, privacy
from assigncli.client.client import Client
from assigncli.domain.actions import SEALING, Action
from assigncli.domain.lifecycle import Role
from assigncli.protocol.acts import RECIPIENT
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.entry import Entry
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.head import checkpoint
from assigncli.protocol.signed import Logged, Signed
from assigncli.trust.verification import Verified

ACCESS: Final = "access"


class Purpose(StrEnum):
    """What a look was for; the values are part of the JSON output."""

    WRITING = "writing"
    VISIT = "visit"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True)
class PersonalLook:
    """One look at the brief of assignment `number`; `at` is aware UTC."""

    number: int
    sequence: int
    at: datetime
    role: Role
    purpose: Purpose
    handle: str
    name: str


@dataclass(frozen=True)
class LookProof:
    """The proof of the looks at one assignment: entries, and the checkpoint that they lead to.

    `certificates` are those of the services that signed, issuers before what they issued.
    """

    number: int
    organization: UUID
    root_key: bytes
    checkpoint: str
    service: UUID
    entries: tuple[Logged, ...]
    certificates: tuple[Signed, ...]


@dataclass(frozen=True)
class Access:
    """Every look at a person's briefs, in order, and the proof for each assignment."""

    looks: tuple[PersonalLook, ...]
    proofs: tuple[LookProof, ...]


def access(client: Client, reference: str) -> Access:
    """Return who looked at the briefs with this reference, and record that it was given out.

    Administrators only. Raises NotFound `reference_not_found`, NotAllowed `role_missing`, and
    Tampered for an assignment that is not as it was signed.
    """
    looks: list[PersonalLook] = []
    proofs: list[LookProof] = []
    for each in privacy.about_person(client, reference):
        found, evidence = privacy.proven(client, each, reference)
        own = {
            entry.sequence: entry
            for entry in found.assignment(each.id).entries
            if entry.act in (*SEALING, Action.PAYLOAD_DECRYPTED)
        }
        looks += (_look(found, each.number, entry) for entry in own.values())
        proofs.append(_proof(client, found, evidence, each.number, own))
    privacy.record_export(client, ACCESS, client.organization_id)
    return Access(tuple(sorted(looks, key=lambda look: look.sequence)), tuple(proofs))


def _look(found: Verified, number: int, entry: Entry) -> PersonalLook:
    as_recipient = entry.facts.get("as") == RECIPIENT
    if entry.act in SEALING:
        purpose = Purpose.WRITING
    else:
        purpose = Purpose.VISIT if as_recipient else Purpose.FOLLOW_UP
    member = found.people.member(entry.actor or UUID(int=0))
    return PersonalLook(
        number=number,
        sequence=entry.sequence,
        at=entry.at,
        role=Role.PEER_MENTOR if as_recipient else Role.COORDINATOR,
        purpose=purpose,
        handle=directory.name(found, member, "handle"),
        name=directory.name(found, member, "display_name"),
    )


def _proof(
    client: Client, found: Verified, evidence: Evidence, number: int, own: Mapping[int, Entry]
) -> LookProof:
    key = found.people.person(found.head.service).certificate.keys.signing_key
    services = {found.head.service, *(entry.service for entry in own.values())}
    return LookProof(
        number=number,
        organization=client.organization_id,
        root_key=client.root_public_key,
        checkpoint=checkpoint(client.organization_id, found.head, key),
        service=found.head.service,
        entries=tuple(each for each in evidence.entries if _sequence(each) in own),
        certificates=tuple(_up_to_the_root(evidence, services)),
    )


def _sequence(logged: Logged) -> int:
    return Entry.decode(logged.body).sequence


def _up_to_the_root(evidence: Evidence, wanted: set[UUID]) -> Iterator[Signed]:
    """Yield these certificates and their issuers, issuers first, as the evidence has them."""
    by_id = {Certificate.decode(each.body).id: each for each in evidence.certificates}
    needed = set(wanted)
    for each in list(needed):
        issuer = Certificate.decode(by_id[each].body).issuer
        while issuer is not None:
            needed.add(issuer)
            issuer = Certificate.decode(by_id[issuer].body).issuer
    yield from (each for id_, each in by_id.items() if id_ in needed)
