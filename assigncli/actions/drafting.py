"""What can be refused of a draft while it is still being dictated, part by part, without a key.

`draft.create` asks all of it again when the draft is whole; nothing here is relied on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from assigncli.actions import asking
from assigncli.actions.recipient import choices, fit_recipient, nobody_fit
from assigncli.actions.session import Session
from assigncli.domain.deadlines import (
    local_day,
    require_deadline_positive,
    require_expiry_in_future,
)
from assigncli.domain.payload import Payload
from assigncli.domain.privacy import (
    require_no_personal_data,
    require_note,
    require_reference_length,
    require_title,
)

_LENGTH_RULES: Final = {
    "title": require_title,
    "subject_reference": require_reference_length,
}


def require_ready(
    session: Session,
    recipient: str | None,
    texts: Mapping[str, str | None],
    deadline_days: int | None,
    expires_at: datetime | None,
) -> None:
    """Refuse what can be refused before anybody is asked anything; raises as `create`.

    Needs no key. What is None is not given yet; without a `recipient` there must be somebody who
    could be one. `texts` are by column, `expires_at` is aware UTC.
    """
    if recipient is not None:
        fit_recipient(session, recipient)
    else:
        asking.recipients(session, [])
    if recipient is None and choices(session, 1) == []:
        raise nobody_fit()
    for name, text in texts.items():
        if text is not None:
            require_text(session, name, text, None)
    require_deadline_positive(1 if deadline_days is None else deadline_days)
    if expires_at is not None:
        require_expiry_in_future(expires_at, session.now)
    _opened = session.vault


def require_text(session: Session, name: str, text: str, payload: Payload | None) -> None:
    """Refuse one text of a draft, by column; empty is no text, but for the title.

    Raises as `create`: `title_no_pii`, also against `payload` once that is known, and its length.
    """
    _LENGTH_RULES.get(name, require_note)(text)
    today = local_day(session.now, session.zone)
    require_no_personal_data({name: text}, payload, today=today)
