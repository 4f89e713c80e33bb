"""How a line may go on: what is offered to whom, and that nothing else is said or touched."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assigncli.cli.completion import last_lists, line_place, offered
from assigncli.cli.completion.answer import answered
from assigncli.cli.completion.scripts import SCRIPTS
from assigncli.cli.completion.typed import split
from assigncli.cli.output.values import canonical
from assigncli.domain.lifecycle import Status
from assigncli.domain.setting_values import SETTINGS
from assigncli.locale import LANGUAGES, language, use
from assigncli.profiles import load_profile
from tests import completion_pages
from tests.cli.test_startup import HEAVY
from tests.office import PERSON, Office
from tests.quick import all_in_one
from tests.serving import reached


def completed(
    office: Office, line: str, *, profile: str = "anne", asking: str = "bash"
) -> list[str]:
    """Return the lines of the answer to a shell in which `profile` acts."""
    asked = {"_ASSIGN_COMPLETE": asking, "_ASSIGN_LINE": line, "ASSIGN_PROFILE": profile}
    before = language()
    try:
        return list(answered({**office.env, **asked}))
    finally:
        use(before)


def words(office: Office, line: str, *, profile: str = "anne") -> list[str]:
    """Return the words that are offered."""
    return [each.partition("\t")[0] for each in completed(office, line, profile=profile)[1:]]


# What commands take


def test_the_pages_are_those_of_the_commands() -> None:
    written = completion_pages.FILE.read_text(encoding="utf-8")
    assert written == completion_pages.written(), "run python -m tests.completion_pages"


def test_every_offered_value_of_an_option_is_accepted_in_its_language() -> None:
    known = [status.value for status in Status]
    page = line_place.pages().by_name["list"]
    status = next(each for each in page.options if each.names == ("--status",))
    before = language()
    try:
        for spoken in LANGUAGES:
            use(spoken)
            place = line_place.LinePlace("list", page, status, (), {})
            found = offered.offered(line_place.pages(), place, "", {})
            assert isinstance(found, list)
            assert [canonical(each.word, known) for each in found] == known
    finally:
        use(before)


@pytest.mark.slow
def test_what_is_declined_is_offered_to_its_mentor_for_show_alone(office: Office) -> None:
    office.dispatch()
    verbs = ("open", "decline")
    assert [words(office, f"assign {verb} ", profile="kari") for verb in verbs] == [["1"], ["1"]]
    office.ok("decline 1 --reason ill", profile="kari")
    assert [words(office, f"assign {verb} ", profile="kari") for verb in verbs] == [[], []]
    assert words(office, "assign show ", profile="kari") == ["1"]
    assert words(office, "assign reassign ") == words(office, "assign recall ") == ["1"]


def test_every_setting_whose_values_are_offered_takes_them(office: Office) -> None:
    names = words(office, "assign config set ")
    assert names == ["language", "output", *(each.name for each in SETTINGS)]
    some = [
        (name, value) for name in names for value in words(office, f"assign config set {name} ")
    ]
    assert {name for name, _value in some} == set(offered._VALUES)
    for name, value in some:
        office.ok(f"config set {name} {value}")


@all_in_one(
    ("line", "expected"),
    [
        ("assign sh", ["shell", "show"]),
        ("assign --json cycle ", ["open", "close", "reopen", "list"]),
        ("assign help cycle cl", ["close"]),
        ("assign help opt", ["options"]),
        ("assign list --over", ["--overdue"]),
        ("assign list --overdue --over", []),
        ("assign list --status draft --stat", ["--status"]),
        ("assign create --title ", []),
        ("assign --lang ", ["en", "nb"]),
        ("assign --lang nb list --priority=h", ["haster"]),
        ("assign decline 1 --reason no", ["no_time", "not_suited"]),
        ("assign --lang nb decline 1 --reason sy", ["sykdom"]),
        ("assign --profile ka", ["kari"]),
        ("assign profile use p", ["per"]),
        ("assign show -- --", []),
        ("assign member invite ", []),
        ("assign init --handle ", []),
        ("assign cycle open ", []),
        ("assign nothing ", []),
        ("assign --show-completion ", list(SCRIPTS)),
    ],
)
def test_words_of_the_program_are_offered_where_they_may_be(
    office: Office, line: str, expected: list[str]
) -> None:
    assert words(office, line) == expected


def test_only_fish_is_given_the_option_before_its_value(office: Office) -> None:
    assert completed(office, "assign list --mentor=ka") == ["words", "kari\t"]
    assert completed(office, "assign list --mentor=ka", asking="fish") == [
        "words",
        "--mentor=kari\t",
    ]


def test_a_file_is_left_to_the_shell(office: Office) -> None:
    for line in ("create --payload ", "dispatch --csv x", "init --store ", "sweep --store=a"):
        assert completed(office, f"assign {line}") == ["files"]


@all_in_one(
    ("line", "before", "current"),
    [
        ("assign show 1", ("assign", "show"), "1"),
        ("assign show ", ("assign", "show"), ""),
        ('a \'b c\' "d\\"e" f\\ g', ("a", "b c", 'd"e'), "f g"),
        ("a '' 'open", ("a", ""), "open"),
        ('a "half \\', ("a",), "half "),
        ("a b\\", ("a",), "b"),
        ("", (), ""),
    ],
)
def test_a_line_is_split_as_shells_do(line: str, before: tuple[str, ...], current: str) -> None:
    typed = split(line)
    assert (typed.words, typed.current) == (before, current)


# Whose assignments, and who


@pytest.fixture
def filled(office: Office) -> Office:
    """One assignment in each place of interest: 1 draft, 2 sent, 3 read, 4 completed, 5 ola's."""
    office.create(title="Draft")
    office.dispatch(title="Sent")
    office.to_status(office.dispatch(title="Read"), "read")
    office.to_status(office.dispatch(title="Completed"), "completed")
    office.ok(f"dispatch {office.create(to='ola', title='Of Ola')}")
    return office


