"""A profile being created: a note written before the store knows its member.

A process may be killed between the store's commit and the writing of the profile's file. The note
then says which member that was, so that the same command, run again, finishes what it began. The
note is the profile's file under another name, and finishing renames it. Holds no private key and
opens no store.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from assigncli.errors import AssignError, InvalidInput, StoreUnavailable
from assigncli.file_lock import taken
from assigncli.folders import folders
from assigncli.private_files import (
    close_to_others,
    make_folder,
    read,
    rename,
    replace,
    require_private_folder,
    unreachable,
)
from assigncli.profiles import (
    ROOT_KEY_BYTES,
    Profile,
    from_document,
    has_current,
    list_profiles,
    to_document,
    valid_name,
)

_SIGNING_KEY: Final = "signing_key"
_SERVICE: Final = "service_id"


@dataclass(frozen=True)
class Beginning:
    """An unfinished profile; its public `signing_key` identifies its member in a store.

    `service_id` is the service member whose identity was made along with it for the sweep, or None.
    """

    profile: Profile
    signing_key: bytes
    service_id: UUID | None = None


@contextmanager
def alone(environ: Mapping[str, str]) -> Iterator[None]:
    """Keep every other process of this user from making a profile inside the block.

    Raises StoreUnavailable `profiles_busy` if another one is doing so, `folder_unsafe`,
    `folder_unwritable`, `settings_unreachable`.
    """
    place = folders(environ)
    for folder in (place.config, place.profiles):
        make_folder(folder)
        require_private_folder(folder)
    path = place.config / "profiles.lock"
    try:
        file = path.open("ab")
        close_to_others(file.fileno())
    except OSError:
        raise unreachable(path) from None
    with file:
        if not taken(file):
            raise StoreUnavailable("profiles_busy")
        for left in place.profiles.glob(".*.begun.*.tmp"):  # of a killed process
            left.unlink(missing_ok=True)
        yield


def note(beginning: Beginning, environ: Mapping[str, str]) -> None:
    """Write the note to disk before returning; raises StoreUnavailable as `replace` does."""
    document = {
        **to_document(beginning.profile),
        _SIGNING_KEY: beginning.signing_key.hex(),
        _SERVICE: beginning.service_id and str(beginning.service_id),
    }
    text = json.dumps(document, ensure_ascii=False, indent=2)
    replace(_path(beginning.profile.name, environ), f"{text}\n".encode())


def noted(name: str, environ: Mapping[str, str]) -> Beginning | None:
    """Return what was begun under this profile name and not finished, or None.

    Raises InvalidInput `profile_damaged` and StoreUnavailable `settings_unreachable`.
    """
    path = _path(name, environ)
    document = read(path)
    if document is None:
        return None
    profile = from_document(name, document, path)
    try:
        return _beginning(profile, json.loads(document))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InvalidInput("profile_damaged", name=name, path=str(path)) from None


def _beginning(profile: Profile, content: Mapping[str, Any]) -> Beginning:
    """Return what a note says besides the profile; raises ValueError or what else that meets."""
    key, service = bytes.fromhex(content[_SIGNING_KEY]), content[_SERVICE]
    if len(key) != ROOT_KEY_BYTES:
        raise ValueError
    return Beginning(profile, key, service and UUID(service))


def finish(profile: Profile, environ: Mapping[str, str]) -> None:
    """Turn the note into the profile, and make it current if it is the only one.

    Raises StoreUnavailable `settings_unreachable`; the note remains then.
    """
    place = folders(environ)
    # First, so that nothing is left to do once the profile exists. A failure here is harmless: the
    # profile can always be chosen with --profile.
    with suppress(AssignError):
        others = list_profiles(environ)
        if not has_current(environ) and not others[1:]:
            replace(place.current, f"{(others or [profile.name])[0]}\n".encode())
    rename(_path(profile.name, environ), place.profiles / f"{profile.name}.json")


def forget(name: str, environ: Mapping[str, str]) -> None:
    """Remove the note, since nothing was begun."""
    with suppress(OSError):
        _path(name, environ).unlink(missing_ok=True)


def _path(name: str, environ: Mapping[str, str]) -> Path:
    return folders(environ).profiles / f"{valid_name(name)}.begun"
