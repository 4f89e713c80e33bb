"""The libraries, through our own doors where there is one, against published test vectors.

Whole files, not a choice; `published/README.md` names where each comes from and its licence. A test
runs one file and reports the number of every case that fails.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from assigncli.crypto.sealing import (
    open_sealed,
    require_encryption_key,
    require_signing_key,
    seal_to,
)
from assigncli.errors import Tampered
from tests.quick import all_in_one

HERE = Path(__file__).parent / "published"
Vector = dict[str, Any]
CASES = {
    "x25519_test.json": 518,
    "ed25519_test.json": 210,
    "aes_256_gcm_test.json": 66,
    "hkdf_sha256_test.json": 86,
}

# Points of low order and second spellings of field elements, from RFC 7748 section 6.1 and
# https://cr.yp.to/ecdh.html#validate.
LOW_ORDER = [
    "00" * 32,
    "01" + "00" * 31,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "cdeb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
    "4c9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
    "d9ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "daffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "dbffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
]

# RFC 8032 section 7.1: secret key, public key, message, signature.
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


def cases(name: str) -> Iterator[Vector]:
    """Yield a Wycheproof file's cases, each with its group's public key where that has one."""
    for group in read(name)["testGroups"]:
        key = {"pk": group["publicKey"]["pk"]} if "publicKey" in group else {}
        yield from ({**key, **case} for case in group["tests"])


def read(name: str) -> Any:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


def raw(vector: Vector, *names: str) -> list[bytes]:
    return [bytes.fromhex(vector[name]) for name in names]


def failing(name: str, holds: Callable[[Vector], bool]) -> list[int]:
    """Return the numbers of the cases of which `holds` is not true."""
    return [case["tcId"] for case in cases(name) if not holds(case)]


def refuses(check: Callable[[bytes], None], key: bytes) -> bool:
    try:
        check(key)
    except Tampered:
        return True
    return False


def test_each_file_is_whole_and_named() -> None:
    assert {name: len(list(cases(name))) for name in CASES} == CASES
    (suite,) = read("hpke_test.json")
    assert len(suite["encryptions"]) == 257
    told = (HERE / "README.md").read_text(encoding="utf-8")
    files = {file.name for file in HERE.glob("*.json")}
    assert files == {*CASES, "hpke_test.json", "c2sp.json"}
    assert all(f"`{name}`" in told for name in files)


def test_x25519_gives_what_is_published() -> None:
    """The exchange is as published; what it sends to zero or spells twice is no key for us."""

    def holds(case: Vector) -> bool:
        public, private, shared = raw(case, "public", "private", "shared")
        refused = refuses(require_encryption_key, public)
        if not any(shared):
            return refused
        private_key = X25519PrivateKey.from_private_bytes(private)
        exchanged = private_key.exchange(X25519PublicKey.from_public_bytes(public))
        return exchanged == shared and refused == ("NonCanonicalPublic" in case["flags"])

    assert failing("x25519_test.json", holds) == []


def test_ed25519_gives_what_is_published() -> None:
    """A signature holds when its key is one we accept and libsodium accepts the signature.

    What the vectors call acceptable is refused. PyNaCl before 1.6.2 lets some keys of mixed order
    through: its libsodium has CVE-2025-69277.
    """

    def holds(case: Vector) -> bool:
        key, message, signature = raw(case, "pk", "msg", "sig")
        return _signature_holds(key, message, signature) == (case["result"] == "valid")

    assert failing("ed25519_test.json", holds) == []


def _signature_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        require_signing_key(key)
        VerifyKey(key).verify(message, signature)
    except (Tampered, CryptoError, ValueError):
        return False
    return True


def test_aes_256_gcm() -> None:
    def holds(case: Vector) -> bool:
        key, nonce, aad, message, ct, tag = raw(case, "key", "iv", "aad", "msg", "ct", "tag")
        if case["result"] != "valid":
            return _decrypted(key, nonce, ct + tag, aad) is None
        encrypted = AESGCM(key).encrypt(nonce, message, aad)
        return encrypted == ct + tag and _decrypted(key, nonce, ct + tag, aad) == message

    assert failing("aes_256_gcm_test.json", holds) == []


def _decrypted(key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, aad)
    except InvalidTag:
        return None


def test_hkdf_sha256_gives_what_is_published() -> None:
    """Too long an output is refused; every other one is as published."""

    def holds(case: Vector) -> bool:
        ikm, salt, info, okm = raw(case, "ikm", "salt", "info", "okm")
        try:
            derived = HKDF(SHA256(), case["size"], salt, info).derive(ikm)
        except ValueError:
            return bool(case["result"] == "invalid")
        return bool(derived == okm and case["result"] == "valid")

    assert failing("hkdf_sha256_test.json", holds) == []


def test_hpke_derives_the_keys_of_rfc_9180_and_encrypts_as_it_does() -> None:
    """All 257 encryptions, under the key schedule worked out here from the recipient's key.

    A sealed secret of ours is the first encryption of a context, without associated data. The RFC's
    have some, so the same key and nonce encrypt what our door must then open.
    """
    (suite,) = read("hpke_test.json")
    info, private, enc = raw(suite, "info", "skRm", "enc")
    key, base_nonce = _key_schedule(private, enc, info)
    assert (key.hex(), base_nonce.hex()) == (suite["key"], suite["base_nonce"])
    wrong = [
        number
        for number, case in enumerate(suite["encryptions"])
        if not _encrypts(key, base_nonce, number, case)
    ]
    assert wrong == []

    message, aad = raw(suite["encryptions"][0], "pt", "aad")
    sealed = enc + AESGCM(key).encrypt(base_nonce, message, b"")
    assert open_sealed(sealed, private, info) == message
    assert open_sealed(sealed, private, info + b"\0") is None
    assert open_sealed(enc + AESGCM(key).encrypt(base_nonce, message, aad), private, info) is None


def _encrypts(key: bytes, base_nonce: bytes, number: int, case: Vector) -> bool:
    aad, ct, nonce, pt = raw(case, "aad", "ct", "nonce", "pt")
    counted = int.from_bytes(base_nonce, "big") ^ number
    return counted.to_bytes(12, "big") == nonce and AESGCM(key).encrypt(nonce, pt, aad) == ct


def _key_schedule(private: bytes, enc: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Return key and base nonce of base mode (RFC 9180 sections 4.1 and 5.1)."""
    key = X25519PrivateKey.from_private_bytes(private)
    exchanged = key.exchange(X25519PublicKey.from_public_bytes(enc))
    kem = b"KEM" + (0x20).to_bytes(2, "big")
    shared = _expand(
        kem,
        _extract(kem, b"", b"eae_prk", exchanged),
        b"shared_secret",
        enc + key.public_key().public_bytes_raw(),
        32,
    )
    hpke = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (0x20, 1, 2))
    ids = _extract(hpke, b"", b"psk_id_hash", b""), _extract(hpke, b"", b"info_hash", info)
    context = b"\0" + b"".join(ids)
    secret = _extract(hpke, shared, b"secret", b"")
    return (
        _expand(hpke, secret, b"key", context, 32),
        _expand(hpke, secret, b"base_nonce", context, 12),
    )


