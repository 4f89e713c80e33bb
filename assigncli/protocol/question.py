"""A question: what an act needs to know, or just a read (PROTOCOL.md sections 3.2 and 3.3).

A question changes nothing and is never stored. Who may ask what is decided by the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assigncli.protocol.acts import ACTS, ActUnknown
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.codec import AnyObject, Id, Moment, Nonce, Word
from assigncli.protocol.forms import RecordForm, Shape, conforms, listed
from assigncli.protocol.signed_body import SignedBody
from assigncli.protocol.statement import LastSeen

MAX_LIMIT: Final = 250
MAX_MEMBERS: Final = 250
MAX_KEYS: Final = 200
"""As many hashes as fit into a question's 16 KiB."""


def _is_limit(value: object) -> bool:
    return conforms("number", value) and value in range(1, MAX_LIMIT + 1)


_are_handles: Final = listed("value", MAX_MEMBERS)
_are_keys: Final = listed("hex32", MAX_KEYS)

_READS: Final[dict[str, dict[str, Shape]]] = {
    "read.inbox": {"after": "number?", "limit": _is_limit, "contact_made": "bool"},
    "read.assignment": {"number": "number?", "prefix": "value?"},
    "read.members": {"handles": _are_handles, "role": "word?"},
    "read.channels": {"handle": "value?"},
    "read.recipients": {"handles": _are_handles},
    "read.imports": {"keys": _are_keys},
    "read.organization_keys": {},
    "read.cycles": {},
    "read.settings": {},
    "read.head": {},
    "read.restores": {},
}
READS: Final = {name: RecordForm(fields) for name, fields in _READS.items()}
"""The form of each read's arguments, by name."""

_NEW_KEY: Final[dict[str, dict[str, Shape]]] = {
    "device.joined": {"token": "hex16?", "signing_key": "hex32?"},
    "organization.founded": {},
}
OF_A_NEW_KEY: Final = {name: RecordForm(fields) for name, fields in _NEW_KEY.items()}
"""The form of the arguments of each question by a key that has no certificate yet."""

OF_THE_ROOT: Final = frozenset({"read.members"})
"""The questions that the root key may sign, without a certificate."""

LOOKUPS: Final = frozenset(
    f"show.{name}"
    for name in (
        *("assignments", "assignment", "attention", "number", "readers"),
        *("members", "member", "halted", "keys", "issued"),
        *("cycles", "settings", "upkeep"),
        *("log", "check", "person", "held"),
        *("honorarium", "activity", "ledger"),
    )
)
"""What is only shown to people; the types of arguments and answers are those of `lookups`."""

_OF_AN_ACT: Final = RecordForm({})
OF_ADMINISTRATORS: Final = {"service.replaced": RecordForm({})}
"""By act about the organisation: the form of the question for what it needs."""


@dataclass(frozen=True)
class Question(SignedBody, purpose="ask"):
    """What is asked; `certificate` is None where no device signs the question."""

    organization: Id
    service: Id
    certificate: Id | None
    act: Word
    about: Id | None
    at: Moment
    nonce: Nonce
    seen: LastSeen
    arguments: AnyObject


def check_question(question: Question, *, is_signed: bool) -> None:
    """Raise Malformed unless the arguments are those of the act or read; ActUnknown.

    For an act about an assignment, the question has the act's name; for others it is a read. A
    certificate is named exactly if the question is signed, but for one that the root key signs.
    """
    form = _form(question.act)
    if form is not None and not form(question.arguments):
        raise Malformed("arguments")
    if question.act == "read.assignment" and not _names_one(question):
        raise Malformed("about")
    by_device = question.certificate is not None
    if is_signed != by_device and not (is_signed and question.act in OF_THE_ROOT):
        raise Malformed("certificate")


def _form(act: str) -> RecordForm | None:
    """Return the form of the arguments; None for a lookup, which has a type. Raises ActUnknown."""
    if act in LOOKUPS:
        return None
    if is_about_an_assignment(act):
        return _OF_AN_ACT
    found = READS.get(act) or OF_A_NEW_KEY.get(act) or OF_ADMINISTRATORS.get(act)
    if found is None:
        raise ActUnknown("act")
    return found


def is_about_an_assignment(act: str) -> bool:
    """Say whether this is an act of section 9 about one assignment."""
    return act in ACTS and ACTS[act].about == ("assignment",)


def _names_one(question: Question) -> bool:
    """Say whether an assignment is named in one way: by its id, or by what a person typed."""
    typed = any(question.arguments[name] is not None for name in ("number", "prefix"))
    return typed != (question.about is not None)
