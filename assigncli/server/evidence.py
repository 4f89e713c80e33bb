"""Evidence: everything that an act or a read needs to be believed, in one answer (PROTOCOL.md 3.2).

It is given as it stands in the store. Nothing is verified here: who reads it does that, and finds
what was changed. What a member may not see is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions import settings
from assigncli.actions.coverage import span_of
from assigncli.actions.session import Session
from assigncli.crypto.statement import stamp
from assigncli.domain.lifecycle import Role, Status
from assigncli.protocol.canonical import decode, encode
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.forms import VERSION
from assigncli.protocol.message import SIGNATURE_SIZE
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import SALT_BYTES, Text
from assigncli.protocol.tree import consistency_holds
from assigncli.protocol.wraps import WRAP_BYTES, Envelope, Wrap
from assigncli.server import answer
from assigncli.server.asked import Answering, Asker
from assigncli.server.refused import Refused
from assigncli.store import assignments, audit, organizations, proofs
from assigncli.store.proofs import LoggedRow, PersonRow
from assigncli.store.tables import Assignment
from assigncli.trust.tampering import entry_invalid

_NOTHING: Final[Mapping[str, list[Mapping[str, Any]]]] = {}
_TEXTS: Final = ("title", "subject_reference", "coordinator_notes", "internal_notes")
_SEES_ALL: Final = frozenset({Role.COORDINATOR.value, Role.ORG_ADMIN.value})
_CELLS: Final = (
    "id",
    "number",
    "status",
    "priority",
    "recipient_user_id",
    "dispatched_by_user_id",
    "dispatcher_certificate_id",
    "encryption_key_id",
    "contact_deadline_days",
    "consent_required",
    "consent_completed_at",
    "dispatched_at",
    "expires_at",
    "import_key",
    "import_digest",
)
"""The columns of an assignment that its entries and its manifest bear out."""


@dataclass
class _Gathered:
    """The parts of an answer, as they are found."""

    entries: list[LoggedRow] = field(default_factory=list)
    people: list[PersonRow] = field(default_factory=list)
    manifests: list[Signed] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    rows: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)


def about_assignments(
    asked: Answering,
    rows: Sequence[Assignment],
    told: Mapping[str, list[Mapping[str, Any]]] = _NOTHING,
) -> Evidence:
    """Return what is shown of these assignments: their entries, manifests, people and rows.

    `told` are rows that are the server's word. With a signed question the ciphertexts come with the
    asker's own wraps. What cannot even be put into the answer's form is left out.
    """
    session, tx, asker = asked.session, asked.tx, asked.asker
    found, subjects = _Gathered(), [row.id for row in rows]
    members = {asker.certificate.member, asked.ours.certificate.member}
    for row in rows:
        members |= {row.recipient_user_id, row.dispatched_by_user_id}
        if _has_form(row.manifest_body, row.manifest_signature):
            found.manifests.append(_manifest(row, asker))
        if asker.is_signed:
            found.envelopes.append(_envelope(tx, row, asker))
    found.rows = {"assignments": [_cells(row) for row in rows], **told}
    if any(row.status is Status.PENDING for row in rows):
        found.rows |= _office(session, tx)
    signers = {row.dispatcher_certificate_id for row in rows}
    people = proofs.people(tx, subjects, signers, members)
    found.people = [each for each in people if _has_form(each.body, each.signature)]
    everybody = {each.member for each in found.people}
    entries = proofs.entries(tx, session.organization_id, subjects, everybody)
    found.entries = [each for each in entries if _has_form(b"", each.signature)]
    return _evidence(asked, found)


def _evidence(asked: Answering, found: _Gathered) -> Evidence:
    session, tx, ours, asker = asked.session, asked.tx, asked.ours, asked.asker
    question = asked.question
    end = audit.tail(tx, session.organization_id)
    if question.seen.size > end.size:
        raise Refused("log_behind", size=end.size)
    entries = sorted(found.entries, key=lambda each: each.sequence)
    places = [(each.sequence, _body(session, each), each.signature) for each in entries]
    proven = answer.prove(tx, session.organization_id, end.size, end.nodes, question.seen, places)
    if not consistency_holds(
        old=question.seen.size,
        old_root=question.seen.root,
        new=end.size,
        new_root=proven.head.root,
        proof=proven.consistency,
    ):
        raise Refused("log_forked", size=end.size)
    found.rows["members"] = _members(found.people)
    return Evidence(
        organization=session.organization_id,
        act=question.act,
        about=question.about,
        now=max(session.now, end.at or session.now),
        zone=session.zone,
        service=ours.certificate.id,
        head=answer.signed_head(ours, session.organization_id, proven.head),
        consistency=proven.consistency,
        certificates=_in_order(found.people, asker),
        entries=proven.entries,
        statements=_statements(session, tx, asker, entries, found.people),
        manifests=tuple(found.manifests),
        envelopes=tuple(found.envelopes),
        rows=found.rows,
    )


def _body(session: Session, row: LoggedRow) -> bytes:
    """Return an entry's body as it was signed, of whatever the store has."""
    try:
        fields = {
            "v": VERSION,
            "organization": str(session.organization_id),
            "sequence": row.sequence,
            "at": row.at,
            "act": row.act,
            "subject": _id(row.subject),
            "facts": decode(row.facts.encode()),
            "statement": None if row.statement is None else row.statement.hex(),
            "actor": None if row.actor is None else _id(row.actor),
            "service": _id(row.service),
        }
        return encode(fields)
    except (ValueError, TypeError, AttributeError):
        raise entry_invalid() from None


