"""Profiles and settings on this machine: the member, the store's place, the pinned root key.

Small JSON files in the folders that `assigncli.folders` names. Holds no private key and opens no
store. The environment is an argument; nothing here reads `os.environ`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args
from uuid import UUID

from assigncli.errors import AssignError, InvalidInput, NotFound
from assigncli.folders import Folders, folders
from assigncli.locale import LANGUAGES
from assigncli.private_files import make_folder, read, replace, require_private_folder, unreachable
from assigncli.server_address import LocalStore, Server, StoreAddress, read_address, written

Keys = Literal["keyring", "file"]
View = Literal["linear", "table"]

FORMAT: Final = 1
ROOT_KEY_BYTES: Final = 32
_DAMAGE: Final = (ValueError, TypeError, KeyError, RecursionError)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Profile:
    """One member of one organisation on this machine, with the root key pinned when joining.

    `vault_path` is None where a server has the store. `keys` says where the private keys are. If
    `language` or `output` is None, the machine's settings decide. `kit_checked_at` is when the
    organisation's key kit was last typed from paper here, aware UTC; None if never.
    """

    name: str
    address: StoreAddress
    vault_path: Path | None
    organization_id: UUID
    member_id: UUID
    handle: str
    root_public_key: bytes
    keys: Keys
    language: str | None = None
    output: View | None = None
    kit_checked_at: datetime | None = None

    @property
    def server(self) -> Server | None:
        """The server that has the store; None where this process opens it itself."""
        return None if isinstance(self.address, LocalStore) else self.address

    @property
    def store(self) -> Path:
        """The store's file; raises InvalidInput `needs_server_machine` where a server has it."""
        if isinstance(self.address, LocalStore):
            return self.address.path
        raise self._elsewhere()

    @property
    def vault(self) -> Path:
        """The vault's file; raises as `store`."""
        if self.vault_path is not None:
            return self.vault_path
        raise self._elsewhere()

    def _elsewhere(self) -> InvalidInput:
        return InvalidInput("needs_server_machine", address=written(self.address))


@dataclass(frozen=True)
class MachineSettings:
    """Settings for every profile of this machine without its own."""

    language: str | None = None
    output: View | None = None


@dataclass(frozen=True)
class Preferences:
    """Language and view from profile and machine settings; a `language` of None is undecided."""

    language: str | None = None
    output: View = "linear"


def list_profiles(environ: Mapping[str, str]) -> list[str]:
    """Return the names of the profiles on this machine, in alphabetical order."""
    place = _checked(folders(environ)).profiles
    try:
        names = [path.stem for path in place.iterdir() if path.suffix == ".json"]
    except FileNotFoundError:
        return []
    except OSError:
        raise unreachable(place) from None
    return sorted(name for name in names if _NAME.fullmatch(name))


def chosen_profile(name: str | None, environ: Mapping[str, str]) -> str:
    """Return the profile's name: `name`, else ASSIGN_PROFILE, else the current or the only one.

    Raises NotFound `profile_missing`, or InvalidInput `profile_unclear` if several are possible.
    """
    stated = name or environ.get("ASSIGN_PROFILE") or _current(environ)
    if stated:
        return valid_name(stated)
    known = list_profiles(environ)
    if len(known) > 1:
        raise InvalidInput("profile_unclear", names=tuple(known))
    if not known:
        raise _missing()
    return known[0]


def load_profile(name: str | None, environ: Mapping[str, str]) -> Profile:
    """Return the profile that `chosen_profile` names.

    Raises as that does, NotFound `profile_missing`, InvalidInput `profile_damaged`, and
    StoreUnavailable `folder_unsafe` or `settings_unreachable`.
    """
    chosen = chosen_profile(name, environ)
    path = _profile_path(chosen, _checked(folders(environ)))
    document = read(path)
    if document is None:
        raise _missing(chosen, list_profiles(environ))
    return from_document(chosen, document, path)


def from_document(name: str, document: bytes, path: Path) -> Profile:
    """Return the profile described by a file's bytes; raise InvalidInput `profile_damaged`."""
    try:
        return _profile(name, _object(document))
    except (*_DAMAGE, InvalidInput):
        raise InvalidInput("profile_damaged", name=name, path=str(path)) from None


def to_document(profile: Profile) -> dict[str, object]:
    """Return the content of a profile's file, ready for JSON."""
    return {
        "format": FORMAT,
        "store": written(profile.address),
        "vault": None if profile.vault_path is None else str(profile.vault_path),
        "organization_id": str(profile.organization_id),
        "member_id": str(profile.member_id),
        "handle": profile.handle,
        "root_public_key": profile.root_public_key.hex(),
        "keys": profile.keys,
        "language": profile.language,
        "output": profile.output,
        "kit_checked_at": None
        if profile.kit_checked_at is None
        else profile.kit_checked_at.isoformat(),
    }


