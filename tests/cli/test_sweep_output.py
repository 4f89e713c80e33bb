"""What the sweep says: a line for each thing, in a dry run too, in JSON, and for each organisation.

And as whom it acts: the service identities of the store that are at hand.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from uuid import uuid4

import pytest

from tests.attacker import column
from tests.office import Office
from tests.refusals import everything, refused
from tests.sweeping import (
    ARCHIVED,
    CLOSED,
    EXPIRED,
    LAPSED,
    LEFT_BEHIND,
    REMINDED,
    SHREDDED,
    entries,
    key_id,
    moment,
    outcomes,
    put_back,
    settled,
    share,
    sweep,
    swept,
    whole,
)

ALL = (
    LEFT_BEHIND,
    EXPIRED.format(2),
    EXPIRED.format(3),
    REMINDED.format(4),
    SHREDDED.format(5),
    CLOSED.format("2026"),
    LAPSED.format("Per Ås"),
    ARCHIVED.format(1),
)


@pytest.fixture(scope="module")
def prepared(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office in which something of every kind is due, in the night of 1 December 2027."""
    office = founded.copy_to(tmp_path_factory.mktemp("prepared") / "office")
    office.dispatch()
    key, found = key_id(office, 1), share(office, 1)
    office.ok("recall --yes 1")
    put_back(office, key, found)
    office.later(days=365)
    office.ok("config set retention_days 5")
    office.ok("member certify per --certified-until 30.11.2027")
    office.dispatch("--expires 30.11.2027")
    office.create("--expires 30.11.2027")
    office.dispatch("--deadline-days 2", to="ola")
    office.dispatch(to="ola")
    office.to_status(5, "completed", profile="ola")
    # 03:00 in Oslo: nothing is sent at night, so the outbox adds no lines.
    office.now = moment("2027-12-01T02:00:00")
    return office


@pytest.fixture
def due(prepared: Office, tmp_path: Path) -> Office:
    """Such an office of a test's own."""
    return prepared.copy_to(tmp_path / "due")


@pytest.mark.slow
def test_each_thing_is_one_line_in_the_order_in_which_it_is_done(due: Office) -> None:
    assert tuple(sweep(due)) == ALL
    assert sweep(due) == []
    whole(due)


@pytest.mark.slow
def test_each_line_makes_sense_alone(due: Office) -> None:
    due.later(hours=10)  # and now the outbox is told of, too
    lines = sweep(due)
    assert len(lines) > len(ALL)
    for line in lines:
        assert re.fullmatch(r"([A-Za-z][A-Za-zÅ0-9',; ]*[a-z0-9]\.( (?!$)|$))+", line)
        assert "None" not in line
        assert len(line.split()) > 3
    for private in ("Olga", "Granitten", "22 11 22 11", "Home visit"):
        assert private not in "\n".join(lines)


@pytest.mark.slow
def test_a_dry_run_changes_nothing_and_names_what_the_next_run_does(due: Office) -> None:
    before = due.snapshot()
    named = outcomes(due, "--dry-run")
    said = sweep(due, "--dry-run")
    assert len(said) == len(named)
    assert due.snapshot() == before
    assert not [line for line in said if "would" not in line]
    assert named == outcomes(due)
    assert outcomes(due, "--dry-run") == []


def test_a_dry_run_by_day_names_the_messages_that_wait(office: Office) -> None:
    number = office.dispatch()
    before = office.snapshot()
    assert sweep(office, "--dry-run") == [
        "Kari Nordmann has no channel for notifications, so nobody would be told about "
        f"assignment {number}."
    ]
    assert office.snapshot() == before
    assert outcomes(office, "--dry-run") == outcomes(office)


@pytest.mark.slow
def test_a_dry_run_names_no_message_that_events_have_overtaken(office: Office) -> None:
    number = office.dispatch("--deadline-days 2")
    office.to_status(number, "acknowledged")
    settled(office)
    office.now = moment("2026-11-23T21:00:00")
    swept(office, REMINDED.format(number))
    office.ok(f"contact {number}", profile="kari")
    office.later(hours=12)
    assert outcomes(office, "--dry-run") == outcomes(office)


