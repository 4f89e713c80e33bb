"""Find the assignments about one person visited, archived ones too; for administrators."""

from __future__ import annotations

from uuid import UUID

from assigncli.domain.lifecycle import Role
from assigncli.lookups.about_privacy import ByReference, PersonAssignment, PersonAssignments
from assigncli.server import certification
from assigncli.server.store import erasing, members
from assigncli.server.store.archived import ArchivedAssignment
from assigncli.server.store.erasing import Kept
from assigncli.server.turn import Turn


def about_person(turn: Turn, asked: ByReference) -> PersonAssignments:
    """Return every assignment with this reference, by number.

    Whether a row has the reference that was signed, the client and the act verify. Raises
    NotAllowed `role_missing`, Tampered `certificate_invalid`.
    """
    with turn.store.read() as tx:
        certification.require_asker(turn, tx, Role.ORG_ADMIN)
        rows = erasing.with_reference(tx, turn.organization_id, asked.reference)
        names = members.names(tx, {row.recipient_user_id for row in rows})
        return PersonAssignments(tuple(_visit(row, names) for row in rows))


def _visit(row: Kept, names: dict[UUID, tuple[str, str]]) -> PersonAssignment:
    handle, name = names.get(row.recipient_user_id, ("", ""))
    return PersonAssignment(
        id=row.id,
        number=row.number,
        title=row.title,
        status=row.status,
        recipient=handle,
        recipient_name=name,
        is_archived=isinstance(row, ArchivedAssignment),
    )
