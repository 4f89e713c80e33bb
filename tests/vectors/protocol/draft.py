"""Make the known answers of PROTOCOL.md again: `python -m tests.vectors.protocol.draft`.

Straightforward code with hashlib, PyNaCl and cryptography alone, kept apart from the package so
that the two can disagree. Everything comes from fixed seeds, but the wraps: HPKE draws its own
ephemeral key, so a wrap that is in the file already is kept, and is there to be opened.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from nacl.signing import SigningKey

HERE = Path(__file__).parent
HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
LEAVES = 16
Body = dict[str, Any]


def seed(name: str, size: int = 32) -> bytes:
    return hashlib.shake_256(b"assigncli vectors: " + name.encode()).digest(size)


def uuid(name: str) -> str:
    return str(UUID(bytes=seed(name, 16), version=4))


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed_bytes(purpose: str, body: bytes) -> bytes:
    return b"assigncli/" + purpose.encode() + b"/v1\0" + body


def digest(purpose: str, body: bytes) -> str:
    return hashlib.sha256(signed_bytes(purpose, body)).hexdigest()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def prefixed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def raw(*ids: str) -> list[bytes]:
    return [UUID(each).bytes for each in ids]


class Device:
    """A signing and an encryption key, and the certificate that names them."""

    def __init__(self, name: str) -> None:
        self.id, self.member = uuid(f"{name} certificate"), uuid(f"{name} member")
        self.signing = SigningKey(seed(f"{name} signing"))
        self.opening = X25519PrivateKey.from_private_bytes(seed(f"{name} opening"))

    @property
    def keys(self) -> dict[str, str]:
        opening = self.opening.public_key().public_bytes_raw()
        signing = bytes(self.signing.verify_key)
        return {"signing_key": signing.hex(), "encryption_key": opening.hex()}

    def sign(self, purpose: str, body: bytes) -> str:
        return self.signing.sign(signed_bytes(purpose, body)).signature.hex()


ROOT = SigningKey(seed("root signing"))
ORGANIZATION = uuid("organization")
ASSIGNMENT, KEY = uuid("assignment"), uuid("encryption key")
KEY_ID = uuid("organization key id")
COORDINATOR, MENTOR, SERVICE = Device("coordinator"), Device("mentor"), Device("service")
SECRET, SHARE = seed("secret"), seed("share")
PAYLOAD = canonical(
    {
        "full_name": "Åse Prøve",
        "address": "Eksempelveien 1",
        "postal_code": "0001",
        "city": "Oslo",
        "phone": "00000000",
        "medical_summary": "Oppdiktet for prøven.\nTo linjer.",
    }
)


def text(field: str, said: str) -> dict[str, str]:
    salt = seed(f"salt of {field}", 16)
    return {"salt": salt.hex(), "text": said, "digest": sha256(salt + said.encode())}


TEXTS = {
    field: text(field, said)
    for field, said in {
        "title": "Besøk på Østkanten",
        "subject_reference": "SAK-7",
        "coordinator_notes": "Ring først.\nHund i huset \U0001f415.",
        "internal_notes": "",
        "handle": "kari.n",
        "display_name": "Kari Nordmann",
        "device": "Karis PC",
        "reason": 'Avlyst: "flyttet" \\ bortreist\t\u2028',
    }.items()
}


def digests(*fields: str) -> dict[str, str]:
    return {field: TEXTS[field]["digest"] for field in fields}


def given(*fields: str) -> Body:
    return {f: {"salt": TEXTS[f]["salt"], "text": TEXTS[f]["text"]} for f in fields}


def signed(purpose: str, fields: Body, signer: Device | None) -> Body:
    """Return a signed body as its vector; None is the root key."""
    body = canonical(fields)
    message = signed_bytes(purpose, body)
    key = ROOT if signer is None else signer.signing
    return {
        "purpose": purpose,
        "body": body.decode("ascii"),
        "signed_sha256": sha256(message),
        "public_key": bytes(key.verify_key).hex(),
        "signature": key.sign(message).signature.hex(),
    }


def canonical_vectors() -> Body:
    """Return byte strings that are canonical, and byte strings that a reader refuses."""
    good = [
        {},
        {"a": [], "b": {}, "c": None, "d": True, "e": False},
        {"a": 0, "b": 1, "c": 2**53 - 1},
        {"a.b": 1, "a_b": 2, "ab": 3, "b": 4},
        {"text": 'quote " backslash \\ slash / delete \x7f'},
        {"text": "\x00\x01\x07\b\t\n\x0b\f\r\x1f"},
        {"text": "æøå ÆØÅ \u2028 \ufeff \U0001f415 e\u0301"},
        {"a": {"a": {"a": {"a": {"a": {"a": {"a": {}}}}}}}},
        {"a": [[[[[[[]]]]]]]},
    ]
    deep = '{"a":' * 8 + "{}" + "}" * 8
    bad = {
        "empty": "",
        "not an object": "[]",
        "byte order mark": '\ufeff{"a":1}',
        "white space before": ' {"a":1}',
        "white space after": '{"a":1}\n',
        "white space inside": '{"a": 1}',
        "keys not sorted": '{"b":1,"a":1}',
        "key twice": '{"a":1,"a":1}',
        "key of another form": '{"A":1}',
        "empty key": '{"":1}',
        "key too long": '{"' + "a" * 65 + '":1}',
        "key escaped": '{"\\u0061":1}',
        "slash escaped": '{"a":"\\/"}',
        "letter escaped": '{"a":"\\u00e6"}',
        "delete escaped": '{"a":"\\u007f"}',
        "upper-case escape": '{"a":"\\u001F"}',
        "long escape of a line feed": '{"a":"\\u000a"}',
        "raw control character": '{"a":"\t"}',
        "lone surrogate": '{"a":"\\ud800"}',
        "surrogate pair escaped": '{"a":"\\ud83d\\udc15"}',
        "negative": '{"a":-1}',
        "minus zero": '{"a":-0}',
        "leading zero": '{"a":01}',
        "fraction": '{"a":1.0}',
        "exponent": '{"a":1e2}',
        "too large": '{"a":9007199254740992}',
        "far too large": '{"a":1' + "0" * 5000 + "}",
        "not a number": '{"a":NaN}',
        "infinity": '{"a":Infinity}',
        "single quotes": "{'a':1}",
        "trailing comma": '{"a":1,}',
        "comment": '{"a":1/**/}',
        "two values": "{}{}",
        "cut off": '{"a":1',
        "nine deep": deep,
        "very deep": '{"a":' + "[" * 5000 + "]" * 5000 + "}",
    }
    refused = [{"what": what, "bytes": spelt.encode().hex()} for what, spelt in bad.items()]
    refused += [
        {"what": "UTF-8 of a surrogate", "bytes": b'{"a":"\xed\xa0\x80"}'.hex()},
        {"what": "overlong UTF-8", "bytes": b'{"a":"\xc0\xaf"}'.hex()},
        {"what": "cut UTF-8", "bytes": b'{"a":"\xc3"}'.hex()},
        {"what": "UTF-16", "bytes": '{"a":1}'.encode("utf-16").hex()},
    ]
    return {
        "canonical": [{"value": value, "bytes": canonical(value).hex()} for value in good],
        "refused": refused,
    }


STATEMENT: Body = {
    "v": 1,
    "organization": ORGANIZATION,
    "service": SERVICE.id,
    "certificate": COORDINATOR.id,
    "act": "assignment.cancelled",
    "about": ASSIGNMENT,
    "at": "2026-11-24T08:15:00.000123Z",
    "nonce": seed("nonce", 16).hex(),
    "seen": {"size": 0, "root": sha256(b"")},
    "arguments": {"number": 412, "read": True},
    "texts": digests("reason"),
    "attachments": [],
}


QUESTION: Body = {
    **{name: STATEMENT[name] for name in ("v", "organization", "service", "at", "nonce", "seen")},
    "certificate": MENTOR.id,
    "act": "payload_decrypted",
    "about": ASSIGNMENT,
    "arguments": {},
}


def changed(**fields: Any) -> Body:
    return {**STATEMENT, **fields}


def without(name: str, fields: Body = STATEMENT) -> Body:
    return {key: value for key, value in fields.items() if key != name}


def malformed(**bad: Body) -> list[Body]:
    """Return bodies that are canonical JSON and of no allowed form, by what is wrong with each."""
    return [
        {"what": what.replace("_", " "), "body": canonical(fields).decode("ascii")}
        for what, fields in bad.items()
    ]


def statement_vectors() -> Body:
    """Return a statement, what crosses with it, and statements of a form that is refused."""
    made = signed("request", STATEMENT, COORDINATOR)
    body = made["body"].encode()
    texts = canonical(given("reason"))
    parts = prefixed(body, bytes.fromhex(made["signature"]), texts)
    bad = {
        "field missing": without("nonce"),
        "field too many": changed(extra=1),
        "another version": changed(v=2),
        "true for a number": changed(v=True),
        "nil uuid": changed(about="00000000-0000-0000-0000-000000000000"),
        "upper-case uuid": changed(about=ASSIGNMENT.upper()),
        "uuid without hyphens": changed(about=ASSIGNMENT.replace("-", "")),
        "moment without decimals": changed(at="2026-11-24T08:15:00Z"),
        "moment with an offset": changed(at="2026-11-24T09:15:00.000123+01:00"),
        "leap second": changed(at="2026-12-31T23:59:60.000000Z"),
        "day that does not exist": changed(at="2026-02-29T08:15:00.000000Z"),
        "year before 2000": changed(at="1999-12-31T23:59:59.999999Z"),
        "nonce too short": changed(nonce=seed("nonce", 15).hex()),
        "upper-case hexadecimal": changed(nonce=seed("nonce", 16).hex().upper()),
        "root missing": changed(seen={"size": 0}),
        "unknown act": changed(act="assignment.unmade"),
        "argument missing": changed(arguments={"number": 412}),
        "argument too many": changed(arguments={"number": 412, "read": True, "more": 1}),
        "argument of another type": changed(arguments={"number": "412", "read": True}),
        "text missing": changed(texts={}),
        "text too many": changed(texts=digests("reason", "title")),
        "text not a digest": changed(texts={"reason": "Avlyst"}),
        "attachment where none belongs": changed(attachments=[sha256(b"")]),
        "no certificate for an act that needs one": changed(certificate=None),
    }
    return {
        "statement": {**made, "hash": digest("request", body)},
        "question": signed("ask", QUESTION, MENTOR),
        "texts": texts.decode(),
        "message": {"kind": 2, "bytes": (b"\x01\x02" + parts).hex()},
        "outcome": {
            "kind": 3,
            "bytes": (b"\x01\x03" + prefixed(body, bytes.fromhex(made["signature"]))).hex(),
        },
        "refused": [
            {
                "what": what,
                "code": {"another version": "version_unknown", "unknown act": "act_unknown"}.get(
                    what, "statement_malformed"
                ),
                "body": canonical(fields).decode("ascii"),
            }
            for what, fields in bad.items()
        ],
    }


def text_vectors() -> Body:
    return {"texts": [{"field": field, **each} for field, each in TEXTS.items()]}


def certificate_fields(device: Device, roles: list[str], issuer: str | None) -> Body:
    return {
        "v": 1,
        "suite": 1,
        "id": device.id,
        "organization": ORGANIZATION,
        "member": device.member,
        "roles": roles,
        **device.keys,
        "texts": digests("handle", "display_name", "device"),
        "issuer": issuer,
    }


def people_vectors() -> Body:
    """Return certificates by the root and by an administrator, and what is compared aloud."""
    by_root = certificate_fields(COORDINATOR, ["coordinator", "org_admin"], None)
    by_admin = certificate_fields(MENTOR, ["peer_mentor"], COORDINATOR.id)
    service = certificate_fields(SERVICE, ["service"], None)
    keys = bytes.fromhex(SERVICE.keys["signing_key"] + SERVICE.keys["encryption_key"])
    told = bytes(ROOT.verify_key) + b"".join(raw(ORGANIZATION, MENTOR.member))
    told += bytes.fromhex(MENTOR.keys["signing_key"] + MENTOR.keys["encryption_key"])
    spoken = hashlib.sha512(b"assigncli/fingerprint/v1\0" + told).digest()
    digits = f"{int.from_bytes(spoken, 'big') % 10**40:040d}"
    token = seed("token", 16)
    return {
        "root_key": bytes(ROOT.verify_key).hex(),
        "organization": ORGANIZATION,
        "malformed": malformed(
            field_missing=without("issuer", by_admin),
            field_too_many={**by_admin, "issued_at": STATEMENT["at"]},
            another_suite={**by_admin, "suite": 2},
            no_role={**by_admin, "roles": []},
            unknown_role={**by_admin, "roles": ["friend"]},
            role_twice={**by_admin, "roles": ["peer_mentor", "peer_mentor"]},
            roles_not_sorted={**by_admin, "roles": ["org_admin", "coordinator"]},
            service_and_another_role={**by_admin, "roles": ["peer_mentor", "service"]},
            key_too_short={**by_admin, "signing_key": by_admin["signing_key"][2:]},
            low_order_encryption_key={**by_admin, "encryption_key": "00" * 32},
            low_order_signing_key={**by_admin, "signing_key": "01" + "00" * 31},
            text_missing={**by_admin, "texts": digests("handle", "display_name")},
        ),
        "certificates": [
            {**made, "digest": digest("certificate", made["body"].encode())}
            for made in (
                signed("certificate", by_root, None),
                signed("certificate", by_admin, COORDINATOR),
                signed("certificate", service, None),
            )
        ],
        "fingerprint": " ".join(digits[at : at + 5] for at in range(0, 40, 5)),
        "service_fingerprint": sha256(b"assigncli/service-key/v1\0" + keys),
        "token": token.hex(),
        "token_sha256": sha256(token),
    }


def context() -> bytes:
    ids = raw(ORGANIZATION, ASSIGNMENT, KEY, MENTOR.member, COORDINATOR.member)
    return prefixed(b"assigncli/envelope", b"\x01", *ids)


def sealed() -> bytes:
    padded = PAYLOAD + b"\x80"
    padded += bytes(-len(padded) % 256)
    key = HKDF(SHA256(), 32, None, context()).derive(SECRET + SHARE)
    nonce = seed("payload nonce", 12)
    return b"\x01" + nonce + AESGCM(key).encrypt(nonce, padded, context())


def commitment() -> str:
    return sha256(b"assigncli/share/v1\0" + context() + SHARE)


def manifest_fields() -> Body:
    return {
        "v": 1,
        "suite": 1,
        "organization": ORGANIZATION,
        "assignment": ASSIGNMENT,
        "encryption_key": KEY,
        "recipient": MENTOR.member,
        "dispatcher": COORDINATOR.member,
        "certificate": COORDINATOR.id,
        "status": "dispatched",
        "payload_sha256": sha256(sealed()),
        "share_commitment": commitment(),
        "texts": digests("title", "subject_reference", "coordinator_notes", "internal_notes"),
        "priority": "normal",
        "contact_deadline_days": 10,
        "consent_required": True,
        "expires_at": "2026-12-23T23:00:00.000000Z",
        "readers": sorted([MENTOR.id, COORDINATOR.id]),
        "import_key": None,
        "import_digest": None,
    }


def wrap_info(certificate: str) -> bytes:
    return context() + prefixed(UUID(certificate).bytes)


def wrap(reader: Device, kept: str | None) -> Body:
    """Return a wrap for `reader`; `kept` is the one in the file, where it opens."""
    info = wrap_info(reader.id)
    wrapped = bytes.fromhex(kept) if kept and _opens(reader, kept, info, SECRET) else None
    wrapped = wrapped or HPKE.encrypt(SECRET, _public(reader), info)
    fields = {
        "v": 1,
        "suite": 1,
        "organization": ORGANIZATION,
        "assignment": ASSIGNMENT,
        "encryption_key": KEY,
        "recipient": MENTOR.member,
        "dispatcher": COORDINATOR.member,
        "certificate": reader.id,
        "maker": COORDINATOR.id,
        "wrap_sha256": sha256(wrapped),
    }
    made = signed("wrap", fields, COORDINATOR)
    return {
        **made,
        "wrap": wrapped.hex(),
        "info": info.hex(),
        "private_key": reader.opening.private_bytes_raw().hex(),
    }


def _public(device: Device) -> X25519PublicKey:
    return device.opening.public_key()


def _opens(reader: Device, kept: str, info: bytes, secret: bytes) -> bool:
    try:
        return HPKE.decrypt(bytes.fromhex(kept), reader.opening, info) == secret
    except Exception:
        return False


def wrap_json(made: Body) -> Body:
    said = json.loads(made["body"])
    names = ("wrap", "signature")
    return {
        "certificate": said["certificate"],
        "maker": said["maker"],
        **{name: made[name] for name in names},
    }


def envelope_vectors(kept: Body) -> Body:
    """Return payload, ciphertext, wraps, manifest, and the batch and shares that carry them."""
    old = [each["wrap"] for each in kept.get("wraps", [])]
    wraps = [
        wrap(reader, found)
        for reader, found in zip((MENTOR, COORDINATOR), [*old, None, None], strict=False)
    ]
    manifest = signed("manifest", manifest_fields(), COORDINATOR)
    fields = ("title", "subject_reference", "coordinator_notes", "internal_notes")
    good = manifest_fields()
    row = {
        "manifest": b64(manifest["body"].encode()),
        "signature": manifest["signature"],
        "ciphertext": b64(sealed()),
        "texts": given(*fields),
        "wraps": [wrap_json(each) for each in wraps],
    }
    batch, shares = canonical({"v": 1, "rows": [row]}), UUID(KEY).bytes + SHARE
    return {
        "context": context().hex(),
        "secret": SECRET.hex(),
        "share": SHARE.hex(),
        "share_commitment": commitment(),
        "payload": PAYLOAD.hex(),
        "ciphertext": sealed().hex(),
        "wraps": wraps,
        "manifest": {**manifest, "digest": digest("manifest", manifest["body"].encode())},
        "malformed": malformed(
            field_missing=without("expires_at", good),
            field_too_many={**good, "number": 412},
            another_status={**good, "status": "read"},
            another_priority={**good, "priority": "high"},
            days_as_text={**good, "contact_deadline_days": "10"},
            one_for_true={**good, "consent_required": 1},
            no_reader={**good, "readers": []},
            readers_not_sorted={**good, "readers": good["readers"][::-1]},
            reader_twice={**good, "readers": good["readers"][:1] * 2},
            import_key_alone={**good, "import_key": sha256(b"")},
            text_missing={**good, "texts": digests("title", "coordinator_notes")},
        ),
        "batch": {"bytes": batch.decode(), "sha256": sha256(batch)},
        "shares": {"bytes": shares.hex(), "sha256": sha256(shares)},
    }


def organization_key_vectors(kept: Body) -> Body:
    """Return an organization key's wrap, a sealed address, and an import hash."""
    key, key_id = seed("organization key"), KEY_ID
    info = prefixed(
        b"assigncli/organization-key", b"\x01", *raw(ORGANIZATION, key_id, COORDINATOR.id)
    )
    old = kept.get("wrap", {}).get("wrap")
    wrapped = bytes.fromhex(old) if old and _opens(COORDINATOR, old, info, key) else None
    wrapped = wrapped or HPKE.encrypt(key, _public(COORDINATOR), info)
    fields = {
        "v": 1,
        "suite": 1,
        "organization": ORGANIZATION,
        "key": key_id,
        "use": "addresses",
        "certificate": COORDINATOR.id,
        "maker": COORDINATOR.id,
        "wrap_sha256": sha256(wrapped),
    }
    channel, nonce = uuid("channel"), seed("address nonce", 12)
    label = b"assigncli/organization-value"
    aad = prefixed(
        label, *raw(ORGANIZATION, MENTOR.member), f"notification-channel/{channel}".encode()
    )
    address = b"mailto://prove@example.org"
    padded = address + b"\x80"
    padded += bytes(-len(padded) % 256)
    sealing = HKDFExpand(SHA256(), 32, label).derive(key)
    hashing = HKDFExpand(SHA256(), 32, b"assigncli/organization-digest").derive(key)
    return {
        "key": key.hex(),
        "wrap": {
            **signed("organization-key", fields, COORDINATOR),
            "wrap": wrapped.hex(),
            "info": info.hex(),
            "private_key": COORDINATOR.opening.private_bytes_raw().hex(),
        },
        "address": {
            "member": MENTOR.member,
            "channel": channel,
            "address": address.decode(),
            "aad": aad.hex(),
            "sealed": (b"\x01" + nonce + AESGCM(sealing).encrypt(nonce, padded, aad)).hex(),
        },
        "imports": [imported(hashing, None), imported(hashing, "id-1")],
    }


