"""The steps shared by `init`, `join` and `member invite --here`: a profile is complete or absent.

The note of `assigncli.beginnings` is written first, then keys, then the store, then the profile. A
run that fails removes what it made, unless the store has the member by then. A run that is killed
is finished, or removed, when the same command is run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assigncli import beginnings
from assigncli.beginnings import Beginning
from assigncli.cli.frame import current_globals, environ
from assigncli.cli.output import views
from assigncli.cli.session import waiting_of
from assigncli.cli.session.private_keys import keychain, place_words
from assigncli.cli.session.service_turns import service_keychain
from assigncli.errors import AssignError, InvalidInput, StoreUnavailable
from assigncli.folders import folders
from assigncli.private_files import require_private_folder, require_writable_folder
from assigncli.profiles import Profile, list_profiles, valid_name
from assigncli.server_address import written


def free_profile_name(handle: str) -> str:
    """Return the name for a new profile: --profile, else the handle.

    Raises InvalidInput `profile_exists` rather than replace a profile, which would lose its keys,
    and `profile_name` for an invalid name.
    """
    name = valid_name(current_globals().profile or handle)
    require_free(name)
    return name


def require_room() -> None:
    """Verify that a profile can be written, before a key is made or a passphrase chosen.

    Raises StoreUnavailable `folder_unsafe`, `folder_unwritable`, `store_unsafe`.
    """
    place = folders(environ())
    for folder in (place.config, place.profiles):
        require_private_folder(folder)
    nearest = next(each for each in (place.profiles, *place.profiles.parents) if each.exists())
    require_writable_folder(nearest, ours=nearest in (place.config, place.profiles))


def require_free(name: str) -> None:
    """Refuse the name of an existing profile; raise InvalidInput `profile_exists`."""
    if is_taken(name):
        raise InvalidInput("profile_exists")


def is_taken(name: str) -> bool:
    """Say whether a profile of this name exists."""
    return name in list_profiles(environ())


def taken_up(profile_name: str) -> Profile | None:
    """Finish what a killed run began under this profile name; return the profile if complete.

    If the store never had its member, what the run made is removed. Raises StoreUnavailable if the
    store cannot be asked now.
    """
    if beginnings.noted(profile_name, environ()) is None:
        return None
    with beginnings.alone(environ()):
        begun = beginnings.noted(profile_name, environ())
        if begun is None:
            return None
        if begun.profile.server is None and not begun.profile.store.exists():
            beginnings.forget(profile_name, environ())  # the keys stay: the file may come back
            return None
        if not _is_in_store(begun):
            _clear_away(begun)
            return None
        beginnings.finish(begun.profile, environ())
        return begun.profile


@contextmanager
def made_whole(begun: Beginning) -> Iterator[None]:
    """Note the profile, let the block bring its member into the store, then finish the profile.

    Raises what the block raises, InvalidInput `profile_exists` if another command was faster, and
    StoreUnavailable `profile_unfinished` or as `beginnings.alone`.
    """
    profile = begun.profile
    with beginnings.alone(environ()):
        require_free(profile.name)
        beginnings.note(begun, environ())
        try:
            yield
        except BaseException:
            # If the store cannot be asked, note and keys remain for the next run to settle.
            with suppress(AssignError):
                if not _is_in_store(begun):
                    _clear_away(begun)
            raise
        try:
            beginnings.finish(profile, environ())
        except StoreUnavailable:
            raise StoreUnavailable(
                "profile_unfinished", folder=str(folders(environ()).profiles)
            ) from None


def _is_in_store(begun: Beginning) -> bool:
    from assigncli.cli.session.visiting import Visit, visiting
    from assigncli.client.join import is_in

    profile = begun.profile
    if profile.server is None and _is_unfilled(profile.store):
        return False
    root = profile.root_public_key
    visit = Visit(profile.address, profile.organization_id, profile.member_id, root)
    try:
        with visiting(visit) as session:
            return is_in(session.client, begun.signing_key)
    except AssignError as error:
        if error.code in ("store_missing", "organization_not_found"):
            return False
        raise


def _is_unfilled(store: Path) -> bool:
    from assigncli.server.store.file_place import is_empty

    return is_empty(store)


def _clear_away(begun: Beginning) -> None:
    """Delete keys, note and signed statements; a key that cannot be deleted opens nothing."""
    from assigncli.client.keys import SecretName

    organization, member = begun.profile.organization_id, begun.profile.member_id
    for kind in ("identity", "root"):
        with suppress(AssignError):
            keychain(begun.profile.keys).delete(SecretName(organization, member, kind))
    if begun.service_id is not None:
        with suppress(AssignError):
            service = SecretName(organization, begun.service_id, "identity")
            service_keychain(begun.profile.store).delete(service)
    waiting_of(begun.profile).notes.forget(organization)
    beginnings.forget(begun.profile.name, environ())


def made_facts(profile: Profile) -> dict[str, object]:
    """Return the facts to show about a new profile."""
    keys = views.Said(profile.keys, place_words(profile.keys))
    return {"profile": profile.name, "store": written(profile.address), "keys": keys}
