"""Who may send, who may receive, and that both are of the assignment's own organisation.

The database knows members, roles and profiles as rows; whether their certificates are good is for
the clients, which verify signatures.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own constants, never from input

from __future__ import annotations

from typing import Final

from assigncli.domain.lifecycle import MemberStatus, ProfileStatus, Role, Status
from assigncli.domain.rules import Rule
from assigncli.store.guards.shape import (
    Code,
    Guard,
    changed,
    fixed,
    is_moment,
    one_of,
    refuse,
    unreplaceable,
)

DISPATCHING: Final = f"(OLD.status = '{Status.PENDING}' AND NEW.status = '{Status.DISPATCHED}')"
"""True in an UPDATE of assignments that finalises a draft."""


def is_member(person: str, organization: str = "NEW.organization_id") -> str:
    """Return the test that `person` is known in the organisation, whatever the standing."""
    return (
        f"EXISTS (SELECT 1 FROM members WHERE id = {person} AND organization_id = {organization})"
    )


def _is_active(person: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM members WHERE id = {person}"
        f" AND organization_id = NEW.organization_id AND status = '{MemberStatus.ACTIVE}')"
    )


def _has_role(person: str, role: Role) -> str:
    return f"EXISTS (SELECT 1 FROM member_roles WHERE member_id = {person} AND role = '{role}')"


_COORDINATOR: Final = (
    f"({_is_active('NEW.dispatched_by_user_id')}"
    f"\n  AND {_has_role('NEW.dispatched_by_user_id', Role.COORDINATOR)})"
)
_RECIPIENT: Final = _is_active("NEW.recipient_user_id")
_OWN_CERTIFICATE: Final = (
    "EXISTS (SELECT 1 FROM certificates WHERE id = NEW.dispatcher_certificate_id"
    " AND organization_id = NEW.organization_id AND member_id = NEW.dispatched_by_user_id)"
)


def _mentor(moment: str) -> str:
    """Test the recipient's role and profile; a day's leniency covers every time zone."""
    return (
        f"({_has_role('NEW.recipient_user_id', Role.PEER_MENTOR)}\n"
        "  AND EXISTS (SELECT 1 FROM peer_mentor_profiles"
        " WHERE member_id = NEW.recipient_user_id"
        " AND organization_id = NEW.organization_id"
        f" AND (status = '{ProfileStatus.ACTIVE}' OR (status = '{ProfileStatus.PAUSED}'"
        f" AND paused_until < date({moment}, '+1 day')))"
        f" AND (certified_until IS NULL OR certified_until >= date({moment}, '-1 day'))))"
    )


def _on_draft(
    name: str, rule: Rule, column: str, test: str, update_test: str | None = None
) -> tuple[Guard, ...]:
    """Hold `test` when a draft is made, when `column` changes, and when the draft is dispatched."""
    due = f"({changed(column)} OR {DISPATCHING})"
    return (
        refuse(f"{name}_insert", rule, "BEFORE INSERT ON assignments", f"NOT {test}"),
        refuse(
            f"{name}_update",
            rule,
            f"BEFORE UPDATE OF {column}, status ON assignments",
            f"{due}\n  AND NOT {update_test or test}",
        ),
    )


ASSIGNMENT_GUARDS: Final = (
    *_on_draft(
        "only_coordinator_can_dispatch",
        Rule.ONLY_COORDINATOR_CAN_DISPATCH,
        "dispatched_by_user_id",
        _COORDINATOR,
    ),
    *_on_draft(
        "recipient_must_belong_to_same_organization",
        Rule.RECIPIENT_MUST_BELONG_TO_SAME_ORGANIZATION,
        "recipient_user_id",
        _RECIPIENT,
    ),
    *_on_draft(
        "recipient_is_active_peer_mentor",
        Rule.RECIPIENT_IS_ACTIVE_PEER_MENTOR,
        "recipient_user_id",
        f"(NOT {_RECIPIENT} OR {_mentor('NEW.created_at')})",
        f"(NOT {_RECIPIENT} OR {_mentor('coalesce(NEW.dispatched_at, NEW.updated_at)')})",
    ),
    *_on_draft(
        "dispatcher_certificate",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "dispatcher_certificate_id",
        f"(NOT {_COORDINATOR} OR {_OWN_CERTIFICATE})",
    ),
    refuse(
        "withdrawn_by_own_organization",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "BEFORE UPDATE OF recalled_by_user_id, cancelled_by_user_id ON assignments",
        one_of(
            f"(NEW.recalled_by_user_id IS NOT NULL AND NOT {is_member('NEW.recalled_by_user_id')})",
            "(NEW.cancelled_by_user_id IS NOT NULL"
            f" AND NOT {is_member('NEW.cancelled_by_user_id')})",
        ),
    ),
)


def _of_member(table: str) -> Guard:
    """Hold that a row about a member stands in the member's own organisation."""
    return refuse(
        f"{table}_organization",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        f"BEFORE INSERT ON {table}",
        f"NOT {is_member('NEW.member_id')}",
    )


_INVITATION: Final = (
    *("rowid", "organization_id", "member_id", "token_hash", "expires_at", "created_at"),
)

MEMBER_GUARDS: Final = (
    fixed("organizations", Rule.ORGANIZATION_SCOPE_ISOLATION, "id"),
    *unreplaceable("members", Code.ALREADY_EXISTS, ("id",), ("organization_id", "handle")),
    fixed("members", Rule.ORGANIZATION_SCOPE_ISOLATION, "id", "organization_id"),
    refuse(
        "members_handle_taken",
        Code.ALREADY_EXISTS,
        "BEFORE UPDATE OF handle ON members",
        "EXISTS (SELECT 1 FROM members WHERE organization_id = NEW.organization_id"
        " AND handle = NEW.handle AND id <> OLD.id)",
    ),
    refuse(
        "members_no_delete",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "BEFORE DELETE ON members",
        one_of(
            "EXISTS (SELECT 1 FROM certificates WHERE member_id = OLD.id)",
            "EXISTS (SELECT 1 FROM assignments WHERE recipient_user_id = OLD.id)",
            "EXISTS (SELECT 1 FROM assignments WHERE dispatched_by_user_id = OLD.id)",
        ),
    ),
    fixed("member_roles", Rule.ORGANIZATION_SCOPE_ISOLATION, "member_id"),
    fixed(
        "peer_mentor_profiles", Rule.ORGANIZATION_SCOPE_ISOLATION, "member_id", "organization_id"
    ),
    fixed(
        "organization_key_wraps",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "organization_id",
        "key_id",
        "use",
        "certificate_id",
    ),
    *unreplaceable("invitations", Code.APPEND_ONLY, ("id",)),
    _of_member("invitations"),
    refuse(
        "invitations_joined_once",
        Code.APPEND_ONLY,
        "BEFORE UPDATE ON invitations",
        one_of(
            changed(*_INVITATION),
            "OLD.spent_at IS NOT NULL",
            f"NOT {is_moment('NEW.spent_at')}",
        ),
    ),
    refuse(
        "invitations_unspent",
        Code.APPEND_ONLY,
        "BEFORE INSERT ON invitations",
        "NEW.spent_at IS NOT NULL",
    ),
    _of_member("peer_mentor_profiles"),
    _of_member("certificates"),
    refuse(
        "organization_key_wraps_organization",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "BEFORE INSERT ON organization_key_wraps",
        "NOT EXISTS (SELECT 1 FROM certificates WHERE id = NEW.certificate_id"
        " AND organization_id = NEW.organization_id)",
    ),
)