def imported(key: bytes, external_id: str | None) -> Body:
    """Return what a sheet's row says, and both hashes of it."""
    row = {
        "mentor": "kari.n",
        "title": TEXTS["title"]["text"],
        "reference": None,
        "priority": "normal",
        "deadline_days": 10,
        "expires": "2026-12-24",
        "consent": True,
        "coordinator_notes": TEXTS["coordinator_notes"]["text"],
        "external_id": external_id,
    }
    content = b"content\0" + canonical(row) + b"\0" + PAYLOAD
    data = content if external_id is None else b"external_id\0" + external_id.encode()
    return {
        "row": row,
        "payload": PAYLOAD.hex(),
        "import_key": hmac.digest(key, prefixed(b"import", data), "sha256").hex(),
        "import_digest": hmac.digest(key, prefixed(b"import-digest", content), "sha256").hex(),
    }


def entry_fields(index: int) -> Body:
    """Return entry `index`; those after the first are of one growing log of the service."""
    return {
        "v": 1,
        "organization": ORGANIZATION,
        "sequence": index + 1,
        "at": f"2026-11-24T08:15:{index:02d}.000000Z",
        "act": "assignment.reminded" if index else "assignment.cancelled",
        "subject": ASSIGNMENT,
        "facts": {"number": 412 + index}
        if index
        else {
            "number": 412,
            "from": "read",
            "to": "cancelled",
            "cycle": uuid("cycle"),
            "count": 2,
        },
        "statement": None if index else digest("request", canonical(STATEMENT)),
        "actor": SERVICE.id if index else COORDINATOR.id,
        "service": SERVICE.id,
    }


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    """Return the largest power of two below `count`, which is above 1."""
    return 1 << (count - 1).bit_length() - 1


