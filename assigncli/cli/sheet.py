"""`dispatch --csv`: check the sheet, show its problems, send it.

Problems go to standard error; the result for each row sent is made in `sheet_result`. No cell of
the sheet is ever shown.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assigncli.cli.frame import out
from assigncli.cli.frame.process import interrupt_once
from assigncli.cli.input.sources import opened_source
from assigncli.cli.output.sheet_problems import (
    DIFFERS,
    header_told,
    left_out,
    note_check,
    record_of,
    say_check,
    tell_problem,
)
from assigncli.cli.output.sheet_result import SheetProgress, result
from assigncli.cli.session import opened
from assigncli.cli.session.telling import tell_several_at_once
from assigncli.domain.roster import RowProblem, survey
from assigncli.errors import Interrupted, InvalidInput, PartlyDone
from assigncli.locale import _

if TYPE_CHECKING:
    from types import FrameType

    from assigncli.cli.session.in_process import Session
    from assigncli.client.sheet import Checked, Chunks, Sheet

_CHUNK: Final = 64 * 1024
MAX_STREAM: Final = 64_000_000
"""The most bytes of a sheet from a pipe or a device, which is kept in memory."""


@dataclass(frozen=True)
class Wishes:
    """The options of `dispatch --csv`."""

    source: str
    dry_run: bool
    skip_invalid: bool
    result: Path | None
    delimiter: str | None
    encoding: str | None
    mentor: str | None
    no_dispatch: bool


def run(wishes: Wishes) -> None:
    """Check the sheet, and send it unless a problem or an option prevents that.

    Raises InvalidInput `rows_invalid`, RuleRefused `reporting_cycle_active`, PartlyDone,
    Interrupted, and as reading and sending do.
    """
    from assigncli.client import sheet as rows

    chunks = _opener(wishes.source)
    _require_other_file(wishes)
    with opened(keys=True) as session, header_told():
        layout = survey(
            chunks(),
            encoding=wishes.encoding,
            delimiter=wishes.delimiter,
            mentor=wishes.mentor,
        )
        sheet = rows.prepare(session.client, chunks, layout)
        out().note(_("Checking every row. Nothing is sent yet."))
        problems: list[RowProblem] = []
        checked = rows.check(session.client, sheet, partial(tell_problem, problems))
        note_check(checked)
        _warn_of_plaintext(wishes.source)
        bad, differing = checked.bad, checked.differing
        stopped = None if wishes.no_dispatch else rows.stopped(session.client)
        sends = not wishes.dry_run and stopped is None and (wishes.skip_invalid or not bad)
        if not sends:
            say_check(checked.rows, checked.good, problems, stopped)
        else:
            left, differing = _send(session, sheet, wishes, checked, problems)
            bad += left
    if stopped is not None:
        raise stopped
    if bad or differing:
        raise left_out(bad, differing, sent=sends)


def _send(
    session: Session, sheet: Sheet, wishes: Wishes, checked: Checked, problems: list[RowProblem]
) -> tuple[int, int]:
    """Send the rows; return how many have become bad since the check, and how many differ.

    Raises PartlyDone `result_unwritable` if the file of --result cannot be written, and
    Interrupted.
    """
    total = checked.good + checked.differing
    progress = SheetProgress(total, drafts=wishes.no_dispatch)
    try:
        stopped = _send_batches(session, sheet, wishes, progress, problems)
    except OSError:
        if wishes.result is None:
            raise
        raise PartlyDone("result_unwritable", "later") from None
    if stopped and progress.done < total:
        hint = _("Run the same command again to go on. No row is sent twice.")
        raise Interrupted("interrupted", "told", message=progress.stopped(), hint=hint)
    progress.close()
    if progress.first and not wishes.no_dispatch:
        tell_several_at_once(session, progress.first)
    return total - progress.done, progress.differing


def _send_batches(
    session: Session,
    sheet: Sheet,
    wishes: Wishes,
    progress: SheetProgress,
    problems: list[RowProblem],
) -> bool:
    """Send batch after batch, and return whether the user asked to stop."""
    from assigncli.client import sheet as rows

    told = [each for each in problems if each.code == DIFFERS]
    with (
        result(wishes.result, lambda: list(map(record_of, problems))) as tell,
        _stoppable() as asked_to_stop,
    ):
        for batch in rows.send(
            session.client, sheet, dispatch=not wishes.no_dispatch, stop=lambda: asked_to_stop.set
        ):
            for problem in (rows.difference(sheet, each) for each in batch if each.differs):
                if problem not in told:  # another run sent another row since the check
                    tell_problem(problems, problem)
            tell(batch)
            progress.beat(batch)
    return asked_to_stop.set


@dataclass
class _Stop:
    """Whether the user has asked to stop after the current batch."""

    set: bool = False


@contextmanager
def _stoppable() -> Iterator[_Stop]:
    """Let the first Ctrl-C stop after the current batch, the second one at once."""
    stop = _Stop()

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.set:
            interrupt_once(number, frame)
        stop.set = True
        out().note(_("Stopping after the rows in hand."))

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        if signal.getsignal(signal.SIGINT) is ask:
            signal.signal(signal.SIGINT, before)


def _opener(source: str) -> Chunks:
    """Return a function that opens the sheet; a stream is kept in memory, never on disk."""
    path = Path(source)
    if source == "-":
        held = sys.stdin.buffer.read(MAX_STREAM + 1)
    elif _is_stream(path):
        held = b"".join(_chunks(path, MAX_STREAM + 1))
    else:
        return partial(_chunks, path)
    if len(held) > MAX_STREAM:
        raise _too_large()
    return lambda: (held[at : at + _CHUNK] for at in range(0, len(held), _CHUNK))


def _is_stream(path: Path) -> bool:
    """Say whether the path is a pipe or a device, which can be read only once."""
    try:
        return path.exists() and not path.is_file()
    except (OSError, ValueError):
        return False


def _chunks(path: Path, limit: int | None = None) -> Iterable[bytes]:
    """Yield the file's content; for a stream, the first `limit` bytes."""
    left = limit
    try:
        with opened_source(path) as file:
            while chunk := file.read(_CHUNK if left is None else min(_CHUNK, left)):
                left = None if left is None else left - len(chunk)
                yield chunk
    except (OSError, ValueError):
        raise InvalidInput("sheet_unreadable") from None


def _too_large() -> InvalidInput:
    return InvalidInput("sheet_too_large", limit=MAX_STREAM // 1_000_000)


def _require_other_file(wishes: Wishes) -> None:
    """Refuse to write the result over the sheet itself."""
    if wishes.result is None or wishes.source == "-":
        return
    try:
        same = wishes.result.exists() and wishes.result.samefile(wishes.source)
    except (OSError, ValueError):
        return
    if same:
        raise InvalidInput("result_is_sheet")


def _warn_of_plaintext(source: str) -> None:
    if source != "-" and out().mode != "json":
        out().warn(_("The sheet is still readable on your disk. Delete it when you are done."))
