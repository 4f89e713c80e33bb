"""The sentences on backups: making one, trying it, restoring it, and going on after that."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_
from assigncli.words.form import Catalogue

BACKUPS: Final[Catalogue] = {
    "backup_exists": (
        N_("There is already a file at {path}."),
        N_("Give another name; a backup overwrites nothing."),
    ),
    "backup_missing": (
        N_("There is no backup at {path}."),
        N_("Check the path, or take an older backup."),
    ),
    "backup_unreadable": (
        N_("The backup at {path} could not be read."),
        N_("Check that its disk is connected and that you may read the file."),
    ),
    "backup_unwritable": (
        N_("The file {path} could not be written."),
        N_("Check that its folder is there and writable for you, then try again."),
    ),
    "disk_full.backup": (
        N_("The disk is full, so {path} was not written."),
        N_("Free some space or name another disk, then run the command again."),
    ),
    "backup_damaged": (
        N_("The file {path} is no whole backup: it is cut, altered, or something else."),
        N_("Take another copy of it, or an older backup."),
    ),
    "backup_without_store": (
        N_("The file {path} has a list of deletions, and no store."),
        N_("Name a backup of the store, and this file with --deletions."),
    ),
    "deletions_invalid": (
        N_("The list of deletions in {path} is not signed by this organisation's service."),
        N_(
            "Take the list in another backup. If the server's key was replaced since this backup, "
            "restore one made after that."
        ),
    ),
    "deletions_of_another": (
        N_("The list of deletions in {path} is of another organisation than the backup."),
        N_("Name the newest list of this organisation."),
    ),
    "vault_copy_of_another": (
        N_("The copy of the vault in {path} belongs to another store."),
        N_("Name the copy that was made with this backup."),
    ),
    "vault_until_past": (
        N_("The day after which the copy of the vault should be gone is past already."),
        N_("Give a later day with --vault-until."),
    ),
    "store_of_another": (
        N_("The store in that place holds {name}, which the backup does not have."),
        N_("Restore to another place with --store, or take the right backup."),
    ),
    "before_restore": (
        N_("The store that an earlier restore replaced is still at {path}."),
        N_("Delete that file, or move it away, once you need it no more. Then restore."),
    ),
    "store_replaced": (
        N_("The store was replaced by a restore while this command ran, so nothing was written."),
        N_("Run the command again."),
    ),
    "restore_unclear": (
        N_("Name a backup to restore, or give either --confirm or --accept."),
        N_("See assign store restore --help."),
    ),
    "restore_unconfirmed": (
        N_("The store was restored from a backup, and no administrator has confirmed it yet."),
        N_("As administrator run assign store restore --confirm. Others ask their administrator."),
    ),
    "log_not_restored": (
        N_("Nothing of the audit log is lost, so there is no restore to confirm."),
        N_("If a member's machine has seen more, give what it tells them with --head."),
    ),
    "log_restored_otherwise": (
        N_("This machine has seen entries that no administrator has named as lost."),
        N_("An administrator names it with assign store restore --confirm --head {head}."),
    ),
    "head_unreadable": (
        N_("This is no head of an audit log."),
        N_("Give it as the other machine shows it: a number, a colon, and 64 digits and letters."),
    ),
    "cause_unknown": (
        N_("There is no such cause."),
        N_("Give one of these: {words}."),
    ),
}
