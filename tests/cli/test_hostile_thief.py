"""A thief with a mentor's device and the network, with a client of their own making.

They sign whatever they like with kari's key, in the server's process, at its socket, and through a
relay as SSH starts it. They give themselves no successor, stay for nothing after `key lost`, and
seal nothing to a device of theirs. Kari's brief stays hers: with the device that replaces the
stolen one she opens it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from secrets import token_bytes
from typing import Any
from uuid import UUID, uuid4

import pytest

from assigncli.client import approve, asking, device_request, reseal, seal
from assigncli.client import open as opening
from assigncli.client.client import Client
from assigncli.client.lookup import look
from assigncli.crypto.identity import Identity
from assigncli.errors import AssignError
from assigncli.protocol.attachments import Certificates, NewCertificate, encode_wraps
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.forms import stamp
from assigncli.protocol.sealed_keys import Wrap
from assigncli.protocol.seen import NOTHING_SEEN
from assigncli.protocol.texts import encode_texts
from tests.acting import acting, identity_of
from tests.attacker import column, value
from tests.devices import PHONE, device, member
from tests.hostile import Answer, Hostile
from tests.hostile_ways import Ways
from tests.office import Office
from tests.serving import Wire, person, serving

if os.name != "posix":
    pytest.skip("the server is POSIX only", allow_module_level=True)

pytestmark = pytest.mark.slow

INVITE, JOIN, APPROVE, REVOKE = (
    "device.invited",
    "device.joined",
    "device.approved",
    "device.revoked",
)
OPEN, ADD, CONFIRM = "payload_decrypted", "wrap.added", "device.confirmed"
READ = 1
SOMEBODY = 61_235 if os.geteuid() == 0 else None
"""Another account than the server's, where one can be had."""


@dataclass
class Theft:
    """What the thief has: kari's key, her certificate, and wraps that they made of her brief."""

    office: Office
    key: Identity
    certificate: str
    stage: Ways | None = None

    @contextmanager
    def person(self, handle: str, key: Identity | None = None) -> Iterator[Client]:
        """Give a member's honest client, wherever the server is."""
        if self.stage is None:
            with acting(self.office, handle, identity=key) as session:
                yield session.client
        else:
            client = person(self.office, handle, self._wire(handle), key)
            client.look = partial(look, client)
            yield client

    def _wire(self, handle: str) -> Wire:
        """Return the connection of a member whose account, or SSH key, the server knows."""
        assert self.stage is not None
        return self.stage.served.wire(member(self.office, handle))

    @property
    def client(self) -> Hostile:
        """The thief's client, as kari's device."""
        return Hostile(self.office, "kari", key=self.key, certificate=self.certificate)


@pytest.fixture(params=["in process", "socket", "relay"])
def theft(
    request: pytest.FixtureRequest, office: Office, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Theft]:
    """An office where kari has read a brief and her telephone is stolen; the log is whole after."""
    office.now = datetime.now(UTC)
    office.dispatch()
    office.read(READ)
    stolen = Theft(office, identity_of(office, "kari"), device(office, "kari"))
    if request.param == "in process":
        yield stolen
    else:
        with serving(office, "--sweep-every 1440") as served, ExitStack() as opened:
            stage = Ways(served, request.param, SOMEBODY, opened, {})
            monkeypatch.setattr(
                Hostile, "carried", lambda self, sent, _now: stage.carried(self, sent)
            )
            yield replace(stolen, stage=stage)
            opened.close()
            assert served.stop() == 0
    assert "is whole" in office.ok("audit verify").stdout


def invites(thief: Hostile, office: Office) -> bytes:
    """Invite one more device of kari with the stolen key; return the token."""
    token = token_bytes(16)
    said = {
        "token_sha256": hashlib.sha256(token).hexdigest(),
        "expires_at": stamp(datetime.now(UTC) + timedelta(hours=1)),
    }
    assert thief.does(INVITE, member(office, "kari"), said, at=datetime.now(UTC)).code == ""
    return token


def joined(office: Office, token: bytes) -> tuple[Identity, Answer]:
    """Let a machine of the thief's join with a token; return its keys and the answer."""
    own = Identity.generate()
    keys = {
        "signing_key": own.public.signing_key.hex(),
        "encryption_key": own.public.encryption_key.hex(),
        "token": token.hex(),
    }
    machine = Hostile(office, "kari", key=own)
    new: dict[str, Any] = {"certificate": None, "seen": NOTHING_SEEN, "at": datetime.now(UTC)}
    return own, machine.does(JOIN, member(office, "kari"), keys, texts={"device": PHONE}, **new)


