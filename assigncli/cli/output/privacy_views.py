"""Show what was erased about a person visited, who looked at their brief, and a member's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assigncli.cli.output import Field, Line, Record, views
from assigncli.cli.output.labels import label
from assigncli.locale import _

if TYPE_CHECKING:
    from assigncli.client.privacy import Erased
    from assigncli.lookups.about_privacy import PersonAssignment


def erased(done: Erased) -> Record:
    """Return the record of an erasing: each assignment, as it was before."""
    erased_ = Field("assignments", label("assignments"), tuple(map(_assignment, done.assignments)))
    fields = (erased_, *views.fields(done, "-erased_at", erased_at=done.at))
    return Record(fields, tuple(map(_line, done.assignments)))


def _assignment(found: PersonAssignment) -> Record:
    return views.record(
        found,
        "number id title status recipient -recipient_name -is_archived",
        recipient=views.Said(found.recipient, f"{found.recipient_name}, {found.recipient}"),
    )


def _line(found: PersonAssignment) -> Line:
    return Line(_("Assignment {number}").format(number=found.number), found.title)
