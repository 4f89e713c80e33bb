"""Canary: what is in a payload is in no file, no output but `open`'s, no error and no argument.

Every field is a marker, looked for in many forms in every file under the office's folder - home,
key store, journals - and in the system's folder for temporary files, also in the middle of writing.
The file that the payload comes from lies elsewhere: it is the coordinator's own. Terminals and
killed processes are in `test_canary_processes`.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from assigncli.client import create
from assigncli.server.store import audit_log
from tests.canary import MARKED, MARKERS, forms, leaks, traces
from tests.office import ACCEPT, Office, Result
from tests.quick import only

pytestmark = pytest.mark.usefixtures("temporary")

SAID_AS = ("", " --json", " --debug", " --json --debug")


@pytest.fixture
def watched(office: Office, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office that is walked in the middle of each transaction too, journal and all."""
    append = audit_log.append

    def append_and_look(*args: object, **rows: object) -> None:
        append(*args, **rows)  # type: ignore[arg-type]
        assert leaks(office.folder, temporary) == []

    monkeypatch.setattr(audit_log, "append", append_and_look)
    return office


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """The payload's file, which lies outside the office."""
    path = tmp_path / "elsewhere" / "person.json"
    path.parent.mkdir()
    path.write_text(json.dumps(MARKED, ensure_ascii=False), encoding="utf-8")
    return path


def silent(
    office: Office, line: str, *, code: int = 0, profile: str = "anne", stdin: bytes = b""
) -> Result:
    """Run a command that may not say a marker, and leaves none behind."""
    result = office.run(line, profile=profile, stdin=stdin)
    assert result.code == code, f"{line}\n{result.said}"
    assert traces(result.said) == [], line
    assert leaks(office.folder, Path(tempfile.gettempdir())) == [], line
    return result


# The canary sings


@pytest.mark.parametrize("form", forms("Brøndvål"))
@pytest.mark.parametrize("marker", ["Brøndvål", "Jwxzqbjelle", '"0173"'])
def test_a_planted_marker_is_found(office: Office, marker: str, form: str) -> None:
    assert leaks(office.folder) == []
    planted = office.home / "profiles" / "deep" / ".hidden"
    planted.parent.mkdir()
    planted.write_bytes(b"\x00\xff before " + forms(marker)[form] + b" after \x00")
    assert (str(planted), marker, form) in leaks(office.folder)


def test_a_marker_in_a_database_or_a_file_s_name_is_found(office: Office) -> None:
    with closing(sqlite3.connect(office.store)) as db:
        db.execute("UPDATE organizations SET name = 'for QUÆXLY, vrøkjlund'")
        db.commit()
    assert {marker for _path, marker, _form in leaks(office.folder)} >= {"Vrøkjlund"}
    (office.home / "Xanthoquist.log").touch()
    assert "Xanthoquist" in {marker for _path, marker, _form in leaks(office.folder)}


def test_each_field_has_its_marker() -> None:
    for name, text in MARKED.items():
        assert traces(json.dumps({name: text}, ensure_ascii=False)), name
    found = {marker for marker, _form in traces(json.dumps(MARKED, ensure_ascii=False))}
    assert found == set(MARKERS) - {"21987643"}


# Through a whole life


def test_from_create_to_completed(watched: Office, person: Path) -> None:
    office = watched
    line = f"create --to kari --title Visit --payload {person} --consent-required --reference R-1"
    silent(office, line)
    silent(office, f"{line} --json")
    silent(office, f"edit 1 --payload {person} --title 'Home visit' --debug")
    silent(office, "edit 1 --priority urgent --to ola")
    silent(office, "edit 1 --to kari --json")
    silent(office, f"{line} --dispatch --json --debug")
    silent(office, "dispatch 1 --json")
    following(office)
    silent(office, "inbox --json", profile="kari")
    for said in SAID_AS:
        silent(office, f"open 1 --reveal{said}", profile="kari", code=6)
        silent(office, f"open 1{said}", profile="kari", code=2)
        silent(office, f"open 1 --reveal{said}", profile="ola", code=4)
    silent(office, f"consent 1 {ACCEPT} --json", profile="kari")
    brief = office.ok("open 1 --reveal", profile="kari")
    shown = {marker for marker, _form in traces(brief.stdout)}
    assert shown == set(MARKERS) - {"21987643", '"0173"'}
    assert traces(brief.stderr) == []
    assert traces(office.ok("open 1 --reveal --json", profile="kari").stdout)
    for step in ("ack 1", "contact 1 --json", "complete 1 --debug"):
        silent(office, step, profile="kari")
    silent(office, "recall --yes 2")
    silent(office, "cancel --yes 3 --reason 'Moved'")
    following(office)


