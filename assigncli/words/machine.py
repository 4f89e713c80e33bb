"""The sentences on this machine's profiles, settings and folders."""

from __future__ import annotations

import shlex
from typing import Final

from assigncli.locale import N_, _
from assigncli.words.form import Catalogue, Sentences

_BEGIN: Final = N_("Run assign init to set up an organisation, or assign join to join one.")


def _other_profiles(name: str, names: tuple[str, ...]) -> Sentences:
    hint = _("Those here are: {names}. Choose one, as with {command}.")
    return (
        _("There is no profile {name} on this machine.").format(name=name),
        hint.format(names=", ".join(names), command=f"assign status --profile {names[0]}"),
    )


def _open_folder(folder: str) -> Sentences:
    return (
        _("Other users may enter the folder {folder}.").format(folder=folder),
        _("Close it to others: run chmod 700 {folder} now.").format(folder=shlex.quote(folder)),
    )


_ANOTHER_SOCKET: Final = N_("Name another place with --socket.")

MACHINE: Final[Catalogue] = {
    "socket_in_use": (
        N_("A server is listening at {path} already."),
        _ANOTHER_SOCKET,
    ),
    "socket_unusable.not_made": (
        N_("The socket {path} cannot be made."),
        N_("Name a place with --socket that you may write to, its path at most 107 bytes long."),
    ),
    "socket_unusable.other_file": (
        N_("{path} is a file and no socket."),
        _ANOTHER_SOCKET,
    ),
    "socket_unusable.folder": (
        N_("The folder {path} for the socket cannot be made."),
        N_("Make it, or name a place with --socket in a folder of yours."),
    ),
    "socket_unusable.folder_open": (
        N_("Others may change the folder {path}, and so replace the socket in it."),
        N_("Run chmod 755 on it, or name a place with --socket in another folder."),
    ),
    "socket_unusable.folder_closed": (
        N_("Others may not enter the folder {path}, so they cannot reach the socket in it."),
        N_("Run chmod 755 on it, or name a place with --socket in another folder."),
    ),
    "socket_unusable.system": (
        N_("This system does not say whose account connects to a socket."),
        N_("Run assign serve on Linux."),
    ),
    "account_unknown": (
        N_("This machine has no account of that name."),
        N_("Make the account first, or correct --relay-account."),
    ),
    "profile_missing": (
        N_("There is no such profile on this machine."),
        _BEGIN,
    ),
    "profile_missing.alone": (
        N_("There is no profile {name} on this machine, nor any other."),
        _BEGIN,
    ),
    "profile_missing.others": _other_profiles,
    "profile_unclear": (
        N_("There are several profiles on this machine and none was chosen."),
        N_("Choose one with --profile: {names}."),
    ),
    "folder_unsafe.mode": _open_folder,
    "profiles_busy": (
        N_("Another command is making a profile on this machine."),
        N_("Try again when it has ended."),
    ),
    "profile_name": (
        N_("That is not a profile name."),
        N_(
            "Use 1 to 64 small letters, digits, dots, hyphens and underscores, and begin "
            "with a letter or a digit."
        ),
    ),
    "profile_damaged": (
        N_("The profile {name} is damaged and cannot be read."),
        N_("Restore its file {path} from a backup, or join again."),
    ),
    "settings_damaged": (
        N_("The settings of this machine are damaged and cannot be read."),
        N_("Restore the file {path} from a backup, or remove it."),
    ),
    "head_damaged": (
        N_("The file that says how long the audit log was is damaged."),
        N_("Remove the file {path}, then run assign audit verify."),
    ),
    "folder_unwritable": (
        N_("Nothing can be written in the folder {folder}."),
        N_("Choose a folder you may write to, on a disk with space left."),
    ),
    "folder_unwritable.not_made": (
        N_("The folder {folder} cannot be made."),
        N_("Choose a folder you may write to."),
    ),
    "store_unreachable.folder": (
        N_("You may not enter the folder {folder}."),
        N_("Ask the owner of the folder to let you in, or use a folder of your own."),
    ),
    "store_unsafe.owner": (
        N_("{place} belongs to another user of this machine."),
        N_("Use a folder of your own, or ask the owner to hand it over."),
    ),
    "store_unsafe.mode": (
        N_("Other users of this machine can reach {place}."),
        N_("Close it with chmod {mode} {place}, then try again."),
    ),
    "settings_unreachable": (
        N_("The settings at {path} cannot be read or written."),
        N_("Make sure that you can use that folder and that the disk is not full."),
    ),
    "folder_unsafe.owner": (
        N_("The folder {folder} belongs to another user."),
        N_("Set ASSIGN_HOME to a folder of your own."),
    ),
}
