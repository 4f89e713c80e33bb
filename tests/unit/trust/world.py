"""An organization made for the tests of trust: its keys, its log, and answers about it.

Entries and bodies are kept as objects and signed when an answer is made, so that a test can change
one as a service that lies would: everything it can sign is signed again.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from assigncli.crypto.identity import Identity, RootKey
from assigncli.crypto.sealing import seal_to
from assigncli.protocol import manifest as manifests
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.context import Context
from assigncli.protocol.entry import Entry
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.head import Head, head_text
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.question import Question
from assigncli.protocol.reply import Reply
from assigncli.protocol.sealed_keys import Envelope, OrganizationWrap, Wrap
from assigncli.protocol.seen import NOTHING_SEEN, Seen
from assigncli.protocol.signed import Logged, Signed
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import Text
from assigncli.protocol.tree import NodeAt, appended, consistency, inclusion, leaf, root

Facts = Mapping[str, Any]
START = datetime(2026, 11, 24, 8, tzinfo=UTC)
SECRET, SHARE, CIPHERTEXT = b"s" * 32, b"h" * 32, b"\x01" + b"c" * 300


def uid(name: str) -> UUID:
    return UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4)


def text(said: str) -> Text:
    return Text(hashlib.sha256(said.encode()).digest()[:16], said)


ORGANIZATION, ASSIGNMENT, KEY, CYCLE = map(uid, ("organization", "assignment", "key", "cycle"))
ROOT = RootKey(b"root".ljust(32))
TEXTS = {field: text(f"the {field}") for field in manifests.TEXTS}
REASON = text("moved away")


@dataclass(frozen=True)
class Device:
    name: str
    member: UUID
    roles: frozenset[str]
    issuer: Device | None = None

    @property
    def id(self) -> UUID:
        return uid(f"{self.name} certificate")

    @property
    def identity(self) -> Identity:
        return _identity(self.name)

    @property
    def texts(self) -> dict[str, Text]:
        named = {field: text(f"{field} {self.member}") for field in ("handle", "display_name")}
        return {**named, "device": text(f"{self.name}'s PC")}

    def certificate(self, **changed: Any) -> Certificate:
        made = Certificate(
            id=self.id,
            organization=ORGANIZATION,
            member=self.member,
            roles=self.roles,
            keys=self.identity.public,
            texts={field: each.digest() for field, each in self.texts.items()},
            issuer=None if self.issuer is None else self.issuer.id,
        )
        return replace(made, **changed)

    def signed(self, **changed: Any) -> Signed:
        body = self.certificate(**changed).encode()
        signer = ROOT if self.issuer is None else self.issuer.identity
        return Signed(body, signer.sign(Certificate.purpose, body), self.texts)


@cache
def _identity(name: str) -> Identity:
    seeds = [hashlib.sha256(f"{name} {use}".encode()).digest() for use in ("sign", "open")]
    return Identity(*seeds)


def device(name: str, *roles: str, issuer: Device | None = None, member: str = "") -> Device:
    return Device(name, uid(f"{member or name} member"), frozenset(roles), issuer)


FOUNDER = device("founder", "coordinator", "org_admin")
SERVICE = device("service", "service")
COORDINATOR = device("coordinator", "coordinator", issuer=FOUNDER)
MENTOR = device("mentor", "peer_mentor", issuer=COORDINATOR)
PHONE = device("phone", "peer_mentor", issuer=COORDINATOR, member="mentor")
STRANGER = device("stranger", "peer_mentor", issuer=FOUNDER)
NEW_SERVICE = device("new service", "service", issuer=FOUNDER)
DEVICES = (FOUNDER, SERVICE, COORDINATOR, MENTOR, STRANGER)
CONTEXT = Context(ORGANIZATION, ASSIGNMENT, KEY, MENTOR.member, COORDINATOR.member)


def step(before: str | None, after: str, **more: Any) -> Facts:
    return {"number": 7, "from": before, "to": after, **more}


def manifest(**changed: Any) -> Manifest:
    made = Manifest(
        context=CONTEXT,
        certificate=COORDINATOR.id,
        status="dispatched",
        payload_sha256=hashlib.sha256(CIPHERTEXT).digest(),
        share_commitment=CONTEXT.commitment(SHARE),
        texts={field: each.digest() for field, each in TEXTS.items()},
        priority="normal",
        contact_deadline_days=10,
        consent_required=False,
        expires_at=START + timedelta(days=30),
        readers=frozenset({COORDINATOR.id, MENTOR.id}),
    )
    return replace(made, **changed)


def signed_manifest(made: Manifest, by: Device = COORDINATOR) -> Signed:
    body = made.encode()
    return Signed(body, by.identity.sign(Manifest.purpose, body), TEXTS)


@cache
def _sealed(reader: Device, info: bytes) -> bytes:
    return seal_to(reader.identity.public.encryption_key, SECRET, info)


def wrap(reader: Device, maker: Device = COORDINATOR, context: Context = CONTEXT) -> Wrap:
    sealed = _sealed(reader, context.wrap_info(reader.id))
    made = Wrap(reader.id, maker.id, sealed, bytes(64))
    return made.signed(context, maker.identity)


def organization_wrap(reader: Device, maker: Device, use: str = "addresses") -> OrganizationWrap:
    inner = Wrap(reader.id, maker.id, _sealed(reader, b"organization"), bytes(64))
    made = OrganizationWrap(uid("organization key"), use, inner)
    return made.signed(ORGANIZATION, maker.identity)


@dataclass
class World:
    """A log with what belongs to it; `answer` and `reply` sign it as it is then."""

    log: list[Entry] = field(default_factory=list)
    told: dict[bytes, Signed] = field(default_factory=dict)
    people: list[Signed] = field(default_factory=lambda: [each.signed() for each in DEVICES])
    manifests: list[Signed] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    organization_wraps: list[OrganizationWrap] = field(default_factory=list)
    service: Device = SERVICE

    def copy(self) -> World:
        lists = {name: copy.copy(each) for name, each in vars(self).items()}
        return World(**lists)

    def alone(self, act: str, subject: UUID, facts: Facts) -> None:
        """The service states an entry."""
        self._add(act, subject, facts, None, self.service.id)

    def does(
        self,
        actor: Device | None,
        act: str,
        about: UUID,
        arguments: Facts,
        *made: tuple[str, UUID, Facts],
        texts: Mapping[str, Text] | None = None,
        attachments: int = 0,
        key: Identity | RootKey | None = None,
    ) -> bytes:
        """A device (or `key`, without a certificate) does something that makes these entries."""
        said = self.statement(actor, act, about, arguments, texts or {}, attachments)
        signer = key if actor is None else actor.identity
        assert signer is not None
        body = said.encode()
        hashed = Statement.digest(body)
        self.told[hashed] = Signed(body, signer.sign(Statement.purpose, body), texts or {})
        at = START + timedelta(minutes=len(self.log))
        for name, subject, facts in made or ((act, about, {}),):
            self._add(name, subject, facts, hashed, None if actor is None else actor.id, at)
        return hashed

    def statement(
        self,
        actor: Device | None,
        act: str,
        about: UUID,
        arguments: Facts,
        texts: Mapping[str, Text],
        attachments: int = 0,
    ) -> Statement:
        is_new_key = act in ("organization.founded", "device.joined")
        return Statement(
            organization=ORGANIZATION,
            service=self.service.id,
            certificate=None if actor is None else actor.id,
            act=act,
            about=about,
            at=START + timedelta(minutes=len(self.log)),
            nonce=hashlib.sha256(f"{act}{len(self.log)}".encode()).digest()[:16],
            seen=NOTHING_SEEN if is_new_key else self.seen(),
            arguments=arguments,
            texts={name: each.digest() for name, each in texts.items()},
            attachments=(bytes(32),) * attachments,
        )

    def _add(
        self,
        act: str,
        subject: UUID,
        facts: Facts,
        statement: bytes | None,
        actor: UUID | None,
        at: datetime | None = None,
    ) -> None:
        at = START + timedelta(minutes=len(self.log)) if at is None else at
        sequence, service = len(self.log) + 1, self.service.id
        added = Entry(ORGANIZATION, sequence, at, act, subject, facts, statement, actor, service)
        self.log.append(added)

    def change(self, name: str, /, **changed: Any) -> None:
        """Change the last entry of this name, as only the service can."""
        at = max(at for at, entry in enumerate(self.log) if entry.act == name)
        self.log[at] = replace(self.log[at], **changed)

    def drop(self, act: str) -> None:
        """Take the last entry of this name out of the log, and count the others again."""
        at = max(at for at, entry in enumerate(self.log) if entry.act == act)
        del self.log[at]
        self.log = [replace(each, sequence=at) for at, each in enumerate(self.log, 1)]

    def seen(self, size: int | None = None) -> Seen:
        size = len(self.log) if size is None else size
        return Seen(size, root(size, self._tree()))

    def _tree(self) -> NodeAt:
        nodes: dict[tuple[int, int], bytes] = {}

        def node_at(level: int, index: int) -> bytes:
            return nodes[level, index]

        for size, entry in enumerate(self.log):
            made = appended(size, leaf(entry.encode()), node_at)
            nodes.update({(level, index): found for level, index, found in made})
        return node_at

    def _head(self) -> Head:
        seen = self.seen()
        signature = self.service.identity.sign_head(head_text(ORGANIZATION, seen.size, seen.root))
        return Head(seen.size, seen.root, self.service.id, signature)

    def logged(self, entry: Entry) -> Logged:
        signers = {each.id: each for each in (SERVICE, NEW_SERVICE)}
        body, size = entry.encode(), len(self.log)
        signer = signers.get(entry.service, self.service).identity
        proof = inclusion(min(entry.sequence, size) - 1, size, self._tree())
        return Logged(body, signer.sign(Entry.purpose, body), tuple(proof))

    def answer(self, act: str = "read.log", about: UUID | None = None, old: int = 0) -> Evidence:
        proof = consistency(old, len(self.log), self._tree())
        shown = {entry.statement for entry in self.log}
        return Evidence(
            organization=ORGANIZATION,
            act=act,
            about=about,
            now=START + timedelta(days=1),
            zone="Europe/Oslo",
            service=self.service.id,
            head=self._head(),
            consistency=tuple(proof),
            certificates=tuple(self.people),
            entries=tuple(self.logged(entry) for entry in self.log),
            statements=tuple(each for hashed, each in self.told.items() if hashed in shown),
            manifests=tuple(self.manifests),
            envelopes=tuple(self.envelopes),
            organization_wraps=tuple(self.organization_wraps),
        )

    def reply(self, hashed: bytes, old: int, since: int, **changed: Any) -> Reply:
        """Reply with the entries from index `since` on, to who has seen `old` of them."""
        shown = tuple(self.logged(entry) for entry in self.log[since:])
        proof = consistency(old, len(self.log), self._tree())
        return replace(Reply(hashed, shown, self._head(), tuple(proof)), **changed)


def question(act: str, about: UUID | None, seen: Seen = NOTHING_SEEN) -> Question:
    return Question(ORGANIZATION, SERVICE.id, MENTOR.id, act, about, START, bytes(16), seen, {})


def approve(
    world: World,
    who: Device,
    by: Device | None,
    act: str = "member.approved",
    replaces: Device | None = None,
) -> None:
    named = {"certificate": str(who.id)}
    facts = {**named, "digest": Certificate.digest(who.signed().body).hex()}
    made = [(act, who.member, facts)]
    if replaces is not None:
        ended = {"certificate": str(replaces.id), "cause": "replaced"}
        made.append(("device.revoked", who.member, ended))
    more = {"replaces": None if replaces is None else str(replaces.id)}
    more = {"certified_until": None} if act == "member.approved" else more
    key = ROOT if by is None else None
    world.does(by, act, who.member, {**named, **more}, *made, attachments=1, key=key)


def founded() -> World:
    world = World()
    own = FOUNDER.identity
    arguments = {
        "founder": str(FOUNDER.member),
        "service_member": str(SERVICE.member),
        "signing_key": own.public.signing_key.hex(),
        "encryption_key": own.public.encryption_key.hex(),
        "root_key": ROOT.public.hex(),
        "time_zone": "Europe/Oslo",
        "token": "00" * 16,
    }
    named = (Certificate.digest(each.signed().body).hex() for each in (FOUNDER, SERVICE))
    facts = dict(zip(("digest", "service_digest"), named, strict=True))
    facts["certificate"] = str(FOUNDER.id)
    texts = {**FOUNDER.texts, "name": text("The Organisation")}
    made = ("organization.founded", ORGANIZATION, facts)
    world.does(None, made[0], ORGANIZATION, arguments, made, texts=texts, attachments=1, key=own)
    approve(world, COORDINATOR, FOUNDER)
    approve(world, MENTOR, COORDINATOR)
    approve(world, STRANGER, FOUNDER)
    return world


def send(world: World, made: Manifest | None = None) -> None:
    """The coordinator sends an assignment, and the mentor is handed it."""
    sent = manifest() if made is None else made
    signed = signed_manifest(sent)
    named = {"manifest": Manifest.digest(signed.body).hex()}
    more = {"recipient": str(sent.context.recipient), "cycle": str(CYCLE), "count": 1}
    more |= {"tier": "none"}
    key = {"encryption_key": str(sent.context.encryption_key)}
    world.does(
        COORDINATOR,
        "batch.dispatched",
        ORGANIZATION,
        {"rows": 1},
        ("assignment.created", ASSIGNMENT, {**step(None, "pending"), **named, **key}),
        ("assignment.dispatched", ASSIGNMENT, {**step("pending", "dispatched"), **named, **more}),
        attachments=2,
    )
    world.manifests.append(signed)
    wrapped = (wrap(COORDINATOR), wrap(MENTOR))
    world.envelopes.append(Envelope(KEY, CIPHERTEXT, wrapped))
    world.alone("assignment.delivered", ASSIGNMENT, step("dispatched", "delivered"))


def read_it(world: World, by: Device = MENTOR) -> bytes:
    return world.does(
        by,
        "payload_decrypted",
        ASSIGNMENT,
        {"encryption_key": str(KEY), "as": "recipient"},
        ("assignment.read", ASSIGNMENT, step("delivered", "read")),
        ("payload_decrypted", ASSIGNMENT, {"number": 7, "as": "recipient"}),
    )


@cache
def _whole() -> World:
    world = founded()
    send(world)
    read_it(world)
    world.organization_wraps.append(organization_wrap(SERVICE, FOUNDER))
    return world


def whole() -> World:
    """Return a world in which a mentor has read an assignment; the caller's own to change."""
    return _whole().copy()