def test_a_dry_run_names_shares_of_no_row(office: Office) -> None:
    put_back(office, uuid4(), bytes(range(32)))
    before = office.snapshot()
    named = outcomes(office, "--dry-run")
    assert office.snapshot() == before
    assert named == outcomes(office)


def test_json_is_one_document(due: Office) -> None:
    result = due.ok("sweep --json")
    assert result.stderr == ""
    document = json.loads(result.stdout)
    assert list(document) == ["outcomes", "dry_run"]
    assert document["dry_run"] is False
    assert [each["message"] for each in document["outcomes"]] == list(ALL)
    for each in document["outcomes"]:
        keys = ["organization", "done", "number", "name", "told", "message", "problem"]
        assert list(each) == [*keys, "assignments"]
        assert each["organization"] is None
        assert each["problem"] is None
    kinds = [each["done"] for each in document["outcomes"]]
    assert kinds == [
        "share_deleted",
        "expired",
        "expired",
        "reminded",
        "shredded",
        "cycle_closed",
        "certification_lapsed",
        "archived",
    ]
    assert json.loads(due.ok("sweep --json --dry-run").stdout) == {"outcomes": [], "dry_run": True}


@pytest.mark.slow
def test_norwegian_does_the_same_work(due: Office) -> None:
    assert len(sweep(due, "--lang nb --dry-run")) == len(ALL)
    assert len(sweep(due, "--lang nb")) == len(ALL)
    assert column(due, 2, "status") == "expired"
    assert sweep(due, "--lang nb") == []


@pytest.fixture(scope="module")
def both(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose store holds another organisation too, in which number 1 of each is due."""
    office = founded.copy_to(tmp_path_factory.mktemp("both") / "office")
    office.ok(
        "init --organization Others --handle berit --name 'Berit By' --keys keyring", profile=None
    )
    office.ok("member invite bodil --name 'Bodil Li' --here --keys keyring", profile="berit")
    create = f"create --title Visit --payload {office.person()} --dispatch --expires 28.11.2026"
    office.ok(f"{create} --to kari")
    office.ok(f"{create} --to bodil", profile="berit")
    settled(office)
    office.now = moment("2026-11-28T23:00:00")
    return office


@pytest.fixture
def shared(both: Office, tmp_path: Path) -> Office:
    """Such an office of a test's own."""
    return both.copy_to(tmp_path / "shared")


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["bodil", pytest.param("anne", marks=pytest.mark.slow)])
def test_each_organisation_of_the_store_is_swept(shared: Office, profile: str) -> None:
    lines = [f"{name}: {EXPIRED.format(1)}" for name in ("Testforeningen", "Others")]
    before = shared.snapshot()
    would = sorted(shared.ok("sweep --dry-run", profile=profile).stdout.splitlines())
    assert would == sorted(
        f"{line.partition(':')[0]}: Assignment 1 would expire." for line in lines
    )
    assert shared.snapshot() == before
    said = shared.ok("sweep", profile=profile)
    assert sorted(said.stdout.splitlines()) == sorted(lines)
    assert said.stderr == ""
    for who in ("anne", "berit"):
        assert shared.ok("show 1 --json", profile=who).json["status"] == "expired"
        shared.ok("audit verify", profile=who)
    shared.ok("store check")


def test_each_organisation_is_named_in_json(shared: Office) -> None:
    found = shared.ok("sweep --json").json["outcomes"]
    assert {each["organization"] for each in found} == {"Testforeningen", "Others"}
    assert {each["number"] for each in found} == {1}


def test_only_whose_identity_is_at_hand_is_swept(shared: Office) -> None:
    for path in service_files(shared, "anne"):
        path.unlink()
    swept(shared, EXPIRED.format(1))  # one organisation: not named
    assert shared.ok("show 1 --json").json["status"] == "dispatched"
    assert shared.ok("show 1 --json", profile="berit").json["status"] == "expired"


def test_an_identity_that_cannot_be_used_stops_no_other(shared: Office) -> None:
    (key,) = (path for path in service_files(shared, "anne") if path.suffix == ".key")
    key.write_bytes(b"rubbish")
    said = shared.run("sweep --json")
    assert said.code == 5
    assert {(each["done"], each["problem"]) for each in said.json["outcomes"]} == {
        ("swept", "key_file_damaged"),
        ("expired", None),
    }
    assert shared.ok("show 1 --json").json["status"] == "dispatched"
    assert shared.ok("show 1 --json", profile="berit").json["status"] == "expired"


