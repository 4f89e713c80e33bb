"""Refuse parts of a draft while it is still being typed, without a key.

`create.create` checks everything again when the draft is complete; nothing here is relied on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from assigncli.client import asking
from assigncli.client.choosing import choices, fit_recipient, nobody_fit
from assigncli.client.client import Client
from assigncli.domain.deadlines import (
    local_day,
    require_deadline_positive,
    require_expiry_in_future,
)
from assigncli.domain.payload import Payload
from assigncli.domain.personal_data import (
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
    client: Client,
    recipient: str | None,
    mentors: Sequence[str],
    texts: Mapping[str, str | None],
    deadline_days: int | None,
    expires_at: datetime | None,
) -> None:
    """Refuse what can be refused before any question is put to the coordinator; raises as `create`.

    Needs no key. None means not given yet; without a `recipient` at least one of the `mentors`, by
    handle, must be fit. `texts` are by column, `expires_at` is aware UTC.
    """
    if recipient is not None:
        fit_recipient(client, recipient)
    else:
        asking.recipients(client, [])
    if recipient is None and choices(client, mentors, 1) == []:
        raise nobody_fit()
    for name, text in texts.items():
        if text is not None:
            require_text(client, name, text, None)
    require_deadline_positive(1 if deadline_days is None else deadline_days)
    if expires_at is not None:
        require_expiry_in_future(expires_at, client.now)


def require_text(client: Client, name: str, text: str, payload: Payload | None) -> None:
    """Refuse one text of a draft, by column; empty means no text, except for the title.

    Raises as `create`: `title_no_pii`, also against `payload` once that is known, and its length.
    """
    _LENGTH_RULES.get(name, require_note)(text)
    today = local_day(client.now, client.zone)
    require_no_personal_data({name: text}, payload, today=today)
