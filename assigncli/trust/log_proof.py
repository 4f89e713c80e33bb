"""Verify the log in an answer: head, entries, and their actors (PROTOCOL.md 3.2, 4, 5).

An entry counts if it is signed by the service, is in the log of a head that continues the kept
head, and names an actor who could have done it. What the entries together say about an assignment
is verified in `assignment`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from uuid import UUID

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import is_staff
from assigncli.protocol.acts import MAY_VOUCH, NEW_KEY, ROOT, SELF, check_entry
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.entry import Entry
from assigncli.protocol.head import Head
from assigncli.protocol.seen import Seen
from assigncli.protocol.signed import Logged
from assigncli.protocol.tree import consistency_holds, inclusion_holds, leaf
from assigncli.trust.people import People, Services, Standing
from assigncli.trust.signers import ROLES, SIGNERS
from assigncli.trust.tampering import (
    entry_invalid,
    entry_not_in_log,
    head_inconsistent,
    head_invalid,
    read_or,
    require,
)
from assigncli.trust.vouching import may_vouch


def verify_head(head: Head, organization: UUID, signing_key: bytes) -> None:
    """Raise Tampered (`head_invalid`) unless this key signed the head of this organisation."""
    require(head.holds(organization, signing_key), head_invalid)


def verify_growth(seen: Seen, head: Head, proof: Sequence[bytes]) -> None:
    """Raise Tampered (`head_inconsistent`) unless the seen head is a prefix of this head's log."""
    holds = consistency_holds(
        old=seen.size, old_root=seen.root, new=head.size, new_root=head.root, proof=proof
    )
    require(holds, head_inconsistent)


def verified_entries(
    logged: Iterable[Logged], head: Head, organization: UUID, services: Services
) -> tuple[Entry, ...]:
    """Return the entries, each signed by a service and in the log of a verified head.

    Raises Tampered: `entry_invalid`, `entry_not_in_log`, or `certificate_invalid` for a signer that
    is no service.
    """
    entries = tuple(_verified(each, head, organization, services) for each in logged)
    for before, after in pairwise(entries):
        in_order = before.sequence < after.sequence and before.at <= after.at
        require(in_order, entry_invalid)
    _require_alike(entries)
    return entries


def verify_actors(entries: Iterable[Entry], people: People, standing: Standing) -> None:
    """Require that services and actors of verified entries counted there and may act so.

    Raises Tampered (`certificate_invalid`, `entry_invalid`). Whether an actor is the recipient or
    dispatcher of this assignment is not checked here.
    """
    for entry in entries:
        standing.require(entry.service, entry.sequence)
        if entry.act == Action.SERVICE_REPLACED:
            _require_replacement(entry, people)
        if entry.statement is None:
            continue
        signers = SIGNERS[entry.act]
        if entry.actor is None:
            require(bool(signers & {NEW_KEY, ROOT}), entry_invalid)
        else:
            actor = standing.require(entry.actor, entry.sequence).certificate
            theirs = standing.held(entry.subject, entry.sequence)
            held = [people.person(each).certificate.roles for each in theirs]
            require(_may_act(actor, signers, entry.subject, held), entry_invalid)


def _require_replacement(entry: Entry, people: People) -> None:
    """Require that a new service signs its own first entry, certified by who acts in it."""
    new = people.person(entry.service).certificate
    require(str(new.id) == entry.facts["certificate"], entry_invalid)
    require(entry.actor is not None and new.issuer == entry.actor, entry_invalid)


def _verified(logged: Logged, head: Head, organization: UUID, services: Services) -> Entry:
    with read_or(entry_invalid):
        entry = Entry.decode(logged.body)
        check_entry(entry)
    require(entry.organization == organization, entry_invalid)
    require((entry.act == Action.ORGANIZATION_FOUNDED) == (entry.sequence == 1), entry_invalid)
    key = services.require_service(entry.service)
    require(Entry.is_signed(logged.body, logged.signature, key), entry_invalid)
    is_there = inclusion_holds(
        leaf=leaf(logged.body),
        index=entry.sequence - 1,
        size=head.size,
        proof=logged.proof,
        root=head.root,
    )
    require(is_there, entry_not_in_log)
    return entry


def _require_alike(entries: Iterable[Entry]) -> None:
    """Require that the entries of one statement have the same time, actor and service."""
    found: dict[bytes, tuple[object, ...]] = {}
    for entry in entries:
        if entry.statement is not None:
            said = (entry.at, entry.actor, entry.service)
            require(found.setdefault(entry.statement, said) == said, entry_invalid)


def _may_act(
    actor: Certificate, signers: frozenset[str], subject: UUID, held: Iterable[frozenset[str]]
) -> bool:
    """Say whether the actor is one of `signers`; `held` are the subject's roles in force."""
    is_self = actor.member == subject
    if is_self and SELF in signers:
        return True
    if any(actor.roles & ROLES.get(signer, frozenset()) for signer in signers):
        return True
    may = is_staff(actor.roles) and all(may_vouch(actor.roles, each) for each in held)
    return may and MAY_VOUCH in signers and not is_self
