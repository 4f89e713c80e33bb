"""PROTOCOL.md's own vectors, checked with hashlib, PyNaCl and cryptography and nothing of ours.

What a second client needs to check a statement, an entry and a proof is a few lines each. Here they
are, written from PROTOCOL.md and the RFCs it names, not from the code that made the vectors.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from tests.vectors.protocol import draft

HERE = Path(__file__).parent
HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
FILES = (
    "answers",
    "attachments",
    "canonical",
    "envelope",
    "kit",
    "log",
    "messages",
    "organization_key",
    "people",
    "statement",
    "texts",
)


@cache
def vectors(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def read(data: bytes) -> dict[str, Any]:
    """Return the object in canonical JSON (section 1.1); ValueError for any other bytes."""
    try:
        value = json.loads(data.decode("utf-8"))
    except RecursionError:
        raise ValueError("too deep") from None
    if not isinstance(value, dict) or not _allowed(value, depth=1):
        raise ValueError("not allowed")
    spelt = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if spelt.encode("utf-8") != data:
        raise ValueError("not canonical")
    return value


def is_readable(data: bytes) -> bool:
    try:
        read(data)
    except ValueError:
        return False
    return True


def _allowed(value: Any, depth: int) -> bool:
    if isinstance(value, dict | list) and depth > 8:
        return False
    if isinstance(value, dict):
        keys = all(_is_key(key) for key in value)
        return keys and all(_allowed(each, depth + 1) for each in value.values())
    if isinstance(value, list):
        return all(_allowed(each, depth + 1) for each in value)
    if isinstance(value, float):
        return False
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return not is_number or 0 <= value < 2**53


def _is_key(key: str) -> bool:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return 0 < len(key) <= 64 and key[0] in letters and set(key) <= set(letters + "0123456789_.")


def signature_holds(signed: dict[str, Any]) -> bool:
    message = b"assigncli/" + signed["purpose"].encode() + b"/v1\0" + signed["body"].encode()
    return hashlib.sha256(message).hexdigest() == signed["signed_sha256"] and is_signed(
        signed["public_key"], message, signed["signature"]
    )


def is_signed(key: str, message: bytes, signature: str) -> bool:
    try:
        VerifyKey(bytes.fromhex(key)).verify(message, bytes.fromhex(signature))
    except CryptoError:
        return False
    return True


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """RFC 9162 section 2.1.3.2."""
    if index >= size:
        return False
    first, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if first % 2 or first == last:
            found = node(each, found)
            while first % 2 == 0 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node(found, each)
        first, last = first >> 1, last >> 1
    return last == 0 and found == root


def is_continued(old: int, old_root: bytes, size: int, root: bytes, proof: list[bytes]) -> bool:
    """RFC 9162 section 2.1.4.2, and the two cases without a proof."""
    if old in (0, size):
        expected = hashlib.sha256(b"").digest() if old == 0 else root
        return not proof and old_root == expected
    if old > size or not proof:
        return False
    first, last = old - 1, size - 1
    while first % 2:
        first, last = first >> 1, last >> 1
    path = [*([old_root] if old & (old - 1) == 0 else []), *proof]
    earlier = later = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if first % 2 or first == last:
            earlier, later = node(each, earlier), node(each, later)
            while first % 2 == 0 and first:
                first, last = first >> 1, last >> 1
        else:
            later = node(later, each)
        first, last = first >> 1, last >> 1
    return last == 0 and (earlier, later) == (old_root, root)


def prefixed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def opened(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Open `0x01 || nonce || AES-256-GCM` and take the padding off."""
    assert sealed[:1] == b"\x01"
    padded = AESGCM(key).decrypt(sealed[1:13], sealed[13:], aad)
    assert len(padded) % 256 == 0
    payload, mark, zeros = padded.rpartition(b"\x80")
    assert mark
    assert zeros == bytes(len(zeros))
    assert len(zeros) < 256
    return payload


def test_draft_makes_what_is_kept() -> None:
    """The drafts are the files byte for byte: neither is changed by hand or forgotten."""
    others = {"lookups"}  # made again by `tests/unit/server/test_lookups.py`
    assert {file.stem for file in HERE.glob("*.json")} == set(FILES) | others
    for name, drafted in draft.drafted().items():
        assert (HERE / f"{name}.json").read_text(encoding="utf-8") == draft.written(drafted), name


def test_canonical_bodies_are_as_drafted() -> None:
    for case in vectors("canonical")["canonical"]:
        assert read(bytes.fromhex(case["bytes"])) == case["value"]
    refused = vectors("canonical")["refused"]
    assert [case["what"] for case in refused if is_readable(bytes.fromhex(case["bytes"]))] == []


