"""The cryptography of an assignment: bytes in, bytes out.

Nothing here is home-made: pyca/cryptography gives HPKE and AES-256-GCM, PyNaCl gives Ed25519,
Argon2id and XChaCha20-Poly1305. No file, prompt, clock or database is touched here, and no foreign
exception leaves this package: every failure is one of `assigncli.errors`. Python cannot promise
that a secret is wiped from memory; secrets are kept short-lived, which is best effort.
"""
