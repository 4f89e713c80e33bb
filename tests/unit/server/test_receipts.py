"""A receipt names the entry that was written: organisation, place in the log, subject and actor."""

from __future__ import annotations

from uuid import uuid4

from assigncli.domain.access import AuditReceipt
from assigncli.domain.actions import Action
from assigncli.server import service
from assigncli.server.record import Act, Fact, record, record_all
from tests.acting import acting
from tests.office import Office
from tests.refusals import rows


def test_a_receipt_has_the_number_of_its_entry(office: Office) -> None:
    subjects = [uuid4() for _ in range(4)]
    said: dict[str, Fact] = {"number": 1, "kind": "dispatched", "recipient": str(uuid4())}
    acts: list[Act] = [(Action.NOTIFICATION_RETRIED, each, said) for each in subjects]
    with acting(office, "anne") as session:
        with session.turn.write() as tx:
            actor = service.own(session.turn, tx).certificate
            receipts = [record(session.turn, tx, actor, acts[0][0], acts[0][1], **said)]
        with session.turn.write() as tx:
            receipts += record_all(session.turn, tx, actor, acts[1:])
        expected = [
            AuditReceipt(session.client.organization_id, sequence, subject, actor.member)
            for sequence, subject in zip(sequences(office, subjects), subjects, strict=True)
        ]
    assert receipts == expected
    assert [each.sequence for each in receipts] == list(
        range(receipts[0].sequence, receipts[0].sequence + 4)
    )
    assert office.ok("audit verify").code == 0


def sequences(office: Office, subjects: list[object]) -> list[int]:
    """Return the place of the entry about each subject, as it stands in the log."""
    return [
        int(str(sequence))
        for subject in subjects
        for (sequence,) in rows(
            office,
            "SELECT sequence FROM audit_log WHERE subject_id = ?",
            str(subject).replace("-", ""),
        )
    ]
