"""What an attacker can do who writes to the database file, and may be a member with own keys.

They need none of our code, take the guards out of the way and put them back, and may run a client
of their own making. They cannot sign as anybody else, nor read anybody else's private keys.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlmodel import Session as Transaction

from assigncli.cli.session.in_process import Session
from assigncli.client import create, organization_keys
from assigncli.client.client import Client
from assigncli.client.exchange import Device
from assigncli.client.recipient import Recipient
from assigncli.client.roll import Roll, Sender
from assigncli.crypto.identity import Identity, PublicIdentity, RootKey
from assigncli.domain.actions import Action
from assigncli.domain.payload import Payload
from assigncli.errors import Tampered
from assigncli.protocol.acts import ACTS
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.sealed_keys import USES
from assigncli.protocol.seen import NOTHING_SEEN
from assigncli.protocol.signed import Signed
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import Text
from assigncli.server import (
    admission,
    batch,
    certification,
    log_end,
    organization_key_wraps,
    service,
    vouch,
)
from assigncli.server.certified import facts_of
from assigncli.server.record import Act, Fact, carry_out, record, record_all
from assigncli.server.rows import Rows
from assigncli.server.step import happening
from assigncli.server.store import members
from assigncli.trust.envelopes import may_hold, may_make
from assigncli.trust.people import OneService
from assigncli.trust.replies import Grounds
from assigncli.trust.vouching import issue
from tests import slots
from tests.acting import acting, altered, held_key, own_certificate
from tests.office import PERSON, Office, Result

Value = str | int | bytes | float | None


@contextmanager
def guards_down(office: Office) -> Iterator[sqlite3.Connection]:
    """Give the database without any trigger; they are put back word for word, so none is missed.

    They leave and come back in the schema's own table: to drop and to create each of them costs
    ten times as much, and the suite does this many hundred times.
    """
    columns = "type, name, tbl_name, rootpage, sql"
    with closing(sqlite3.connect(office.store)) as db:
        query = f"SELECT {columns} FROM sqlite_master WHERE type = 'trigger'"
        guards = db.execute(query).fetchall()
        with _schema(db):
            db.execute("DELETE FROM sqlite_master WHERE type = 'trigger'")
        yield db
        with _schema(db):
            db.executemany(f"INSERT INTO sqlite_master ({columns}) VALUES (?, ?, ?, ?, ?)", guards)


@contextmanager
def _schema(db: sqlite3.Connection) -> Iterator[None]:
    """Let the block write the schema's table, which every connection then reads anew."""
    db.execute("PRAGMA writable_schema = ON")
    yield
    db.commit()
    (version,) = db.execute("PRAGMA schema_version").fetchone()
    db.execute(f"PRAGMA schema_version = {version + 1}")
    db.execute("PRAGMA writable_schema = RESET")


def write(office: Office, statement: str, *values: Value) -> None:
    """Write by raw SQL with the guards out of the way; something must have been changed."""
    with guards_down(office) as db:
        assert db.execute(statement, values).rowcount > 0


def remove_entries(office: Office, which: str, *values: Value, seen: bool = False) -> None:
    """Remove entries with their statements, and of the tree what is over a tail that is gone.

    As a machine meets it that has seen nothing of the log, unless `seen`.
    """
    if not seen:
        forget_heads(office)
    with guards_down(office) as db:
        assert db.execute(f"DELETE FROM audit_log WHERE {which}", values).rowcount > 0
        db.execute(
            "DELETE FROM statements WHERE hash NOT IN"
            " (SELECT statement_hash FROM audit_log WHERE statement_hash IS NOT NULL)"
        )
        db.execute(
            "DELETE FROM log_nodes WHERE place >="
            " ((SELECT max(sequence) FROM audit_log AS e"
            " WHERE e.organization_id = log_nodes.organization_id) >> level)"
        )


def forget_heads(office: Office) -> None:
    """Make this a machine that has seen nothing of the log yet."""
    for path in (*office.home.glob("heads/*.json"), *office.home.glob("*.service/*.head")):
        path.unlink()


