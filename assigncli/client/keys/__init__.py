"""Where private keys are kept: the system's key store, or a file only its owner can read.

It keeps bytes under a name and does not interpret them. It has no cryptography of its own (the
function that locks a file is an argument), asks nothing, prints nothing, and never puts a key in
the store.
"""

from __future__ import annotations

from assigncli.client.keys.files import PassphraseFiles, ServiceCredentials, ServiceFiles
from assigncli.client.keys.place import Keychain, KeyPlace, SecretName
from assigncli.client.keys.system import OsKeyring, real_keyring_available

__all__ = [
    "KeyPlace",
    "Keychain",
    "OsKeyring",
    "PassphraseFiles",
    "SecretName",
    "ServiceCredentials",
    "ServiceFiles",
    "real_keyring_available",
]