@pytest.mark.slow
def test_from_standard_input(watched: Office, person: Path) -> None:
    payload = person.read_bytes()
    for said in SAID_AS:
        silent(watched, f"create --to kari --title Visit --payload -{said}", stdin=payload)
    silent(watched, "edit 1 --payload -", stdin=payload)
    silent(watched, "create --to kari --title Visit --payload - --dispatch", stdin=payload)


def following(office: Office) -> None:
    """Ask all that can be asked about assignments without opening one."""
    for line in ("list", "show 1", "status", "audit log", "audit verify"):
        for said in ("", " --json --debug"):
            silent(office, line + said)
    silent(office, "store check")
    silent(office, "show 1 --json", profile="kari")


def test_the_marker_in_the_title_is_refused_without_repeating_it(
    watched: Office, person: Path
) -> None:
    for name in ("--title", "--reference", "--coordinator-notes", "--internal-notes"):
        title = "" if name == "--title" else "--title Visit"
        for said in SAID_AS:
            line = f"create --to kari {title} {name} 'To Brøndvål' --payload {person}{said}"
            silent(watched, line, code=6)


# Wrong payloads


def with_field(**changes: object) -> bytes:
    """Return the marked person with other fields."""
    return json.dumps({**MARKED, **changes}, ensure_ascii=False).encode()


WRONG: dict[str, tuple[int, bytes]] = {
    "cut off": (2, with_field()[:-2]),
    "no JSON": (2, "Quæxly Brøndvål, Zyxelgranden 44 Q, 21987643".encode()),
    "a list": (2, b"[" + with_field() + b"]"),
    "a text": (2, '"Quæxly Brøndvål"'.encode()),
    "a key twice": (2, with_field()[:-1] + ', "city": "Vrøkjlund"}'.encode()),
    "another encoding": (2, with_field().decode().encode("cp1252")),
    "an unknown field": (2, with_field(Plexmarkør="Xanthoquist")),
    "a bad phone": (2, with_field(phone="21 98 76 43 Jwxzqbjelle")),
    "a bad postal code": (2, with_field(postal_code="Vrøkjlund")),
    "a number for a text": (2, with_field(phone=21987643)),
    "a list for a text": (2, with_field(city=["Vrøkjlund"])),
    "a missing field": (2, with_field(city=None)),
    "an empty field": (2, with_field(full_name=" ")),
    "a control character": (2, with_field(full_name="Quæxly\u0007Brøndvål")),
    "half a letter": (2, with_field().replace(b"Jwxzq", b"\\ud800Jwxzq")),
    "a national identity number": (2, with_field(practical_notes="Jwxzqbjelle 15857010032")),
    "too large": (2, with_field(medical_summary="Xanthoquist " * 9000)),
    "too deep": (2, b'{"city":' * 9000 + b'"Xanthoquist"'),
    "unknown mentor": (3, with_field()),
}


@pytest.mark.parametrize("wrong", only(*list(WRONG)[::4], of=WRONG))
def test_a_wrong_payload(watched: Office, tmp_path: Path, wrong: str) -> None:
    code, content = WRONG[wrong]
    path = tmp_path / "elsewhere.json"
    path.write_bytes(content)
    to = "nobody" if wrong == "unknown mentor" else "kari"
    for said in SAID_AS:
        silent(watched, f"create --to {to} --title Visit --payload {path}{said}", code=code)
    line = f"create --to {to} --title Visit --payload - --lang nb --debug"
    silent(watched, line, code=code, stdin=content)


def test_what_goes_wrong_inside_the_program(
    watched: Office, person: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_session: object, _draft: object, payload: object) -> None:
        held = dict(vars(payload))
        cause = ValueError(held)
        cause.add_note(person.read_text(encoding="utf-8"))
        raise RuntimeError(repr(held), cause) from cause

    monkeypatch.setattr(create, "create", fail)
    for said in SAID_AS:
        line = f"create --to kari --title Visit --payload {person}{said}"
        assert "internal_error" in silent(watched, line, code=1).stderr


def test_a_store_that_refuses_in_the_middle(watched: Office, person: Path) -> None:
    with closing(sqlite3.connect(watched.store)) as db:
        db.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON key_wraps"
            " BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )
        db.commit()
    for said in SAID_AS:
        line = f"create --to kari --title Visit --payload {person}{said}"
        silent(watched, line, code=7)