def value(office: Office, query: str, *values: Value) -> Value:
    """Return one value by raw SQL."""
    with closing(sqlite3.connect(office.store)) as db:
        found: Value = db.execute(query, values).fetchone()[0]
        return found


def column(office: Office, number: int, name: str) -> Value:
    """Return a column of an assignment."""
    return value(office, f"SELECT {name} FROM assignments WHERE number = ?", number)


def alter(office: Office, number: int, /, **columns: Value) -> None:
    """Change columns of an assignment."""
    for name, new in columns.items():
        write(office, f"UPDATE assignments SET {name} = ? WHERE number = ?", new, number)


def alter_member(office: Office, member: str, /, **columns: Value) -> None:
    """Change columns of the member with this handle."""
    found = hex_id(office, member)
    for name, new in columns.items():
        write(office, f"UPDATE members SET {name} = ? WHERE id = ?", new, found)


def hex_id(office: Office, handle: str) -> str:
    """Return a member's id as it stands in the database."""
    return str(value(office, "SELECT id FROM members WHERE handle = ?", handle))


def certificate_id(office: Office, handle: str) -> str:
    """Return the id of a member's newest certificate as it stands in the database."""
    query = "SELECT id FROM certificates WHERE member_id = ? ORDER BY rowid DESC LIMIT 1"
    return str(value(office, query, hex_id(office, handle)))


def share_of(office: Office, number: int) -> bytes:
    """Return an assignment's share, as whoever can read the vault's file."""
    key = UUID(str(column(office, number, "encryption_key_id"))).bytes
    return slots.shares(office.vault)[key]


def refusals(office: Office) -> list[str]:
    """Return the codes of the refused attempts to open that are on record, first to last."""
    query = (
        "SELECT details FROM audit_log WHERE action IN ('payload.refused', 'attempt.refused')"
        " ORDER BY sequence"
    )
    with closing(sqlite3.connect(office.store)) as db:
        said = [json.loads(details) for (details,) in db.execute(query)]
    return [each["code"] for each in said if each.get("act", "payload").startswith("payload")]


def caught(
    office: Office,
    line: str,
    code: str,
    exit_code: int = 1,
    *,
    profile: str = "anne",
    recorded: bool = False,
) -> Result:
    """Run a command that must find the attack, name it, and show nothing of any payload.

    `recorded` says that it tries to open, so that the refusal must be in the audit log.
    """
    before = refusals(office)
    result = office.refused(line, code, exit_code, profile=profile)
    for text in PERSON.values():
        assert text.splitlines()[0] not in result.said
    assert refusals(office) == before + ([code] if recorded else [])
    return result


def opening(number: int) -> str:
    """Return the line that opens."""
    return f"open {number} --reveal"


def caught_opening(office: Office, number: int, code: str, exit_code: int = 1) -> None:
    """Hold that kari's open finds it, that this is on record, and that nothing counts as read."""
    caught(office, opening(number), code, exit_code, profile="kari", recorded=True)
    assert column(office, number, "first_read_at") is None


@contextmanager
def own_client(
    office: Office, profile: str, *, now: datetime | None = None, **changes: object
) -> Iterator[Session]:
    """Give a session of a client and a server that ask no rule, on a database without guards.

    `changes` are what else the client pretends, such as another member's id.
    """
    with (
        pytest.MonkeyPatch.context() as patch,
        guards_down(office),
        acting(office, profile, now=now) as session,
    ):
        for module, name in (
            (certification, "require_role"),
            (certification, "require_coordinator"),
        ):
            patch.setattr(module, name, lambda *_args: None)
        patch.setattr(batch, "require_coordinator", lambda *_args: None)
        patch.setattr(admission, "require_in_force", lambda *_args: None)
        patch.setattr(admission, "Statement", SimpleNamespace(is_signed=lambda *_args: True))
        patch.setattr(Rows, "_require_readers", lambda *_args: None)
        patch.setattr(Rows, "_vouched", lambda _self, row, *_more: Manifest.decode(row.manifest))
        patch.setattr(log_end, "moment_after", lambda _last, now: now)
        patch.setattr(
            certification, "own_certificates", lambda turn, tx: [_newest(tx, turn.member_id)]
        )
        patch.setattr(Roll, "call", partial(_as_the_rows_say, session))
        patch.setattr(create, "require_covered", lambda *_args: None)
        patch.setattr(create, "expires_after_days", lambda _shown: 30)
        yield altered(session, **changes)


