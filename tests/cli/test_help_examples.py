"""Every example of every help page is run, in both languages, in an order in which it works."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from assigncli.cli.frame.commands import COMMANDS
from assigncli.cli.frame.examples import EXAMPLES
from assigncli.cli.frame.root import load
from tests.office import ACCEPT, ROOT, Office
from tests.paper import typed_in_lines

WITHOUT = {"relay": "sshd starts it"}
ELSEWHERE = {"demo": "tests/cli/test_demo.py runs it"}
STORY: tuple[tuple[str, str], ...] = (
    ("help", "anne"),
    ("init", ""),
    ("sweep", "anne"),
    ("doctor", "anne"),
    ("member invite", "anne"),
    ("join", ""),
    ("member approve", "anne"),
    ("member list", "anne"),
    ("member show", "anne"),
    ("member pause", "anne"),
    ("member resume", "anne"),
    ("member certify", "anne"),
    ("member notify", "anne"),
    ("create", "anne"),
    ("edit", "anne"),
    ("dispatch", "anne"),
    ("list", "anne"),
    ("show", "anne"),
    ("status", "anne"),
    ("inbox", "ola"),
    ("consent", "ola"),
    ("open", "ola"),
    ("ack", "ola"),
    ("contact", "ola"),
    ("complete", "ola"),
    ("decline", "ola"),
    ("recall", "anne"),
    ("cancel", "anne"),
    ("reassign", "anne"),
    ("privacy register", "anne"),
    ("privacy access", "anne"),
    ("privacy export", "anne"),
    ("privacy erase", "anne"),
    ("honorarium report", "anne"),
    ("honorarium explain", "anne"),
    ("cycle open", "anne"),
    ("cycle close", "anne"),
    ("cycle reopen", "anne"),
    ("cycle list", "anne"),
    ("config get", "anne"),
    ("config set", "anne"),
    ("config list", "anne"),
    ("audit log", "anne"),
    ("audit checkpoint", "anne"),
    ("audit cosign", ""),
    ("audit verify", "anne"),
    ("store info", "anne"),
    ("store check", "anne"),
    ("store upgrade", "anne"),
    ("store backup", "anne"),
    ("store restore", "anne"),
    ("serve", ""),
    ("store move", "anne"),
    ("profile address", "anne"),
    ("key list", "anne"),
    ("key kit", "anne"),
    ("key reseal", "anne"),
    ("key lost", "anne"),
    ("key rotate", "ola"),
    ("shell", "anne"),
    ("profile list", "anne"),
    ("profile use", "anne"),
    ("member revoke", "anne"),
    ("key move", "ola"),
)
"""Pages in order, each with the profile that its examples are run as; empty for none."""
ANSWERS = {
    "consent": ACCEPT,
    "open": "--reveal",
    "decline": "--reason ill",
    "recall": "--yes",
    "cancel": "--yes",
    "reassign": "--yes",
    "privacy erase": "--yes",
    "store backup": "--passphrase-file passphrase",
    "store restore": "--passphrase-file passphrase --yes",
    "store move": "--yes",
    "key lost": "--yes",
    "key kit": "--reveal",
    "key move": "--new-passphrase-file passphrase",
    "cycle close": "--yes",
    "member revoke": "--yes",
    "member notify": "--no-input",
}
"""What a person would answer at a terminal, or see on one."""
REFUSED = {"member notify kari": "input_needed"}
"""Examples that ask for what only a terminal can answer."""

FURTHER = {
    "member invite": ("member invite per --name 'Per Moe' --here",),
    "store backup": ("config set contact_deadline_days 14",),
    "store restore": ("store restore --confirm --cause mistake",),
    "create": (
        "create --to ola --title Call --payload examples/assignment-two.json --dispatch",
        "create --to ola --title Walk --payload examples/assignment-two.json --dispatch",
    ),
}
"""What else there is: a mentor whom the sheet names, and assignments to cancel and to reassign."""


def pages() -> Iterator[str]:
    for entry in COMMANDS:
        named = getattr(load(entry), "commands", None)
        yield from (f"{entry.name} {name}" for name in named) if named else (entry.name,)


def test_every_command_has_one_or_two_examples_and_each_is_run() -> None:
    assert set(EXAMPLES) == set(pages()) - set(WITHOUT)
    assert all(1 <= len(lines) <= 2 for lines in EXAMPLES.values())
    assert {page for page, _profile in STORY} == set(EXAMPLES) - set(ELSEWHERE)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["en", pytest.param("nb", marks=pytest.mark.slow)])
def test_every_example_runs(lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    here, there = Office(tmp_path / "here"), Office(tmp_path / "there")
    for office in (here, there):
        office.folder.mkdir(mode=0o700)
    (tmp_path / "passphrase").write_text("correct horse battery\n", encoding="utf-8")
    (tmp_path / "passphrase").chmod(0o600)
    given: dict[str, str] = {"INVITATION": "", "INVITASJON": ""}
    given["ADDRESS"] = given["ADRESSE"] = str(here.store)
    for page, profile in STORY:
        for line in shown(here, page, lang):
            if "--kit" in line:
                whole = f"{line} --handle bo --name 'Bo Dahl' --keys keyring"
                words = " ".join(given.get(word, word) for word in whole.split(" "))
                there.ok(words, profile=None, stdin=typed_in_lines(here))
            else:
                _run(there if page == "join" else here, page, line, profile, given)
        for line in FURTHER.get(page, ()):
            here.ok(line, profile=profile)


def shown(office: Office, page: str, lang: str) -> list[str]:
    """Return the examples as the page has them, without the program's name."""
    told = office.ok(f"{page} --help --lang {lang}", profile=None).stdout
    heading = {"en": "Examples:", "nb": "Eksempler:"}[lang]
    lines = told.partition(f"\n{heading}\n")[2].partition("\n\n")[0].splitlines()
    assert lines
    assert all(line.startswith("assign ") for line in lines)
    return [line.removeprefix("assign ") for line in lines]


def _run(office: Office, page: str, line: str, profile: str, given: dict[str, str]) -> None:
    placed = " ".join(given.get(word, word) for word in line.split(" "))
    if page == "member approve":
        placed += f" --fingerprint '{given['fingerprint']}'"
    if page == "audit cosign":  # the first time, with the key and the digits that are read out
        log = office.ok("audit checkpoint --json", profile="anne").json
        placed += f" --key '{log['key']}' --fingerprint '{log['key_fingerprint']}'"
        placed += " --name example.org/eli --keys keyring"
    whole = f"{placed} {ANSWERS.get(page, '')}"
    if line in REFUSED:
        result = office.run(whole, profile=profile)
        assert (result.code, result.error_code) == (2, REFUSED[line])
        return
    if "--new-key" in line:  # the office goes on once an administrator has confirmed it
        (key,) = office.ok(f"{line} --json", profile=None).json["new_keys"]
        office.ok(f"member approve service --fingerprint '{key['fingerprint']}'", profile="anne")
        return
    asked_json = page in ("join", "member invite") and "--here" not in line
    typed = typed_in_lines(office) if page == "key kit" else ""
    words = whole + (" --json" if asked_json else "")
    result = office.ok(words, profile=profile or None, stdin=typed)
    if asked_json and page == "join":
        given["fingerprint"] = result.json["fingerprint"]
    elif asked_json:
        given["INVITATION"] = given["INVITASJON"] = shlex.quote(result.json["invitation"])
