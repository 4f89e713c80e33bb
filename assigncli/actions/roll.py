"""Who sends and who may be sent to: looked at once, and again only where the log has moved.

Whatever decides it - a certificate, a revocation, a role, a pause - is written together with its
entry in the log. So while nobody but the run itself has added one, what was found still holds, and
a sheet of many batches verifies fifty mentors once and not once a batch. Kept in memory, for one
run; the server asks all of it again at every write all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assigncli.actions import asking
from assigncli.actions.session import Session
from assigncli.client import people
from assigncli.client.exchange import Device
from assigncli.client.recipient import Recipient, named, require_row
from assigncli.domain.deadlines import local_day
from assigncli.protocol.certificate import Certificate
from assigncli.trust.evidence import Verified


@dataclass(frozen=True)
class Sender:
    """The acting coordinator: all their devices, the one at hand, and what was shown with them."""

    certificate: Certificate
    devices: Sequence[Certificate]
    device: Device
    shown: Verified


class Roll:
    """The acting coordinator and mentors, as of one place in the organisation's log."""

    def __init__(self) -> None:
        """Begin with nobody looked at."""
        self._place = -1
        self._sender: Sender | None = None
        self._mentors: dict[str, Recipient] = {}

    def call(self, session: Session, handles: Sequence[str]) -> tuple[Sender, list[Recipient]]:
        """Return the acting coordinator and the mentors named, in their order.

        Raises RuleRefused `only_coordinator_can_dispatch`, and as `recipient.named`.
        """
        if session.witness.kept.size != self._place:
            self.forget()
        wanted = [handle.strip().lower() for handle in handles]
        missing = [handle for handle in wanted if handle not in self._mentors]
        if missing or self._sender is None:
            found = asking.recipients(session, missing)
            self._place = found.head.size
            self._sender = _sender(session, found)
            today = local_day(session.now, session.zone)
            for handle in missing:
                self._mentors[handle] = named(found, handle, today)
        return self._sender, [self._mentors[handle] for handle in wanted]

    def wrote(self, entries: int) -> None:
        """Note how many entries this run has added, once they are committed.

        Entries of others beside them leave the log farther on than this, so that all is forgotten.
        """
        self._place += entries

    def forget(self) -> None:
        """Look at everybody anew at the next call."""
        self._sender = None
        self._mentors.clear()


def _sender(session: Session, found: Verified) -> Sender:
    require_row(found, session.member_id)
    return Sender(
        asking.own_certificate(session, found),
        people.devices(found, session.member_id),
        asking.this_device(session, found),
        found,
    )