def _as_the_rows_say(
    session: Session, client: Client, handles: Sequence[str]
) -> tuple[Sender, list[Recipient]]:
    """Believe the store of who sends and who may be sent to, and verify nothing."""
    with session.host.store.read() as tx:
        own = _newest(tx, client.member_id)
        mentors = [members.by_handle(tx, client.organization_id, handle) for handle in handles]
        found = [
            Recipient(
                each.id,
                each.handle,
                each.display_name,
                tuple(
                    Certificate.decode(row.body) for row in members.live_certificates(tx, each.id)
                ),
            )
            for each in mentors
            if each is not None
        ]
        ours = service.own(session.turn, tx).certificate
        grounds = Grounds(OneService(ours.id, ours.keys.signing_key))
        sign = client.identity.sign
        device = Device(client.organization_id, own.id, ours.id, grounds, sign)
        return Sender(own, [own], device, cast("Any", None)), found


def forge_assignment(
    office: Office, profile: str, *, now: datetime | None = None, **changes: object
) -> int:
    """Write an assignment in all its rows, with real wraps, share, log and audit entries."""
    with own_client(office, profile, now=now, **changes) as session:
        said = create.Draft(recipient="kari", title="A visit")
        return create.create_and_dispatch(session.client, said, Payload.from_fields(PERSON)).number


def forge_certificate(
    office: Office,
    handle: str,
    issuer: Identity | RootKey,
    issuer_id: UUID | None,
    *,
    keys: PublicIdentity | None = None,
    organization_id: UUID | None = None,
) -> bytes:
    """Replace the member's certificate by one that `issuer` signed, and the row's keys with it."""
    keys = keys or Identity.generate().public
    with closing(sqlite3.connect(office.store)) as db:
        (body,) = db.execute(
            "SELECT body FROM certificates WHERE id = ?", (certificate_id(office, handle),)
        ).fetchone()
    real = Certificate.decode(body)
    forged = replace(
        real,
        organization=organization_id or real.organization,
        keys=keys,
        issuer=issuer_id,
    )
    keep(office, handle, issue(forged, issuer), keys)
    return keys.encryption_key


def keep(office: Office, handle: str, signed: Signed, keys: PublicIdentity) -> None:
    """Put a certificate in the place of the member's newest, and its keys in the member's row."""
    statement = "UPDATE certificates SET body = ?, signature = ? WHERE id = ?"
    write(office, statement, signed.body, signed.signature, certificate_id(office, handle))
    alter_member(office, handle, signing_key=keys.signing_key, encryption_key=keys.encryption_key)


def certify_as(
    office: Office, profile: str, handle: str, public: PublicIdentity, *, log: bool = True
) -> None:
    """Issue the member one more certificate, for other keys, with every row that goes with it."""
    with own_client(office, profile) as session, session.turn.write() as tx:
        member = members.by_handle(tx, session.client.organization_id, handle)
        assert member is not None
        actor = own_certificate(session, tx)
        roles, device = members.roles_of(tx, member.id), Text(bytes(16), "machine")
        texts = {
            "handle": Text(member.handle_salt, member.handle),
            "display_name": Text(member.display_name_salt, member.display_name),
            "device": device,
        }
        fresh = Certificate(
            id=uuid4(),
            organization=session.client.organization_id,
            member=member.id,
            roles=frozenset(role.value for role in roles),
            keys=public,
            texts={name: text.digest() for name, text in texts.items()},
            issuer=actor.id,
        )
        signed = issue(fresh, session.client.identity)
        approved = happening(
            session.turn, actor, Action.MEMBER_APPROVED, member.id, facts_of(fresh)
        )
        vouch.keep(tx, member, approved, fresh, signed, device)
        if log:
            said = {"certificate": str(fresh.id), "certified_until": None}
            state(session, tx, actor, Action.MEMBER_APPROVED, member.id, said)
            record(session.turn, tx, actor, Action.MEMBER_APPROVED, member.id, **facts_of(fresh))
            with suppress(Tampered):  # the standing of who certifies may be broken on purpose
                _share_keys(session, tx, actor, fresh)