def root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, over leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = split(len(leaves))
    return node(root(leaves[:middle]), root(leaves[middle:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    middle = split(len(leaves))
    if index < middle:
        return [*path(index, leaves[:middle]), root(leaves[middle:])]
    return [*path(index - middle, leaves[middle:]), root(leaves[:middle])]


def proof(size: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """PROOF (SUBPROOF) of RFC 6962 section 2.1.2; `whole` is its b. Empty for size 0."""
    if size == 0:
        return []
    if size == len(leaves):
        return [] if whole else [root(leaves)]
    middle = split(len(leaves))
    if size <= middle:
        return [*proof(size, leaves[:middle], whole=whole), root(leaves[middle:])]
    return [*proof(size - middle, leaves[middle:], whole=False), root(leaves[:middle])]


def head(leaves: list[bytes]) -> Body:
    """Return a head of section 5.3, with the text that is signed and the whole signed note."""
    name, key = f"assigncli/{ORGANIZATION}", bytes(SERVICE.signing.verify_key)
    told = f"{name}\n{len(leaves)}\n{b64(root(leaves))}\n"
    signature = SERVICE.signing.sign(told.encode()).signature
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + key).digest()[:4]
    return {
        "head": {
            "size": len(leaves),
            "root": root(leaves).hex(),
            "service": SERVICE.id,
            "signature": signature.hex(),
        },
        "text": told,
        "note": f"{told}\n\u2014 {name} {b64(key_id + signature)}\n",
    }


def log_vectors() -> Body:
    """Return the entries of a log, its head at every size, and every proof between sizes."""
    entries = [signed("entry", entry_fields(index), SERVICE) for index in range(LEAVES)]
    leaves = [hashlib.sha256(b"\0" + each["body"].encode()).digest() for each in entries]
    good = entry_fields(0)
    return {
        "malformed": malformed(
            field_missing=without("actor", good),
            field_too_many={**good, "details": {}},
            sequence_zero={**good, "sequence": 0},
            unknown_act={**good, "act": "assignment.unmade"},
            fact_missing={**good, "facts": without("count", good["facts"])},
            fact_too_many={**good, "facts": {**good["facts"], "reason": "ill"}},
            fact_of_another_type={**good, "facts": {**good["facts"], "number": "412"}},
            unknown_status={**good, "facts": {**good["facts"], "to": "lost"}},
            carried_out_by_nobody={**good, "statement": None},
        ),
        "service_key": bytes(SERVICE.signing.verify_key).hex(),
        "entries": [
            {**entry, "leaf": leaf.hex()} for entry, leaf in zip(entries, leaves, strict=True)
        ],
        "heads": [head(leaves[:size]) for size in range(LEAVES + 1)],
        "inclusion": [
            {"index": index, "size": size, "proof": hexed(path(index, leaves[:size]))}
            for size in range(1, LEAVES + 1)
            for index in range(size)
        ],
        "consistency": [
            {"old": old, "size": size, "proof": hexed(proof(old, leaves[:size]))}
            for size in range(LEAVES + 1)
            for old in range(size + 1)
        ],
    }


def attachment_vectors(people: Body, envelope: Body, organization_key: Body) -> Body:
    """Return each kind of attachment, and attachments of a form that is refused."""
    wraps = [wrap_json(each) for each in envelope["wraps"]]
    key = {**wrap_json(organization_key["wrap"]), "key": KEY_ID, "use": "addresses"}
    address = organization_key["address"]
    channel = {"id": address["channel"], "sealed": b64(bytes.fromhex(address["sealed"]))}
    certificates = [
        {"body": b64(each["body"].encode()), "signature": each["signature"]}
        for each in people["certificates"]
    ]
    batch = json.loads(envelope["batch"]["bytes"])
    row = batch["rows"][0]
    good: dict[str, Body] = {
        "certificates": {"v": 1, "certificates": certificates[1:2], "organization_wraps": [key]},
        "organization_wraps": {"v": 1, "organization_wraps": [key]},
        "wraps": {"v": 1, "wraps": wraps},
        "channels": {"v": 1, "channels": [channel]},
        "batch": batch,
    }
    bad = [
        ("certificates", "none", {**good["certificates"], "certificates": []}),
        ("certificates", "three", {**good["certificates"], "certificates": certificates}),
        ("certificates", "two for one", {**good["certificates"], "certificates": certificates[:2]}),
        ("certificates", "wraps missing", without("organization_wraps", good["certificates"])),
        ("organization_wraps", "none", {"v": 1, "organization_wraps": []}),
        ("organization_wraps", "another use", _one("organization_wraps", {**key, "use": "names"})),
        ("organization_wraps", "another key", _one("organization_wraps", {**key, "key": KEY})),
        ("wraps", "none", {"v": 1, "wraps": []}),
        ("wraps", "seventeen", {"v": 1, "wraps": wraps[:1] * 17}),
        ("wraps", "wrap too short", _one("wraps", {**wraps[0], "wrap": wraps[0]["wrap"][2:]})),
        ("channels", "a list alone", {"v": 1, "channels": {"id": channel["id"]}}),
        ("channels", "one twice", {"v": 1, "channels": [channel, channel]}),
        ("batch", "none", {"v": 1, "rows": []}),
        ("batch", "two for one", {"v": 1, "rows": [row, row]}),
        ("batch", "text missing", _one("rows", {**row, "texts": given("title")})),
        ("batch", "share in a row", _one("rows", {**row, "share": SHARE.hex()})),
    ]
    return {
        "good": {kind: canonical(fields).decode() for kind, fields in good.items()},
        "refused": [
            {"kind": kind, "what": what, "body": canonical(fields).decode()}
            for kind, what, fields in bad
        ],
    }


def _one(name: str, item: Body) -> Body:
    return {"v": 1, name: [item]}


def message_vectors(statement: Body) -> Body:
    """Return requests and texts parts that are refused, each with its code."""
    body, signature = statement["statement"]["body"].encode(), bytes(64)
    texts = canonical(given("reason"))
    good = b"\x01\x02" + prefixed(body, signature, texts)
    malformed, statement_too_large, too_large = (
        "message_malformed",
        "statement_too_large",
        "message_too_large",
    )
    bad = [
        ("empty", malformed, b""),
        ("version alone", malformed, b"\x01"),
        ("another version", "version_unknown", b"\x02" + good[1:]),
        ("version zero", "version_unknown", b"\x00" + good[1:]),
        ("unknown kind", malformed, b"\x01\x04" + good[2:]),
        ("kind of an answer", malformed, b"\x01\x82" + good[2:]),
        ("no part", malformed, b"\x01\x02"),
        ("part missing", malformed, b"\x01\x02" + prefixed(body, signature)),
        ("three attachments", malformed, good + prefixed(b"", b"", b"")),
        ("cut off", malformed, good[:-1]),
        ("cut in a length", malformed, good + b"\0\0\0"),
        ("a byte after it", malformed, good + b"\0"),
        ("signature too short", malformed, b"\x01\x02" + prefixed(body, signature[1:], texts)),
        ("no signature", malformed, b"\x01\x02" + prefixed(body, b"", texts)),
        ("part where none belongs", malformed, b"\x01\x03" + prefixed(body, signature, texts)),
        (
            "statement of 16,385 bytes",
            statement_too_large,
            b"\x01\x02" + prefixed(bytes(16_385), signature, texts),
        ),
        (
            "texts of 65,537 bytes",
            too_large,
            b"\x01\x02" + prefixed(body, signature, bytes(65_537)),
        ),
    ]
    text = given("reason")["reason"]
    bad_texts: dict[str, bytes] = {
        "empty": b"",
        "an array": b"[]",
        "unknown field": canonical({"remark": text}),
        "text alone": canonical({"reason": text["text"]}),
        "salt missing": canonical({"reason": without("salt", text)}),
        "salt too short": canonical({"reason": {**text, "salt": text["salt"][2:]}}),
        "upper-case salt": canonical({"reason": {**text, "salt": text["salt"].upper()}}),
        "digest beside it": canonical({"reason": TEXTS["reason"]}),
        "text that is null": canonical({"reason": {**text, "text": None}}),
        "not sorted": b'{"reason":{"text":"a","salt":"' + text["salt"].encode() + b'"}}',
    }
    return {
        "refused": [
            {"what": what, "code": code, "bytes": packed(data)} for what, code, data in bad
        ],
        "refused_texts": [{"what": what, "bytes": part.hex()} for what, part in bad_texts.items()],
    }


def packed(data: bytes) -> Body:
    """Return hexadecimal, and how many zeros follow it where those are many."""
    kept = data.rstrip(b"\0")
    zeros = len(data) - len(kept)
    return {"hex": kept.hex(), "zeros": zeros} if zeros > 64 else {"hex": data.hex(), "zeros": 0}


def story_fields() -> list[Body]:
    """Return the entries of an organization from its founding until a mentor reads a brief."""
    certificates = {device: certificate_digest(device) for device in PEOPLE}
    manifest, cycle = digest("manifest", canonical(manifest_fields())), uuid("cycle")
    sent = {"manifest": manifest, "recipient": MENTOR.member}
    sent |= {"cycle": cycle, "count": 1, "tier": "none"}
    by_service, by_coordinator = (None, SERVICE.id), ("batch", COORDINATOR.id)
    by_mentor = ("open", MENTOR.id)
    told: list[tuple[str, str, Body, tuple[str | None, str | None]]] = [
        (
            "organization.founded",
            ORGANIZATION,
            {
                "certificate": COORDINATOR.id,
                "digest": certificates[COORDINATOR],
                "service_digest": certificates[SERVICE],
            },
            ("found", None),
        ),
        (
            "member.approved",
            MENTOR.member,
            {"certificate": MENTOR.id, "digest": certificates[MENTOR]},
            ("approve", COORDINATOR.id),
        ),
        ("cycle.opened", cycle, {"starts_on": "2026-01-01", "ends_on": "2026-12-31"}, by_service),
        (
            "assignment.created",
            ASSIGNMENT,
            {**step(None, "pending"), "manifest": manifest, "encryption_key": KEY},
            by_coordinator,
        ),
        (
            "assignment.dispatched",
            ASSIGNMENT,
            {**step("pending", "dispatched"), **sent},
            by_coordinator,
        ),
        ("assignment.delivered", ASSIGNMENT, step("dispatched", "delivered"), by_service),
        ("assignment.read", ASSIGNMENT, step("delivered", "read"), by_mentor),
        ("payload_decrypted", ASSIGNMENT, {"number": 412, "as": "recipient"}, by_mentor),
    ]
    together = {"batch": 4, "open": 7}  # entries of one statement have one moment
    return [
        {
            "v": 1,
            "organization": ORGANIZATION,
            "sequence": sequence,
            "at": f"2026-11-24T08:15:{together.get(name, sequence):02d}.000000Z",
            "act": act,
            "subject": subject,
            "facts": facts,
            "statement": None if name is None else story_hash(name),
            "actor": actor,
            "service": SERVICE.id,
        }
        for sequence, (act, subject, facts, (name, actor)) in enumerate(told, 1)
    ]


def step(before: str | None, after: str) -> Body:
    return {"number": 412, "from": before, "to": after}


def story_hash(name: str) -> str:
    """Return the hash of the opening, and of a statement that nobody but its server has seen."""
    return digest("request", canonical(OPENING)) if name == "open" else sha256(name.encode())


PEOPLE = {COORDINATOR: None, SERVICE: None, MENTOR: COORDINATOR}
"""Who issued whose certificate; None is the root key."""
OPENING: Body = {
    **STATEMENT,
    "certificate": MENTOR.id,
    "act": "payload_decrypted",
    "arguments": {"encryption_key": KEY, "as": "recipient"},
    "texts": {},
}


def certificate_of(device: Device) -> Body:
    roles = {COORDINATOR: ["coordinator", "org_admin"], SERVICE: ["service"]}
    issuer = PEOPLE[device]
    fields = certificate_fields(
        device, roles.get(device, ["peer_mentor"]), None if issuer is None else issuer.id
    )
    return signed("certificate", fields, issuer)


def certificate_digest(device: Device) -> str:
    return digest("certificate", certificate_of(device)["body"].encode())


def shown(made: Body, *fields: str) -> Body:
    """Return a signed body as evidence has it, with these texts."""
    return {
        "body": b64(made["body"].encode()),
        "signature": made["signature"],
        "texts": given(*fields),
    }


def answer_vectors(envelope: Body) -> Body:
    """Return evidence for a mentor who opens a brief, the reply to it, and a refusal."""
    entries = [signed("entry", fields, SERVICE) for fields in story_fields()]
    leaves = [hashlib.sha256(b"\0" + each["body"].encode()).digest() for each in entries]

    def logged(indices: range, size: int) -> list[Body]:
        return [
            {
                "body": b64(entries[index]["body"].encode()),
                "signature": entries[index]["signature"],
                "proof": hexed(path(index, leaves[:size])),
            }
            for index in indices
        ]

    names = ("handle", "display_name", "device")
    evidence: Body = {
        "v": 1,
        "organization": ORGANIZATION,
        "act": "payload_decrypted",
        "about": ASSIGNMENT,
        "now": "2026-11-24T08:15:06.500000Z",
        "zone": "Europe/Oslo",
        "service": SERVICE.id,
        "head": head(leaves[:6])["head"],
        "consistency": hexed(proof(3, leaves[:6])),
        "certificates": [shown(certificate_of(device), *names) for device in PEOPLE],
        "entries": logged(range(6), 6),
        "statements": [],
        "manifests": [
            shown(envelope["manifest"], "title", "subject_reference", "coordinator_notes")
        ],
        "envelopes": [
            {
                "encryption_key": KEY,
                "ciphertext": b64(sealed()),
                "wraps": [wrap_json(envelope["wraps"][0])],
            }
        ],
        "organization_wraps": [],
        "rows": {"assignments": [{"id": ASSIGNMENT, "number": 412, "status": "delivered"}]},
    }
    reply: Body = {
        "v": 1,
        "statement": story_hash("open"),
        "entries": logged(range(6, 8), 8),
        "head": head(leaves)["head"],
        "consistency": hexed(proof(0, leaves)),
        "share": SHARE.hex(),
        "known": False,
        "deleted": None,
    }
    refusal: Body = {
        "v": 1,
        "code": "rows_refused",
        "statement": story_hash("batch"),
        "now": evidence["now"],
        "head": evidence["head"],
        "entry": None,
        "known": False,
        "facts": {"rows": [{"place": 3, "code": "title_no_pii"}]},
    }
    arrays = ("certificates", "entries", "manifests", "envelopes")
    bare = {name: [] if name in arrays else value for name, value in evidence.items()}
    bad = {
        "evidence": [
            ("head_missing", without("head", bare)),
            ("array_that_is_null", {**bare, "statements": None}),
            ("entry_without_proof", {**bare, "entries": [shown(entries[0])]}),
            ("column_that_is_an_array", {**bare, "rows": {"assignments": [{"id": []}]}}),
            ("share_in_evidence", {**bare, "share": SHARE.hex()}),
            (
                "unused_bits_in_base64",
                {**bare, "statements": [{**shown(envelope["manifest"]), "body": "QR=="}]},
            ),
        ],
        "reply": [
            ("no_entry", {**reply, "entries": []}),
            ("share_of_a_known_statement", {**reply, "known": True}),
            ("share_too_short", {**reply, "share": SHARE.hex()[2:]}),
            ("head_without_signature", {**reply, "head": without("signature", reply["head"])}),
        ],
        "refusal": [
            ("code_of_another_form", {**refusal, "code": "Rows refused"}),
            ("facts_missing", without("facts", refusal)),
            ("entry_as_text", {**refusal, "entry": "7"}),
        ],
    }
    return {
        "root_key": bytes(ROOT.verify_key).hex(),
        "seen": {"size": 3, "root": root(leaves[:3]).hex()},
        "statement": signed("request", OPENING, MENTOR),
        "evidence": canonical(evidence).decode(),
        "reply": canonical(reply).decode(),
        "refusal": canonical(refusal).decode(),
        "refused": [
            {"kind": kind, "what": what.replace("_", " "), "body": canonical(fields).decode()}
            for kind, group in bad.items()
            for what, fields in group
        ],
    }


QUASIGROUP = (
    "03175986427092154863420687135917509834266123045978"
    "36742095815869720134894536201794386172052581436790"
)


def damm(digits: str) -> str:
    """Return Damm's check digit."""
    interim = 0
    for digit in digits:
        interim = int(QUASIGROUP[10 * interim + int(digit)])
    return str(interim)


def kit(key: bytes) -> list[str]:
    number = int.from_bytes(key, "big") * 100
    whole = f"{number + 98 - number % 97:080d}"
    cuts = [whole[8 * place : 8 * place + 8] for place in range(10)]
    return [cut + damm(f"{(place + 1) % 10}{cut}") for place, cut in enumerate(cuts)]


def kit_vectors() -> Body:
    """Return root keys as kits, and kits that are refused, with the group that is told."""
    seeds = [bytes(ROOT), bytes(32), b"\xff" * 32, seed("another root")]
    kits = [kit(each) for each in seeds]
    right, other = kits[0], kits[3]
    swapped = [right[1], right[0], *right[2:]]
    too_great = f"{(1 << 256) * 100 + 98 - (1 << 256) * 100 % 97:080d}"
    beyond = [too_great[8 * place : 8 * place + 8] for place in range(10)]
    beyond = [cut + damm(f"{(place + 1) % 10}{cut}") for place, cut in enumerate(beyond)]
    return {
        "kits": [
            {
                "seed": each.hex(),
                "root_key": bytes(SigningKey(each).verify_key).hex(),
                "groups": groups,
            }
            for each, groups in zip(seeds, kits, strict=True)
        ],
        "refused": [
            {"what": what, "why": why, "group": group, "groups": groups}
            for what, why, group, groups in (
                ("one wrong digit", "group", 3, [*right[:2], "0" + right[2][1:], *right[3:]]),
                ("a digit left out", "group", 10, [*right[:9], right[9][1:]]),
                ("two groups swapped", "group", 1, swapped),
                ("a group of another kit", "whole", None, [*right[:4], other[4], *right[5:]]),
                ("a number of 257 bits", "whole", None, beyond),
                ("nine groups", "count", None, right[:9]),
            )
        ],
    }


def hexed(hashes: list[bytes]) -> list[str]:
    return [each.hex() for each in hashes]


def kept(name: str) -> Body:
    file = HERE / f"{name}.json"
    found: Body = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return found


def drafted() -> dict[str, Body]:
    """Return each vector file's contents by its name."""
    statement, people = statement_vectors(), people_vectors()
    envelope = envelope_vectors(kept("envelope"))
    organization_key = organization_key_vectors(kept("organization_key"))
    return {
        "canonical": canonical_vectors(),
        "texts": text_vectors(),
        "statement": statement,
        "people": people,
        "envelope": envelope,
        "organization_key": organization_key,
        "log": log_vectors(),
        "attachments": attachment_vectors(people, envelope, organization_key),
        "messages": message_vectors(statement),
        "answers": answer_vectors(envelope),
        "kit": kit_vectors(),
    }


def written(vectors: Body) -> str:
    return json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file_name, contents in drafted().items():
        (HERE / f"{file_name}.json").write_text(written(contents), encoding="utf-8")
