"""Messages that must never leave: to who has left, by a channel or of a title that was altered."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from assigncli.crypto.organization_key import seal_value
from assigncli.protocol.sealed_keys import ADDRESSES
from tests.acting import acting, held_key
from tests.attacker import alter, hex_id, write
from tests.mail import SmtpServer, smtp_server
from tests.office import Office
from tests.quick import only
from tests.refusals import rows
from tests.told import (
    KARI,
    attention,
    english,
    let_all_through,
    letters,
    outbox,
    partly,
    reach,
    silent,
)


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with smtp_server() as running:
        yield running


@pytest.fixture(scope="module")
def never_quiet(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    return let_all_through(founded.copy_to(tmp_path_factory.mktemp("never-quiet")))


@pytest.fixture
def told(never_quiet: Office, tmp_path: Path) -> Office:
    """An office that is never quiet and writes in English."""
    return never_quiet.copy_to(tmp_path / "office")


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
def test_a_malformed_address(told: Office, address: bytes) -> None:
    number = queued(told)
    seal(told, "kari", address)
    said = partly(told, "channel_invalid").said
    assert "Zq7" not in said
    assert "assign member notify kari" in said
    assert "notification_failed" in attention(told)[number]
    silent(told)


@pytest.mark.slow
def test_one_malformed_address_beside_a_good_one(told: Office, server: SmtpServer) -> None:
    queued(told)
    seal(told, "kari", b"nonsense://")
    reach(told, "kari", server.address(KARI))
    partly(told, "channel_failed")
    assert letters(server) == [(KARI, "Assignment 1", english("dispatched"))]


@pytest.mark.slow
def test_a_mail_server_that_was_taken_away(told: Office, server: SmtpServer) -> None:
    reach(told, "service", server.address("drift@example.org"))
    reach(told, "kari", KARI)
    told.ok("member notify service --remove")
    number = queued(told)
    partly(told, "channel_invalid")
    reach(told, "service", server.address("drift@example.org"))
    told.ok(f"sweep --retry {number}")
    assert [to for to, *_rest in letters(server)] == [KARI]


@pytest.mark.slow
def test_an_altered_channel_does_not_open(told: Office, server: SmtpServer) -> None:
    reach(told, "kari", server.address(KARI))
    queued(told)
    ((sealed,),) = rows(told, "SELECT sealed FROM notification_channels")
    assert isinstance(sealed, bytes)
    altered = sealed[:-1] + bytes([sealed[-1] ^ 1])
    write(told, "UPDATE notification_channels SET sealed = ?", altered)
    partly(told, "channel_invalid")
    assert server.messages == []


@pytest.mark.parametrize("moved", only(True, of=[True, False]))
def test_a_channel_of_another_member_does_not_open(
    told: Office, server: SmtpServer, moved: bool
) -> None:
    """Whether its row is moved to them or copied: it is sealed for its own row and owner."""
    reach(told, "ola", server.address("kasse-ola@example.org"))
    kari = hex_id(told, "kari")
    if moved:
        write(told, "UPDATE notification_channels SET member_id = ?", kari)
    else:
        ((sealed,),) = rows(told, "SELECT sealed FROM notification_channels")
        assert isinstance(sealed, bytes)
        insert(told, uuid4().hex, kari, sealed)
    number = queued(told)
    partly(told, "channel_invalid")
    assert server.messages == []
    assert outbox(told, number) == {("dispatched", "kari"): "failed"}


# People and assignments that are not what they were


@pytest.mark.slow
def test_a_recipient_who_has_left(told: Office, server: SmtpServer) -> None:
    reach(told, "kari", server.address(KARI))
    number = queued(told)
    told.ok("member revoke --yes kari")
    said = partly(told, "recipient_revoked").stdout
    assert "Kari Nordmann is no longer a member" in said
    assert "notification_failed" in attention(told)[number]
    silent(told)
    assert server.messages == []


def test_an_altered_title_is_never_sent(told: Office, server: SmtpServer) -> None:
    reach(told, "kari", server.address(KARI))
    altered, whole = queued(told), queued(told)
    alter(told, altered, title="Ring 22 11 22 11")
    result = told.run("sweep")
    assert result.code == 5
    assert "22 11" not in result.said
    assert f"Kari Nordmann is notified about assignment {whole}.\n" in result.stdout
    assert f"Notification of Kari Nordmann about assignment {altered}: " in result.stdout
    assert letters(server) == [(KARI, "Assignment 2", english("dispatched", 2))]
    assert outbox(told, altered) == {("dispatched", "kari"): "failed"}
    retried = told.run(f"sweep --retry {altered}")
    assert retried.code != 0
    assert server.messages == []


def test_what_was_sent_stays_sent_in_the_database_too(told: Office, server: SmtpServer) -> None:
    reach(told, "kari", server.address(KARI))
    told.dispatch()
    with closing(sqlite3.connect(told.store)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute("UPDATE notifications SET status = 'queued'")
    silent(told)
    assert len(server.messages) == 1


@pytest.mark.slow
def test_nothing_is_sent_twice_when_the_clock_goes_back(told: Office, server: SmtpServer) -> None:
    reach(told, "kari", server.address(KARI))
    told.dispatch()
    told.now -= timedelta(hours=5)
    silent(told)
    told.now += timedelta(days=1)
    silent(told)
    assert len(server.messages) == 1


# What no entry causes


def test_a_message_that_somebody_made_up(told: Office, server: SmtpServer) -> None:
    """A row of the outbox is nobody's word: only a signed entry owes a message."""
    reach(told, "kari", server.address(KARI))
    number = queued(told)
    told.ok("sweep")
    before = len(server.messages)
    assert before == 1
    write(
        told,
        "INSERT INTO notifications (id, organization_id, assignment_id, recipient_id, kind, status,"
        " attempts, created_at, due_at) SELECT ?, organization_id, assignment_id, recipient_id,"
        " 'cancelled', 'queued', 0, created_at, due_at FROM notifications",
        uuid4().hex,
    )
    partly(told, "notification_unrecorded")
    assert len(server.messages) == before
    assert outbox(told, number)["cancelled", "kari"] == "failed"
    silent(told)


def test_a_message_turned_to_somebody_else(told: Office, server: SmtpServer) -> None:
    reach(told, "ola", server.address("ola@example.org"))
    number = queued(told)
    write(told, "UPDATE notifications SET recipient_id = ?", hex_id(told, "ola"))
    partly(told, "notification_unrecorded")
    assert server.messages == []
    assert outbox(told, number)["dispatched", "ola"] == "failed"
