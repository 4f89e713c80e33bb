"""The demo: it ends well, says its commands, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from tests.office import Office
from tests.refusals import require_three_lines

DONE = "The demo is done"


def test_the_demo_shows_the_whole_job_and_leaves_nothing(office: Office, temporary: Path) -> None:
    before = office.snapshot()
    said = office.ok("demo", profile=None)
    commands = re.findall(r"^Command: assign (\w+)", said.stdout, flags=re.MULTILINE)
    assert commands == [
        *("init", "member", "member", "member", "create", "dispatch", "inbox", "open", "consent"),
        *("open", "ack", "contact", "complete", "create", "recall", "open", "list", "show"),
        "audit",
    ]
    assert "Code: consent_before_payload_access" in said.stderr
    assert "Name: Ingrid Eksempelsen" in said.stdout
    assert "The audit log is whole" in said.stdout
    assert said.stdout.endswith("The demo is done, and nothing of it is left.\n")
    assert not list(temporary.iterdir())
    assert office.snapshot() == before


@pytest.mark.slow
def test_keep_leaves_a_home_to_go_on_in(office: Office, temporary: Path) -> None:
    office.ok("demo --keep", profile=None)
    (home,) = temporary.iterdir()
    assert home.stat().st_mode & 0o777 == 0o700
    there = Office(office.folder, environ={"ASSIGN_HOME": str(home)})
    listed = there.ok(f"list --json --passphrase-file {home / 'passphrase'}", profile="anne").json
    assert [each["status"] for each in listed["assignments"]] == ["recalled", "completed"]
    shutil.rmtree(home)


def test_the_demo_is_heard_not_parsed(office: Office) -> None:
    assert office.run("demo --json", profile=None).error["code"] == "demo_no_json"


@pytest.mark.slow
def test_who_stops_it_in_a_command_that_has_saved_something_stops_the_demo(
    office: Office, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(*_given: object) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr("assigncli.server.notifications.deliver.at_once", pressed)
    stopped = office.run("demo", profile=None)
    assert (stopped.code, stopped.error_code) == (130, "interrupted")
    assert "You stopped the demo. Nothing of it is left." in stopped.stderr
    assert "something was already saved" not in stopped.stderr
    assert not list(temporary.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="there are no pseudo terminals here")
class TestOnATerminal:
    """What a person sees who follows the README's first command."""

    @pytest.mark.slow
    def test_it_asks_nothing(self, office: Office, temporary: Path) -> None:
        from tests.terminal import terminal

        office.environ["TMPDIR"] = str(temporary)
        with terminal(office, "demo", profile=None, patience=150) as screen:
            said = screen.rest()
        assert screen.code == 0
        assert said.endswith("The demo is done, and nothing of it is left.\n")
        assert "Command: assign complete 1 --in-person --profile kari\n" in said
        assert "Command: assign recall 2 --yes --profile anne\n" in said
        assert "Type a number" not in said
        assert not list(temporary.iterdir())

    @pytest.mark.slow
    @pytest.mark.parametrize("place", ["Step 2 of", "Command: assign inbox"])
    def test_who_stops_it_is_told_so_and_nothing_is_left(
        self, office: Office, temporary: Path, place: str
    ) -> None:
        office.environ["TMPDIR"] = str(temporary)
        code, said = self._stopped_at(place, office)
        while DONE in said:  # on a busy machine it was at its end before the key was pressed
            code, said = self._stopped_at(place, office)
        assert code == 130, said
        error = said[said.index("Error: ") :]
        require_three_lines(error, "interrupted")
        assert "You stopped the demo. Nothing of it is left." in error
        assert not list(temporary.iterdir())

    def _stopped_at(self, place: str, office: Office) -> tuple[int | None, str]:
        """Press Ctrl-C twice once the demo says this; return its exit code, and what it says."""
        from tests.terminal import terminal

        with terminal(office, "demo", profile=None, patience=150) as screen:
            screen.expect(place)
            screen.interrupt()
            screen.interrupt()
            said = screen.rest()
        return screen.code, said

    @pytest.mark.slow
    def test_however_often_it_is_stopped(self, office: Office, temporary: Path) -> None:
        from tests.terminal import terminal

        office.environ["TMPDIR"] = str(temporary)
        with terminal(office, "demo", profile=None, patience=150) as screen:
            screen.expect("Step 2 of")
            screen.interrupt_until_the_end()
        assert screen.code == 130
        assert "Nothing of it is left." in screen.heard
        assert not list(temporary.iterdir())
