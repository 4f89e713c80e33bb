"""The warnings before or after an answer, the same for every command."""

from __future__ import annotations

from collections.abc import Sequence

from assigncli.locale import _, ngettext


def disk_failure() -> str:
    """Return the warning that an act is saved but its disk reported an error."""
    return _(
        "This is saved, but the disk reported an error meanwhile. Have the disk checked before you "
        "rely on it."
    )


def head_unkept() -> str:
    """Return the warning that an act is saved but the head after it is not kept."""
    return _(
        "This is saved, but not how long the audit log is now. Check the disk, and that you may "
        "write to the folder of your profiles."
    )


def outstanding_unkept() -> str:
    """Return the warning that an act was sent without being noted first."""
    return _(
        "This act was not noted before it was sent: if it is cut short, the next command does not "
        "know of it. Check that your disk has room."
    )


def disagreeing(numbers: Sequence[int]) -> str:
    """Return the warning that these assignments differ from the audit log."""
    said = ngettext(
        "Assignment {numbers} is not as the audit log says. Do not rely on it, and run assign "
        "audit verify.",
        "Assignments {numbers} are not as the audit log says. Do not rely on them, and run assign "
        "audit verify.",
        len(numbers),
    )
    return said.format(numbers=", ".join(map(str, numbers)))


def figures_disagreeing(handles: Sequence[str]) -> str:
    """Return the warning that these mentors' figures differ from the audit log."""
    return _(
        "The figures of {handles} are not as the audit log says. Do not pay by them, and run "
        "assign audit verify."
    ).format(handles=", ".join(handles))