def test_texts_are_as_drafted() -> None:
    texts = {each["field"]: each for each in vectors("texts")["texts"]}
    for each in texts.values():
        salted = bytes.fromhex(each["salt"]) + each["text"].encode("utf-8")
        assert hashlib.sha256(salted).hexdigest() == each["digest"]
    statement = read(vectors("statement")["statement"]["body"].encode())
    manifest = read(vectors("envelope")["manifest"]["body"].encode())
    for field, digest in (*statement["texts"].items(), *manifest["texts"].items()):
        assert texts[field]["digest"] == digest


def test_statement_and_question() -> None:
    case = vectors("statement")
    for signed, purpose in ((case["statement"], "request"), (case["question"], "ask")):
        assert signed["purpose"] == purpose
        assert signature_holds(signed)
        assert not signature_holds({**signed, "purpose": "entry"})
        assert len(signed["body"]) <= 16 * 1024
        assert read(signed["body"].encode())["organization"] == vectors("people")["organization"]
    assert case["statement"]["hash"] == case["statement"]["signed_sha256"]


def test_messages_are_as_drafted() -> None:
    case = vectors("statement")
    parts = (case["statement"]["body"].encode(), bytes.fromhex(case["statement"]["signature"]))
    assert case["outcome"]["bytes"] == (b"\x01\x03" + prefixed(*parts)).hex()
    act = b"\x01\x02" + prefixed(*parts, case["texts"].encode("utf-8"))
    assert case["message"]["bytes"] == act.hex()
    read(case["texts"].encode("utf-8"))


def test_malformed_bodies_are_canonical_so_that_only_their_form_is_wrong() -> None:
    groups = (
        vectors("statement")["refused"],
        *(vectors(name)["malformed"] for name in ("people", "envelope", "log")),
        *(vectors(name)["refused"] for name in ("attachments", "answers")),
    )
    for group in groups:
        whats = [(each.get("kind"), each["what"]) for each in group]
        assert len(set(whats)) == len(whats)
        assert len({each["body"] for each in group}) == len(group)
        for each in group:
            read(each["body"].encode("utf-8"))


def test_certificates_lead_to_the_root() -> None:
    case = vectors("people")
    by_root, by_admin, service = case["certificates"]
    admin = read(by_root["body"].encode())
    for signed in case["certificates"]:
        assert signature_holds(signed)
        assert signed["digest"] == signed["signed_sha256"]
    assert by_root["public_key"] == service["public_key"] == case["root_key"]
    assert by_admin["public_key"] == admin["signing_key"]
    assert read(by_admin["body"].encode())["issuer"] == admin["id"]
    assert hashlib.sha256(bytes.fromhex(case["token"])).hexdigest() == case["token_sha256"]


def test_fingerprints_are_as_drafted() -> None:
    case = vectors("people")
    mentor, service = (read(each["body"].encode()) for each in case["certificates"][1:])
    keys = bytes.fromhex(service["signing_key"] + service["encryption_key"])
    told = hashlib.sha256(b"assigncli/service-key/v1\0" + keys)
    assert told.hexdigest() == case["service_fingerprint"]
    ids = UUID(case["organization"]).bytes + UUID(mentor["member"]).bytes
    keys = bytes.fromhex(mentor["signing_key"] + mentor["encryption_key"])
    spoken = b"assigncli/fingerprint/v1\0" + bytes.fromhex(case["root_key"]) + ids + keys
    number = int.from_bytes(hashlib.sha512(spoken).digest(), "big") % 10**40
    assert case["fingerprint"].replace(" ", "") == f"{number:040d}"
    assert [len(group) for group in case["fingerprint"].split()] == [5] * 8


def test_manifest_batch_and_shares() -> None:
    case = vectors("envelope")
    signed, batch = case["manifest"], case["batch"]["bytes"].encode("utf-8")
    manifest = read(signed["body"].encode())
    assert signature_holds(signed)
    assert signed["digest"] == signed["signed_sha256"]
    ciphertext = bytes.fromhex(case["ciphertext"])
    assert manifest["payload_sha256"] == hashlib.sha256(ciphertext).hexdigest()
    assert hashlib.sha256(batch).hexdigest() == case["batch"]["sha256"]
    (row,) = read(batch)["rows"]
    assert base64.b64decode(row["manifest"], validate=True) == signed["body"].encode()
    assert base64.b64decode(row["ciphertext"], validate=True) == ciphertext
    assert sorted(each["certificate"] for each in row["wraps"]) == manifest["readers"]
    shares = bytes.fromhex(case["shares"]["bytes"])
    assert shares == UUID(manifest["encryption_key"]).bytes + bytes.fromhex(case["share"])
    assert hashlib.sha256(shares).hexdigest() == case["shares"]["sha256"]


