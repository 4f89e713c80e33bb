"""The auditor after a restore: a shorter log is refused, and they start over with a new key.

A cosignature says that its key has seen no longer log that it took for this one (C2SP
tlog-cosignature). So the key that cosigned what is gone cosigns nothing of the restored log.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from assigncli.client import cosign
from tests.auditing import NAME, Auditing
from tests.backing_up import backed_up, confirmed, restored
from tests.office import Office
from tests.refusals import refused

pytestmark = pytest.mark.slow  # each backs up and restores


@pytest.fixture
def auditing(office: Office) -> Auditing:
    """An office that was restored from before what its auditor cosigned."""
    found = Auditing.of(office)
    backup = backed_up(office)
    office.dispatch()
    office.dispatch()
    found.first()
    restored(office, backup)
    confirmed(office)
    return found


def options(auditing: Auditing, name: str = "example.org/anna-2") -> str:
    digits = auditing.shown()["key_fingerprint"]
    return f"--start-over --fingerprint '{digits}' --name {name} --keys keyring --yes"


def kept(auditing: Auditing) -> list[str]:
    """Return the names of what the auditor's machine keeps, without the organisation's id."""
    folder = auditing.auditor.home / "auditor"
    return sorted(path.name.partition(".")[2] for path in folder.glob("*-*.json"))


def test_a_shorter_log_is_refused_and_the_auditor_starts_over_with_a_new_key(
    auditing: Auditing,
) -> None:
    path = auditing.taken("restored.txt")
    said = auditing.refuses(path, "checkpoint_shorter", 1)
    assert "start over: assign audit cosign FILE --start-over." in said.stderr
    first = auditing.folder / "first.cosigned.txt"
    old = auditing.auditor.ok(f"audit cosign {first} --force --json", profile=None).json["auditor"]
    line = f"audit cosign {path} {options(auditing)}"
    unconfirmed = line.removesuffix(" --yes")
    refused(auditing.auditor, unconfirmed, "confirmation_needed", 2, profile=None)
    wrong = line.replace("--fingerprint '", "--fingerprint '1")
    refused(auditing.auditor, wrong, "fingerprint_mismatch", 1, profile=None)
    done = auditing.auditor.ok(f"{line} --json", profile=None).json
    assert done["auditor"] != old
    assert done["auditor"].startswith("example.org/anna-2+")
    aside, new, log = kept(auditing)[2], kept(auditing)[0], kept(auditing)[1]
    assert (new, log) == ("auditor.json", "json")
    assert aside.startswith("until-")


def test_after_it_the_restored_log_goes_on_and_what_was_cosigned_before_still_counts(
    auditing: Auditing,
) -> None:
    old = auditing.folder / "first.cosigned.txt"
    new = auditing.cosigned(auditing.taken("restored.txt"), options(auditing))
    assert auditing.office.ok(f"audit verify --against {new}").code == 0
    lost = auditing.office.run(f"audit verify --against {old}")
    assert lost.error_code == "checkpoint_shorter"
    auditing.office.dispatch()
    later = auditing.cosigned(auditing.taken("later.txt", new))
    assert auditing.office.ok(f"audit verify --against {later}").code == 0
    again = f"audit cosign {auditing.taken('again.txt')} --start-over --yes"
    refused(auditing.auditor, again, "checkpoint_continues", 2, profile=None)


def test_a_restored_log_that_has_grown_past_it_is_no_continuation(auditing: Auditing) -> None:
    for _each in range(4):
        auditing.office.dispatch()
    old, path = auditing.folder / "first.cosigned.txt", auditing.taken("grown.txt")
    auditing.refuses(path, "checkpoint_unproven", 2)
    office = auditing.office
    line = f"audit checkpoint {auditing.folder}/since.txt --since {old}"
    assert office.run(line).error_code == "checkpoint_forked"
    auditing.cosigned(path, options(auditing))


def test_killed_with_its_new_key_made_the_same_command_goes_on_with_that_key(
    auditing: Auditing, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, line = auditing.taken("restored.txt"), options(auditing)

    def killed(*_given: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(cosign, "cosign", killed)
        assert auditing.run(f"{path} {line}").code == 130
    made = (auditing.auditor.home / "auditor").glob("*.auditor.json")
    before = [each.read_text() for each in made]
    auditing.cosigned(path, line)
    made = (auditing.auditor.home / "auditor").glob("*.auditor.json")
    assert [each.read_text() for each in made] == before != []


def test_who_has_cosigned_nothing_does_not_start_over_but_begins(office: Office) -> None:
    auditing = Auditing.of(office)
    path: Path = auditing.cosigned(
        auditing.taken("first.txt"), f"{auditing.introduction()} --start-over"
    )
    assert path.exists()
    assert NAME in path.read_text(encoding="utf-8")
