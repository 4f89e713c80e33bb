"""Compare an assignment's row, keys, wraps, consents and notifications with its entries.

Only good entries count, those that verified. A missing or bad entry is reported by `whole`; a
difference that such an entry may explain is marked `explainable`. What else the manifest of a live
assignment says is checked in `compare_sealed`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from assigncli.domain.actions import ARCHIVING, NAMING, Action
from assigncli.domain.lifecycle import BY_MENTOR, Status
from assigncli.server.projection import assignments as projected
from assigncli.server.projection import keys as register
from assigncli.server.projection.happening import Happening
from assigncli.server.projection.sealed import SealedColumns
from assigncli.server.store import raw
from assigncli.server.store.raw import Raw
from assigncli.server.store.tables import Assignment, EncryptionKey
from assigncli.server.store.wraps import KeyWrap
from assigncli.server.verify import row_events
from assigncli.server.verify.difference import Difference
from assigncli.server.verify.told_row import ToldRow

ASSIGNMENT_DIFFERS: Final = "assignment_differs"
COLUMN_DIFFERS: Final = "assignment_column_differs"
COLUMN_UNRECORDED: Final = "assignment_column_unrecorded"
KEY_MISSING: Final = "encryption_key_missing"
KEY_UNRECORDED: Final = "encryption_key_unrecorded"

_SIGNED_ALONE: Final = projected.SEALED - {"encryption_key_id", "expires_at", "manifest_body"}
"""What only the manifest says; for a live assignment the row is checked against it separately."""
_COUNTED: Final = ("threshold_sequence_number", "honorarium_tier")
_ALTERED: Final = object()
"""Expected of a text that does not fit its digest: nothing equals it."""

Expected = tuple[Any, Happening | None]
"""The value that a column should hold, and the entry that says so; None where no entry does."""


def differences(
    told: ToldRow,
    keys: Sequence[Raw],
    wraps: Sequence[Raw],
    consents: Sequence[Raw],
    notified: Sequence[Raw],
    attempts: Sequence[Raw],
) -> Iterator[Difference]:
    """Yield each column of the assignment and its other rows that the entries contradict.

    An assignment without entries is not compared.
    """
    if not told.steps:
        return
    happened = _by_their_members(told)
    sealed = told.sealed
    expected = _row(told, happened, sealed)
    sent = told.steps.get(Status.DISPATCHED)
    for name, stands in told.row.items():
        told_before = sent is not None and name in _COUNTED
        if name in expected and stands != expected[name][0] and not told_before:
            yield _differs(told, name, stands, expected[name])
    if sent is not None and _is_sent_otherwise(told.row, expected, sent):
        word = Status.DISPATCHED.value
        yield Difference(sent.sequence, ASSIGNMENT_DIFFERS, number=told.number, name=word)
    archived = told.first(*ARCHIVING)
    if archived is not None and told.table is Assignment:
        # A live assignment that an entry says is archived: its brief should be gone.
        yield _differs(told, "archived_at", None, (archived.at, archived))
    yield from _keys(told, happened, sealed, keys)
    yield from _wraps(told, wraps)
    yield from row_events.consents(told, happened, consents)
    yield from row_events.notifications(told, happened, notified)
    yield from row_events.attempts(told, happened, attempts)


def _is_sent_otherwise(row: Raw, expected: Mapping[str, Expected], sent: Happening) -> bool:
    """Say whether recipient or counts differ from the dispatch; these never change afterwards."""
    recipient = sent.id("recipient")
    return row["recipient_user_id"] != (recipient and recipient.hex) or any(
        row[name] != expected[name][0] for name in _COUNTED
    )


def _by_their_members(told: ToldRow) -> list[Happening]:
    """Return the entries except a mentor's steps by another member than the recipient."""
    sent = told.steps.get(Status.DISPATCHED)
    strangers = {
        id(entry)
        for status, entry in told.steps.items()
        if sent is not None and status in BY_MENTOR and entry.actor != sent.id("recipient")
    }
    return [each for each in told.happened if id(each) not in strangers]


