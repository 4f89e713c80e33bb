"""Show a device whose key was ended: what it could open, what to do next, and a breach's facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from assigncli.cli.frame import out
from assigncli.cli.output import Line, Record, views
from assigncli.cli.output.states import next_line
from assigncli.domain.losses import HOURS_TO_REPORT, IN_OTHER_HANDS, LossCause
from assigncli.locale import _, ngettext

if TYPE_CHECKING:
    from assigncli.client.lost import EndedDevice
    from assigncli.lookups.about_assignments import Readers
    from assigncli.lookups.about_members import IssuedKey


def cause_in_words(cause: LossCause) -> str:
    """Return what happened, as a choice."""
    return {
        LossCause.LOST: _("it is lost"),
        LossCause.STOLEN: _("it was stolen"),
        LossCause.PASSPHRASE_FORGOTTEN: _("its passphrase is forgotten"),
        LossCause.LEFT: _("its owner left, or gave it away"),
    }[cause]


def ended(
    done: EndedDevice,
    cause: LossCause,
    opened: Sequence[Readers],
    suspended: Sequence[IssuedKey],
    own: UUID,
) -> tuple[str, Record]:
    """Return the end of a device's key; `opened` is what it could open, as it can be read now.

    `own` is the member who ended it.
    """
    device = done.device
    sentence = _("The key of the device {device}, of {name}, is ended. It opens nothing more.")
    breach = _breach(done, cause, opened)
    lines = (
        *(_could_open(each) for each in opened),
        *(_suspended(each) for each in suspended),
        *_next(done, opened, suspended, own),
        *(Line(each.label, each.text or "") for each in (breach.fields if breach else ())),
    )
    record = views.record(
        device,
        "handle display_name device certificate_id cause revoked_at assignments suspended breach",
        lines,
        cause=views.Said(cause.value, cause_in_words(cause)),
        revoked_at=done.at,
        assignments=tuple(_assignment(each) for each in opened),
        suspended=tuple(_doubted(each) for each in suspended),
        breach=views.Said(breach, None, shown=False),
    )
    said = sentence.format(device=device.device, name=device.display_name)
    return said, record


def _assignment(each: Readers) -> Record:
    values = {"was_read": each.first_read_at is not None, "readable": bool(each.can_read)}
    return views.record(each, "number title status was_read readable", (), **values)


def _doubted(each: IssuedKey) -> Record:
    return views.record(each, "handle display_name device certificate_id", ())


def _could_open(each: Readers) -> Line:
    about = _("assignment {number}, {title}").format(number=each.number, title=each.title)
    if each.first_read_at is None:
        return Line(_("It could open"), _("{about}, not read").format(about=about))
    return Line(_("It could open"), _("{about}, read before").format(about=about))


def _suspended(each: IssuedKey) -> Line:
    return Line(
        _("Suspended"),
        _("the device {device} of {name}").format(device=each.device, name=each.display_name),
    )


def _next(
    done: EndedDevice, opened: Sequence[Readers], suspended: Sequence[IssuedKey], own: UUID
) -> Iterator[Line]:
    """Yield what to do: compare what is suspended, and make readable what is open."""
    for doubted in suspended:
        yield next_line(f"assign member approve {doubted.handle}")
    handle = done.device.handle
    if done.device.member_id != own:
        yield next_line(f"assign member invite {handle} --device")
    if any(own in (each.recipient_user_id, each.dispatched_by_user_id) for each in opened):
        yield next_line(f"assign key reseal --for {handle}")
    others = {each.dispatched_by for each in opened if each.dispatched_by_user_id != own}
    for name in sorted(others - {done.device.display_name}):
        said = _("{name} runs assign key reseal --for {handle}")
        yield next_line(said.format(name=name, handle=handle))
    for each in opened:
        if not each.can_read:
            said = _("nobody can read assignment {number} any more: call it off, and send it again")
            yield next_line(said.format(number=each.number))


def _breach(done: EndedDevice, cause: LossCause, opened: Sequence[Readers]) -> Record | None:
    """Return what Datatilsynet's form asks for (GDPR article 33), as far as it is known here."""
    if cause not in IN_OTHER_HANDS:
        return None
    count, read = len(opened), sum(each.first_read_at is not None for each in opened)
    by = done.at + timedelta(hours=HOURS_TO_REPORT)
    people = _persons(count, read)
    when = out().calendar.time(done.at)
    said = {
        "report_by": views.Said(
            by,
            _("{when}, to Datatilsynet: {hours} hours from when you learnt of it").format(
                when=out().calendar.time(by), hours=HOURS_TO_REPORT
            ),
        ),
        "happened": _("a device with a key to briefs: {cause}").format(cause=cause_in_words(cause)),
        "persons": views.Said(count, people),
        "data_concerned": _(
            "name, address, telephone, and a medical summary, which is about health"
        ),
        "protection": _(
            "each brief is encrypted; to open one needs the unlocked key and the server, and is "
            "recorded in the audit log"
        ),
        "consequences": _(
            "whoever could unlock the key before {when} may have read these briefs; assign audit "
            "log says which were opened"
        ).format(when=when),
        "measures": _("the key was ended on {when}; it opens nothing since").format(when=when),
        "informed": _("say whether the persons concerned were told, and how"),
    }
    told = {
        name: views.Said(each, each) if isinstance(each, str) else each
        for name, each in said.items()
    }
    return views.record(None, " ".join(told), **told)


def _persons(count: int, read: int) -> str:
    """Return how many persons it may concern, and how many of their briefs had been read."""
    if not count:
        return _("none: there was no open brief that it could open")
    people = ngettext(
        "at most {count} person visited, whose brief it could open",
        "at most {count} persons visited, whose briefs it could open",
        count,
    ).format(count=count)
    if not read:
        return _("{people}; none had been read").format(people=people)
    return _("{people}; {count} had been read").format(people=people, count=read)
