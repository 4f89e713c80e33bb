"""Verify suspensions: each revocation suspends exactly what its signed statement asks for.

A service could leave one out, or suspend somebody whom nobody doubts. Who else gives or ends
certificates is checked in `whole`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import DOUBTING, Action
from assigncli.protocol.acts import was_of_root
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.entry import Entry
from assigncli.server import stated
from assigncli.server.finding import Finding
from assigncli.server.store import audit_log
from assigncli.server.verify.compare_people import CERTIFICATE_INVALID
from assigncli.trust.doubtful import Issued, Suspect, suspects
from assigncli.trust.vouching import may_vouch


class Doubts:
    """Which certificates are suspended, while the log is read from its first entry on."""

    def __init__(
        self,
        tx: Transaction,
        certificate_of: Callable[[UUID | None], Certificate | None],
        is_held: Callable[[UUID | None], bool],
    ) -> None:
        """`is_held` says whether somebody holds a certificate at the place that was read last."""
        self._tx = tx
        self._certificate_of = certificate_of
        self._is_held = is_held
        self._issued: list[Issued] = []
        self._due: list[Suspect] = []
        self.suspended: set[UUID] = set()

    def approved(self, certificate: UUID, sequence: int) -> None:
        """Note that an entry approved a certificate."""
        found = self._certificate_of(certificate)
        issuer = None if found is None else found.issuer
        self._issued.append(Issued(certificate, issuer, sequence))

    def revoked(self, entry: Entry, device: UUID) -> None:
        """Note what the entries after a revocation have to suspend, by its statement."""
        since = self._since(entry)
        if since is not None:
            self._due = [
                each
                for each in suspects(device, since, self._issued)
                if self._is_held(each.certificate) and each.certificate not in self.suspended
            ]

    def found(self, entry: Entry) -> Iterator[Finding]:
        """Yield what is wrong with this entry as to suspensions, and track what it says."""
        if entry.act != Action.DEVICE_SUSPENDED:
            yield from self.left(entry.sequence - 1)
        if entry.act not in DOUBTING:
            return
        named = UUID(str(entry.facts["certificate"]))
        if entry.act == Action.DEVICE_SUSPENDED:
            if not self._is_due(entry, named):
                yield revocation_invalid(entry.sequence)
            self.suspended.add(named)
        elif self._could_confirm(entry, named):
            self.suspended.discard(named)
        else:
            yield Finding(entry.sequence, CERTIFICATE_INVALID)

    def left(self, sequence: int) -> Iterator[Finding]:
        """Yield a finding if something due was not suspended up to this entry."""
        if self._due:
            self._due = []
            yield revocation_invalid(sequence)

    def _is_due(self, entry: Entry, named: UUID) -> bool:
        if not self._due:
            return False
        wanted, certificate = self._due.pop(0), self._certificate_of(named)
        said = named, entry.facts["because"], entry.subject
        member = None if certificate is None else certificate.member
        return said == (wanted.certificate, str(wanted.because), member)

    def _could_confirm(self, entry: Entry, named: UUID) -> bool:
        """Say whether another member, who may vouch for it, confirms what is suspended."""
        given, actor = self._certificate_of(named), self._certificate_of(entry.actor)
        is_doubted = named in self.suspended and self._is_held(named)
        if given is None or given.member != entry.subject or not is_doubted:
            return False
        return was_of_root(entry) or (
            actor is not None
            and actor.member != entry.subject
            and may_vouch(actor.roles, given.roles)
        )

    def _since(self, entry: Entry) -> int | None:
        """Return the argument `suspects_from` of an entry's statement, which was verified."""
        kept = None
        if entry.statement is not None:
            kept = audit_log.statement(self._tx, entry.statement)
        try:
            found = None if kept is None else stated.read(kept.body).arguments["suspects_from"]
        except (ValueError, TypeError, KeyError):
            return None
        return found if isinstance(found, int) else None


def revocation_invalid(sequence: int) -> Finding:
    """Return the finding of a revocation by who may not, or that suspends other certificates."""
    return Finding(sequence, code="revocation_invalid")
