"""Compare members and their other rows with what the good entries about them make of these.

Members, roles, profiles, certificates, invitations and channels, column by column, with
`projection`. Whether a certificate's chain reaches the root is checked in `whole`. The invitation
of an approved device is deleted with the approval; ids of invitations are local and are not
compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import ProfileStatus
from assigncli.protocol.attachments import Channel
from assigncli.protocol.certificate import Certificate
from assigncli.server.projection import certificates, channels, invitations, members, profiles
from assigncli.server.standing import DIFFERS as STATUS_DIFFERS
from assigncli.server.store import raw
from assigncli.server.store.invitations import Invitation
from assigncli.server.store.raw import Raw, TableClass
from assigncli.server.store.scheduled import NotificationChannel
from assigncli.server.store.tables import CertificateRow, Member, MemberRole, PeerMentorProfile
from assigncli.server.verify.courses import MemberCourse, courses, fitting
from assigncli.server.verify.difference import Difference

MEMBER_DIFFERS: Final = "member_differs"
MEMBER_MISSING: Final = "member_missing"
MEMBER_UNRECORDED: Final = "member_unrecorded"
PROFILE_DIFFERS: Final = "profile_differs"
PROFILE_MISSING: Final = "profile_missing"
PROFILE_UNRECORDED: Final = "profile_unrecorded"
CERTIFICATE_DIFFERS: Final = "certificate_differs"
CERTIFICATE_INVALID: Final = "certificate_invalid"
CERTIFICATE_UNRECORDED: Final = "certificate_unrecorded"
REVOCATION_INVALID: Final = "revocation_invalid"
INVITATION_DIFFERS: Final = "invitation_differs"
INVITATION_MISSING: Final = "invitation_missing"
INVITATION_UNRECORDED: Final = "invitation_unrecorded"
CHANNELS_DIFFER: Final = "channels_differ"

_CERTIFIED: Final = frozenset({"handle", "display_name", "signing_key", "encryption_key"})
"""Columns that a certificate in force determines too; they differ as CERTIFICATE_INVALID."""
_FIXED: Final = frozenset({"id", "member_id", "organization_id", "created_at", "issued_at"})
"""Columns that no later entry changes; any other may have been changed by a missing entry."""
_STANDS: Final = frozenset({"revoked_at", "suspended_at"})
_UNREADABLE: Final = (ValueError, TypeError, AttributeError)

Expected = dict[str, tuple[Any, int]]
"""What each column should hold, and the sequence of the entry that says so."""


def differences(
    tx: Transaction, organization_id: UUID, bad: Collection[int]
) -> Iterator[Difference]:
    """Yield each column that the entries contradict, and each missing or invented row.

    Entries with a `bad` sequence count as absent.
    """
    stray: dict[Any, Difference] = {}
    issued: set[Any] = set()
    for course in courses(tx, organization_id, bad):
        own = {each.hex for each in course.issued}
        issued |= own
        more = [row["id"] for row in course.rows[CertificateRow] if row["id"] not in own]
        stray |= {id_: _about(course, 0, CERTIFICATE_UNRECORDED, fixed=True) for id_ in more}
        if not course.steps:
            if course.row is not None or any(course.rows.values()):
                yield _about(course, 0, MEMBER_UNRECORDED)
            continue
        if course.row is None:
            yield _about(course, course.steps[0][0].sequence, MEMBER_MISSING, fixed=True)
            continue
        found = list(_certificates(course))
        yield from found
        # With certificates in doubt the status is too.
        doubtful = bool(more) or any(each.code == REVOCATION_INVALID for each in found)
        yield from _member(course, course.row, with_status=not doubtful)
        yield from _profile(course)
        yield from _invitations(course)
        yield from _channels(course)
    yield from (each for id_, each in stray.items() if id_ not in issued)


def _about(
    course: MemberCourse,
    sequence: int,
    code: str,
    column: str | None = None,
    *,
    fixed: bool = False,
) -> Difference:
    """Return a difference about a member; no absent entry explains one that is `fixed`."""
    return Difference(
        sequence,
        code,
        name=course.handle,
        column=column,
        explainable=not fixed,
        member=str(course.id),
    )


def _member(course: MemberCourse, row: Raw, *, with_status: bool) -> Iterator[Difference]:
    expected: Expected = {}
    roles: tuple[Any, int] = (frozenset(), 0)
    held: list[Certificate] = []
    issued = 0
    for happened, given in course.steps:
        held = certificates.held_after(held, happened, given)
        issued = happened.sequence if given is not None else issued
        told = members.change(happened, UUID(course.id), held[-1] if held else None)
        expected |= _by(told, happened.sequence)
        said = members.roles(happened, given)
        roles = roles if said is None else (said, happened.sequence)
    for column, sequence in _differing(Member, row, expected, course.steps[0][0].sequence):
        if column == "status":
            if with_status:
                yield _about(course, sequence, STATUS_DIFFERS)
        elif not held or column not in _CERTIFIED:
            yield _about(course, sequence, MEMBER_DIFFERS, column, fixed=column in _FIXED)
        elif not fitting(row, held[-1].texts, column):
            fixed = column in held[-1].texts
            yield _about(course, issued, CERTIFICATE_INVALID, column, fixed=fixed)
    if Counter(each["role"] for each in course.rows[MemberRole]) != Counter(roles[0]):
        code, sequence = (CERTIFICATE_INVALID, issued) if held else (MEMBER_DIFFERS, roles[1])
        yield _about(course, sequence, code, "member_roles.role")


def _profile(course: MemberCourse) -> Iterator[Difference]:
    expected: Expected = {}
    for happened, given in course.steps:
        before = expected.get("status", (ProfileStatus.ACTIVE, 0))[0]
        expected |= _by(profiles.change(happened, given, before), happened.sequence)
    rows = course.rows[PeerMentorProfile]
    if "member_id" not in expected:
        yield from (_about(course, 0, PROFILE_UNRECORDED) for _row in rows)
    elif not rows:
        yield _about(course, expected["member_id"][1], PROFILE_MISSING, fixed=True)
    else:
        yield from _columns(course, PeerMentorProfile, PROFILE_DIFFERS, rows[0], expected)
        yield from (_about(course, 0, PROFILE_UNRECORDED) for _row in rows[1:])


def _certificates(course: MemberCourse) -> Iterator[Difference]:
    """Compare the certificates that the entries gave; a missing one is found with its entry."""
    held: list[Certificate] = []
    given_by: dict[UUID, Expected] = {}
    for happened, given in course.steps:
        for id_, told in certificates.changed(happened, [each.id for each in held]).items():
            given_by[id_] |= _by(told, happened.sequence)
        held = certificates.held_after(held, happened, given)
        if given is not None:
            device = fitting(course.issued[given.id], given.texts, "device").get("device")
            row = certificates.row(happened, given, device)
            given_by[given.id] = _by(row, happened.sequence)
    for id_, expected in given_by.items():
        kept, begun = course.issued[id_], expected["id"][1]
        for column, sequence in _differing(CertificateRow, kept, expected, begun):
            if column == "device":
                yield _about(course, sequence, CERTIFICATE_INVALID, column, fixed=True)
            elif column in _STANDS and None in (kept[column], expected[column][0]):
                fixed = kept[column] is None
                yield _about(course, sequence, REVOCATION_INVALID, column, fixed=fixed)
            else:
                yield _about(course, sequence, CERTIFICATE_DIFFERS, column, fixed=True)


def _invitations(course: MemberCourse) -> Iterator[Difference]:
    """Compare the open invitations: each with the row of its token, or with one that is left."""
    wanted: list[invitations.InvitedRows] = []
    for happened, given in course.steps:
        wanted = invitations.after(wanted, happened, given)
    rows = list(course.rows[Invitation])
    left: list[invitations.InvitedRows] = []
    for each in wanted:
        token = each.columns["token_hash"]
        row = next((row for row in rows if row["token_hash"] == token), None)
        if row is None:
            left.append(each)
        else:
            rows.remove(row)
            yield from _invitation(course, row, each)
    for each, row in zip(left, rows, strict=False):
        yield from _invitation(course, row, each)
    for each in left[len(rows) :]:
        yield _about(course, each.by.sequence, INVITATION_MISSING)
    yield from (_about(course, 0, INVITATION_UNRECORDED) for _row in rows[len(left) :])


def _invitation(
    course: MemberCourse, row: Raw, told: invitations.InvitedRows
) -> Iterator[Difference]:
    expected = _by(told.columns, told.by.sequence)
    yield from _columns(course, Invitation, INVITATION_DIFFERS, row, expected)


def _channels(course: MemberCourse) -> Iterator[Difference]:
    """Compare the channels with the last signed list, which is complete."""
    kept = course.rows[NotificationChannel]
    said = (each for each, _given in course.steps)
    changes = [each for each in said if each.act == Action.MEMBER_CHANNELS_CHANGED]
    if not changes:
        if kept:
            yield _about(course, 0, CHANNELS_DIFFER)
        return
    last = changes[-1]
    try:
        listed = [Channel(UUID(row["id"]), row["sealed"]) for row in kept]
        is_whole = channels.is_list_of(last, listed)
    except _UNREADABLE:
        is_whole = False
    if not is_whole:
        yield _about(course, last.sequence, CHANNELS_DIFFER)
        return
    for row, told in zip(kept, channels.rows(last, listed), strict=True):
        expected = _by(told, last.sequence)
        yield from _columns(course, NotificationChannel, CHANNELS_DIFFER, row, expected)


def _columns(
    course: MemberCourse, table: TableClass, code: str, row: Raw, expected: Expected
) -> Iterator[Difference]:
    for column, sequence in _differing(table, row, expected, 0):
        yield _about(course, sequence, code, column, fixed=column in _FIXED)


def _differing(
    table: TableClass, row: Raw, expected: Expected, begun: int
) -> Iterator[tuple[str, int]]:
    """Yield each column that holds something else, and the entry that says what it should hold.

    A text that does not match its signed digest is not among those expected.
    """
    values = raw.stored(table, {name: value for name, (value, _by) in expected.items()})
    for name, stands in row.items():
        if name in expected and stands != values[name]:
            yield name, expected[name][1]
        elif name not in expected and f"{name}_salt" in row:
            yield name, begun


def _by(columns: Mapping[str, Any], sequence: int) -> Expected:
    return {name: (value, sequence) for name, value in columns.items()}