@pytest.mark.slow
@all_in_one(
    ("profile", "line", "numbers"),
    [
        ("anne", "show ", "5 4 3 2 1"),
        ("anne", "dispatch ", "1"),
        ("anne", "edit ", "1"),
        ("anne", "recall ", "5 2"),
        ("anne", "cancel ", "5 3 2 1"),
        ("anne", "open ", "1"),
        ("anne", "audit log --assignment ", "5 4 3 2 1"),
        ("kari", "show ", "4 3 2"),
        ("kari", "open ", "3 2"),
        ("kari", "ack ", "3"),
        ("kari", "contact ", ""),
        ("kari", "recall ", ""),
        ("kari", "dispatch ", ""),
        ("kari", "consent ", ""),
        ("ola", "open ", "5"),
        ("per", "show ", ""),
    ],
)
def test_a_number_is_offered_to_whom_the_command_is_for(
    filled: Office, profile: str, line: str, numbers: str
) -> None:
    assert words(filled, f"assign {line}", profile=profile) == numbers.split()


@pytest.mark.slow
def test_titles_are_beside_the_numbers_and_cannot_steer_a_terminal(filled: Office) -> None:
    with sqlite3.connect(filled.store) as store:
        for trigger in store.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            store.execute(f"DROP TRIGGER {trigger[0]}")
        store.execute("UPDATE assignments SET title = 'a\x1b[2J\tb\nc' WHERE number = 5")
    store.close()
    assert completed(filled, "assign recall ") == ["words", "5\ta [2J b c", "2\tSent"]


def test_a_handle_is_offered_where_the_command_can_do_something(office: Office) -> None:
    office.ok("member pause per")
    office.join("siri", "Siri Ask")
    expected = {
        "create --to ": "kari ola",
        "list --mentor ": "kari ola per",
        "honorarium explain ": "kari ola per",
        "member resume ": "per",
        "member pause ": "kari ola per",
        "member approve ": "siri",
        "member revoke ": "anne kari ola per siri",
        "member show k": "kari",
    }
    found = {line: " ".join(words(office, f"assign {line}")) for line in expected}
    assert found == expected


def test_a_mentor_is_offered_no_handle_but_their_own(office: Office) -> None:
    assert words(office, "assign member show ", profile="kari") == ["kari"]
    assert words(office, "assign create --to ", profile="kari") == ["kari"]


@pytest.mark.slow
def test_who_has_left_is_offered_nothing(filled: Office) -> None:
    filled.ok("member revoke kari --yes")
    assert words(filled, "assign show ", profile="kari") == []


def test_a_cycle_is_offered_where_it_can_be_closed_or_reopened(office: Office) -> None:
    office.ok("cycle open 'Autumn 2031' --from 1.7.2031 --to 31.12.2031")
    office.ok("cycle close 'Autumn 2031' --yes")
    assert words(office, "assign cycle reopen Au") == ["Autumn 2031"]
    assert words(office, "assign cycle close Au") == []
    assert words(office, "assign honorarium report --cycle 'Aut") == ["Autumn 2031"]


@pytest.mark.slow
def test_no_answer_holds_what_is_personal(filled: Office) -> None:
    said = ""
    for name, page in line_place.pages().by_name.items():
        options = [f"{each.names[0]} " for each in page.options if each.value]
        for more in ("", "-", *options):
            for profile in ("anne", "kari"):
                said += "\n".join(completed(filled, f"assign {name} {more}", profile=profile))
    for value in (*PERSON.values(), "Nordmann", "Anne Berg", "Dunk"):
        assert value not in said


# Nobody waits, and nothing is said


def files(office: Office) -> dict[Path, tuple[int, bytes]]:
    """Return every file's time and content."""
    found = [path for path in office.folder.rglob("*") if path.is_file()]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in found}


