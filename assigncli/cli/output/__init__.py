"""What every command shows, in lines, as JSON or as a table, and the two streams it goes to.

Data goes to standard output, everything else to standard error. Linear output is the reference: a
sentence first, then `Label: value` on every line, nothing cut off, the same at any width. Nothing
here decides what to show or reads a clock, and no text from data reaches a terminal unescaped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any, Final, Literal, TextIO
from uuid import UUID

from assigncli.cli.output import warned
from assigncli.cli.output.plain import escaped, lines, one_line
from assigncli.cli.output.words import Calendar, count_in_words, in_words
from assigncli.errors import AssignError
from assigncli.locale import _

Mode = Literal["linear", "json", "table"]

_NO_MORE: Final[Mapping[str, object]] = {}


@dataclass(frozen=True)
class Field:
    """One fact: its JSON name, its translated label, the value, and how the value reads.

    `text` is needed only where the value's own words (module `words`) are not the right ones, as
    for a status. A value of None without a text is left out of lines and null in JSON. A
    tuple of records is one line for each. `shown` of False keeps it for JSON alone.
    """

    name: str
    label: str
    value: object
    text: str | None = None
    shown: bool = True


@dataclass(frozen=True)
class Line:
    """One line of linear output, where it says what JSON has in other words or other parts."""

    label: str
    text: str


@dataclass(frozen=True)
class Record:
    """The facts about one thing, and the lines that say what matters of them.

    Without `lines` every field is a line, in this order; so it is with --full.
    """

    fields: tuple[Field, ...]
    lines: tuple[Line, ...] | None = None


class OutputLostError(Exception):
    """What should be said could not be written. Carries nothing."""


@dataclass
class Output:
    """The two streams, and the way results are put on them.

    `calendar` has the organisation's time zone and today's date there; it is set once the profile
    is open. JSON keeps UTC. `full` shows every field where otherwise lines say what matters.
    """

    mode: Mode
    quiet: bool
    stdout: TextIO
    stderr: TextIO
    calendar: Calendar = field(default_factory=Calendar)
    colour: bool = field(default=False)
    full: bool = field(default=False)
    committed: bool = field(default=False)
    """Whether something was written to a store: if the answer is lost, that must be said."""
    _warnings_due: dict[str, str] = field(default_factory=dict, init=False)
    _warnings_said: set[str] = field(default_factory=set, init=False)

    _settled: list[str] = field(default_factory=list, init=False)

    def result(self, sentence: str, record: Record | None = None) -> None:
        """Say one outcome; under --json its document is the record's fields and `message`."""
        fields = record.fields if record else ()
        if self.mode == "json":
            self._document({"message": sentence, **{each.name: each.value for each in fields}})
            return
        self._say(one_line(sentence), *(self.block(record) if record else ()))

    def listing(
        self,
        name: str,
        sentence: str,
        records: Sequence[Record],
        footer: str | Sequence[str] | None = None,
        extra: Mapping[str, object] = _NO_MORE,
        also: Sequence[str] = (),
    ) -> None:
        """Say how many there are, then each; under --json an object with the list as `name`.

        `also` are sentences after the first, `footer` those at the end, each on its line. `extra`
        is for JSON only: what a footer says in words, such as where the next page begins.
        """
        if self.mode == "json":
            self._document({name: records, **extra})
            return
        self._say(one_line(sentence), *map(one_line, also))
        if records and self.mode == "table":
            self._table(records)
        else:
            for record in records:
                self._say("", *self.block(record))
        if footer:
            self._say("", *map(one_line, [footer] if isinstance(footer, str) else footer))

    def text(self, line: str) -> None:
        """Say a line of data that belongs to no record; left out under --json."""
        if self.mode != "json":
            self._say(*lines(line))

    def plain(self, page: str) -> None:
        """Say a page that is text in every mode: help and the version."""
        self._say(*lines(page))

    def note(self, text: str) -> None:
        """Remark on standard error; left out by --quiet, and by --json for what reads the error."""
        if not self.quiet and self.mode != "json":
            self._remark(one_line(text))

    def remark(self, text: str) -> None:
        """Say on standard error what must be heard, --quiet or not."""
        self._remark(one_line(text))

    def warn(self, text: str) -> None:
        """Warn on standard error, --quiet or not."""
        self._remark(_("Warning: {text}").format(text=one_line(text)))

    def disk_failed(self) -> None:
        """Note that the disk failed although all is saved: JSON says it in its next document."""
        self._note_warning("disk_error", warned.disk_failure())

    def head_unkept(self) -> None:
        """Note that an act is done, and the head it led to not kept; said as `disk_failed` is."""
        self._note_warning("head_unkept", warned.head_unkept())

    def outstanding_unkept(self) -> None:
        """Note that an act could not be noted before it was sent; said as `disk_failed` is."""
        self._note_warning("outstanding_unkept", warned.outstanding_unkept())

    def disagreeing(self, numbers: Sequence[int]) -> None:
        """Warn of assignments that are not as the audit log says; said as `disk_failed` is."""
        if numbers:
            self._note_warning("assignments_differ", warned.disagreeing(numbers))

    def figures_disagreeing(self, handles: Sequence[str]) -> None:
        """Warn of mentors whose figures are not as the audit log says; as `disk_failed`."""
        if handles:
            self._note_warning("figures_differ", warned.figures_disagreeing(handles))

    def settled(self, text: str) -> None:
        """Say what became of an earlier act; a script is told in its next document.

        Said --quiet or not: it is asked about once, and nobody would ever say it again.
        """
        if self.mode == "json":
            self._settled.append(text)
        else:
            self._remark(one_line(text))

    def finish(self) -> None:
        """Say, once, what there is to warn of and is not said yet."""
        for text in self._unsaid().values():
            self.warn(text)
        for text in self._settled:
            self._remark(one_line(text))
        self._settled.clear()

    def _note_warning(self, code: str, text: str) -> None:
        self._warnings_due[code] = text
        if self.mode != "json":
            self.finish()

    def _unsaid(self) -> dict[str, str]:
        """Return the warnings that are not said yet; they count as said then."""
        found = {
            code: text
            for code, text in self._warnings_due.items()
            if code not in self._warnings_said
        }
        self._warnings_said.update(found)
        return found

    def error(self, error: AssignError, trace: Sequence[str] = ()) -> None:
        """Say what is wrong, what to do and the code; `trace` is only where it arose."""
        message, hint = said(error)
        if self.mode == "json":
            about = {"code": error.code, "message": message, "hint": hint}
            more: dict[str, object] = {"trace": list(trace)} if trace else {}
            self._remark(_json({"error": {**about, **more}, **self._warnings()}))
            return
        self._remark(
            _("Error: {message}").format(message=one_line(message)),
            _("What to do: {hint}").format(hint=one_line(hint)),
            _("Code: {code}").format(code=error.code),
            *trace,
        )

    def block(self, record: Record) -> Iterator[str]:
        """Yield the lines of one record, `Label: value`, each safe to show."""
        if record.lines is not None and not self.full:
            for line in record.lines:
                yield from _labelled(line.label, line.text)
            return
        for each in record.fields:
            if not each.shown:
                continue
            if isinstance(each.value, tuple) and any(isinstance(x, Record) for x in each.value):
                yield from self._nested(each)
            elif each.value is not None or each.text is not None:
                yield from _labelled(each.label, self.words(each))

    def words(self, each: Field) -> str:
        """Return how a field's value reads; a table has figures, lines have no bare zero."""
        if each.text is not None:
            return each.text
        if each.value == 0 and type(each.value) is int and self.mode == "linear":
            return count_in_words(0)
        return in_words(each.value, self.calendar)

    def _nested(self, each: Field) -> Iterator[str]:
        records = [record for record in each.value if isinstance(record, Record)]  # type: ignore[attr-defined]
        for number, record in enumerate(records, start=1):
            said = [x for x in record.fields if x.value is not None or x.text is not None]
            yield _("{label} {number} of {count}: {text}").format(
                label=each.label,
                number=number,
                count=len(records),
                text=", ".join(one_line(self.words(x)) for x in said),
            )

    def _table(self, records: Sequence[Record]) -> None:
        from assigncli.cli.output.table_view import render

        self._write(render(records, self.words, self.stdout, colour=self.colour))

    def _document(self, content: Mapping[str, object]) -> None:
        self._write(_json({**content, **self._warnings()}) + "\n")

    def _warnings(self) -> Mapping[str, object]:
        """Return what a document warns of beside its own facts."""
        found = [*self._unsaid().items(), *(("outstanding", text) for text in self._settled)]
        self._settled.clear()
        if not found:
            return _NO_MORE
        return {"warnings": [{"code": code, "message": text} for code, text in found]}

    def _say(self, *said: str) -> None:
        self._write("".join(f"{line}\n" for line in said))

    def _write(self, text: str) -> None:
        """Put it on standard output now.

        Raises OutputLostError where it does not take it, buffered or not; BrokenPipeError where
        the reader went away.
        """
        try:
            self.stdout.write(text)
            self.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError:
            raise OutputLostError from None

    def _remark(self, *said: str) -> None:
        """Say it if it can be said: no act may stop halfway for want of a remark."""
        with suppress(OSError):
            self.stderr.write("".join(f"{line}\n" for line in said))
            self.stderr.flush()


