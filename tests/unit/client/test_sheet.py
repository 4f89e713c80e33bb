"""The bulk action by itself: what it asks the store, what it keeps of an interrupted batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

import pytest
from sqlmodel import Session as Transaction

from assigncli.cli.session.in_process import Session
from assigncli.client import asking, create
from assigncli.client import sheet as sending
from assigncli.client.roll import Roll
from assigncli.domain.lifecycle import Status
from assigncli.domain.roster import RowProblem, survey
from assigncli.errors import NotAllowed, RuleRefused, StoreUnavailable
from assigncli.server.store.engine import Store
from tests.acting import acting, altered
from tests.must_hold import require_whole
from tests.office import Office
from tests.refusals import everything, rows, shares

HEAD = "navn;adresse;postnr;poststed;telefon;epikrise;likeperson;tittel;utløper"


def line(number: int, mentor: str = "kari", expires: str = "") -> str:
    return (
        f"Person {number};Prøveveien {number};0181;Oslo;22 11 22 11;Synsrest {number}.;"
        f"{mentor};Hjemmebesøk;{expires}"
    )


def opened(session: Session, *lines: str) -> sending.Sheet:
    data = "\n".join((HEAD, *lines)).encode()

    def chunks() -> Iterable[bytes]:
        return iter([data])

    return sending.prepare(session.client, chunks, survey(chunks()))


def sent(session: Session, sheet: sending.Sheet, batch: int = 2) -> list[list[sending.RowOutcome]]:
    return list(sending.send(session.client, sheet, dispatch=True, batch=batch))


def test_rows_go_in_batches_and_stop_between_them(office: Office) -> None:
    with acting(office, "anne") as session:
        sheet = opened(session, *map(line, range(5)))
        first = list(sending.send(session.client, sheet, dispatch=True, batch=2, stop=lambda: True))
        assert [[each.row for each in batch] for batch in first] == [[2, 3]]
        rest = sent(session, sheet)
    assert [[(each.row, each.new) for each in batch] for batch in rest] == [
        [(2, False), (3, False)],
        [(4, True), (5, True)],
        [(6, True)],
    ]
    require_whole(office)


def test_a_row_is_known_whatever_became_of_it(office: Office) -> None:
    with acting(office, "anne") as session:
        sheet = opened(session, line(1), line(2))
        list(sending.send(session.client, sheet, dispatch=False))
    office.ok("cancel --yes 1 --reason Moved")
    with acting(office, "anne") as session:
        ((first, second),) = sent(session, opened(session, line(1), line(2)))
    assert (first.status, first.new) == (Status.CANCELLED, False)
    assert (second.status, second.new) == (Status.PENDING, False)


def test_checking_writes_nothing_and_counts_rows_and_problems(office: Office) -> None:
    office.ok("member pause ola")
    before = everything(office)
    found: list[RowProblem] = []
    with acting(office, "anne") as session:
        sheet = opened(
            session, line(1), line(2, "ola", "01.01.2020"), line(3, "nobody", "21.11.2026")
        )
        checked = sending.check(session.client, sheet, found.append)
    assert (checked.rows, checked.good, checked.bad, checked.differing) == (3, 1, 2, 0)
    assert [(each.row, each.column, each.code) for each in found] == [
        (3, "utløper", "expires_at_in_future"),
        (4, "likeperson", "member_not_found"),
    ]
    assert everything(office) == before


class Meanwhile:
    """A store where something happens before a write, each time until it is used up."""

    def __init__(self, store: Store, *happens: object) -> None:
        self._store = store
        self._happens = list(happens)
        self.read = store.read

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        if self._happens:
            happens = self._happens.pop(0)
            if isinstance(happens, BaseException):
                raise happens
            cast("Office", happens).ok("dispatch --csv -", stdin="\n".join((HEAD, line(2))))
        with self._store.write() as tx:
            yield tx


def behind(session: Session, *happens: object) -> Session:
    return altered(session, store=cast("Store", Meanwhile(session.host.store, *happens)))


def test_a_row_that_another_run_made_meanwhile_is_not_made_again(office: Office) -> None:
    with acting(office, "anne") as session:
        slower = behind(session, office)
        sheet = opened(slower, line(1), line(2), line(3))
        ((*found,),) = sent(slower, sheet, batch=3)
    assert [(each.row, each.number, each.new) for each in found] == [
        (2, 2, True),
        (3, 1, False),
        (4, 3, True),
    ]
    assert shares(office) == 3
    require_whole(office)


@pytest.mark.parametrize(
    "error",
    [KeyboardInterrupt(), StoreUnavailable("store_busy"), RuleRefused("other")],
)
def test_a_batch_that_fails_is_not_made_and_leaves_no_shares(
    office: Office, error: BaseException
) -> None:
    before = everything(office)
    with acting(office, "anne") as session:
        failing = behind(session, error)
        sheet = opened(failing, line(1), line(2))
        with pytest.raises(type(error)):
            sent(failing, sheet)
    assert shares(office) == 0
    assert rows(office, "SELECT count(*) FROM assignments") == [(0,)]
    with acting(office, "anne") as session:
        assert [[each.new for each in batch] for batch in sent(session, sheet)] == [[True, True]]
    assert before != everything(office)
    require_whole(office)


@pytest.mark.parametrize("act", ["member pause ola", "member revoke --yes ola"])
def test_a_mentor_who_leaves_while_a_sheet_is_sent_gets_no_more_of_it(
    office: Office, act: str
) -> None:
    """The rows of others are sent; running it again tells the rows that are left."""
    lines = [line(number, ("kari", "ola")[number % 2]) for number in range(8)]
    with acting(office, "anne") as session:
        sheet = opened(session, *lines)
        assert sending.check(session.client, sheet, lambda _problem: None).good == 8
        going = sending.send(session.client, sheet, dispatch=True, batch=4)
        first = next(going)
        office.ok(act)
        second = list(going)
    assert [each.row for each in first] == [2, 3, 4, 5]
    assert [[each.row for each in batch] for batch in second] == [[6, 8]]
    assert rows(office, "SELECT count(*) FROM assignments") == [(6,)]
    again = office.run("dispatch --csv - --json", stdin="\n".join((HEAD, *lines)))
    assert [each["row"] for each in again.json["problems"]] == [3, 5, 7, 9]


def test_a_store_out_of_reach_is_no_fault_of_a_mentor(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object) -> None:
        raise StoreUnavailable("store_busy")

    with acting(office, "anne") as session:
        sheet = opened(session, line(1))
        monkeypatch.setattr(Roll, "call", busy)
        with pytest.raises(StoreUnavailable):
            sending.check(session.client, sheet, lambda _problem: None)


def test_each_mentor_is_looked_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    with acting(office, "anne") as session:
        sheet = opened(session, *(line(number, ("kari", "ola")[number % 2]) for number in range(9)))
        monkeypatch.setattr(Roll, "call", lambda _roll, _session, handles: asked.extend(handles))
        assert sending.check(session.client, sheet, lambda _problem: None).good == 9
    assert asked == ["kari", "ola"]


def test_the_key_of_a_row_says_nothing_without_the_organisations(office: Office) -> None:
    """Two organisations with the same row keep different keys, and the sheet's own is hidden."""
    with acting(office, "anne") as session:
        sheet = opened(session, line(1))
        (mine,) = rows_of(session, sheet)
        (other,) = rows_of(session, replace(sheet, import_key=bytes(32)))
    assert mine != other
    assert repr(sheet.import_key) not in repr(sheet)


def rows_of(session: Session, sheet: sending.Sheet) -> list[bytes | None]:
    return [
        sending._order(session.client, sheet, row).import_key
        for row in sending._good(session.client, sheet)
    ]


def test_without_the_organisation_s_import_key_there_is_no_sheet(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "organization_key", lambda *_arguments: None)
    with acting(office, "anne") as session, pytest.raises(NotAllowed) as caught:
        opened(session, line(1))
    assert caught.value.code == "organization_key_missing"


def test_a_mentor_sends_no_sheet(office: Office) -> None:
    with acting(office, "kari") as session, pytest.raises(RuleRefused) as caught:
        opened(session, line(1))
    assert caught.value.code == "only_coordinator_can_dispatch"


def test_the_database_itself_takes_no_row_twice(office: Office) -> None:
    """Beneath the action stands a constraint: two of one key cannot be."""
    with acting(office, "anne") as session:
        sheet = opened(session, line(1), line(2))
        sent(session, sheet)
        row = next(sending._good(session.client, sheet))
        with pytest.raises(RuleRefused) as caught:
            create.create_all(session.client, [sending._order(session.client, sheet, row)], Roll())
    assert caught.value.code == "import_key_exists"
    assert shares(office) == 2
