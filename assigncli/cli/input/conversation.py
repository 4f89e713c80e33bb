"""A conversation: ask questions in order, check each answer, show a review, then save.

It knows questions and answers, not their purpose. `back` at any question goes to the one before.
Answers are kept in memory until they are saved or given up, even if saving is refused; they are
shown only on the terminal and written nowhere.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

from assigncli.cli.frame import out
from assigncli.cli.input.prompts import BACK, choose, forget_typed_ahead, is_back, read_line, say
from assigncli.cli.output import Field, Record, said
from assigncli.errors import AssignError, Interrupted, InvalidInput, StoreUnavailable
from assigncli.locale import _, ngettext, pgettext

Result = TypeVar("Result")
Answers = dict[str, str]
Misfit = tuple[str, AssignError]

NOTHING: Final = "-"
_GIVE_UP: Final = 2
_KEEP, _CHANGE_ONE, _ADD, _ALL_AGAIN = range(4)
_TERMINAL_CUTS_AT: Final = {"linux": 4095, "darwin": 1023}
"""The most bytes of a line that a terminal takes; the kernel silently drops the rest."""


@dataclass(frozen=True)
class Prompt:
    """One question: `check` returns the answer to keep, or raises the reason for refusing it.

    `label` is the question, `noun` the answer's name in the review, `shown` its text there.
    `before` are lines shown first, such as choices. An optional question takes a hyphen for
    nothing. For one with several lines each line is checked by itself, so that only a refused one
    is typed again.
    """

    name: str
    label: str
    noun: str
    check: Callable[[str], str]
    before: tuple[str, ...] = ()
    optional: bool = False
    several_lines: bool = False
    shown: Callable[[str], str] = str


def converse(
    questions: Sequence[Prompt],
    given: Mapping[str, str],
    misfit: Callable[[Mapping[str, str]], Misfit | None],
    save: Callable[[Mapping[str, str]], Result],
    saving: str,
) -> Result:
    """Ask for answers not yet given, show all for review, and return the result of `save`.

    `misfit` returns an answer that does not fit the others, with the reason: it is asked again.
    `saving` is the text of the review's first choice. If `save` is refused, the person tries again
    or changes an answer, with everything kept.

    Raises Interrupted if the person stops, AssignError `not_confirmed` if they give up.
    """
    _require_unrecorded()
    talk = _Talk(tuple(questions), dict(given), misfit)
    with talk.stopping():
        say(_("Type back to go to the question before. Nothing is saved until the end."))
        talk.ask_the_rest()
        talk.review(saving)
    while True:
        try:
            return save(talk.answers)
        except Interrupted:
            raise
        except AssignError as refusal:
            with talk.stopping():
                talk.refused(refusal, saving)


class _Talk:
    def __init__(
        self,
        questions: tuple[Prompt, ...],
        answers: Answers,
        misfit: Callable[[Mapping[str, str]], Misfit | None],
    ) -> None:
        self.answers = answers
        self._questions = questions
        self._unfinished: Answers = {}
        self._misfit = misfit
        self._in_doubt: AssignError | None = None

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """Report for a stopped conversation that nothing was saved, if that is certain."""
        try:
            yield
        except (KeyboardInterrupt, Interrupted):
            if self._in_doubt is not None:
                raise self._in_doubt from None
            raise Interrupted("interrupted", "not_saved") from None

    def ask_the_rest(self) -> None:
        """Ask until every question has an answer and the answers fit each other."""
        self._settle()
        while (place := self._first_open()) is not None:
            self._ask_from(place)
            self._settle()

    def review(self, saving: str) -> None:
        """Show every answer until the person chooses to save; raise `not_confirmed` otherwise."""
        while True:
            say(_("This is what you have given."), *out().block(self._record()))
            forget_typed_ahead()  # input typed for a question must not decide here
            choices = (saving, _("change an answer"), _("give up"))
            chosen = _chosen(_("What do you want to do?"), choices)
            if not self._followed(chosen):
                return

    def refused(self, refusal: AssignError, saving: str) -> None:
        """Show why saving was refused; return if the person wants to try again."""
        if refusal.code == "store_outcome_unknown":
            self._in_doubt = refusal
        say(*said(refusal), _("Code: {code}").format(code=refusal.code))
        choices = (_("try again"), _("change an answer"), _("give up"))
        passes = isinstance(refusal, StoreUnavailable)
        chosen = _chosen(
            _("What you typed is kept. What do you want to do?"),
            choices,
            0 if passes else 1,
        )
        if self._followed(chosen):
            self.review(saving)

    def _followed(self, chosen: int) -> bool:
        """Do what was chosen: False for going on, True after a change."""
        if chosen == 0:
            return False
        if chosen == _GIVE_UP:
            if self._in_doubt is not None:
                raise self._in_doubt
            raise AssignError("not_confirmed", "gave_up")
        if chosen == BACK:
            self._ask_from(len(self._questions) - 1)
        else:
            self._change()
        self.ask_the_rest()
        return True

    def _change(self) -> None:
        nouns = [question.noun for question in self._questions]
        place = _chosen(_("Which answer?"), (*nouns, _("none of them")), len(nouns))
        if 0 <= place < len(nouns):
            self._ask(self._questions[place])

    def _ask_from(self, place: int) -> None:
        """Ask this question; `back` asks the one before it, and so on."""
        while not self._ask(self._questions[place]):
            if place == 0:
                say(_("This is the first question."))
            place = max(place - 1, 0)

    def _ask(self, question: Prompt) -> bool:
        """Ask until the answer is accepted; False for `back`, with everything kept."""
        unfinished = self._unfinished.get(question.name)
        kept = self.answers.get(question.name) if unfinished is None else unfinished
        default = _KEEP if unfinished is None else _ADD
        while True:
            if question.several_lines:
                typed = self._lines(question, kept, default)
            else:
                typed = _typed(question, kept)
            if typed is None:
                return False
            try:
                self.answers[question.name] = question.check(typed)
            except AssignError as refusal:
                say(*said(refusal))
                if question.several_lines:
                    kept, default = typed or None, _CHANGE_ONE
            else:
                self._unfinished.pop(question.name, None)
                return True

    def _lines(self, question: Prompt, kept: str | None, default: int) -> str | None:
        """Return several lines: those kept, changed or added to, or new ones; None for `back`."""
        before = [] if kept is None else kept.split("\n")
        lines = list(before)
        chosen = _choose_what_of(question, lines, default) if lines else _ALL_AGAIN
        if chosen == _KEEP:
            return kept
        if chosen == _CHANGE_ONE:
            return _with_one_changed(question, lines)
        if chosen == _ALL_AGAIN:
            lines = []
        if chosen != BACK and _more_lines(question, lines):
            return "\n".join(lines)
        if lines and lines != before:
            self.answers.pop(question.name, None)
            self._unfinished[question.name] = "\n".join(lines)
        return None

    def _settle(self) -> None:
        """Remove each answer that does not fit the others, and show the reason."""
        while (found := self._misfit(self.answers)) is not None:
            name, refusal = found
            say(*said(refusal))
            del self.answers[name]

    def _first_open(self) -> int | None:
        places = (
            place for place, each in enumerate(self._questions) if each.name not in self.answers
        )
        return next(places, None)

    def _record(self) -> Record:
        return Record(
            tuple(
                Field(
                    each.name,
                    each.noun,
                    each.shown(self.answers[each.name]) or pgettext("value", "none"),
                )
                for each in self._questions
            )
        )


def _typed(question: Prompt, kept: str | None) -> str | None:
    """Return the line typed, or the kept one; None for `back`."""
    say(*question.before)
    label = question.label
    keeping = _("{label} (press Enter to keep your answer): ").format(label=label)
    while True:
        answer = _line(f"{label}: " if kept is None else keeping).strip()
        if is_back(answer):
            return None
        if question.optional and answer == NOTHING:
            return ""
        if answer or kept is not None:
            return answer or kept
        say(_("An answer is needed."))


def _more_lines(question: Prompt, lines: list[str]) -> bool:
    """Add lines as they are typed, up to an empty one; False for `back`."""
    say(_("{label}. Finish with an empty line.").format(label=question.label))
    while True:
        line = _line("")
        if is_back(line):
            return False
        if not line.strip() and lines:
            return True
        if not line.strip():
            say(_("An answer is needed."))
        elif _passes(question, line):
            lines.append(line)


def _passes(question: Prompt, line: str) -> bool:
    """Check a line by itself; if it is refused, show why, and that the others are kept."""
    try:
        question.check(line)
    except AssignError as refusal:
        say(*said(refusal), _("The other lines are kept. Type this one again."))
        return False
    if len(line.encode()) >= _TERMINAL_CUTS_AT.get(sys.platform, sys.maxsize):
        say(_("The terminal has cut this line, and its end is missing. Type the rest now."))
    return True


def _choose_what_of(question: Prompt, lines: Sequence[str], default: int) -> int:
    count = len(lines)
    return _chosen(
        ngettext(
            "{label}: {count} line is kept.", "{label}: {count} lines are kept.", count
        ).format(label=question.label, count=count),
        (_("keep it"), _("change one line"), _("add lines"), _("type all of it again")),
        default,
    )


def _with_one_changed(question: Prompt, lines: list[str]) -> str:
    """Return the lines with one typed again, or removed if nothing is typed."""
    say(*(f"{number}: {line}" for number, line in enumerate(lines, start=1)))
    places = {str(place + 1): place for place in range(len(lines))}
    ask = _("Number of the line, from 1 to {last}: ").format(last=len(lines))
    while not is_back(number := _line(ask).strip()) and number not in places:
        say(_("Choose one of the numbers."))
    while number in places:
        line = _line(_("The line as it is to be, or Enter to leave it out: "))
        if is_back(line):
            break
        if not line.strip() or _passes(question, line):
            lines[places[number] : places[number] + 1] = [line] if line.strip() else []
            break
    return "\n".join(lines)


def _chosen(question: str, options: Sequence[str], default: int = 0) -> int:
    return _as_text(lambda: choose(question, options, default, back=True))


def _line(label: str) -> str:
    return _as_text(lambda: read_line(label))


def _as_text(ask: Callable[[], Result]) -> Result:
    """Ask; if the input is not text ask again, since it must not end the conversation."""
    while True:
        try:
            return ask()
        except InvalidInput as refusal:
            say(*said(refusal))


def _require_unrecorded() -> None:
    """Refuse if the review would go into a file or a pipe: it shows what was dictated."""
    stream = out().stderr
    try:
        stream.fileno()
    except (OSError, ValueError):
        return  # in memory
    if not stream.isatty():
        raise InvalidInput("input_needed", "redirected")
