"""Everything the tool says, listened to: the same at any width, line by line, and nothing unheard.

The story (tests/story.py) has every command and the failures a user meets; it is told in each
language and each way of showing, and read here for what SPEC sections 9 and 10 promise.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assigncli.cli.frame import commands
from tests.acting import process
from tests.office import ROOT, Office
from tests.quick import only
from tests.story import HELP, Heard, Line, failures, help_lines, successes, told

FORBIDDEN = re.compile("[\u2500-\u259f\x1b\r\t]")
SENTENCE = re.compile(r"\S.*[.!?]")
LABELLED = re.compile(r"[^\s:][^:]*: \S.*")
TITLED = re.compile(r"(Assignment|Oppdrag) \d+(, (urgent|haster))?: \S.*")
"""How all that is about one assignment begins, as in the transcripts."""


def story(office: Office, *options: str, **environ: str) -> list[Heard]:
    """Tell everything with these options, in that environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        office.environ |= environ
        return [
            *told(office, (Line(line, None) for line in help_lines()), *options),
            *told(office, successes(office), *options),
            *told(office, failures(office), *options),
        ]


def of_commands(heard: list[Heard]) -> Iterator[Heard]:
    """Yield what is no page of help."""
    for each in heard:
        if each.line.words not in HELP and "--help" not in each.line.words:
            yield each


def require_for_the_ear(heard: list[Heard]) -> None:
    """Assert that no character is for the eye only."""
    for each in heard:
        assert not FORBIDDEN.search(each.result.said), each.line


def require_lines(heard: list[Heard]) -> None:
    """Assert that every line is a sentence, empty, or a labelled value."""
    for each in of_commands(heard):
        for line in each.result.said.splitlines():
            fits = not line or SENTENCE.fullmatch(line) or LABELLED.fullmatch(line)
            assert fits, f"{each.line}: {line}"


def require_frames(heard: list[Heard], *labels: str) -> None:
    """Assert that a success is said, and that an error is three lines on standard error alone."""
    for each in of_commands(heard):
        if each.line.ends == 0:
            first = each.result.stdout.partition("\n")[0]
            assert SENTENCE.fullmatch(first) or TITLED.fullmatch(first), each.line
            continue
        assert each.result.stdout == "", each.line
        lines = each.result.stderr.splitlines()
        assert len(lines) == len(labels), each.line
        for line, label in zip(lines, labels, strict=True):
            assert line.startswith(label), each.line


def test_the_story_has_every_command(office: Office) -> None:
    said = {line.words.split()[0] for line in successes(office)}
    endless = {
        "relay"
    }  # until it is stopped; `test_relay` hears it, and `test_serve` most of serve
    assert {entry.name for entry in commands.COMMANDS} - said == {"demo", "help", "shell"} | endless


@pytest.mark.slow  # test_for_the_ear hears the same story by default
def test_everything_in_norwegian(office: Office) -> None:
    heard = story(office, "--lang", "nb")
    require_for_the_ear(heard)
    require_lines(heard)
    require_frames(heard, "Feil: ", "Gjør dette: ", "Kode: ")


@pytest.mark.slow
def test_everything_in_english_at_any_width_and_on_any_terminal(
    founded: Office, tmp_path: Path
) -> None:
    """Told three times; what differs between offices is keys and ids made at random."""
    plain = story(founded.copy_to(tmp_path / "a" / "office"))
    require_for_the_ear(plain)
    require_lines(plain)
    require_frames(plain, "Error: ", "What to do: ", "Code: ")
    narrow = story(founded.copy_to(tmp_path / "b" / "office"), COLUMNS="40", TERM="dumb")
    wide = story(
        founded.copy_to(tmp_path / "c" / "office"), COLUMNS="200", TERM="xterm", NO_COLOR="1"
    )
    for told_plainly, *others in zip(plain, narrow, wide, strict=True):
        for other in others:
            assert masked(other.result.stdout) == masked(told_plainly.result.stdout)
            assert masked(other.result.stderr) == masked(told_plainly.result.stderr)


HIDDEN = (
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\d{5}(?: \d{5}){7}"), "FINGERPRINT"),
    (re.compile(r"[0-9a-f]{64}"), "HASH"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "TOKEN"),
    (re.compile(r"/\S+?/office"), "OFFICE"),
)


def masked(text: str) -> str:
    for pattern, name in HIDDEN:
        text = pattern.sub(name, text)
    return text