def successor(theft: Theft, own: Identity, issuer: str) -> Certificate:
    """Return the certificate that the thief draws for their machine, as an honest member would."""
    row = "SELECT body FROM certificates WHERE id = ?"
    body = value(theft.office, row, UUID(theft.certificate).hex)
    assert isinstance(body, bytes)
    texts = {**Certificate.decode(body).texts, "device": PHONE.digest()}
    stolen = Certificate.decode(body)
    return replace(stolen, id=uuid4(), keys=own.public, texts=texts, issuer=UUID(issuer))


def approves(theft: Theft, made: Certificate, signer: Identity, **how: Any) -> Answer:
    """Certify a machine with somebody's key."""
    body = made.encode()
    attached = Certificates((NewCertificate(body, signer.sign(Certificate.purpose, body)),), ())
    said = {"certificate": str(made.id), "replaces": None, **how.pop("said", {})}
    by = Hostile(theft.office, "kari", key=signer, certificate=how.pop("certificate"))
    return by.does(
        APPROVE,
        made.member,
        said,
        attachments=[attached.encode()],
        at=datetime.now(UTC),
        **how,
    )


def test_no_successor_is_certified_with_the_stolen_key(theft: Theft) -> None:
    office, thief = theft.office, theft.client
    own, answer = joined(office, invites(thief, office))
    assert answer.code == ""  # to ask costs nothing; somebody else has to compare
    by_kari = successor(theft, own, theft.certificate)
    first = {"certificate": theft.certificate}
    assert approves(theft, by_kari, theft.key, **first).code == "role_missing"
    instead = {"said": {"replaces": theft.certificate}, **first}
    assert approves(theft, by_kari, theft.key, **instead).code == "role_missing"
    grander = replace(by_kari, id=uuid4(), roles=frozenset({"coordinator", "org_admin"}))
    assert approves(theft, grander, theft.key, **first).code == "role_missing"
    anne = device(office, "anne")
    forged = approves(theft, successor(theft, own, anne), theft.key, certificate=anne)
    assert forged.code == "signature_invalid"
    itself = approves(theft, by_kari, own, certificate=str(by_kari.id))
    assert itself.code == "certificate_unknown"
    own_confirmation = thief.does(
        CONFIRM, member(office, "kari"), {"certificate": str(by_kari.id)}, at=datetime.now(UTC)
    )
    assert own_confirmation.code == "role_missing"
    count = "SELECT count(*) FROM certificates WHERE member_id = ?"
    assert value(office, count, member(office, "kari").hex) == 1
    machine = Hostile(office, "kari", key=own, certificate=str(by_kari.id))
    assert machine.asks("read.assignment", None, ONE, at=datetime.now(UTC)).code == (
        "certificate_unknown"
    )


ONE = {"number": READ, "prefix": None}


def wraps(theft: Theft, reader: Certificate) -> list[Wrap]:
    """Return the brief's secret sealed to a device, as the stolen one makes it."""
    with theft.person("kari", theft.key) as client:
        case = asking.case(client, str(READ), is_signed=True)
        maker = asking.own_certificate(client, case.verified)
        return seal.wraps(
            client, case.manifest.context, opening.secret_half(client, case), maker, [reader]
        )


def adds(theft: Theft, made: list[Wrap]) -> Answer:
    key = str(UUID(str(column(theft.office, READ, "encryption_key_id"))))
    attached = encode_wraps(made)
    said = {"encryption_key": key}
    return theft.client.does(ADD, READ, said, attachments=[attached], at=datetime.now(UTC))


def test_nothing_is_sealed_to_a_device_of_the_thief(theft: Theft) -> None:
    """Not to one that nobody approved, not to an accomplice's, and not over what is there."""
    office = theft.office
    own, _answer = joined(office, invites(theft.client, office))
    before = value(office, "SELECT count(*) FROM key_wraps")
    unapproved = successor(theft, own, theft.certificate)
    ola = "SELECT body FROM certificates WHERE id = ?"
    body = value(office, ola, UUID(device(office, "ola")).hex)
    assert isinstance(body, bytes)
    accomplice = Certificate.decode(body)
    stolen = replace(accomplice, id=UUID(theft.certificate), keys=own.public)
    for reader in (unapproved, accomplice, stolen):
        assert adds(theft, wraps(theft, reader)).code == "wrap_invalid"
    assert value(office, "SELECT count(*) FROM key_wraps") == before


