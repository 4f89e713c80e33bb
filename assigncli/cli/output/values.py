"""The words for an option's allowed values: shown in the language in use, read in both.

A word shown in a list, such as "sendt", can be typed after --status. Nothing here parses a line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from assigncli.locale import N_, _

_SHOWN: Final = {
    "pending": N_("draft"),
    "dispatched": N_("sent"),
    "delivered": N_("delivered"),
    "read": N_("read"),
    "acknowledged": N_("confirmed"),
    "contact_made": N_("contact made"),
    "completed": N_("completed"),
    "recalled": N_("recalled"),
    "cancelled": N_("cancelled"),
    "expired": N_("expired"),
    "normal": N_("normal"),
    "urgent": N_("urgent"),
    "coordinator": N_("coordinator"),
    "peer_mentor": N_("peer mentor"),
    "org_admin": N_("administrator"),
    "service": N_("service"),
    "no_time": N_("no time"),
    "knows_the_person": N_("knows the person"),
    "too_far": N_("too far away"),
    "ill": N_("illness"),
    "not_suited": N_("not suited"),
}
"""The words for a value; a value that is not here is shown unchanged."""

_TYPED: Final = {
    "pending": ("utkast", "ikke sendt"),
    "dispatched": ("sendt",),
    "delivered": ("levert",),
    "read": ("lest",),
    "acknowledged": ("bekreftet",),
    "contact_made": ("kontakt tatt", "kontakt"),
    "completed": ("fullført",),
    "recalled": ("trukket tilbake", "trukket"),
    "cancelled": ("avlyst",),
    "expired": ("utløpt",),
    "normal": ("vanlig",),
    "urgent": ("haster",),
    "coordinator": ("koordinator",),
    "peer_mentor": ("likeperson", "mentor"),
    "service": ("tjeneste", "automatisk tjeneste"),
    "no_time": ("har ikke tid", "ikke tid"),
    "knows_the_person": ("kjenner personen",),
    "too_far": ("for langt unna", "for langt"),
    "ill": ("sykdom", "syk"),
    "not_suited": ("passer ikke",),
    "other": ("en annen grunn", "annet"),
}
"""Further words that may be typed for a value, in any language in use."""


def shown(value: str) -> str:
    """Return a value as help and errors show it, in the language in use."""
    return _(_SHOWN[value]) if value in _SHOWN else value


def canonical(typed: str, choices: Iterable[str]) -> str:
    """Return the choice meant by a word in either language, else the word unchanged."""
    word = " ".join(typed.casefold().replace("_", " ").split())
    for choice in choices:
        said = (choice, _SHOWN.get(choice, choice), *_TYPED.get(choice, ()))
        if word in {each.replace("_", " ") for each in said}:
            return choice
    return typed
