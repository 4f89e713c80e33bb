"""The rows that make up evidence: entries, certificates with their names, statements, wraps.

Rows are returned as stored, because the reader of evidence checks every form. Certificates come in
one query with everything that proves them, however long the chain.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlmodel import Session

from assigncli.server.store.conditions import REPLACING

_ENTRY: Final = """
SELECT e.sequence, e.at, e.action, e.subject_id, e.details, e.statement_hash,
  e.actor_certificate_id, e.service_certificate_id, e.signature
FROM audit_log AS e
"""
_STANDING: Final = (
    "'member.approved', 'member.revoked', 'device.approved', 'device.revoked', 'device.suspended',"
    " 'device.confirmed', 'member.certified', 'member.lapsed', 'member.paused', 'member.resumed'"
)
# A plus hides a column from the planner, so that the subject's index is used.
_ENTRIES: Final = (
    _ENTRY
    + "WHERE e.organization_id = ? AND e.sequence = 1 UNION "
    + _ENTRY
    + "WHERE +e.organization_id = ? AND e.subject_id IN ({subjects}) UNION "
    + _ENTRY
    + "WHERE +e.organization_id = ? AND e.subject_id IN ({members}) AND e.action IN ({standing})"
    + " UNION "
    + _ENTRY
    + "WHERE e.organization_id = ? AND {replacing}"
)
# Issuers, and the signers of entries about any of these members, must be shown too; and the
# founder, whose key signed the first statement. Each with all devices, since a member's row has
# the keys of the newest.
_PEOPLE: Final = """
WITH RECURSIVE wanted (id) AS (
  SELECT id FROM certificates WHERE id IN ({certificates}) OR member_id IN ({members})
  UNION
  SELECT CASE WHEN json_valid(e.details)
    THEN replace(json_extract(e.details, '$.certificate'), '-', '') END
  FROM audit_log AS e WHERE e.organization_id = ? AND e.sequence = 1
  UNION
  SELECT actor_certificate_id FROM audit_log WHERE subject_id IN ({subjects})
  UNION
  SELECT service_certificate_id FROM audit_log WHERE subject_id IN ({subjects})
  UNION
  SELECT actor_certificate_id FROM audit_log WHERE organization_id = ? AND {replacing}
  UNION
  SELECT CASE WHEN json_valid(CAST(c.body AS TEXT))
    THEN replace(json_extract(CAST(c.body AS TEXT), '$.issuer'), '-', '') END
  FROM wanted CROSS JOIN certificates AS c ON c.id = wanted.id
  UNION
  SELECT other.id
  FROM wanted CROSS JOIN certificates AS c ON c.id = wanted.id
  CROSS JOIN certificates AS other ON other.member_id = c.member_id
  UNION
  SELECT e.actor_certificate_id
  FROM wanted CROSS JOIN certificates AS c ON c.id = wanted.id
  CROSS JOIN audit_log AS e ON e.subject_id = c.member_id AND e.action IN ({standing})
)
SELECT c.id, c.member_id, c.body, c.signature, c.revoked_at, c.device, c.device_salt,
  m.status, m.signing_key, m.encryption_key,
  (SELECT group_concat(role, ' ') FROM (SELECT role FROM member_roles WHERE member_id = m.id
    ORDER BY role)),
  m.handle, m.handle_salt, m.display_name, m.display_name_salt,
  (SELECT p.certified_until FROM peer_mentor_profiles AS p WHERE p.member_id = m.id),
  EXISTS (SELECT 1 FROM notification_channels AS n WHERE n.member_id = m.id)
FROM wanted CROSS JOIN certificates AS c ON c.id = wanted.id
CROSS JOIN members AS m ON m.id = c.member_id
"""


@dataclass(frozen=True)
class LoggedRow:
    """An entry as stored; ids as 32 hex digits, `at` as text."""

    sequence: int
    at: str
    act: str
    subject: str
    facts: str
    statement: bytes | None
    actor: str | None
    service: str
    signature: bytes


@dataclass(frozen=True)
class PersonRow:
    """A certificate with its texts, and whether its member has a channel; ids as hex digits."""

    id: str
    member: str
    body: bytes
    signature: bytes
    revoked_at: str | None
    device: str
    device_salt: bytes
    status: str
    signing_key: bytes | None
    encryption_key: bytes | None
    roles: str | None
    handle: str
    handle_salt: bytes
    display_name: str
    display_name_salt: bytes
    certified_until: str | None
    has_channel: int


def people(
    tx: Session,
    organization_id: UUID,
    subjects: Collection[UUID],
    certificates: Collection[UUID],
    members: Collection[UUID],
) -> list[PersonRow]:
    """Return these certificates, all devices of these members, and everything that proves them.

    That includes the founder, the actors and services of entries about the subjects, and who
    certified a new service.
    """
    own = (organization_id.hex,)
    subject = _hex(subjects)
    asked = (*_hex(certificates), *_hex(members), *own, *subject, *subject, *own)
    lists = {"certificates": certificates, "members": members, "subjects": subjects}
    return [PersonRow(*row) for row in _ask(tx, _PEOPLE, asked, **lists)]


def entries(
    tx: Session, organization_id: UUID, subjects: Collection[UUID], members: Collection[str]
) -> list[LoggedRow]:
    """Return the entries about these subjects, and those that certify or end these members' keys.

    Also the first of the log, which certifies the founder and the service, and those that replaced
    the service. Unordered.
    """
    own = organization_id.hex
    asked = (own, own, *_hex(subjects), own, *members, own)
    found = _ask(tx, _ENTRIES, asked, subjects=subjects, members=members)
    return [LoggedRow(*row) for row in found]


def restores(tx: Session, organization_id: UUID) -> list[LoggedRow]:
    """Return the entries that say that the log was restored."""
    query = f"{_ENTRY}WHERE e.organization_id = ? AND e.subject_id = ? AND e.action = ?"
    asked = (organization_id.hex, organization_id.hex, "log.restored")
    return [LoggedRow(*row) for row in tx.connection().exec_driver_sql(query, asked)]


def statements(tx: Session, hashes: Collection[bytes]) -> list[tuple[bytes, bytes, bytes]]:
    """Return hash, body and signature of these statements; those not kept are left out."""
    if not hashes:
        return []
    query = "SELECT hash, body, signature FROM statements WHERE hash IN ({hashes})"
    return [(one, body, by) for one, body, by in _ask(tx, query, tuple(hashes), hashes=hashes)]


def _hex(ids: Iterable[UUID]) -> list[str]:
    return [each.hex for each in ids]


def _ask(tx: Session, query: str, values: Sequence[Any], **lists: Collection[Any]) -> Iterable[Any]:
    marks = {name: ", ".join(["?"] * len(each)) for name, each in lists.items()}
    asked = query.format(standing=_STANDING, replacing=REPLACING, **marks)
    return tx.connection().exec_driver_sql(asked, tuple(values)).all()
