"""A profile in the making: noted before the store knows of its member, whole once it does.

Between the store's commit and the profile's file a process may be killed. The note says then whose
member that was, so that the same command, run again, ends what it began. It is the profile's file
under another name; to finish is to rename it. Holds no private key and opens no store.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from assigncli.errors import AssignError, StoreUnavailable
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
    """A profile that is not whole yet; by `signing_key`, public, its member is known in a store.

    `service_id` is whose identity was made along with it for the sweep, if any.
    """

    profile: Profile
    signing_key: bytes
    service_id: UUID | None = None


@contextmanager
def alone(environ: Mapping[str, str]) -> Iterator[None]:
    """Keep every other process of this user from making a profile inside the block.

    Raises StoreUnavailable `profiles_busy` where one is at it, `folder_unsafe`,
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
        for left in place.profiles.glob(".*.begun.*.tmp"):  # by a process killed while it noted
            left.unlink(missing_ok=True)
        yield


def note(beginning: Beginning, environ: Mapping[str, str]) -> None:
    """Write the note, on disk before this returns; raises StoreUnavailable as `alone` does."""
    document = {
        **to_document(beginning.profile),
        _SIGNING_KEY: beginning.signing_key.hex(),
        _SERVICE: beginning.service_id and str(beginning.service_id),
    }
    text = json.dumps(document, ensure_ascii=False, indent=2)
    replace(_path(beginning.profile.name, environ), f"{text}\n".encode())


def noted(name: str, environ: Mapping[str, str]) -> Beginning | None:
    """Return what was begun under this profile name and not finished, if anything.

    Raises InvalidInput `profile_damaged` and StoreUnavailable `settings_unreachable`.
    """
    path = _path(name, environ)
    document = read(path)
    if document is None:
        return None
    profile = from_document(name, document, path)
    more = json.loads(document)
    service = more[_SERVICE]
    return Beginning(profile, bytes.fromhex(more[_SIGNING_KEY]), service and UUID(service))


def finish(profile: Profile, environ: Mapping[str, str]) -> None:
    """Make the noted profile whole, and the one in use where it is the only one.

    Raises StoreUnavailable `settings_unreachable`; the note stays then.
    """
    place = folders(environ)
    # First, so that once the profile is there nothing is left to do. Which one is in use can be
    # said at any time with --profile, so a failure here is none of the whole.
    with suppress(AssignError):
        others = list_profiles(environ)
        if not has_current(environ) and not others[1:]:
            replace(place.current, f"{(others or [profile.name])[0]}\n".encode())
    rename(_path(profile.name, environ), place.profiles / f"{profile.name}.json")


def forget(name: str, environ: Mapping[str, str]) -> None:
    """Remove the note; nothing was begun then."""
    with suppress(OSError):
        _path(name, environ).unlink(missing_ok=True)


def _path(name: str, environ: Mapping[str, str]) -> Path:
    return folders(environ).profiles / f"{valid_name(name)}.begun"
