"""A member as acts about them need it: proven by a certificate, or as the server says.

Roles, certificates and the end of a membership are taken from evidence. For a member who has no
certificate yet, names and keys are the server's word; comparing the fingerprint verifies the keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final
from uuid import UUID

from assigncli.client import directory
from assigncli.client.recipient import certified_until, has_lapsed
from assigncli.crypto.identity import PublicIdentity
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import NOT_YET_MEMBER, MemberStatus, Role
from assigncli.domain.member_names import member_not_found
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.texts import Text
from assigncli.trust.people import Person
from assigncli.trust.tampering import answer_malformed, certificate_invalid, require
from assigncli.trust.verification import Verified

_STANDING: Final = (Action.MEMBER_APPROVED, Action.MEMBER_REVOKED)


@dataclass(frozen=True)
class ShownMember:
    """A member whom an act is about.

    `roles` are those of a certificate, or before approval those of the invitation. `row_status` and
    `open`, the number of open assignments with them, are the server's word; `open` is 0 where it
    says nothing. `texts` and `keys` are for a new certificate: handle and name, and once they have
    joined the device's name, its signing key and its encryption key.
    """

    id: UUID
    handle: str
    display_name: str
    status: MemberStatus
    roles: frozenset[str]
    devices: tuple[Certificate, ...]
    row_status: str | None
    open: int
    texts: Mapping[str, Text]
    keys: tuple[bytes, bytes] | None = None

    @property
    def differs(self) -> bool:
        """Whether the server's row contradicts the log about the membership."""
        return self.row_status != self.status.value

    @property
    def is_mentor(self) -> bool:
        """Whether they are, or were, certified as a mentor."""
        waits = self.status in NOT_YET_MEMBER
        return not waits and Role.PEER_MENTOR.value in self.roles


@dataclass(frozen=True)
class DeviceRequest:
    """A further device of a member that waits for approval: its name and the keys it joined with.

    All of it is the server's word until the fingerprint is compared.
    """

    device: Text
    keys: PublicIdentity


def requests_of(found: Verified, member: UUID) -> tuple[DeviceRequest, ...]:
    """Return the devices of a member that wait for approval, oldest first.

    Raises Tampered `answer_malformed`, `public_key_invalid`.
    """
    rows = found.word.rows.get("joining_devices", [])
    with _well_formed():
        return tuple(
            DeviceRequest(
                _text(row, "device"),
                PublicIdentity(
                    bytes.fromhex(row["signing_key"]), bytes.fromhex(row["encryption_key"])
                ),
            )
            for row in rows
            if row.get("member") == str(member)
        )


def suspended_of(found: Verified, member: UUID) -> tuple[Person, ...]:
    """Return a member's certificates that are held and do not count until compared again."""
    now = found.head.size + 1
    held = found.standing.held(member, now) - found.standing.in_force(member, now)
    return tuple(each for each in found.people if each.certificate.id in held)


def named(found: Verified, handle: str) -> ShownMember:
    """Return the member with this handle; raises NotFound `member_not_found`, and Tampered."""
    member = maybe(found, handle)
    if member is None:
        raise member_not_found(_near(found, handle))
    return member


def maybe(found: Verified, handle: str) -> ShownMember | None:
    """Return the member with this handle, None where the server says that it is unknown.

    Raises Tampered `certificate_invalid` for a row that contradicts certificate and log,
    `answer_malformed` for one of another form.
    """
    member = directory.by_handle(found, handle)
    if member is not None:
        return _certified(found, member)
    row = _row(found, "joining", "handle", handle)
    return _joining(found, row) if row else None


def require_known(found: Verified, handle: str) -> None:
    """Raise NotFound `member_not_found` for an unknown handle; a waiting member's is known."""
    is_waiting = bool(_row(found, "waiting", "handle", handle))
    if directory.by_handle(found, handle) is None and not is_waiting:
        raise member_not_found(_near(found, handle))


