"""The outbox's rows: who began to send a message is the only one who may say what came of it."""

from __future__ import annotations

from datetime import timedelta

from assigncli.server.store import outbox
from assigncli.server.store.scheduled import Notification, NotificationStatus
from tests.acting import acting
from tests.office import Office


def test_a_sender_from_before_a_retry_says_nothing_about_the_retried_message(
    office: Office,
) -> None:
    office.dispatch()
    with acting(office, "anne") as session, session.turn.write() as tx:

        def fresh() -> Notification:
            (row,) = outbox.of_assignments(
                tx,
                session.client.organization_id,
                [row.assignment_id for row in queued if row is not None],
            )
            found = outbox.by_id(tx, session.client.organization_id, row.id)
            assert found is not None
            tx.expunge(found)
            return found

        waiting = outbox.waiting(tx, session.client.organization_id, session.now, None)
        queued = [outbox.by_id(tx, session.client.organization_id, each.id) for each in waiting]
        assert outbox.begin(tx, fresh(), session.now)
        slow = fresh()
        assert outbox.finish(tx, slow, NotificationStatus.UNKNOWN, "interrupted")
        assert outbox.requeue(tx, fresh(), session.now)
        assert outbox.begin(tx, fresh(), session.now + timedelta(hours=1))
        assert not outbox.finish(tx, slow, NotificationStatus.SENT)
        assert fresh().status is NotificationStatus.SENDING
        assert outbox.finish(tx, fresh(), NotificationStatus.SENT)
