"""A real terminal to run commands in, for prompts, hidden input and `open` without --reveal."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pexpect

from tests.office import Office


class Terminal:
    """One command in a terminal; what it asks is expected, what is typed is sent."""

    def __init__(self, child: pexpect.spawn[str]) -> None:
        self._child = child
        self.heard = ""

    def expect(self, question: str) -> str:
        """Wait for a prompt that ends in `question`; return what was said before."""
        self._child.expect_exact(question)
        said = str(self._child.before)
        self.heard += said + question
        return said

    def answer(self, question: str, text: str) -> str:
        """Wait for a prompt that ends in `question`, type `text`, return what was said before."""
        said = self.expect(question)
        self._child.sendline(text)
        return said

    def press(self, keys: str) -> None:
        """Press these keys, without Enter."""
        self._child.send(keys)

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._child.sendintr()

    def interrupt_until_the_end(self) -> None:
        """Press Ctrl-C again and again until the command has ended, hearing what it says."""
        while self._child.isalive():
            self.interrupt()
            time.sleep(0.002)
        self.rest()

    def rest(self) -> str:
        """Wait for the end and return what was said since the last answer."""
        self._child.expect(pexpect.EOF)
        said = str(self._child.before).replace("\r\n", "\n")
        self.heard += said
        self._child.close()
        return said

    @property
    def code(self) -> int | None:
        """The exit code, after the end; that of a signal is negative."""
        killed_by = self._child.signalstatus
        return self._child.exitstatus if killed_by is None else -int(killed_by)


@contextmanager
def terminal(
    office: Office,
    line: str,
    *,
    profile: str | None = "anne",
    echo: bool = False,
    columns: int = 80,
    patience: float = 30,
) -> Iterator[Terminal]:
    """Run `assign LINE` in a terminal of its own, on the machine's clock."""
    words = office.command(line, profile=profile)
    child = pexpect.spawn(
        words[0],
        words[1:],
        env={**office.process_env(), "TERM": "xterm"},
        encoding="utf-8",
        timeout=patience,
        echo=echo,
        dimensions=(24, columns),
    )
    try:
        yield Terminal(child)
    finally:
        child.close(force=True)


def require_speakable(said: str) -> None:
    """Hold that nothing was said that a screen reader stumbles over."""
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u2500-\u259f]", said.replace("\r\n", "\n"))
