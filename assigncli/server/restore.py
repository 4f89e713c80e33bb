"""Confirm that the log was restored from an older copy, and show devices that it was.

The act names the newest head that is lost. Until it is done, the log takes nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from sqlmodel import Session as Transaction

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role
from assigncli.errors import Tampered
from assigncli.lookups.about_log import LogRestored
from assigncli.protocol import tree
from assigncli.protocol.evidence import Evidence
from assigncli.protocol.forms import stamp
from assigncli.protocol.seen import Seen
from assigncli.server import gathering, log_end
from assigncli.server.asked import Answering
from assigncli.server.carrying import Carrying
from assigncli.server.heads import node_in, places
from assigncli.server.record import about, record, told_by
from assigncli.server.refused import Refused
from assigncli.server.store import audit_log
from assigncli.server.store import restores as stored
from assigncli.server.store.tables import AuditEntry
from assigncli.server.turn import Turn


def confirm(doing: Carrying) -> None:
    """Record an administrator's word that the log was restored; the named head is lost.

    Where the log continues that head nothing is lost, and what is named already is not named again:
    Refused `log_not_restored`. Only a store that was just restored may name its own end, since
    nobody may know of more.
    """
    doing.require_role(Role.ORG_ADMIN)
    turn, tx, said = doing.turn, doing.tx, doing.arguments
    lost, end = Seen(said["size"], bytes.fromhex(said["root"])), log_end.end(tx, doing.about)
    waits = stored.is_unconfirmed(tx, doing.about)
    is_end = waits and lost.size == end.size
    is_known = not waits and lost in _named(turn, tx)
    if is_known or (not is_end and _begins_with(turn, tx, lost, end.size)):
        raise Refused("log_not_restored")
    number = stored.last_number(tx, doing.about)
    record(turn, tx, doing.actor, Action.LOG_RESTORED, doing.about, number=number)


def restores(asked: Answering) -> Evidence:
    """Answer with the entries that confirmed a restore, and what this server knows of the last."""
    return gathering.about_restores(asked, {"restored": _told(asked.turn, asked.tx)})


def restored(turn: Turn, tx: Transaction) -> Iterator[LogRestored]:
    """Yield the restores that administrators confirmed, as the log has them, unverified."""
    for entry, said in _confirmed(turn, tx):
        yield LogRestored(entry.sequence, entry.at, int(said["size"]), str(said["cause"]))


def _named(turn: Turn, tx: Transaction) -> Iterator[Seen]:
    """Yield the heads that administrators have named as lost."""
    for _entry, said in _confirmed(turn, tx):
        yield Seen(said["size"], bytes.fromhex(said["root"]))


def _confirmed(turn: Turn, tx: Transaction) -> Iterator[tuple[AuditEntry, Mapping[str, Any]]]:
    for entry in about(turn, tx, turn.organization_id, (Action.LOG_RESTORED,)):
        try:
            yield entry, told_by(tx, entry).arguments
        except ValueError:  # reported by the verification
            continue


def _begins_with(turn: Turn, tx: Transaction, head: Seen, size: int) -> bool:
    """Say whether the log of this size begins with a head; a size beyond it does not."""
    if head.size > size:
        return False
    root_of = partial(tree.root, head.size)
    nodes = audit_log.nodes(tx, turn.organization_id, places(root_of))
    try:
        return root_of(partial(node_in, nodes)) == head.root
    except Tampered:
        return False


def _told(turn: Turn, tx: Transaction) -> list[Mapping[str, Any]]:
    row = stored.by_organization(tx, turn.organization_id)
    if row is None:
        return []
    return [
        {
            "unconfirmed": stored.is_unconfirmed(tx, turn.organization_id),
            "size": row.size,
            "lost_size": row.lost_size,
            "lost_root": None if row.lost_root is None else row.lost_root.hex(),
            "listed_at": stamp(row.listed_at),
        }
    ]
