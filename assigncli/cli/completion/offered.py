"""Decide what may stand at a place of a command's line, for one profile.

Raises whatever is wrong with the profile or its store; `answer` keeps silent about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from assigncli.cli.completion.line_place import CommandPage, LinePlace, Pages, Param
from assigncli.domain.lifecycle import (
    IN_INBOX,
    NEW,
    NOT_YET_MEMBER,
    OPEN,
    MemberStatus,
    ProfileStatus,
    Role,
    Status,
)
from assigncli.locale import LANGUAGES, _
from assigncli.lookups.to_complete import OfferedHandle, Offers, Which
from assigncli.profiles import Profile, list_profiles, load_profile

_DRAFTS: Final = Which("own", (Status.PENDING,))
_NUMBERS: Final[Mapping[str, tuple[Which, ...]]] = {
    "edit": (_DRAFTS,),
    "dispatch": (_DRAFTS,),
    "recall": (Which("office", NEW),),
    "cancel": (Which("office", OPEN),),
    "reassign": (Which("office", IN_INBOX),),
    "consent": (Which("received", IN_INBOX, awaits_consent=True),),
    "open": (Which("received", IN_INBOX), _DRAFTS),
    "ack": (Which("received", (Status.READ,)),),
    "decline": (Which("received", (*NEW, Status.READ, Status.ACKNOWLEDGED)),),
    "contact": (Which("received", (Status.ACKNOWLEDGED,)),),
    "complete": (Which("received", (Status.CONTACT_MADE,)),),
}
"""By command, the assignments that it may act on; all that the member sees for others."""
_NEW_NAMES: Final = ("init", "member invite", "cycle open")
"""Commands whose names are new, so that no existing one is offered."""
_FILES: Final = ("FILE", "PATH", "FOLDER")
_HANDLES: Final = ("HANDLE", "MENTOR")
_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "language": LANGUAGES,
    "output": ("linear", "table"),
    "notification_language": LANGUAGES,
    "reporting_cycles": ("calendar_year", "by_hand"),
    "quiet_days": ("sundays_and_holidays", "none"),
}
"""The settings that have a few values."""
_LONGEST: Final = 100
"""Letters of a summary beside a word; a title is never cut."""


@dataclass(frozen=True)
class OfferedWord:
    """A word that may stand at the cursor, and a few words about it, perhaps none."""

    word: str
    about: str = ""


@dataclass(frozen=True)
class Files:
    """The names of files may stand here; the shell knows them."""


def offered(
    known: Pages, place: LinePlace, current: str, environ: Mapping[str, str]
) -> list[OfferedWord] | Files:
    """Return what may stand at the cursor and begins with `current`."""
    name, equals, value = current.partition("=")
    if place.param is not None and place.param.names and equals and name in place.param.names:
        current = value
    found = _all(known, place, current, environ)
    if isinstance(found, Files):
        return found
    return [each for each in found if each.word.startswith(current)]


def _all(
    known: Pages, place: LinePlace, current: str, environ: Mapping[str, str]
) -> list[OfferedWord] | Files:
    if place.param is not None:
        return _values(known, place, place.param, current, environ)
    if place.page.commands and place.arguments:
        return []  # after a word that is no command
    if place.page.commands and not current.startswith("-"):
        return [
            OfferedWord(each, _sentence(known.by_name[f"{place.name} {each}".lstrip()].help))
            for each in place.page.commands
        ]
    return _options(known, place)


def _options(known: Pages, place: LinePlace) -> list[OfferedWord]:
    """Return the options of the command, then those of every command, without those given."""
    return [
        OfferedWord(name, _sentence(param.help))
        for param in (*place.page.options, *known.common)
        if param.again or param.names[0] not in place.given
        for name in param.names
        if name.startswith("--")
    ]


def _sentence(message: str) -> str:
    """Return the first sentence of a message, in the language in use, without its full stop."""
    said = _(message) if message else ""
    first = said.partition(". ")[0].partition("\n")[0].removesuffix(".")
    return first if len(first) <= _LONGEST else f"{first[: _LONGEST - 3].rstrip()}..."


def _values(
    known: Pages, place: LinePlace, param: Param, current: str, environ: Mapping[str, str]
) -> list[OfferedWord] | Files:
    """Return the values that an option or argument may have."""
    if param.values:
        return [OfferedWord(_(each).replace(" ", "_")) for each in param.values]
    if param.value in _FILES:
        return Files()
    if param.names == ("--profile",) or param.value == "PROFILE":
        return [OfferedWord(each) for each in list_profiles(environ)]
    if place.name == "help" and not param.names:
        return _pages(known, place.arguments)
    if place.name.startswith("config "):
        return _settings(place)
    return _from_office(place, param, current, environ)


def _pages(known: Pages, words: tuple[str, ...]) -> list[OfferedWord]:
    """Return the words that `help` takes after `words`: commands and topics."""
    name = " ".join(words)
    page: CommandPage | None = known.by_name.get(name)
    if page is None:
        return []
    below = [
        OfferedWord(each, _sentence(known.by_name[f"{name} {each}".lstrip()].help))
        for each in page.commands
    ]
    if words:
        return below
    topics = [OfferedWord(name, _sentence(about)) for name, about in known.topics]
    return [*below, *(each for each in topics if each.word not in page.commands)]


def _settings(place: LinePlace) -> list[OfferedWord]:
    if place.arguments:
        return [OfferedWord(each) for each in _VALUES.get(place.arguments[0], ())]
    from assigncli.domain.setting_values import SETTINGS

    return [
        OfferedWord("language"),
        OfferedWord("output"),
        *(OfferedWord(each.name) for each in SETTINGS),
    ]


def _from_office(
    place: LinePlace, param: Param, current: str, environ: Mapping[str, str]
) -> list[OfferedWord]:
    """Return numbers, handles or cycles of the profile's organisation."""
    kind = None if place.name in _NEW_NAMES else _kind(place, param)
    if kind is None:
        return []
    profile = load_profile(place.given.get("--profile") or None, environ)
    with _offers(profile, environ) as offers:
        if offers is None:
            return []
        if kind == "number":
            which = _NUMBERS.get(place.name, (Which(),))
            return [OfferedWord(str(x.number), x.title) for x in offers.numbers(which, current)]
        if kind == "handle":
            fits = [x for x in offers.handles(current) if _fits(place.name, param, x)]
            return [OfferedWord(x.handle) for x in fits]
        wanted = {"cycle close": "open", "cycle reopen": "closed"}.get(place.name)
        return [OfferedWord(x.name) for x in offers.cycles() if wanted in (None, x.status)]


