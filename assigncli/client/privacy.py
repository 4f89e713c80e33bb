"""Erase every assignment about one person visited, found by their reference.

The server finds them. What an assignment is called and which reference it has is then verified for
each that the store still has whole; of an archived one the server verifies it before it is emptied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from assigncli.client import asking
from assigncli.client.case import case_of
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.inquiry import Wanted
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import TERMINAL
from assigncli.domain.moves import changed_meanwhile
from assigncli.errors import AssignError, NotFound, OutcomeUnknown, PartlyDone, RuleRefused
from assigncli.lookups.about_privacy import PERSON, ByReference, PersonAssignment
from assigncli.trust.tampering import manifest_invalid, require
from assigncli.trust.verification import Verified


@dataclass(frozen=True)
class Erased:
    """Which assignments were erased, and when the last of them was (aware UTC)."""

    assignments: tuple[PersonAssignment, ...]
    at: datetime


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


def proven(client: Client, each: PersonAssignment, reference: str) -> Verified:
    """Return what proves an assignment, which must have this number, title and reference.

    Of an archived one, only its number and its course are proven. Raises Tampered.
    """
    wanted = Wanted(Action.ASSIGNMENT_ERASED.value, each.id)
    found = asking.read(client, wanted)
    assignment = found.assignment(each.id)
    told = (assignment.number, assignment.status)
    require(told == (each.number, each.status), manifest_invalid)
    if not each.is_archived:
        case = case_of(found)
        texts = (case.title, case.text("subject_reference"))
        require(texts == (each.title, reference.strip()), manifest_invalid)
    return found


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
