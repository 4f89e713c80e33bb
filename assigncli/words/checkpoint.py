"""The sentences on checkpoints of the audit log, and on the auditor who cosigns them."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_, _, ngettext
from assigncli.words.form import Catalogue, Sentences

_KEEP: Final = N_(
    "Keep both files as evidence, and ask what happened. After a restore, the auditor can start "
    "over: assign audit cosign FILE --start-over."
)
_WRITE_AGAIN: Final = N_("Ask for the file that assign audit checkpoint wrote, unchanged.")


def _shorter(size: int, count: int) -> Sentences:
    message = ngettext(
        "The audit log has {size} of the {count} entry that it had at an earlier checkpoint.",
        "The audit log has {size} of the {count} entries that it had at an earlier checkpoint.",
        count,
    )
    return message.format(size=size, count=count), _(_KEEP)


def _forked(count: int) -> Sentences:
    message = ngettext(
        "The audit log had another first entry at an earlier checkpoint.",
        "The first {count} entries of the audit log were others at an earlier checkpoint.",
        count,
    )
    return message.format(count=count), _(_KEEP)


def _unproven(count: int) -> Sentences:
    if not count:
        return (
            _("The file proves more than it should: you have cosigned nothing of this log before."),
            _("Ask for a checkpoint that is made without --since."),
        )
    message = ngettext(
        "The file does not prove that it continues the {count} entry you cosigned last.",
        "The file does not prove that it continues the {count} entries you cosigned last.",
        count,
    )
    return message.format(count=count), _(
        "Send your last cosigned file to an administrator, and ask for a new checkpoint that is "
        "made with --since and that file."
    )


CHECKPOINT: Final[Catalogue] = {
    "auditor_busy": (
        N_("Another command on this machine is cosigning just now."),
        N_("Try again when it has ended."),
    ),
    "auditor_damaged": (
        N_("What this machine keeps of the auditor cannot be read."),
        N_("Restore {path} from your copy. Do not remove it: it says what you cosigned last."),
    ),
    "auditor_key_differs": (
        N_("The private key on this machine is not the auditor's."),
        N_("Restore the key from your copy."),
    ),
    "auditor_key_malformed": (
        N_("What is given with --auditor is no key of an auditor."),
        N_("Ask the auditor for the whole line that assign audit cosign --full shows as theirs."),
    ),
    "auditor_name": (
        N_("An auditor's name has no spaces and no plus sign."),
        N_("Give another with --name, such as example.org/anna."),
    ),
    "auditor_name.kept": (
        N_("The auditor on this machine is {name}."),
        N_("Leave out --name."),
    ),
    "checkpoint_continues": (
        N_("It is the checkpoint that you cosigned last."),
        N_("Leave out --start-over: there is nothing to go on without."),
    ),
    "checkpoint_forked": _forked,
    "checkpoint_malformed": (
        N_("The file holds no checkpoint of an audit log."),
        _WRITE_AGAIN,
    ),
    "checkpoint_malformed.line_ends": (
        N_("The file's line ends were changed on the way, so its signature no longer fits."),
        N_("Ask for the file as an attachment, and do not save it in an editor."),
    ),
    "checkpoint_of_another": (
        N_("The checkpoint is of the audit log of another organisation."),
        N_("Check that it is the right file, and the right key."),
    ),
    "checkpoint_shorter": _shorter,
    "checkpoint_unproven": _unproven,
    "checkpoint_unproven.wrong": (
        N_("The proof in the file does not lead from the last checkpoint to this one."),
        N_("Ask for a new file. If that fails too, entries of the log were changed or removed."),
    ),
    "checkpoint_unreadable": (
        N_("The checkpoint cannot be read."),
        N_("Check the path, and that you may read the file."),
    ),
    "checkpoint_unsigned": (
        N_("The checkpoint is not signed with the key of the audit log."),
        N_("Do not rely on it. Ask an administrator whether the log has a new key."),
    ),
    "clock_behind.auditor": (
        N_("The clock of this machine is behind the time at which you cosigned last."),
        N_("Set it right and try again."),
    ),
    "cosignature_missing": (
        N_("The checkpoint is not cosigned by the auditor with this key."),
        N_("Ask the auditor for the file that assign audit cosign wrote, and for their key."),
    ),
    "fingerprint_mismatch.log_key": (
        N_("The digits are not those of this key, so nothing is cosigned."),
        N_("Compare them once more by telephone. If they differ again, do not use this key."),
    ),
    "log_key_malformed": (
        N_("What is given with --key is no key of an audit log."),
        N_("Ask for the whole line that assign audit checkpoint --full shows as the key."),
    ),
    "log_key_needed": (
        N_("You have not cosigned this log before, so its key is needed."),
        N_("Give it with --key. An administrator sees it with assign audit checkpoint --full."),
    ),
    "output_exists.checkpoint": (
        N_("There is already a file where the checkpoint would be written."),
        N_("Give another path, or add --force to replace it."),
    ),
    "output_unwritable.checkpoint": (
        N_("The checkpoint cannot be written there."),
        N_("Give another path, in a folder you may write to."),
    ),
}
