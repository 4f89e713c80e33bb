"""What the root key signs: only what it may, once, for this organisation; and lies about it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from assigncli.crypto.identity import Identity, RootKey
from assigncli.protocol.attachments import Certificates, NewCertificate
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.forms import stamp
from assigncli.protocol.seen import NOTHING_SEEN, Seen
from assigncli.protocol.texts import Text
from tests.attacker import certificate_id, value, write
from tests.devices import given, joins, member
from tests.hostile import Answer, Hostile
from tests.kit import root_of, take_over
from tests.office import Office

TOKEN = bytes(range(16))
NAMES = {"handle": Text(bytes(16), "bo"), "display_name": Text(bytes(16), "Bo Dahl")}
UNSIGNED: dict[str, Any] = {"certificate": None}


def rooted(office: Office, key: RootKey | None = None) -> Hostile:
    """Return a client that signs with the office's root key, or with another."""
    return Hostile(office, "anne", key=key or root_of(office))  # type: ignore[arg-type]


def invitation(office: Office, roles: list[str] | None = None) -> dict[str, object]:
    return {
        "token_sha256": hashlib.sha256(TOKEN).hexdigest(),
        "expires_at": stamp(office.now + timedelta(hours=1)),
        **({} if roles is None else {"roles": roles}),
    }


def invites(office: Office, about: UUID, key: RootKey | None = None, **changes: Any) -> Answer:
    said = invitation(office, ["org_admin"])
    return rooted(office, key).does(
        "member.invited", about, said, texts=NAMES, **{**UNSIGNED, **changes}
    )


def approves(
    office: Office, joined: Identity, signer: RootKey | None = None, **changes: Any
) -> Answer:
    """Approve a device of anne's with the root key; `changes` are those of the certificate."""
    sent = given(office, "anne", "anne", joined, **{"issuer": None, **changes})
    body, root = sent.certificate.encode(), root_of(office)
    new = NewCertificate(body, (signer or root).sign(Certificate.purpose, body))
    said = {"certificate": str(sent.certificate.id), "replaces": None}
    attached = [Certificates((new,)).encode()]
    about = sent.certificate.member
    return rooted(office).does("device.approved", about, said, attachments=attached, **UNSIGNED)


@pytest.mark.slow
def test_the_root_key_invites_joins_and_approves_and_the_log_is_whole(office: Office) -> None:
    keys = joins(office, "anne")
    (entry,) = approves(office, keys).entries
    assert (entry.act, entry.actor) == ("device.approved", None)
    phone = Hostile(office, "anne", key=keys, certificate=certificate_id(office, "anne"))
    assert phone.asks("read.head").code == ""
    assert "whole" in office.ok("audit verify").stdout
    office.ok("store check")


def test_a_forged_root_key_signs_nothing(office: Office) -> None:
    before = office.snapshot()
    assert invites(office, uuid4(), RootKey.generate()).code == "signature_invalid"
    assert office.snapshot() == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "arguments"),
    [
        ("member.certified", {"until": None}),
        ("cycle.reopened", {}),
        ("member.restored", {}),
        ("log.restored", {"size": 1, "root": "00" * 32, "cause": "other"}),
    ],
)
def test_an_act_that_is_not_the_root_s_is_malformed(
    office: Office, act: str, arguments: dict[str, object]
) -> None:
    before = office.snapshot()
    answer = rooted(office).does(act, member(office, "kari"), arguments, **UNSIGNED)
    assert answer.code == "statement_malformed"
    assert office.snapshot() == before


@pytest.mark.slow
def test_another_organisation_another_time_and_another_log(office: Office) -> None:
    about = uuid4()
    assert invites(office, about, organization=uuid4()).code == "organization_not_found"
    late = office.now + timedelta(minutes=6)
    assert invites(office, about, at=late).code == "clock_apart"
    assert invites(office, about, seen=Seen(3, bytes(32))).code == "log_forked"
    assert invites(office, about, seen=Seen(999, bytes(32))).code == "log_behind"
    assert value(office, "SELECT count(*) FROM members WHERE handle = 'bo'") == 0
    shown = office.ok("audit log --limit 1").stdout
    assert "attempt refused" in shown
    assert "By: the root key" in shown


@pytest.mark.slow
def test_a_statement_of_the_root_that_comes_twice_is_carried_out_once(office: Office) -> None:
    client, about = rooted(office), uuid4()
    said = invitation(office, ["org_admin"])
    first = client.does("member.invited", about, said, texts=NAMES, **UNSIGNED)
    again = client.raw(client.sent[-1])
    assert first.reply is not None
    assert again.reply is not None
    assert (first.reply.known, again.reply.known) == (False, True)
    assert [each.body for each in first.reply.entries] == [e.body for e in again.reply.entries]
    assert value(office, "SELECT count(*) FROM invitations") == 1
    office.ok("audit verify")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"roles": frozenset({"service"})}, "may_not_vouch"),
        ({"roles": frozenset({"org_admin"})}, "certificate_invalid"),
        ({"organization": uuid4()}, "organization_scope_isolation"),
        ({"keys": Identity.generate().public}, "certificate_invalid"),
    ],
)
def test_a_certificate_that_the_root_may_not_give(
    office: Office, changes: dict[str, Any], code: str
) -> None:
    assert approves(office, joins(office, "anne"), **changes).code == code
    assert value(office, "SELECT count(*) FROM certificates") == 5


