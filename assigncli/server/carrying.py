"""One statement while it is carried out: in one transaction, for one device, by the server's clock.

The rules of each act are beside the act; here is what they all ask about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.access import AuditReceipt, ReadRequest
from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import Role, Status
from assigncli.domain.rules import Rule
from assigncli.protocol.certificate import Certificate
from assigncli.server.projection.happening import Happening
from assigncli.server.refused import Expires, Refused, by_code
from assigncli.server.request import Request
from assigncli.server.step import is_due_to_expire, step
from assigncli.server.store import assignments
from assigncli.server.store.invitations import Invitation
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn


@dataclass(frozen=True)
class Release:
    """A share that is handed out once the entry of its access is committed."""

    key_id: UUID
    request: ReadRequest
    receipt: AuditReceipt


@dataclass
class Carrying:
    """What an act is given; `dead` are keys whose shares are deleted after the commit.

    `put` are keys whose shares were put, to be taken back where nothing is committed. `afterwards`
    is done in the same transaction, once the statement's own entries are proven.

    `certificate` is that of the device that signed; None for a new key, which `invitation` lets in
    where it joins.
    `turn` is the server's own: its moment is that of the entries (aware UTC).
    """

    turn: Turn
    tx: Transaction
    certificate: Certificate | None
    request: Request
    dead: list[UUID] = field(default_factory=list)
    put: list[UUID] = field(default_factory=list)
    release: Release | None = None
    afterwards: Callable[[], object] | None = None
    invitation: Invitation | None = None

    @property
    def actor(self) -> Certificate:
        """The device that signed, for every act but those of a new key."""
        if self.certificate is None:
            raise AssertionError("A new key has no certificate.")
        return self.certificate

    @property
    def about(self) -> UUID:
        """What the statement is about."""
        return self.request.statement.about

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The act's arguments, of the right form."""
        return self.request.statement.arguments

    def happening(self, action: Action, facts: Mapping[str, Any] | None = None) -> Happening:
        """Return what happens now to what the statement is about, by an entry about to be made.

        A new key acts for the member whose key it is: the founder, or who joins.
        """
        said = self.request.statement
        key = UUID(said.arguments.get("founder", str(said.about)))
        return Happening(
            organization=self.turn.organization_id,
            act=action.value,
            subject=said.about,
            actor=key if self.certificate is None else self.certificate.member,
            at=self.turn.now,
            facts=facts or {},
            arguments=said.arguments,
            texts=self.request.texts,
            attachments=said.attachments,
            statement=self.request.hash,
        )

    def text(self, name: str) -> tuple[bytes, str]:
        """Return salt and text of a field; that it fits its digest was checked before."""
        found = self.request.texts[name]
        return found.salt, found.text

    def require_proper(self, name: str, proper: Callable[[str], str]) -> None:
        """Refuse a text that is not in its proper form: `handle_invalid` or `name_invalid`."""
        text = self.text(name)[1]
        with by_code(field=name):
            if proper(text) != text:
                code = "handle_invalid" if name == "handle" else "name_invalid"
                raise Refused(code, field=name, place=None)

    def require_role(self, *roles: Role) -> None:
        """Refuse who holds none of `roles`: `role_missing`."""
        if not self.actor.roles & {role.value for role in roles}:
            raise Refused("role_missing", roles=sorted(role.value for role in roles))

    def assignment(self) -> Assignment:
        """Return the assignment that the statement is about.

        Raises Refused `assignment_not_found`, `assignment_archived`.
        """
        row = assignments.by_id(self.tx, self.turn.organization_id, self.about)
        if row is not None:
            return row
        if assignments.is_archived(self.tx, self.turn.organization_id, self.about):
            raise Refused("assignment_archived")
        raise Refused("assignment_not_found")

    def own(self) -> Assignment:
        """Return the recipient's assignment, before its date; raises Refused or Expires."""
        self.require_role(Role.PEER_MENTOR)
        row = self.assignment()
        if row.recipient_user_id != self.actor.member:
            raise Refused("not_your_assignment", assignment=None)
        if is_due_to_expire(row, self.turn):
            raise Expires(row.id)
        if row.status is Status.EXPIRED:
            raise Refused(Rule.EXPIRED_PAYLOAD_INACCESSIBLE)
        return row

    def advance(self, target: Status) -> None:
        """Take a step of the recipient's own; raises as `own`, and Refused by the lifecycle."""
        row = self.own()
        with by_code(status=row.status.value):
            step(self.turn, self.tx, self.actor, row, target, request=self.request)
