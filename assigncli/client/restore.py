"""Go on after the store was restored from an older copy: an administrator's word, a user's consent.

A device that has seen entries which the log does not have goes no further by itself. An
administrator signs which head is lost; a device whose head is that one or an earlier one may then
take the log as it is, if its user agrees. The client's witness is set aside for all of this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from assigncli.client import asking, directory
from assigncli.client.client import Client
from assigncli.client.exchange import Intent
from assigncli.client.inquiry import Wanted
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role
from assigncli.errors import AssignError, InvalidInput, StoreUnavailable, Tampered
from assigncli.protocol.canonical import Malformed
from assigncli.protocol.entry import Entry
from assigncli.protocol.forms import RecordForm
from assigncli.protocol.seen import NOTHING_SEEN, Seen
from assigncli.trust.tampering import answer_malformed, read_or
from assigncli.trust.verification import Verified

_RESTORED = RecordForm(
    {
        "unconfirmed": "bool",
        "size": "number",
        "lost_size": "number?",
        "lost_root": "hex32?",
        "listed_at": "moment",
    }
)
_NOT_RESTORED: Final = "log_not_restored"


@dataclass(frozen=True)
class Restore:
    """A restore that an administrator confirmed: `size` is where the log was put back.

    `lost` is the newest head that they named, `name` is theirs, and `at` aware UTC.
    """

    size: int
    lost: Seen
    cause: str
    at: datetime
    name: str


def look(client: Client) -> Verified:
    """Return what proves the restores of this log; raises as `asking.read`."""
    return asking.read(client, Wanted("read.restores"))


def covering(found: Verified, lost: Seen, agreed: int = 0) -> Restore | None:
    """Return the newest restore that lost this head, or None.

    A restore up to the entry `agreed` explains nothing again: what was seen after it was of the log
    that it began.
    """
    for each in reversed(restores(found)):
        is_named = each.lost == lost or each.lost.size > lost.size
        if is_named and lost.size > each.size >= agreed:
            return each
    return None


def restores(found: Verified) -> list[Restore]:
    """Return the restores that administrators have confirmed, oldest first."""
    entries = [each for each in found.entries if each.act == Action.LOG_RESTORED]
    return [_restore(found, each) for each in entries]


def require_agreeable(client: Client, found: Verified) -> Restore | None:
    """Return the restore that explains why this device has seen more; None where it has not.

    Raises StoreUnavailable `restore_unconfirmed`, and Tampered `log_behind` or `log_forked` where
    no administrator has named the head that this device has seen, or a later one.
    """
    lost = client.witness.lost or NOTHING_SEEN
    restore = covering(found, lost, client.witness.restored)
    if restore is not None or _continues(client, lost):
        return restore
    if is_waiting(found):
        raise StoreUnavailable("restore_unconfirmed")
    raise Tampered("log_restored_otherwise", head=written(lost))


def require_administrator(client: Client, found: Verified) -> None:
    """Refuse a member who is no administrator; raises NotAllowed `role_missing`."""
    directory.require_role(found, client.member_id, Role.ORG_ADMIN)


def confirm(client: Client, found: Verified, cause: str, typed: Seen | None) -> Restore:
    """Sign that the log was restored, and return that; what was signed before is returned as it is.

    The head that is named as lost is the largest that this device has seen, that the server has
    from a list of deletions, or that was `typed`. Raises InvalidInput `log_not_restored`.
    """
    lost = _lost(client, found, typed)
    signed = None if is_waiting(found) else _naming(client, found, lost)
    if signed is not None:
        return signed
    said = {"size": lost.size, "root": lost.root.hex(), "cause": cause}
    intent = Intent(Action.LOG_RESTORED.value, client.organization_id, said)
    try:
        asking.act(client, asking.this_device(client, found), intent)
    except AssignError as refused:  # another administrator was faster
        signed = _naming(client, look(client), lost) if refused.code == _NOT_RESTORED else None
        if signed is None:
            raise
        return signed
    return restores(look(client))[-1]


def _naming(client: Client, found: Verified, lost: Seen) -> Restore | None:
    """Return the restore that names this head as lost, or a later one, if one is signed."""
    same = (each for each in reversed(restores(found)) if each.lost == lost)
    return next(same, None) or covering(found, lost, client.witness.restored)


def is_waiting(found: Verified) -> bool:
    """Say whether the server says that a restore waits for an administrator."""
    return any(row["unconfirmed"] for row in _rows(found))


def read_head(typed: str) -> Seen:
    """Return the head that another device has told; raises InvalidInput `head_unreadable`."""
    size, _colon, root = typed.strip().partition(":")
    try:
        found = Seen(int(size), bytes.fromhex(root))
    except ValueError:
        raise InvalidInput("head_unreadable") from None
    if len(found.root) != len(NOTHING_SEEN.root) or found.size < 1:
        raise InvalidInput("head_unreadable")
    return found


def written(head: Seen) -> str:
    """Return a head as a person hands it on."""
    return f"{head.size}:{head.root.hex()}"


def _lost(client: Client, found: Verified, typed: Seen | None) -> Seen:
    end = found.head.seen()
    told = [
        Seen(row["lost_size"], bytes.fromhex(row["lost_root"]))
        for row in _rows(found)
        if row["lost_size"] is not None and row["lost_root"] is not None
    ]
    known = [each for each in (client.witness.lost, typed, *told) if each is not None]
    largest = max(known, key=lambda each: each.size, default=end)
    if typed is not None:
        return typed
    return largest if largest.size > end.size else end


def _continues(client: Client, lost: Seen) -> bool:
    """Say whether the server proves that the log continues a head."""
    aside = client.witness.kept
    client.witness.kept = lost
    try:
        asking.standing(client)
    except Tampered as fault:
        if fault.code not in ("log_behind", "log_forked"):
            raise
        return False
    finally:
        client.witness.kept = aside
    return True


def _restore(found: Verified, entry: Entry) -> Restore:
    """Return what a verified entry and its statement say; raises Tampered `answer_malformed`."""
    told = None if entry.statement is None else found.statements.get(entry.statement)
    if told is None or entry.actor is None:
        raise answer_malformed()
    said = told.statement.arguments
    by = found.people.person(entry.actor).certificate.member
    return Restore(
        size=entry.sequence - 1,
        lost=Seen(said["size"], bytes.fromhex(said["root"])),
        cause=said["cause"],
        at=entry.at,
        name=directory.name(found, UUID(str(by)), "display_name"),
    )


def _rows(found: Verified) -> list[dict[str, Any]]:
    rows = found.word.rows.get("restored", [])
    with read_or(answer_malformed):
        for row in rows:
            if not _RESTORED(row):
                raise Malformed("restored")
    return [dict(row) for row in rows]
