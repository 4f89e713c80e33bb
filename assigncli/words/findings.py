"""The sentences on what `assign doctor` finds on this machine and in the store."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_, _, ngettext
from assigncli.words.form import Catalogue, Sentences

_WHERE_TO_KEEP: Final = N_(
    "Keep store and vault on a disk of this machine with ext4 or XFS, without "
    "snapshots. In a container, use a volume."
)


def _failure_shares(count: int) -> Sentences:
    message = ngettext(
        "The vault lacks the key of {count} assignment, or holds another.",
        "The vault lacks the keys of {count} assignments, or holds others.",
        count,
    ).format(count=count)
    return message, _("Run assign store check to see which. The vault may be an older copy.")


def _failure_outstanding(count: int) -> Sentences:
    message = ngettext(
        "It is not known what became of {count} act that got no answer.",
        "It is not known what became of {count} acts that got no answer.",
        count,
    ).format(count=count)
    return message, _("Run assign list before you try again; as a mentor, run assign inbox.")


def _failure_sweep(span: str | None, count: int) -> Sentences:
    wrong = [] if span is None else [_("The last sweep was {span} ago.").format(span=span)]
    if count:
        failed = ngettext(
            "The last sweep could not do {count} thing.",
            "The last sweep could not do {count} things.",
            count,
        )
        wrong.append(failed.format(count=count))
    hint = _("Run assign sweep to see what stops it, and see that it runs on a schedule.")
    return " ".join(wrong), hint


def _on_network(store: str | None, vault: str | None) -> Sentences:
    return _lies(store, vault), _(
        "Let only one machine write at a time. Never use a folder that is copied "
        "between machines, such as a cloud drive. Keep backups."
    )


def _lies(store: str | None, vault: str | None) -> str:
    if store is None:
        return _("The vault lies on a network file system ({kind}).").format(kind=vault)
    if vault is None:
        return _("The store lies on a network file system ({kind}).").format(kind=store)
    return _("Store and vault lie on a network file system ({kind}).").format(kind=store)


_SECOND: Final = N_(
    "Invite a second administrator: assign member invite HANDLE --name NAME --role org_admin."
)

FINDINGS: Final[Catalogue] = {
    "failure.clock": (
        N_("The clock of this machine is {span} behind what was last written in the store."),
        N_(
            "Set it right before anything else is done here, since deadlines and expiry go by "
            "it. If it is right, then it was ahead where the store was written."
        ),
    ),
    "doctor_findings": (
        N_("This machine is not set up as it should be."),
        N_("Fix what needs attention, then run assign doctor again."),
    ),
    "failure.clocks_apart": (
        N_("The clock of the server and that of this machine are more than five minutes apart."),
        N_("Set the clock of this machine; if it is right, tell the server's operator."),
    ),
    "failure.versions": (
        N_("The server has version {theirs} of this program, and this machine {ours}."),
        N_("Install the server's version here, or ask its operator to renew it."),
    ),
    "failure.restart": (
        N_("The server that runs has version {theirs} of this program; {ours} is installed."),
        N_("Start the server again."),
    ),
    "failure.accounts": (
        N_("Line {number} of {path} cannot be read, so it lets nobody read lists."),
        N_("Correct the line, or remove it."),
    ),
    "failure.shares": _failure_shares,
    "failure.vault_copy": (
        N_("The copy of the vault at {path} should be gone since {day}."),
        N_("Delete it: with it and a backup, a brief that was deleted may open again."),
    ),
    "failure.never_swept": (
        N_("The sweep has never run."),
        N_("Set up assign sweep as a scheduled job, as in {folder}."),
    ),
    "failure.locks_untried": (
        N_("Whether two who write at once are kept apart in {folder} could not be tried."),
        N_("Make the folder writable for you, on a disk with space left, and try again."),
    ),
    "failure.locks_shared": (
        N_("Two processes in {folder} are granted the same lock at once."),
        N_("Move store and vault to a local disk before anybody writes again."),
    ),
    "failure.mounted_over": (
        N_("{folder} is a mount ({kind}) that shows files which also lie elsewhere."),
        N_(
            "Who writes there by another way may not be kept apart. Let everybody use this "
            "path alone, or give the folder itself as the store's place."
        ),
    ),
    "failure.another_way": (
        N_("{other} leads to the same files as {folder}, and knows nothing of its locks."),
        N_(
            "Two who write at once, one by each way, damage the store. Let everybody use one "
            "of the two alone, and change the profiles that name the other."
        ),
    ),
    "failure.room_short": (
        N_(
            "There is too little room for the store: {free} megabytes are free, and {needed} "
            "may be needed."
        ),
        N_("Make room on that disk; on a full one nothing can be sent or recorded."),
    ),
    "failure.room_unknown": (
        N_("How much room there is for the store cannot be told."),
        N_("Check that the folders of store and vault are there, and yours."),
    ),
    "failure.journal": (
        N_("The vault's file system keeps a copy of deleted keys in its journal ({option})."),
        N_("Mount it without this option, or move store and vault to another disk."),
    ),
    "failure.kit_unprinted": (
        N_("The key kit of the organisation has not been printed and typed back here."),
        N_("Run assign key kit. If this machine and its copies are lost, only the paper is left."),
    ),
    "failure.kit_old": (
        N_("The key kit of the organisation was last typed from paper on {when}."),
        N_("Take it out of its envelope and type it again: assign key kit --check."),
    ),
    "failure.one_administrator": (
        N_("You are the only administrator. If you leave, nobody here can approve another."),
        _SECOND,
    ),
    "failure.one_device": (
        N_(
            "You are the only administrator, and this is your only device. If it is lost, nobody "
            "here can approve another."
        ),
        _SECOND,
    ),
    "failure.outstanding": _failure_outstanding,
    "failure.sweep": _failure_sweep,
    "failure.on_network": _on_network,
    "failure.keeps_old": (
        N_("The vault lies on a file system that keeps old copies of deleted keys ({kind})."),
        _WHERE_TO_KEEP,
    ),
    "failure.may_keep_old": (
        N_(
            "The vault lies on a file system ({kind}) that does not show whether old copies of "
            "deleted keys stay."
        ),
        _WHERE_TO_KEEP,
    ),
}
