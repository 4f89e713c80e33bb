"""A person whose every field is a marker, and a walker that finds the markers in whatever form.

The person is nobody. A marker is found as text in any case and in the encodings a program may
leave behind: other character sets, base64 at any offset, hexadecimal, escapes.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

MARKED: Final = {
    "full_name": "Quæxly Brøndvål",
    "address": "Zyxelgranden 44 Q",
    "postal_code": "0173",
    "city": "Vrøkjlund",
    "phone": "21 98 76 43",
    "medical_summary": "Xanthoquist degenerasjon.\nPlexmarkør, linje to.",
    "practical_notes": "Jwxzqbjelle ved døren.",
}
MARKERS: Final = (
    *("Quæxly", "Brøndvål", "Zyxelgranden", "Vrøkjlund", "21 98 76 43", "21987643"),
    *("Xanthoquist", "Plexmarkør", "Jwxzqbjelle", '"0173"'),
)
"""At least one for each field; four digits alone would be found by chance, so with their quotes."""


def forms(marker: str) -> dict[str, bytes]:
    """Return the bytes to look for, by the name of the form."""
    plain = marker.encode()
    escaped = json.dumps(marker)[1:-1]
    return {
        "utf-8": plain,
        "cp1252": marker.encode("cp1252"),
        "utf-16-le": marker.encode("utf-16-le"),
        "utf-16-be": marker.encode("utf-16-be"),
        "json": escaped.encode(),
        "json in json": json.dumps(escaped)[1:-1].encode(),
        "bytes as text": repr(plain)[2:-1].encode(),
        "percent": quote(marker).encode(),
        "hex": plain.hex().encode(),
        "hex, capitals": plain.hex().upper().encode(),
        "base32": base64.b32encode(plain)[: len(plain) * 8 // 5],
        **{f"base64 at {offset}": _base64(plain, offset) for offset in range(3)},
    }


def _base64(plain: bytes, offset: int) -> bytes:
    """Return the digits of base64 that depend on nothing beside `plain`, `offset` bytes in."""
    digits = base64.b64encode(bytes(offset) + plain)
    return digits[-(-offset * 8 // 6) : (offset + len(plain)) * 8 // 6]


_SOUGHT: Final = tuple(
    (marker, name, form) for marker in MARKERS for name, form in forms(marker).items()
)
_clean: set[bytes] = set()


def traces(content: bytes | str) -> list[tuple[str, str]]:
    """Return which marker is in `content`, and in which form."""
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    lower = data.lower()
    return [
        (marker, name)
        for marker, name, form in _SOUGHT
        if form in data or (name == "utf-8" and form.lower() in lower)
    ]


def leaks(*folders: Path) -> list[tuple[str, str, str]]:
    """Return which files below the folders hold a marker, or are named after one.

    Reading a database's file and closing it again lets go of the locks that this process holds.
    """
    return [
        (str(path), marker, name)
        for folder in folders
        for path in _everything(folder)
        for marker, name in (*_traces_once(_content(path)), *traces(str(path)))
    ]


def _traces_once(content: bytes) -> list[tuple[str, str]]:
    """Return as `traces`, quickly for bytes that were found clean before."""
    digest = hashlib.sha256(content).digest()
    if digest in _clean:
        return []
    found = traces(content)
    if not found:
        _clean.add(digest)
    return found


def _everything(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a journal that was there a moment ago
        return b""
