"""Erase every assignment about one person visited, and give out what is held about a member.

The server finds a person's assignments by their reference. Title and reference are then verified
for each that the store still has whole; of an archived one, the server verifies them before they
are emptied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from assigncli.client import asking
from assigncli.client.case import case_of
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.inquiry import Wanted
from assigncli.domain.actions import ARCHIVING, Action
from assigncli.domain.lifecycle import TERMINAL
from assigncli.domain.moves import changed_meanwhile
from assigncli.errors import AssignError, NotFound, OutcomeUnknown, PartlyDone, RuleRefused
from assigncli.lookups.about_privacy import (
    HELD,
    PERSON,
    ByReference,
    HeldRow,
    PersonAssignment,
    WantedHeld,
)
from assigncli.protocol.evidence import Evidence
from assigncli.trust.tampering import manifest_invalid, require
from assigncli.trust.verification import Verified

MEMBER: Final = "member"


@dataclass(frozen=True)
class Erased:
    """Which assignments were erased, and when the last of them was (aware UTC)."""

    assignments: tuple[PersonAssignment, ...]
    at: datetime


@dataclass(frozen=True)
class MemberData:
    """What is held about a member: each row that names them, in the order of the tables."""

    member_id: UUID
    handle: str
    display_name: str
    rows: tuple[HeldRow, ...]


def to_erase(client: Client, reference: str) -> tuple[PersonAssignment, ...]:
    """Return what `erase` would erase, verified; needs no key.

    Raises NotFound `reference_not_found`, RuleRefused `assignment_open` if one has not ended,
    NotAllowed `role_missing`, and Tampered for an assignment that is not as it was signed.
    """
    found = about_person(client, reference)
    still_open = [str(each.number) for each in found if each.status not in TERMINAL]
    if still_open:
        raise RuleRefused("assignment_open", numbers=tuple(still_open))
    for each in found:
        proven(client, each, reference)
    return found


def about_person(client: Client, reference: str) -> tuple[PersonAssignment, ...]:
    """Return the assignments with this reference, on the server's word.

    Raises NotFound `reference_not_found`, NotAllowed `role_missing`.
    """
    found = client.look(PERSON, ByReference(reference.strip())).assignments
    if not found:
        raise NotFound("reference_not_found")
    return found


def proven(client: Client, each: PersonAssignment, reference: str) -> tuple[Verified, Evidence]:
    """Return what proves an assignment, which must have this number, title and reference.

    Of an archived one, only its number and its course are proven. Raises Tampered, and AssignError
    `changed_meanwhile` where it took a step, or was archived or erased, since it was found.
    """
    wanted = Wanted(Action.ASSIGNMENT_ERASED.value, each.id)
    answer = asking.unproven(client, wanted, asking.by_code)
    found = asking.proven(client, answer)
    assignment = found.assignment(each.id)
    is_archived = any(entry.act in ARCHIVING for entry in assignment.entries)
    if is_archived and not each.is_archived:
        raise changed_meanwhile()
    require(assignment.number == each.number, manifest_invalid)
    if not is_archived:
        case = case_of(found)
        texts = (case.title, case.text("subject_reference"))
        require(texts == (each.title, reference.strip()), manifest_invalid)
        if case.status is not each.status:
            raise changed_meanwhile()
    require(assignment.status is each.status, manifest_invalid)
    return found, answer.evidence


def erase(client: Client, reference: str, told: Sequence[PersonAssignment] | None = None) -> Erased:
    """Erase every assignment with this reference, one after the other; administrators only.

    `told` is what a person agreed to; if that has changed, nothing is done: AssignError
    `changed_meanwhile`. Raises PartlyDone `erased_partly` where only the first ones were erased,
    `erased_share_kept` where a share is left for the next sweep, and as `to_erase`.
    """
    found = to_erase(client, reference)
    if told is not None and tuple(told) != found:
        raise changed_meanwhile()
    signer = asking.this_device(client, asking.standing(client))
    kept: list[str] = []
    for place, each in enumerate(found):
        intent = Intent(Action.ASSIGNMENT_ERASED.value, each.id, {"number": each.number})
        try:
            done = asking.act(client, signer, intent)
        except OutcomeUnknown:
            raise
        except AssignError:
            if not place:
                raise
            raise PartlyDone("erased_partly", numbers=_numbers(found[:place])) from None
        if done.deleted is False:
            kept.append(str(each.number))
    if kept:
        raise PartlyDone("erased_share_kept", numbers=tuple(kept))
    return Erased(found, client.now)


def _numbers(found: Sequence[PersonAssignment]) -> tuple[str, ...]:
    return tuple(str(each.number) for each in found)


def held_about(client: Client, handle: str) -> MemberData:
    """Return what is held about a member, on the server's word, and record that it was given out.

    Administrators only. Raises NotFound `member_not_found`, NotAllowed `role_missing`.
    """
    part = client.look(HELD, WantedHeld(handle, None))
    rows = list(part.rows)
    while part.following is not None:
        part = client.look(HELD, WantedHeld(handle, part.following))
        rows += part.rows
    record_export(client, MEMBER, part.member_id)
    return MemberData(part.member_id, part.handle, part.display_name, tuple(rows))


def record_export(client: Client, kind: str, about: UUID) -> None:
    """Record that personal data is given out: `access` to a person's looks, or of a `member`.

    Recorded first, so that nothing is given out without an entry. Administrators only.
    """
    signer = asking.this_device(client, asking.standing(client))
    asking.act(client, signer, Intent(Action.PRIVACY_EXPORTED.value, about, {"kind": kind}))
