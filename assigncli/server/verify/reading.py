"""Read the whole log, first to last, and verify each entry's signature, leaf and statement.

Who may do what is checked in `whole`. A fault does not stop the reading: an unreadable entry is
reported, and reading continues after it. Only a bounded part of the log is held in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.protocol import tree
from assigncli.protocol.acts import was_of_root
from assigncli.protocol.canonical import decode
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.entry import Entry
from assigncli.protocol.forms import moment, stamp, uuid
from assigncli.server import stated
from assigncli.server.finding import (
    ALTERED,
    FORGED,
    LOG_FORKED,
    MISSING,
    REORDERED,
    STATEMENT_MISSING,
    STATEMENT_UNUSED,
    TREE_DIFFERS,
    Finding,
)
from assigncli.server.store import log_pages
from assigncli.server.store.log_pages import Inner, Level, Raw

CertificateOf = Callable[[UUID | None], Certificate | None]
"""Returns the certificate with this id if it leads to the pinned root, otherwise None."""

_HIGHEST: Final = 52
"""The level of the root of the largest log whose sequences are valid numbers."""

_REMEMBERED: Final = 2000
"""How many entries back a statement's seen head may be; a batch of a sheet is 500 entries."""

_COMPARED: Final = 50
"""Up to this many altered entries are checked for having only changed places."""


@dataclass(frozen=True)
class Read:
    """One entry, None where it is unreadable, and what is wrong with it."""

    entry: Entry | None
    findings: Sequence[Finding]


@dataclass
class Reading:
    """One reading of a log; `count` is the number of entries read, `tree` the tree over them.

    `size` is the size of the stored tree, set at the end.
    """

    tx: Transaction
    organization_id: UUID
    root_key: bytes = field(repr=False)
    certificate_of: CertificateOf
    count: int = 0
    size: int = 0
    tree: tree.Frontier = field(default_factory=tree.Frontier)
    _expected: int = 1
    _at: datetime | None = None
    _missing: int = 0
    _bad: int = 0
    _roots: dict[int, bytes] = field(default_factory=lambda: {0: tree.EMPTY_ROOT})
    _group: list[tuple[Entry | None, Any]] = field(default_factory=list)
    _moved: list[tuple[Entry, bytes]] = field(default_factory=list)

    def entries(self) -> Iterator[Read]:
        """Yield every entry by rising sequence, with what is wrong with it."""
        for row in log_pages.entries(self.tx, self.organization_id):
            if isinstance(row.sequence, int):  # a row without an integer is found as a gap
                self.count += 1
                yield self._one(row)

    def rest(self) -> Iterator[Finding]:
        """Yield what is found at the end: in the tree, a cut tail, unused statements."""
        yield from self._ended(None)
        yield from self._exchanged()
        levels = log_pages.levels(self.tx, self.organization_id)
        size = self.size = next((each.number for each in levels if each.level == 0), 0)
        if size >= self._expected:
            yield self._gap(size + 1)
        yield from _incomplete(levels, size)
        nodes = log_pages.inner_nodes(self.tx, self.organization_id, levels)
        yield from map(_wrong, filter(_is_wrong, nodes))
        for sequence in log_pages.naming_again(self.tx, self.organization_id):
            yield Finding(sequence, FORGED)
        # An entry that is missing or altered leaves its statement unused.
        if log_pages.unused_statements(self.tx, self.organization_id) > self._missing + self._bad:
            yield Finding(0, STATEMENT_UNUSED)

    def _one(self, row: Raw) -> Read:
        findings = []
        gap = row.sequence > self._expected
        if gap:
            findings.append(self._gap(row.sequence))
        if row.sequence < self._expected:
            findings.append(Finding(row.sequence, REORDERED))
        self._expected = max(self._expected, row.sequence + 1)
        entry = _entry(self.organization_id, row)
        fault = ALTERED if entry is None else self._fault(entry, row)
        if gap or fault:
            self._group.append((None, None))
        findings += self._ended(row.statement_hash)
        if fault is None:
            self._group.append((entry, row.said))
        if fault is not None:
            findings.append(Finding(row.sequence, fault))
            self._bad += 1
        elif entry is not None:
            if self._at is not None and entry.at < self._at:
                findings.append(Finding(row.sequence, REORDERED))
            self._at = entry.at
        self._grow(row)
        return Read(entry, findings)

    def _ended(self, next_statement: object) -> Iterator[Finding]:
        """Yield a finding where a statement's entries end here and are not exactly those it makes.

        A statement with a bad or missing entry is skipped, because that is reported already: such
        an entry may have belonged to the statement before it or after it.
        """
        entries = [entry for entry, _said in self._group if entry is not None]
        if entries and entries[-1].statement == next_statement:
            return
        if (
            entries
            and len(entries) == len(self._group)
            and entries[0].statement is not None
            and not stated.is_whole(_blob(self._group[0][1]), entries)
        ):
            yield Finding(entries[0].sequence, FORGED)
        is_open = bool(self._group) and self._group[-1][0] is None
        self._group[:] = [(None, None)] if is_open else []

    def _grow(self, row: Raw) -> None:
        """Add the stored tree's leaf of this entry, and remember the root for later statements."""
        self.tree.append(_blob(row.node))
        self._roots[self.tree.size] = self.tree.root()
        self._roots.pop(self.tree.size - _REMEMBERED, None)

    def _gap(self, until: int) -> Finding:
        """Return the finding that the entries from the expected one to before `until` are gone."""
        self._missing += until - self._expected
        return Finding(self._expected, MISSING, until - 1)

    def _fault(self, entry: Entry, row: Raw) -> str | None:
        """Return what is wrong with the entry, its place in the tree, or its statement."""
        body = _body(entry)
        host = self.certificate_of(entry.service)
        signature = _blob(row.signature)
        signed = (
            body is not None
            and host is not None
            and Entry.is_signed(body, signature, host.keys.signing_key)
        )
        if body is None or tree.leaf(body) != row.node:
            if signed:
                return TREE_DIFFERS
            if len(self._moved) < _COMPARED:
                self._moved.append((entry, _blob(row.node)))
            return ALTERED
        if not signed:
            return FORGED
        acted, key = self._signer(entry)
        if acted is not None and acted.hex != row.actor_id:
            return ALTERED
        return self._fault_of_statement(entry, row, key)

    def _signer(self, entry: Entry) -> tuple[UUID | None, bytes | None]:
        """Return who acted, as the column names them, and the key that signed the statement.

        None where that is not known. A joining device's key is in its statement.
        """
        if was_of_root(entry):
            return self.organization_id, self.root_key
        device = stated.device_of(entry)
        if device is None:
            return entry.subject, None
        actor = self.certificate_of(device)
        return (None, None) if actor is None else (actor.member, actor.keys.signing_key)

    def _fault_of_statement(self, entry: Entry, row: Raw, key: bytes | None) -> str | None:
        if entry.statement is None:
            return None if stated.stands_alone(entry) else FORGED
        if row.said is None or row.said_in != self.organization_id.hex:
            return STATEMENT_MISSING
        fault = stated.fault_of(entry, _blob(row.said), _blob(row.said_signature), key)
        return fault or self._fault_of_seen(row.said)

    def _fault_of_seen(self, body: bytes) -> str | None:
        """Return a fault if the actor had seen another log, as far back as roots are remembered."""
        seen = stated.read(body).seen
        whole = self._expected == self.tree.size + 2  # counting this entry
        return LOG_FORKED if whole and self._roots.get(seen.size, seen.root) != seen.root else None

    def _exchanged(self) -> Iterator[Finding]:
        """Yield the altered entries that would be good in the place of another altered entry."""
        places = {node: entry.sequence for entry, node in self._moved}
        for entry, _node in self._moved:
            for node, sequence in places.items():
                body = _body(replace(entry, sequence=sequence))
                if body is not None and tree.leaf(body) == node:
                    yield Finding(entry.sequence, REORDERED)


