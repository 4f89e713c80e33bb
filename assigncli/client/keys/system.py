"""The operating system's key store, through keyring, which is imported when it is first needed.

Whatever a backend raises becomes one of our errors here. This module never falls back to another
place: where keys are kept is the user's decision.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from assigncli.client.keys.place import KeyPlace, SecretName, key_damaged, key_missing
from assigncli.errors import AssignError, IdentityUnavailable

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE: Final = "assigncli"

# keyring itself does not recommend a backend of lower priority: it is a plain text file, or one
# that loses secrets.
_LEAST_PRIORITY: Final = 1
_LOCKED: Final = frozenset({"KeyringLocked", "LockedException", "PromptDismissedException"})


class OsKeyring:
    """The operating system's key store, through keyring.

    Refuses backends that lose secrets, keep plain text, or are missing: `keyring_absent`. A store
    that is locked, or whose owner declined to unlock it, is `keyring_locked`.
    """

    place = KeyPlace.KEYRING

    def __init__(self, backend: KeyringBackend | None = None) -> None:
        """Use `backend`, or the one keyring would choose; nothing is opened before it is needed."""
        self._chosen = backend

    def holds(self, name: SecretName) -> bool:
        """Say whether the key store has a secret of that name; it may have to be unlocked."""
        with _keyring_errors():
            return self._backend().get_password(SERVICE, name.label) is not None

    def load(self, name: SecretName) -> bytes:
        """Return the secret; `key_missing` where the key store has none of that name."""
        with _keyring_errors():
            text = self._backend().get_password(SERVICE, name.label)
        if text is None:
            raise key_missing()
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise key_damaged() from None

    def save(self, name: SecretName, secret: bytes) -> None:
        """Keep the secret, and read it back to be sure that it was kept."""
        self._put(name.label, secret)

    def delete(self, name: SecretName) -> None:
        """Remove the secret."""
        self._remove(name.label)

    def probe(self) -> None:
        """Write, read and delete a random value; raises IdentityUnavailable where it fails."""
        label = f"probe_{secrets.token_hex(8)}"
        try:
            self._put(label, secrets.token_bytes(32))
        finally:
            with contextlib.suppress(IdentityUnavailable):
                self._remove(label)

    def _put(self, label: str, secret: bytes) -> None:
        text = base64.b64encode(secret).decode("ascii")
        with _keyring_errors():
            backend = self._backend()
            backend.set_password(SERVICE, label, text)
            kept = backend.get_password(SERVICE, label)
        if kept != text:
            raise _keyring_absent()

    def _remove(self, label: str) -> None:
        with _keyring_errors():
            backend = self._backend()
            if backend.get_password(SERVICE, label) is not None:
                backend.delete_password(SERVICE, label)

    def _backend(self) -> KeyringBackend:
        import keyring

        backend = self._chosen or keyring.get_keyring()
        if not _trustworthy(backend):
            raise _keyring_absent()
        self._chosen = backend
        return backend


def real_keyring_available() -> bool:
    """Say whether this machine has a key store that really keeps secrets.

    The system may ask its user to unlock it.
    """
    try:
        OsKeyring().probe()
    except IdentityUnavailable:
        return False
    return True


def _trustworthy(backend: KeyringBackend) -> bool:
    from keyring.backends import chainer, fail, null

    if isinstance(backend, fail.Keyring | null.Keyring):
        return False
    # A chain saves to its first backend.
    if isinstance(backend, chainer.ChainerBackend):
        return any(_trustworthy(link) for link in backend.backends[:1])
    return float(backend.priority) >= _LEAST_PRIORITY


@contextlib.contextmanager
def _keyring_errors() -> Iterator[None]:
    try:
        yield
    except AssignError:
        raise
    except Exception as error:  # backends raise anything: errors of D-Bus, ctypes and plug-ins
        raise _keyring_error(error) from None


def _keyring_error(error: Exception) -> AssignError:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if not kinds & _LOCKED:
        return _keyring_absent()
    return IdentityUnavailable("keyring_locked")


def _keyring_absent() -> AssignError:
    return IdentityUnavailable("keyring_absent")
