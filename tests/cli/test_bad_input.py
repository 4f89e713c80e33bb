"""Whatever is wrong with what was given: a clear error, the right exit code, nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.office import PERSON, Office
from tests.quick import a_few, one_of_each
from tests.refusals import FOEDSELSNUMMER, everything, refused

CREATE = "create --to kari --title Visit"


def payload(**changes: object) -> str:
    """Return a payload as JSON; a change to None leaves the field out."""
    fields = {**PERSON, **changes}
    return json.dumps({name: value for name, value in fields.items() if value is not None})


@pytest.fixture(scope="module")
def later(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office a day later, when ola is paused and per's certificate has lapsed; none is sent."""
    office = founded.copy_to(tmp_path_factory.mktemp("later") / "office")
    office.ok("member pause ola")
    office.ok("member certify per --certified-until 21.11.2026")
    office.later(days=1)
    return office


@pytest.fixture(scope="module")
def drafted(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with a draft."""
    office = founded.copy_to(tmp_path_factory.mktemp("drafted") / "office")
    office.create()
    return office


@pytest.fixture(scope="module")
def waiting(drafted: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """One where a mentor has to consent and dag waits for approval."""
    office = drafted.copy_to(tmp_path_factory.mktemp("waiting") / "office")
    office.dispatch("--consent-required")
    office.join("dag", "Dag")
    return office


@pytest.mark.parametrize(
    ("more", "code", "exit_code"),
    a_few(
        2,
        of=one_of_each(
            [
                ("--to nobody --title Visit", "member_not_found", 3),
                ("--to 'ka ri' --title Visit", "member_not_found", 3),
                ("--to service --title Visit", "recipient_is_active_peer_mentor", 6),
                ("--to ola --title Visit", "recipient_is_active_peer_mentor", 6),
                ("--to per --title Visit", "recipient_is_active_peer_mentor", 6),
                ("--to kari --title Visit --expires 20.11.2026", "expires_at_in_future", 6),
                ("--to kari --title Visit --expires 31.02.2027", "date_invalid", 2),
                ("--to kari --title Visit --expires tomorrow", "date_invalid", 2),
                ("--to kari --title Visit --expires ''", "date_invalid", 2),
                ("--to kari --title Visit --expires 31.12.9999", "date_invalid", 2),
                ("--to kari --title Visit --deadline-days 0", "contact_deadline_days_positive", 6),
                ("--to kari --title Visit --deadline-days ten", "usage", 2),
                (
                    "--to kari --title Visit --deadline-days 99999999999",
                    "contact_deadline_too_long",
                    2,
                ),
                ("--to kari --title Visit --priority high", "usage", 2),
                (
                    f"--to kari --title Visit --reference {'x' * 41}",
                    "subject_reference_max_length",
                    6,
                ),
                ("--to kari --title Visit --reference $'a\\tb'", "subject_reference_invalid", 2),
                (f"--to kari --title 'Visit {FOEDSELSNUMMER}'", "title_no_pii", 6),
                ("--to kari --title 'Visit to Prøvesen'", "title_no_pii", 6),
                ("--to kari --title ' '", "title_invalid", 2),
                (f"--to kari --title {'x' * 201}", "title_invalid", 2),
                (f"--to kari --title Visit --coordinator-notes {'x' * 2001}", "note_invalid", 2),
                ("--to kari --title Visit Prøvesen", "usage", 2),
                ("--to kari --title Visit --name Prøvesen", "usage", 2),
                ("--to kari --title Visit --lang se", "usage", 2),
                ("--to kari --title Visit --payload", "usage", 2),
            ],
            kind=lambda case: case[1],
        ),
    ),
)
def test_what_is_said_about_an_assignment(
    later: Office, tmp_path: Path, more: str, code: str, exit_code: int
) -> None:
    office = later.copy_to(tmp_path / "office")
    given = more.replace("$'a\\tb'", "'a\tb'").replace("20.11.2026", "21.11.2026")
    line = f"create --payload {office.person()} {given}"
    refused(office, line, code, exit_code, unsaid=(FOEDSELSNUMMER, "x" * 41, "nobody", "Prøvesen"))


@pytest.mark.parametrize(
    ("content", "code", "exit_code"),
    a_few(
        2,
        of=one_of_each(
            [
                ("", "encrypted_payload_non_empty", 6),
                ("{}", "encrypted_payload_non_empty", 6),
                ("Olga Prøvesen, Granitten 12 B", "payload_not_json", 2),
                (payload()[:-1], "payload_not_json", 2),
                (f"{payload()} {payload()}", "payload_not_json", 2),
                (f"[{payload()}]", "payload_not_json", 2),
                ('"Olga Prøvesen"', "payload_not_json", 2),
                ("null", "payload_not_json", 2),
                ('{"full_name": "Olga", "full_name": "Prøvesen"}', "payload_not_json", 2),
                ('{"full_name": NaN}', "payload_not_json", 2),
                ("[" * 60_000, "payload_not_json", 2),
                (payload().encode("utf-16"), "payload_not_json", 2),
                ('{"full_name": "Prøvesen"}'.encode("cp1252"), "payload_not_json", 2),
                (b"\xff\xfe\x00", "payload_not_json", 2),
                (b"\x00" * 100, "payload_not_json", 2),
                (payload(birth_date="03.04.1951"), "payload_unknown_field", 2),
                (payload(**{"Olga Prøvesen": "x"}), "payload_unknown_field", 2),
                (payload(fødselsnummer=FOEDSELSNUMMER), "payload_unknown_field", 2),
                (payload(phone=None), "payload_field_missing", 2),
                (payload(city="  "), "payload_field_missing", 2),
                (payload(phone="ring Olga"), "payload_field_invalid", 2),
                (payload(phone=22112211), "payload_field_invalid", 2),
                (payload(postal_code="123"), "payload_field_invalid", 2),
                (payload(full_name="Olga\nPrøvesen"), "payload_field_invalid", 2),
                (payload(full_name="Olga \x1b[31m"), "payload_field_invalid", 2),
                (payload(medical_summary="a\ud800"), "payload_field_invalid", 2),
                (payload(practical_notes={"a": 1}), "payload_field_invalid", 2),
                (payload(medical_summary="x" * 70_000), "payload_too_large", 2),
                *(
                    (payload(**{name: f"x {FOEDSELSNUMMER}"}), "payload_has_national_id", 2)
                    for name in PERSON
                ),
                (payload(medical_summary="158570 10032"), "payload_has_national_id", 2),
                (payload(medical_summary="15.85.70 100 32"), "payload_has_national_id", 2),
            ],
            kind=lambda case: case[1],
        ),
    ),
    ids=lambda value: value if isinstance(value, str) and value.startswith("payload_") else "given",
)
def test_what_is_wrong_with_a_payload(
    office: Office, content: str | bytes, code: str, exit_code: int
) -> None:
    values = (FOEDSELSNUMMER, "Olga", "Prøvesen", "birth_date", "ring", "1951")
    refused(office, f"{CREATE} --payload -", code, exit_code, stdin=content, unsaid=values)
    path = office.folder / "given.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    refused(office, f"{CREATE} --payload {path}", code, exit_code, unsaid=values)


def test_a_payload_may_begin_with_a_byte_order_mark(office: Office) -> None:
    office.ok(f"{CREATE} --payload -", stdin=payload().encode("utf-8-sig"))


@pytest.mark.parametrize("name", a_few(2, of=["missing.json", "", ".", "a/b/c", "nul\\0l"]))
def test_a_payload_file_that_cannot_be_read(office: Office, name: str) -> None:
    path = str(office.folder / name) if name != "" else "''"
    refused(office, f"{CREATE} --payload {path}", "payload_unreadable", 2, unsaid=("missing",))


@pytest.mark.parametrize(
    ("line", "code", "exit_code"),
    a_few(
        3,
        of=one_of_each(
            [
                ("show 99", "assignment_not_found", 3),
                ("show 0", "assignment_not_found", 3),
                ("show ' -1'", "assignment_not_found", 3),
                ("show 99999999999999999999999", "assignment_not_found", 3),
                ("show 'Olga Prøvesen'", "assignment_not_found", 3),
                ("show ''", "assignment_not_found", 3),
                ("show 9f86d081-884c-4d63-a5ee-3f2b8c9d1e0a", "assignment_not_found", 3),
                ("edit 99 --title X", "assignment_not_found", 3),
                ("dispatch 99", "assignment_not_found", 3),
                ("recall --yes 99", "assignment_not_found", 3),
                ("cancel --yes 99 --reason Moved", "assignment_not_found", 3),
                ("cancel --yes 1 --reason ' '", "reason_missing", 2),
                ("cancel --yes 1 --reason ''", "reason_missing", 2),
                ("open 99 --reveal", "assignment_not_found", 3),
                ("consent 99", "assignment_not_found", 3),
                ("ack 99", "assignment_not_found", 3),
                ("list --mentor nobody", "member_not_found", 3),
                ("list --status lost", "usage", 2),
                ("list --limit 0", "usage", 2),
                ("list --limit 1001", "usage", 2),
                ("list --before 0", "usage", 2),
                ("list --before x", "usage", 2),
                ("show", "usage", 2),
                ("shwo 1", "usage", 2),
                ("member", "usage", 2),
                ("member frobnicate", "usage", 2),
                ("member show nobody", "member_not_found", 3),
                ("member pause anne", "member_not_a_mentor", 2),
                ("member pause kari --until 20.11.2026", "paused_until_past", 2),
                ("member pause kari --until soon", "date_invalid", 2),
                ("member certify kari --certified-until 20.11.2026", "certified_until_past", 2),
                ("member approve kari --fingerprint 1", "member_not_waiting", 2),
                ("member approve nobody --fingerprint 1", "member_not_found", 3),
                ("member invite 'Olga Prøvesen' --name Olga", "handle_invalid", 2),
                ("member invite olga --name ' '", "name_invalid", 2),
                ("member invite kari --name Kari", "handle_taken", 2),
                ("member invite olga --name Olga --role boss", "usage", 2),
                ("config get nothing", "setting_not_found", 3),
                ("config set nothing 1", "setting_not_found", 3),
                ("config set language se", "setting_invalid", 2),
                ("cycle close 1999 --yes", "cycle_not_found", 3),
                ("cycle reopen 1999", "cycle_not_found", 3),
                ("audit log --assignment 99", "assignment_not_found", 3),
                ("list --profile", "usage", 2),
            ],
            kind=lambda case: case[1],
        ),
    ),
)
def test_what_is_not_there_or_cannot_be_meant(
    drafted: Office, tmp_path: Path, line: str, code: str, exit_code: int
) -> None:
    office = drafted.copy_to(tmp_path / "office")
    profile = None if "--profile" in line else "anne"
    refused(office, line, code, exit_code, profile=profile, unsaid=("Olga", "nobody", "shwo"))


@pytest.mark.parametrize(
    ("line", "missing"),
    a_few(
        2,
        of=one_of_each(
            [
                ("create --title Visit --payload -", "Handle of the mentor"),
                ("create --to kari --payload -", "Title"),
                ("create --to kari --title Visit", "Full name of the person"),
                ("cancel --yes 1", "Reason"),
                ("consent 2", "Step 1 of 5"),
                ("member invite olga", "Full name of the member"),
                ("member approve dag", "fingerprint"),
                ("init", "Name of the organisation"),
                ("init --organization Andre", "Your handle"),
                ("init --organization Andre --handle bo", "Your full name"),
                ("join", "Your invitation"),
                ("init --organization Andre --handle bo --name Bo --keys file", "New passphrase"),
            ],
            kind=lambda case: case[0].split()[0],
        ),
    ),
)
def test_nobody_can_be_asked(waiting: Office, tmp_path: Path, line: str, missing: str) -> None:
    office = waiting.copy_to(tmp_path / "office")
    profile = "kari" if line.startswith("consent") else "anne"
    if line.startswith(("init", "join")):
        profile = "new"
    for more in ("", " --no-input"):
        said = refused(office, line + more, "input_needed", 2, profile=profile).stderr
        assert missing in said
        assert "--" in said.splitlines()[-2]  # names what could have been given instead


def test_a_brief_is_not_shown_where_no_terminal_is(office: Office) -> None:
    number = office.dispatch()
    refused(office, f"open {number}", "reveal_needed", 2, profile="kari")
    assert office.ok(f"show {number} --json").json["status"] == "dispatched"


def test_without_a_profile_nothing_is_run(tmp_path: Path, office: Office) -> None:
    empty = Office(tmp_path / "empty")
    for line in ("list", "create --to kari --title X", "inbox", "member list", "store info"):
        refused(empty, line, "profile_missing", 3, profile=None)
    refused(office, "list", "profile_missing", 3, profile="nobody")
    refused(office, "list", "profile_name", 2, profile="../../etc/passwd", unsaid=("etc",))
    refused(office, "list", "profile_name", 2, profile="'Olga Prøvesen'")
    (office.home / "current").unlink()
    refused(office, "list", "profile_unclear", 2, profile=None)
    office.environ["ASSIGN_PROFILE"] = "anne"
    office.ok("list", profile=None)


@pytest.mark.parametrize(
    "content",
    a_few(
        3,
        of=[
            b"",
            b"{",
            b"[]",
            b"{}",
            b'{"format": 1}',
            b'{"format": 99}',
            b"\xff\x00",
            b"[" * 100_000,
        ],
    ),
)
def test_a_damaged_profile(office: Office, content: bytes) -> None:
    (office.home / "profiles" / "anne.json").write_bytes(content)
    refused(office, "list", "profile_damaged", 2)
    office.ok("inbox", profile="kari")


@pytest.mark.parametrize(
    ("name", "value"),
    a_few(
        3,
        of=[
            ("store", 7),
            ("organization_id", "not-an-id"),
            ("member_id", None),
            ("root_public_key", "00"),
            ("root_public_key", "zz"),
            ("keys", "pocket"),
            ("language", "se"),
        ],
    ),
)
def test_a_profile_with_a_damaged_field(office: Office, name: str, value: object) -> None:
    path = office.home / "profiles" / "anne.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), name: value}), "utf-8")
    refused(office, "list", "profile_damaged", 2)


def test_damaged_settings_of_the_machine(office: Office) -> None:
    (office.home / "settings.json").write_text("{")
    refused(office, "config get language", "settings_damaged", 2)
    office.ok("list")


@pytest.mark.parametrize(
    ("place", "code"),
    a_few(
        2,
        of=[
            ("home", "folder_unsafe"),
            ("home/profiles", "folder_unsafe"),
            ("home/assign.db", "store_unsafe"),
            ("home/assign.db.vault", "store_unsafe"),
        ],
    ),
)
def test_permissions_that_are_too_wide(office: Office, place: str, code: str) -> None:
    path = office.folder / place
    path.chmod(0o755 if path.is_dir() else 0o644)
    line = f"{CREATE} --payload {office.person()}"
    said = refused(office, line, code, 7).stderr
    assert "chmod" in said
    path.chmod(0o700 if path.is_dir() else 0o600)
    office.ok(line)


def test_a_store_in_a_folder_that_others_may_enter(office: Office, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    office.home.rename(shared)
    office.home.mkdir(mode=0o700)
    (shared / "profiles").rename(office.home / "profiles")
    for path in (office.home / "profiles").glob("*.json"):
        path.write_text(path.read_text("utf-8").replace(str(office.home), str(shared)), "utf-8")
    office.ok("list")
    shared.chmod(0o750)
    refused(office, "list", "store_unsafe", 7)
    before = everything(office)
    refused(
        office,
        f"init --organization Andre --handle bo --name Bo --store {shared}/other.db --keys keyring",
        "store_unsafe",
        7,
        profile=None,
    )
    assert everything(office) == before
    assert not (shared / "other.db").exists()
    assert not (shared / "other.db.vault").exists()


def test_a_store_that_is_not_founded_leaves_nothing_behind(tmp_path: Path) -> None:
    empty = Office(tmp_path / "empty")
    for more in ("--time-zone Mars --keys keyring", "--keys file", "--handle 'Bo Bo'"):
        line = f"init --organization Andre --name Bo {more}"
        assert empty.run(line if "--handle" in more else f"{line} --handle bo", profile=None).code
        assert not [path for path in empty.folder.rglob("*") if path.is_file()]


def test_a_document_and_a_table_at_once(office: Office) -> None:
    result = office.run("list --json --table")
    assert (result.code, result.stdout, result.error["code"]) == (2, "", "usage")


def test_what_cannot_be_founded(office: Office) -> None:
    line = "init --organization Andre --handle bo --name Bo --keys keyring"
    cases = {
        "--time-zone Oslo": "time_zone_unknown",
        "--organization ' '": "name_invalid",
        "--handle 'Bo Bo'": "handle_invalid",
        "--name ''": "input_needed",
        "--handle anne": "profile_exists",
        "--keys pocket": "usage",
    }
    for more, code in cases.items():
        refused(office, f"{line} {more}", code, 2, profile=None)
