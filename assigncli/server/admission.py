"""Check who sent a statement, and that they may act now (PROTOCOL.md section 7, steps 3 to 8).

The first failure is the answer. What an act itself requires is checked by the act's own file. A new
key has no certificate: it signs with itself, and has a token instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlmodel import Session as Transaction

from assigncli.domain.actions import DOUBTING, Action
from assigncli.errors import AssignError, StoreUnavailable, Tampered
from assigncli.protocol.acts import is_of_new_key, is_of_root
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.codes import CODES, RECORDED
from assigncli.protocol.forms import stamp
from assigncli.protocol.statement import Statement
from assigncli.server import attempt_log, log_end, service
from assigncli.server.certified import chained
from assigncli.server.init import Offer
from assigncli.server.record import about, about_standing, id_in
from assigncli.server.refused import NotAdmitted, Refused, RefusedBefore
from assigncli.server.request import Request
from assigncli.server.store import audit_log, invitations, members, refused_statements, restores
from assigncli.server.store.invitations import Invitation
from assigncli.server.store.restores import LostKind
from assigncli.server.store.tables import AuditEntry, CertificateRow
from assigncli.server.turn import Turn
from assigncli.trust.tampering import certificate_invalid

_APART: Final = timedelta(minutes=5)
"""How far the device's clock may be from the server's, either way (step 6)."""


@dataclass(frozen=True)
class Admitted:
    """A statement that may be carried out, or that was carried out before.

    `certificate` is the one that the statement names; None for a new key and the root key. `known`
    are the entries by which the statement was carried out before; if there are any, steps 6 to 8
    were not checked.
    `invitation` is the one whose token a joining device has.
    """

    certificate: Certificate | None
    known: Sequence[AuditEntry] = ()
    invitation: Invitation | None = None


def admit(turn: Turn, tx: Transaction, request: Request, offer: Offer | None = None) -> Admitted:
    """Check steps 3 to 8, and let this transaction append to the log; raises Refused.

    Sets `turn.now` to the time of the entries: the server's clock, but never before the last entry.
    If only the outcome is asked for, neither the device's clock, nor the end of its certificate,
    nor `seen` is checked. `offer` is the founding that is open here, if any.
    """
    if is_of_new_key(request.statement):
        with _counted():
            admitted = _new_key(turn, tx, request, offer)
    elif is_of_root(request.statement):
        admitted = _root(turn, tx, request)
    else:
        admitted = _device(turn, tx, request)
    if request.is_act and not admitted.known:
        _go_on(turn, tx, request)
    return admitted


def _device(turn: Turn, tx: Transaction, request: Request) -> Admitted:
    """Return the certificate of the device that acts (steps 3 to 7)."""
    named = request.statement.certificate
    members.preload(tx, [] if named is None else [named], [turn.service.member_id])
    _require_address(turn, tx, request)
    certificate, row = signer(
        turn,
        tx,
        named,
        lambda key: Statement.is_signed(request.body, request.signature, key),
    )
    glance = refused_statements.glance(tx, turn.organization_id, request.hash, certificate.id)
    known: Sequence[AuditEntry] = ()
    if glance.is_carried_out:
        known = audit_log.carrying_out(tx, turn.organization_id, request.hash)
    if not known:
        if glance.is_kept or glance.has_others:
            _require_new(turn, tx, request, certificate.id)
        _set_clock(turn, tx, request)
        if request.is_act:
            require_in_force(turn, tx, row)
    return Admitted(certificate, known)


def _root(turn: Turn, tx: Transaction, request: Request) -> Admitted:
    """Admit the root key, which has no certificate and is never ended (steps 3 to 6)."""
    _require_address(turn, tx, request)
    require_root(
        turn, lambda key: Statement.is_signed(request.body, request.signature, key), turn.now
    )
    known = audit_log.carrying_out(tx, turn.organization_id, request.hash)
    if not known:
        _require_new(turn, tx, request, None)
        _set_clock(turn, tx, request)
    return Admitted(None, known)


def require_root(turn: Turn, signed: Callable[[bytes], bool], now: datetime) -> None:
    """Refuse what the pinned root key did not sign; `signed` as for `signer`.

    The root key has an allowance of its own. Raises Refused `signature_invalid`, `store_busy`.
    """
    if not signed(turn.root_public_key):
        raise Refused("signature_invalid")
    if turn.allowance is not None and not turn.allowance.spend(turn.organization_id, now):
        raise Refused("store_busy")


def _new_key(turn: Turn, tx: Transaction, request: Request, offer: Offer | None) -> Admitted:
    """Admit a new key by the token it was given (steps 3 to 7).

    Whether the statement is known is checked before the token: a repeated one has a spent token.
    """
    if request.statement.act != Action.ORGANIZATION_FOUNDED:
        _require_address(turn, tx, request)
    key = bytes.fromhex(request.statement.arguments["signing_key"])
    if not Statement.is_signed(request.body, request.signature, key):
        raise Refused("signature_invalid")
    known = _known_here(turn, tx, request)
    if not known:
        if offer is not None and request.hash in offer.withdrawn:
            raise Refused("statement_withdrawn" if request.is_act else "statement_unknown")
        _require_new(turn, tx, request, None)
        _set_clock(turn, tx, request)
    if known or not request.is_act:
        return Admitted(None, known)
    return Admitted(None, invitation=_let_in(turn, tx, request, offer))


def _known_here(turn: Turn, tx: Transaction, request: Request) -> Sequence[AuditEntry]:
    """Return the entries that carried the statement out, if this server's key signed them.

    Step 3 does not apply to a founding, and a store can hold other organisations.
    """
    known = audit_log.carrying_out(tx, turn.organization_id, request.hash)
    row = members.certificate(tx, request.statement.service) if known else None
    if row is None or turn.service.of(chained(turn, tx, row).keys) is None:
        return ()
    return known


def _let_in(
    turn: Turn, tx: Transaction, request: Request, offer: Offer | None
) -> Invitation | None:
    """Return the unspent invitation of the subject that has this token; None for a founding.

    Raises Refused `token_invalid` for a token that is another's, spent or too late.
    """
    token = bytes.fromhex(request.statement.arguments["token"])
    if request.statement.act == Action.ORGANIZATION_FOUNDED:
        if offer is None or not offer.admits(token, turn.now):
            raise Refused("token_invalid")
        return None
    about = request.statement.about
    found = invitations.by_token(tx, turn.organization_id, about, token, turn.now)
    if found is None or found.spent_at is not None:
        raise Refused("token_invalid")
    return found


@contextmanager
def _counted() -> Iterator[None]:
    """Turn a refusal that would be recorded into one that is only counted: NotAdmitted.

    A refusal that is known from before is raised as it is.
    """
    try:
        yield
    except RefusedBefore:
        raise
    except Refused as refused:
        if CODES[refused.code].recorded != RECORDED:
            raise
        raise NotAdmitted(refused.code, **refused.facts) from None


def _go_on(turn: Turn, tx: Transaction, request: Request) -> None:
    """Let the transaction append to the log, which must begin with the device's `seen` (step 8).

    A restored log takes nothing but the act that says so, and a server with a new key nothing but
    that and the act that certifies the key.
    """
    end, said = log_end.end(tx, turn.organization_id), request.statement
    confirms = said.act == Action.LOG_RESTORED
    try:
        log_end.go_on(tx, turn.organization_id, end, said.seen, confirms=confirms)
    except Tampered as fault:
        if fault.code not in ("log_behind", "log_forked"):
            raise
        raise Refused(fault.code, size=end.size) from None
    except StoreUnavailable as fault:
        if fault.code != "restore_unconfirmed":
            raise
        raise Refused(fault.code) from None
    is_let_in = said.act in (Action.SERVICE_REPLACED, Action.LOG_RESTORED)
    if not is_let_in and service.waiting(turn, tx) is not None:
        raise Refused("service_uncertified")


def _require_address(turn: Turn, tx: Transaction, request: Request) -> None:
    """Refuse a statement for another organisation or another service of this one (step 3)."""
    if request.statement.organization != turn.organization_id:
        raise Refused("organization_not_found")
    ours = service.in_use(turn, tx).id
    if request.statement.service != ours and not _is_of_before(turn, tx, request):
        raise Refused("service_differs", service=str(ours))


def _is_of_before(turn: Turn, tx: Transaction, request: Request) -> bool:
    """Return whether an earlier certificate of the service is named, by what is known here.

    A statement that a device sent before the service was replaced still has its outcome.
    """
    row = members.certificate(tx, request.statement.service)
    if row is None or row.member_id != turn.service.member_id:
        return False
    known = audit_log.carrying_out(tx, turn.organization_id, request.hash)
    return bool(known) or not request.is_act


def signer(
    turn: Turn,
    tx: Transaction,
    named: UUID | None,
    signed: Callable[[bytes], bool],
) -> tuple[Certificate, CertificateRow]:
    """Return the named certificate, after checking that its key signed (step 4).

    `signed` returns whether a given key signed. Raises Refused `certificate_unknown`, also for a
    certificate of another organisation, `signature_invalid`, and `store_busy` for a member who has
    used up what the turn allows.
    """
    row = None if named is None else members.certificate(tx, named)
    if row is None or row.organization_id != turn.organization_id:
        raise Refused("certificate_unknown")
    certificate = chained(turn, tx, row)
    if not signed(certificate.keys.signing_key):
        raise Refused("signature_invalid")
    if turn.allowance is not None and not turn.allowance.spend(certificate.member, turn.now):
        raise Refused("store_busy")
    return certificate, row


def _require_new(turn: Turn, tx: Transaction, request: Request, device: UUID | None) -> None:
    """Refuse what was refused or withdrawn before, and a device that floods (step 5, 8.4)."""
    before = attempt_log.known(tx, turn.organization_id, request.hash)
    if before is not None and before.withdrawn and not request.is_act:
        raise Refused("statement_unknown")
    if before is not None:
        raise RefusedBefore(before.code, before.facts, before.sequence)
    if request.is_act and attempt_log.is_flooded(tx, turn.organization_id, device, turn.now):
        raise Refused("store_busy")


def require_in_force(turn: Turn, tx: Transaction, row: CertificateRow) -> None:
    """Refuse a certificate that has ended or is suspended (step 7).

    Raises Refused `certificate_revoked` and `certificate_suspended`, and Tampered
    `certificate_invalid` if the row says so and no entry does: a column alone ends no membership.
    One that the lost part of a restored log had revoked is refused too.
    """
    if restores.is_lost(tx, turn.organization_id, LostKind.CERTIFICATE, row.id):
        raise Refused("certificate_revoked")
    if row.revoked_at is None:
        _require_not_suspended(turn, tx, row)
        return
    named = {Action.DEVICE_REVOKED: "certificate", Action.SERVICE_REPLACED: "replaced"}
    for entry in about_standing(turn, tx, row.member_id):
        fact = named.get(Action(entry.action))
        is_named = fact is not None and id_in(entry.details, fact) == row.id
        if entry.action == Action.MEMBER_REVOKED or is_named:
            raise Refused("certificate_revoked")
    raise certificate_invalid()


def _require_not_suspended(turn: Turn, tx: Transaction, row: CertificateRow) -> None:
    if row.suspended_at is None:
        return
    marks = about(turn, tx, row.member_id, DOUBTING)
    own = [each for each in marks if id_in(each.details, "certificate") == row.id]
    if own and own[-1].action == Action.DEVICE_SUSPENDED:
        raise Refused("certificate_suspended")
    raise certificate_invalid()


def moment_for(turn: Turn, tx: Transaction, at: datetime) -> datetime:
    """Return the time at which the server acts on what was signed at `at` (aware UTC, step 6).

    It is `turn.now`, but never before the last entry. Raises Refused `clock_behind` and
    `clock_apart`.
    """
    end = log_end.end(tx, turn.organization_id)
    try:
        moment = log_end.moment_after(end.at, turn.now)
    except AssignError as fault:
        raise Refused(fault.code, last=None if end.at is None else stamp(end.at)) from None
    if abs(at - turn.now) > _APART:
        raise Refused("clock_apart")
    return moment


def _set_clock(turn: Turn, tx: Transaction, request: Request) -> None:
    """Set `turn.now`; refuse a clock behind the log or far from the device's (step 6).

    If only the outcome is asked for, nothing is refused; a withdrawal still needs the time.
    """
    if request.is_act:
        turn.now = moment_for(turn, tx, request.statement.at)
        return
    end = log_end.end(tx, turn.organization_id)
    turn.now = max(turn.now, end.at or turn.now)
