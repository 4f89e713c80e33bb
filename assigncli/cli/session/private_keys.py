"""Choose where a member's private keys are kept on this machine, and unlock them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, Literal

from assigncli.cli.frame import current_globals, environ, out
from assigncli.cli.session.kept_keys import KeptKeys
from assigncli.errors import IdentityUnavailable
from assigncli.folders import folders
from assigncli.locale import _, ngettext
from assigncli.profiles import Keys, Profile

if TYPE_CHECKING:
    from assigncli.client.keys import Keychain, SecretName
    from assigncli.crypto.identity import Identity

Place = Literal["auto", "keyring", "file"]

_TRIES: Final = 3

_unlocked: ContextVar[KeptKeys | None] = ContextVar("unlocked", default=None)


@contextmanager
def unlocked_once(kept: KeptKeys | None = None) -> Iterator[None]:
    """Unlock each private key at most once inside the block, when one process runs many commands.

    The keys stay in memory until the end of the block, or in `kept` as long as it keeps them.
    """
    token = _unlocked.set(kept or KeptKeys())
    try:
        yield
    finally:
        _unlocked.reset(token)


def keychain(keys: Keys, *, new_for: str | None = None) -> Keychain:
    """Return the place for private keys.

    `new_for` names the person whose new passphrase is asked for, twice and at once: later, the
    store may be locked for writing.
    """
    from assigncli.client.keys import OsKeyring, PassphraseFiles

    if keys == "keyring":
        return OsKeyring()
    from assigncli.cli.input import passphrases
    from assigncli.crypto.passphrase import lock, unlock

    chosen = None if new_for is None else passphrases.new(new_for)
    return PassphraseFiles(
        folders(environ()).keys, lambda: chosen or passphrases.known(), lock=lock, unlock=unlock
    )


def choose_place(wanted: Place) -> Keys:
    """Decide where new private keys go, and show it.

    Raises IdentityUnavailable `keyring_absent` if a key store was asked for and there is none.
    """
    from assigncli.client.keys import real_keyring_available

    if wanted == "file":
        out().note(_("The private keys will be kept in a file protected by a passphrase."))
        return "file"
    if real_keyring_available():
        out().note(_("The private keys will be kept in the key store of this machine."))
        return "keyring"
    if wanted == "keyring":
        raise IdentityUnavailable("keyring_absent", "here")
    out().note(
        _(
            "This machine has no key store, so the private keys will be kept in a file protected "
            "by a passphrase."
        )
    )
    return "file"


def require_keyring() -> None:
    """Raise IdentityUnavailable `keyring_absent` where this machine has no usable key store."""
    from assigncli.client.keys import real_keyring_available

    if not real_keyring_available():
        raise IdentityUnavailable("keyring_absent", "here")


def place_words(place: Keys) -> str:
    """Return where private keys are kept, in words."""
    return {
        "keyring": _("the key store of this machine"),
        "file": _("a file protected by a passphrase"),
    }[place]


def identity(profile: Profile) -> Identity:
    from assigncli.client.keys import SecretName
    from assigncli.crypto.identity import Identity

    name = SecretName(profile.organization_id, profile.member_id, "identity")
    kept = _unlocked.get()
    found = None if kept is None else kept.find(name)
    if found is not None:
        return found
    if kept is not None and kept.has_run_out:
        kept.has_run_out = False
        if profile.keys == "file":  # which is why the passphrase is asked for again
            out().note(_("The time is over for which the keys were unlocked."))
    unlocked = Identity.from_bytes(loaded(profile.keys, name))
    if kept is not None:
        kept.keep(name, unlocked)
    return unlocked


def identity_in(keys: Keychain, profile: Profile) -> Identity:
    """Return a profile's keys from a place that stays open, so that it asks for nothing twice."""
    from assigncli.client.keys import SecretName
    from assigncli.crypto.identity import Identity

    name = SecretName(profile.organization_id, profile.member_id, "identity")
    return Identity.from_bytes(keys.load(name))


def root_name(profile: Profile) -> SecretName:
    """Return the name under which a profile's place has the root key, if it has it."""
    from assigncli.client.keys import SecretName

    return SecretName(profile.organization_id, profile.member_id, "root")


def own_fingerprint(profile: Profile) -> str:
    """Return the digits of the key on this machine, which unlocks it; raises as `identity`."""
    from assigncli.crypto.identity import spoken_fingerprint

    return spoken_fingerprint(
        root_key=profile.root_public_key,
        organization_id=profile.organization_id,
        member_id=profile.member_id,
        public=identity(profile).public,
    )


def loaded(keys: Keys, name: SecretName) -> bytes:
    """Load a secret; if a typed passphrase is wrong, ask for it again."""
    from assigncli.cli.input.prompts import say, somebody_there
    from assigncli.cli.output import said

    typed = current_globals().passphrase_file is None and somebody_there()
    for left in range(_TRIES - 1 if typed else 0, 0, -1):
        try:
            return keychain(keys).load(name)
        except IdentityUnavailable as wrong:
            if wrong.code != "passphrase_wrong":
                raise
            again = ngettext(
                "You can try {count} more time.", "You can try {count} more times.", left
            )
            say(said(wrong)[0], again.format(count=left))
    return keychain(keys).load(name)
