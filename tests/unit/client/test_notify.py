"""Who is to be notified, and what is sealed and opened with the organisation's key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from assigncli.addresses import Addresses
from assigncli.client import notify
from assigncli.client.notify import Addressee
from assigncli.errors import AssignError
from assigncli.protocol.attachments import Channel, decode_channels
from assigncli.protocol.forms import to_base64
from assigncli.trust.verification import Verified, verify_evidence
from assigncli.words.errors import said
from tests.unit.trust.world import (
    COORDINATOR,
    FOUNDER,
    MENTOR,
    ORGANIZATION,
    ROOT,
    SERVICE,
    founded,
    question,
    uid,
)

READ = "read.channels"
KEY = b"k" * 32
MENTOR_HANDLE = MENTOR.texts["handle"].text
WAITING = {"id": str(uid("per")), "handle": "per", "display_name": "Per", "status": "invited"}


def answer(**rows: list[Mapping[str, Any]]) -> Verified:
    evidence = replace(founded().answer(READ), rows=rows)
    asked = question(READ, None)
    return verify_evidence(evidence.encode(), asked, root_key=ROOT.public, reader=FOUNDER.member)


def book(*servers: str) -> Addresses:
    empty = Addresses(ORGANIZATION, KEY, SERVICE.member, ())
    return replace(empty, servers=[empty.seal(SERVICE.member, each) for each in servers])


def row(member: UUID, channel: Channel) -> dict[str, str]:
    sealed = to_base64(channel.sealed)
    return {"id": str(channel.id), "member": str(member), "sealed": sealed}


def code_of(found: Verified, who: UUID, handle: str) -> str:
    with pytest.raises(AssignError) as raised:
        notify.addressee(found, who, handle)
    return raised.value.code


def test_who_is_not_approved_yet_is_named_by_the_server() -> None:
    found = answer(waiting=[WAITING])
    named = notify.addressee(found, COORDINATOR.member, " PER ")
    assert named == Addressee(uid("per"), "per", "Per")


def test_a_handle_that_nobody_has() -> None:
    found = answer(waiting=[WAITING], unknown=[{"handle": "pet", "near": "per"}])
    with pytest.raises(AssignError) as raised:
        notify.addressee(found, FOUNDER.member, "pet")
    assert "no member" in said(raised.value)[0]
    assert said(raised.value)[1].startswith("Did you mean per?")
    for typed in ("", "Kari Nordmann", "15857010032 "):
        assert code_of(found, FOUNDER.member, typed) == "member_not_found"
    assert notify.asked_for("Kari Nordmann") is None


def test_a_member_is_never_taken_from_another_row() -> None:
    """Whom a certificate names is that member, whatever the server says of those who wait."""
    found = answer(waiting=[{**WAITING, "handle": MENTOR_HANDLE}])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notify, "asked_for", lambda handle: handle)
        named = notify.addressee(found, FOUNDER.member, MENTOR_HANDLE)
    assert named.id == MENTOR.member


def test_a_mentor_is_told_so_before_anything_else() -> None:
    assert code_of(answer(), MENTOR.member, "nobody") == "role_missing"


@pytest.mark.parametrize("wrong", [{**WAITING, "id": "per"}, {**WAITING, "handle": 7}, {}])
def test_a_row_of_another_form_is_refused(wrong: dict[str, Any]) -> None:
    assert code_of(answer(waiting=[wrong]), FOUNDER.member, "per") == "answer_malformed"


def test_channels_open_for_their_own_member_alone() -> None:
    made = book()
    one, two = (made.seal(MENTOR.member, f"json://{each}") for each in ("one", "two"))
    rows = [row(MENTOR.member, one), row(SERVICE.member, two), row(MENTOR.member, two)]
    found = answer(notification_channels=rows)
    held = notify.channels(found, MENTOR.member)
    assert [made.opened(MENTOR.member, each) for each in held] == ["json://one", "json://two"]
    assert [made.opened(SERVICE.member, each) for each in held] == [None, None]
    moved = Channel(one.id, two.sealed)
    assert made.opened(MENTOR.member, moved) is None
    assert notify.addresses_in(found, ORGANIZATION, KEY).servers == [two]


@pytest.mark.parametrize("wrong", [{"sealed": "?"}, {"member": None}, {"more": 1}])
def test_a_channel_of_another_form_is_refused(wrong: dict[str, Any]) -> None:
    rows = [{**row(MENTOR.member, book().seal(MENTOR.member, "json://one")), **wrong}]
    with pytest.raises(AssignError) as raised:
        notify.channels(answer(notification_channels=rows), MENTOR.member)
    assert raised.value.code == "answer_malformed"


def test_an_email_address_alone_goes_through_the_mail_server() -> None:
    made = book("json://hook", "mailtos://user:pw@mail.example?from=a@b.example&to=c@d.example")
    assert made.complete("json://as/it/is") == "json://as/it/is"
    whole = made.complete("kari@example.org")
    assert whole == "mailtos://user:pw@mail.example?from=a%40b.example&to=kari%40example.org"
    with pytest.raises(AssignError) as raised:
        book("json://hook").complete("kari@example.org")
    assert raised.value.code == "mail_server_missing"
    assert book().opened(MENTOR.member, book().seal(MENTOR.member, "kari@example.org")) is None


def test_the_whole_list_is_signed_and_has_room_for_five() -> None:
    held = [book().seal(MENTOR.member, f"json://{each}") for each in range(5)]
    intent = notify.changing(MENTOR.member, held)
    assert (intent.act, intent.about) == ("member.channels_changed", MENTOR.member)
    assert list(decode_channels(intent.attachments[0])) == held
    who = Addressee(MENTOR.member, "kari", "Kari")
    notify.require_room(who, held[:4])
    with pytest.raises(AssignError) as raised:
        notify.require_room(who, held)
    assert raised.value.code == "channels_too_many"
