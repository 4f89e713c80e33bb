"""Hold an assignment's row, and those of its keys, against what its signed entries say.

Every moment, who took each step, where it stands, which key it has and what became of that. Of the
good entries only: that an entry is missing or not good is for `verify`, and what such a one may
have said is marked as `explainable`. What the coordinator's manifest holds is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.actions.difference import Difference
from assigncli.actions.record import details_of, id_in
from assigncli.crypto.statement import stamp
from assigncli.domain.audit import Action
from assigncli.domain.lifecycle import TERMINAL, Status
from assigncli.protocol.manifest import Manifest, manifest_hash
from assigncli.store import compare
from assigncli.store.compare import Key, Said, Subject

ASSIGNMENT_DIFFERS: Final = "assignment_differs"
COLUMN_DIFFERS: Final = "assignment_column_differs"
COLUMN_UNRECORDED: Final = "assignment_column_unrecorded"
KEY_MISSING: Final = "encryption_key_missing"

_KEYED: Final = (Action.ASSIGNMENT_CREATED.value, Action.ASSIGNMENT_EDITED.value)
OTHERS: Final = (
    Action.ASSIGNMENT_CREATED,
    Action.ASSIGNMENT_EDITED,
    Action.ASSIGNMENT_REMINDED,
    Action.CONSENT_COMPLETED,
    Action.PAYLOAD_SHREDDED,
    Action.ASSIGNMENT_ARCHIVED,
)
"""The entries that are read here beside those of the steps."""

_ACTORS: Final = {
    "recalled_by_user_id": Status.RECALLED,
    "cancelled_by_user_id": Status.CANCELLED,
}
_MOMENTS: Final = {
    "created_at": Status.PENDING,
    "dispatched_at": Status.DISPATCHED,
    "delivered_at": Status.DELIVERED,
    "first_read_at": Status.READ,
    "acknowledged_at": Status.ACKNOWLEDGED,
    "contact_made_at": Status.CONTACT_MADE,
    "completed_at": Status.COMPLETED,
    "recalled_at": Status.RECALLED,
    "cancelled_at": Status.CANCELLED,
}
_BY_MENTOR: Final = frozenset(
    {Status.READ, Status.ACKNOWLEDGED, Status.CONTACT_MADE, Status.COMPLETED}
)
_TOUCHING: Final = (
    Action.ASSIGNMENT_EDITED.value,
    Action.ASSIGNMENT_REMINDED.value,
    Action.CONSENT_COMPLETED.value,
)
_EMPTYING: Final = (Action.PAYLOAD_SHREDDED.value, Action.ASSIGNMENT_ARCHIVED.value)

Expected = tuple[Any, Said | None]
"""What a column should hold, and the entry that says so; None where no entry speaks of it."""


@dataclass(frozen=True)
class Told:
    """An assignment, its steps by status, in order, and its other entries, in order."""

    subject: Subject
    steps: Mapping[str, Said]
    others: Sequence[Said]
    organization_id: UUID

    def last(self, *actions: str) -> Said | None:
        """Return the last of the other entries of these kinds."""
        found = [each for each in self.others if each.action in actions]
        return found[-1] if found else None

    @property
    def keyed(self) -> list[Said]:
        """The entries that say which key it has, in order."""
        return [each for each in self.others if each.action in _KEYED]


def keys_of(tx: Transaction, others: Mapping[Any, Sequence[Said]]) -> dict[str, Key]:
    """Return the register's rows of all keys that these entries name, by id."""
    named = (_key(each) for entries in others.values() for each in entries)
    return compare.keys(tx, {key for key in named if key is not None})


def differences(told: Told, keys: Mapping[str, Key]) -> Iterator[Difference]:
    """Yield each column of the assignment and of its keys that does not say what the entries say.

    An assignment that no entry speaks of is not compared.
    """
    if not told.steps:
        return
    told = replace(told, steps=_by_their_members(told.steps))
    for column, expected in _expected(told).items():
        stands = told.subject.columns.get(column, told.subject.number)
        if stands != expected[0]:
            yield _differs(told, column, stands, expected)
    yield from _dispatch(told)
    yield from _archive(told)
    yield from _keys(told, keys)


def _by_their_members(steps: Mapping[str, Said]) -> dict[str, Said]:
    """Return the steps without those of a mentor whom the assignment was not sent to."""
    sent = steps.get(Status.DISPATCHED)
    recipient = None if sent is None else _id(sent, "recipient")
    return {
        status: entry
        for status, entry in steps.items()
        if sent is None or status not in _BY_MENTOR or entry.actor_id == recipient
    }


