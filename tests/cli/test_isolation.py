"""Another organisation in the same store: its members neither see, open nor list anything of ours.

Every command that names something is tried with our numbers, ids and handles; the answers are those
for what does not exist at all, so that they do not even tell that it does.
"""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest

from tests.acting import acting, identity_of, own_certificate
from tests.attacker import column, refusals
from tests.office import ACCEPT, PERSON, Office
from tests.quick import a_few

OURS = ("Home visit", "anne", "kari", "ola", "Anne Berg", "Kari Nordmann", "Testforeningen")
NAMED = (
    "show {}",
    "edit {} --title New",
    "dispatch {}",
    "recall --yes {}",
    "cancel --yes {} --reason Moved",
    "open {} --reveal",
    "ack {}",
    "contact {}",
    "complete {}",
    "consent {} " + ACCEPT,
    "audit log --assignment {}",
)
MENTORS_OWN = ("open", "ack", "contact", "complete", "consent")
MEMBERS = (
    "create --to kari --title Visit --payload {payload}",
    "list --mentor kari",
    "member show kari",
    "member pause kari",
    "member resume kari",
    "member certify kari",
    "member revoke --yes kari",
    "member approve kari --fingerprint 12345",
)
LISTS = (
    "list",
    "inbox",
    "status",
    "member list",
    "cycle list",
    "key list",
    "audit log",
    "audit verify",
    "config list",
)


@pytest.fixture(scope="module")
def stage(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose store holds another organisation too: berit and her mentor bodil."""
    office = founded.copy_to(tmp_path_factory.mktemp("shared") / "office")
    office.dispatch("--consent-required --coordinator-notes 'Bring the magnifier.'")
    office.create("--internal-notes 'Ask Per first.'")
    office.ok(
        "init --organization Others --handle berit --name 'Berit By' --keys keyring", profile=None
    )
    office.ok("member invite bodil --name 'Bodil Li' --here --keys keyring", profile="berit")
    return office


@pytest.fixture
def shared(stage: Office, tmp_path: Path) -> Office:
    """Such an office of a test's own."""
    return stage.copy_to(tmp_path / "office")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "profile"),
    a_few(
        3,
        of=[
            (line, who) if who == asking else pytest.param(line, who, marks=pytest.mark.slow)
            for line in NAMED
            for asking in ("bodil" if line.startswith(MENTORS_OWN) else "berit",)
            for who in ("berit", "bodil")
        ],
    ),
)
def test_our_assignments_do_not_exist_for_them(shared: Office, profile: str, line: str) -> None:
    kept = [column(shared, number, "status") for number in (1, 2)]
    for number in (1, 2):
        found = str(column(shared, number, "id"))
        nowhere = str(uuid4())
        for reference, missing in ((number, "999"), (found, nowhere), (found[:8], nowhere[:8])):
            said = shared.run(line.format(reference), profile=profile)
            absent = shared.run(line.format(missing), profile=profile)
            same = absent.said.replace(f"assignment {missing}", f"assignment {reference}")
            assert (said.code, said.said) == (absent.code, same)
            assert said.code != 0
            assert said.error_code in (
                "assignment_not_found",
                "role_missing",
                "only_coordinator_can_dispatch",
            )
    assert [column(shared, number, "status") for number in (1, 2)] == kept
    assert refusals(shared) == []


@pytest.mark.parametrize("line", a_few(3, of=MEMBERS))
def test_our_members_do_not_exist_for_them(shared: Office, line: str) -> None:
    attack = line.format(payload=shared.person())
    said = shared.run(attack, profile="berit")
    absent = shared.run(attack.replace("kari", "nobody"), profile="berit")
    assert (said.code, said.error_code, said.said) == (3, "member_not_found", absent.said)


@pytest.mark.parametrize("profile", ["berit", "bodil"])
@pytest.mark.parametrize("line", a_few(4, of=LISTS))
def test_their_lists_hold_nothing_of_ours(shared: Office, profile: str, line: str) -> None:
    for form in ("", " --json"):
        said = shared.run(line + form, profile=profile).said
        for ours in (*OURS, *PERSON.values(), "magnifier", "Ask Per"):
            assert ours not in said
        for number in (1, 2):
            assert str(column(shared, number, "id")) not in said.replace("-", "")


def test_their_audit_log_is_their_own(shared: Office) -> None:
    ours = shared.ok("audit verify --json").json["entries"]
    theirs = shared.ok("audit verify --json", profile="berit").json["entries"]
    assert (ours, theirs) == (13 + 1, 5)


@pytest.mark.parametrize("member", ["own", "ours"])
def test_a_profile_turned_to_our_organisation(shared: Office, member: str) -> None:
    path = shared.home / "profiles" / "berit.json"
    profile = json.loads(path.read_text(encoding="utf-8"))
    target = json.loads((shared.home / "profiles" / "anne.json").read_text(encoding="utf-8"))
    profile["organization_id"] = target["organization_id"]
    profile["root_public_key"] = target["root_public_key"]
    if member == "ours":
        profile["member_id"] = target["member_id"]
    keys = identity_of(shared, "berit")
    path.write_text(json.dumps(profile), encoding="utf-8")
    lines = (
        "create --to kari --title Visit --payload {}",
        "dispatch 2",
        "recall 1 --yes",
        "audit log",
    )
    if member == "own":
        for line in (*lines, "list", "show 1", "status", "inbox", "open 1 --reveal", "ack 1"):
            said = shared.run(line.format(shared.person()), profile="berit")
            assert said.error_code in ("not_approved", "role_missing", "key_missing")
            assert "Home visit" not in said.said
        return
    from assigncli.errors import IdentityUnavailable

    with (
        acting(shared, "berit", identity=keys) as session,
        session.host.store.read() as tx,
        pytest.raises(IdentityUnavailable) as refused,
    ):
        own_certificate(session, tx)
    assert refused.value.code == "key_not_certified"
