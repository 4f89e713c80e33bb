"""Take a checkpoint of the log for its auditor, and compare the log with one taken before.

The server gives head and proof in the answer to `read.head`; nothing of them is believed before it
is verified. Which file a checkpoint comes from or goes to is not decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from assigncli.client import asking
from assigncli.client.client import Client
from assigncli.client.inquiry import Answer, Wanted
from assigncli.domain.actions import Action
from assigncli.errors import AssignError, StoreUnavailable, Tampered
from assigncli.kept_heads import Witness
from assigncli.protocol.certificate import SERVICE
from assigncli.protocol.head import head_text, log_key
from assigncli.protocol.refusal import Refusal
from assigncli.protocol.seen import NOTHING_SEEN, Seen
from assigncli.protocol.signed_note import SignedNote, VerifierKey
from assigncli.protocol.witnessing import Checkpoint, Submitted
from assigncli.trust.cosigning import forked, require_of, verified_by
from assigncli.trust.verification import Verified

_TRIES: Final = 5
"""How often heads are asked for again because the log grew between two answers."""


@dataclass(frozen=True)
class TakenCheckpoint:
    """A checkpoint as its server signed it: `submitted` is what goes into the file.

    `organization` is the name of the organisation, None for who is not shown it; `at` is the
    server's clock (aware UTC).
    """

    submitted: Submitted
    checkpoint: Checkpoint
    key: VerifierKey
    organization: str | None
    at: datetime


@dataclass(frozen=True)
class Earlier:
    """A checkpoint from a file; `cosigned_at` is when its auditor cosigned it, in POSIX seconds.

    That is None where no auditor was asked for.
    """

    note: SignedNote
    checkpoint: Checkpoint
    cosigned_at: int | None = None


def take(client: Client, since: Earlier | None = None) -> TakenCheckpoint:
    """Return the log's checkpoint now, with the proof that it continues the one `since`.

    Raises as `require_signed` for what was cosigned before, Tampered `checkpoint_shorter` or
    `checkpoint_forked` where the log does not continue it, and as `asking.read`.
    """
    if since is None:
        ((answer, found),) = _agreeing(client, [client.witness.kept])
        return _taken(client, found, None, ())
    require_signed(client, since)
    before = since.checkpoint.seen()
    answer, found = _agreeing(client, [before, client.witness.kept])[0]
    return _taken(client, found, before.size, answer.evidence.consistency)


def require_signed(client: Client, earlier: Earlier) -> None:
    """Refuse a checkpoint that this organisation's service did not sign.

    A key that the service had then counts too. Raises InvalidInput `checkpoint_of_another`,
    Tampered `checkpoint_unsigned`.
    """
    require_of(earlier.checkpoint, client.organization_id)
    _answer, verified = _asked(client, NOTHING_SEEN)
    verified_by(earlier.note, _keys_at(client, verified, earlier.checkpoint.size))


def continues(client: Client, earlier: Earlier, size: int, root: bytes) -> None:
    """Require that the log continues an earlier checkpoint and a head that was verified just now.

    Raises as `require_signed`, and Tampered `checkpoint_shorter` or `checkpoint_forked`.
    """
    require_signed(client, earlier)
    before, head = earlier.checkpoint.seen(), Seen(size, root)
    _answer, found = _asked(client, before)
    if found.head.seen() != head:
        _agreeing(client, [before, head])


def _agreeing(client: Client, heads: Sequence[Seen]) -> list[tuple[Answer, Verified]]:
    """Return the answers by which one head of the log continues each of these.

    Raises StoreUnavailable `store_busy` if the log grows each time between two answers.
    """
    for _try in range(_TRIES):
        answers = [_asked(client, each) for each in heads]
        if len({found.head.seen() for _answer, found in answers}) == 1:
            return answers
    raise StoreUnavailable("store_busy")


def _asked(client: Client, seen: Seen) -> tuple[Answer, Verified]:
    """Return the answer to somebody who has seen this much of the log, and what it proves."""
    beside = replace(client, witness=Witness(seen, client.witness.service))

    def meaning(refusal: Refusal) -> AssignError | None:
        if refusal.code == "log_behind":
            return Tampered("checkpoint_shorter", size=refusal.facts["size"], count=seen.size)
        return forked(seen.size) if refusal.code == "log_forked" else None

    answer = asking.unproven(beside, Wanted("read.head"), meaning)
    try:
        return answer, asking.proven(beside, answer)
    except Tampered as error:
        if error.code == "head_inconsistent":
            raise forked(seen.size) from None
        raise


def _taken(
    client: Client, found: Verified, old: int | None, proof: tuple[bytes, ...]
) -> TakenCheckpoint:
    head = found.head
    text = head_text(client.organization_id, head.size, head.root).decode("ascii")
    key = log_key(client.organization_id, asking.service(found).signing_key)
    note = SignedNote(text, (key.signed(head.signature),))
    return TakenCheckpoint(
        submitted=Submitted(note, old, proof),
        checkpoint=Checkpoint.read(text),
        key=key,
        organization=_name(found),
        at=found.word.now,
    )


def _keys_at(client: Client, found: Verified, size: int) -> Iterator[VerifierKey]:
    """Yield the keys with which a service could sign a head of this size.

    It counted at the last entry of that log, and that entry did not end it.
    """
    for person in found.people:
        each = person.certificate
        places = (max(size, 1), size + 1)
        counted = all(found.standing.counts(each.id, place) for place in places)
        if SERVICE in each.roles and counted:
            yield log_key(client.organization_id, each.keys.signing_key)


def _name(found: Verified) -> str | None:
    """Return the organisation's name from the founding statement, where the asker is shown it."""
    for entry in found.entries:
        told = None if entry.statement is None else found.statements.get(entry.statement)
        if entry.act == Action.ORGANIZATION_FOUNDED and told is not None and "name" in told.texts:
            return told.texts["name"].text
    return None