@pytest.mark.slow
def test_one_organisations_time_zone_is_not_anothers(office: Office) -> None:
    office.ok(
        "init --organization South --handle tui --name 'Tui T' --keys keyring"
        " --time-zone Pacific/Auckland",
        profile=None,
    )
    office.ok("member invite moa --name 'Moa M' --here --keys keyring", profile="tui")
    office.ok("config set quiet_hours none")
    for profile, mentor in (("anne", "kari"), ("tui", "moa")):
        office.ok(
            f"create --to {mentor} --title Visit --payload {office.person()} --dispatch"
            " --deadline-days 2",
            profile=profile,
        )
    settled(office)
    # Dispatched on Saturday 12:00 in Oslo, on Sunday 00:00 in Auckland.
    office.now = moment("2026-11-22T23:00:00")
    swept_lines = [line for line in sweep(office) if "reminder" in line]
    assert swept_lines == [f"Testforeningen: {REMINDED.format(1)}"]
    office.now = moment("2026-11-23T10:59:59")
    assert not [line for line in sweep(office) if "reminder" in line]
    office.now = moment("2026-11-23T11:00:00")
    swept_lines = [line for line in sweep(office) if "reminder" in line]
    assert swept_lines == [f"South: {REMINDED.format(1)}"]


def test_a_machine_without_a_service_identity(office: Office) -> None:
    office.dispatch("--expires 28.11.2026")
    office.later(days=10)
    for path in (office.home / "assign.db.service").iterdir():
        path.unlink()
    said = refused(office, "sweep", "service_identity_missing", 4).stderr
    assert "set up" in said
    (office.home / "assign.db.service").rmdir()
    refused(office, "sweep", "service_identity_missing", 4)
    refused(office, "sweep --dry-run", "service_identity_missing", 4)
    assert column(office, 1, "status") == "dispatched"


def test_an_identity_of_an_organisation_that_is_not_in_the_store(
    office: Office, tmp_path: Path
) -> None:
    other = Office(tmp_path / "other")
    other.folder.mkdir()
    other.ok("init --organization Others --handle bo --name Bo --keys keyring", profile=None)
    ours, theirs = (each.home / "assign.db.service" for each in (office, other))
    for path in theirs.iterdir():
        (ours / path.name).write_bytes(path.read_bytes())
        (ours / path.name).chmod(0o600)
    swept(office)
    for path in service_files(office, "anne"):
        path.unlink()
    refused(office, "sweep", "service_identity_missing", 4)


def test_anybodys_profile_will_do_but_it_acts_as_the_service(office: Office) -> None:
    number = office.dispatch("--expires 28.11.2026")
    settled(office)
    office.now = moment("2026-11-28T23:00:00")
    (office.folder / "keyring.json").write_text("{}")  # no member's key is at hand
    assert office.ok("sweep", profile="ola").stdout == EXPIRED.format(number) + "\n"
    ((who, _at),) = entries(office, "assignment.expired", column(office, number, "id"))
    assert who == "service"


def test_a_named_store_needs_no_profile(office: Office) -> None:
    number = office.dispatch("--expires 28.11.2026")
    settled(office)
    office.now = moment("2026-11-28T23:00:00")
    for profile in (office.home / "profiles").iterdir():
        profile.unlink()
    said = office.ok(f"sweep --store {office.store}", profile=None)
    assert said.said == EXPIRED.format(number) + "\n"


def service_files(office: Office, profile: str) -> list[Path]:
    """Return the files of the service identity of that profile's organisation."""
    path = office.home / "profiles" / f"{profile}.json"
    organization = json.loads(path.read_text(encoding="utf-8"))["organization_id"]
    found = [
        each for each in (office.home / "assign.db.service").iterdir() if organization in each.name
    ]
    assert len(found) == 2  # the key, and the root key it is pinned to
    return found


def test_a_dry_run_queues_nothing_again(office: Office) -> None:
    office.dispatch()
    settled(office)
    settled(office)
    before = everything(office)
    office.run("sweep --dry-run --retry 1")
    assert everything(office) == before
