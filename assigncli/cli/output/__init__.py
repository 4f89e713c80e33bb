"""Show every command's result, as lines, JSON or a table, on the two streams.

Data goes to standard output, everything else to standard error. Linear output is the reference: a
sentence first, then `Label: value` on every line, nothing cut off, the same at any width. Nothing
here decides what to show or reads a clock, and no text from data reaches a terminal unescaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, TextIO

from assigncli.cli.output import warned
from assigncli.cli.output.facts import Field, Line, Record, TableColumn
from assigncli.cli.output.json_form import json_document
from assigncli.cli.output.plain import lines, one_line
from assigncli.cli.output.words import Calendar, count_in_words, in_words
from assigncli.errors import AssignError
from assigncli.locale import _

if TYPE_CHECKING:
    from assigncli.cli.output.progress_bar import ProgressBar

__all__ = ["Field", "Line", "Mode", "Output", "OutputLostError", "Record", "said"]

Mode = Literal["linear", "json", "table"]

_NO_MORE: Final[Mapping[str, object]] = {}


class OutputLostError(Exception):
    """Output could not be written. Carries nothing."""


@dataclass
class Output:
    """The two streams, and the way results are written to them.

    `calendar` has the organisation's time zone and today's date there; it is set once the profile
    is open. JSON keeps UTC. `full` shows every field instead of the important lines.
    """

    mode: Mode
    quiet: bool
    stdout: TextIO
    stderr: TextIO
    calendar: Calendar = field(default_factory=Calendar)
    colour: bool = field(default=False)
    full: bool = field(default=False)
    committed: bool = field(default=False)
    """Whether something was written to a store: if the output is lost, the error must say so."""
    _warnings_due: dict[str, str] = field(default_factory=dict, init=False)
    _warnings_said: set[str] = field(default_factory=set, init=False)

    _settled: list[str] = field(default_factory=list, init=False)
    _bar: ProgressBar | None = field(default=None, init=False)

    def result(
        self, sentence: str, record: Record | None = None, columns: Sequence[TableColumn] = ()
    ) -> None:
        """Show one outcome; under --json as a document of the record's fields and `message`.

        `columns` are those of the table that takes the place of the record's steps.
        """
        fields = record.fields if record else ()
        if self.mode == "json":
            self._document({"message": sentence, **{each.name: each.value for each in fields}})
            return
        if record and self._draws(columns):
            about = replace(record, steps=())
            self._drawn([sentence, *self.block(about)], record.within(), columns)
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
        columns: Sequence[TableColumn] = (),
    ) -> None:
        """Show how many there are, then each; under --json an object with the list as `name`.

        `also` are sentences after the first, `footer` those at the end, each on its line. `extra`
        is for JSON only: facts that a footer gives in words, such as where the next page begins.
        `columns` are those of the table; a listing without any is lines under --table too.
        """
        if self.mode == "json":
            self._document({name: records, **extra})
            return
        if self._draws(columns):
            self._drawn([sentence, *also], records, columns)
        else:
            self._say(one_line(sentence), *map(one_line, also))
            for record in records:
                self._say("", *self.block(record))
        if isinstance(footer, str):
            self._say("", one_line(footer))  # unbroken at any width: it has a command to copy
        elif footer and self._draws(columns):
            self._drawn(["", *footer], (), columns)
        elif footer:
            self._say("", *map(one_line, footer))

    def text(self, line: str) -> None:
        """Show a line of data that belongs to no record; left out under --json."""
        if self.mode != "json":
            self._say(*lines(line))

    def plain(self, page: str) -> None:
        """Show a page that is text in every mode: help and the version."""
        self._say(*lines(page))

    def note(self, text: str) -> None:
        """Write a remark to standard error; left out under --quiet and under --json."""
        if not self.quiet and self.mode != "json":
            self._remark(one_line(text))

    def remark(self, text: str) -> None:
        """Write to standard error what must be seen, even under --quiet."""
        self._remark(one_line(text))

    def draw_progress(self, done: int, total: int, said: str) -> bool:
        """Draw a bar under --table on a terminal; say whether it was drawn."""
        if self.mode != "table" or self.quiet:
            return False
        if self._bar is None:
            from assigncli.cli.output.progress_bar import bar_on

            self._bar = bar_on(self.stderr)
        return self._bar is not None and self._bar.draw(done, total, one_line(said))

    def clear_progress(self) -> None:
        """Remove the bar, before anything else is written; `draw_progress` brings it back."""
        if self._bar is not None:
            self._bar.clear()

    def warn(self, text: str) -> None:
        """Write a warning to standard error, even under --quiet."""
        self._remark(_("Warning: {text}").format(text=one_line(text)))

    def disk_failed(self) -> None:
        """Warn that the disk failed although all is saved; JSON has it in its next document."""
        self._note_warning("disk_error", warned.disk_failure())

    def head_unkept(self) -> None:
        """Warn that an act is done but the head after it not kept; as `disk_failed`."""
        self._note_warning("head_unkept", warned.head_unkept())

    def outstanding_unkept(self) -> None:
        """Warn that an act could not be noted before it was sent; as `disk_failed`."""
        self._note_warning("outstanding_unkept", warned.outstanding_unkept())

    def disagreeing(self, numbers: Sequence[int]) -> None:
        """Warn of assignments that differ from the audit log; as `disk_failed`."""
        if numbers:
            self._note_warning("assignments_differ", warned.disagreeing(numbers))

    def figures_disagreeing(self, handles: Sequence[str]) -> None:
        """Warn of mentors whose figures differ from the audit log; as `disk_failed`."""
        if handles:
            self._note_warning("figures_differ", warned.figures_disagreeing(handles))

    def settled(self, text: str) -> None:
        """Report the outcome of an earlier act; JSON has it in its next document.

        Shown even under --quiet: it is asked for once and would never be reported again.
        """
        if self.mode == "json":
            self._settled.append(text)
        else:
            self._remark(one_line(text))

    def finish(self) -> None:
        """Write each warning and report not yet shown, once."""
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
        """Return the warnings not yet shown, and mark them as shown."""
        found = {
            code: text
            for code, text in self._warnings_due.items()
            if code not in self._warnings_said
        }
        self._warnings_said.update(found)
        return found

    def error(self, error: AssignError, trace: Sequence[str] = ()) -> None:
        """Show the error, what to do and the code; `trace` is where it arose."""
        message, hint = said(error)
        if self.mode == "json":
            about = {"code": error.code, "message": message, "hint": hint}
            more: dict[str, object] = {"trace": list(trace)} if trace else {}
            self._remark(json_document({"error": {**about, **more}, **self._warnings()}))
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
            for line in (*record.lines, *record.steps):
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
        """Return a field's value in words; a table has figures, lines have no bare zero."""
        if each.text is not None:
            return each.text
        if each.value == 0 and type(each.value) is int and self.mode == "linear":
            return count_in_words(0)
        return in_words(each.value, self.calendar)

    def _nested(self, each: Field) -> Iterator[str]:
        records = [record for record in each.value if isinstance(record, Record)]  # type: ignore[attr-defined]
        for number, record in enumerate(records, start=1):
            said = [x for x in record.fields if x.shown and (x.value, x.text) != (None, None)]
            yield _("{label} {number} of {count}: {text}").format(
                label=each.label,
                number=number,
                count=len(records),
                text=", ".join(one_line(self.words(x)) for x in said),
            )

    def _draws(self, columns: Sequence[TableColumn]) -> bool:
        """Say whether to draw a table; under --full there are lines, which have room for all."""
        return bool(columns) and self.mode == "table" and not self.full

    def _drawn(
        self, above: Sequence[str], records: Sequence[Record], columns: Sequence[TableColumn]
    ) -> None:
        """Show the lines above a table, broken between words, and the table."""
        from assigncli.cli.output.table_view import page

        self._write(page(above, records, columns, self.stdout, colour=self.colour))

    def _document(self, content: Mapping[str, object]) -> None:
        self._write(json_document({**content, **self._warnings()}) + "\n")

    def _warnings(self) -> Mapping[str, object]:
        """Return a document's warnings, or nothing if there are none."""
        found = [*self._unsaid().items(), *(("outstanding", text) for text in self._settled)]
        self._settled.clear()
        if not found:
            return _NO_MORE
        return {"warnings": [{"code": code, "message": text} for code, text in found]}

    def _say(self, *said: str) -> None:
        self._write("".join(f"{line}\n" for line in said))

    def _write(self, text: str) -> None:
        """Write to standard output now.

        Raises OutputLostError if that fails, buffered or not; BrokenPipeError if the reader closed
        it.
        """
        self.clear_progress()
        try:
            self.stdout.write(text)
            self.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError:
            raise OutputLostError from None

    def _remark(self, *said: str) -> None:
        """Write to standard error if possible: no act may stop halfway for lack of a remark."""
        self.clear_progress()
        with suppress(OSError):
            self.stderr.write("".join(f"{line}\n" for line in said))
            self.stderr.flush()


def said(error: AssignError) -> tuple[str, str]:
    """Return message and hint of an error; the sentences are imported only when needed."""
    from assigncli.words.errors import said as sentences

    return sentences(error)


def _labelled(label: str, text: str) -> Iterator[str]:
    """Yield `Label: text`; further lines have the label too, so that none can pose as a field."""
    first, *others = lines(text)
    yield f"{label}: {first}"
    for number, line in enumerate(others, start=2):
        yield _("{label}, line {number}: {text}").format(label=label, number=number, text=line)
