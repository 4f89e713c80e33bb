"""The cryptography of an assignment: bytes in, bytes out.

Nothing is home-made: pyca/cryptography provides HPKE and AES-256-GCM, PyNaCl provides Ed25519,
Argon2id and XChaCha20-Poly1305. These modules touch no file, prompt, clock or database, and every
failure they foresee is one of `assigncli.errors` or ValueError, never a library's own exception.
Python cannot guarantee that a secret is wiped from memory; secrets are kept only briefly.
"""
