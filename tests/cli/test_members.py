"""Who may invite, approve, pause, certify and revoke whom, and what that does to assignments."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assigncli.crypto.identity import Identity
from tests.attacker import certify_as
from tests.office import Office, Result
from tests.quick import a_few, only
from tests.refusals import everything, refused

NEW = "--name 'Eva Ek' --here --keys keyring"


@pytest.fixture(scope="module")
def with_staff(founded: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office with eva, coordinator only, and bo, administrator only."""
    office = founded.copy_to(tmp_path_factory.mktemp("with_staff") / "office")
    office.ok(f"member invite eva {NEW} --role coordinator")
    office.ok(f"member invite bo {NEW} --role org_admin")
    return office


@pytest.fixture
def staffed(with_staff: Office, tmp_path: Path) -> Office:
    """Such an office of a test's own."""
    return with_staff.copy_to(tmp_path / "staffed")


def membership(office: Office, handle: str) -> dict[str, object]:
    """Return how a member stands."""
    found: dict[str, object] = office.ok(f"member show {handle} --json").json
    return found


def test_an_invitation_waits_for_its_member(office: Office) -> None:
    said = office.ok("member invite Dag --name ' Dag   Dal '")
    sentence, theirs, ours, line = said.stdout.splitlines()
    assert sentence == "Dag Dal is invited as peer mentor, until 5 December at 12:00."
    assert line.startswith(f"Invitation: assign-join-1 {office.store} ")
    assert theirs == "Next: assign join with this invitation, on their own machine"
    assert ours == "Next: then here: assign member approve dag"
    assert membership(office, "dag")["status"] == "invited"
    refused(office, "member approve dag --fingerprint 1", "member_not_waiting", 2)
    refused(office, "member invite DAG --name Other", "handle_taken", 2)


def test_a_member_enrolled_here_can_begin_at_once(office: Office) -> None:
    said = office.ok(f"member invite dag {NEW} --certified-until 31.12.2027 --json").json
    assert (said["roles"], said["certified_until"]) == (["peer_mentor"], "2027-12-31")
    assert said["profile"] == "dag"
    number = office.dispatch(to="dag")
    office.read(number, profile="dag")
    assert json.loads((office.home / "profiles" / "dag.json").read_text())["handle"] == "dag"
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.slow
@pytest.mark.parametrize("profile", a_few(1, of=["kari", "eva", "bo"]))
@pytest.mark.parametrize("role", ["peer_mentor", "coordinator", "org_admin"])
def test_who_may_enrol_whom(staffed: Office, profile: str, role: str) -> None:
    line = f"member invite new {NEW} --role {role}"
    if profile == "kari":
        refused(staffed, line, "role_missing", 4, profile=profile)
        refused(staffed, "member invite new --name X", "role_missing", 4, profile=profile)
    elif profile == "eva" and role != "peer_mentor":
        refused(staffed, line, "may_not_vouch", 4, profile=profile)
        refused(staffed, f"{line} --role peer_mentor", "may_not_vouch", 4, profile=profile)
    else:
        staffed.ok(line, profile=profile)
        assert "whole" in staffed.ok("audit verify").stdout


@pytest.mark.parametrize("role", a_few(1, of=["peer_mentor", "coordinator"]))
def test_who_may_approve_whom(staffed: Office, role: str) -> None:
    """Who is approved without a question is a mentor, unless whoever approves says otherwise."""
    inviting = f"member invite new --name New --role {role}"
    if role == "coordinator":
        refused(staffed, inviting, "may_not_vouch", 4, profile="eva")
    digits = staffed.join("new", "New", more=f"--role {role}")
    line = f"member approve new --fingerprint '{digits}'"
    refused(staffed, line, "role_missing", 4, profile="kari")
    if role == "coordinator":
        asked = f"{line} --role coordinator"
        refused(staffed, asked, "may_not_vouch", 4, profile="eva")
        staffed.ok(asked, profile="bo")
    else:
        staffed.ok(line, profile="eva")
    assert membership(staffed, "new")["roles"] == [role]
    assert "whole" in staffed.ok("audit verify").stdout


def test_a_certification_that_has_ended_already_is_not_given(office: Office) -> None:
    over = "--certified-until 20.11.2026"
    refused(office, f"member invite dag {NEW} {over}", "certified_until_past", 2)
    digits = office.join("dag", "Dag")
    line = f"member approve dag --fingerprint '{digits}'"
    refused(office, f"{line} {over}", "certified_until_past", 2)
    office.ok(f"{line} --certified-until 21.11.2026")


def test_a_handle_that_a_profile_here_has_is_refused_before_anything_is_made(
    office: Office,
) -> None:
    profile = office.home / "profiles" / "anne.json"
    (office.home / "profiles" / "dag.json").write_bytes(profile.read_bytes())
    refused(office, f"member invite dag {NEW}", "profile_exists", 2)


