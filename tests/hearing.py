"""What may be said to the ear (SPEC section 10): one check for each promise, line by line.

Payloads, titles, notes, paths and invitations are data and may be as long as they are; the rest is
ours. Nothing here runs a command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from tests.story import FINGERPRINT, INVITATION, Heard, helped

LONGEST: Final = 160

_PATH: Final = re.compile(r"(?<!\w)/\S+")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HASH: Final = re.compile(r"\b(?=[0-9]*[a-f])[0-9a-f]{12,}\b|[A-Za-z0-9+/]{40,}={0,2}")
_ZERO: Final = re.compile(r"(?<![\w.,:/-])0(?![\w:/-]|[.,]\d)")
_MIDNIGHT: Final = re.compile(r"\b(?:00:00|24:00)\b")
_READ_OUT: Final = (
    *("join", "member approve", "member invite", "key list", "key rotate"),
    *("audit checkpoint", "audit cosign", "serve --new-key"),
)
"""Where a fingerprint is said, for somebody to read it out or compare it."""

_COMMAND: Final = re.compile(r"\bassign [a-z]+.*?(?=\. [A-ZÆØÅ]|\.$|, |$)")
_PROFILE: Final = re.compile(r"\b[Pp]rofil(?:e|en)?:? \w+")
_OPENING: Final = r"(?:[A-ZÆØÅ0-9«\"(]|--|assign\b|[a-z]+_[a-z_]+\b|\{)"
SENTENCE: Final = re.compile(rf"{_OPENING}.*[.!?]")
_LABELLED: Final = re.compile(rf"{_OPENING}[^:]{{0,60}}: \S.*")
_SETTING: Final = re.compile(r"(?:language|output)(?:: \S.*| (?:is|er) .*\.)")
"""A setting is said with its own name first, which is spelt as it must be typed."""
_TYPED: Final = re.compile(r"[a-zæøå-]+ (?:is|are|has|er|har|venter) .*\.")
"""An error may begin with the handle that was typed."""


def _our_part(line: str) -> str:
    return _PATH.sub("", INVITATION.sub("", line))


def too_long(heard: Heard) -> Iterator[str]:
    """Yield each line of ours over 160 characters."""
    return (line for line in _lines(heard) if len(_our_part(line)) > LONGEST)


def machine_names(heard: Heard) -> Iterator[str]:
    """Yield each line with a uuid, a hash or key, or a fingerprint that nobody is to read out."""
    read_out = heard.line.words.startswith(_READ_OUT)
    invites = heard.line.words.startswith("member invite")
    for line in _lines(heard):
        said = INVITATION.sub("", line) if invites else line  # which is there to be copied
        if _UUID.search(said) or _HASH.search(_PATH.sub("", said)):
            yield line
        if FINGERPRINT.search(line) and not read_out:
            yield line


def bare_zeros(heard: Heard) -> Iterator[str]:
    """Yield each line that says 0 where a word is heard better."""
    return (line for line in _lines(heard) if _ZERO.search(line))


def midnights(heard: Heard) -> Iterator[str]:
    """Yield each line that names midnight: a day ends with its last day."""
    return (line for line in _lines(heard) if _MIDNIGHT.search(line))


def fragments(heard: Heard) -> Iterator[str]:
    """Yield each line that is no sentence, no heading with a title and no labelled value.

    An error is three lines, what is wrong, what to do and the code: the first two are sentences.
    """
    if helped(heard.line):
        return
    results, remarks = (each.splitlines() for each in (heard.result.stdout, heard.result.stderr))
    if failed(heard):
        wrong, what_to_do, _code = remarks[-3:]
        del remarks[-3:]
        if not _is_error(wrong):
            yield wrong
        if not SENTENCE.fullmatch(what_to_do.partition(": ")[2]):
            yield what_to_do
    yield from (line for line in (*results, *remarks) if line and not _is_whole(line))


def _is_error(line: str) -> bool:
    said = line.partition(": ")[2]
    return bool(SENTENCE.fullmatch(said) or _TYPED.fullmatch(said))


def _is_whole(line: str) -> bool:
    return any(form.fullmatch(line) for form in (SENTENCE, _LABELLED, _SETTING))


def gaps(heard: Heard) -> Iterator[str]:
    """Yield each line that a reader stumbles over: doubled, leading or trailing spaces."""
    for line in _lines(heard):
        if "  " in line or line != line.strip():
            yield line


_WITH_HANDLES = ("member list", "privacy export")
"""Where a handle is shown: to be typed, or as what is held about a member."""


def handles(known: dict[str, str]) -> Callable[[Heard], Iterator[str]]:
    """Return a check for handles, given with the names they are of.

    They belong into `member list` and into the commands one types; a result says the name. What an
    error names is what was typed, but never both.
    """
    words = {handle: re.compile(rf"\b{handle}\b") for handle in known}

    def check(heard: Heard) -> Iterator[str]:
        if heard.line.words.startswith(_WITH_HANDLES) or helped(heard.line):
            return
        for line in _lines(heard):
            said = _PROFILE.sub("", _COMMAND.sub("", _our_part(line)))
            for handle, name in known.items():
                both = name in said or not failed(heard)
                if both and words[handle].search(said):
                    yield line

    return check


def failed(heard: Heard) -> bool:
    """Say whether an error was said; exit code 5 is a result of which part failed."""
    return heard.result.code not in (0, 5)


def _lines(heard: Heard) -> list[str]:
    return heard.result.said.splitlines()
