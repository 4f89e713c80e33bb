"""`recall` and `cancel`: take an assignment back, and say plainly what that achieved."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assigncli.cli import assignment_views, confirming, views
from assigncli.cli.arguments import NumberArgument
from assigncli.cli.frame import command, out
from assigncli.cli.output import Line, Record
from assigncli.cli.prompts import ask_until, confirm, require_person
from assigncli.cli.session import opened, unlocked
from assigncli.cli.telling import tell_at_once
from assigncli.domain.lifecycle import Status
from assigncli.locale import N_, _

if TYPE_CHECKING:
    from assigncli.cli.in_process import Session
    from assigncli.client.withdraw import Withdrawn

_REASON: Final = N_("Reason, without personal data")
_ENDED: Final = {
    Status.RECALLED: "recalled_at recalled_by_user_id",
    Status.CANCELLED: "cancelled_at cancelled_by_user_id cancel_reason",
}
"""When it ended, by whom and why, under the names of the columns; `at` is for either."""


@command(
    N_(
        "Withdraw an assignment that the mentor has not read. Its key is deleted, so nobody can "
        "read it any more."
    )
)
def recall(number: NumberArgument) -> None:
    from assigncli.client import withdraw

    with opened() as locked:
        ending = withdraw.to_recall(locked.client, number)
        told = ending if confirm(*confirming.about_recall(ending)) else None
        session = unlocked(locked)
        done = withdraw.recall(session.client, number, told)
        if done.ending.was_dispatched:
            sentence = _(
                "Assignment {number} is recalled. It had not been read, and nobody can read it now."
            )
        else:
            sentence = _("Draft {number} is recalled. It was never sent.")
        out().result(sentence.format(number=done.ending.number), _record(session, done))


@command(
    N_(
        "Call off an assignment at any point before completion, with a reason. Its key is deleted; "
        "what the mentor has read stays disclosed."
    )
)
def cancel(
    number: NumberArgument,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar=N_("TEXT"), help=N_("Why, without personal data.")),
    ] = None,
) -> None:
    from assigncli.client import withdraw

    with opened() as locked:
        check = partial(withdraw.require_reason, locked.client)
        why = None if reason is None else check(reason)
        ending = withdraw.to_cancel(locked.client, number)
        if why is None:
            require_person(_(_REASON), option="--reason")
        told = ending if confirm(*confirming.about_cancel(ending)) else None
        session = unlocked(locked)
        if why is None:
            why = ask_until(_(_REASON), check, option="--reason")
            session = unlocked(session)
        done = withdraw.cancel(session.client, number, why, told)
        if not done.ending.was_dispatched:
            sentence = _("Draft {number} is recalled. It was never sent.")
        elif done.ending.disclosed:
            sentence = _(
                "Assignment {number} is cancelled. The mentor has read it; treat it as disclosed."
            )
        else:
            sentence = _(
                "Assignment {number} is cancelled. It had not been read, and nobody can read "
                "it now."
            )
        out().result(sentence.format(number=done.ending.number), _record(session, done))


def _record(session: Session, done: Withdrawn) -> Record:
    ended = done.ending
    name = ended.recipient_name
    told = (tell_at_once(session, ended.id, name),) if ended.was_dispatched else ()
    about = views.fields(
        ended,
        f"{assignment_views.ABOUT} was_dispatched disclosed -at {_ENDED[done.status]}",
        status=done.status,
        at=done.at,
        recalled_at=done.at,
        recalled_by_user_id=done.by_user_id,
        cancelled_at=done.at,
        cancelled_by_user_id=done.by_user_id,
        cancel_reason=done.reason,
        **assignment_views.mentor(ended),
    )
    return Record((*about, *told), tuple(Line(each.label, each.text or "") for each in told))