@pytest.mark.slow
def test_a_pause_and_its_end(staffed: Office) -> None:
    number = staffed.create()
    paused = staffed.ok("member pause kari --until 30.11.2026", profile="eva").stdout
    assert "Kari Nordmann is paused until 30 November." in paused
    refused(staffed, f"dispatch {number}", "recipient_is_active_peer_mentor")
    staffed.ok("member resume kari", profile="bo")
    assert membership(staffed, "kari")["paused_until"] is None
    staffed.ok(f"dispatch {number}")
    staffed.ok("member pause kari", profile="kari")  # one may pause oneself
    staffed.read(number)  # what was sent before can be read
    refused(staffed, "member pause ola", "role_missing", 4, profile="kari")
    refused(staffed, "member resume ola", "role_missing", 4, profile="kari")
    staffed.ok("member pause kari --until 21.11.2026")
    staffed.ok("member resume kari", profile="kari")
    assert "whole" in staffed.ok("audit verify").stdout


def test_a_pause_ends_by_itself_after_its_last_day(office: Office) -> None:
    office.ok("member pause kari --until 30.11.2026")
    office.now = datetime(2026, 11, 30, 22, 59, tzinfo=UTC)  # 23:59 in Oslo
    line = f"create --to kari --title Visit --payload {office.person()}"
    refused(office, line, "recipient_is_active_peer_mentor")
    office.later(minutes=1)
    assert membership(office, "kari")["profile"] == "active"
    assert office.dispatch() == 1


@pytest.mark.slow
def test_a_certification_renewed(staffed: Office) -> None:
    staffed.ok("member certify kari --certified-until 22.11.2026", profile="eva")
    number = staffed.dispatch()
    staffed.later(days=2)
    assert membership(staffed, "kari")["profile"] == "expired"
    assert "the certification has lapsed" in staffed.ok("member show kari").stdout
    renewed = staffed.ok("member certify kari --certified-until 31.12.2027 --json").json
    assert (renewed["profile"], renewed["certified_until"]) == ("active", "2027-12-31")
    keys = staffed.ok("key list --json", profile="kari").json["keys"]
    assert [(key["status"], key["certified_until"]) for key in keys] == [("active", "2027-12-31")]
    staffed.read(number)  # no new certificate was made, so what was sealed to it still opens
    staffed.read(staffed.dispatch())
    refused(staffed, "member certify kari", "role_missing", 4, profile="ola")
    refused(staffed, "member certify bo", "may_not_vouch", 4, profile="eva")
    refused(staffed, "member certify bo", "member_not_a_mentor", 2)
    assert "whole" in staffed.ok("audit verify").stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("by", "swept"), only("bo", of=[("eva", False), ("bo", True), ("kari", False)])
)
def test_a_lapsed_mentor_is_not_active_again_by_a_pause(
    staffed: Office, by: str, swept: bool
) -> None:
    """Neither paused and resumed, nor paused before and resumed after; only certified anew."""
    for handle in ("kari", "ola"):
        staffed.ok(f"member certify {handle} --certified-until 22.11.2026", profile="eva")
    staffed.ok("member pause ola")
    draft = staffed.create()
    staffed.later(days=2)
    if swept:
        staffed.ok("sweep")
    for line in ("member pause kari", "member resume kari"):
        refused(staffed, line, "certification_lapsed", 2, profile=by)
    refused(staffed, "member resume ola", "certification_lapsed", 2)
    for handle in ("kari", "ola"):
        assert membership(staffed, handle)["profile"] == "expired"
    refused(staffed, f"dispatch {draft}", "recipient_is_active_peer_mentor")
    staffed.ok("member certify kari --certified-until 31.12.2027")
    staffed.ok(f"dispatch {draft}")


def test_a_draft_whose_coordinator_has_left_is_not_dispatched(staffed: Office) -> None:
    line = f"create --to kari --title Visit --payload {staffed.person()}"
    staffed.ok(line, profile="eva")
    staffed.ok("member revoke eva --yes", profile="bo")
    before = everything(staffed)
    gone = staffed.run("dispatch 1", profile="eva")
    assert (gone.code, gone.error_code) == (4, "membership_revoked")
    refused(staffed, "dispatch 1", "only_coordinator_can_dispatch")
    refused(staffed, "edit 1 --title Other", "only_coordinator_can_dispatch")
    assert everything(staffed) == before
    staffed.ok("cancel 1 --reason 'The coordinator left' --yes")


@pytest.mark.slow
def test_a_coordinator_with_another_device_goes_on_at_the_first(staffed: Office) -> None:
    draft = staffed.create()
    sent = staffed.dispatch()
    staffed.later(minutes=1)
    certify_as(staffed, "bo", "anne", Identity.generate().public)
    staffed.ok(f"dispatch {draft}")
    for number in (sent, draft):
        staffed.read(number)
    assert "whole" in staffed.ok("audit verify").stdout


@pytest.mark.slow
def test_a_revoked_mentor_can_do_nothing_more(staffed: Office) -> None:
    number = staffed.dispatch()
    staffed.ok("member revoke --yes kari", profile="eva")
    before = everything(staffed)
    for line in (f"open {number} --reveal", f"ack {number}", "member pause kari", "inbox"):
        result = staffed.run(line, profile="kari")
        assert (result.code, result.error_code) == (4, "membership_revoked"), line
    assert everything(staffed) == before
    staffed.ok(f"recall --yes {number}")
    refused(staffed, "member revoke --yes kari", "member_already_revoked", 2)
    refused(staffed, "member invite kari --name K", "handle_taken", 2)
    assert "whole" in staffed.ok("audit verify").stdout