@pytest.mark.slow
def test_a_certificate_that_another_root_signed(office: Office) -> None:
    keys = joins(office, "anne")
    assert approves(office, keys, RootKey.generate()).code == "certificate_invalid"


@pytest.mark.slow
def test_who_signs_the_statement_signs_the_certificate(office: Office) -> None:
    """Neither does a device state what the root signed, nor the root what a device signed."""
    keys = joins(office, "kari")
    sent = given(office, "anne", "kari", keys, issuer=None)
    root = root_of(office)
    by_root = replace(sent, signer=root)  # type: ignore[arg-type]
    assert by_root.send(office, "anne").code == "certificate_invalid"
    sent = given(office, "anne", "kari", keys)
    body = sent.certificate.encode()
    new = NewCertificate(body, sent.signer.sign(Certificate.purpose, body))
    said = {"certificate": str(sent.certificate.id), "replaces": None}
    attached = [Certificates((new,)).encode()]
    about = sent.certificate.member
    answer = rooted(office).does("device.approved", about, said, attachments=attached, **UNSIGNED)
    assert answer.code == "certificate_invalid"


@pytest.mark.slow
def test_the_root_asks_for_members_and_for_nothing_else(office: Office) -> None:
    client = rooted(office)
    named = {"handles": ["anne"], "role": None}
    shown = client.asks("read.members", arguments=named, certificate=None).shown
    assert shown is not None
    assert shown.organization_wraps == ()
    assert client.asks("read.head", certificate=None).code == "statement_malformed"
    forged = rooted(office, RootKey.generate())
    assert forged.asks("read.members", arguments=named, certificate=None).code == (
        "signature_invalid"
    )
    elsewhere = {"certificate": None, "organization": uuid4()}
    here = UUID(str(value(office, "SELECT id FROM organizations")))
    answer = client.asks("read.members", arguments=named, **elsewhere).refusal
    assert answer is not None
    assert (answer.code, answer.facts) == ("organization_differs", {"organization": str(here)})
    assert forged.asks("read.members", arguments=named, **elsewhere).code == (
        "organization_not_found"
    )


@pytest.mark.slow
def test_the_root_ends_the_last_device_of_an_administrator(office: Office) -> None:
    own = str(UUID(certificate_id(office, "anne")))
    said = {"certificate": own, "cause": "lost", "suspects_from": None}
    about = member(office, "anne")
    assert Hostile(office, "anne").does("device.revoked", about, said).code == (
        "last_administrator"
    )
    (entry,) = rooted(office).does("device.revoked", about, said, **UNSIGNED).entries
    assert entry.actor is None
    old = Hostile(office, "anne", certificate=UUID(own).hex)
    assert old.asks("read.head").code == "certificate_revoked"
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE audit_log SET actor_id = (SELECT id FROM members WHERE handle = 'anne')",
        "UPDATE audit_log SET actor_certificate_id = service_certificate_id",
        "UPDATE statements SET signature = zeroblob(64)",
        "UPDATE certificates SET signature = zeroblob(64)",
    ],
)
def test_a_lie_about_what_the_root_did_is_found(office: Office, machine: Office, lie: str) -> None:
    assert take_over(office, machine).code == 0
    newest = "(SELECT max(sequence) FROM audit_log)"
    places = {
        "audit_log": f"sequence = {newest}",
        "statements": f"hash = (SELECT statement_hash FROM audit_log WHERE sequence = {newest})",
        "certificates": "id = (SELECT replace(json_extract(details, '$.certificate'), '-', '')"
        f" FROM audit_log WHERE sequence = {newest})",
    }
    table = lie.split()[1]
    write(office, f"{lie} WHERE {places[table]}")
    found = office.run("audit verify")
    assert found.code == 1, found.said


@pytest.mark.slow
def test_a_root_in_place_of_an_issuer_is_found(office: Office) -> None:
    """Somebody with the store alone gives kari a certificate that no device issued."""
    kari = UUID(certificate_id(office, "kari"))
    body = bytes(value(office, "SELECT body FROM certificates WHERE id = ?", kari.hex))  # type: ignore[arg-type]
    lie = replace(Certificate.decode(body), issuer=None)
    forged = RootKey.generate().sign(Certificate.purpose, lie.encode())
    changed = "UPDATE certificates SET body = ?, signature = ? WHERE id = ?"
    write(office, changed, lie.encode(), forged, kari.hex)
    assert office.run("audit verify").code == 1
    office.refused("inbox", "certificate_invalid", 1, profile="kari")


@pytest.mark.slow
def test_an_entry_of_the_root_without_its_statement_counts_for_nothing(office: Office) -> None:
    assert invites(office, uuid4(), seen=NOTHING_SEEN).code == ""
    write(office, "DELETE FROM statements WHERE rowid = (SELECT max(rowid) FROM statements)")
    assert office.run("audit verify").code == 1
