"""Who sends and who may be sent to: looked at once, and again only where the log has moved.

Whatever decides it - a certificate, a revocation, a role, a pause - is written together with its
entry in the log. So while nobody but the run itself has added one, what was found still holds, and
a sheet of many batches verifies fifty mentors once and not once a batch. Kept in memory, for one
run; the server asks all of it again at every write all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from assigncli.client import asking, directory
from assigncli.client.client import Client
from assigncli.client.exchange import Device
from assigncli.client.recipient import Recipient, named, require_row
from assigncli.domain.deadlines import local_day
from assigncli.errors import AssignError
from assigncli.protocol.certificate import Certificate
from assigncli.trust.verification import Verified


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
        self._mentors: dict[str, Recipient | AssignError] = {}

    def call(self, client: Client, handles: Sequence[str]) -> tuple[Sender, list[Recipient]]:
        """Return the acting coordinator and the mentors named, in their order.

        Raises RuleRefused `only_coordinator_can_dispatch`, and as `recipient.named`.
        """
        sender = self.look(client, handles)
        found = [self._mentors[_as_asked(handle)] for handle in handles]
        return sender, [_fit(each) for each in found]

    def look(self, client: Client, handles: Sequence[str]) -> Sender:
        """Ask about all of these mentors at once, who may be unfit; return the acting coordinator.

        Raises RuleRefused `only_coordinator_can_dispatch`.
        """
        if client.witness.kept.size != self._place:
            self.forget()
        missing = {_as_asked(handle) for handle in handles} - self._mentors.keys()
        if missing or self._sender is None:
            found = asking.recipients(client, missing)
            self._place = found.head.size
            self._sender = _sender(client, found)
            today = local_day(client.now, client.zone)
            self._mentors |= {handle: _looked_at(found, handle, today) for handle in missing}
        return self._sender

    def wrote(self, entries: int) -> None:
        """Note how many entries this run has added, once they are committed.

        Entries of others beside them leave the log farther on than this, so that all is forgotten.
        """
        self._place += entries

    def forget(self) -> None:
        """Look at everybody anew at the next call."""
        self._sender = None
        self._mentors.clear()


def _as_asked(handle: str) -> str:
    return handle.strip().lower()


def _looked_at(found: Verified, handle: str, today: date) -> Recipient | AssignError:
    try:
        return named(found, handle, today)
    except AssignError as refusal:
        return refusal


def _fit(found: Recipient | AssignError) -> Recipient:
    if isinstance(found, AssignError):
        raise found
    return found


def _sender(client: Client, found: Verified) -> Sender:
    require_row(found, client.member_id)
    return Sender(
        asking.own_certificate(client, found),
        directory.devices(found, client.member_id),
        asking.this_device(client, found),
        found,
    )