def _statements(
    session: Session,
    tx: Transaction,
    asker: Asker,
    entries: Sequence[LoggedRow],
    people: Sequence[PersonRow],
) -> tuple[Signed, ...]:
    """Return the statements that the asker may see, with the texts that are kept of them."""
    own = {each.id for each in people if UUID(each.member) == asker.certificate.member}
    sees_all = bool(asker.certificate.roles & _SEES_ALL)
    wanted = {
        each.statement: each
        for each in entries
        if each.statement is not None and (sees_all or each.actor in own)
    }
    kept = {one: (body, by) for one, body, by in proofs.statements(tx, list(wanted))}
    shown = []
    for hashed, entry in wanted.items():
        body, by = kept.get(hashed, (None, None))
        if body is not None and by is not None and _has_form(body, by):
            shown.append(Signed(body, by, _texts(session, tx, entry, people)))
    return tuple(shown)


def _texts(
    session: Session, tx: Transaction, entry: LoggedRow, people: Sequence[PersonRow]
) -> dict[str, Text]:
    """Return the texts of the statement that an entry carries out."""
    if entry.act == "organization.founded":
        return _founding_texts(session, tx, entry, people)
    if entry.act == "assignment.cancelled":
        kept = assignments.reason_of(tx, UUID(entry.subject))
        return {} if kept is None else {"reason": Text(*kept)}
    return {}


def _founding_texts(
    session: Session, tx: Transaction, entry: LoggedRow, people: Sequence[PersonRow]
) -> dict[str, Text]:
    named = decode(entry.facts.encode()).get("certificate")
    founder = next((each for each in people if _id(each.id) == named), None)
    organization = organizations.by_id(tx, session.organization_id)
    if founder is None or organization is None:
        return {}
    named = _as_texts(name=(organization.name_salt, organization.name))
    return {**named, **_names(founder), **_device(founder)}


def _in_order(people: Sequence[PersonRow], asker: Asker) -> tuple[Signed, ...]:
    """Return certificates with their texts, issuers before what they issued.

    Whose issuer is missing comes last, for who reads it to refuse.
    """
    waiting = {each.id: each for each in sorted(people, key=lambda each: each.id)}
    placed: list[PersonRow] = []
    while waiting:
        ready = [each for each in waiting.values() if _issuer(each) not in waiting]
        placed += ready or waiting.values()
        waiting = (
            {} if not ready else {each.id: each for each in waiting.values() if each not in ready}
        )
    sees_all = bool(asker.certificate.roles & _SEES_ALL)
    return tuple(
        Signed(each.body, each.signature, _shown_names(each, asker, sees_all)) for each in placed
    )