def _extract(suite: bytes, salt: bytes, label: bytes, ikm: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, hashlib.sha256)


def _expand(suite: bytes, key: bytes, label: bytes, info: bytes, size: int) -> bytes:
    """One block is enough for everything here."""
    labelled = size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01"
    return hmac.digest(key, labelled, hashlib.sha256)[:size]


def test_what_we_seal_opens_with_the_rfcs_private_key() -> None:
    (suite,) = read("hpke_test.json")
    info, private, public = raw(suite, "info", "skRm", "pkRm")
    assert open_sealed(seal_to(public, b"secret", info), private, info) == b"secret"


@all_in_one("point", LOW_ORDER)
def test_low_order_points_are_refused_everywhere(point: str) -> None:
    key = bytes.fromhex(point)
    with pytest.raises(Tampered):
        require_encryption_key(key)
    with pytest.raises(Tampered):
        seal_to(key, b"secret", b"")
    assert open_sealed(key + bytes(48), bytes(range(32)), b"") is None


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_ed25519_gives_what_rfc_8032_has(
    seed: str, public: str, message: str, signature: str
) -> None:
    key = SigningKey(bytes.fromhex(seed))
    assert key.verify_key.encode().hex() == public
    assert key.sign(bytes.fromhex(message)).signature.hex() == signature