def _expected(told: Told) -> dict[str, Expected]:
    """Return what each column of the row should hold."""
    steps = list(told.steps.values())
    touched = sorted([*steps, *(each for each in told.others if each.action in _TOUCHING)], key=_at)
    created = told.steps.get(Status.PENDING)
    sent = told.steps.get(Status.DISPATCHED)
    keyed = told.keyed[-1] if told.keyed else None
    ending = steps[-1] if list(told.steps)[-1] in TERMINAL else None
    expected: dict[str, Expected] = {
        "number": (created and details_of(created.details).get("number"), created),
        "status": (list(told.steps)[-1], steps[-1]),
        "dispatched_by_user_id": _actor(sent or created),
        "reporting_cycle_id": (sent and _id(sent, "cycle"), sent),
        "encryption_key_id": (keyed and _key(keyed), keyed),
        "expires_at": _expiry(told, sent or keyed),
        "manifest_body": _manifest(told),
        "reminder_sent_at": _moment(told.last(Action.ASSIGNMENT_REMINDED)),
        "consent_completed_at": _moment(told.last(Action.CONSENT_COMPLETED)),
        "archived_at": _moment(told.last(Action.ASSIGNMENT_ARCHIVED)),
        "closed_at": _moment(ending),
        "updated_at": _moment(touched[-1]),
        **{column: _moment(told.steps.get(status)) for column, status in _MOMENTS.items()},
        **{column: _actor(told.steps.get(status)) for column, status in _ACTORS.items()},
    }
    compared = {*told.subject.columns, "number"}
    return {column: each for column, each in expected.items() if column in compared}


def _dispatch(told: Told) -> Iterator[Difference]:
    """Compare whom it was sent to and how it was counted; nothing of it changes afterwards."""
    entry, subject = told.steps.get(Status.DISPATCHED), told.subject
    if entry is None:
        return
    details = details_of(entry.details)
    said = (_id(entry, "recipient"), details.get("count"), details.get("tier"))
    stands = (
        subject.recipient_user_id,
        subject.threshold_sequence_number,
        subject.honorarium_tier,
    )
    if said != stands:
        number = _number(subject.number)
        yield Difference(
            entry.sequence, ASSIGNMENT_DIFFERS, number=number, name=Status.DISPATCHED.value
        )


def _archive(told: Told) -> Iterator[Difference]:
    """Yield a live assignment that an entry says is archived: its brief was to be gone."""
    entry = told.last(Action.ASSIGNMENT_ARCHIVED)
    if entry is not None and "archived_at" not in told.subject.columns:
        yield _differs(told, "archived_at", None, (entry.at, entry))


def _keys(told: Told, keys: Mapping[str, Key]) -> Iterator[Difference]:
    keyed = told.keyed
    for entry, following in zip(keyed, [*keyed[1:], None], strict=False):
        key = _key(entry)
        if key is None:
            continue
        if key not in keys:
            number = told.subject.number
            yield Difference(entry.sequence, KEY_MISSING, number=_number(number))
            continue
        for column, expected in _expected_of_key(told, following).items():
            stands = getattr(keys[key], column)
            if stands != expected[0]:
                yield _differs(told, f"encryption_keys.{column}", stands, expected)
        yield from _traces(told, keys[key])


def _expected_of_key(told: Told, replaced: Said | None) -> dict[str, Expected]:
    completed = told.steps.get(Status.COMPLETED)
    early = next(
        (
            entry
            for status, entry in told.steps.items()
            if status in TERMINAL and status != Status.COMPLETED
        ),
        None,
    )
    emptied = next((each for each in told.others if each.action in _EMPTYING), None)
    created = told.steps.get(Status.PENDING)
    return {
        "organization_id": (told.organization_id.hex, created),
        "assignment_id": (told.subject.id, created),
        "retired_at": _moment(None if replaced else completed),
        "revoked_at": _moment(replaced or early or emptied),
    }


def _traces(told: Told, key: Key) -> Iterator[Difference]:
    """Yield what is said of a share's end where its key is not even dead."""
    if key.shredded_at is not None and key.revoked_at is None:
        yield _differs(told, "encryption_keys.shredded_at", key.shredded_at, (None, None))


def _differs(told: Told, column: str, stands: Any, expected: Expected) -> Difference:
    value, entry = expected
    # What no entry speaks of, or goes further than the last one does, an absent one may have said.
    explainable = stands is not None and (
        entry is None
        or column in ("encryption_key_id", "expires_at")
        or (column == "status" and stands not in told.steps)
        or (column == "updated_at" and str(stands) > str(value))
    )
    return Difference(
        0 if entry is None else entry.sequence,
        COLUMN_UNRECORDED if entry is None else COLUMN_DIFFERS,
        number=_number(told.subject.number),
        column=column,
        explainable=explainable,
    )


def _moment(entry: Said | None) -> Expected:
    return (None if entry is None else entry.at), entry


def _actor(entry: Said | None) -> Expected:
    return (None if entry is None else entry.actor_id), entry


def _manifest(told: Told) -> Expected:
    """Return the manifest of the row, once it is the one that was named last; else None."""
    named = [entry for entry in (*told.others, *told.steps.values()) if _named(entry)]
    last = max(named, key=_at, default=None)
    body = told.subject.columns.get("manifest_body")
    if not isinstance(body, bytes) or manifest_hash(body).hex() != _named(last):
        body = None
    return body, last


def _named(entry: Said | None) -> Any:
    return None if entry is None else details_of(entry.details).get("manifest")


def _expiry(told: Told, entry: Said | None) -> Expected:
    """Return the date that the manifest of the row says; nothing where it is not the one named."""
    body, _entry = _manifest(told)
    try:
        expires_at = Manifest.decode(body or b"").expires_at
    except ValueError:
        return told.subject.columns.get("expires_at"), entry
    return (None if expires_at is None else stamp(expires_at)), entry


def _key(entry: Said) -> str | None:
    return _id(entry, "encryption_key")


def _id(entry: Said, name: str) -> str | None:
    found = id_in(entry.details, name)
    return None if found is None else found.hex


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _at(entry: Said) -> int:
    return int(entry.sequence)
