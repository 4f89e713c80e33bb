"""The outbox's rows: who began to send a message is the only one who may say what came of it."""

from __future__ import annotations

from datetime import timedelta

from assigncli.domain.notification import NotificationStatus
from assigncli.server.store import notifications
from assigncli.server.store.scheduled import Notification
from tests.acting import acting
from tests.office import Office


def test_a_sender_from_before_a_retry_says_nothing_about_the_retried_message(
    office: Office,
) -> None:
    office.dispatch()
    with acting(office, "anne") as session, session.turn.write() as tx:

        def fresh() -> Notification:
            organization_id = session.client.organization_id
            (row,) = notifications.of_assignments(tx, organization_id, queued)
            found = notifications.by_id(tx, session.client.organization_id, row.id)
            assert found is not None
            tx.expunge(found)
            return found

        waiting = notifications.waiting(tx, session.client.organization_id, session.now, None)
        queued = [each.row.assignment_id for each in waiting]
        assert notifications.begin(tx, fresh(), session.now)
        slow = fresh()
        assert notifications.finish(tx, slow, NotificationStatus.UNKNOWN, "interrupted")
        assert notifications.requeue(tx, fresh(), session.now)
        assert notifications.begin(tx, fresh(), session.now + timedelta(hours=1))
        assert not notifications.finish(tx, slow, NotificationStatus.SENT)
        assert fresh().status is NotificationStatus.SENDING
        assert notifications.finish(tx, fresh(), NotificationStatus.SENT)
