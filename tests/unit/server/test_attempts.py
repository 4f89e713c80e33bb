"""Refused and withdrawn statements in a real store: what makes an entry, what is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assigncli.errors import RuleRefused, Tampered
from assigncli.protocol import acts
from assigncli.protocol.seen import Seen
from assigncli.protocol.statement import Statement
from assigncli.server import attempt_log
from assigncli.server.attempt_log import Attempt, Counters, Known, TooMany
from assigncli.server.store.engine import Store
from tests.unit.server.store.conftest import World

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)


@dataclass
class Server:
    """One organisation's attempts; `log` has what was appended, its sequence from 1."""

    store: Store
    world: World
    now: datetime = NOW
    log: list[tuple[str, UUID, Mapping[str, Any]]] = field(default_factory=list)
    made: int = 0

    @property
    def organization(self) -> UUID:
        return UUID(self.world.own.id)

    @property
    def device(self) -> UUID:
        return UUID(self.world.own.coordinator_certificate)

    def new_device(self) -> UUID:
        return UUID(self.world.certificate(self.world.own, self.world.own.mentor))

    def append(self, act: str, subject: UUID, facts: Mapping[str, Any]) -> int:
        acts.check_facts(act, facts, alone=True)
        self.log.append((act, subject, facts))
        return len(self.log)

    def statement(self, act: str = "assignment.recalled", **changes: Any) -> Statement:
        """Return a statement that no other is equal to."""
        self.made += 1
        plain = Statement(
            organization=self.organization,
            service=self.device,
            certificate=self.device,
            act=act,
            about=UUID(int=1),
            at=self.now,
            nonce=self.made.to_bytes(16, "big"),
            seen=Seen(3, bytes(32)),
            arguments={"number": 4},
            texts={},
            attachments=(),
        )
        return replace(plain, **changes)

    def attempt(
        self, code: str = "recall_only_before_read", about: int = 1, **changes: Any
    ) -> Attempt:
        statement = self.statement(about=UUID(int=about), **changes)
        body = statement.encode()
        return Attempt(
            statement=statement,
            hash=Statement.digest(body),
            body=body,
            signature=bytes(64),
            code=code,
            facts={"status": "read"},
            subject=statement.about,
        )

    def record(self, attempt: Attempt) -> int | None:
        with self.store.write() as tx:
            return attempt_log.record(tx, self.organization, attempt, self.now, self.append)

    def refuse(self, *arguments: Any, **changes: Any) -> int | None:
        return self.record(self.attempt(*arguments, **changes))

    def known(self, of: bytes) -> Known | None:
        with self.store.read() as tx:
            return attempt_log.known(tx, self.organization, of)

    def withdraw(self, statement: Statement) -> bytes:
        found = Statement.digest(statement.encode())
        with self.store.write() as tx:
            attempt_log.withdraw(tx, self.organization, found, statement, self.now)
        return found

    def sweep(self) -> int:
        with self.store.write() as tx:
            return attempt_log.count_due(tx, self.organization, self.now, self.append)

    def is_flooded(self, device: UUID | None) -> bool:
        with self.store.read() as tx:
            return attempt_log.is_flooded(tx, self.organization, device, self.now)

    def rows(self, columns: str = "hash", where: str = "1") -> list[tuple[Any, ...]]:
        return self.world.db.execute(
            f"SELECT {columns} FROM refused_statements WHERE {where} ORDER BY at, rowid"
        ).fetchall()

    def count(self, where: str = "1") -> int:
        return len(self.rows(where=where))

    def logged(self, act: str) -> list[Mapping[str, Any]]:
        return [facts for name, _subject, facts in self.log if name == act]


@pytest.fixture
def server(store: Store, world: World) -> Server:
    return Server(store, world)


def test_the_first_attempt_is_an_entry_that_names_the_statement(server: Server) -> None:
    attempt = server.attempt()
    assert server.record(attempt) == 1
    facts = {
        "act": "assignment.recalled",
        "certificate": str(server.device),
        "code": "recall_only_before_read",
        "refused": attempt.hash.hex(),
    }
    assert server.log == [("attempt.refused", UUID(int=1), facts)]
    (kept,) = server.rows("body, signature, sequence, counted")
    assert kept == (attempt.body, attempt.signature, 1, 0)


def test_a_refused_statement_is_answered_with_its_refusal(server: Server) -> None:
    attempt, counted = server.attempt(), server.attempt()
    server.record(attempt)
    server.record(counted)
    first = Known("recall_only_before_read", {"status": "read"}, 1, withdrawn=False)
    assert server.known(attempt.hash) == first
    assert server.known(counted.hash) == replace(first, sequence=None)
    assert server.known(bytes(32)) is None


def test_a_statement_of_another_organization_is_not_known(server: Server) -> None:
    attempt = server.attempt()
    server.record(attempt)
    with server.store.read() as tx:
        assert attempt_log.known(tx, UUID(int=5), attempt.hash) is None


def test_the_same_statement_again_is_no_further_attempt(server: Server) -> None:
    attempt, counted = server.attempt(), server.attempt()
    assert [server.record(each) for each in (attempt, attempt)] == [1, 1]
    assert [server.record(each) for each in (counted, counted)] == [None, None]
    assert len(server.log) == 1
    assert server.rows("counted", "counted IS NOT NULL") == [(1,)]