def _incomplete(levels: Sequence[Level], size: int) -> Iterator[Finding]:
    """Yield one finding where inner nodes are missing, or there are more than the tree has."""
    wanted = {level: size >> level for level in range(size.bit_length())}
    there = {each.level: each for each in levels}
    for level in sorted({*wanted, *there}, key=str):
        found, count = there.get(level), wanted.get(level, 0)
        if found is None or (found.number, found.first, found.last) != (count, 0, count - 1):
            yield Finding(0, TREE_DIFFERS)
            return


def _is_wrong(found: Inner) -> bool:
    try:
        return bool(tree.node(found.left, found.right) != found.hash)
    except TypeError:
        return True


def _wrong(found: Inner) -> Finding:
    """Return the finding of a wrong node, with the range of entries that it covers."""
    placed = isinstance(found.level, int) and isinstance(found.place, int)
    if not placed or found.level > _HIGHEST:
        return Finding(0, TREE_DIFFERS)
    first = (found.place << found.level) + 1
    return Finding(first, TREE_DIFFERS, first + (1 << found.level) - 1)


def _entry(organization_id: UUID, row: Raw) -> Entry | None:
    try:
        entry = Entry(
            organization=organization_id,
            sequence=row.sequence,
            at=moment(row.at),
            act=row.action,
            subject=uuid(row.subject_id),
            facts=decode(row.details.encode()),
            statement=row.statement_hash,
            actor=None if row.actor_certificate_id is None else uuid(row.actor_certificate_id),
            service=uuid(row.service_certificate_id),
        )
        return entry if _is_spelled(entry, row) else None
    except (ValueError, TypeError, AttributeError):
        return None


def _is_spelled(entry: Entry, row: Raw) -> bool:
    """Say whether time and ids are spelled exactly as queries look for them."""
    actor = None if entry.actor is None else entry.actor.hex
    ids = (entry.subject.hex, actor, entry.service.hex)
    kept = (row.subject_id, row.actor_certificate_id, row.service_certificate_id)
    return ids == kept and stamp(entry.at) == row.at


def _body(entry: Entry) -> bytes | None:
    try:
        return entry.encode()
    except (ValueError, TypeError, AttributeError):
        return None


def _blob(value: Any) -> bytes:
    return value if isinstance(value, bytes) else b""
