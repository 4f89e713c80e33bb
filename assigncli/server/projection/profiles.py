"""What each entry about a mentor writes to `peer_mentor_profiles`. Days are local calendar days."""

from __future__ import annotations

from datetime import date
from typing import Any

from assigncli.domain.actions import Action
from assigncli.domain.lifecycle import ProfileStatus, Role
from assigncli.protocol.certificate import Certificate
from assigncli.server.projection.happening import Happening

Columns = dict[str, Any]


def change(
    happened: Happening,
    given: Certificate | None = None,
    before: ProfileStatus = ProfileStatus.ACTIVE,
) -> Columns:
    """Return the columns that an entry writes to a mentor's profile, empty if none.

    `given` is the certificate that an approval gives. `before` is the status so far; a new
    certification keeps it, unless the old one had lapsed.
    """
    match happened.act:
        case Action.MEMBER_APPROVED if given is not None and Role.PEER_MENTOR in given.roles:
            return {
                "member_id": happened.subject,
                "organization_id": happened.organization,
                "status": ProfileStatus.ACTIVE,
                "paused_until": None,
                "certified_until": _day(happened, "certified_until"),
                "updated_at": happened.at,
            }
        case Action.MEMBER_CERTIFIED:
            lapsed = before is ProfileStatus.EXPIRED
            return {
                "status": ProfileStatus.ACTIVE if lapsed else before,
                "certified_until": _day(happened, "until"),
                "updated_at": happened.at,
            }
        case Action.MEMBER_PAUSED:
            until = _day(happened, "until")
            return {
                "status": ProfileStatus.PAUSED,
                "paused_until": until,
                "updated_at": happened.at,
            }
        case Action.MEMBER_RESUMED:
            return {
                "status": ProfileStatus.ACTIVE,
                "paused_until": None,
                "updated_at": happened.at,
            }
        case Action.MEMBER_LAPSED:
            return {"status": ProfileStatus.EXPIRED, "updated_at": happened.at}
    return {}


def _day(happened: Happening, name: str) -> date | None:
    said = happened.arguments.get(name)
    return None if said is None else date.fromisoformat(said)
