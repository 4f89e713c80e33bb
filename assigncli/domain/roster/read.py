"""Turn one row's cells into one assignment, or into all the problems with them.

Each value is read by the function that a single assignment uses; this module only combines them and
adds the column to their refusals. It opens nothing and remembers no row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Final, TypeVar

from assigncli.domain.characters import is_blank
from assigncli.domain.deadlines import parse_day, require_deadline_positive
from assigncli.domain.lifecycle import Priority
from assigncli.domain.member_names import require_handle
from assigncli.domain.payload import Payload
from assigncli.domain.personal_data import (
    require_no_personal_data,
    require_note,
    require_reference_length,
    require_title,
)
from assigncli.domain.roster.cells import plain
from assigncli.domain.roster.columns import OPTIONAL, Column
from assigncli.domain.roster.row import BadRow, RowProblem, SheetRow
from assigncli.domain.rules import Rule
from assigncli.errors import AssignError, InvalidInput, RuleRefused

T = TypeVar("T")

MAX_EXTERNAL_ID: Final = 200

_PAYLOAD: Final = {
    Column.NAME: "full_name",
    Column.GIVEN_NAME: "full_name",
    Column.FAMILY_NAME: "full_name",
    Column.ADDRESS: "address",
    Column.POSTAL_CODE: "postal_code",
    Column.CITY: "city",
    Column.PHONE: "phone",
    Column.MEDICAL_SUMMARY: "medical_summary",
    Column.PRACTICAL_NOTES: "practical_notes",
}
_NEUTRAL: Final = {
    "full_name": "-", "address": "-", "postal_code": "0001", "city": "-", "phone": "22222222",
    "medical_summary": "-",
}  # fmt: skip
"""A valid payload for testing one field at a time, and for filling the empty ones."""
_FREE_TEXT: Final = {
    Column.TITLE: "title",
    Column.REFERENCE: "subject_reference",
    Column.COORDINATOR_NOTES: "coordinator_notes",
}
_PRIORITIES: Final = {
    "normal": Priority.NORMAL, "vanlig": Priority.NORMAL,
    "urgent": Priority.URGENT, "haster": Priority.URGENT,
}  # fmt: skip
_ANSWERS: Final = {
    **dict.fromkeys(("ja", "yes", "1", "x", "true", "sann"), True),
    **dict.fromkeys(("nei", "no", "0", "false", "usann"), False),
}
"""Excel in Norwegian writes true and false as SANN and USANN."""
_DAYS: Final = re.compile("[0-9]{1,6}")
_ZERO_LOST: Final = re.compile("[0-9]{1,3}")


def read_row(
    place: int,
    cells: Mapping[Column, str],
    *,
    headings: Mapping[Column, str],
    mentor: str | None,
    today: date,
    was_good: bool = False,
) -> SheetRow | BadRow:
    """Return the row that a spreadsheet shows at `place`, or every problem in it.

    `headings` has the sheet's names of its columns. `mentor` replaces a missing column; `today` is
    the organisation's local day. With `was_good`, which means that these same cells passed on this
    day, the text rules are not applied again.
    """
    texts = {column: plain(cell) for column, cell in cells.items()}
    reading = _Reading(place, texts, headings)
    payload = reading.payload_as_before() if was_good else reading.payload()
    row = SheetRow(
        row=place,
        payload=payload,
        mentor=mentor or reading.value(Column.MENTOR, require_handle) or "",
        title=reading.value(Column.TITLE, _title) or "",
        reference=reading.value(Column.REFERENCE, _reference),
        priority=reading.value(Column.PRIORITY, _priority) or Priority.NORMAL,
        deadline_days=reading.value(Column.DEADLINE_DAYS, _deadline_days),
        expires=reading.value(Column.EXPIRES, partial(_expires, today)),
        consent=reading.value(Column.CONSENT, _consent) or False,
        coordinator_notes=reading.value(Column.COORDINATOR_NOTES, _note),
        external_id=reading.value(Column.EXTERNAL_ID, _external_id),
    )
    if not was_good:
        reading.require_no_personal_data(payload, today)
    return BadRow(place, reading.problems()) if reading.found else row


class _Reading:
    """The texts of one row, and the problems found so far."""

    def __init__(
        self, place: int, texts: Mapping[Column, str], headings: Mapping[Column, str]
    ) -> None:
        self._place = place
        self._texts = texts
        self._headings = headings
        self.found: list[tuple[Column | None, RowProblem]] = []
        for column, text in texts.items():
            if not text and column not in OPTIONAL:
                self._refuse(column, _empty())

    def problems(self) -> tuple[RowProblem, ...]:
        """Return the problems in the order of the columns, those of the whole row first."""
        order = list(Column)
        found = sorted(self.found, key=lambda each: order.index(each[0]) if each[0] else -1)
        return tuple(problem for _column, problem in found)

    def value(self, column: Column, read: Callable[[str], T]) -> T | None:
        """Return the value of a cell; None if it is empty, faulty or absent."""
        text = self._texts.get(column)
        if not text:
            return None
        try:
            return read(text)
        except AssignError as error:
            self._refuse(column, error)
            return None

    def payload(self) -> Payload:
        """Return the payload; if it is faulty, its good fields, to check the free text against."""
        fields = self._fields()
        found = len(self.found)
        try:
            payload = Payload.from_fields({**_NEUTRAL, **fields})
        except AssignError as error:
            good = {
                name: fields[name]
                for column, name in _PAYLOAD.items()
                if self.value(column, partial(_try_field, name))
            }
            if len(self.found) == found:  # each is good by itself: together they are too large
                self._refuse(None, error)
            fields = good
        else:
            if fields.keys() >= _NEUTRAL.keys():
                return payload
        return Payload(**{**dict.fromkeys(_NEUTRAL, ""), **fields})

    def payload_as_before(self) -> Payload:
        """Return the payload of a row that passed before; raises as `Payload.from_fields`."""
        return Payload.from_accepted(self._fields())

    def _fields(self) -> dict[str, str]:
        """Return the filled fields of the payload; a name in two columns is joined."""
        fields: dict[str, str] = {}
        for column, name in _PAYLOAD.items():
            if text := self._texts.get(column):
                fields[name] = f"{fields[name]} {text}" if name in fields else text
        return fields

    def require_no_personal_data(self, payload: Payload, today: date) -> None:
        """Check title, reference and notes (rule `title_no_pii`), together, then one by one.

        A text already refused, as too long or unreadable, is not checked further.
        """
        refused = {column for column, _problem in self.found}
        texts = {
            name: text
            for column, name in _FREE_TEXT.items()
            if (text := self._texts.get(column)) and column not in refused
        }
        try:
            require_no_personal_data(texts, payload, today=today)
        except RuleRefused:
            for column, name in _FREE_TEXT.items():
                if name in texts:
                    self.value(column, partial(_require_none_in, name, payload, today))

    def _refuse(self, column: Column | None, error: AssignError) -> None:
        problem = self._of_halves(error) if column is None else self._of(column, error)
        self.found.append((column, problem))

    def _of(self, column: Column, error: AssignError) -> RowProblem:
        return RowProblem(self._place, self._headings[column], error.code, error.why, error.facts)

    def _of_halves(self, error: AssignError) -> RowProblem:
        """Return the problem of a row whose cells are good individually."""
        if error.code != "payload_has_national_id":
            return RowProblem(self._place, None, error.code, error.why, error.facts)
        first, last = (self._headings[each] for each in (Column.GIVEN_NAME, Column.FAMILY_NAME))
        return RowProblem(self._place, None, error.code, "halves", {"first": first, "last": last})


def _try_field(name: str, text: str) -> str:
    if name == "postal_code" and _ZERO_LOST.fullmatch(text):
        raise InvalidInput("postal_code_zero_lost")
    Payload.from_fields({**_NEUTRAL, name: text})
    return text


def _require_none_in(name: str, payload: Payload, today: date, text: str) -> None:
    require_no_personal_data({name: text}, payload, today=today)


def _title(text: str) -> str:
    require_title(text)
    return text


def _reference(text: str) -> str:
    require_reference_length(text)
    return text


def _note(text: str) -> str:
    require_note(text)
    return text


def _priority(text: str) -> Priority:
    found = _PRIORITIES.get(text.casefold())
    if found is None:
        raise InvalidInput("priority_unknown")
    return found


def _consent(text: str) -> bool:
    found = _ANSWERS.get(text.casefold())
    if found is None:
        raise InvalidInput("consent_unknown")
    return found


def _deadline_days(text: str) -> int:
    if not _DAYS.fullmatch(text.removeprefix("-")):
        raise InvalidInput("deadline_days_invalid")
    days = int(text)
    require_deadline_positive(days)
    return days


def _expires(today: date, text: str) -> date:
    day = parse_day(text)
    if day < today:
        raise RuleRefused(Rule.EXPIRES_AT_IN_FUTURE)
    return day


def _external_id(text: str) -> str:
    if len(text) > MAX_EXTERNAL_ID or not text.isprintable() or is_blank(text):
        raise InvalidInput("external_id_invalid", limit=MAX_EXTERNAL_ID)
    return text


def _empty() -> InvalidInput:
    return InvalidInput("cell_empty")
