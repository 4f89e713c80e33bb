"""What entries make of a member's row, roles, profile, certificates, invitations and channels."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from assigncli.crypto.identity import Identity
from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.protocol.attachments import Channel, encode_channels
from assigncli.protocol.certificate import SERVICE, Certificate
from assigncli.protocol.texts import Text
from assigncli.server.projection import certificates, channels, invitations, members, profiles
from assigncli.server.projection.happening import Happening
from assigncli.server.store.invitations import Invitation
from assigncli.server.store.scheduled import NotificationChannel
from assigncli.server.store.tables import CertificateRow, Member, PeerMentorProfile

from .conftest import DISPATCHER, NOON, ORGANIZATION, OTHER
from .conftest import SERVICE as HOST
from .conftest import happened as about_assignment

KARI = UUID(int=100)
FIRST, PHONE, HELPER = UUID(int=101), UUID(int=102), UUID(int=103)
TOKEN, OTHER_TOKEN = b"t" * 16, b"u" * 16
NAMES = {"handle": Text(b"h" * 16, "kari"), "display_name": Text(b"n" * 16, "Kari Nordmann")}
DEVICE = {"device": Text(b"d" * 16, "laptop")}
KEYS = {each: Identity.generate().public for each in (FIRST, PHONE, HELPER)}


def happened(
    act: str, minute: int, arguments: dict[str, Any] | None = None, **facts: Any
) -> Happening:
    """Return an entry about kari."""
    told = replace(about_assignment(act, DISPATCHER, minute, **facts), subject=KARI)
    return replace(told, arguments=arguments or {})


def certificate(id_: UUID, member: UUID = KARI, *roles: str) -> Certificate:
    texts = {name: text.digest() for name, text in (NAMES | DEVICE).items()}
    held = frozenset(roles or ("peer_mentor",))
    return Certificate(id_, ORGANIZATION, member, held, KEYS[id_], texts, OTHER)


def token(given: bytes) -> dict[str, Any]:
    hashed = hashlib.sha256(given).hexdigest()
    return {"token_sha256": hashed, "expires_at": "2026-11-25T12:00:00.000000Z"}


def joining(id_: UUID, given: bytes, minute: int, *, first: bool) -> Happening:
    keys = {"signing_key": KEYS[id_].signing_key, "encryption_key": KEYS[id_].encryption_key}
    said = {"token": given.hex(), **{name: key.hex() for name, key in keys.items()}}
    return replace(happened("device.joined", minute, said, first=first), texts=DEVICE)


INVITED = replace(
    happened("member.invited", 0, {"roles": ["peer_mentor"], **token(TOKEN)}), texts=NAMES
)
JOINED = joining(FIRST, TOKEN, 1, first=True)
APPROVED = happened("member.approved", 2, {"certified_until": "2027-12-31"}, certificate=str(FIRST))
DEVICE_INVITED = happened("device.invited", 3, token(OTHER_TOKEN))
DEVICE_JOINED = joining(PHONE, OTHER_TOKEN, 4, first=False)
DEVICE_APPROVED = happened("device.approved", 5, certificate=str(PHONE))
DEVICE_REVOKED = happened("device.revoked", 6, certificate=str(PHONE), cause="lost")
REVOKED = happened("member.revoked", 7, certificates=[str(FIRST)])
GIVEN = {id(APPROVED): certificate(FIRST), id(DEVICE_APPROVED): certificate(PHONE)}
COURSE = [
    *(INVITED, JOINED, APPROVED, DEVICE_INVITED, DEVICE_JOINED),
    *(DEVICE_APPROVED, DEVICE_REVOKED, REVOKED),
]


def row_after(length: int) -> dict[str, Any]:
    """Return kari's row after so many entries of the course."""
    written: dict[str, Any] = {}
    held: list[Certificate] = []
    for each in COURSE[:length]:
        held = certificates.held_after(held, each, GIVEN.get(id(each)))
        written |= members.change(each, KARI, held[-1] if held else None)
    return written


