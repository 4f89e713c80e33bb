"""The sentences on a store that is moved to another folder or account."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_
from assigncli.words.form import Catalogue

MOVING: Final[Catalogue] = {
    "store_moved": (
        N_("The store that was at {path} is at {other} now."),
        N_(
            "Run assign profile address with the new path, or with the address that the server's "
            "operator gives you. To make a new store here, remove {note} first."
        ),
    ),
    "store_moved.left": (
        N_("The store is moved, but not all of its old files in {folder} could be removed."),
        N_("A copy of its vault may be among them. Run the same command again."),
    ),
    "store_moving": (
        N_("The move of a store from {other} to {path} was begun, and it is not finished."),
        N_("Run assign store move with --store {other} again, as it was run before."),
    ),
    "store_moving.elsewhere": (
        N_("A move to or from {other} was interrupted. A copy of the vault may be there."),
        N_(
            "Finish that move first: run it again as it was run before. If that place is gone for "
            "good, remove {note}."
        ),
    ),
    "store_exists.moving": (
        N_("There is already something at {path}."),
        N_("Choose a folder without a store; nothing was moved. If a server runs there, stop it."),
    ),
    "same_folder": (
        N_("The store is in that folder already."),
        N_("Name another folder with --to."),
    ),
    "root_needed": (
        N_("Only root can do this, since files of the account {account} are concerned."),
        N_("Ask whoever runs this machine to run it, or leave out --owner."),
    ),
    "account_unknown.owner": (
        N_("This machine has no account of that name."),
        N_("Make the account first, or correct --owner."),
    ),
}
