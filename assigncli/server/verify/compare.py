"""Compare the tables with the signed entries: assignments, people, office and cycles.

`projection` says what the entries make of the rows; acts write the same. Which entries are bad is
found by `whole`: a bad one counts as absent here. So as many rows without an entry are its
consequence, and are not reported again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from sqlmodel import Session as Transaction

from assigncli.domain.actions import (
    ABOUT_ASSIGNMENT,
    ABOUT_CYCLE,
    ARCHIVING,
    STEP_ACTION,
    STEP_OF,
    Action,
)
from assigncli.domain.lifecycle import BY_MENTOR
from assigncli.protocol.statement import Statement
from assigncli.server.finding import (
    ALTERED,
    FORGED,
    MISSING,
    STATEMENT_ALTERED,
    STATEMENT_MISSING,
    Finding,
)
from assigncli.server.happened import happening_of
from assigncli.server.projection.happening import Happening
from assigncli.server.record import details_of
from assigncli.server.store import comparing, raw
from assigncli.server.store.comparing import SaidEntry
from assigncli.server.store.contact_attempts import ContactAttempt
from assigncli.server.store.raw import Raw, TableClass
from assigncli.server.store.scheduled import Notification
from assigncli.server.store.tables import (
    AssignmentStatusLog,
    AssignmentThresholdLog,
    ConsentRecord,
    EncryptionKey,
)
from assigncli.server.store.wraps import KeyWrap
from assigncli.server.turn import Turn
from assigncli.server.verify import compare_hanging as hanging
from assigncli.server.verify import compare_office as office
from assigncli.server.verify import compare_people as people
from assigncli.server.verify import row_courses as held
from assigncli.server.verify import row_events
from assigncli.server.verify.compare_hanging import (
    LINE_UNRECORDED,
    LINES,
    STATUS_LOG_UNRECORDED,
    Steps,
    about,
    known,
    number_of,
)
from assigncli.server.verify.compare_office import CYCLE_UNRECORDED, SETTING_UNRECORDED
from assigncli.server.verify.difference import Difference
from assigncli.server.verify.told_row import ToldRow

STEP_RECORDED_TWICE: Final = "step_recorded_twice"
RECIPIENT_DIFFERS: Final = "recipient_differs"
ASSIGNMENT_UNRECORDED: Final = "assignment_unrecorded"
ASSIGNMENT_MISSING: Final = "assignment_missing"
CYCLE_MISSING: Final = "cycle_missing"

_STRAY: Final[Mapping[TableClass, tuple[str, str | None]]] = {
    AssignmentStatusLog: (STATUS_LOG_UNRECORDED, "to_status"),
    AssignmentThresholdLog: (LINE_UNRECORDED, "kind"),
    EncryptionKey: (held.KEY_UNRECORDED, None),
    ConsentRecord: (row_events.CONSENT_UNRECORDED, None),
    Notification: (row_events.NOTIFICATION_UNRECORDED, "kind"),
    ContactAttempt: (row_events.ATTEMPT_UNRECORDED, None),
}
"""The tables beside `assignments`: the code for a stray row, and the column to name with it."""

_UNRECORDED: Final = frozenset(
    {
        ASSIGNMENT_UNRECORDED,
        SETTING_UNRECORDED,
        CYCLE_UNRECORDED,
        people.MEMBER_UNRECORDED,
        people.INVITATION_UNRECORDED,
        *(code for code, _column in _STRAY.values()),
    }
)
_NOT_GOOD: Final = (ALTERED, FORGED, STATEMENT_ALTERED, STATEMENT_MISSING)
_NOT_SO: Final = (people.CERTIFICATE_INVALID, people.REVOCATION_INVALID)
_STATED: Final = (
    Action.ORGANIZATION_FOUNDED.value,
    Action.CONSENT_COMPLETED.value,
    Action.ASSIGNMENT_COMPLETED.value,
    Action.ASSIGNMENT_CANCELLED.value,
    Action.ASSIGNMENT_DECLINED.value,
    Action.SETTING_CHANGED.value,
    Action.CYCLE_OPENED.value,
)


def differences(turn: Turn, tx: Transaction, faults: Collection[Finding]) -> list[Difference]:
    """Return where the tables and the good entries differ; `faults` are those of the log.

    A missing or bad entry may have been about any row. So as many rows of a table as there are such
    entries may lack one; if there are more, all are reported.
    """
    bad = _sequences(faults, _NOT_GOOD)
    missing = sum(
        (fault.through or fault.sequence) - fault.sequence + 1
        for fault in faults
        if fault.code == MISSING
    )
    comparison = _Comparison(turn, tx, bad)
    found = _unexplained(list(comparison.run()), len(bad) + missing)
    # What an entry says about certificates does not hold where its actor could not say it.
    bad |= _sequences(faults, _NOT_SO)
    of_people = list(people.differences(tx, turn.organization_id, bad))
    return [*found, *_unexplained(of_people, len(bad) + missing)]


def _unexplained(found: Sequence[Difference], explained: int) -> list[Difference]:
    """Leave out differences that this number of absent entries may explain."""
    counts = Counter(each.code for each in found if each.code in _UNRECORDED)
    doubtful = {(each.number, each.member) for each in found if each.explainable}
    return [
        each
        for each in found
        if not 0 < counts[each.code] <= explained
        and not (each.explainable and len(doubtful) <= explained)
    ]


def _sequences(faults: Iterable[Finding], codes: Collection[str]) -> frozenset[int]:
    return frozenset(fault.sequence for fault in faults if fault.code in codes)


class _Comparison:
    """One comparison, in the given transaction; `bad` entries count as absent."""

    def __init__(self, turn: Turn, tx: Transaction, bad: frozenset[int]) -> None:
        self.tx = tx
        self.organization_id = turn.organization_id
        self.bad = bad
        self.misplaced: set[Any] = set()  # keys whose row names another assignment than their entry

    def run(self) -> Iterator[Difference]:
        in_order = True
        for part in comparing.subjects(self.tx, self.organization_id):
            for difference in self._part(part):
                in_order = in_order and difference.code not in LINES
                yield difference
        yield from self._strays()
        if in_order:
            yield from self._order()
        yield from self._organization()
        changes, told = self._happened([self.organization_id.hex], [Action.SETTING_CHANGED])
        settings = comparing.settings(self.tx, self.organization_id)
        yield from office.settings_differ(settings, changes, told)
        cycles = comparing.cycles(self.tx, self.organization_id)
        said, told = self._happened([row["id"] for row in cycles], ABOUT_CYCLE)
        by_cycle: dict[Any, list[Happening]] = {}
        for each in said:
            by_cycle.setdefault(each.subject.hex, []).append(each)
        yield from office.cycles_differ(cycles, by_cycle, told)

    def _organization(self) -> Iterator[Difference]:
        """Compare the organisation's row, if its founding is good."""
        subject, row = self.organization_id, comparing.organization(self.tx, self.organization_id)
        founded, told = self._happened([subject.hex], [Action.ORGANIZATION_FOUNDED])
        for each in founded:
            yield from office.organization_differs(row, each, told[each.sequence])

    def _happened(
        self, subject_ids: Collection[Any], actions: Collection[Action]
    ) -> tuple[list[Happening], dict[int, Statement]]:
        """Return the entries about these subjects in order, and their statements by sequence."""
        said = self._entries(subject_ids, actions)
        stated = self._statements(said)
        told = [
            happening_of(self.organization_id, each, stated.get(each.sequence)) for each in said
        ]
        return told, stated

    def _order(self) -> Iterator[Difference]:
        """Compare order and running counts, if each entry was found to have exactly one line."""
        lines = comparing.placed(self.tx, self.organization_id)
        for _ledger, own in groupby(lines, attrgetter("member_id", "reporting_cycle_id")):
            yield from (each for each in hanging.ill_placed(own) if each.sequence not in self.bad)

    def _part(self, subjects: Sequence[comparing.Subject]) -> Iterator[Difference]:
        ids = [row["id"] for _table, row in subjects]
        said, stated = self._happened(ids, ABOUT_ASSIGNMENT)
        happened: dict[Any, list[Happening]] = {}
        for each in said:
            happened.setdefault(each.subject.hex, []).append(each)
        rows = {table: raw.about(self.tx, table, "assignment_id", ids) for table in _STRAY}
        keys = self._keys(happened, rows[EncryptionKey])
        wraps = raw.about(self.tx, KeyWrap, "assignment_id", ids)
        for table, row in subjects:
            entries: Steps = {}
            own = happened.get(row["id"], [])
            yield from _read(row, own, entries)
            if not entries:
                yield Difference(0, ASSIGNMENT_UNRECORDED, number=number_of(row["number"]))
            told_ = ToldRow(table, row, entries, own)
            yield from held.differences(
                told_,
                keys.get(row["id"], ()),
                wraps.get(row["id"], ()),
                rows[ConsentRecord].get(row["id"], ()),
                rows[Notification].get(row["id"], ()),
                rows[ContactAttempt].get(row["id"], ()),
            )
            steps = rows[AssignmentStatusLog].get(row["id"], ())
            lines = rows[AssignmentThresholdLog].get(row["id"], ())
            archived = told_.first(*ARCHIVING) is not None
            yield from hanging.steps_differ(row, entries, stated, steps, is_archived=archived)
            yield from hanging.lines_differ(row, entries, lines)

    def _keys(
        self, happened: Mapping[Any, Sequence[Happening]], own: Mapping[Any, Sequence[Raw]]
    ) -> dict[Any, list[Raw]]:
        """Return each assignment's keys: those that name it, and those that its entries name."""
        named = {
            key.hex: subject
            for subject, entries in happened.items()
            for key in (each.id("encryption_key") for each in entries)
            if key is not None
        }
        found = {subject: list(rows) for subject, rows in own.items()}
        for key, rows in raw.about(self.tx, EncryptionKey, "id", named.keys()).items():
            ours = found.setdefault(named[key], [])
            ours += (row for row in rows if row not in ours)
            if key not in {row["id"] for row in own.get(named[key], ())}:
                self.misplaced.add(key)
        return found

    def _statements(self, entries: Iterable[SaidEntry]) -> dict[int, Statement]:
        """Return the statements of good entries that have arguments or texts, by sequence.

        Each was verified with its entry.
        """
        wanted = {each.statement_hash: each for each in entries if each.action in _STATED}
        bodies = comparing.statements(self.tx, wanted.keys())
        return {wanted[key].sequence: Statement.decode(body) for key, body in bodies.items()}

    def _strays(self) -> Iterator[Difference]:
        """Yield what is about no assignment or cycle of the organisation, each missing one once."""
        gone: set[Any] = set()
        actions = (*STEP_ACTION.values(), *ABOUT_CYCLE)
        for said in comparing.stray_entries(self.tx, self.organization_id, actions):
            if said.sequence not in self.bad and said.subject_id not in gone:
                gone.add(said.subject_id)
                yield self._gone(said)
        for table, (code, column) in _STRAY.items():
            for row in comparing.strays(self.tx, self.organization_id, table):
                if row["assignment_id"] not in gone and row["id"] not in self.misplaced:
                    yield Difference(0, code, name=known(column and row[column]))

    def _gone(self, said: SaidEntry) -> Difference:
        if said.action in STEP_OF:
            number = details_of(said.details).get("number")
            return Difference(said.sequence, ASSIGNMENT_MISSING, number=number_of(number))
        told = self._statements([said]).get(said.sequence)
        name = office.days_of(happening_of(self.organization_id, said, told))
        return Difference(said.sequence, CYCLE_MISSING, name=name)

    def _entries(
        self, subject_ids: Collection[Any], actions: Collection[Action]
    ) -> list[SaidEntry]:
        found = comparing.entries(self.tx, self.organization_id, subject_ids, actions)
        return [said for said in found if said.sequence not in self.bad]


def _read(row: Raw, happened: Iterable[Happening], entries: Steps) -> Iterator[Difference]:
    """Put the entries in `entries` by status, and yield those that cannot be placed."""
    for entry in happened:
        status = STEP_OF.get(entry.act)
        if status is None:
            continue
        if status in entries:
            yield about(row, STEP_RECORDED_TWICE, status, entry)
            continue
        entries[status] = entry
        if status in BY_MENTOR and entry.actor.hex != row["recipient_user_id"]:
            yield about(row, RECIPIENT_DIFFERS, status, entry)
