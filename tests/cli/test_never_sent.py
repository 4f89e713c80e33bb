"""Messages that must never leave: to who has left, by a channel or of a title that was altered."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from assigncli.crypto.organization_key import seal_value
from assigncli.protocol.sealed_keys import ADDRESSES
from tests.acting import acting, held_key
from tests.attacker import alter, hex_id, write
from tests.mail import SmtpServer
from tests.office import Office
from tests.quick import only
from tests.refusals import rows
from tests.told import (
    KARI,
    attention,
    english,
    letters,
    outbox,
    partly,
    reach,
    silent,
)

# Addresses that are not what they were


def queued(office: Office) -> int:
    """Dispatch an assignment of which nobody is told yet."""
    office.ok("config set quiet_hours 06:00-05:59")
    number = office.dispatch()
    office.ok("config set quiet_hours none")
    return number


def seal(office: Office, handle: str, address: bytes) -> None:
    """Add a channel as a coordinator's own program could, whatever the address is."""
    channel, member = uuid4(), UUID(hex_id(office, handle))
    with acting(office, "anne") as session, session.host.store.read() as tx:
        held = held_key(session, tx, ADDRESSES)
        assert held is not None
        sealed = seal_value(
            held[0],
            address,
            organization_id=session.client.organization_id,
            owner_id=member,
            purpose=f"notification-channel/{channel}",
        )
    insert(office, channel.hex, member.hex, sealed)


def insert(office: Office, channel: str, member: str, sealed: bytes) -> None:
    with closing(sqlite3.connect(office.store)) as db:
        db.execute(
            "INSERT INTO notification_channels SELECT ?, organization_id, id, ?, created_at"
            " FROM members WHERE id = ?",
            (channel, sealed, member),
        )
        db.commit()


MALFORMED = (b"nonsense://Zq7Xwvukt5", b"no address", b"\xff\xfeZq7Xwvukt5", b"syslog://", b"")


@pytest.mark.parametrize(
    "address", only(MALFORMED[0], of=MALFORMED), ids=map(str, range(len(MALFORMED)))
)
def test_a_malformed_address(awake: Office, address: bytes) -> None:
    number = queued(awake)
    seal(awake, "kari", address)
    said = partly(awake, "channel_invalid").said
    assert "Zq7" not in said
    assert "assign member notify kari" in said
    assert "notification_failed" in attention(awake)[number]
    silent(awake)


@pytest.mark.slow
def test_one_malformed_address_beside_a_good_one(awake: Office, server: SmtpServer) -> None:
    queued(awake)
    seal(awake, "kari", b"nonsense://")
    reach(awake, "kari", server.address(KARI))
    partly(awake, "channel_failed")
    assert letters(server) == [(KARI, "Assignment 1", english("dispatched"))]


@pytest.mark.slow
def test_a_mail_server_that_was_taken_away(awake: Office, server: SmtpServer) -> None:
    reach(awake, "service", server.address("drift@example.org"))
    reach(awake, "kari", KARI)
    awake.ok("member notify service --remove")
    number = queued(awake)
    partly(awake, "channel_invalid")
    reach(awake, "service", server.address("drift@example.org"))
    awake.ok(f"sweep --retry {number}")
    assert [to for to, *_rest in letters(server)] == [KARI]


@pytest.mark.slow
def test_an_altered_channel_does_not_open(awake: Office, server: SmtpServer) -> None:
    reach(awake, "kari", server.address(KARI))
    queued(awake)
    ((sealed,),) = rows(awake, "SELECT sealed FROM notification_channels")
    assert isinstance(sealed, bytes)
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    write(awake, "UPDATE notification_channels SET sealed = ?", altered)
    partly(awake, "channel_invalid")
    assert server.messages == []


