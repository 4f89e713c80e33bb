"""Where private keys live: the system's key store, or a file only its owner can read.

It keeps bytes under a name and knows nothing of what they mean. It has no cryptography of its own
(how a file is locked is handed in), asks for nothing, prints nothing, and never puts a key in the
store.
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
