"""After a restore: an administrator signs that, and who has seen more of the log agrees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from assigncli.cli.frame import current_globals, environ, out
from assigncli.cli.input.prompts import choose, confirm
from assigncli.cli.output import Record, act_names, views
from assigncli.cli.session import acts_file, opened
from assigncli.errors import InvalidInput
from assigncli.locale import N_, _, ngettext
from assigncli.profiles import load_profile

if TYPE_CHECKING:
    from assigncli.cli.session.in_process import Session
    from assigncli.client.restore import Restore
    from assigncli.kept_acts import KeptAct
    from assigncli.kept_heads import KnownService

CAUSES: Final = {
    "disk_failed": N_("the disk failed"),
    "store_damaged": N_("the store was damaged"),
    "machine_lost": N_("the machine was lost"),
    "mistake": N_("something was done by mistake"),
    "other": N_("another cause"),
}
"""Why a store is restored, as the administrator signs it."""


def confirm_restore(cause: str | None, head: str | None) -> None:
    """Sign as administrator that the store was restored, and go on here at once."""
    from assigncli.client import restore as action

    if cause is not None and cause not in CAUSES:
        raise InvalidInput("cause_unknown", words=tuple(CAUSES))
    typed = None if head is None else action.read_head(head)
    with opened(look=False, asks=True, aside=True) as session:
        found = action.look(session.client)
        action.require_administrator(session.client, found)
        kept = _kept()
        restored = action.confirm(session.client, found, cause or _chosen(), typed)
        gone = Gone.of(session, restored, kept)
        _go_on(session, gone, _("The audit log now says that the store was restored."))


def accept_restore() -> None:
    """Show what this machine has seen and is gone, and go on if the user agrees."""
    from assigncli.client import restore as action

    with opened(look=False, asks=True, aside=True) as session:
        restored = action.require_agreeable(session.client, action.look(session.client))
        if restored is None:
            out().result(_("This machine has seen nothing that the audit log does not have."))
            return
        gone = Gone.of(session, restored, _kept())
        told = (*gone.told(), _("Go on without that?"))
        is_told = confirm(told, "assign store restore --accept")
        sentence = _("This machine goes on with the restored audit log.")
        _go_on(session, gone, sentence, is_told=is_told)


def _chosen() -> str:
    words = list(CAUSES)
    return words[
        choose(
            _("Why was the store restored?"),
            [_(each) for each in CAUSES.values()],
            option="--cause",
        )
    ]


def _go_on(session: Session, gone: Gone, sentence: str, *, is_told: bool = False) -> None:
    """Keep the log's head in place of the lost one; say what is gone, unless that `is_told`."""
    from assigncli import kept_acts

    if not session.client.witness.agreed(gone.restored.size + 1):
        out().head_unkept()
    kept_acts.drop(_acts_file(), gone.acts)
    out().result(
        sentence,
        views.record(
            gone.restored,
            "-size -lost -cause -at -acts",
            (),
            lost=gone.count,
            acts=tuple(map(_lost_act, gone.acts)),
        ),
    )
    for line in () if is_told else gone.told():
        out().text(line)


@dataclass(frozen=True)
class Gone:
    """What a restore has taken from this machine: entries it has seen, and its own among them."""

    restored: Restore
    count: int
    acts: tuple[KeptAct, ...]
    has_other_key: bool
    """Whether the server signs with another key than this machine has seen."""

    @classmethod
    def of(cls, session: Session, restored: Restore, kept: list[KeptAct]) -> Gone:
        """Return what is gone of what this machine had seen and done before."""
        witness = session.client.witness
        seen, before = witness.lost, witness.lost_service
        count = 0 if seen is None else max(0, seen.size - restored.size)
        lost = range(restored.size + 1, restored.size + count + 1)
        acts = tuple(each for each in kept if each.sequence in lost)
        return cls(restored, count, acts, _differ(before, witness.service))

    def told(self) -> list[str]:
        """Return who restored the log and why, how many entries are gone, and one's own acts."""
        cause = _(CAUSES.get(self.restored.cause, self.restored.cause))
        said = [
            _("{name} signed on {day} that the store was restored: {cause}.").format(
                name=self.restored.name,
                day=out().calendar.day_of(self.restored.at),
                cause=cause,
            )
        ]
        if self.count:
            said.append(
                ngettext(
                    "{count} entry that this machine has seen is gone.",
                    "{count} entries that this machine has seen are gone.",
                    self.count,
                ).format(count=self.count)
            )
        if self.has_other_key:
            said.append(
                _(
                    "The server signs with another key than this machine has seen. Go on only if "
                    "the server's operator says that it was replaced."
                )
            )
        return said + [_own(each) for each in self.acts]


def _differ(before: KnownService | None, now: KnownService | None) -> bool:
    """Say whether two services are known, and sign with two keys."""
    if before is None or now is None:
        return False
    return before.signing_key != now.signing_key


def _own(made: KeptAct) -> str:
    what, when = act_names.word(made.act), out().calendar.time(made.at)
    if made.number is None:
        return _("Yours, and gone: {act}, {time}.").format(act=what, time=when)
    return _("Yours, and gone: {act}, assignment {number}, {time}.").format(
        act=what, number=made.number, time=when
    )


def _lost_act(made: KeptAct) -> Record:
    return views.record(made, "-sequence -at -act -number", ())


def _kept() -> list[KeptAct]:
    from assigncli import kept_acts

    return kept_acts.load(_acts_file())


def _acts_file() -> Path:
    return acts_file(load_profile(current_globals().profile, environ()))
