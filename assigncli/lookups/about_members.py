"""Members as lists show them, and the keys of their devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role
from assigncli.lookups import ByHandle, Lookup
from assigncli.lookups.about_assignments import Open


@dataclass(frozen=True)
class Membership:
    """A member as the store has them; days are local and inclusive."""

    id: UUID
    handle: str
    display_name: str
    status: MemberStatus
    roles: frozenset[Role]
    profile: ProfileStatus | None
    paused_until: date | None
    certified_until: date | None


@dataclass(frozen=True)
class Halted:
    """A member who was paused or revoked, and what is open with them as a mentor.

    `own` is whether they did it themselves; then `open` has no drafts.
    """

    member: Membership
    open: tuple[Open, ...]
    own: bool


@dataclass(frozen=True)
class Key:
    """A member's public keys under one certificate, or under none while waiting for approval.

    `issued_at` is the time of the approval by the log (aware UTC), and `approved_by` the name of
    who gave it; None for the root key. `certified_until` is a local day, inclusive.
    """

    certificate_id: UUID | None
    handle: str
    display_name: str
    fingerprint: str
    issued_at: datetime | None = None
    certified_until: date | None = None
    revoked_at: datetime | None = None
    suspended_at: datetime | None = None
    device: str | None = None
    approved_by: str | None = None

    @property
    def status(self) -> str:
        """`revoked`, `suspended`, `requested` or `active`."""
        if self.revoked_at is not None:
            return "revoked"
        if self.suspended_at is not None:
            return "suspended"
        return "requested" if self.certificate_id is None else "active"


@dataclass(frozen=True)
class WantedKeys:
    """Whose keys are asked for: a member's by handle, or one's own."""

    handle: str | None = None


@dataclass(frozen=True)
class OfCertificate:
    """A device, by the id of its certificate."""

    certificate_id: UUID


@dataclass(frozen=True)
class IssuedKey:
    """A certificate that a device issued: the entry that approved it, when, and whose it is.

    `at` is aware UTC; `counts` unless it has ended or is suspended.
    """

    certificate_id: UUID
    sequence: int
    at: datetime
    handle: str
    display_name: str
    device: str
    counts: bool


@dataclass(frozen=True)
class IssuedKeys:
    """What a device has certified, in the order of the log."""

    keys: tuple[IssuedKey, ...]


@dataclass(frozen=True)
class WantedMembers:
    """Whose memberships are asked for: everybody's, or those with a role."""

    role: Role | None = None


@dataclass(frozen=True)
class Memberships:
    """Members, ordered by handle."""

    members: tuple[Membership, ...]


@dataclass(frozen=True)
class Keys:
    """A member's keys, one for each device."""

    keys: tuple[Key, ...]


MEMBERS = Lookup("show.members", WantedMembers, Memberships)
MEMBER = Lookup("show.member", ByHandle, Membership)
HALTED = Lookup("show.halted", ByHandle, Halted)
KEYS = Lookup("show.keys", WantedKeys, Keys)
ISSUED = Lookup("show.issued", OfCertificate, IssuedKeys)
