"""Show the result of each row that `dispatch --csv` sent, and its progress.

The result is CSV that Excel in Norwegian opens directly, or one JSON document. Progress is plain
lines on standard error: a start line, a heartbeat with a percentage, a closing line. Under --table
on a terminal there is a bar instead of the heartbeat.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from typing import IO, TYPE_CHECKING, Final, Protocol
from uuid import UUID

from assigncli.cli.frame import out
from assigncli.cli.output import Record, views
from assigncli.domain.lifecycle import Status
from assigncli.domain.roster import defuse
from assigncli.errors import InvalidInput
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from assigncli.client.sheet import RowOutcome

DIFFERS: Final = "differs"
"""The status of a row that made no assignment because it differs from the one sent."""
_HEARTBEAT_SECONDS: Final = 5.0
_TOLD_AT_ONCE: Final = 50
_COLUMNS: Final = ("row", "number", "id", "status")
_HEADING: Final = (";".join(_COLUMNS) + "\r\n").encode("utf-8-sig")


class Teller(Protocol):
    """Receives the results of a batch's rows."""

    def __call__(self, batch: list[RowOutcome]) -> None:
        """Write the batch's results."""


@contextmanager
def result(path: Path | None, problems: Callable[[], Sequence[Record]]) -> Iterator[Teller]:
    """Yield the writer of the result: CSV as it goes, or JSON at the end with the problems.

    Excel in Norwegian opens the CSV directly: semicolons, and in a file a byte order mark. On
    standard output there is no mark, so that the next program in a pipe need not know of it; every
    cell is ASCII.
    """
    with ExitStack() as stack:
        tellers: list[Teller] = []
        if path is not None:
            tellers.append(_CsvTeller(stack.enter_context(_open_result(path))))
        if out().mode == "json":
            gathered = _JsonTeller(problems)
            stack.callback(gathered.close)
            tellers.append(gathered)
        elif path is None:
            tellers.append(_CsvTeller(out().stdout))
        yield partial(_tell_all, tellers)


def _tell_all(tellers: Sequence[Teller], batch: list[RowOutcome]) -> None:
    out().clear_progress()  # the result may go to the same terminal
    for tell in tellers:
        tell(batch)


class _CsvTeller:
    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        self._writer.writerow(_COLUMNS)

    def __call__(self, batch: list[RowOutcome]) -> None:
        for each in batch:
            cells = (each.row, each.number, each.id, _status(each))
            self._writer.writerow([defuse(str(cell)) for cell in cells])
        self._file.flush()


class _JsonTeller:
    def __init__(self, problems: Callable[[], Sequence[Record]]) -> None:
        self._outcomes: list[RowOutcome] = []
        self._problems = problems

    def __call__(self, batch: list[RowOutcome]) -> None:
        self._outcomes += batch

    def close(self) -> None:
        """Write everything in one document."""
        out().listing(
            "rows",
            "",
            [_outcome(each) for each in self._outcomes],
            extra={"problems": self._problems()},
        )


def _status(each: RowOutcome) -> str:
    return DIFFERS if each.differs else each.status.value


def _outcome(each: RowOutcome) -> Record:
    return views.record(each, "row number id status new", status=_status(each))


class SheetProgress:
    """A start line, a heartbeat with a percentage, a closing line; on a terminal a bar if asked.

    `first` are the first new assignments, whose mentors may be notified at once. `drafts` is True
    if the rows are saved and not sent.
    """

    def __init__(self, total: int, *, drafts: bool) -> None:
        self.total = total
        self.done = self.new = self.differing = self.sent_before = self.drafts_before = 0
        self.first: list[UUID] = []
        self._drafts = drafts
        self._last = monotonic()
        if drafts:
            said = ngettext("Saving {total} draft.", "Saving {total} drafts.", total)
        else:
            said = ngettext("Sending {total} row.", "Sending {total} rows.", total)
        out().note(said.format(total=total))
        out().draw_progress(0, total, self._so_far())

    def beat(self, batch: list[RowOutcome]) -> None:
        """Count a batch, and show the progress if the last line is some seconds old."""
        before = [each for each in batch if not each.new and not each.differs]
        drafts = sum(each.status is Status.PENDING for each in before)
        self.done += len(batch)
        self.new += sum(each.new for each in batch)
        self.differing += sum(each.differs for each in batch)
        self.sent_before += len(before) - drafts
        self.drafts_before += drafts
        room = _TOLD_AT_ONCE - len(self.first)
        self.first += [each.id for each in batch if each.new][:room]
        if out().draw_progress(self.done, self.total, self._so_far()):
            return
        if monotonic() - self._last >= _HEARTBEAT_SECONDS:
            self._last = monotonic()
            out().note(self._so_far())

    def _so_far(self) -> str:
        return _("{percent} percent, {done} of {total} rows.").format(
            percent=100 * self.done // max(self.total, 1), done=self.done, total=self.total
        )

    def close(self) -> None:
        """Show that all is done: how many are new, were there before, or differ."""
        counted = (
            (
                self.sent_before,
                ngettext("{count} was sent before.", "{count} were sent before.", self.sent_before),
            ),
            (
                self.drafts_before,
                ngettext(
                    "{count} is a draft from before, not sent.",
                    "{count} are drafts from before, not sent.",
                    self.drafts_before,
                ),
            ),
            (
                self.differing,
                ngettext(
                    "{count} differs from what was sent, and is not sent.",
                    "{count} differ from what was sent, and are not sent.",
                    self.differing,
                ),
            ),
        )
        more = [sentence.format(count=count) for count, sentence in counted if count]
        out().note(" ".join([_("Done."), self._made(), *more]))

    def stopped(self) -> str:
        """Return how far it came before somebody stopped it."""
        if not self.done:
            return ngettext(
                "Stopped before the row was taken. Nothing is sent.",
                "Stopped before the first of {total} rows. Nothing is sent.",
                self.total,
            ).format(total=self.total)
        said = (
            _("Stopped after {done} of {total} rows. Those {done} are saved as drafts.")
            if self._drafts
            else _("Stopped after {done} of {total} rows. Those {done} are sent.")
        )
        return said.format(done=self.done, total=self.total)

    def _made(self) -> str:
        if not self.new:
            return _("No new draft is saved.") if self._drafts else _("No new assignment is sent.")
        said = (
            ngettext("{new} draft is saved.", "{new} drafts are saved.", self.new)
            if self._drafts
            else ngettext("{new} assignment is sent.", "{new} assignments are sent.", self.new)
        )
        return said.format(new=self.new)


def _open_result(path: Path) -> IO[str]:
    """Open the file for the result; an existing file is replaced only if it is a result."""
    try:
        if path.is_file() and not _is_result(path):
            raise InvalidInput("result_exists")
        return path.open("w", encoding="utf-8-sig", newline="")
    except (OSError, ValueError):
        raise InvalidInput("result_unwritable") from None


def _is_result(path: Path) -> bool:
    """Say whether a file is empty, or the result of an earlier run of ours."""
    with path.open("rb") as file:
        return file.readline(len(_HEADING)) in (b"", _HEADING)