def save_profile(profile: Profile, environ: Mapping[str, str]) -> None:
    """Write a profile's file atomically, readable by this user alone.

    Raises InvalidInput `profile_name`, and StoreUnavailable as `load_profile` does.
    """
    valid_name(profile.name)
    document = to_document(profile)
    _save(_profile_path(profile.name, folders(environ)), _text(document), environ)


def set_current(name: str, environ: Mapping[str, str]) -> None:
    """Make `name` the current profile; raise NotFound `profile_missing` if there is none."""
    known = list_profiles(environ)
    if valid_name(name) not in known:
        raise _missing(name, known)
    _save(folders(environ).current, name, environ)


def has_current(environ: Mapping[str, str]) -> bool:
    """Say whether the current profile is set and exists."""
    return _current(environ) in list_profiles(environ)


def load_settings(environ: Mapping[str, str]) -> MachineSettings:
    """Return this machine's settings; raises InvalidInput `settings_damaged`."""
    path = _checked(folders(environ)).settings
    document = read(path)
    if document is None:
        return MachineSettings()
    try:
        content = _object(document)
        return MachineSettings(_language(content), _view(content))
    except _DAMAGE:
        raise InvalidInput("settings_damaged", path=str(path)) from None


def save_settings(settings: MachineSettings, environ: Mapping[str, str]) -> None:
    """Write this machine's settings as `save_profile` writes a profile."""
    document = {"format": FORMAT, "language": settings.language, "output": settings.output}
    _save(folders(environ).settings, _text(document), environ)


def preferences(name: str | None, environ: Mapping[str, str]) -> Preferences:
    """Return language and view, before any command runs.

    Never raises an AssignError: a faulty file is reported by the command that needs it.
    """
    profile: Profile | None = None
    machine = MachineSettings()
    with suppress(AssignError, OSError):
        machine = load_settings(environ)
    with suppress(AssignError, OSError):
        profile = load_profile(name, environ)
    language = (profile.language if profile else None) or machine.language
    output = (profile.output if profile else None) or machine.output
    return Preferences(language, output or "linear")


def _checked(place: Folders) -> Folders:
    """Return `place` after verifying that no other user can reach its files."""
    for folder in (place.config, place.profiles):
        require_private_folder(folder)
    return place


def _profile_path(name: str, place: Folders) -> Path:
    return place.profiles / f"{name}.json"


def valid_name(name: str) -> str:
    """Return `name` if it can name a profile; raise InvalidInput `profile_name` otherwise."""
    if _NAME.fullmatch(name):
        return name
    raise InvalidInput("profile_name")


def _current(environ: Mapping[str, str]) -> str | None:
    document = read(_checked(folders(environ)).current)
    name = document.decode("ascii", "replace").strip() if document else ""
    return name if _NAME.fullmatch(name) else None


def _missing(name: str | None = None, known: Sequence[str] = ()) -> NotFound:
    if name is None:
        return NotFound("profile_missing")
    if not known:
        return NotFound("profile_missing", "alone", name=name)
    return NotFound("profile_missing", "others", name=name, names=tuple(known))


def _profile(name: str, content: Mapping[str, Any]) -> Profile:
    """Return the profile a document describes; raise one of _DAMAGE if it describes none."""
    root_key = bytes.fromhex(content["root_public_key"])
    if len(root_key) != ROOT_KEY_BYTES or content["keys"] not in get_args(Keys):
        raise ValueError
    address = read_address(_string(content, "store"))
    return Profile(
        name=name,
        address=address,
        vault_path=Path(_string(content, "vault")) if isinstance(address, LocalStore) else None,
        organization_id=UUID(_string(content, "organization_id")),
        member_id=UUID(_string(content, "member_id")),
        handle=_string(content, "handle"),
        root_public_key=root_key,
        keys=cast(Keys, content["keys"]),
        language=_language(content),
        output=_view(content),
        kit_checked_at=_moment(content.get("kit_checked_at")),
    )


def _moment(text: str | None) -> datetime | None:
    moment = None if text is None else datetime.fromisoformat(text)
    if moment is not None and moment.tzinfo is None:
        raise ValueError
    return moment


def _object(document: bytes) -> Mapping[str, Any]:
    content = json.loads(document)
    if not isinstance(content, dict) or content["format"] != FORMAT:
        raise ValueError
    return content


def _string(content: Mapping[str, Any], name: str) -> str:
    if not isinstance(content[name], str):
        raise TypeError
    return str(content[name])


def _language(content: Mapping[str, Any]) -> str | None:
    language = content.get("language")
    if language is not None and language not in LANGUAGES:
        raise ValueError
    return language


def _view(content: Mapping[str, Any]) -> View | None:
    view = content.get("output")
    if view is not None and view not in get_args(View):
        raise ValueError
    return cast(View | None, view)


def _text(document: Mapping[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _save(path: Path, text: str, environ: Mapping[str, str]) -> None:
    place = folders(environ)
    for folder in (place.config, path.parent):
        make_folder(folder)
    _checked(place)
    replace(path, f"{text}\n".encode())