def test_equal_attempts_are_counted_and_the_first_after_the_hour_says_how_many(
    server: Server,
) -> None:
    assert [server.refuse() for _ in range(4)] == [1, None, None, None]
    server.now += HOUR
    assert server.refuse() is None
    server.now += MICROSECOND
    assert server.refuse() == 3
    facts = {"certificate": str(server.device), "from": 1, "count": 4}
    assert server.log[1] == ("attempts.counted", server.organization, facts)
    assert server.log[2][0] == "attempt.refused"


def test_an_hour_without_counted_attempts_is_not_told_of(server: Server) -> None:
    server.refuse()
    server.refuse(about=2)
    server.now += 2 * HOUR
    server.refuse()
    assert [act for act, _subject, _facts in server.log] == ["attempt.refused"] * 3


def test_after_twenty_entries_a_device_only_makes_a_count(server: Server) -> None:
    for about in range(1, 31):
        server.refuse(about=about)
    server.refuse("number_differs", act="assignment.cancelled")
    assert len(server.logged("attempt.refused")) == 20
    server.now += HOUR + MICROSECOND
    assert server.sweep() == 1
    assert server.logged("attempts.counted") == [
        {"certificate": str(server.device), "from": 1, "count": 11}
    ]


def test_each_device_has_an_hour_of_its_own_and_keys_without_certificate_share_one(
    server: Server,
) -> None:
    other = server.new_device()
    for device in (server.device, other, None, None):
        server.refuse(certificate=device)
    server.now += 30 * MINUTE
    server.refuse(certificate=other)
    told = [facts["certificate"] for facts in server.logged("attempt.refused")]
    assert told == [str(server.device), str(other), None]
    server.now += 30 * MINUTE + MICROSECOND
    assert server.sweep() == 2
    assert server.logged("attempts.counted") == [
        {"certificate": str(other), "from": 2, "count": 1},
        {"certificate": None, "from": 3, "count": 1},
    ]


def test_the_sweep_tells_of_an_hour_once_and_not_before_it_is_over(server: Server) -> None:
    server.refuse()
    server.refuse()
    server.now += HOUR
    assert server.sweep() == 0
    server.now += MICROSECOND
    assert server.sweep() == 1
    assert server.sweep() == 0
    assert server.refuse() == 3


def test_counts_survive_a_restart(server: Server) -> None:
    server.refuse()
    server.refuse()
    server.store.close()
    server.now += HOUR + MINUTE
    with Store.open(server.world.path) as again:
        server.store = again
        assert server.sweep() == 1
    assert server.logged("attempts.counted")[0]["count"] == 1


def test_hashes_are_forgotten_after_ten_minutes_and_those_with_an_entry_after_the_hour(
    server: Server,
) -> None:
    recorded, counted, old = server.attempt(), server.attempt(), server.attempt()
    old = server.attempt(at=NOW - 30 * MINUTE)
    for each in (recorded, counted, old):
        server.record(each)
    server.now += 10 * MINUTE
    server.sweep()
    assert server.count() == 3
    server.now += MICROSECOND
    server.sweep()
    assert server.known(counted.hash) is None
    assert server.known(old.hash) is None
    assert server.known(recorded.hash) is not None


def test_a_statement_from_the_future_is_known_when_its_moment_has_come(server: Server) -> None:
    ahead = server.attempt("clock_apart", at=NOW + 3 * HOUR)
    again = server.attempt("clock_apart", at=NOW + 3 * HOUR)
    withdrawn = server.withdraw(server.statement(at=NOW + 3 * HOUR))
    for each in (ahead, again):
        server.record(each)
    server.now += 3 * HOUR + 5 * MINUTE
    server.sweep()
    for each in (ahead.hash, again.hash, withdrawn):
        assert server.known(each) is not None


def test_a_device_keeps_its_newest_bodies(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt_log, "MAX_BODIES_OF_DEVICE", 3)
    other = server.attempt(certificate=server.new_device())
    server.record(other)
    made = [server.attempt(about=about) for about in range(1, 6)]
    for attempt in made:
        server.record(attempt)
    bodies = [body for (body,) in server.rows("body", "body IS NOT NULL")]
    assert bodies == [other.body, *(attempt.body for attempt in made[2:])]


def test_an_organization_keeps_its_newest_bodies(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt_log, "MAX_BODIES_OF_ORGANIZATION", 2)
    made = [server.attempt(certificate=server.new_device()) for _ in range(4)]
    for attempt in made:
        server.record(attempt)
    bodies = [body for (body,) in server.rows("body", "body IS NOT NULL")]
    assert bodies == [attempt.body for attempt in made[2:]]


def test_a_row_stays_while_it_has_its_body(server: Server) -> None:
    attempt = server.attempt()
    server.record(attempt)
    server.now += timedelta(days=300)
    server.sweep()
    assert server.known(attempt.hash) is not None