def test_envelope_opens_with_both_halves() -> None:
    case = vectors("envelope")
    manifest = read(case["manifest"]["body"].encode())
    names = ("organization", "assignment", "encryption_key", "recipient", "dispatcher")
    ids = [UUID(manifest[name]).bytes for name in names]
    context = prefixed(b"assigncli/envelope", b"\x01", *ids)
    assert context.hex() == case["context"]
    secret, share = bytes.fromhex(case["secret"]), bytes.fromhex(case["share"])
    committed = hashlib.sha256(b"assigncli/share/v1\0" + context + share).hexdigest()
    assert committed == case["share_commitment"] == manifest["share_commitment"]
    key = HKDF(SHA256(), 32, None, context).derive(secret + share)
    assert opened(key, bytes.fromhex(case["ciphertext"]), context).hex() == case["payload"]
    read(bytes.fromhex(case["payload"]))
    other = HKDF(SHA256(), 32, None, context).derive(share + secret)
    with pytest.raises(InvalidTag):
        opened(other, bytes.fromhex(case["ciphertext"]), context)


def test_wraps_open_for_their_certificate_alone() -> None:
    case = vectors("envelope")
    for each in case["wraps"]:
        body, wrapped = read(each["body"].encode()), bytes.fromhex(each["wrap"])
        info = bytes.fromhex(case["context"]) + prefixed(UUID(body["certificate"]).bytes)
        private = X25519PrivateKey.from_private_bytes(bytes.fromhex(each["private_key"]))
        assert signature_holds(each)
        assert (len(wrapped), each["info"]) == (80, info.hex())
        assert body["wrap_sha256"] == hashlib.sha256(wrapped).hexdigest()
        assert HPKE.decrypt(wrapped, private, info).hex() == case["secret"]
        with pytest.raises(InvalidTag):
            HPKE.decrypt(wrapped, private, info[:-1] + bytes([info[-1] ^ 1]))


def kit_number(groups: list[str]) -> int | None:
    """Return the number that the groups of a kit hold, with its check digits."""
    for place, group in enumerate(groups, 1):
        interim = 0
        for digit in f"{place % 10}{group}":
            interim = int(draft.QUASIGROUP[interim * 10 + int(digit)])
        if len(group) != 9 or interim != 0:
            return None
    return int("".join(group[:8] for group in groups))


