"""Find what a user names: an assignment by number or id, a member by handle.

Reading only, and without cryptography: whether a member can be relied on is for `trust` and
`recipient`.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions.session import Session
from assigncli.domain.lifecycle import Role
from assigncli.domain.people import is_handle, member_not_found
from assigncli.errors import AssignError, InvalidInput, NotFound
from assigncli.locale import _
from assigncli.store import assignments, members
from assigncli.store.tables import Assignment, Member

_SPOKEN: Final = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
# With a letter in it, or longer than any number, so that a mistyped number is taken for no id.
_PREFIX: Final = re.compile(r"(?=.*[a-f]|.{8})[0-9a-f]{4,32}", re.ASCII)

_ALIKE: Final = 0.7
"""How like a handle has to be: one letter of four may be wrong, or two of seven."""


def assignment(session: Session, tx: Transaction, reference: str) -> Assignment:
    """Return the assignment named by number, uuid or unique uuid prefix.

    A prefix has four hex digits or more, eight where none is a letter.

    Raises NotFound `assignment_not_found` or `assignment_archived`, InvalidInput
    `assignment_ambiguous`.
    """
    text = reference.strip().lower()
    if _NUMBER.fullmatch(text):
        found = assignments.by_number(tx, session.organization_id, int(text))
        if found is not None:
            return found
        if assignments.archived_id(tx, session.organization_id, int(text)) is not None:
            raise _archived(session, tx, int(text))
    digits = text.replace("-", "")
    matches = (
        assignments.by_prefix(tx, session.organization_id, digits)
        if _PREFIX.fullmatch(digits)
        else []
    )
    if len(matches) > 1:
        raise InvalidInput(
            _("More than one assignment has an id that begins like that."),
            _("Give more of the id, or the assignment's number."),
            code="assignment_ambiguous",
        )
    if not matches:
        raise no_assignment(session, tx, reference)
    return matches[0]


def recorded_id(session: Session, tx: Transaction, reference: str) -> UUID:
    """Return the id of an assignment that the audit log speaks of, an archived one too.

    Raises as `assignment`, but for `assignment_archived`.
    """
    text = reference.strip()
    archived = (
        assignments.archived_id(tx, session.organization_id, int(text))
        if _NUMBER.fullmatch(text)
        else None
    )
    return archived or assignment(session, tx, reference).id


def assignment_not_found() -> NotFound:
    """Return the error for an assignment that was there a moment ago."""
    return NotFound(
        _("There is no such assignment."),
        _("Run assign list or assign inbox to see the numbers."),
        code="assignment_not_found",
    )


def no_assignment(session: Session, tx: Transaction, reference: str) -> NotFound:
    """Return the error for an assignment that the organisation, or this mentor, does not have.

    A short number is said again; anything longer may be personal data typed in the wrong place.
    """
    text = reference.strip()
    if _SPOKEN.fullmatch(text):
        message = _("There is no assignment {number}.").format(number=text)
    else:
        message = _("There is no such assignment.")
    roles = members.roles_of(tx, session.member_id)
    if Role.PEER_MENTOR in roles and Role.COORDINATOR not in roles:
        hint = _("Run assign inbox to see your assignments.")
    else:
        hint = _("Run assign list to see the numbers.")
    return NotFound(message, hint, code="assignment_not_found")


def _archived(session: Session, tx: Transaction, number: int) -> NotFound:
    message = _("Assignment {number} is archived, since it ended more than a year ago.")
    if members.roles_of(tx, session.member_id) & {Role.COORDINATOR, Role.ORG_ADMIN}:
        hint = _("Its content is gone. Run assign audit log --assignment {number} to see the acts.")
    else:
        hint = _("Its content is gone. Run assign inbox to see your assignments.")
    return NotFound(
        message.format(number=number), hint.format(number=number), code="assignment_archived"
    )


def changed_meanwhile() -> AssignError:
    """Return the refusal of an act on what is no longer as a person was told before their yes."""
    return AssignError(
        _("What you were asked about was changed while you answered. Nothing was done."),
        _("Run the command again to be told how it is now."),
        code="changed_meanwhile",
    )


def member(session: Session, tx: Transaction, handle: str) -> Member:
    """Return the organisation's member with this handle; raises NotFound `member_not_found`."""
    found = members.by_handle(tx, session.organization_id, handle.strip().lower())
    if found is None:
        raise member_not_found(_near(session, tx, handle))
    return found


def _near(session: Session, tx: Transaction, typed: str) -> str | None:
    """Return a handle that is like the one typed, None where none is.

    Only what can be a handle is compared: a name or a number may be personal data.
    """
    text = typed.strip().lower()
    if not is_handle(text):
        return None
    known = members.handles(tx, session.organization_id)
    return next(iter(get_close_matches(text, known, n=1, cutoff=_ALIKE)), None)


def member_names(
    session: Session, tx: Transaction, member_ids: set[UUID]
) -> dict[UUID, tuple[str, str]]:
    """Return (handle, display name) by id, for those the store knows."""
    return members.names(tx, member_ids)
