"""Answer a shell's question how a line may go on.

The question is in two variables: the shell's name, and the line up to the cursor. The answer's
first line is `words` or `files`; each further line is a word, a tab, and words about it. Whatever
is wrong, the answer is empty, nothing is printed as an error, and the exit code is 0.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from assigncli import locale
from assigncli.cli.completion import line_place, offered, typed
from assigncli.cli.input.spoken_language import spoken_language
from assigncli.profiles import preferences

SHELL: Final = "_ASSIGN_COMPLETE"
LINE: Final = "_ASSIGN_LINE"


def run() -> None:
    """Write the answer to standard output, and end."""
    try:
        said = "\n".join(answered(os.environ)) + "\n"
        sys.stdout.buffer.write(said.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    except (Exception, KeyboardInterrupt):
        os._exit(0)  # not even a broken pipe is worth a word in the middle of somebody's line
    sys.exit(0)


def answered(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of an answer; raises whatever is wrong."""
    line = typed.split(environ.get(LINE, ""))
    known = line_place.pages()
    place = line_place.find(known, line.words[1:], line.current)
    chosen = preferences(place.given.get("--profile") or None, environ)
    lang = place.given.get("--lang")
    locale.use(lang or spoken_language(chosen.language, environ))
    found = offered.offered(known, place, line.current, environ)
    if isinstance(found, offered.Files):
        yield "files"
        return
    yield "words"
    before = _before(environ[SHELL], line.current, place)
    for each in found:
        if _plain(each.word) == each.word:  # another word would stand on the line
            yield f"{before}{each.word}\t{_plain(each.about)}"


def _before(shell: str, current: str, place: line_place.LinePlace) -> str:
    """Return what stands before a value in the same word; only fish replaces the whole word."""
    name, equals, _value = current.partition("=")
    in_one = equals and place.param is not None and name in place.param.names
    return f"{name}=" if in_one and shell == "fish" else ""


def _plain(text: str) -> str:
    """Return the text with a space for every sign that a terminal would obey."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