def asked(office: Office, line: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    """Ask as a shell does, in a process of its own."""
    environ = {**office.process_env(), "ASSIGN_PROFILE": "anne", "_ASSIGN_COMPLETE": "bash"}
    return subprocess.run(
        [sys.executable, "-m", "assigncli"],
        env={**environ, "_ASSIGN_LINE": line, **more},
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_an_answer_loads_neither_typer_nor_the_orm(office: Office) -> None:
    office.dispatch()
    for line in ("assign s", "assign show ", "assign --lang nb create --to "):
        ended = asked(office, line, PYTHONPROFILEIMPORTTIME="1")
        assert ended.stdout.startswith(b"words\n")
        said = ended.stderr.decode().splitlines()
        modules = {each.rpartition("|")[2].strip() for each in said}
        assert "assigncli.profiles" in modules
        assert not {name.partition(".")[0] for name in modules} & {*HEAVY, "typer", "msgspec"}
        assert "assigncli.words.errors" not in modules


@pytest.mark.slow
@pytest.mark.parametrize("harm", ["gone", "no store", "open to others", "no profile", "no shell"])
def test_whatever_is_wrong_nothing_is_said(office: Office, harm: str) -> None:
    more = {}
    if harm == "gone":
        office.store.unlink()
    elif harm == "no store":
        office.store.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    elif harm == "open to others":
        office.store.chmod(0o644)
    elif harm == "no profile":
        more = {"ASSIGN_PROFILE": "../nobody"}
    else:
        more = {
            "_ASSIGN_COMPLETE": "",
            "_ASSIGN_LINE": "assign show \udcff".replace("\udcff", "\\"),
        }
    before = files(office)
    ended = asked(office, "assign show ", **more)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout in (b"", b"words\n")
    assert files(office) == before


@pytest.mark.slow
def test_a_writer_is_not_waited_for_and_a_reader_holds_no_writer_up(filled: Office) -> None:
    writer = sqlite3.connect(filled.store, isolation_level=None)
    try:
        writer.execute("BEGIN IMMEDIATE")
        assert words(filled, "assign recall ") == ["5", "2"]  # what was committed
        writer.execute("ROLLBACK")
        writer.execute("BEGIN EXCLUSIVE")
        begun = time.monotonic()
        with pytest.raises(sqlite3.OperationalError):
            words(filled, "assign recall ")
        assert time.monotonic() - begun < 1
        writer.execute("ROLLBACK")
    finally:
        writer.close()


@pytest.mark.slow
def test_a_store_is_neither_written_to_nor_made(filled: Office) -> None:
    before = files(filled)
    for line in ("show ", "create --to ", "cycle close ", "config set "):
        completed(filled, f"assign {line}")
    assert files(filled) == before


# A server's profile


@pytest.mark.slow
def test_at_a_server_the_last_lists_are_offered(filled: Office) -> None:
    filled.now = datetime.now(UTC)
    with reached(filled):
        assert words(filled, "assign show ") == []
        filled.ok("list")
        filled.ok("member list")
        filled.ok("cycle list")
        filled.ok("inbox", profile="kari")
        assert words(filled, "assign create --to ") == ["kari", "ola", "per"]
        assert words(filled, "assign cycle close ") == [str(filled.now.year)]
    # and without the server:
    assert words(filled, "assign show ") == ["5", "4", "3", "2", "1"]
    assert words(filled, "assign cancel ") == ["5", "3", "2", "1"]
    assert completed(filled, "assign open ", profile="kari") == ["words", "3\tRead", "2\tSent"]
    assert words(filled, "assign recall ", profile="kari") == []
    kept = list((filled.home / "lists").iterdir())
    assert {path.name for path in kept} == {"anne.json", "kari.json"}
    for path in kept:
        assert os.name != "posix" or stat.S_IMODE(path.stat().st_mode) == 0o600
        said = path.read_text(encoding="utf-8")
        for value in (*PERSON.values(), "Nordmann", "Anne Berg"):
            assert value not in said


def test_the_last_lists_are_bounded_and_another_members_are_not_offered(
    office: Office, tmp_path: Path
) -> None:
    profile = load_profile("anne", office.env)
    lists = last_lists.LastLists({})
    lists.assignments = {str(x): ["Title", "dispatched", False, True] for x in range(1, 1000)}
    lists.members = {f"m{x}": ["active", None, []] for x in range(1000)}
    lists.named_cycles = {f"c{x}": "open" for x in range(1000)}
    document = lists.document(profile)
    assert next(iter(document["assignments"])) == "999"
    sizes = [len(document[name]) for name in ("assignments", "members", "cycles")]
    assert sizes == [last_lists.MOST_NUMBERS, last_lists.MOST_HANDLES, last_lists.MOST_CYCLES]
    folder = office.home / "lists"
    folder.mkdir(mode=0o700)
    (folder / "anne.json").write_text(json.dumps(document))
    assert last_lists.load(profile, office.env).assignments
    other = {**document, "member_id": document["organization_id"]}
    (folder / "anne.json").write_text(json.dumps(other))
    assert not last_lists.load(profile, office.env).assignments