def test_a_row_without_body_goes_when_nothing_needs_it(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt_log, "MAX_BODIES_OF_DEVICE", 1)
    server.refuse()
    server.now += 2 * HOUR
    server.refuse()
    assert server.count() == 1


def test_a_counted_attempt_keeps_its_hash_alone(server: Server) -> None:
    server.refuse()
    server.refuse()
    assert server.rows("body, signature", "sequence IS NULL") == [(None, None)]


def test_a_token_that_was_not_spent_is_not_kept(server: Server) -> None:
    attempt = server.attempt(
        "text_differs",
        act="device.joined",
        certificate=None,
        arguments={"signing_key": "0" * 64, "encryption_key": "0" * 64, "token": "7" * 32},
    )
    server.record(attempt)
    assert server.rows("body, signature, sequence") == [(None, None, 1)]
    assert server.known(attempt.hash) is not None


def test_a_flooding_device_is_told_before_anything_is_checked(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt_log, "MAX_HASHES", 5)
    for _ in range(5):
        assert not server.is_flooded(server.device)
        server.refuse()
    assert server.is_flooded(server.device)
    assert not server.is_flooded(None)
    assert not server.is_flooded(server.new_device())
    with pytest.raises(TooMany):
        server.refuse()
    assert server.count() == 5
    server.now += 10 * MINUTE + MICROSECOND
    assert not server.is_flooded(server.device)
    assert server.refuse() is None


def test_withdrawing_does_not_close_the_way_for_acts(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt_log, "MAX_HASHES", 3)
    for _ in range(3):
        server.withdraw(server.statement())
    assert not server.is_flooded(server.device)
    with pytest.raises(TooMany):
        server.withdraw(server.statement())
    assert server.refuse() == 1


def test_a_withdrawn_statement_is_known_as_such_and_makes_no_entry(server: Server) -> None:
    found = server.withdraw(server.statement())
    assert server.known(found) == Known("statement_withdrawn", {}, None, withdrawn=True)
    assert server.log == []


def test_what_was_refused_stays_refused_when_it_is_withdrawn(server: Server) -> None:
    attempt = server.attempt()
    server.record(attempt)
    server.withdraw(attempt.statement)
    found = server.known(attempt.hash)
    assert found is not None
    assert not found.withdrawn


def test_what_was_withdrawn_meanwhile_is_not_recorded(server: Server) -> None:
    attempt = server.attempt()
    server.withdraw(attempt.statement)
    assert server.record(attempt) is None
    assert server.log == []


def test_what_was_carried_out_is_neither_recorded_nor_withdrawn(server: Server) -> None:
    attempt = server.attempt()
    server.world.statement(hash=attempt.hash)
    assert server.record(attempt) is None
    with pytest.raises(RuleRefused) as caught:
        server.withdraw(attempt.statement)
    assert caught.value.code == "already_exists"
    assert server.count() == 0


def test_a_new_key_cannot_have_its_hashes_kept_for_years(server: Server) -> None:
    server.withdraw(
        server.statement(
            "device.joined",
            certificate=None,
            at=NOW + timedelta(days=4000),
            arguments={"signing_key": "0" * 64, "encryption_key": "0" * 64, "token": "7" * 32},
        )
    )
    server.now += 10 * MINUTE + MICROSECOND
    server.sweep()
    assert server.count() == 0


def test_facts_that_cannot_be_read_are_reported(server: Server) -> None:
    attempt = server.attempt()
    server.record(attempt)
    server.world.db.execute("DROP TRIGGER refused_statements_fixed")
    server.world.db.execute("UPDATE refused_statements SET facts = '{ }'")
    with pytest.raises(Tampered) as caught:
        server.known(attempt.hash)
    assert caught.value.code == "refused_statement_altered"


@given(
    flood=st.lists(
        st.tuples(st.sampled_from([0, 0, 1, 700, 3600, 3601]), st.integers(1, 24)), max_size=60
    )
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_entries_and_counts_are_all_attempts(server: Server, flood: list[tuple[int, int]]) -> None:
    device, server.log = server.new_device(), []
    hours: dict[datetime, set[int]] = {}
    for pause, about in flood:
        server.now += timedelta(seconds=pause)
        if not hours or server.now - max(hours) > HOUR:
            hours[server.now] = set()
        hours[max(hours)].add(about)
        server.refuse(about=about, certificate=device)
    server.now += 2 * HOUR
    server.sweep()
    recorded, counted = server.logged("attempt.refused"), server.logged("attempts.counted")
    assert len(recorded) == sum(min(len(kinds), 20) for kinds in hours.values())
    assert len(counted) <= len(hours)
    assert len(recorded) + sum(facts["count"] for facts in counted) == len(flood)
    for facts in counted:
        assert server.log[facts["from"] - 1][0] == "attempt.refused"


def test_counters_count_by_code_whatever_thread_counts() -> None:
    counters = Counters()

    def note() -> None:
        for _ in range(500):
            counters.note("signature_invalid")

    threads = [Thread(target=note) for _ in range(4)]
    for thread in threads:
        thread.start()
    counters.note("message_malformed")
    for thread in threads:
        thread.join()
    assert counters.snapshot() == {"message_malformed": 1, "signature_invalid": 2000}