@pytest.mark.slow
def test_who_may_revoke_whom(staffed: Office) -> None:
    refused(staffed, "member revoke --yes ola", "role_missing", 4, profile="kari")
    refused(staffed, "member revoke --yes bo", "may_not_vouch", 4, profile="eva")
    refused(staffed, "member revoke --yes anne", "may_not_vouch", 4, profile="eva")
    refused(staffed, "member revoke --yes eva", "may_not_vouch", 4, profile="eva")
    refused(staffed, "member revoke --yes anne", "may_not_vouch", 4)
    staffed.ok("member revoke --yes eva", profile="bo")
    staffed.ok("member revoke --yes anne", profile="bo")
    line = f"create --to kari --title Visit --payload {staffed.person()}"
    refused(staffed, line, "membership_revoked", 4)
    refused(staffed, "list", "role_missing", 4)


@pytest.mark.slow
def test_whom_a_leaver_vouched_for_stays(staffed: Office) -> None:
    staffed.ok(f"member invite dag {NEW}", profile="eva")
    sent = staffed.dispatch(to="dag")
    staffed.later(minutes=1)
    staffed.ok("member revoke --yes eva", profile="bo")
    staffed.read(sent, profile="dag")
    staffed.dispatch(to="dag")


def test_what_a_leaver_dispatched_can_still_be_read_and_recalled(staffed: Office) -> None:
    line = f"create --to kari --title Visit --payload {staffed.person()} --dispatch --json"
    numbers = [staffed.ok(line, profile="eva").json["number"] for _ in range(2)]
    staffed.later(minutes=1)
    staffed.ok("member revoke --yes eva", profile="bo")
    staffed.read(numbers[0])
    staffed.ok(f"recall --yes {numbers[1]}")


def test_the_list_of_members(staffed: Office) -> None:
    found = staffed.ok("member list --json").json["members"]
    assert [each["handle"] for each in found] == [
        "anne", "bo", "eva", "kari", "ola", "per", "service",
    ]  # fmt: skip
    mentors = staffed.ok("member list --role peer_mentor")
    assert mentors.stdout.startswith("3 members.\n\nName: Kari Nordmann\nHandle: kari\n")
    (admin, other) = staffed.ok("member list --role org_admin --json").json["members"]
    assert (admin["roles"], other["roles"]) == (["coordinator", "org_admin"], ["org_admin"])


def handles(result: Result) -> list[str]:
    return [each["handle"] for each in result.json["keys"]]


def test_ones_own_keys(office: Office) -> None:
    (key,) = office.ok("key list --json", profile="kari").json["keys"]
    assert key["status"] == "active"
    groups = key["fingerprint"].split()
    assert [len(group) for group in groups] == [5] * 8
    assert "".join(groups).isdecimal()
    other = office.ok("key list --json", profile="ola").json["keys"][0]["fingerprint"]
    assert other != key["fingerprint"]


@pytest.mark.slow
def test_one_sentence_says_name_roles_and_last_day(office: Office) -> None:
    assert office.ok(f"member invite dag {NEW} --certified-until 31.12.2027").stdout == (
        "Eva Ek is enrolled as peer mentor, certified until 31 December 2027. "
        "Keys and the profile dag are on this machine.\n"
    )
    assert office.ok("member certify dag --certified-until 31.12.2028").stdout == (
        "Eva Ek is certified until 31 December 2028.\n"
    )
    assert office.ok("member certify dag").stdout == "Eva Ek is certified, without an end date.\n"
    assert office.ok("member pause dag --until 24.12.2026").stdout == (
        "Eva Ek is paused until 24 December.\n"
    )
    assert office.ok("member show dag").stdout == (
        "Eva Ek, peer mentor.\nTakes assignments: paused until 24 December\n"
    )
    assert office.ok("member resume dag").stdout == "Eva Ek takes assignments again.\n"
    assert office.ok("member show anne").stdout == "Anne Berg, coordinator and administrator.\n"
    assert office.ok("member revoke dag --yes").stdout == "The membership of Eva Ek is revoked.\n"


def test_approval_says_roles_and_last_day(office: Office) -> None:
    digits = office.join("dag", "Dag Dal")
    said = office.ok(f"member approve dag --fingerprint '{digits}' --certified-until 31.12.2027")
    assert said.stdout == (
        "Dag Dal is approved as peer mentor, certified until 31 December 2027.\n"
    )


def test_the_rest_is_told_when_asked_for_and_in_json(office: Office) -> None:
    said = office.ok("member pause kari --full").stdout
    assert "Handle: kari\n" in said
    assert "Open assignments: none\n" in said
    facts = office.ok("member pause kari --json").json
    assert set(facts) >= {"handle", "display_name", "roles", "id", "open_assignments", "profile"}