@pytest.fixture(scope="module")
def a_busy_one(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with something to hear: a draft, one sent, one read, one withdrawn."""
    office = founded.copy_to(tmp_path_factory.mktemp("a_busy_one") / "office")
    office.create(to="ola", title="A draft")
    office.read(office.dispatch("--priority urgent --coordinator-notes 'Bring the magnifier.'"))
    office.dispatch(to="per")
    office.ok(f"recall --yes {office.dispatch()}")
    office.ok("sweep")
    return office


READING = (
    ("list", "anne"),
    ("list --limit 2", "anne"),
    ("list --overdue", "anne"),
    ("show 2", "anne"),
    ("show 2", "kari"),
    ("status", "anne"),
    ("inbox", "kari"),
    ("inbox", "ola"),
    ("member list", "anne"),
    ("member show kari", "anne"),
    ("cycle list", "anne"),
    ("key list", "kari"),
    ("config list", "anne"),
    ("audit log", "anne"),
    ("audit verify", "anne"),
    ("store info", "anne"),
    ("store check", "anne"),
    ("doctor", "anne"),
)


def test_a_count_comes_first_and_a_block_has_no_gap(busy: Office) -> None:
    first, *blocks = busy.ok("list").stdout.rstrip("\n").split("\n\n")
    assert first == "4 assignments, newest first."
    assert len(blocks) == 4
    assert all(LABELLED.fullmatch(line) for block in blocks for line in block.splitlines())


def test_quiet_leaves_results_and_errors_only(office: Office) -> None:
    """Results are the same to the byte, remarks are gone, errors stay."""
    number = office.create()
    invited = office.ok("member invite dag --name 'Dag Dal' --here --keys keyring")
    assert invited.stderr == "The private keys will be kept in the key store of this machine.\n"
    again = office.ok("member invite dan --name 'Dan Dal' --here --keys keyring --quiet")
    assert again.stderr == ""
    first, first_again = (each.stdout.partition("\n")[0] for each in (invited, again))
    assert first_again == first.replace("Dag", "Dan").replace("dag", "dan")
    for line, ends in ((f"show {number}", 0), ("list", 0), ("show 99", 3)):
        spoken, quiet = office.run(line), office.run(f"{line} --quiet")
        assert (quiet.stdout, quiet.code) == (spoken.stdout, ends)
        assert quiet.stderr == spoken.stderr


@pytest.mark.slow
def test_a_table_changes_nothing_that_is_said_on_standard_error(busy: Office) -> None:
    for line, profile in READING:
        shown = busy.run(f"{line} --table", profile=profile)
        assert "\x1b" not in shown.said
        assert shown.stderr == busy.run(line, profile=profile).stderr


@pytest.mark.slow
def test_json_does_not_change_with_the_language(busy: Office) -> None:
    """Only what is said in sentences does."""
    sentences = {"message", "meaning", "finding"}

    def without(text: str) -> Any:
        return json.loads(
            text, object_pairs_hook=lambda pairs: {k: v for k, v in pairs if k not in sentences}
        )

    for line, profile in READING:
        english, norwegian = (
            busy.ok(f"{line} --json --lang {lang}", profile=profile) for lang in ("en", "nb")
        )
        assert without(english.stdout) == without(norwegian.stdout), line


# ---- in processes of their own: a real terminal, an empty environment, a pipe that closes


def piped(
    office: Office, line: str, profile: str | None = "anne", **environ: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        process(office, line, profile),
        env={**office.process_env(), **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def on_terminal(
    office: Office, line: str, columns: int, profile: str | None = "anne", **environ: str
) -> str:
    """Run a command on a terminal of that width and return what it showed."""
    pexpect = pytest.importorskip("pexpect", reason="a terminal is POSIX only")
    words = process(office, line, profile)
    child = pexpect.spawn(
        words[0],
        words[1:],
        env={**office.process_env(), "TERM": "xterm-256color", **environ},
        dimensions=(24, columns),
        encoding="utf-8",
        timeout=60,
    )
    child.expect(pexpect.EOF)
    child.close()
    return str(child.before).replace("\r\n", "\n")


needs_terminal = pytest.mark.skipif(os.name != "posix", reason="a terminal is POSIX only")


@pytest.mark.slow
@needs_terminal
@pytest.mark.parametrize(
    ("line", "profile"),
    [
        ("open 1 --reveal", "kari"),
        *(
            pytest.param(*other, marks=pytest.mark.slow)
            for other in (("list", "anne"), ("show 99", "anne"), ("create --help", None))
        ),
    ],
)
def test_a_terminal_hears_what_a_pipe_hears(office: Office, line: str, profile: str | None) -> None:
    office.read(office.dispatch("--coordinator-notes 'A note that is longer than forty columns.'"))
    expected = piped(office, line, profile).stdout
    assert expected
    for columns in (40, 200):
        shown = on_terminal(office, line, columns, profile)
        assert not FORBIDDEN.search(shown)
        assert sorted(shown.splitlines()) == sorted(expected.splitlines())


@pytest.mark.slow
def test_an_empty_environment_is_enough(office: Office) -> None:
    """As after `env -i`: the clean-up of a cron line. The names in it are beyond ASCII."""
    office.dispatch(to="per")
    ended = subprocess.run(
        process(office, "list"),
        env={"ASSIGN_HOME": str(office.home), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert "Mentor: Per Ås\n" in ended.stdout.decode("utf-8")


@pytest.mark.slow
def test_a_locale_without_our_letters_gets_utf_8(office: Office) -> None:
    office.dispatch(to="per")
    ended = piped(office, "list", LC_ALL="C", LANG="C", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert "Mentor: Per Ås\n" in ended.stdout


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="pipes close in their own way elsewhere")
@pytest.mark.parametrize("line", only("list", of=["list", "list --json", "--help", "list --table"]))
def test_whoever_stops_listening_ends_it_quietly(office: Office, line: str, tmp_path: Path) -> None:
    """As in `assign list | head -1`, with the reader gone before a word is said."""
    reading, writing = os.pipe()
    os.close(reading)
    errors = tmp_path / "errors"
    with errors.open("wb") as file:
        ended = subprocess.run(
            process(office, line),
            env=office.process_env(),
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=file,
            timeout=60,
            check=False,
        )
    os.close(writing)
    assert ended.returncode == 1
    assert errors.read_bytes() == b""
