"""The sentences on a store or a vault that is unreachable, unsafe, damaged or not ours.

`later` is for a command with an earlier step saved, so that no sentence says that nothing was
changed.
"""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_
from assigncli.words.form import Catalogue

_CHECK_STORE: Final = N_("Run assign store check and tell your administrator what it says.")
_SAVED_BEFORE: Final = N_(
    "An earlier step of this command is saved. Run assign list before you try again; as a mentor, "
    "run assign inbox."
)
_LIST_FIRST: Final = N_("Run assign list before you try again; as a mentor, run assign inbox.")

STORE: Final[Catalogue] = {
    "store_busy": (
        N_("The store is in use by another program."),
        N_("Try again in a moment; close other programs that hold the file if it lasts."),
    ),
    "store_busy.later": (
        N_("The store is in use by another program."),
        _SAVED_BEFORE,
    ),
    "store_served": (
        N_("This store is served by assign serve, so no other program opens it."),
        N_("Use a profile whose store is unix: and the server's socket, or stop the server first."),
    ),
    "server_fault": (
        N_("The server met a fault of its own and could not answer."),
        N_("Tell its operator the time and this code. Run assign list before you try again."),
    ),
    "store_read_only": (
        N_("The store is read-only, so nothing was written."),
        N_("Make the store's file and folder writable for you, then try again."),
    ),
    "store_read_only.later": (
        N_("The store has become read-only."),
        _SAVED_BEFORE,
    ),
    "disk_full": (
        N_("The disk is full, so nothing was written."),
        N_("Free some space, then run the command again."),
    ),
    "disk_full.later": (
        N_("The disk is full."),
        _SAVED_BEFORE,
    ),
    "store_io": (
        N_("The store could not be read from or written to its disk, so nothing was changed."),
        N_("Check that the disk has space left and is connected, then run the command again."),
    ),
    "store_io.later": (
        N_("The store could not be read from or written to its disk."),
        _SAVED_BEFORE,
    ),
    "store_not_ours.later": (
        N_("This file is not a store of this program."),
        _SAVED_BEFORE,
    ),
    "store_damaged": (
        N_("The store is damaged."),
        N_("Stop all use, and put your last backup in its place with assign store restore."),
    ),
    "store_damaged.later": (
        N_("The store is damaged."),
        _SAVED_BEFORE,
    ),
    "store_unreachable": (
        N_("The store, or the journal beside it, could not be opened."),
        N_("Check that its folder is there and writable for you, then try again."),
    ),
    "store_unreachable.later": (
        N_("The store, or the journal beside it, could not be opened."),
        _SAVED_BEFORE,
    ),
    "store_refused": (
        N_("The store refused what was asked of it, and nothing was changed."),
        _CHECK_STORE,
    ),
    "store_refused.later": (
        N_("The store refused what was asked of it."),
        _SAVED_BEFORE,
    ),
    "store_read_only.unfinished": (
        N_("A write was interrupted and must be undone first, but the store is read-only here."),
        N_("Run any command once where the store's file and folder are writable for you."),
    ),
    "store_outcome_unknown": (
        N_("It is not known whether this was saved."),
        _LIST_FIRST,
    ),
    "store_outcome_unknown.later": (
        N_("An earlier step of this command is saved. Whether the last one is, is not known."),
        _LIST_FIRST,
    ),
    "store_unreachable.folder_of_store": (
        N_("You may not enter the folder {folder}, so the store in it cannot be read."),
        N_("Ask the owner of the folder to let you in, or check the path in your profile."),
    ),
    "store_unreachable.not_readable": (
        N_("You may not read the store at {path}."),
        N_("Ask the file's owner, or check the path in your profile."),
    ),
    "store_unreachable.path": (
        N_("The store at {path} cannot be reached."),
        N_("Check that its disk is connected, and the path in your profile."),
    ),
    "store_unreachable.not_made": (
        N_("The store cannot be made at {path}."),
        N_("Choose a folder you may write to, on a disk with space left."),
    ),
    "audit_altered": (
        N_("The last entry of the audit log is not in its proper form."),
        N_("Do not rely on the log. Run the command assign audit verify to see where."),
    ),
    "store_older": (
        N_("The store was made by an older version of this program."),
        N_("Run assign store backup, then assign store upgrade."),
    ),
    "store_newer": (
        N_("The store was made by a newer version of this program."),
        N_("Install the newer version of this program on this machine too."),
    ),
    "store_damaged.without_version": (
        N_("The store does not say which version it is."),
        N_("Stop all use, and put your last backup in its place with assign store restore."),
    ),
    "store_damaged.column": (
        N_("The store holds a value that cannot be read."),
        N_("Keep a copy of the store as it is, and run assign audit verify."),
    ),
    "number_too_large": (
        N_("A number is larger than the store can keep."),
        N_("Give a smaller number."),
    ),
    "store_not_ours": (
        N_("This file is not a store of this program."),
        N_("Check the path of the store in your profile."),
    ),
    "store_missing": (
        N_("There is no store at {path}."),
        N_("Check the path in your profile, or make a store with assign init."),
    ),
    "store_exists": (
        N_("There is already a file at {path}."),
        N_("Choose another place for the new store; nothing was overwritten."),
    ),
    "share_mismatch.in_vault": (
        N_("The vault holds another key for assignment {number}."),
        N_("Tell your administrator: the vault has been changed."),
    ),
    "vault_exists": (
        N_("There is already a file at {path}, where the vault should be."),
        N_("Choose another place for the store."),
    ),
    "vault_missing": (
        N_("The vault of this store is missing, so no brief can be opened."),
        N_("Put the vault file back at {path}, or ask your operator."),
    ),
    "vault_out_of_reach.not_readable": (
        N_("You may not read the vault at {path}."),
        N_("Ask the owner of the file and its folders, or check the path in your profile."),
    ),
    "vault_out_of_reach": (
        N_("The vault cannot be reached."),
        N_("Check that its disk or network share is connected, and try again."),
    ),
    "store_busy.vault": (
        N_("The vault is busy: another program has held it for too long."),
        N_("Try again in a minute."),
    ),
    "share_missing": (
        N_("The brief of assignment {number} is deleted."),
        N_("Ask your coordinator for a new assignment."),
    ),
    "vault_damaged": (
        N_("The vault file is damaged."),
        N_("Restore it, or ask your operator."),
    ),
    "vault_not_ours": (
        N_("The vault file is damaged, or not a vault of this tool."),
        N_("Check which file the profile names, or restore the vault."),
    ),
    "disk_full.vault": (
        N_("The disk is full, so the vault could not be changed."),
        N_("Free some room, then try again."),
    ),
    "store_read_only.vault": (
        N_("The vault may only be read here, so it was not changed."),
        N_("Check the permissions of the vault file and its folder."),
    ),
    "store_damaged.unreadable": (
        N_("The store holds something that cannot be read."),
        N_("Run assign sweep --debug."),
    ),
}
