"""Check the proofs of `privacy access` with PROTOCOL.md sections 1, 2, 5 and 6.1 alone.

Nothing of the package is used: hashes from hashlib, signatures from PyNaCl, JSON from the library.
What it needs from elsewhere is the organisation's root key, as it was printed at the founding.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey


class NotProven(Exception):
    """Something of a proof does not hold."""


def checked(proof: dict[str, Any], root_key: str) -> list[dict[str, Any]]:
    """Return the entries that a proof proves, or raise NotProven."""
    keys = _certified(proof["certificates"], root_key, proof["organization"])
    size, root = _checkpoint(proof, keys[proof["service"]])
    return [_entry(each, keys, size, root) for each in proof["entries"]]


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise NotProven(what)


def _verify(key: str, data: bytes, signature: bytes, what: str) -> None:
    try:
        VerifyKey(bytes.fromhex(key)).verify(data, signature)
    except BadSignatureError:
        raise NotProven(what) from None


def _signed(purpose: str, body: bytes) -> bytes:
    return b"assigncli/" + purpose.encode() + b"/v1\0" + body


def _certified(certificates: list[dict[str, str]], root_key: str, of: str) -> dict[str, str]:
    """Return the signing keys of the services by certificate; issuers come first."""
    issuers: dict[str | None, str] = {None: root_key}
    services = {}
    for each in certificates:
        body = b64decode(each["body"])
        said = json.loads(body)
        _require(said["organization"] == of, "organization")
        signature = bytes.fromhex(each["signature"])
        _verify(issuers[said["issuer"]], _signed("certificate", body), signature, "certificate")
        issuers[said["id"]] = said["signing_key"]
        if said["roles"] == ["service"]:
            services[said["id"]] = said["signing_key"]
    return services


def _checkpoint(proof: dict[str, Any], key: str) -> tuple[int, bytes]:
    """Return size and root of the signed note (C2SP tlog-checkpoint)."""
    text, _, signatures = proof["checkpoint"].partition("\n\n")
    name, size, root = text.split("\n")
    _require(name == f"assigncli/{proof['organization']}", "name")
    dash, signer, signed = signatures.rstrip("\n").split(" ")
    blob = b64decode(signed)
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + bytes.fromhex(key)).digest()[:4]
    _require((dash, signer, blob[:4]) == ("—", name, key_id), "signer")
    _verify(key, f"{text}\n".encode(), blob[4:], "checkpoint")
    return int(size), b64decode(root)


def _entry(each: dict[str, Any], keys: dict[str, str], size: int, root: bytes) -> dict[str, Any]:
    body = b64decode(each["body"])
    said: dict[str, Any] = json.loads(body)
    signature = bytes.fromhex(each["signature"])
    _verify(keys[said["service"]], _signed("entry", body), signature, "entry")
    proof = [bytes.fromhex(step) for step in each["proof"]]
    _require(_root(said["sequence"] - 1, size, body, proof) == root, "inclusion")
    return said


def _root(index: int, size: int, body: bytes, proof: list[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to (RFC 9162 section 2.1.3.2)."""
    _require(0 <= index < size, "index")
    fn, sn = index, size - 1
    found = hashlib.sha256(b"\0" + body).digest()
    for step in proof:
        _require(sn > 0, "too long")
        if fn & 1 or fn == sn:
            found = hashlib.sha256(b"\1" + step + found).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = hashlib.sha256(b"\1" + found + step).digest()
        fn, sn = fn >> 1, sn >> 1
    _require(sn == 0, "too short")
    return found
