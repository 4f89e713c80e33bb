"""The libraries, through our own doors where there is one, against published test vectors.

Each JSON file names where its vectors come from and under which licence.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.signing import SigningKey, VerifyKey

from assigncli.crypto.sealing import (
    open_sealed,
    require_encryption_key,
    require_signing_key,
    seal_to,
)
from assigncli.errors import Tampered
from tests.quick import each

HERE = Path(__file__).parent
Vector = dict[str, Any]

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


def vectors(name: str) -> list[Vector]:
    tests: list[Vector] = json.loads((HERE / name).read_text(encoding="utf-8"))["tests"]
    return tests


def raw(vector: Vector, *names: str) -> list[bytes]:
    return [bytes.fromhex(vector[name]) for name in names]


def number(vector: Vector) -> object:
    return vector["tcId"]


def test_every_file_names_its_source_and_licence_and_is_small() -> None:
    files = sorted(HERE.glob("*.json"))
    assert len(files) == 5
    assert sum(file.stat().st_size for file in files) < 150_000
    for file in files:
        named = json.loads(file.read_text(encoding="utf-8"))
        assert {"source", "licence", "what"} <= named.keys()


def test_hpke_derives_the_key_of_rfc_9180() -> None:
    """The vector's key and nonce encrypt what our door must then open.

    The RFC's own ciphertexts carry associated data, which the one-shot interface has not.
    """
    vector = vectors("hpke.json")[0]
    info, private, enc, key, nonce = raw(vector, "info", "skRm", "enc", "key", "base_nonce")
    shown = vector["encryption"]
    aad, ciphertext, plaintext = raw(shown, "aad", "ct", "pt")
    assert AESGCM(key).encrypt(nonce, plaintext, aad) == ciphertext
    sealed = enc + AESGCM(key).encrypt(nonce, plaintext, b"")
    assert open_sealed(sealed, private, info) == plaintext
    assert open_sealed(sealed, private, info + b"\0") is None
    assert open_sealed(enc + ciphertext, private, info) is None


def test_what_we_seal_opens_with_the_rfcs_private_key() -> None:
    info, private, public = raw(vectors("hpke.json")[0], "info", "skRm", "pkRm")
    assert open_sealed(seal_to(public, b"secret", info), private, info) == b"secret"


def test_aes_256_gcm() -> None:
    each(vectors("aes_256_gcm.json"), require_aes_256_gcm, name=number)


def require_aes_256_gcm(vector: Vector) -> None:
    key, nonce, aad, message = raw(vector, "key", "iv", "aad", "msg")
    ciphertext = bytes.fromhex(vector["ct"] + vector["tag"])
    if vector["result"] == "valid":
        assert AESGCM(key).encrypt(nonce, message, aad) == ciphertext
        assert AESGCM(key).decrypt(nonce, ciphertext, aad) == message
    else:
        with pytest.raises(InvalidTag):
            AESGCM(key).decrypt(nonce, ciphertext, aad)


def test_x25519() -> None:
    each(vectors("x25519.json"), require_x25519, name=number)


def require_x25519(vector: Vector) -> None:
    public, private, shared = raw(vector, "public", "private", "shared")
    if not any(shared):
        with pytest.raises(Tampered):
            require_encryption_key(public)
        return
    exchanged = X25519PrivateKey.from_private_bytes(private).exchange(
        X25519PublicKey.from_public_bytes(public)
    )
    assert exchanged == shared
    if "NonCanonicalPublic" in vector["flags"]:
        with pytest.raises(Tampered):
            require_encryption_key(public)
    else:
        require_encryption_key(public)


@pytest.mark.parametrize("point", LOW_ORDER)
def test_low_order_points_are_refused_everywhere(point: str) -> None:
    key = bytes.fromhex(point)
    with pytest.raises(Tampered):
        require_encryption_key(key)
    with pytest.raises(Tampered):
        seal_to(key, b"secret", b"")
    assert open_sealed(key + bytes(48), bytes(range(32)), b"") is None


def test_ed25519() -> None:
    each(vectors("ed25519.json"), require_ed25519, name=number)


def require_ed25519(vector: Vector) -> None:
    """A signature holds when its key is one we accept and libsodium accepts the signature.

    What the vectors call acceptable (keys of mixed order) is refused. PyNaCl before 1.6.2 lets
    some of these keys through: its libsodium has CVE-2025-69277.
    """
    key, message, signature = raw(vector, "pk", "msg", "sig")
    try:
        require_signing_key(key)
        VerifyKey(key).verify(message, signature)
        holds = True
    except Exception:
        holds = False
    assert holds == (vector["result"] == "valid")


@pytest.mark.parametrize(("seed", "public", "message", "signature"), RFC_8032)
def test_rfc_8032(seed: str, public: str, message: str, signature: str) -> None:
    key = SigningKey(bytes.fromhex(seed))
    assert key.verify_key.encode().hex() == public
    assert key.sign(bytes.fromhex(message)).signature.hex() == signature


def test_hkdf_sha256() -> None:
    each(vectors("hkdf_sha256.json"), require_hkdf_sha256, name=number)


def require_hkdf_sha256(vector: Vector) -> None:
    ikm, salt, info, okm = raw(vector, "ikm", "salt", "info", "okm")
    derived = HKDF(algorithm=SHA256(), length=vector["size"], salt=salt, info=info).derive(ikm)
    assert derived == okm
