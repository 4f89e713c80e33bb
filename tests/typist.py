"""A person at the terminal, in this process: each answer is typed when it is asked for."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable

from tests.office import Office, Result

Answer = str | Callable[[], str]


class Typist(io.StringIO):
    """Standard input that is a terminal; after the last answer the input ends (Ctrl-D).

    A callable is called when its answer is asked for, for what somebody else does meanwhile.
    """

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self.left = list(answers)

    def isatty(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:
        if not self.left:
            return ""
        answer = self.left.pop(0)
        return (answer if isinstance(answer, str) else answer()) + "\n"


def typed(office: Office, line: str, *answers: Answer, profile: str = "anne") -> Result:
    """Run `assign LINE` with these answers; every one of them must have been asked for."""
    typist = Typist(*answers)
    result = office.run_with([*shlex.split(line), "--profile", profile], typist)
    assert not typist.left, f"{typist.left}\n{result.said}"
    return result
