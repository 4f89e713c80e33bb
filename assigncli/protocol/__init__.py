"""What crosses between a client and its server: bytes, forms, hashes and proofs (PROTOCOL.md).

Everything here depends only on its arguments: no network, no store, no clock, no key of its own.
Signatures are made and checked in `crypto`. Whether an act is allowed is decided elsewhere.
"""
