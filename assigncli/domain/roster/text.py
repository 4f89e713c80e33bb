"""Decode a sheet: find its encoding, and return its text with plain line ends.

Detection reads the whole file in one pass with constant memory, since the first non-ASCII letter
may be in row 90,000. It refuses rather than guesses: a name read in the wrong encoding is a person
who cannot be found. No error here contains text that was read.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain
from typing import Final

from assigncli.errors import InvalidInput


class Encoding(StrEnum):
    """The encoding of a sheet; the value is Python's codec. The last two only if forced."""

    UTF_8 = "utf-8"
    UTF_16_LE = "utf-16-le"
    UTF_16_BE = "utf-16-be"
    CP1252 = "cp1252"
    CP850 = "cp850"
    MAC_ROMAN = "mac-roman"


_NAMES: Final = {
    **{str(each): each for each in Encoding},
    "utf8": Encoding.UTF_8,
    "utf-8-sig": Encoding.UTF_8,
    "utf-16": Encoding.UTF_16_LE,
    "utf16": Encoding.UTF_16_LE,
    "windows-1252": Encoding.CP1252,
    "iso-8859-1": Encoding.CP1252,
    "latin-1": Encoding.CP1252,
    "latin1": Encoding.CP1252,
    "macintosh": Encoding.MAC_ROMAN,
}
_BYTE_ORDER: Final = "\ufeff"
_MARKS: Final = {
    codecs.BOM_UTF8: Encoding.UTF_8,
    codecs.BOM_UTF16_LE: Encoding.UTF_16_LE,
    codecs.BOM_UTF16_BE: Encoding.UTF_16_BE,
}
_UTF_16: Final = (Encoding.UTF_16_LE, Encoding.UTF_16_BE)
_FIRST_BYTES: Final = 4
_NOT_CP1252: Final = re.compile(
    rb"[\x81\x8d\x8f\x90\x9d]"  # no characters at all
    rb"|\xc3[\x85\x86\x98\xa5\xa6\xb8]"  # a Norwegian letter in UTF-8
    # One in Excel's "CSV (MS-DOS)" or "CSV (Macintosh)"; cp1252 has a dagger or the like there.
    rb"|(?<=[A-Za-z])[\x86\x8c\x9b\xbe\xbf\xaf](?=[a-z])"
)
_SPAN: Final = 3  # bytes: the longest of these patterns, with what it looks behind and ahead at


def encoding_named(name: str) -> Encoding:
    """Return the encoding called `name`; raise InvalidInput `encoding_unknown`."""
    found = _NAMES.get(name.strip().lower().replace("_", "-"))
    if found is None:
        raise InvalidInput("encoding_unknown", names=tuple(Encoding))
    return found


def encoding_of(chunks: Iterable[bytes], forced: Encoding | None) -> Encoding:
    """Read the whole file and return its encoding: forced, by its mark, UTF-8, or else cp1252.

    Raises InvalidInput `file_empty`; `encoding_wrong`, naming the line, if the text does not match
    the forced or marked encoding; `encoding_unclear` if it is neither UTF-8 nor cp1252, or a
    mixture of the two.
    """
    blocks = _blocks(chunks)
    first = next(blocks, b"")
    if not first:
        raise empty()
    found = _told(first, forced)
    whole = chain([first], blocks)
    if found is None:
        return _guessed(whole)
    for _text in text_of(whole, found):
        pass
    return found


def text_of(chunks: Iterable[bytes], encoding: Encoding) -> Iterator[str]:
    """Yield the text, strictly decoded, without byte order mark and with LF as the only line end.

    Raises InvalidInput `encoding_wrong`, naming the line.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    line, begun = 1, False
    for chunk in chain(chunks, (None,)):
        failed, text = _decoded(decoder, chunk, encoding)
        if text and not begun:
            text, begun = text.removeprefix(_BYTE_ORDER), True
        plain = ends.decode(text, final=chunk is None)
        line += plain.count("\n")
        if failed:  # raised here: the decoder's own error, in the chain, would carry the text
            raise _wrong(encoding, line)
        yield plain


def empty() -> InvalidInput:
    """Return the error for an empty file."""
    return InvalidInput("file_empty")


def _decoded(
    decoder: codecs.IncrementalDecoder, chunk: bytes | None, encoding: Encoding
) -> tuple[bool, str]:
    """Return whether decoding failed, and the text, in that case up to the failure."""
    try:
        return False, decoder.decode(chunk or b"", chunk is None)
    except UnicodeDecodeError as error:
        return True, error.object[: error.start].decode(encoding, "ignore")


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks, the first ones joined until they have the file's first four bytes."""
    head = b""
    rest = iter(chunks)
    while len(head) < _FIRST_BYTES and (chunk := next(rest, None)) is not None:
        head += chunk
    yield head
    yield from rest


def _told(first: bytes, forced: Encoding | None) -> Encoding | None:
    """Return the encoding that is forced or that the first bytes show."""
    marked = next((each for mark, each in _MARKS.items() if first.startswith(mark)), None)
    if forced is not None:
        return marked if forced in _UTF_16 and marked in _UTF_16 else forced
    if marked is None and first[1:2] == b"\0":
        return Encoding.UTF_16_LE
    if marked is None and first[:1] == b"\0":
        return Encoding.UTF_16_BE
    return marked


def _guessed(chunks: Iterable[bytes]) -> Encoding:
    """Try strict UTF-8 on the whole file, then cp1252 if nothing in it speaks against that."""
    odd, tail = False, b""

    def watched() -> Iterator[bytes]:
        nonlocal odd, tail
        for chunk in chunks:
            yield chunk
            odd = odd or (not chunk.isascii() and bool(_NOT_CP1252.search(tail + chunk)))
            tail = (tail + chunk)[1 - _SPAN :]

    watching = watched()
    failed = None
    try:
        for _text in text_of(watching, Encoding.UTF_8):
            pass
    except InvalidInput as error:
        failed = error
    if failed is None:
        return Encoding.UTF_8
    for _chunk in watching:
        pass
    if odd:
        raise _unclear(failed)
    return Encoding.CP1252


def _unclear(failed: InvalidInput) -> InvalidInput:
    return InvalidInput(
        "encoding_unclear", line=failed.facts["line"], encoding=failed.facts["encoding"]
    )


def _wrong(encoding: Encoding, line: int) -> InvalidInput:
    return InvalidInput("encoding_wrong", line=line, encoding=encoding)