def _share_keys(session: Session, tx: Transaction, maker: Certificate, reader: Certificate) -> None:
    """Seal to a device those of the organisation's keys that it may hold."""
    for use in (each for each in USES if may_make(each, maker) and may_hold(each, reader)):
        own = held_key(session, tx, use)
        if own is not None:
            wrap = organization_keys.seal(session.client.identity, *own, use, maker, reader)
            organization_key_wraps.store(session.turn, tx, wrap)


def enrol(office: Office, handle: str, *roles: str, by: str = "anne") -> None:
    """Enrol one more member, with keys in this office."""
    options = " ".join(f"--role {role}" for role in roles)
    office.ok(
        f"member invite {handle} --name 'Name of {handle}' --here --keys keyring {options}",
        profile=by,
    )


def found(office: Office, by: str = "anne") -> list[tuple[int | None, str]]:
    """Return what `audit verify` finds: it says each, and fails with the first one's code."""
    result = office.run("audit verify --json", profile=by)
    assert result.code == 1, result.said
    listed = result.json["findings"]
    assert result.error["code"] == listed[0]["code"]
    spoken = office.run("audit verify", profile=by)
    assert spoken.code == 1
    for finding in listed:
        assert f"Code: {finding['code']}\n" in spoken.stdout
        if finding["sequence"] is not None:
            assert f"Entry: {finding['sequence']}\n" in spoken.stdout
    return [(finding["sequence"], finding["code"]) for finding in listed]


def insert(
    office: Office,
    profile: str,
    action: Action,
    subject: UUID,
    arguments: Mapping[str, object] | None = None,
    **details: Fact,
) -> None:
    """Append an entry that continues the log, with a statement that the member signed.

    With its `arguments` it is in the exact form of its act.
    """
    with own_client(office, profile) as session, session.turn.write() as tx:
        actor = own_certificate(session, tx)
        state(session, tx, actor, action, subject, arguments or {})
        record(session.turn, tx, actor, action, subject, **details)


def insert_opening(office: Office, profile: str, number: int) -> None:
    """Append the entries of a first opening, with a statement that the member signed."""
    subject = UUID(str(column(office, number, "id")))
    key = str(UUID(str(column(office, number, "encryption_key_id"))))
    said = {"encryption_key": key, "as": "recipient"}
    with own_client(office, profile) as session, session.turn.write() as tx:
        actor = own_certificate(session, tx)
        state(session, tx, actor, Action.PAYLOAD_DECRYPTED, subject, said)
        read: Act = (
            Action.ASSIGNMENT_READ,
            subject,
            {"number": number, "from": "delivered", "to": "read"},
        )
        opened: Act = (Action.PAYLOAD_DECRYPTED, subject, {"number": number, "as": "recipient"})
        record_all(session.turn, tx, actor, [read, opened])


def state(
    session: Session,
    tx: Transaction,
    actor: Certificate,
    action: Action,
    subject: UUID,
    arguments: Mapping[str, object],
) -> None:
    """Sign a statement in the exact form of its act; what is recorded next carries it out."""
    act = ACTS.get(action.value)
    body = Statement(
        organization=session.client.organization_id,
        service=service.own(session.turn, tx).certificate.id,
        certificate=actor.id,
        act=action.value,
        about=subject,
        at=session.now,
        nonce=bytes(16),
        seen=NOTHING_SEEN,
        arguments=arguments,
        texts={},
        attachments=(bytes(32),) * (0 if act is None else len(act.attachments)),
    ).encode()
    signature = session.client.identity.sign(Statement.purpose, body)
    kept = {"hash": Statement.digest(body), "body": body, "signature": signature}
    carry_out(tx, actor.id, kept)


def _newest(tx: Transaction, member_id: UUID) -> Certificate:
    """Return the member's newest certificate, taken back or not."""
    query = "SELECT body FROM certificates WHERE member_id = ? ORDER BY rowid DESC LIMIT 1"
    return Certificate.decode(tx.connection().exec_driver_sql(query, (member_id.hex,)).scalar_one())
