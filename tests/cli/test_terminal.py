"""What is asked and answered in a real terminal: prompts, numbered choices, a brief to read."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assigncli.server.store.engine import Store
from tests.office import PERSON, Office
from tests.refusals import everything, require_three_lines

if os.name != "posix":
    pytest.skip("there are no pseudo terminals here", allow_module_level=True)

import pexpect

from tests.terminal import Terminal, require_speakable, terminal


@pytest.fixture(autouse=True)
def _today(office: Office) -> None:
    """The terminal's commands run on the machine's clock, so the office's goes with it."""
    office.now = datetime.now(UTC)


@pytest.mark.slow
def test_create_by_prompts(office: Office) -> None:
    with terminal(office, "create") as screen:
        assert "1: Kari Nordmann\r\n" in screen.answer("Number or handle of the mentor: ", "1")
        screen.answer("Title, without personal data: ", "")
        assert "An answer is needed." in screen.answer(
            "Title, without personal data: ", "Home visit"
        )
        screen.answer("Full name of the person: ", PERSON["full_name"])
        screen.answer("Street address: ", PERSON["address"])
        screen.answer("Postal code: ", PERSON["postal_code"])
        screen.answer("City: ", PERSON["city"])
        screen.answer("Telephone: ", PERSON["phone"])
        screen.answer("Medical summary. Finish with an empty line.\r\n", "Synthetic summary.")
        screen.answer("", "Second line, æøå.")
        screen.answer("", "")
        screen.answer("Practical notes, or a hyphen for none: ", "-")
        before = screen.heard
        review = screen.answer("press Enter for 1, save: ", "1")
        said = screen.rest()
    assert screen.code == 0
    assert "Assignment 1 to Kari Nordmann is created and encrypted. It is not sent yet." in said
    require_speakable(screen.heard)
    for value in (PERSON["full_name"], PERSON["phone"], "Synthetic"):
        assert value not in before
        assert value in review
        assert value not in said
    office.ok("dispatch 1")
    brief = office.ok("open 1 --reveal --json", profile="kari").json
    assert brief["medical_summary"] == "Synthetic summary.\nSecond line, æøå."
    assert (brief["full_name"], brief["practical_notes"]) == (PERSON["full_name"], None)


@pytest.mark.slow
def test_an_interrupted_prompt_writes_nothing(office: Office) -> None:
    before = everything(office)
    with terminal(office, "create --to kari --title Visit") as screen:
        screen.answer("Full name of the person: ", PERSON["full_name"])
        screen.answer("Street address: ", "\x03")
        said = screen.rest()
    assert screen.code == 130
    assert "Stopped. Nothing was saved." in said
    assert "Code: interrupted" in said
    assert everything(office) == before
    with terminal(office, "create --to kari --title Visit") as screen:
        screen.answer("Full name of the person: ", "\x04")
        require_three_lines(screen.rest().strip(), "interrupted")
    assert screen.code == 130


@pytest.mark.slow
def test_consent_step_by_step(office: Office) -> None:
    number = office.dispatch("--consent-required")
    with terminal(office, f"consent {number}", profile="kari") as screen:
        for position in range(1, 6):
            said = screen.answer("press Enter for 2, I do not accept: ", "1")
            assert f"Step {position} of 5. " in said
            assert "1: I accept\r\n2: I do not accept" in said
        said = screen.rest()
    assert screen.code == 0
    assert f"Your consent to assignment {number} is recorded." in said
    require_speakable(screen.heard)
    shown = office.ok(f"show {number} --json").json
    assert shown["consent_completed_at"] is not None


@pytest.mark.slow
def test_a_step_that_is_not_accepted(office: Office) -> None:
    number = office.dispatch("--consent-required")
    before = everything(office)
    with terminal(office, f"consent {number}", profile="kari") as screen:
        screen.answer("I do not accept: ", "7")
        assert "Choose one of the numbers." in screen.answer("I do not accept: ", "i ACCEPT")
        screen.answer("I do not accept: ", "")  # the others are not asked then
        said = screen.rest()
    assert screen.code == 2
    assert "Code: consent_incomplete" in said
    assert everything(office) == before


def test_a_brief_on_the_terminal(office: Office) -> None:
    number = office.dispatch()
    with terminal(office, f"open {number}", profile="kari", columns=40) as screen:
        said = screen.rest()
    assert screen.code == 0
    require_speakable(said)
    assert f"Name: {PERSON['full_name']}\n" in said
    assert "Medical summary, line 2: Second line, æøå.\n" in said
    assert f"assign ack {number}" in said
    assert office.ok(f"show {number} --json").json["status"] == "read"