def _issuer(row: PersonRow) -> str | None:
    """Return the id of a certificate's issuer; None for the root, and where it names none."""
    try:
        return UUID(decode(row.body)["issuer"]).hex
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _shown_names(row: PersonRow, asker: Asker, sees_all: bool) -> dict[str, Text]:
    """Return the texts of a certificate; the device's is for its member and those who vouch."""
    is_own = UUID(row.member) == asker.certificate.member
    return {**_names(row), **(_device(row) if sees_all or is_own else {})}


def _names(row: PersonRow) -> dict[str, Text]:
    return _as_texts(
        handle=(row.handle_salt, row.handle),
        display_name=(row.display_name_salt, row.display_name),
    )


def _device(row: PersonRow) -> dict[str, Text]:
    return _as_texts(device=(row.device_salt, row.device))


def _as_texts(**said: tuple[Any, Any]) -> dict[str, Text]:
    """Return columns as texts, those that have the form of one."""
    return {
        name: Text(salt, text)
        for name, (salt, text) in said.items()
        if isinstance(salt, bytes) and len(salt) == SALT_BYTES and isinstance(text, str)
    }


def _has_form(body: object, signature: object) -> bool:
    """Say whether this can be given as a signed body at all, whatever it says."""
    is_signature = isinstance(signature, bytes) and len(signature) == SIGNATURE_SIZE
    return is_signature and isinstance(body, bytes)


def _manifest(row: Assignment, asker: Asker) -> Signed:
    """Return a manifest with those of its texts that the asker may see."""
    hidden = set() if asker.sees_notes(row) else {"coordinator_notes"}
    if Role.COORDINATOR.value not in asker.certificate.roles:
        hidden.add("internal_notes")
    shown = {
        name: (getattr(row, f"{name}_salt"), getattr(row, name) or "")
        for name in _TEXTS
        if name not in hidden
    }
    return Signed(row.manifest_body, row.manifest_signature, _as_texts(**shown))


def _envelope(tx: Transaction, row: Assignment, asker: Asker) -> Envelope:
    """Return a ciphertext with the asker's own wrap; none where it has not the form of one."""
    found = assignments.wrap_for(tx, row.id, asker.certificate.id)
    if found is None or not _has_form(found.wrap, found.signature) or len(found.wrap) != WRAP_BYTES:
        return Envelope(row.encryption_key_id, row.encrypted_payload, ())
    wrap = Wrap(found.certificate_id, found.maker_certificate_id, found.wrap, found.signature)
    return Envelope(row.encryption_key_id, row.encrypted_payload, (wrap,))


def _cells(row: Assignment) -> Mapping[str, Any]:
    return {name: _cell(getattr(row, name)) for name in _CELLS}


def _office(session: Session, tx: Transaction) -> dict[str, list[Mapping[str, Any]]]:
    """Return the settings and cycles that decide how a draft may be sent."""
    now = settings.in_force(session, tx)
    cycles = map(span_of, organizations.cycles(tx, session.organization_id))
    return {
        "organization_settings": [
            {"expires_after_days": now.expires_after_days, "cycles_by_hand": now.cycles_by_hand}
        ],
        "reporting_cycles": [
            {
                "name": each.name,
                "starts_on": each.first.isoformat(),
                "ends_on": each.last.isoformat(),
                "is_open": each.is_open,
            }
            for each in cycles
        ],
    }


def _members(people: Sequence[PersonRow]) -> list[Mapping[str, Any]]:
    """Return what the rows of members say, and whether they have a channel to be told on."""
    found = {each.member: each for each in people}
    return [
        {
            "id": _id(member),
            "status": str(row.status),
            "roles": str(row.roles),
            "signing_key": _cell(row.signing_key),
            "encryption_key": _cell(row.encryption_key),
            "has_channel": bool(row.has_channel),
        }
        for member, row in sorted(found.items())
    ]


def _cell(value: object) -> object:
    """Return a column in the form that the protocol gives its type."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, bytes):
        return value.hex()
    return value.value if isinstance(value, StrEnum) else value


def _id(digits: str) -> str:
    """Return an id of the store in the protocol's form."""
    return str(UUID(digits))
