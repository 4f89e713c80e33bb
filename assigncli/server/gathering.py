"""Gather evidence: all that a client needs to verify an answer (PROTOCOL.md 3.2).

It is given as the store has it. Nothing is verified here: the client does that, and finds what was
changed. What the asker may not see is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.lifecycle import Status, is_staff
from assigncli.protocol.canonical import decode, encode
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.forms import VERSION
from assigncli.protocol.sealed_keys import Envelope, OrganizationWrap
from assigncli.protocol.signed import Signed
from assigncli.protocol.texts import Text
from assigncli.protocol.tree import consistency_holds
from assigncli.server import answer, log_end
from assigncli.server.asked import Answering, AskingMember
from assigncli.server.assignment_rows import (
    as_texts,
    device,
    envelope,
    has_form,
    in_order,
    manifest,
    names,
)
from assigncli.server.refused import Refused
from assigncli.server.row_cells import as_id, cells, member_rows, office
from assigncli.server.store import assignments, organizations, proofs
from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.proofs import LoggedRow, PersonRow
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn
from assigncli.trust.statements import SHOWN_TO_ALL
from assigncli.trust.tampering import entry_invalid

_NOTHING: Final[Mapping[str, list[Mapping[str, Any]]]] = {}


@dataclass
class _Gathered:
    """The parts of an answer, while they are gathered."""

    entries: list[LoggedRow] = field(default_factory=list)
    people: list[PersonRow] = field(default_factory=list)
    manifests: list[Signed] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    organization_wraps: list[OrganizationWrap] = field(default_factory=list)
    rows: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)


def about_assignments(
    asked: Answering,
    rows: Sequence[Assignment],
    told: Mapping[str, list[Mapping[str, Any]]] = _NOTHING,
) -> Evidence:
    """Return the evidence for these assignments: entries, manifests, people and rows.

    `told` are rows that no entry proves: the server's word. If the question is signed, the
    ciphertexts come too, with the asker's own wraps. Whatever does not fit the answer's form is
    left out.
    """
    turn, tx, asker = asked.turn, asked.tx, asked.asker
    found, members = _Gathered(), set()
    for row in rows:
        members |= {row.recipient_user_id, row.dispatched_by_user_id}
        if has_form(row.manifest_body, row.manifest_signature):
            found.manifests.append(manifest(row, asker))
        if asker.is_signed:
            found.envelopes.append(envelope(tx, row, asker))
    found.rows = {"assignments": [cells(row) for row in rows], **told}
    if any(row.status is Status.PENDING for row in rows):
        found.rows |= office(turn, tx)
    signers = {row.dispatcher_certificate_id for row in rows}
    _add_people(asked, found, [row.id for row in rows], signers, members)
    return _evidence(asked, found)


def about_archived(asked: Answering, row: ArchivedAssignment) -> Evidence:
    """Return the evidence for an archived assignment: its entries and people, and no manifest."""
    found = _Gathered()
    _add_people(asked, found, [row.id], (), {row.recipient_user_id, row.dispatched_by_user_id})
    return _evidence(asked, found)


def about_recipients(
    asked: Answering,
    recipients: Sequence[UUID],
    told: Mapping[str, list[Mapping[str, Any]]],
    wraps: Sequence[OrganizationWrap],
) -> Evidence:
    """Return the evidence for new rows of a batch to these members.

    `told` is as in `about_members`; `wraps` are the asker's organization keys.
    """
    rows = {**office(asked.turn, asked.tx), **told}
    return about_members(asked, recipients, rows, wraps)


def about_members(
    asked: Answering,
    members: Collection[UUID],
    told: Mapping[str, list[Mapping[str, Any]]],
    wraps: Sequence[OrganizationWrap],
    waiting: Collection[UUID] = (),
) -> Evidence:
    """Return the evidence for these members' devices, and for requests of those `waiting`.

    `told` are rows that no entry proves: the server's word. `wraps` are the asker's organization
    keys.
    """
    found = _Gathered(rows=dict(told), organization_wraps=list(wraps))
    _add_people(asked, found, [], {each.wrap.maker for each in wraps}, members, waiting)
    return _evidence(asked, found)


def about_restores(asked: Answering, told: Mapping[str, list[Mapping[str, Any]]]) -> Evidence:
    """Return the evidence for the entries that say that the log was restored."""
    found = _Gathered(rows=dict(told))
    restored = proofs.restores(asked.tx, asked.turn.organization_id)
    signers = {UUID(each) for row in restored for each in (row.actor, row.service) if each}
    _add_people(asked, found, [], signers, ())
    found.entries += [each for each in restored if has_form(b"", each.signature)]
    return _evidence(asked, found)


def _add_people(
    asked: Answering,
    found: _Gathered,
    subjects: Collection[UUID],
    certificates: Collection[UUID],
    members: Collection[UUID],
    waiting: Collection[UUID] = (),
) -> None:
    """Add everybody met in what is shown, and all entries about these subjects.

    The asker and the service are always added. Of the members `waiting` only the entries that end a
    request are shown, with whoever acted.
    """
    tx, always = asked.tx, {asked.asker.certificate.member, asked.ours.certificate.member}
    own = asked.turn.organization_id
    people = proofs.people(tx, own, {*subjects, *waiting}, certificates, always | set(members))
    found.people = [each for each in people if has_form(each.body, each.signature)]
    everybody = {each.member for each in found.people} | {each.hex for each in waiting}
    entries = proofs.entries(tx, own, subjects, everybody)
    found.entries = [each for each in entries if has_form(b"", each.signature)]


def _evidence(asked: Answering, found: _Gathered) -> Evidence:
    turn, tx, ours, asker = asked.turn, asked.tx, asked.ours, asked.asker
    question = asked.question
    end = log_end.end(tx, turn.organization_id)
    if question.seen.size > end.size:
        raise Refused("log_behind", size=end.size)
    entries = sorted(found.entries, key=lambda each: each.sequence)
    places = [(each.sequence, _body(turn, each), each.signature) for each in entries]
    proven = answer.prove(tx, turn.organization_id, end.size, end.nodes, question.seen, places)
    if not consistency_holds(
        old=question.seen.size,
        old_root=question.seen.root,
        new=end.size,
        new_root=proven.head.root,
        proof=proven.consistency,
    ):
        raise Refused("log_forked", size=end.size)
    found.rows["members"] = member_rows(found.people)
    return Evidence(
        organization=turn.organization_id,
        act=question.act,
        about=question.about,
        now=max(turn.now, end.at or turn.now),  # even if the clock is behind the last entry
        zone=turn.zone,
        service=ours.certificate.id,
        head=answer.signed_head(ours, turn.organization_id, proven.head),
        consistency=proven.consistency,
        certificates=in_order(found.people, asker),
        entries=proven.entries,
        statements=_statements(turn, tx, asker, entries, found.people),
        manifests=tuple(found.manifests),
        envelopes=tuple(found.envelopes),
        organization_wraps=tuple(found.organization_wraps),
        rows=found.rows,
    )


def _body(turn: Turn, row: LoggedRow) -> bytes:
    """Return an entry's body as it was signed, built from whatever the store has.

    Raises Tampered `entry_invalid` if the columns cannot form one.
    """
    try:
        fields = {
            "v": VERSION,
            "organization": str(turn.organization_id),
            "sequence": row.sequence,
            "at": row.at,
            "act": row.act,
            "subject": as_id(row.subject),
            "facts": decode(row.facts.encode()),
            "statement": None if row.statement is None else row.statement.hex(),
            "actor": None if row.actor is None else as_id(row.actor),
            "service": as_id(row.service),
        }
        return encode(fields)
    except (ValueError, TypeError, AttributeError):
        raise entry_invalid() from None


def _statements(
    turn: Turn,
    tx: Transaction,
    asker: AskingMember,
    entries: Sequence[LoggedRow],
    people: Sequence[PersonRow],
) -> tuple[Signed, ...]:
    """Return the statements that the asker may see, with those of their texts that are kept.

    Staff see all; anybody else sees only those their own devices signed, and `SHOWN_TO_ALL`.
    """
    own = {each.id for each in people if UUID(each.member) == asker.certificate.member}
    sees_all = is_staff(asker.roles)
    wanted = {
        each.statement: each
        for each in entries
        if each.statement is not None
        and (sees_all or each.actor in own or each.act in SHOWN_TO_ALL)
    }
    kept = {one: (body, by) for one, body, by in proofs.statements(tx, list(wanted))}
    shown = []
    for hashed, entry in wanted.items():
        body, by = kept.get(hashed, (None, None))
        if body is not None and by is not None and has_form(body, by):
            shown.append(Signed(body, by, _texts(turn, tx, entry, people)))
    return tuple(shown)


def _texts(
    turn: Turn, tx: Transaction, entry: LoggedRow, people: Sequence[PersonRow]
) -> dict[str, Text]:
    """Return the kept texts of the statement that an entry carries out."""
    if entry.act == "organization.founded":
        return _founding_texts(turn, tx, entry, people)
    if entry.act == "assignment.cancelled":
        kept = assignments.reason_of(tx, UUID(entry.subject))
        return {} if kept is None else {"reason": Text(*kept)}
    return {}


def _founding_texts(
    turn: Turn, tx: Transaction, entry: LoggedRow, people: Sequence[PersonRow]
) -> dict[str, Text]:
    named = decode(entry.facts.encode()).get("certificate")
    founder = next((each for each in people if as_id(each.id) == named), None)
    organization = organizations.by_id(tx, turn.organization_id)
    if founder is None or organization is None:
        return {}
    named = as_texts(name=(organization.name_salt, organization.name))
    return {**named, **names(founder), **device(founder)}
