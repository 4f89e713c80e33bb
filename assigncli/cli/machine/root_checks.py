"""Look at what an organisation's administrators depend on: the key kit, and one another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from assigncli.cli.frame import out
from assigncli.cli.session.private_keys import keychain, root_name
from assigncli.domain.lifecycle import MemberStatus, Role
from assigncli.errors import AssignError
from assigncli.locale import _

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.lookups.about_members import Key, Membership
    from assigncli.profiles import Profile

_KIT_OLD: Final = timedelta(days=365)


def of_administrator(session: Session, profile: Profile) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield the checks of an administrator's machine, by name; none on anybody else's.

    They look at what was found here, and no longer at the store.
    """
    from assigncli.lookups.about_members import KEYS, MEMBERS, WantedKeys, WantedMembers

    found = session.look(MEMBERS, WantedMembers(Role.ORG_ADMIN)).members
    active = [each for each in found if each.status is MemberStatus.ACTIVE]
    if profile.handle not in [each.handle for each in active]:
        return
    keys = session.look(KEYS, WantedKeys()).keys
    now = session.now
    yield "key_kit", lambda: _kit(profile, now)
    yield "administrators", lambda: _administrators(active, keys)


def _kit(profile: Profile, now: datetime) -> str:
    """Return when the key kit was typed; raises AssignError `failure` if never or long ago."""
    checked = profile.kit_checked_at
    if checked is None:
        if keychain(profile.keys).holds(root_name(profile)):
            raise AssignError("failure", "kit_unprinted")
        return _("The root key is not on this machine, and no key kit was typed here.")
    when = out().calendar.day_of(checked)
    if now - checked > _KIT_OLD:
        raise AssignError("failure", "kit_old", when=when)
    return _("The key kit was last typed from paper on {when}.").format(when=when)


def _administrators(active: Sequence[Membership], keys: Sequence[Key]) -> str:
    """Return how many there are; raises AssignError `failure` if everything depends on one."""
    if len(active) > 1:
        return _("The organisation has {count} administrators.").format(count=len(active))
    if sum(each.status == "active" for each in keys) > 1:
        raise AssignError("failure", "one_administrator")
    raise AssignError("failure", "one_device")
