"""Who sends and who may be sent to: looked at once, and again only where the log has moved.

Whatever decides it - a certificate, a revocation, a role, a pause - is written together with its
entry in the log. So while nobody but the run itself has added one, what was found still holds, and
a sheet of many batches verifies fifty mentors once and not once a batch. Kept in memory, for one
run; the database's own guards are asked at every write all the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session as Transaction

from assigncli.actions import trust
from assigncli.actions.recipient import fit_recipient
from assigncli.actions.session import Session
from assigncli.client.recipient import Recipient
from assigncli.protocol.certificate import Certificate
from assigncli.store import audit


class Roll:
    """The acting coordinator and mentors, as of one place in the organisation's log."""

    def __init__(self) -> None:
        """Begin with nobody looked at."""
        self._place = -1
        self._actor: Certificate | None = None
        self._mentors: dict[str, Recipient] = {}

    def call(self, session: Session, handles: Sequence[str]) -> tuple[Certificate, list[Recipient]]:
        """Return the acting coordinator and the mentors named, in their order.

        Raises RuleRefused `only_coordinator_can_dispatch`, and as `recipient.fit_recipient`.
        """
        with session.store.read() as tx:
            self._forget_if_moved(session, tx)
            if self._actor is None:
                self._actor = trust.acting(session, tx)
            trust.require_sender(session, tx, self._actor)
            for handle in handles:
                if handle not in self._mentors:
                    self._mentors[handle] = fit_recipient(session, tx, handle)
            return self._actor, [self._mentors[handle] for handle in handles]

    def wrote(self, entries: int) -> None:
        """Note how many entries this run has added, once they are committed.

        Entries of others beside them leave the log farther on than this, so that all is forgotten.
        """
        self._place += entries

    def _forget_if_moved(self, session: Session, tx: Transaction) -> None:
        place = audit.last_sequence(tx, session.organization_id)
        if place != self._place:
            self._place, self._actor = place, None
            self._mentors.clear()