@pytest.mark.parametrize("moved", only(True, of=[True, False]))
def test_a_channel_of_another_member_does_not_open(
    awake: Office, server: SmtpServer, moved: bool
) -> None:
    """Whether its row is moved to them or copied: it is sealed for its own row and owner."""
    reach(awake, "ola", server.address("kasse-ola@example.org"))
    kari = hex_id(awake, "kari")
    if moved:
        write(awake, "UPDATE notification_channels SET member_id = ?", kari)
    else:
        ((sealed,),) = rows(awake, "SELECT sealed FROM notification_channels")
        assert isinstance(sealed, bytes)
        insert(awake, uuid4().hex, kari, sealed)
    number = queued(awake)
    partly(awake, "channel_invalid")
    assert server.messages == []
    assert outbox(awake, number) == {("dispatched", "kari"): "failed"}


# People and assignments that are not what they were


@pytest.mark.slow
def test_a_recipient_who_has_left(awake: Office, server: SmtpServer) -> None:
    reach(awake, "kari", server.address(KARI))
    number = queued(awake)
    awake.ok("member revoke --yes kari")
    said = partly(awake, "recipient_revoked").stdout
    assert "Kari Nordmann is no longer a member" in said
    assert "notification_failed" in attention(awake)[number]
    silent(awake)
    assert server.messages == []


@pytest.mark.slow
def test_an_altered_title_is_never_sent(awake: Office, server: SmtpServer) -> None:
    reach(awake, "kari", server.address(KARI))
    altered, whole = queued(awake), queued(awake)
    alter(awake, altered, title="Ring 22 11 22 11")
    result = awake.run("sweep")
    assert result.code == 5
    assert "22 11" not in result.said
    assert f"Kari Nordmann is notified about assignment {whole}.\n" in result.stdout
    assert f"Notification of Kari Nordmann about assignment {altered}: " in result.stdout
    assert letters(server) == [(KARI, "Assignment 2", english("dispatched", 2))]
    assert outbox(awake, altered) == {("dispatched", "kari"): "failed"}
    retried = awake.run(f"sweep --retry {altered}")
    assert retried.code != 0
    assert server.messages == []


def test_what_was_sent_stays_sent_in_the_database_too(awake: Office, server: SmtpServer) -> None:
    reach(awake, "kari", server.address(KARI))
    awake.dispatch()
    with closing(sqlite3.connect(awake.store)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute("UPDATE notifications SET status = 'queued'")
    silent(awake)
    assert len(server.messages) == 1


@pytest.mark.slow
def test_nothing_is_sent_twice_when_the_clock_goes_back(awake: Office, server: SmtpServer) -> None:
    reach(awake, "kari", server.address(KARI))
    awake.dispatch()
    awake.now -= timedelta(hours=5)
    silent(awake)
    awake.now += timedelta(days=1)
    silent(awake)
    assert len(server.messages) == 1


# What no entry causes


def test_a_message_that_somebody_made_up(awake: Office, server: SmtpServer) -> None:
    """A row of the outbox is nobody's word: only a signed entry owes a message."""
    reach(awake, "kari", server.address(KARI))
    number = queued(awake)
    awake.ok("sweep")
    before = len(server.messages)
    assert before == 1
    write(
        awake,
        "INSERT INTO notifications (id, organization_id, assignment_id, recipient_id, kind, status,"
        " attempts, created_at, due_at) SELECT ?, organization_id, assignment_id, recipient_id,"
        " 'cancelled', 'queued', 0, created_at, due_at FROM notifications",
        uuid4().hex,
    )
    partly(awake, "notification_unrecorded")
    assert len(server.messages) == before
    assert outbox(awake, number)["cancelled", "kari"] == "failed"
    silent(awake)


def test_a_message_turned_to_somebody_else(awake: Office, server: SmtpServer) -> None:
    reach(awake, "ola", server.address("ola@example.org"))
    number = queued(awake)
    write(awake, "UPDATE notifications SET recipient_id = ?", hex_id(awake, "ola"))
    partly(awake, "notification_unrecorded")
    assert server.messages == []
    assert outbox(awake, number)["dispatched", "ola"] == "failed"