def lapsed(found: Verified, member: UUID, today: date) -> tuple[bool, date | None]:
    """Say whether a mentor's certification is over on a local day, and return its last day.

    The day is the server's word, because a mentor is not sent the statement that set it.
    """
    said = _row(found, "members", "id", str(member)).get("certified_until")
    with _well_formed():
        until = None if said is None else date.fromisoformat(said)
    is_over = until is not None and until < today
    return is_over or has_lapsed(found, member), until


def require_certification(found: Verified, member: UUID) -> None:
    """Refuse a mentor's row whose last day is not the signed one; raises Tampered.

    Only for a reader who is sent the statement: a coordinator or an administrator.
    """
    devices = directory.devices(found, member)
    if devices and Role.PEER_MENTOR.value in devices[-1].roles:
        until = certified_until(found, member)
        says = _row(found, "members", "id", str(member)).get("certified_until")
        require(says == (None if until is None else until.isoformat()), certificate_invalid)


def _certified(found: Verified, member: UUID) -> ShownMember:
    devices = directory.devices(found, member)
    theirs = [each for each in found.people if each.certificate.member == member]
    last = next((each for each in theirs if each.certificate in devices), theirs[-1])
    is_over = _has_ended(found, member)
    return ShownMember(
        id=member,
        handle=directory.name(found, member, "handle"),
        display_name=directory.name(found, member, "display_name"),
        status=MemberStatus.REVOKED if is_over else MemberStatus.ACTIVE,
        roles=last.certificate.roles,
        devices=devices,
        row_status=_row(found, "members", "id", str(member)).get("status"),
        open=_open(found, member),
        texts=last.texts,
    )


def _joining(found: Verified, row: Mapping[str, Any]) -> ShownMember:
    with _well_formed():
        member, text = UUID(row["id"]), partial(_text, row)
        keys = None
        if row["signing_key"] is not None and row["encryption_key"] is not None:
            keys = bytes.fromhex(row["signing_key"]), bytes.fromhex(row["encryption_key"])
        status = MemberStatus.INVITED if row["signing_key"] is None else MemberStatus.REQUESTED
        waiting = _row(found, "waiting", "handle", row["handle"])
        return ShownMember(
            id=member,
            handle=row["handle"],
            display_name=row["display_name"],
            status=MemberStatus.REVOKED if _has_ended(found, member) else status,
            roles=frozenset(Role(word).value for word in row["roles"].split()),
            devices=(),
            row_status=waiting.get("status"),
            open=_open(found, member),
            texts={name: text(name) for name in ("handle", "display_name", "device")},
            keys=keys,
        )


@contextmanager
def _well_formed() -> Iterator[None]:
    """Raise Tampered `answer_malformed` for a row of another form than it should have."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError):
        raise answer_malformed() from None


def _text(row: Mapping[str, Any], name: str) -> Text:
    said = row[name]
    if said is None:
        return Text(b"", "")
    require(isinstance(said, str), answer_malformed)
    return Text(bytes.fromhex(row[f"{name}_salt"]), said)


def _has_ended(found: Verified, member: UUID) -> bool:
    """Say whether the last entry about a membership, or a request for one, ends it."""
    told = [each for each in found.entries if each.subject == member and each.act in _STANDING]
    return bool(told) and told[-1].act == Action.MEMBER_REVOKED


def _open(found: Verified, member: UUID) -> int:
    count = _row(found, "open_assignments", "member", str(member)).get("count", 0)
    require(isinstance(count, int), answer_malformed)
    return int(count)


def _near(found: Verified, handle: str) -> object:
    return _row(found, "unknown", "handle", handle).get("near")


def _row(found: Verified, table: str, column: str, value: str) -> Mapping[str, Any]:
    """Return the first row of a table with this value in the column; empty where there is none."""
    rows = found.word.rows.get(table, [])
    return next((row for row in rows if row.get(column) == value), {})