@pytest.mark.parametrize(
    ("length", "status", "keys", "minute"),
    [
        (1, MemberStatus.INVITED, None, 0),
        (2, MemberStatus.REQUESTED, FIRST, 1),
        (3, MemberStatus.ACTIVE, FIRST, 2),
        (5, MemberStatus.ACTIVE, FIRST, 2),
        (6, MemberStatus.ACTIVE, PHONE, 5),
        (7, MemberStatus.ACTIVE, FIRST, 6),
        (8, MemberStatus.REVOKED, FIRST, 7),
    ],
)
def test_a_member_s_row_at_each_place(
    length: int, status: MemberStatus, keys: UUID | None, minute: int
) -> None:
    row = row_after(length)
    assert row.keys() == Member.model_fields.keys()
    assert (row["status"], row["created_at"]) == (status, NOON)
    assert row["updated_at"] == NOON + timedelta(minutes=minute)
    assert row["signing_key"] == (None if keys is None else KEYS[keys].signing_key)
    assert row["encryption_key"] == (None if keys is None else KEYS[keys].encryption_key)
    assert (row["handle"], row["handle_salt"]) == ("kari", b"h" * 16)


def test_the_last_device_that_ends_leaves_its_keys() -> None:
    assert members.change(DEVICE_REVOKED, KARI) == {}


def test_certified_anew_a_member_is_active_and_restored_what_the_entries_before_say() -> None:
    told = members.change(happened("member.certified", 9), KARI)
    assert told == {"status": MemberStatus.ACTIVE, "updated_at": NOON + timedelta(minutes=9)}
    told = members.change(happened("member.restored", 9), KARI)
    assert told == {"updated_at": NOON + timedelta(minutes=9)}


@pytest.mark.parametrize("act", ["member.paused", "device.invited", "member.channels_changed"])
def test_what_says_nothing_of_the_member_s_row(act: str) -> None:
    assert members.change(happened(act, 9), KARI, certificate(FIRST)) == {}
    assert members.roles(happened(act, 9), certificate(FIRST)) is None


def test_a_founding_makes_two_members() -> None:
    said = {"founder": str(KARI), "service_member": str(HOST)}
    founded = replace(
        happened("organization.founded", 0, said), texts=NAMES | DEVICE, subject=ORGANIZATION
    )
    founder = members.change(founded, KARI, certificate(FIRST))
    assert founder.keys() == Member.model_fields.keys()
    assert (founder["id"], founder["handle"]) == (KARI, "kari")
    assert founder["status"] is MemberStatus.ACTIVE
    helper = members.change(founded, HOST, certificate(HELPER, HOST, SERVICE))
    assert (helper["id"], helper["handle"]) == (HOST, "service")
    assert helper["signing_key"] == KEYS[HELPER].signing_key


def test_roles_are_those_invited_until_a_certificate_says_them() -> None:
    assert members.roles(INVITED) == {Role.PEER_MENTOR}
    both = certificate(FIRST, KARI, "coordinator", "org_admin")
    assert members.roles(APPROVED, both) == {Role.COORDINATOR, Role.ORG_ADMIN}
    assert members.roles(DEVICE_APPROVED, both) is None


def test_a_profile_begins_with_the_approval_of_a_mentor() -> None:
    told = profiles.change(APPROVED, certificate(FIRST))
    assert told.keys() == PeerMentorProfile.model_fields.keys()
    assert told["certified_until"] == date(2027, 12, 31)
    assert profiles.change(APPROVED, certificate(FIRST, KARI, "coordinator")) == {}
    assert profiles.change(INVITED) == {}


def test_a_pause_its_end_a_lapse_and_a_new_certification() -> None:
    until = {"until": "2026-12-01"}
    paused = profiles.change(happened("member.paused", 3, until))
    assert (paused["status"], paused["paused_until"]) == (ProfileStatus.PAUSED, date(2026, 12, 1))
    resumed = profiles.change(happened("member.resumed", 4))
    assert (resumed["status"], resumed["paused_until"]) == (ProfileStatus.ACTIVE, None)
    lapsed = profiles.change(happened("member.lapsed", 5))
    assert (lapsed["status"], "paused_until" in lapsed) == (ProfileStatus.EXPIRED, False)
    assert {each["updated_at"].minute for each in (paused, resumed, lapsed)} == {3, 4, 5}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ProfileStatus.EXPIRED, ProfileStatus.ACTIVE),
        (ProfileStatus.PAUSED, ProfileStatus.PAUSED),
        (ProfileStatus.ACTIVE, ProfileStatus.ACTIVE),
    ],
)
def test_a_new_certification_ends_a_lapse_and_no_pause(
    before: ProfileStatus, after: ProfileStatus
) -> None:
    told = profiles.change(happened("member.certified", 6, {"until": None}), before=before)
    assert (told["status"], told["certified_until"]) == (after, None)