def _row(
    told: ToldRow, happened: Sequence[Happening], sealed: SealedColumns | None
) -> dict[str, Expected]:
    """Return what each column of the row should hold."""
    expected: dict[str, Expected] = dict.fromkeys(told.row.keys() - _SIGNED_ALONE, (None, None))
    for each in happened:
        expected |= {name: (value, each) for name, value in projected.change(each).items()}
    naming = told.last(*NAMING)
    expected["manifest_body"] = (sealed and sealed.body, naming)
    if sealed is None:
        expected.pop("expires_at", None)
    elif told.table is Assignment:
        expected["expires_at"] = (sealed.manifest.expires_at, naming)
    else:
        said = projected.signed(sealed)
        if Status.DISPATCHED in told.steps:
            del said["recipient_user_id"]  # the entry of the dispatch has it
        expected |= {name: (value, naming) for name, value in said.items()}
        for name, text in sealed.texts.items():
            if text.digest() != sealed.manifest.texts[name]:
                expected[name] = (_ALTERED, naming)
    ended = next((each for each in reversed(happened) if projected.ends(each)), None)
    if ended is not None and told.table is not Assignment:
        archived, erased = told.first(*ARCHIVING), told.erased
        kept = projected.archived(ended.at, _at(archived), _at(erased))
        by = {"closed_at": ended, "archived_at": archived}
        expected |= {name: (value, by.get(name, erased)) for name, value in kept.items()}
    known = {name: each for name, each in expected.items() if name in told.row}
    values = raw.stored(told.table, {name: value for name, (value, _by) in known.items()})
    return {name: (values[name], by) for name, (_value, by) in known.items()}


def _keys(
    told: ToldRow, happened: Sequence[Happening], sealed: SealedColumns | None, rows: Sequence[Raw]
) -> Iterator[Difference]:
    found = {row["id"]: row for row in rows}
    # The commitment of a live assignment's key is checked with its manifest.
    expected = _register(happened, None if told.table is Assignment else sealed)
    for key_id, columns in expected.items():
        row = found.pop(key_id.hex, None)
        if row is None:
            begun = columns["created_at"][1]
            yield Difference(begun.sequence if begun else 0, KEY_MISSING, number=told.number)
            continue
        values = raw.stored(EncryptionKey, {name: each[0] for name, each in columns.items()})
        for name, (_value, by) in columns.items():
            if row[name] != values[name]:
                place = f"encryption_keys.{name}"
                yield _differs(told, place, row[name], (values[name], by))
        # Only this machine knows that a share is deleted, but that can only be so for a dead key.
        if row["shredded_at"] is not None and row["revoked_at"] is None:
            place = "encryption_keys.shredded_at"
            yield _differs(told, place, row["shredded_at"], (None, None))
    yield from (Difference(0, KEY_UNRECORDED, number=told.number) for _key in found)


def _wraps(told: ToldRow, rows: Sequence[Raw]) -> Iterator[Difference]:
    """Compare when wraps were added; the rest of a wrap is signed by its maker."""
    naming = told.last(*NAMING)
    if naming is None:
        return
    added = {
        UUID(certificate).hex: each
        for each in told.happened
        if each.act == Action.WRAP_ADDED and each.sequence > naming.sequence
        for certificate in each.facts["certificates"]
    }
    for row in rows:
        by = added.get(row["certificate_id"], naming)
        at = raw.stored(KeyWrap, {"created_at": by.at})["created_at"]
        if row["created_at"] != at:
            yield _differs(told, "key_wraps.created_at", row["created_at"], (at, by))


def _register(
    happened: Sequence[Happening], sealed: SealedColumns | None
) -> dict[UUID, dict[str, Expected]]:
    """Return what the register should say about each key that the assignment had."""
    expected: dict[UUID, dict[str, Expected]] = {}
    key_id: UUID | None = None
    for each in happened:
        for id_, columns in register.change(each, key_id).items():
            ours = expected.setdefault(
                id_, {"created_at": (None, None), "revoked_at": (None, None)}
            )
            ours.setdefault("retired_at", (None, None))
            for name, value in columns.items():
                if ours.get(name, (None, None))[0] is None:
                    ours[name] = (value, each)
        if each.act in NAMING:
            key_id = each.id("encryption_key") or key_id
    if sealed is not None and key_id in expected:
        expected[key_id]["share_commitment"] = (sealed.manifest.share_commitment, None)
    return expected


def _at(entry: Happening | None) -> datetime | None:
    return None if entry is None else entry.at


def _differs(told: ToldRow, column: str, stands: Any, expected: Expected) -> Difference:
    value, entry = expected
    # An absent entry may explain a value that no entry speaks of, or that is further on than the
    # last.
    explainable = stands is not None and (
        entry is None
        or column in ("encryption_key_id", "expires_at")
        or (column == "status" and stands not in told.steps)
        or (column == "updated_at" and str(stands) > str(value))
    )
    return Difference(
        0 if entry is None else entry.sequence,
        COLUMN_UNRECORDED if entry is None else COLUMN_DIFFERS,
        number=told.number,
        column=column,
        explainable=explainable,
    )
