"""Remember the acting coordinator and the mentors of one run, for as long as the log has not moved.

Everything that decides who may send or be sent to (certificates, revocations, roles, pauses) is
written together with its entry in the log. So while only this run adds entries, what was verified
remains true, and a sheet of many batches verifies fifty mentors once instead of once per batch.
This is kept in memory; the server checks everything again at every write.
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
    """The acting coordinator: all their devices, the one in use, and what the answer proved."""

    certificate: Certificate
    devices: Sequence[Certificate]
    device: Device
    shown: Verified


class Roll:
    """The acting coordinator and mentors, as of one size of the organisation's log."""

    def __init__(self) -> None:
        """Begin with nobody verified."""
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
        """Ask about these mentors at once, fit or not, and return the acting coordinator.

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

        If others have added entries too, the log is larger than this, so that everything is
        forgotten.
        """
        self._place += entries

    def forget(self) -> None:
        """Verify everybody again at the next call."""
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