def said(error: AssignError) -> tuple[str, str]:
    """Return what is wrong and what to do; the catalogue is loaded for the first that is said."""
    from assigncli.words.errors import said as sentences

    return sentences(error)


def _labelled(label: str, text: str) -> Iterator[str]:
    """Yield `Label: text`; further lines carry the label too, so that none can pose as a field."""
    first, *others = lines(text)
    yield f"{label}: {first}"
    for number, line in enumerate(others, start=2):
        yield _("{label}, line {number}: {text}").format(label=label, number=number, text=line)


def _json(content: Mapping[str, object]) -> str:
    return escaped(json.dumps(_encoded(content), ensure_ascii=False, indent=2))


def _encoded(value: object) -> object:
    """Return what JSON holds for `value`; raises TypeError for what has no agreed form."""
    for kinds, encode in _FORMS:
        if isinstance(value, kinds):
            return encode(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def _utc(moment: datetime) -> str:
    """Return ISO 8601 in UTC, to the second; raises ValueError without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_FORMS: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any], object]], ...]] = (
    (Enum, lambda value: _encoded(value.value)),
    ((type(None), bool, int, float, str), lambda value: value),
    (Record, lambda value: {each.name: _encoded(each.value) for each in value.fields}),
    (datetime, _utc),
    (date, date.isoformat),
    ((UUID, PurePath), str),
    (Mapping, lambda value: {str(key): _encoded(inner) for key, inner in value.items()}),
    ((set, frozenset), lambda value: sorted((_encoded(each) for each in value), key=str)),
    ((list, tuple), lambda value: [_encoded(each) for each in value]),
)
"""The first that fits counts: an enum may be a text, a datetime is a date."""
