"""What is open with whom is read from an index of open assignments alone, whatever the history."""

from __future__ import annotations

from assigncli.server.store import unavailable
from assigncli.server.store.engine import Store

from .test_due_plans import NOW, OTHER, OWN, Ask, planned

OPEN = (
    "assignments USING INDEX ix_assignments_open_recipient"
    " (organization_id=? AND recipient_user_id=?)"
)


def assignments(store: Store, ask: Ask) -> list[str]:
    """Return how the plan reaches assignments."""
    return [step for step in planned(store, ask) if " assignments " in f"{step} "]


def test_one_mentors_are_searched_by_their_own_index(store: Store) -> None:
    assert assignments(store, lambda tx: unavailable.open_with(tx, OWN, OTHER, NOW)) == [
        f"SEARCH {OPEN}"
    ]


def test_those_of_unavailable_mentors_are_searched_mentor_by_mentor(store: Store) -> None:
    def ask(tx: object) -> object:
        return unavailable.open_with_unavailable(tx, OWN, NOW.date(), NOW, 51)  # type: ignore[arg-type]

    assert assignments(store, ask) == [f"SEARCH {OPEN}"]


def test_what_was_made_before_a_restore_is_looked_for_among_what_is_open(store: Store) -> None:
    assert assignments(store, lambda tx: unavailable.made_until(tx, OWN, NOW, NOW)) == [
        f"SEARCH {OPEN}"
    ]