@pytest.mark.slow
def test_a_brief_into_a_pipe_from_a_terminal_needs_reveal(office: Office) -> None:
    number = office.dispatch()
    done = office.spawn(f"open {number}", profile="kari")
    assert (done.returncode, done.stdout) == (2, b"")
    require_three_lines(done.stderr.decode(), "reveal_needed")


@pytest.mark.slow
def test_a_new_passphrase_is_asked_twice_and_never_shown(tmp_path: Path) -> None:
    office = Office(tmp_path / "other")
    office.folder.mkdir()
    line = "init --organization Andre --handle anne --name Anne --keys file --lang en"
    label = "New passphrase for the private keys of"
    with terminal(office, line, profile=None, echo=True) as screen:
        screen.answer(": ", "fem grønne synger")
        screen.answer("once more: ", "fem grønne singer")
        assert "The two were not the same." in screen.answer(": ", "fem grønne synger")
        screen.answer("once more: ", "fem grønne synger")
        said = screen.rest()
    assert screen.code == 0, screen.heard
    assert label in screen.heard
    assert "grønne" not in screen.heard
    assert "Andre is set up" in said
    line = "config set unread_attention_days 3"
    with terminal(office, line) as screen:
        screen.answer("Passphrase: ", "fem grønne singer")
        again = screen.answer("Passphrase: ", "fem grønne sanger")
        assert "does not open the private key.\r\nYou can try 2 more times.\r\n" in again
        assert "You can try 1 more time." in screen.answer("Passphrase: ", "fem grønne sunger")
        assert "Code: passphrase_wrong" in screen.rest()
    assert screen.code == 4
    wrong = office.folder / "wrong"
    wrong.write_text("fem grønne singer", encoding="utf-8")
    with terminal(office, f"{line} --passphrase-file {wrong}") as screen:
        require_three_lines(screen.rest(), "passphrase_wrong")
    for more in ("recall 1", "open 1", "ack 1", "dispatch 1", "edit 1", "consent 1", "complete 1"):
        with terminal(office, more) as screen:
            require_three_lines(screen.rest(), "assignment_not_found")
        assert screen.code == 3
    with terminal(office, line) as screen:
        screen.answer("Passphrase: ", "fem grønne singer")
        screen.answer("Passphrase: ", "fem grønne synger")
        assert "is now 3" in screen.rest()
    assert screen.code == 0


@pytest.mark.slow
def test_nobody_waits_for_the_store_while_a_passphrase_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Store.open.__kwdefaults__, "busy_seconds", 0.2)
    office = Office(tmp_path / "other", datetime.now(UTC))
    office.folder.mkdir()
    word = office.folder / "passphrase"
    word.write_text("fem grønne synger", encoding="utf-8")
    office.ok(
        f"init --organization Andre --handle anne --name Anne --keys file --passphrase-file {word}",
        profile=None,
    )
    office.ok(f"member invite kari --name Kari --here --keys keyring --passphrase-file {word}")
    number = office.dispatch(f"--passphrase-file {word}")
    with terminal(office, f"recall --yes {number}") as screen:
        screen.expect("Passphrase: ")
        office.ok("member pause kari", profile="kari")
        screen.answer("", "fem grønne synger")
        screen.rest()
    assert screen.code == 0, screen.heard
    with terminal(office, "member invite per --name Per --here --keys file") as screen:
        screen.answer("Passphrase: ", "fem grønne synger")
        screen.expect("New passphrase for the private keys of Per: ")
        office.ok("member resume kari", profile="kari")
        screen.answer("", "syv blå danser")
        screen.answer("once more: ", "syv blå danser")
        screen.rest()
    assert screen.code == 0, screen.heard
    word.write_text("syv blå danser", encoding="utf-8")
    office.ok(f"member pause per --passphrase-file {word}", profile="per")


@pytest.mark.slow
def test_what_can_be_refused_is_refused_before_a_brief_is_typed(office: Office) -> None:
    office.ok("member pause ola")
    for more, code in (
        ("--to nobody --title Visit", "member_not_found"),
        ("--to ola --title Visit", "recipient_is_active_peer_mentor"),
        ("--to kari --title 'Ring 22334455'", "title_no_pii"),
    ):
        with terminal(office, f"create {more}") as screen:
            require_three_lines(screen.rest(), code)


@contextmanager
def approving(office: Office, more: str = "") -> Iterator[tuple[Terminal, list[str]]]:
    """Give the terminal in which dag is to be approved, and the groups that he reads out."""
    groups = office.join("dag", "Dag Dal").split(" ")
    with terminal(office, f"member approve dag {more}") as screen:
        yield screen, groups
    require_speakable(screen.heard)


