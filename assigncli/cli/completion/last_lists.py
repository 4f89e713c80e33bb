"""What a server last listed for a profile, so that a line can be completed without asking it.

A file of the profile (0600) with numbers, titles, statuses, handles and names of cycles: no name of
a person, no reference, no note. It is bounded; the newest assignments stay. What it says may be old
by now, so only those known to have ended are left out where a command could not act on them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from assigncli.domain.lifecycle import TERMINAL
from assigncli.errors import AssignError
from assigncli.folders import folders
from assigncli.lookups.to_complete import OfferedCycle, OfferedHandle, OfferedNumber, Which
from assigncli.private_files import make_folder, read, replace, require_private_folder
from assigncli.profiles import Profile

FORMAT: Final = 1
MOST_NUMBERS: Final = 200
MOST_HANDLES: Final = 500
MOST_CYCLES: Final = 200
_OFFERED: Final = 50
_ENDED: Final = frozenset(status.value for status in TERMINAL)


class LastLists:
    """The lists of one profile: by number, by handle, and the cycles.

    An assignment is [title, status, whether it is sent to the member, whether the member made it];
    a member is [status, mentor's profile or None, roles]; a cycle is its status.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        """Take the content of a file; an empty one has no lists."""
        self.assignments: dict[str, list[Any]] = dict(content.get("assignments", {}))
        self.members: dict[str, list[Any]] = dict(content.get("members", {}))
        self.named_cycles: dict[str, str] = dict(content.get("cycles", {}))

    def numbers(self, which: Iterable[Which], prefix: str) -> list[OfferedNumber]:
        """Return the listed assignments whose number begins so, newest first."""
        found = {
            int(number): OfferedNumber(int(number), title)
            for each in which
            for number, (title, status, received, own) in self.assignments.items()
            if number.startswith(prefix)
            and (received or each.whose != "received")
            and (own or each.whose != "own")
            and not (each.statuses and status in _ENDED)
        }
        return [found[number] for number in sorted(found, reverse=True)][:_OFFERED]

    def handles(self, prefix: str) -> list[OfferedHandle]:
        """Return the listed members whose handle begins so."""
        return [
            OfferedHandle(handle, status, profile, frozenset(roles))
            for handle, (status, profile, roles) in sorted(self.members.items())
            if handle.startswith(prefix)
        ]

    def cycles(self) -> list[OfferedCycle]:
        """Return the cycles as they were listed, newest first."""
        return [OfferedCycle(name, status) for name, status in self.named_cycles.items()]

    def document(self, profile: Profile) -> dict[str, Any]:
        """Return the content of the profile's file."""
        newest = sorted(self.assignments.items(), key=lambda each: -int(each[0]))
        return {
            "format": FORMAT,
            "organization_id": str(profile.organization_id),
            "member_id": str(profile.member_id),
            "assignments": dict(newest[:MOST_NUMBERS]),
            "members": dict(list(self.members.items())[:MOST_HANDLES]),
            "cycles": dict(list(self.named_cycles.items())[:MOST_CYCLES]),
        }


def load(profile: Profile, environ: Mapping[str, str]) -> LastLists:
    """Return the lists of a profile, empty if there are none for it.

    Raises StoreUnavailable, ValueError and others for a damaged file.
    """
    require_private_folder(folders(environ).lists)
    content = json.loads(read(_path(profile, environ)) or b"{}")
    mine = {"organization_id": str(profile.organization_id), "member_id": str(profile.member_id)}
    is_mine = all(content.get(name) == value for name, value in mine.items())
    return LastLists(content if is_mine and content["format"] == FORMAT else {})


def keep(profile: Profile, environ: Mapping[str, str], shown: object) -> None:
    """Add what a server has shown to the lists of a profile; what cannot be kept is left."""
    with suppress(AssignError, OSError, ValueError, TypeError, KeyError, AttributeError):
        path = _path(profile, environ)
        lists = _loaded(profile, environ)
        if not _add(lists, profile, shown):
            return
        content = json.dumps(lists.document(profile), ensure_ascii=False).encode()
        if content != read(path):
            make_folder(path.parent)
            replace(path, content)


def _loaded(profile: Profile, environ: Mapping[str, str]) -> LastLists:
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        return load(profile, environ)
    return LastLists({})


def _add(lists: LastLists, profile: Profile, shown: object) -> bool:
    """Add rows of what was shown; return whether it is of a kind that is kept."""
    from assigncli.client.inbox import Inbox
    from assigncli.lookups.about_assignments import AssignmentPage, Attention, Detail
    from assigncli.lookups.about_members import Membership, Memberships
    from assigncli.lookups.about_office import Cycles

    if isinstance(shown, AssignmentPage | Inbox):
        _add_assignments(lists, profile, shown.items)
    elif isinstance(shown, Attention):
        _add_assignments(lists, profile, [each.summary for each in shown.items])
    elif isinstance(shown, Detail):
        _add_assignments(lists, profile, [shown.summary])
    elif isinstance(shown, Membership | Memberships):
        members = shown.members if isinstance(shown, Memberships) else (shown,)
        lists.members |= {
            x.handle: [x.status.value, x.profile and x.profile.value, sorted(x.roles)]
            for x in members
        }
    elif isinstance(shown, Cycles):
        lists.named_cycles = {each.name: each.status.value for each in shown.cycles}
    else:
        return False
    return True


def _add_assignments(lists: LastLists, profile: Profile, items: Iterable[Any]) -> None:
    for each in items:
        # An inbox is the member's own, and its items do not name the recipient.
        received = getattr(each, "recipient_user_id", profile.member_id) == profile.member_id
        own = each.dispatched_by_user_id == profile.member_id
        lists.assignments[str(each.number)] = [each.title, each.status.value, received, own]


def _path(profile: Profile, environ: Mapping[str, str]) -> Path:
    return folders(environ).lists / f"{profile.name}.json"