def test_kits_are_as_drafted() -> None:
    for case in vectors("kit")["kits"]:
        number = kit_number(case["groups"])
        assert number is not None
        assert (len(case["groups"]), number % 97) == (10, 1)
        key = SigningKey((number // 100).to_bytes(32, "big"))
        assert (bytes(key).hex(), bytes(key.verify_key).hex()) == (case["seed"], case["root_key"])
    for case in vectors("kit")["refused"]:
        number = kit_number(case["groups"])
        assert (number is None) == (case["why"] == "group")
        whole = number is not None and number % 97 == 1 and number < 100 << 256
        assert not (whole and len(case["groups"]) == 10), case["what"]


def test_the_organisation_key_is_as_drafted() -> None:
    case = vectors("organization_key")
    wrap, address = case["wrap"], case["address"]
    body, wrapped = read(wrap["body"].encode()), bytes.fromhex(wrap["wrap"])
    ids = [UUID(body[name]).bytes for name in ("organization", "key", "certificate")]
    info = prefixed(b"assigncli/organization-key", b"\x01", *ids)
    private = X25519PrivateKey.from_private_bytes(bytes.fromhex(wrap["private_key"]))
    assert signature_holds(wrap)
    assert body["wrap_sha256"] == hashlib.sha256(wrapped).hexdigest()
    assert wrap["info"] == info.hex()
    key = HPKE.decrypt(wrapped, private, info)
    assert key.hex() == case["key"]
    label, place = b"assigncli/organization-value", f"notification-channel/{address['channel']}"
    aad = prefixed(label, ids[0], UUID(address["member"]).bytes, place.encode())
    subkey = HKDFExpand(SHA256(), 32, label).derive(key)
    assert opened(subkey, bytes.fromhex(address["sealed"]), aad) == address["address"].encode()


def test_import_hashes_are_as_drafted() -> None:
    case = vectors("organization_key")
    label = b"assigncli/organization-digest"
    subkey = HKDFExpand(SHA256(), 32, label).derive(bytes.fromhex(case["key"]))
    for each in case["imports"]:
        row = json.dumps(each["row"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        content = b"content\0" + row.encode() + b"\0" + bytes.fromhex(each["payload"])
        named = each["row"]["external_id"]
        data = content if named is None else b"external_id\0" + named.encode()
        key = hmac.digest(subkey, prefixed(b"import", data), "sha256")
        digest = hmac.digest(subkey, prefixed(b"import-digest", content), "sha256")
        assert (key.hex(), digest.hex()) == (each["import_key"], each["import_digest"])


def parts_of(message: bytes) -> list[bytes]:
    """Split what follows version and kind (section 3); ValueError where lengths do not add up."""
    parts, at = [], 2
    while at < len(message):
        size, start = int.from_bytes(message[at : at + 4], "big"), at + 4
        at = start + size
        if start > len(message) or at > len(message):
            raise ValueError("cut off")
        parts.append(message[start:at])
    return parts


def code_of(message: bytes) -> str | None:
    """Return the code of a request (section 7, steps 1 and 2); None where it is well formed."""
    if len(message) < 2:
        return "message_malformed"
    if message[0] != 1:
        return "version_unknown"
    try:
        parts = parts_of(message)
    except ValueError:
        return "message_malformed"
    sizes = [len(part) for part in parts]
    if sizes and sizes[0] > 16_384:
        return "statement_too_large"
    if len(sizes) > 2 and sizes[2] > 65_536 and message[1] == 2:
        return "message_too_large"
    allowed = {1: (2,), 2: (3, 4, 5), 3: (2,)}.get(message[1], ())
    has_signature = len(sizes) > 1 and sizes[1] in ((0, 64) if message[1] == 1 else (64,))
    return None if len(sizes) in allowed and has_signature else "message_malformed"


def test_refused_messages_break_a_rule() -> None:
    case = vectors("messages")
    for each in case["refused"]:
        message = bytes.fromhex(each["bytes"]["hex"]) + bytes(each["bytes"]["zeros"])
        assert code_of(message) == each["code"], each["what"]
    for name in ("message", "outcome"):
        assert code_of(bytes.fromhex(vectors("statement")[name]["bytes"])) is None


def has_form_of_texts(part: bytes) -> bool:
    try:
        texts = read(part)
    except ValueError:
        return False
    fields = {each["field"] for each in vectors("texts")["texts"]} | {"name", "value"}
    return texts.keys() <= fields and all(
        isinstance(each, dict)
        and each.keys() == {"salt", "text"}
        and isinstance(each["text"], str)
        and len(each["salt"]) == 32
        and set(each["salt"]) <= set("0123456789abcdef")
        for each in texts.values()
    )


def test_refused_texts_break_a_rule() -> None:
    for each in vectors("messages")["refused_texts"]:
        assert not has_form_of_texts(bytes.fromhex(each["bytes"])), each["what"]
    assert has_form_of_texts(vectors("statement")["texts"].encode())


def test_attachments_are_as_drafted() -> None:
    good = {kind: read(each.encode()) for kind, each in vectors("attachments")["good"].items()}
    assert vectors("attachments")["good"]["batch"] == vectors("envelope")["batch"]["bytes"]
    (certificate,) = good["certificates"]["certificates"]
    body = base64.b64decode(certificate["body"], validate=True)
    assert body == vectors("people")["certificates"][1]["body"].encode()
    (wrap,) = good["organization_wraps"]["organization_wraps"]
    assert wrap["wrap"] == vectors("organization_key")["wrap"]["wrap"]
    assert good["certificates"]["organization_wraps"] == [wrap]
    assert good["wraps"]["wraps"] == good["batch"]["rows"][0]["wraps"]
    (channel,) = good["channels"]["channels"]
    address = vectors("organization_key")["address"]
    assert channel["id"] == address["channel"]
    assert base64.b64decode(channel["sealed"], validate=True).hex() == address["sealed"]


def listed_entries(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an answer's entries, once each is shown to be in the log of its head."""
    root, size = bytes.fromhex(answer["head"]["root"]), answer["head"]["size"]
    found = []
    for each in answer["entries"]:
        body = base64.b64decode(each["body"], validate=True)
        entry, leaf = read(body), hashlib.sha256(b"\0" + body).digest()
        proof = [bytes.fromhex(one) for one in each["proof"]]
        assert is_included(leaf, entry["sequence"] - 1, size, proof, root)
        message = b"assigncli/entry/v1\0" + body
        assert is_signed(vectors("log")["service_key"], message, each["signature"])
        found.append(entry)
    return found


def test_evidence_and_reply() -> None:
    case = vectors("answers")
    evidence, reply = (read(case[name].encode()) for name in ("evidence", "reply"))
    before, after = listed_entries(evidence), listed_entries(reply)
    assert [each["sequence"] for each in (*before, *after)] == list(range(1, 9))
    assert {each["statement"] for each in after} == {reply["statement"]}
    assert reply["statement"] == case["statement"]["signed_sha256"]
    seen, old = case["seen"], evidence["head"]
    steps = ((seen, evidence), ({"size": 0, "root": hashlib.sha256(b"").hexdigest()}, reply))
    for kept, answer in steps:
        proof = [bytes.fromhex(each) for each in answer["consistency"]]
        roots = (bytes.fromhex(kept["root"]), bytes.fromhex(answer["head"]["root"]))
        assert is_continued(kept["size"], roots[0], answer["head"]["size"], roots[1], proof)
    assert reply["head"]["size"] == old["size"] + len(after)
    assert reply["share"] == vectors("envelope")["share"]
    assert read(case["refusal"].encode())["code"] == "rows_refused"
    for each in evidence["certificates"]:
        body = base64.b64decode(each["body"], validate=True)
        names = (each["texts"][name] for name in ("handle", "display_name", "device"))
        salted = [bytes.fromhex(one["salt"]) + one["text"].encode("utf-8") for one in names]
        digests = {hashlib.sha256(one).hexdigest() for one in salted}
        assert set(read(body)["texts"].values()) == digests


def test_entries_are_as_drafted() -> None:
    log = vectors("log")
    entries = [read(signed["body"].encode()) for signed in log["entries"]]
    for number, (signed, entry) in enumerate(zip(log["entries"], entries, strict=True), 1):
        assert signature_holds(signed)
        assert signed["public_key"] == log["service_key"]
        assert (entry["sequence"], entry["service"]) == (number, entries[0]["service"])
        assert hashlib.sha256(b"\0" + signed["body"].encode()).hexdigest() == signed["leaf"]
    assert entries[0]["statement"] == vectors("statement")["statement"]["hash"]
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)


def test_heads_are_signed_notes() -> None:
    log = vectors("log")
    for size, each in enumerate(log["heads"]):
        head, origin = each["head"], f"assigncli/{vectors('people')['organization']}"
        root = base64.b64encode(bytes.fromhex(head["root"])).decode()
        assert each["text"] == f"{origin}\n{size}\n{root}\n"
        assert is_signed(log["service_key"], each["text"].encode(), head["signature"])
        text, line = each["note"].split("\n\u2014 ")
        name, told = line.rstrip("\n").split(" ")
        key = bytes.fromhex(log["service_key"])
        key_id = hashlib.sha256(origin.encode() + b"\n\x01" + key).digest()[:4]
        assert (text, name) == (each["text"], origin)
        assert base64.b64decode(told) == key_id + bytes.fromhex(head["signature"])


def test_inclusion_proofs_hold() -> None:
    log = vectors("log")
    leaves = [bytes.fromhex(each["leaf"]) for each in log["entries"]]
    roots = [bytes.fromhex(each["head"]["root"]) for each in log["heads"]]
    assert len(log["inclusion"]) == sum(range(1, len(leaves) + 1))
    for case in log["inclusion"]:
        index, size = case["index"], case["size"]
        proof = [bytes.fromhex(each) for each in case["proof"]]
        assert is_included(leaves[index], index, size, proof, roots[size])
        for other in range(len(leaves)):
            at_another_place = is_included(leaves[index], other, size, proof, roots[size])
            assert at_another_place == (other == index)
        for wrong in (proof[1:], proof[:-1]) if proof else ():
            assert not is_included(leaves[index], index, size, wrong, roots[size])
        assert not is_included(leaves[index], index, size, [*proof, leaves[0]], roots[size])


def test_consistency_proofs_hold() -> None:
    log = vectors("log")
    roots = [bytes.fromhex(each["head"]["root"]) for each in log["heads"]]
    assert len(log["consistency"]) == sum(range(1, len(roots) + 1))
    for case in log["consistency"]:
        old, size = case["old"], case["size"]
        proof = [bytes.fromhex(each) for each in case["proof"]]
        assert is_continued(old, roots[old], size, roots[size], proof)
        assert not is_continued(old, bytes(32), size, roots[size], proof)
        assert not is_continued(old, roots[old], size, roots[size], [*proof, bytes(32)])
        assert not is_continued(size + 1, roots[size], size, roots[size], proof)
        if proof:
            assert not is_continued(old, roots[old], size, bytes(32), proof)
            assert not is_continued(old, roots[old], size, roots[size], proof[:-1])
            assert not is_continued(old, roots[old], size, roots[size], proof[1:])
