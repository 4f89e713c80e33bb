"""Move a profile's private keys to another place on this machine, or change their passphrase.

The keys are kept in the new place before the profile names it, and deleted from the old one last:
a run that is killed leaves keys that open, and the same command finishes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from assigncli.client.keys import PassphraseFiles, SecretName
from assigncli.client.keys.place import Kind
from assigncli.errors import IdentityUnavailable
from assigncli.profiles import Keys, Profile, save_profile

if TYPE_CHECKING:
    from assigncli.client.keys import Keychain

_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


def moved(
    profile: Profile, old: Keychain, new: Keychain, to: Keys, environ: Mapping[str, str]
) -> int:
    """Move every key of a profile, and return how many there are.

    Raises IdentityUnavailable `key_missing` where there is none, and as the places do.
    """
    found = {}
    for kind in _KINDS:
        name = SecretName(profile.organization_id, profile.member_id, kind)
        secret = _secret(old, new, name)
        if secret is not None:
            found[name] = secret
    if not found:
        raise IdentityUnavailable("key_missing")
    for name, secret in found.items():
        new.save(name, secret)
    if to != profile.keys:
        save_profile(replace(profile, keys=to), environ)
        for name in found:
            old.delete(name)
    return len(found)


def passphrase_files(folder: Path, passphrase: bytes) -> PassphraseFiles:
    """Return the place of files under a passphrase that is known already."""
    from assigncli.crypto.passphrase import lock, unlock

    return PassphraseFiles(folder, lambda: passphrase, lock=lock, unlock=unlock)


def _secret(old: Keychain, new: Keychain, name: SecretName) -> bytes | None:
    """Return a key, None if there is none; a killed run may have moved it already."""
    for place in (old, new):
        try:
            return place.load(name)
        except IdentityUnavailable as error:
            if error.code not in ("key_missing", "passphrase_wrong") or (
                error.code == "passphrase_wrong" and place is new
            ):
                raise
    return None
