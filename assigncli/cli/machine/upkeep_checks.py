"""Look at when the store was last written and swept: by whoever reads it, member or operator."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assigncli.cli.frame import out
from assigncli.errors import AssignError
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from assigncli.lookups.about_office import Upkeep

_CLOCK_SLACK: Final = timedelta(minutes=5)
_SWEEP_OLD: Final = timedelta(hours=26)
"""A day, and some time for a machine that was late."""


def clock_goes(now: datetime, found: Upkeep) -> str:
    """Say that the clock is right; raise AssignError if it is behind what was last written."""
    written = [found.newest_entry] if found.newest_entry else []
    written += [found.last_sweep.at] if found.last_sweep else []
    behind = max(written, default=now) - now
    if behind <= _CLOCK_SLACK:
        return _("The clock of this machine is right.")
    raise AssignError("failure", "clock", span=_span(behind))


def swept(now: datetime, found: Upkeep) -> str:
    """Say when the last sweep was; raise AssignError if it was long ago or could not do all."""
    last = found.last_sweep
    if last is None:
        raise AssignError("failure", "never_swept", folder=str(_examples()))
    age = now - last.at
    span = _span(age) if age > _SWEEP_OLD else None
    if span is not None or last.failed:
        raise AssignError("failure", "sweep", span=span, count=last.failed)
    return _("Last sweep: {when}.").format(when=out().calendar.recent(last.at))


def _examples() -> Path:
    """Return the folder with the examples: in the package, or beside it in a checkout."""
    package = Path(__file__).parent.parent.parent
    inside = package / "examples"
    return inside if inside.is_dir() else package.parent / "examples"


def _span(span: timedelta) -> str:
    """Return a span in words, in whole minutes, hours or days."""
    minutes = int(span.total_seconds()) // 60
    if minutes < 2 * 60:
        return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)
    if minutes < 2 * 24 * 60:
        hours = minutes // 60
        return ngettext("{count} hour", "{count} hours", hours).format(count=hours)
    days = minutes // (24 * 60)
    return ngettext("{count} day", "{count} days", days).format(count=days)