def _kind(place: LinePlace, param: Param) -> str | None:
    if param.value == "NUMBER":
        return "number"
    if param.value in _HANDLES:
        return "handle"
    is_cycle = param.names == ("--cycle",) or place.name.startswith("cycle ")
    return "cycle" if is_cycle and param.value == "NAME" else None


def _fits(command: str, param: Param, member: OfferedHandle) -> bool:
    """Say whether the command can do something with that member."""
    is_mentor = Role.PEER_MENTOR in member.roles
    is_active = member.status == MemberStatus.ACTIVE
    is_new = member.status in NOT_YET_MEMBER
    fits = {
        "--to": is_mentor and is_active and member.profile == ProfileStatus.ACTIVE,
        "--mentor": is_mentor and not is_new,
        "honorarium explain": is_mentor and not is_new,
        "member approve": member.status == MemberStatus.REQUESTED,
        "member pause": is_mentor and is_active,
        "member resume": is_active and member.profile == ProfileStatus.PAUSED,
        "member certify": is_mentor and is_active,
        "member revoke": member.status != MemberStatus.REVOKED,
    }
    return Role.SERVICE not in member.roles and fits.get(next(iter(param.names), command), True)


@contextmanager
def _offers(profile: Profile, environ: Mapping[str, str]) -> Iterator[Offers | None]:
    """Yield what the profile's member may be offered: from the store, or from the last lists."""
    if profile.server is not None:
        from assigncli.cli.completion import last_lists

        yield last_lists.load(profile, environ)
        return
    from assigncli.private_files import require_private
    from assigncli.server.store.offers import offers

    require_private(profile.store.resolve())
    with offers(profile.store, profile.organization_id, profile.member_id) as found:
        yield found
