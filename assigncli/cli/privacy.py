"""`assign privacy`: what is kept about a person, who looked at it, and erasing it."""

from __future__ import annotations

from typing import Annotated

import typer

from assigncli.cli.frame import group, out
from assigncli.cli.frame.arguments import HandleArgument
from assigncli.cli.input import confirming
from assigncli.cli.input.prompts import confirm
from assigncli.cli.output import privacy_views as views
from assigncli.cli.register import REGISTER_HELP, register
from assigncli.cli.session import opened, unlocked
from assigncli.locale import N_, _, ngettext

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


@app.command(
    "access",
    help=N_(
        "Say who has looked at a person's brief, for that person: days, roles and purposes. "
        "With --json, each look has a proof that anybody can check."
    ),
)
def access(
    reference: ReferenceOption,
    names: Annotated[
        bool,
        typer.Option(
            "--names", help=N_("Name those who looked; only where the person needs to know.")
        ),
    ] = False,
) -> None:
    from assigncli.client import looks

    with opened(keys=True) as session:
        found = looks.access(session.client, reference)
    count, of = len(found.looks), len(found.proofs)
    sentence = ngettext(
        "{count} look. Assignments with this reference: {of}.",
        "{count} looks, oldest first. Assignments with this reference: {of}.",
        count,
    )
    out().listing(
        "looks",
        sentence.format(count=count, of=of),
        [views.look(each, is_named=names) for each in found.looks],
        _("A proof of each look is in the output of the same command with --json."),
        {"proofs": views.proofs(found)},
    )


@app.command(
    "export",
    help=N_(
        "Give out all that is held about a member, and what they have read and when, for the "
        "member's own request."
    ),
)
def export(member: HandleArgument) -> None:
    from assigncli.client import privacy

    with opened(keys=True) as session:
        found = privacy.held_about(session.client, member)
    readings = [each for each in found.rows if views.is_reading(each, found.member_id)]
    numbers = views.numbers_in(found.rows)
    sentence = _("What is held about {name}: {count} records. Briefs opened: {readings}.")
    out().listing(
        "records",
        sentence.format(name=found.display_name, count=len(found.rows), readings=len(readings)),
        [views.held(each, numbers) for each in found.rows],
        (
            _("With --json every column is shown, ids and counters too."),
            _("Left out: what is about the persons visited, and keys and signatures."),
        ),
        {"member_id": found.member_id, "handle": found.handle},
    )
