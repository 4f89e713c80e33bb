"""The office of the transcripts: thirteen assignments in all states, seen on 24 November 2026.

What was done, by whom and when stands in one table; acts are done in the order of their moments.
Other tables make other offices of the same kind.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.office import Office

FOUNDED: Final = datetime(2026, 10, 20, 8, 30, tzinfo=UTC)
NOW: Final = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
MENTORS: Final = {"kari": "Kari Nordmann", "ola": "Ola Dunk", "per": "Per Ås", "siri": "Siri Moe"}
BRIEF: Final = {
    "full_name": "Olga Prøvesen",
    "address": "Granitten 12 B",
    "postal_code": "0123",
    "city": "Oslo",
    "phone": "22 11 22 11",
    "medical_summary": (
        "Makuladegenerasjon på begge øyne. Ser lysskiftninger og store former.\n"
        "Bruker blodtrykksmedisin. Faller lett; har rullator."
    ),
    "practical_notes": "Ring på to ganger. Heis til fjerde etasje.",
}
_MAGNIFIER: Final = "--coordinator-notes 'Ta med forstørrelsesglasset.'"
_URGENT: Final = "--priority urgent --deadline-days 5"


@dataclass(frozen=True)
class Sent:
    """One row of the table: the day of month and month, mentor, title, how far it went."""

    day: int
    month: int
    to: str
    title: str
    reached: str = "dispatched"
    more: str = ""


ASSIGNMENTS: Final = (
    Sent(20, 10, "kari", "Hjemmebesøk på Frogner", "completed"),
    Sent(20, 10, "ola", "Hjemmebesøk på Tøyen", "completed"),
    Sent(26, 10, "per", "Telefonsamtale om hjelpemidler", "acknowledged"),
    Sent(4, 11, "kari", "Besøk på Ullevål sykehus", "contact_made"),
    Sent(4, 11, "ola", "Hjemmebesøk på Grünerløkka", "read"),
    Sent(4, 11, "siri", "Lydbok-kurs, første gang", "recalled"),
    Sent(11, 11, "per", "Hjemmebesøk på Sagene", "delivered", _MAGNIFIER),
    Sent(11, 11, "siri", "Følge til optiker", "dispatched", _URGENT),
    Sent(18, 11, "kari", "Hjemmebesøk på Bjølsen", "dispatched", "--consent-required"),
    Sent(18, 11, "kari", "Samtale om førerhund", "dispatched", f"{_URGENT} {_MAGNIFIER}"),
    Sent(18, 11, "ola", "Hjemmebesøk på Lambertseter", "acknowledged"),
    Sent(18, 11, "siri", "Telefonsamtale om datakurs", "pending"),
    Sent(21, 11, "kari", "Besøk på Lovisenberg"),
)
_STEPS: Final = (
    ("delivered", "inbox"),
    ("read", "open {number} --reveal"),
    ("acknowledged", "ack {number}"),
    ("contact_made", "contact {number}"),
    ("completed", "complete {number} --in-person"),
)


@dataclass(frozen=True)
class Act:
    """One command: when, in which order among those of the same moment, what and by whom."""

    at: datetime
    place: int
    line: str
    profile: str


def found(
    folder: Path,
    assignments: Sequence[Sent] = ASSIGNMENTS,
    mentors: Mapping[str, str] = MENTORS,
) -> Office:
    """Found the office in `folder` and let everything in the table happen."""
    office = Office(folder, FOUNDED)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    brief = folder / "brief.json"
    brief.write_text(json.dumps(BRIEF, ensure_ascii=False), encoding="utf-8")
    office.ok(
        "init --organization Testforeningen --handle anne --name 'Anne Berg' --keys keyring",
        profile=None,
    )
    for handle, name in mentors.items():
        office.ok(f"member invite {handle} --name '{name}' --here --keys keyring")
    for act in sorted(_acts(brief, assignments), key=lambda act: (act.at, act.place)):
        office.now = act.at
        office.ok(act.line, profile=act.profile)
    office.now = NOW
    return office


def _acts(brief: Path, assignments: Sequence[Sent]) -> Iterator[Act]:
    for number, sent in enumerate(assignments, start=1):
        at = datetime(2026, sent.month, sent.day, 9, 0, tzinfo=UTC)
        create = f"create --to {sent.to} --title '{sent.title}' --payload {brief} {sent.more}"
        dispatch = "" if sent.reached == "pending" else "--dispatch"
        yield Act(at, number, f"{create} {dispatch}", "anne")
        if sent.reached == "recalled":
            yield Act(at, number, f"recall {number} --yes", "anne")
        reached = [name for name, _line in _STEPS]
        if sent.reached not in reached:
            continue
        for hours, (_name, line) in enumerate(_STEPS[: reached.index(sent.reached) + 1]):
            step = at + timedelta(hours=hours)
            yield Act(step, 100 + number, line.format(number=number), sent.to)