@pytest.mark.slow
def test_a_member_is_approved_once_every_group_was_typed_as_it_was_heard(office: Office) -> None:
    with approving(office) as (screen, groups):
        for number, group in enumerate(groups, start=1):
            prompt = f"Group {number} of 8: "
            if number == 3:  # misheard once
                screen.answer(prompt, "00000" if group != "00000" else "00001")
            screen.answer(prompt, group)
        screen.rest()
    assert screen.code == 0
    assert "Dag Dal is to be approved as peer mentor." in screen.heard
    assert "Group 3 is not the same. Let it be read again." in screen.heard
    assert "Dag Dal is approved as peer mentor." in screen.heard
    office.dispatch(to="dag")


@pytest.mark.slow
def test_all_groups_may_be_typed_at_once(office: Office) -> None:
    with approving(office) as (screen, groups):
        screen.answer("Group 1 of 8: ", " ".join(groups))
        screen.rest()
    assert screen.code == 0


@pytest.mark.slow
def test_a_new_key_of_the_server_is_typed_group_by_group_and_no_digit_is_told(
    office: Office,
) -> None:
    digits = office.ok("serve --new-key --json", profile=None).json["new_keys"][0]["fingerprint"]
    groups = digits.split(" ")
    with terminal(office, "member approve service") as screen:
        screen.answer("Group 1 of 8: ", groups[0])
        for _try in range(3):
            screen.answer("Group 2 of 8: ", "12345" if groups[1] != "12345" else "12346")
        screen.rest()
    assert screen.code == 1
    assert groups[1] not in screen.heard
    assert "the server's new key is not confirmed" in screen.heard
    office.refused("member pause ola", "service_uncertified", 7)
    with terminal(office, "member approve service") as screen:
        for number, group in enumerate(groups, start=1):
            screen.answer(f"Group {number} of 8: ", group)
        screen.rest()
    assert screen.code == 0
    require_speakable(screen.heard)
    office.ok("member pause ola")


@pytest.mark.slow
def test_a_member_whose_digits_differ_is_not_approved_and_no_digit_is_told(office: Office) -> None:
    with approving(office, "--role org_admin") as (screen, groups):
        screen.answer("Group 1 of 8: ", groups[0])
        for _try in range(3):
            screen.answer("Group 2 of 8: ", "12345" if groups[1] != "12345" else "12346")
        screen.rest()
    assert screen.code == 1
    assert "as administrator" in screen.heard
    assert "fingerprint_mismatch" in screen.heard
    assert groups[1] not in screen.heard
    assert office.ok("member show dag --json").json["status"] == "requested"


@pytest.mark.slow
def test_what_was_typed_ahead_does_not_land_in_the_shell(office: Office) -> None:
    command = shlex.join(office.command("create"))
    shell = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile"],
        env={**office.process_env(), "TERM": "dumb", "PS1": "ready> "},
        encoding="utf-8",
        timeout=30,
        echo=False,
    )
    try:
        shell.expect_exact("ready> ")
        shell.sendline(command)
        shell.expect_exact("Number or handle of the mentor: ")
        # The input ends (Ctrl-D) where a person had gone on pasting.
        pasted = f"touch {office.folder}/pasted"
        shell.send(f"kari\nHome visit\n\x04{pasted}\n{pasted}\n")
        shell.expect_exact("Code: interrupted")
        shell.expect_exact("ready> ")
        shell.sendline("echo all quiet")
        shell.expect_exact("all quiet")
    finally:
        shell.close(force=True)
    assert not (office.folder / "pasted").exists()


@pytest.mark.slow
def test_a_recall_is_asked_about_and_done(office: Office) -> None:
    number = office.dispatch()
    with terminal(office, f"recall {number}") as screen:
        said = screen.answer("press Enter for 2, no: ", "")
        assert "sent to Kari Nordmann, is to be recalled." in said
        assert "Nothing was changed." in screen.rest()
    assert screen.code == 1
    with terminal(office, f"recall {number}") as screen:
        screen.answer("press Enter for 2, no: ", "1")
        assert "is recalled. It had not been read" in screen.rest()
    require_speakable(screen.heard)


@pytest.mark.slow
def test_answers_are_not_dictated_into_a_file(office: Office) -> None:
    line = f"{shlex.join(office.command('create'))} 2> {office.folder}/log"
    shell = pexpect.spawn(
        "bash", ["-c", line], env=office.process_env(), encoding="utf-8", timeout=30
    )
    shell.expect(pexpect.EOF)
    shell.close()
    assert shell.exitstatus == 2
    require_three_lines((office.folder / "log").read_text(encoding="utf-8"), "input_needed")
