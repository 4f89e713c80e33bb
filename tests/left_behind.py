"""What a command that was killed has left, in a form in which two runs can be compared.

Everything in the office's folder counts: which files and folders there are, who may read them, and
what is in them to the last column, except that

- what each run draws or signs for itself (ids, hashes, signatures, ciphertexts, the names of
  temporary files) counts by its length alone, unless it was there before the command;
- a database counts as whoever opens it next will find it. A hot journal, which is there or not, is
  rolled back in a copy, since to open the database in its place would roll it back there;
- of the vault each slot counts, and what is behind the last whole one.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

from tests.office import Office
from tests.slots import slots

Left = frozenset[tuple[str, tuple[object, ...]]]
"""Each file and folder by its name, and what is so about it."""

_DRAWN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}")
_TEMPORARY = re.compile(r"[^/]*\.tmp$")
_JOURNAL = "-journal"
_NOISE = ".ballast"


class Comparison:
    """Between copies of one office; what is drawn and was in that office is known."""

    def __init__(self, office: Office) -> None:
        self._known: set[str] = set()
        self._databases: dict[bytes, tuple[str, ...]] = {}
        for path in office.folder.rglob("*"):
            self._known |= {*_DRAWN.findall(str(path))}
            for text in _content(office, path):
                self._known |= {*_DRAWN.findall(text)}

    def left_in(self, office: Office) -> Left:
        """Return what is in the office's folder; nothing in it is changed."""
        return frozenset(
            (self._name(office, path), (path.stat().st_mode, *self._facts(office, path)))
            for path in office.folder.rglob("*")
        )

    def _name(self, office: Office, path: Path) -> str:
        name = path.relative_to(office.folder).as_posix()
        return self._masked(_TEMPORARY.sub("*.tmp", name))

    def _facts(self, office: Office, path: Path) -> tuple[object, ...]:
        if path != office.store:
            return tuple(self._masked(text) for text in _content(office, path))
        with _cool(path) as readable:
            key = sha256(readable.read_bytes()).digest()
            if key not in self._databases:  # most points leave the same bytes
                rows = _rows(readable)
                self._databases[key] = tuple(sorted(self._masked(row) for row in rows))
        return self._databases[key]

    def _masked(self, text: str) -> str:
        def shown(found: re.Match[str]) -> str:
            drawn = found.group()
            return drawn if drawn in self._known else f"<{len(drawn)}>"

        return _DRAWN.sub(shown, text)


def _content(office: Office, path: Path) -> Iterator[str]:
    """Yield what a file holds."""
    if path.is_dir():
        return
    if path == office.store:
        yield from _rows(path)
    elif path == office.vault:
        yield f"{path.stat().st_size} bytes"
        yield from (f"{each.what} {each.key.hex()} {each.share.hex()}" for each in slots(path))
    elif path.name.endswith(_JOURNAL):
        yield "hot" if path.stat().st_size else "cold"
    elif path.name.endswith(_NOISE):
        yield f"{path.stat().st_size} bytes"
    else:
        text = path.read_bytes().decode("utf-8", "backslashreplace")
        yield text.replace(str(office.folder), "")


@contextmanager
def _cool(database: Path) -> Iterator[Path]:
    """Yield a path at which the database can be read as it is: a copy where its journal is hot."""
    journal = database.with_name(f"{database.name}{_JOURNAL}")
    if not journal.exists() or not journal.stat().st_size:
        yield database
        return
    with tempfile.TemporaryDirectory(dir=database.parents[2]) as folder:
        shutil.copy(journal, folder)
        copy = Path(shutil.copy(database, folder))
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("SELECT 1 FROM sqlite_master").fetchall()
        yield copy


def _rows(database: Path) -> Iterator[str]:
    """Yield each row of each table, triggers and all; nobody is kept from writing meanwhile."""
    with closing(sqlite3.connect(f"{database.as_uri()}?immutable=1", uri=True)) as connection:
        found = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
        for kind, name, sql in found:
            yield f"{kind} {name} {sql}"
            if kind == "table":
                for row in connection.execute(f"SELECT * FROM {name}"):
                    yield f"{name} {[_shown(value) for value in row]}"


def _shown(value: object) -> object:
    """Return bytes as hexadecimal digits, those of a signed body as its text."""
    if not isinstance(value, bytes):
        return value
    return value.decode("ascii", "backslashreplace") if value[:2] == b'{"' else value.hex()
