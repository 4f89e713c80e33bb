"""`assign audit`: read the log of who did what, and verify it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assigncli.cli.checkpoint import CHECKPOINT_HELP, checkpoint
from assigncli.cli.cosign import COSIGN_HELP, cosign
from assigncli.cli.frame import group, out
from assigncli.cli.frame.arguments import LARGEST, PAGE, LimitOption
from assigncli.cli.input import inputs
from assigncli.cli.output import Line, Record, act_names, listing_columns, log_findings, views
from assigncli.cli.output.paging import next_page, whole_command
from assigncli.cli.session import opened
from assigncli.domain.actions import Action
from assigncli.errors import InvalidInput, Tampered
from assigncli.locale import N_, _, ngettext

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.client.checkpoint import Earlier
    from assigncli.lookups.about_log import LogCheck, LogFault, Recorded

app = group()


@app.command("log", help=N_("Read the audit log, newest first."))
def log(
    assignment: Annotated[
        str | None,
        typer.Option(
            "--assignment", metavar=N_("NUMBER"), help=N_("Only entries about this assignment.")
        ),
    ] = None,
    limit: LimitOption = PAGE,
    before: Annotated[
        int | None,
        typer.Option(
            "--before", min=1, max=LARGEST, help=N_("Only entries below this, for the next page.")
        ),
    ] = None,
) -> None:
    from assigncli.lookups.about_log import LOG, WantedLog

    with opened() as session:
        found = session.look(LOG, WantedLog(assignment, before, limit))
        following = None
        if found.before is not None:
            following = whole_command(
                "audit log",
                assignment=assignment,
                limit=None if limit == PAGE else limit,
                before=found.before,
            )
        out().listing(
            "entries",
            _how_many(len(found.entries), found.total),
            [_entry(each) for each in found.entries],
            next_page(following),
            {"total": found.total, "before": found.before, "next": following},
            columns=listing_columns.ENTRIES,
        )


def _how_many(count: int, total: int) -> str:
    if not total:
        return _("No entries.")
    if not count:
        return _("No entries here, {total} in all.").format(total=total)
    if count == total:
        return ngettext("{count} entry.", "{count} entries.", count).format(count=count)
    return ngettext("{count} of {total} entry.", "{count} of {total} entries.", total).format(
        count=count, total=total
    )


@app.command(
    "verify",
    help=N_("Verify every entry of the audit log, and compare the store with it."),
)
def verify(
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar=N_("FILE"),
            help=N_("Also require that the log continues the checkpoint in this file."),
        ),
    ] = None,
    auditor: Annotated[
        str | None,
        typer.Option(
            "--auditor",
            metavar=N_("KEY"),
            help=N_("Require that the auditor with this key has cosigned that file."),
        ),
    ] = None,
) -> None:
    from assigncli.lookups import Nothing
    from assigncli.lookups.about_log import CHECK

    if auditor is not None and against is None:
        raise InvalidInput("usage", "auditor_alone")
    earlier = None if against is None else _earlier(against, auditor)
    with opened(look=False) as session:
        found = session.look(CHECK, Nothing())
        faults = [*found.faults, *(() if earlier is None else _beside(session, earlier, found))]
    if not faults:
        out().result(
            ngettext(
                "The audit log is whole: {count} entry, signed.",
                "The audit log is whole: {count} entries, each signed and in order.",
                found.entries,
            ).format(count=found.entries),
            _verdict(found, earlier),
        )
        _say_restores(found)
        out().note(
            _("Last entry: {number}. The root of the log is shown with --full.").format(
                number=found.size
            )
        )
        return
    of_log = [each for each in faults if not each.of_table]
    out().listing(
        "findings",
        _heading(len(faults), chain_holds=not of_log),
        [log_findings.finding(each) for each in faults],
        extra={"entries": found.entries},
    )
    raise Tampered(faults[0].code, "of_log" if of_log else "of_store_and_log")


app.command("checkpoint", help=CHECKPOINT_HELP)(checkpoint)
app.command("cosign", help=COSIGN_HELP)(cosign)


def _earlier(path: Path, auditor: str | None) -> Earlier:
    """Return the checkpoint in a file; with the key of an `auditor`, only if they cosigned it."""
    from assigncli.client.checkpoint import Earlier
    from assigncli.client.cosign import auditor_key_in
    from assigncli.trust.cosigning import cosigned_at

    submitted, found = inputs.checkpoint(path)
    if auditor is None:
        return Earlier(submitted.note, found)
    posix = cosigned_at(submitted.note, auditor_key_in(auditor))
    return Earlier(submitted.note, found, posix)


def _beside(session: Session, earlier: Earlier, found: LogCheck) -> tuple[LogFault, ...]:
    """Return a fault if the log does not continue an earlier checkpoint.

    Raises InvalidInput `checkpoint_of_another`, Tampered `checkpoint_unsigned`.
    """
    from assigncli.client.checkpoint import continues
    from assigncli.lookups.about_log import LogFault

    head = bytes.fromhex(found.root)
    try:
        continues(session.client, earlier, found.size, head)
    except Tampered as error:
        size = earlier.checkpoint.size
        if error.code == "checkpoint_shorter":
            return (LogFault(found.size + 1, size, error.code, False, None, None, None),)
        if error.code == "checkpoint_forked":
            return (LogFault(size, None, error.code, False, None, None, None),)
        if error.code == "checkpoint_unsigned" or not found.faults:
            raise
        # The store is so damaged that it can prove nothing, which is said already.
    return ()


def _say_restores(found: LogCheck) -> None:
    for each in found.restores:
        line = _("Entry {number}: the store was restored on {day}.").format(
            number=each.sequence, day=out().calendar.day_of(each.at)
        )
        if each.lost_to >= each.sequence:
            line += " " + ngettext(
                "Entry {first} from before is lost.",
                "Entries {first} to {last} from before are lost.",
                each.lost_to - each.sequence + 1,
            ).format(first=each.sequence, last=each.lost_to)
        out().text(line)


def _heading(count: int, *, chain_holds: bool) -> str:
    if chain_holds:
        return ngettext(
            "The entries are whole, but the store differs from them in {count} place.",
            "The entries are whole, but the store differs from them in {count} places.",
            count,
        ).format(count=count)
    return ngettext(
        "{count} fault in the audit log.", "{count} faults in the audit log.", count
    ).format(count=count)


def _entry(found: Recorded) -> Record:
    named = found.details.get("name")
    when = out().calendar.time(found.at)
    return views.record(
        found,
        "sequence at actor action subject_type subject_id details entry.reason",
        (
            Line(_("Entry {number}").format(number=found.sequence), _what_happened(found)),
            views.line("actor", f"{_actor(found)}, {when}"),
        ),
        actor=views.Said(found.actor, _actor(found)),
        action=views.Said(found.action, _act(found)),
        subject_type=views.Said(found.subject_type, _about(found)),
        details=views.Said(found.details, str(named), shown=named is not None),
        reason=found.details.get("code"),
    )


def _actor(found: Recorded) -> str:
    return act_names.root_key() if found.actor is None else found.actor


def _what_happened(found: Recorded) -> str:
    """Return the act, its assignment if it has one, and the code of a refusal."""
    said = [_act(found)]
    if found.subject_type == "assignment":
        said.append(_about(found))
    if found.details.get("code"):
        said.append(str(found.details["code"]))
    return ", ".join(said)


def _act(found: Recorded) -> str:
    """Return the act; for a refused attempt also the act tried, for counted ones their number."""
    if found.action == Action.ATTEMPT_REFUSED and "act" in found.details:
        return _("attempt refused (would have been: {act})").format(
            act=act_names.word(str(found.details["act"]))
        )
    count = found.details.get("count")
    if found.action == Action.ATTEMPTS_COUNTED and isinstance(count, int):
        return ngettext(
            "{count} more attempt refused", "{count} more attempts refused", count
        ).format(count=count)
    return act_names.word(found.action)


def _about(found: Recorded) -> str:
    """Return the subject of the entry: an assignment by its number, else the kind of thing."""
    if found.subject_type == "assignment" and found.number is not None:
        return _("assignment {number}").format(number=found.number)
    return {
        "assignment": _("assignment"),
        "member": _("member"),
        "organization": _("organisation"),
        "cycle": _("reporting cycle"),
    }.get(found.subject_type, found.subject_type)


def _verdict(found: LogCheck, earlier: Earlier | None) -> Record:
    restores = tuple(
        views.record(each, "-sequence -at -lost_to -cause", ()) for each in found.restores
    )
    if earlier is None:
        return views.record(found, "entries size root -restores", (), restores=restores)
    size, posix = earlier.checkpoint.size, earlier.cosigned_at
    said = ngettext("{count} entry", "{count} entries", size).format(count=size)
    facts = {
        "against": views.Said(size, said),
        "cosigned_at": None if posix is None else datetime.fromtimestamp(posix, UTC),
    }
    shown = views.lines(found, "against cosigned_at", **facts)
    names = "entries size root -restores against cosigned_at"
    return views.record(found, names, shown, restores=restores, **facts)
