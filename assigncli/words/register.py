"""What is said of each kind of data in the record of processing (GDPR article 30)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from assigncli.locale import N_

_VISITED: Final = N_("the person who is visited")
_MENTORS: Final = N_("mentors")
_MEMBERS: Final = N_("members: mentors, coordinators and administrators")
_ORGANISATION: Final = N_("nobody; the organisation itself")

_A_YEAR: Final = N_("until the assignment has been ended for a year")
_STAYS: Final = N_("as long as the store; the program never deletes it")
_WITH_MEMBER: Final = N_("as long as the store, since what the member did must stay provable")

_MENTOR_AND_STAFF: Final = N_("the mentor of the assignment, coordinators and administrators")
_STAFF: Final = N_("coordinators and administrators")
_EVERYBODY: Final = N_("every member of the organisation")
_MACHINE: Final = N_("the operator of the machine that holds the store")


@dataclass(frozen=True)
class RegisterText:
    """The sentences on one kind of data, untranslated: what, about whom, why, until when, to whom.

    None of it leaves the organisation but as `recipients` says.
    """

    name: str
    about: str
    purpose: str
    retention: str
    recipients: str


REGISTER: Final[Mapping[str, RegisterText]] = {
    "brief": RegisterText(
        N_("The brief: name, address, telephone and health"),
        _VISITED,
        N_("to let one mentor find the person and know what the visit needs"),
        N_(
            "readable until the assignment ends; after a completion for retention_days more; "
            "as ciphertext for another year"
        ),
        N_("the mentor of the assignment and the coordinator who sent it; nobody else can decrypt"),
    ),
    "case": RegisterText(
        N_("Title and reference of an assignment, without personal data"),
        _VISITED,
        N_("to tell assignments apart in lists and notifications"),
        N_("as long as the store, unless the assignment is erased"),
        N_("the mentor, coordinators and administrators; the title also in notifications"),
    ),
    "note_to_mentor": RegisterText(
        N_("Note to the mentor, without personal data"),
        _VISITED,
        N_("to tell the mentor what is practical and not sensitive"),
        _A_YEAR,
        N_("the mentor of the assignment and the coordinator who sent it"),
    ),
    "internal_note": RegisterText(
        N_("Internal note, without personal data"),
        _VISITED,
        N_("to let coordinators work together on an assignment"),
        _A_YEAR,
        N_("coordinators"),
    ),
    "reason": RegisterText(
        N_("The reason for a cancellation"),
        _VISITED,
        N_("to tell the mentor why"),
        _A_YEAR,
        _MENTOR_AND_STAFF,
    ),
    "course": RegisterText(
        N_("The course of an assignment: who, when and which step"),
        _MEMBERS,
        N_("to follow an assignment up until the visit is done"),
        N_("the steps as long as the store; deadlines until the assignment has ended for a year"),
        _MENTOR_AND_STAFF,
    ),
    "consent": RegisterText(
        N_("The mentor's consent before a brief is opened"),
        _MENTORS,
        N_("to show that the mentor accepted how a brief may be used"),
        _STAYS,
        _MENTOR_AND_STAFF,
    ),
    "honorarium": RegisterText(
        N_("What a mentor has earned: visits, running counts and honorarium"),
        _MENTORS,
        N_("to pay honorarium, and to account for it"),
        _STAYS,
        N_("the mentor, coordinators and administrators, and whoever is given an export"),
    ),
    "import": RegisterText(
        N_("Keyed hashes of the rows of a sheet"),
        _VISITED,
        N_("to send no row twice"),
        _STAYS,
        N_("nobody; who has no key of the organisation can read nothing from them"),
    ),
    "evidence": RegisterText(
        N_("The audit log: who did what and when, signed"),
        _MEMBERS,
        N_("to prove who had access to a brief, and that nothing was changed afterwards"),
        _STAYS,
        N_("coordinators and administrators; of a checkpoint, the auditor sees size and root"),
    ),
    "refused": RegisterText(
        N_("Attempts that were refused"),
        _MEMBERS,
        N_("to find misuse, and to answer a repeated request as before"),
        N_("a while after the attempt; its entry in the audit log stays"),
        _STAFF,
    ),
    "member": RegisterText(
        N_("Name, handle, roles and standing of a member"),
        _MEMBERS,
        N_("to know who may do what"),
        _WITH_MEMBER,
        _EVERYBODY,
    ),
    "availability": RegisterText(
        N_("Whether a mentor takes assignments, and until when they are certified"),
        _MENTORS,
        N_("to send assignments only to whom they can be sent"),
        _WITH_MEMBER,
        _EVERYBODY,
    ),
    "device": RegisterText(
        N_("Public keys and certificates of a member's devices"),
        _MEMBERS,
        N_("to seal briefs to the right person, and to verify signatures"),
        _WITH_MEMBER,
        _EVERYBODY,
    ),
    "invitation": RegisterText(
        N_("Invitations, and the keys of whoever joined with one"),
        _MEMBERS,
        N_("to let the right person join"),
        N_("until the member is approved or invited again"),
        _STAFF,
    ),
    "channel": RegisterText(
        N_("Addresses for notifications, sealed"),
        _MEMBERS,
        N_("to notify a member in the way they chose"),
        N_("until the channels are changed or removed"),
        N_("coordinators, administrators and the server; the message service of that address"),
    ),
    "notification": RegisterText(
        N_("Notifications: to whom, about which assignment, and how far sending got"),
        _MEMBERS,
        N_("to tell everybody once what concerns them"),
        _STAYS,
        _MACHINE,
    ),
    "key": RegisterText(
        N_("Sealed keys, and which are deleted"),
        _MEMBERS,
        N_("to let the right devices decrypt, and to make deletion final"),
        N_(
            "sealed keys of briefs until the assignment has ended for a year, the rest as the store"
        ),
        N_("the member whose device a key is sealed to"),
    ),
    "office": RegisterText(
        N_("The organisation, its settings and reporting cycles, and who set them"),
        _MEMBERS,
        N_("to run the organisation by its own rules"),
        _STAYS,
        _EVERYBODY,
    ),
    "technical": RegisterText(
        N_("Numbers of rows and files, and what the last sweep did"),
        _ORGANISATION,
        N_("to keep the store whole"),
        _STAYS,
        _MACHINE,
    ),
}
"""By kind of data."""