def ends(theft: Theft) -> None:
    """End the stolen key, as `key lost` does, wherever the server is."""
    said = {"certificate": theft.certificate, "cause": "stolen", "suspects_from": None}
    anne = Hostile(theft.office, "anne")
    kari = member(theft.office, "kari")
    assert anne.does(REVOKE, kari, said, at=datetime.now(UTC)).code == ""


def asked_for(office: Office) -> dict[str, str]:
    key = UUID(str(column(office, READ, "encryption_key_id")))
    return {"encryption_key": str(key), "as": "recipient"}


def test_after_its_end_the_stolen_key_does_nothing_more(theft: Theft) -> None:
    """Neither with what was signed before, nor with an invitation, nor on an open connection."""
    office, thief = theft.office, theft.client
    token = invites(thief, office)
    waiting, _answer = joined(office, invites(thief, office))
    made = wraps(theft, successor(theft, waiting, theft.certificate))
    now = datetime.now(UTC)
    signed = {
        OPEN: thief.statement(OPEN, thief.assignment(READ), at=now, arguments=asked_for(office)),
        "assignment.acknowledged": thief.statement(
            "assignment.acknowledged", thief.assignment(READ), at=now
        ),
        REVOKE: thief.statement(
            REVOKE,
            member(office, "kari"),
            at=now,
            arguments={
                "certificate": theft.certificate,
                "cause": "replaced",
                "suspects_from": None,
            },
        ),
    }
    ends(theft)
    for act, statement in signed.items():
        answer = thief.send(statement.encode(), encode_texts({}))
        assert (answer.code, answer.reply) == ("certificate_revoked", None), act
    assert thief.does(OPEN, READ, asked_for(office), at=datetime.now(UTC)).code == (
        "certificate_revoked"
    )
    assert adds(theft, made).code == "certificate_revoked"
    assert thief.asks("read.assignment", None, ONE, at=datetime.now(UTC)).code == (
        "certificate_revoked"
    )
    said = {"token_sha256": "0" * 64, "expires_at": stamp(datetime.now(UTC) + timedelta(hours=1))}
    again = thief.does(INVITE, member(office, "kari"), said, at=datetime.now(UTC))
    assert again.code == "certificate_revoked"
    lists = thief.asks("read.assignment", None, ONE, signed=False, at=datetime.now(UTC))
    way = "in process" if theft.stage is None else theft.stage.way
    assert lists.code == ("certificate_unknown" if way == "socket" else "certificate_revoked")
    own, _answer = joined(office, token)  # the token was given out; whoever has it may ask
    for keys in (waiting, own):
        drawn = successor(theft, keys, theft.certificate)
        by_stolen = approves(theft, drawn, theft.key, certificate=theft.certificate)
        assert by_stolen.code == "certificate_revoked"
    assert column(office, READ, "status") == "read"


def test_the_device_in_the_place_of_the_stolen_one_opens_the_brief(theft: Theft) -> None:
    """A thief who waits for approval beside kari gets none of what is sealed again."""
    office = theft.office
    thiefs, _answer = joined(office, invites(theft.client, office))
    ends(theft)
    new, answer = joined(office, invites(Hostile(office, "anne"), office))
    assert answer.code == ""
    with theft.person("anne") as anne:
        digits = approve.fingerprint_of(anne, member(office, "kari"), new.public)
        device_request.approve_device(anne, "kari", digits)
        (done,) = [reseal.reseal(anne, each) for each in reseal.open_with(anne, "kari")]
    assert done.outcome is reseal.Sealing.SEALED
    for keys, code in ((new, ""), (theft.key, "key_not_certified"), (thiefs, "key_not_certified")):
        with theft.person("kari", keys) as kari:
            assert opened(kari) == code
    count = "SELECT count(*) FROM key_wraps"
    assert value(office, count) == 3  # anne's, the stolen one's, and the new one's


def anne_s_kari(theft: Theft) -> UUID:
    return member(theft.office, "kari")


def opened(client: Client) -> str:
    """Return the code of the error with which the brief does not open; empty where it does."""
    try:
        opening.open_brief(client, str(READ))
    except AssignError as error:
        return error.code
    return ""
