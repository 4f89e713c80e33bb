"""What is warned of after or before an answer, whichever command gave it."""

from __future__ import annotations

from collections.abc import Sequence

from assigncli.locale import _, ngettext


def disk_failure() -> str:
    """The act is done, and its disk unwell."""
    return _(
        "This is saved, but the disk reported an error meanwhile. Have the disk checked before you "
        "rely on it."
    )


def head_unkept() -> str:
    """The act is done, and the head that it led to not kept."""
    return _(
        "This is saved, but not how long the audit log is now. Check the disk, and that you may "
        "write to the folder of your profiles."
    )


def outstanding_unkept() -> str:
    """The act was sent without being noted first."""
    return _(
        "This act was not noted before it was sent: if it is cut short, the next command does not "
        "know of it. Check that your disk has room."
    )


def disagreeing(numbers: Sequence[int]) -> str:
    """What is shown of these assignments is not what the log says."""
    said = ngettext(
        "Assignment {numbers} is not as the audit log says. Do not rely on it, and run assign "
        "audit verify.",
        "Assignments {numbers} are not as the audit log says. Do not rely on them, and run assign "
        "audit verify.",
        len(numbers),
    )
    return said.format(numbers=", ".join(map(str, numbers)))


def figures_disagreeing(handles: Sequence[str]) -> str:
    """The figures of these mentors are not what the log says."""
    return _(
        "The figures of {handles} are not as the audit log says. Do not pay by them, and run "
        "assign audit verify."
    ).format(handles=", ".join(handles))
