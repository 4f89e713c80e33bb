"""What a recall or a cancellation would end, shown to a person before they confirm.

It must be possible to withdraw even an assignment that was altered or invented. So where it does
not verify, the server's word is enough: nothing is decrypted on that word and nothing is sent to
anybody; the assignment is only withdrawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from assigncli.client.case import Case
from assigncli.client.inquiry import Answer
from assigncli.domain.lifecycle import Status
from assigncli.protocol.certificate import Certificate
from assigncli.protocol.manifest import Manifest
from assigncli.protocol.texts import Text
from assigncli.trust.tampering import answer_malformed, require


@dataclass(frozen=True)
class Ending:
    """An assignment that is about to end.

    `was_dispatched` is false for a draft; `disclosed` is true where the mentor has read the brief.
    `status` is not compared: two are equal where a person would be told the same, so that a
    delivery meanwhile makes no difference.
    """

    id: UUID
    number: int
    title: str
    recipient_user_id: UUID
    recipient: str
    recipient_name: str
    was_dispatched: bool
    disclosed: bool
    status: Status = field(compare=False)


def as_proven(case: Case) -> Ending:
    """Return what would end, for an assignment that verifies."""
    return Ending(
        id=case.id,
        number=case.number,
        title=case.title,
        recipient_user_id=case.recipient,
        recipient=case.handle(case.recipient),
        recipient_name=case.display_name(case.recipient),
        was_dispatched=case.status is not Status.PENDING,
        disclosed=case.at(Status.READ) is not None,
        status=case.status,
    )


def as_told(answer: Answer) -> Ending:
    """Return what would end, on the server's word; nothing of it is proven.

    Raises Tampered `answer_malformed` where it does not name exactly one assignment.
    """
    rows = answer.rows.get("assignments", [])
    require(len(rows) == 1, answer_malformed)
    (row,) = rows
    with suppress(KeyError, ValueError, TypeError):
        recipient = UUID(str(row["recipient_user_id"]))
        named = _texts_of_member(answer, recipient)
        return Ending(
            id=UUID(str(row["id"])),
            number=int(row["number"]),
            title=_text(_texts_of_manifest(answer, UUID(str(row["id"]))), "title"),
            recipient_user_id=recipient,
            recipient=_text(named, "handle"),
            recipient_name=_text(named, "display_name"),
            was_dispatched=Status(row["status"]) is not Status.PENDING,
            disclosed=row["first_read_at"] is not None,
            status=Status(row["status"]),
        )
    raise answer_malformed()


def _texts_of_manifest(answer: Answer, assignment: UUID) -> dict[str, Text]:
    for each in answer.evidence.manifests:
        with suppress(ValueError):
            if Manifest.decode(each.body).context.assignment == assignment:
                return dict(each.texts)
    return {}


def _texts_of_member(answer: Answer, member: UUID) -> dict[str, Text]:
    """Return the texts of the last certificate shown for the member."""
    found = list(_certificates(answer, member))
    return found[-1] if found else {}


def _certificates(answer: Answer, member: UUID) -> Iterator[dict[str, Text]]:
    for each in answer.evidence.certificates:
        with suppress(ValueError):
            if Certificate.decode(each.body).member == member:
                yield dict(each.texts)


def _text(texts: dict[str, Text], name: str) -> str:
    found = texts.get(name)
    return "" if found is None else found.text
