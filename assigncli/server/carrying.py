"""One statement while it is carried out: one transaction, one device, the server's clock.

Only the checks that many acts share are here; each act's own rules are in its own file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.access import AuditReceipt, ReadRequest
from assigncli.domain.actions import Action
from assigncli.domain.declining import require_not_declined
from assigncli.domain.lifecycle import Role, Status
from assigncli.domain.rules import Rule
from assigncli.protocol.acts import is_of_root
from assigncli.protocol.certificate import Certificate
from assigncli.server.projection.happening import Happening
from assigncli.server.record import Act, record_all, record_root
from assigncli.server.refused import Expires, Refused, by_code
from assigncli.server.request import Request
from assigncli.server.step import is_due_to_expire, step
from assigncli.server.store import assignments
from assigncli.server.store.invitations import Invitation
from assigncli.server.store.tables import Assignment
from assigncli.server.turn import Turn


@dataclass(frozen=True)
class Release:
    """A share to hand out once the entry that records the access is committed."""

    key_id: UUID
    request: ReadRequest
    receipt: AuditReceipt


@dataclass
class Carrying:
    """What the function of an act is given, and what it leaves to be done around the commit.

    `turn.now` is the time of the entries (aware UTC). `certificate` is that of the device that
    signed; it is None for a new key and for the root key. `invitation` is the one that a joining
    device's token belongs to.

    The act fills in the rest:

    - `dead`: keys whose shares are deleted after the commit
    - `put`: keys whose shares were put, deleted again if nothing is committed
    - `release`: the share to hand out after the commit
    - `afterwards`: called in the same transaction, after the statement's own entries are proven
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
        """The certificate of the device that signed; an AssertionError where there is none."""
        if self.certificate is None:
            raise AssertionError("Neither a new key nor the root key has a certificate.")
        return self.certificate

    @property
    def is_of_root(self) -> bool:
        """Whether the root key signed, which may vouch for every role of a person."""
        return is_of_root(self.request.statement)

    @property
    def issuer(self) -> UUID | None:
        """The certificate that certificates issued by the signer name; None for the root key."""
        return None if self.is_of_root else self.actor.id

    @property
    def signing_key(self) -> bytes:
        """The public key of the signing device, or the root's."""
        return self.turn.root_public_key if self.is_of_root else self.actor.keys.signing_key

    def is_about_signer(self) -> bool:
        """Return whether the statement is about the member whose device signed."""
        return self.certificate is not None and self.certificate.member == self.about

    def record(self, acts: Sequence[Act]) -> None:
        """Append the entries of the statement; raises as `record.record_all`."""
        if self.is_of_root:
            record_root(self.turn, self.tx, acts)
        else:
            record_all(self.turn, self.tx, self.actor, acts)

    @property
    def about(self) -> UUID:
        """The id of what the statement is about."""
        return self.request.statement.about

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The act's arguments; their form was checked before."""
        return self.request.statement.arguments

    def happening(self, action: Action, facts: Mapping[str, Any] | None = None) -> Happening:
        """Return what the entry that is about to be made says, for the projection.

        A new key has no certificate: it acts for the member it belongs to, the founder or whoever
        joins.
        """
        said = self.request.statement
        of_root = self.turn.organization_id
        key = of_root if self.is_of_root else UUID(said.arguments.get("founder", str(said.about)))
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
        """Return the salt and the text of a field; its digest was checked before."""
        found = self.request.texts[name]
        return found.salt, found.text

    def require_proper(self, name: str, proper: Callable[[str], str]) -> None:
        """Refuse a text that is not in normal form: `handle_invalid` or `name_invalid`."""
        text = self.text(name)[1]
        with by_code(field=name):
            if proper(text) != text:
                code = "handle_invalid" if name == "handle" else "name_invalid"
                raise Refused(code, field=name, place=None)

    def require_role(self, *roles: Role) -> None:
        """Refuse a device that has none of `roles`: `role_missing`. The root key needs no role."""
        if self.is_of_root:
            return
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
        """Return the assignment, if the signer is its recipient and may still act on it.

        They may not once they declined it, or it is past its date. Raises Refused, or Expires if
        the date has passed and is not recorded yet.
        """
        self.require_role(Role.PEER_MENTOR)
        row = self.assignment()
        if row.recipient_user_id != self.actor.member:
            raise Refused("not_your_assignment", assignment=None)
        if is_due_to_expire(row, self.turn):
            raise Expires(row.id)
        if row.status is Status.EXPIRED:
            raise Refused(Rule.EXPIRED_PAYLOAD_INACCESSIBLE)
        with by_code():
            require_not_declined(row.status, row.number, declined=row.declined_at is not None)
        return row

    def advance(self, target: Status) -> None:
        """Take one of the recipient's steps; raises as `own`, and Refused by the lifecycle."""
        row = self.own()
        with by_code(status=row.status.value):
            step(self.turn, self.tx, self.actor, row, target, request=self.request)