def test_a_certificate_s_row_is_told_whole_but_for_its_signature() -> None:
    told = certificates.row(APPROVED, certificate(FIRST), DEVICE["device"])
    assert told.keys() | {"signature"} == CertificateRow.model_fields.keys()
    assert (told["issued_at"], told["revoked_at"]) == (APPROVED.at, None)
    unknown = certificates.row(APPROVED, certificate(FIRST), None)
    assert not {"device", "device_salt"} & unknown.keys()


def test_which_certificates_an_entry_ends() -> None:
    both = [FIRST, PHONE]
    ended = {"revoked_at": REVOKED.at}
    assert certificates.ended(REVOKED, both) == {FIRST: ended, PHONE: ended}
    assert certificates.ended(DEVICE_REVOKED, both) == {PHONE: {"revoked_at": DEVICE_REVOKED.at}}
    assert certificates.ended(DEVICE_REVOKED, [FIRST]) == {}
    assert certificates.ended(APPROVED, both) == {}


def test_which_certificates_are_held_after_an_entry() -> None:
    first, second = certificate(FIRST), certificate(PHONE)
    assert certificates.held_after([], APPROVED, first) == [first]
    assert certificates.held_after([first], DEVICE_APPROVED, second) == [first, second]
    assert certificates.held_after([first, second], DEVICE_REVOKED, None) == [first]
    assert certificates.held_after([first, second], REVOKED, None) == []


def invited_after(length: int) -> list[dict[str, Any]]:
    found: list[invitations.InvitedRows] = []
    for each in COURSE[:length]:
        found = invitations.after(found, each, GIVEN.get(id(each)))
    return [each.columns for each in found]


def test_an_invitation_is_new_then_spent_and_then_gone() -> None:
    (new,) = invited_after(1)
    assert new == invitations.new(INVITED)
    assert new.keys() | {"id"} == Invitation.model_fields.keys()
    (spent,) = invited_after(2)
    assert spent == {**new, **invitations.spent(JOINED)}
    assert (spent["device"], spent["spent_at"]) == ("laptop", JOINED.at)
    assert invited_after(3) == []


def test_one_more_device_s_approval_ends_its_own_request_alone() -> None:
    assert [each["spent_at"] for each in invited_after(5)] == [DEVICE_JOINED.at]
    another = replace(DEVICE_INVITED, arguments=token(b"v" * 16))
    open_ = [invitations.InvitedRows(each, JOINED) for each in invited_after(5)]
    (left,) = invitations.after(
        invitations.after(open_, another), DEVICE_APPROVED, certificate(PHONE)
    )
    assert left.columns == invitations.new(another)


def test_a_token_is_spent_once_and_no_other_token_s_invitation() -> None:
    twice = invitations.after([], INVITED) + invitations.after([], INVITED)
    once = invitations.after(twice, JOINED)
    assert [each.columns["spent_at"] for each in once] == [JOINED.at, None]
    assert invitations.after(once, joining(PHONE, OTHER_TOKEN, 4, first=False)) == once


def test_an_invitation_that_is_over_is_not_spent() -> None:
    begun = invitations.after([], INVITED)
    last = replace(JOINED, at=begun[0].columns["expires_at"])
    late = replace(last, at=last.at + timedelta(microseconds=1))
    assert [each.columns["spent_at"] for each in invitations.after(begun, last)] == [last.at]
    assert invitations.after(begun, late) == begun


def test_a_device_s_name_that_is_not_known_is_not_told() -> None:
    (joined,) = invitations.after(invitations.after([], INVITED), replace(JOINED, texts={}))
    assert not {"device", "device_salt"} & joined.columns.keys()


def test_a_list_of_channels_is_told_whole_and_in_order() -> None:
    listed = [Channel(UUID(int=number), bytes([1, number])) for number in (9, 8)]
    hashed = hashlib.sha256(encode_channels(listed)).digest()
    told = replace(happened("member.channels_changed", 5, count=2), attachments=(hashed,))
    rows = channels.rows(told, listed)
    assert [each["id"].int for each in rows] == [9, 8]
    assert {each["created_at"] for each in rows} == {told.at}
    assert rows[0].keys() == NotificationChannel.model_fields.keys()
    assert channels.is_list_of(told, listed)
    assert not channels.is_list_of(told, listed[::-1])
    assert not channels.is_list_of(told, [])
    assert not channels.is_list_of(replace(told, attachments=()), listed)
