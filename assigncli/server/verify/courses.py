"""Gather each member's rows as stored, and the good entries about them.

Nothing is compared here: that is for `compare_people`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import ABOUT_MEMBER, ISSUING, Action
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.statement import Statement
from assigncli.protocol.texts import Text
from assigncli.server.certified import is_named
from assigncli.server.happened import happening_of
from assigncli.server.projection import members
from assigncli.server.projection.happening import Happening
from assigncli.server.store import comparing, raw
from assigncli.server.store.channels import IN_ORDER
from assigncli.server.store.comparing import SaidEntry
from assigncli.server.store.founding import founding
from assigncli.server.store.invitations import Invitation
from assigncli.server.store.raw import Raw, TableClass
from assigncli.server.store.scheduled import NotificationChannel
from assigncli.server.store.tables import CertificateRow, Member, MemberRole, PeerMentorProfile
from assigncli.server.verify.compare_office import has_digest

_TABLES: Final = (Member, MemberRole, PeerMentorProfile, CertificateRow, Invitation)
_UNREADABLE: Final = (ValueError, TypeError, AttributeError)

Rows = Mapping[TableClass, Sequence[Raw]]
Told = tuple[Happening, Mapping[str, bytes]]
"""An entry, and the digests of the texts that its statement carries."""


@dataclass(frozen=True)
class MemberCourse:
    """One member; `id` is as the database keeps it.

    `steps` are the good entries, first to last, each with the certificate that it gave; `issued`
    are the rows of all certificates that they name, whichever member the rows name.
    """

    id: Any
    rows: Rows
    steps: Sequence[tuple[Happening, Certificate | None]]
    issued: Mapping[UUID, Raw]

    @property
    def row(self) -> Raw | None:
        """The member's own row, or None."""
        return next(iter(self.rows[Member]), None)

    @property
    def handle(self) -> str | None:
        """The member's handle, if it matches the signed digest."""
        if not self.steps:
            return None
        found = members.names_of(self.steps[0][0], UUID(self.id)).get("handle")
        return None if found is None else found.text


def fitting(row: Raw, digests: Mapping[str, bytes], *names: str) -> dict[str, Text]:
    """Return the texts of a row that match the signed digests."""
    return {
        name: Text(row[f"{name}_salt"], row[name])
        for name in names
        if name in digests and has_digest(row[name], row[f"{name}_salt"], digests[name])
    }


def courses(tx: Transaction, organization_id: UUID, bad: Collection[int]) -> Iterator[MemberCourse]:
    """Yield the rows and entries of each member; entries with a `bad` sequence count as absent."""
    founded = [organization_id.hex]
    first = comparing.entries(tx, organization_id, founded, [Action.ORGANIZATION_FOUNDED])
    begun = [each for each in first if each.sequence not in bad]
    replaced = comparing.entries(tx, organization_id, founded, [Action.SERVICE_REPLACED])
    services = [each for each in replaced if each.sequence not in bad]
    found = founding(tx, organization_id) if begun else None
    given = {} if found is None else {member.hex: each for member, each in found.given.items()}
    service = None if found is None or found.service is None else found.service.hex
    for ids in comparing.people(tx, organization_id, given):
        said = comparing.entries(tx, organization_id, ids, ABOUT_MEMBER)
        good = [*begun, *services, *(each for each in said if each.sequence not in bad)]
        good.sort(key=lambda each: each.sequence)
        told: dict[Any, list[Told]] = {}
        for each in _told(tx, organization_id, good):
            for member in _subjects(each[0], given, service):
                told.setdefault(member, []).append(each)
        rows = _rows(tx, ids)
        for id_ in ids:
            own = {table: lying.get(id_, []) for table, lying in rows.items()}
            yield _course(tx, id_, own, told.get(id_, ()), given.get(id_))


def _subjects(happened: Happening, given: Collection[str], service: str | None) -> Iterable[str]:
    """Return the members that an entry about members or the organization says something of."""
    if happened.act == Action.ORGANIZATION_FOUNDED:
        return given
    if happened.act == Action.SERVICE_REPLACED:
        return () if service is None else (service,)
    return (happened.subject.hex,)


def _told(tx: Transaction, organization_id: UUID, said: Sequence[SaidEntry]) -> Iterator[Told]:
    bodies = comparing.statements(tx, [each.statement_hash for each in said])
    for each in said:
        body = bodies.get(each.statement_hash)
        stated = None if body is None else Statement.decode(body)
        digests = {} if stated is None else stated.texts
        yield happening_of(organization_id, each, stated), digests


def _rows(tx: Transaction, ids: Collection[Any]) -> dict[TableClass, dict[Any, list[Raw]]]:
    rows: dict[TableClass, dict[Any, list[Raw]]] = {
        table: raw.about(tx, table, "id" if table is Member else "member_id", ids)
        for table in _TABLES
    }
    kept = raw.about(tx, NotificationChannel, "member_id", ids, order=[IN_ORDER])
    return rows | {NotificationChannel: kept}


def _course(
    tx: Transaction,
    id_: Any,
    rows: Rows,
    told: Sequence[Told],
    founded: UUID | None,
) -> MemberCourse:
    """Assemble one member; `founded` is the certificate that the founding gave them."""
    named = [_named(happened, founded) for happened, _digests in told]
    wanted = {each.hex for each in named if each is not None}
    found = raw.about(tx, CertificateRow, "id", wanted)
    issued = {UUID(each): lying[0] for each, lying in found.items()}
    steps = [
        (
            replace(happened, texts=_texts(happened, rows, digests)),
            None if certificate is None else _given(issued.get(certificate), happened),
        )
        for (happened, digests), certificate in zip(told, named, strict=True)
    ]
    return MemberCourse(id_, rows, steps, issued)


def _texts(happened: Happening, rows: Rows, digests: Mapping[str, bytes]) -> dict[str, Text]:
    """Return an entry's texts as far as they are kept; they are only in the rows."""
    if happened.act == Action.DEVICE_JOINED:
        found = (fitting(row, digests, "device") for row in rows[Invitation])
        return next(filter(None, found), {})
    kept = rows[Member][:1]
    return fitting(kept[0], digests, "handle", "display_name") if kept else {}


def _named(happened: Happening, founded: UUID | None) -> UUID | None:
    """Return the certificate that the entry gives the member, or None."""
    if happened.act == Action.ORGANIZATION_FOUNDED:
        return founded
    gives = happened.act in (*ISSUING, Action.SERVICE_REPLACED)
    return happened.id("certificate") if gives else None


def _given(row: Raw | None, happened: Happening) -> Certificate | None:
    """Return a certificate if it is exactly the one that the entry names, otherwise None."""
    try:
        certificate = Certificate.decode(row["body"]) if row is not None else None
    except _UNREADABLE:
        return None
    fits = certificate is not None and is_named(certificate, happened.facts)
    return certificate if fits else None
