"""What happens between an action's reading and its writing: somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from sqlmodel import Session as Transaction

from assigncli.cli import session as clock
from assigncli.cli.session.in_process import Session
from assigncli.client import consent, dispatch, edit, open
from assigncli.domain.consent_text import CURRENT
from assigncli.errors import AssignError, RuleRefused, Tampered
from assigncli.server import batch
from assigncli.server.store.engine import Store
from tests.acting import acting, altered
from tests.attacker import write
from tests.office import ACCEPT, Office
from tests.quick import a_few, only
from tests.refusals import rows, shares


class Meanwhile:
    """A store at which something happens just before the first write begins."""

    def __init__(self, store: Store, happens: Callable[[], object]) -> None:
        self._store = store
        self._happens: Callable[[], object] | None = happens
        self.read, self.path = store.read, store.path

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        happens, self._happens = self._happens, None
        if happens is not None:
            happens()
        with self._store.write() as tx:
            yield tx


@contextmanager
def interrupted(office: Office, profile: str, line: str, *, by: str = "anne") -> Iterator[Session]:
    """Give a session in which `by` runs `line` between reading and writing."""
    with acting(office, profile) as session:
        store = Meanwhile(session.host.store, lambda: office.ok(line, profile=by))
        yield altered(session, store=cast("Store", store))


def test_a_coordinator_who_leaves_meanwhile_does_not_dispatch(office: Office) -> None:
    """The rule is asked again where the row is written, whoever was looked at before."""
    office.ok("member invite eva --name Eva --role coordinator --here --keys keyring")
    person = office.person()
    office.ok(f"create --to kari --title Visit --payload {person}", profile="eva")
    revoking = interrupted(office, "eva", "member revoke eva --yes")
    with revoking as session, pytest.raises(AssignError) as caught:
        dispatch.dispatch(session.client, "1")
    assert caught.value.code == "certificate_revoked"
    assert rows(office, "SELECT status FROM assignments") == [("pending",)]


@pytest.mark.parametrize(
    ("line", "rule"),
    only(
        "edit 1 --to ola",
        "member pause kari",
        of=[
            ("edit 1 --title Other", "valid_status_transition"),
            ("edit 1 --to ola", "valid_status_transition"),
            ("dispatch 1", "valid_status_transition"),
            ("recall --yes 1", "valid_status_transition"),
            ("member pause kari", "recipient_is_active_peer_mentor"),
            ("member revoke --yes kari", "recipient_must_belong_to_same_organization"),
        ],
    ),
)
def test_a_draft_that_changed_is_not_dispatched(office: Office, line: str, rule: str) -> None:
    office.create()
    with interrupted(office, "anne", line) as session, pytest.raises(RuleRefused) as caught:
        dispatch.dispatch(session.client, "1")
    assert caught.value.code == rule
    sent = rows(office, "SELECT count(*) FROM assignment_threshold_logs")
    assert sent == [(1 if line == "dispatch 1" else 0,)]
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.parametrize(
    "line", a_few(1, of=["dispatch 1", "recall --yes 1", "cancel --yes 1 --reason Moved"])
)
def test_an_edit_that_came_too_late_changes_nothing(office: Office, line: str) -> None:
    office.create()
    with interrupted(office, "anne", line) as session, pytest.raises(RuleRefused) as caught:
        edit.edit(session.client, "1", edit.Changes(title="Other"))
    assert caught.value.code in ("assignment_immutable_after_dispatch", "valid_status_transition")
    assert office.ok("show 1 --json").json["title"] == "Home visit"
    assert shares(office) == (1 if line == "dispatch 1" else 0)
    if line == "dispatch 1":
        office.read(1)


@pytest.mark.parametrize("line", a_few(1, of=["recall --yes 1", "cancel --yes 1 --reason Moved"]))
def test_a_brief_that_was_withdrawn_is_not_released(office: Office, line: str) -> None:
    office.dispatch()
    with interrupted(office, "kari", line) as session, pytest.raises(AssignError) as caught:
        open.open_brief(session.client, "1")
    assert caught.value.code == "valid_status_transition"
    shown = office.ok("show 1 --json").json
    assert shown["first_read_at"] is None
    (entry,) = office.ok("audit log --assignment 1 --limit 1 --json").json["entries"]
    assert (entry["action"], entry["details"]["code"]) == ("attempt.refused", caught.value.code)


def test_a_mentor_who_opens_while_consent_is_given_elsewhere(office: Office) -> None:
    """Consent given between the two does not undo the refusal that was made before."""
    office.dispatch("--consent-required")
    with (
        interrupted(office, "kari", f"consent 1 {ACCEPT}", by="kari") as session,
        pytest.raises(RuleRefused) as caught,
    ):
        open.open_brief(session.client, "1")
    assert caught.value.code == "consent_before_payload_access"
    office.read(1)


STEPS = [each.name for each in CURRENT.steps]


@contextmanager
def consenting(
    office: Office, happens: Callable[[], object], *, late: bool = False
) -> Iterator[Session]:
    """Give kari's session, who was asked; `happens` comes while she answers.

    Or `late`, when her answer is verified and signed, and not yet carried out.
    """
    with acting(office, "kari") as session:
        assert consent.asked(session.client, "1").completed_at is None
        if not late:
            happens()
        store = Meanwhile(session.host.store, happens if late else lambda: None)
        yield altered(session, store=cast("Store", store))


def no_consent(office: Office) -> bool:
    """Say that nothing of a consent is in the store: no record, no column, no entry."""
    found = rows(
        office,
        "SELECT (SELECT count(*) FROM consent_records),"
        " (SELECT count(*) FROM audit_log WHERE action = 'consent.completed'),"
        " (SELECT count(*) FROM assignments WHERE consent_completed_at IS NOT NULL)",
    )
    return found == [(0, 0, 0)]


@pytest.mark.parametrize(
    ("line", "code", "late"),
    a_few(
        2,
        of=[
            ("recall 1 --yes", "valid_status_transition", False),
            ("recall 1 --yes", "valid_status_transition", True),
            ("cancel 1 --reason Moved --yes", "valid_status_transition", False),
            ("cancel 1 --reason Moved --yes", "valid_status_transition", True),
            ("member revoke kari --yes", "membership_revoked", False),
            ("member revoke kari --yes", "certificate_revoked", True),
        ],
    ),
)
def test_consent_to_what_was_withdrawn_meanwhile_is_refused(
    office: Office, line: str, code: str, *, late: bool
) -> None:
    office.dispatch("--consent-required")
    with (
        consenting(office, lambda: office.ok(line), late=late) as session,
        pytest.raises(AssignError) as caught,
    ):
        consent.give(session.client, "1", STEPS)
    assert caught.value.code == code
    assert no_consent(office)


def test_consent_to_what_the_sweep_expired_meanwhile_is_refused(office: Office) -> None:
    office.dispatch("--consent-required --expires 2026-11-30")
    office.now = datetime(2026, 11, 30, 22, 59, tzinfo=UTC)  # the last minute of the day in Oslo

    def swept() -> None:
        office.later(minutes=1)
        office.run("sweep")

    with consenting(office, swept, late=True) as session, pytest.raises(RuleRefused) as caught:
        consent.give(session.client, "1", STEPS)
    assert caught.value.code == "expired_payload_inaccessible"
    assert office.ok("show 1 --json").json["status"] == "expired"
    assert no_consent(office)


def test_consent_to_what_expires_while_it_is_being_given_expires_it(office: Office) -> None:
    office.dispatch("--consent-required --expires 2026-11-30")
    with consenting(office, lambda: office.later(days=10)) as session:
        late = altered(session, now=office.now + timedelta(days=10))
        with pytest.raises(RuleRefused) as caught:
            consent.give(late.client, "1", STEPS)
    assert caught.value.code == "expired_payload_inaccessible"
    assert office.ok("show 1 --json").json["status"] == "expired"
    assert shares(office) == 0
    assert no_consent(office)
    assert "whole" in office.ok("audit verify").stdout


@pytest.mark.parametrize(
    "change",
    a_few(
        2,
        of=[
            "title = 'Another visit'",
            "expires_at = '2027-06-01T00:00:00.000000Z'",
            "consent_required = 0",
            "status = 'read'",
            "manifest_signature = zeroblob(64)",
            "coordinator_notes = 'Ring twice'",
        ],
    ),
)
def test_consent_to_what_was_tampered_with_meanwhile_is_refused(
    office: Office, change: str
) -> None:
    office.dispatch("--consent-required")
    attack = f"UPDATE assignments SET {change}"
    with (
        consenting(office, lambda: write(office, attack)) as session,
        pytest.raises(Tampered) as caught,
    ):
        consent.give(session.client, "1", STEPS)
    is_text = change.startswith(("title", "coordinator_notes"))
    assert caught.value.code == ("text_altered" if is_text else "manifest_invalid")
    assert no_consent(office)


def test_the_time_counts_at_which_the_conversation_ends(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.dispatch("--consent-required --expires 2026-11-30")
    questions: list[str] = []

    def slowly(question: str, *_more: object, **_named: object) -> int:
        questions.append(question)
        clock.utc_now = lambda: office.now + timedelta(days=10)  # put back by the office
        return 0

    monkeypatch.setattr("assigncli.cli.consent.choose", slowly)
    office.refused("consent 1", "expired_payload_inaccessible", 6, profile="kari")
    assert len(questions) == len(STEPS)
    assert no_consent(office)


@pytest.mark.slow
def test_consent_given_twice_at_once_is_one_consent(office: Office) -> None:
    office.dispatch("--consent-required")
    line = f"consent 1 {ACCEPT}"
    once = consenting(office, lambda: office.ok(line, profile="kari"), late=True)
    with once as session:
        given = consent.give(
            altered(session, now=office.now + timedelta(minutes=4)).client, "1", STEPS
        )
    assert given.consent_completed_at == office.now
    assert rows(office, "SELECT count(*) FROM consent_records") == [(1,)]
    office.later(minutes=4)
    office.read(1)


def test_a_write_that_fails_takes_the_share_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_named: object) -> None:
        raise KeyboardInterrupt

    office.create()
    line = f"create --to kari --title Visit --payload {office.person()}"
    monkeypatch.setattr(batch.record, "record_all", fail)
    monkeypatch.setattr(batch.record, "record", fail)
    for attempt in (line, f"{line} --dispatch", "edit 1 --title Other"):
        assert office.run(attempt).code == 130
    monkeypatch.undo()
    assert shares(office) == 1
    assert rows(office, "SELECT number, title FROM assignments") == [(1, "Home visit")]
    office.ok("dispatch 1")
    office.read(1)


@pytest.mark.parametrize("line", ["create --dispatch --to kari", "create --to kari"])
def test_an_interruption_just_after_the_commit_keeps_the_share(
    office: Office, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    commit = Transaction.commit

    def commit_and_stop(session: Transaction) -> None:
        wrote = bool(session.connection().exec_driver_sql("SELECT total_changes()").scalar())
        commit(session)
        if wrote:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Transaction, "commit", commit_and_stop)
        assert office.run(f"{line} --title Visit --payload {office.person()}").code == 130
    if "--dispatch" not in line:
        office.ok("dispatch 1")
    assert "Name: " in office.read(1).stdout
