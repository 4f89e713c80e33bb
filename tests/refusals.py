"""What every refusal has in common: said in three lines, the same in JSON, and nothing written."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests import slots
from tests.office import PERSON, Office, Result

FOEDSELSNUMMER = "15857010032"
"""A synthetic national identity number: 80 is added to the month, as the tax administration does.

Check digits by the weights 3 7 6 1 8 9 4 5 2 and 5 4 3 2 7 6 5 4 3 2, modulo 11.
"""


def refused(
    office: Office,
    line: str,
    code: str,
    exit_code: int = 6,
    *,
    profile: str | None = "anne",
    stdin: str | bytes = b"",
    writes: bool = False,
    unsaid: tuple[str, ...] = (),
) -> Result:
    """Run a command that must be refused, in words and in JSON, and leave everything as it was.

    `writes` is for a refusal that records something, as a refused `open` does; `unsaid` are texts
    that must not be said, beside everything in the synthetic person's payload.
    """
    before = everything(office)
    plain = office.refused(line, code, exit_code, profile=profile, stdin=stdin)
    require_three_lines(plain.stderr, code)
    spoken = office.run(f"{line} --json", profile=profile, stdin=stdin)
    assert (spoken.code, spoken.stdout) == (exit_code, "")
    require_one_document(spoken.stderr, plain.stderr)
    for value in (*unsaid, *(PERSON[name] for name in PERSON if name != "city")):
        assert value not in plain.stderr + spoken.stderr
    if not writes:
        assert everything(office) == before
    return plain


def require_three_lines(stderr: str, code: str) -> None:
    """Hold that an error is what is wrong, what to do and the code, each on its line."""
    lines = [line for line in stderr.splitlines() if not line.startswith("The private keys will")]
    wrong, todo, last = lines
    assert wrong.startswith("Error: ")
    assert todo.startswith("What to do: ")
    assert last == f"Code: {code}"
    for sentence in (wrong, todo):
        assert sentence.endswith((".", "?")) or ": " in sentence.partition(": ")[2]
        assert "\x1b" not in sentence
        assert "\t" not in sentence
    assert "Traceback" not in stderr


def require_one_document(document: str, plain: str) -> None:
    """Hold that the JSON error is one document that says what the three lines say."""
    error = json.loads(document)
    assert list(error) == ["error"]
    assert list(error["error"]) == ["code", "message", "hint"]
    for value in error["error"].values():
        assert value in plain


def everything(office: Office) -> dict[str, object]:
    """Return all that the office holds: every row of its databases, every other file, every key.

    But not how much of the log each profile has seen, which what only reads keeps too.

    Rows and not bytes, since a transaction that was rolled back may leave its pages in another
    order; an empty journal is what SQLite leaves of it. Of the vault all but its deleted slots: a
    share that was taken back leaves one.
    """
    keyring = office.folder / "keyring.json"
    keys = json.loads(keyring.read_bytes()).get("assigncli") if keyring.exists() else None
    files = [path for path in office.files() if not path.name.endswith("-journal")]
    files = [path for path in files if path.parent.name != "heads" and path.suffix != ".head"]
    return {**{str(path): _content(path) for path in files}, "keyring": keys or {}}


def _content(path: Path) -> object:
    content = path.read_bytes()
    if content.startswith(slots.BEGINNING):
        kept = [(each.key, each.share, each.what) for each in slots.slots(path)]
        return content[: slots.SLOT], [each for each in kept if each[-1] != "deleted"]
    if not content.startswith(b"SQLite format 3"):
        return content
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        return list(db.iterdump())


def rows(office: Office, query: str, *parameters: object) -> list[Any]:
    """Ask the store something by raw SQL."""
    with closing(sqlite3.connect(office.store)) as db:
        return db.execute(query, parameters).fetchall()


def damage(office: Office, *statements: str, guards: tuple[str, ...] = ()) -> None:
    """Change the store by raw SQL, with these of its triggers taken out of the way for it."""
    with closing(sqlite3.connect(office.store)) as db:
        kept = [
            db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
            for name in guards
        ]
        for name in guards:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
        for sql in kept:
            db.execute(sql)
        db.commit()


def shares(office: Office) -> int:
    """Return how many shares the vault keeps."""
    return len(slots.shares(office.vault))
