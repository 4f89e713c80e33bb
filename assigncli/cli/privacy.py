"""`assign privacy`: what is kept about a person, who looked at it, and erasing it."""

from __future__ import annotations

from typing import Annotated

import typer

from assigncli.cli.frame import group, out
from assigncli.cli.input import confirming
from assigncli.cli.input.prompts import confirm
from assigncli.cli.output import privacy_views as views
from assigncli.cli.register import REGISTER_HELP, register
from assigncli.cli.session import opened, unlocked
from assigncli.locale import N_, ngettext

app = group()
app.command("register", help=REGISTER_HELP)(register)

ReferenceOption = Annotated[
    str,
    typer.Option(
        "--reference",
        metavar=N_("TEXT"),
        help=N_("The reference of the assignments about the person, as it was given."),
    ),
]


@app.command(
    "erase",
    help=N_(
        "Erase every assignment about a person for good: their keys, titles, notes and reasons. "
        "What mentors have earned stays."
    ),
)
def erase(reference: ReferenceOption) -> None:
    from assigncli.client import privacy

    with opened() as locked:
        found = privacy.to_erase(locked.client, reference)
        asked = confirm(*confirming.about_erasing(found, reference))
        if not asked:  # told to who answers beforehand, too
            for line in confirming.to_be_erased(found):
                out().note(line)
        done = privacy.erase(unlocked(locked).client, reference, found if asked else None)
        count = len(done.assignments)
        sentence = ngettext(
            "{count} assignment is erased. Nobody can read it any more.",
            "{count} assignments are erased. Nobody can read them any more.",
            count,
        )
        out().result(sentence.format(count=count), views.erased(done))
