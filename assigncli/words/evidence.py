"""The sentences on what a server's answer does not prove: signatures, entries, texts."""

from __future__ import annotations

from typing import Final

from assigncli.locale import N_, _, ngettext
from assigncli.words.form import Catalogue, Sentences


def _behind(count: int) -> Sentences:
    message = ngettext(
        "The audit log lacks the last entry that this machine has seen.",
        "The audit log lacks the last {count} entries that this machine has seen.",
        count,
    )
    return message.format(count=count), _(
        "If your administrator has restored the store, run assign store restore --accept. If not, "
        "tell them: somebody removed entries."
    )


def _forked(count: int) -> Sentences:
    message = ngettext(
        "The audit log has another first entry than this machine has seen.",
        "The first {count} entries of the audit log are not those this machine has seen.",
        count,
    )
    return message.format(count=count), _(
        "If your administrator has restored the store, run assign store restore --accept. If not, "
        "keep a copy of the store and tell them."
    )


EVIDENCE: Final[Catalogue] = {
    "wrap_altered": (
        N_("A sealed key was altered, or was made by someone who may not make it."),
        N_("Ask the coordinator who sent the assignment to seal it to you again."),
    ),
    "answer_malformed": (
        N_("The server's answer has no form that this program knows."),
        N_("Check that program and server are of the same version, then try again."),
    ),
    "head_invalid": (
        N_("The server's audit log is not signed by the organisation's service."),
        N_("Do not go on. Ask an administrator to check the server."),
    ),
    "head_inconsistent": (
        N_("The server's audit log does not continue the one that this device has seen."),
        N_("Do not go on. Ask an administrator whether the store was restored."),
    ),
    "entry_invalid": (
        N_("An entry of the audit log does not verify."),
        N_("Do not go on. Ask an administrator to check the audit log."),
    ),
    "entry_not_in_log": (
        N_("The server shows an entry that is not in its audit log."),
        N_("Do not go on. Ask an administrator to check the audit log."),
    ),
    "entry_missing": (
        N_("The server left out an entry of the audit log."),
        N_("Do not go on. Ask an administrator to check the audit log."),
    ),
    "certificate_invalid": (
        N_("A member's certificate does not verify."),
        N_("Do not go on. Ask an administrator to check the member and issue a new certificate."),
    ),
    "statement_invalid": (
        N_("What a member signed is not what the audit log says they did."),
        N_("Do not go on. Ask an administrator to check the audit log."),
    ),
    "statement_not_ours": (
        N_("The server answered something else than was asked."),
        N_("Do not rely on the answer. Try again, then ask an administrator to check the server."),
    ),
    "manifest_invalid": (
        N_("This assignment is not as its coordinator signed it."),
        N_("Do not rely on it. Tell the coordinator, by another way than this program."),
    ),
    "text_altered": (
        N_("A text is not as it was signed."),
        N_("Do not rely on it. Ask an administrator to check the store."),
    ),
    "share_mismatch": (
        N_("The vault's part of the key does not belong to this assignment."),
        N_("Do not go on. Ask an administrator to check the store and the vault."),
    ),
    "log_behind": _behind,
    "log_forked": _forked,
    "tree_differs": (
        N_("The tree over the audit log is not as it was written."),
        N_("Run assign audit verify to see where, and tell your administrator."),
    ),
    "log_behind.server": (
        N_("The audit log is shorter than this machine has seen it."),
        N_(
            "If your administrator has restored the store, run assign store restore --accept. If "
            "not, tell them: somebody removed entries."
        ),
    ),
    "log_forked.server": (
        N_("The first entries of the audit log are not those this machine has seen."),
        N_(
            "If your administrator has restored the store, run assign store restore --accept. If "
            "not, keep a copy of the store and tell them."
        ),
    ),
}
