"""What stands between a stored assignment and its reader: no personal data in the clear, a live
key, consent, and the audit entry that comes first.

No guard sees a plaintext or a key; the key's other half is in the vault.
"""

# ruff: noqa: S608 - the SQL is put together from this package's own constants, never from input

from __future__ import annotations

from typing import Final

from assigncli.domain.audit import Action
from assigncli.domain.lifecycle import TERMINAL, Status
from assigncli.domain.rules import Rule
from assigncli.store.guards.people import DISPATCHING
from assigncli.store.guards.shape import (
    Code,
    Guard,
    changed,
    fixed,
    is_moment,
    listed,
    one_of,
    refuse,
    unreplaceable,
)

_CLEAR_TEXTS: Final = ("title", "subject_reference", "coordinator_notes", "internal_notes")
_DIGIT: Final = "[0-9]"
_MARK: Final = "[-._:/, ]"


def _groups(*sizes: int, first: str = "", mark: str = _MARK) -> str:
    """Return the pattern of neighbouring groups of digits; `first` stands for the first digit."""
    begun = first + _DIGIT * (sizes[0] - len(first[:1]))
    return f"*[^0-9]{mark.join((begun, *(_DIGIT * size for size in sizes[1:])))}[^0-9]*"


_PERSONAL: Final = (
    *map(_groups, (11,)),
    *(_groups(*sizes) for sizes in ((6, 5), (6, 3, 2), (2, 2, 2, 5), (2, 2, 2, 3, 2))),
    _groups(8, first="[2-9]"),
    *(_groups(*sizes, first="[2-9]", mark=" ") for sizes in ((2, 2, 2, 2), (3, 2, 3))),
    "*[A-Za-z0-9]@[A-Za-z0-9]*",
)


def _personal(column: str) -> str:
    """Test one text for what the database can tell: national ids, phones, e-mail addresses.

    All that is found here the program finds too (`domain.shapes`), and much more.

    GLOB stops at a NUL character, which would hide what follows: none is let in.
    """
    padded = f"' ' || NEW.{column} || ' '"
    matches = " OR ".join(f"{padded} GLOB '{pattern}'" for pattern in _PERSONAL)
    return f"({matches} OR instr(NEW.{column}, char(0)) > 0)"


def _title_guards() -> tuple[Guard, ...]:
    texts = one_of(*(_personal(column) for column in _CLEAR_TEXTS))
    update = f"BEFORE UPDATE OF {', '.join(_CLEAR_TEXTS)} ON assignments"
    logged = "BEFORE INSERT ON assignment_status_logs"
    archived = "BEFORE INSERT ON archived_assignments"
    return (
        refuse("title_no_pii_insert", Rule.TITLE_NO_PII, "BEFORE INSERT ON assignments", texts),
        refuse("title_no_pii_update", Rule.TITLE_NO_PII, update, texts),
        refuse("title_no_pii_reason", Rule.TITLE_NO_PII, logged, _personal("reason")),
        refuse("title_no_pii_archived", Rule.TITLE_NO_PII, archived, _personal("title")),
    )


_FORMATTING: Final = (
    *((1, 31), (127, 159), (0xAD, 0xAD), (0x600, 0x605), (0x61C, 0x61C), (0x6DD, 0x6DD)),
    *((0x70F, 0x70F), (0x180E, 0x180E), (0x200B, 0x200B), (0x200E, 0x200F), (0x2028, 0x202E)),
    *((0x2060, 0x2064), (0x2066, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE0001, 0xE007F)),
)
"""Control and format characters, without the two joiners, which some scripts and emoji need."""
_UNSEEN: Final = (
    *(9, 10, 13, 32, 0xA0, 0x34F, 0x115F, 0x1160, 0x1680, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D),
    *(*range(0x2000, 0x200E), 0x202F, 0x205F, 0x2800, 0x3000, 0x3164, *range(0xFE00, 0xFE10)),
    0xFFA0,
)
"""Spaces, fillers and blanks: a title of these alone shows nothing."""


def _unreadable(column: str) -> str:
    """Test one text for format characters, and for showing nothing."""
    ranges = ", ".join(f"{first}, 45, {last}" for first, last in _FORMATTING)
    return one_of(
        f"NEW.{column} GLOB '*[' || char({ranges}) || ']*'",
        f"(NEW.{column} <> '' AND trim(NEW.{column}, char({', '.join(map(str, _UNSEEN))})) = '')",
    )


def _readable_guards() -> tuple[Guard, ...]:
    test = one_of(*(_unreadable(column) for column in ("title", "subject_reference")))
    return (
        refuse("title_invalid_insert", Code.TITLE_INVALID, "BEFORE INSERT ON assignments", test),
        refuse(
            "title_invalid_update",
            Code.TITLE_INVALID,
            "BEFORE UPDATE OF title, subject_reference ON assignments",
            test,
        ),
    )


_LIVE_KEY: Final = (
    "EXISTS (SELECT 1 FROM encryption_keys WHERE id = NEW.encryption_key_id"
    " AND organization_id = NEW.organization_id AND revoked_at IS NULL)"
)
_USES_KEY: Final = (Status.DISPATCHED, Status.DELIVERED, Status.READ)
_KEY_NEEDED: Final = (
    f"({changed('encryption_key_id')}"
    f" OR (NEW.status <> OLD.status AND NEW.status IN ({listed(_USES_KEY)})))"
)

_KEY_GUARDS: Final = (
    refuse(
        "encryption_key_exists_insert",
        Rule.ENCRYPTION_KEY_EXISTS,
        "BEFORE INSERT ON assignments",
        f"NOT {_LIVE_KEY}",
    ),
    refuse(
        "encryption_key_exists_update",
        Rule.ENCRYPTION_KEY_EXISTS,
        "BEFORE UPDATE OF encryption_key_id, status ON assignments",
        f"{_KEY_NEEDED} AND NOT {_LIVE_KEY}",
    ),
)


def _wraps_of(*tests: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM assignments WHERE id = NEW.assignment_id"
        + "".join(f" AND {test}" for test in tests)
        + ")"
    )


_READERS: Final = (
    "NEW.certificate_id IN (SELECT id FROM certificates"
    " WHERE member_id IN (recipient_user_id, dispatched_by_user_id))"
)

_WRAP_GUARDS: Final = (
    *unreplaceable(
        "key_wraps", Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH, ("assignment_id", "certificate_id")
    ),
    refuse(
        "key_wraps_reader",
        Rule.ORGANIZATION_SCOPE_ISOLATION,
        "BEFORE INSERT ON key_wraps",
        f"NOT {_wraps_of(_READERS)}",
    ),
    refuse(
        "key_wraps_key",
        Rule.ENCRYPTION_KEY_EXISTS,
        "BEFORE INSERT ON key_wraps",
        f"{_wraps_of(_READERS)} AND NOT {_wraps_of('encryption_key_id = NEW.encryption_key_id')}",
    ),
    fixed(
        "key_wraps",
        Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH,
        "assignment_id",
        "certificate_id",
        "encryption_key_id",
    ),
    refuse(
        "key_wraps_no_delete",
        Rule.ASSIGNMENT_IMMUTABLE_AFTER_DISPATCH,
        "BEFORE DELETE ON key_wraps",
        "EXISTS (SELECT 1 FROM assignments WHERE id = OLD.assignment_id"
        f" AND status NOT IN ({listed((Status.PENDING, *TERMINAL))}))",
    ),
    refuse(
        "key_wraps_match",
        Code.KEY_WRAPS_MATCH,
        "BEFORE UPDATE OF status ON assignments",
        f"{DISPATCHING}\n  AND EXISTS (SELECT 1 FROM key_wraps WHERE assignment_id = NEW.id"
        " AND (certificate_id NOT IN (SELECT id FROM certificates"
        " WHERE member_id IN (NEW.recipient_user_id, NEW.dispatched_by_user_id))"
        " OR encryption_key_id <> NEW.encryption_key_id))",
    ),
)

_CONSENT_GIVEN: Final = (
    "EXISTS (SELECT 1 FROM consent_records WHERE assignment_id = NEW.id"
    " AND member_id = NEW.recipient_user_id)"
)

_READING: Final = f"(OLD.status = '{Status.DELIVERED}' AND NEW.status = '{Status.READ}')"

_READ_GUARDS: Final = (
    refuse(
        "consent_before_payload_access",
        Rule.CONSENT_BEFORE_PAYLOAD_ACCESS,
        "BEFORE UPDATE OF status ON assignments",
        f"{_READING} AND NEW.consent_required IS NOT 0 AND NEW.consent_completed_at IS NULL",
    ),
    refuse(
        "consent_completed",
        Rule.CONSENT_BEFORE_PAYLOAD_ACCESS,
        "BEFORE UPDATE OF consent_completed_at ON assignments",
        f"{changed('consent_completed_at')} AND (OLD.consent_completed_at IS NOT NULL"
        f" OR OLD.status = '{Status.PENDING}' OR NOT {is_moment('NEW.consent_completed_at')}"
        f"\n  OR NOT {_CONSENT_GIVEN})",
    ),
    refuse(
        "audit_all_access",
        Rule.AUDIT_ALL_ACCESS,
        "BEFORE UPDATE OF status ON assignments",
        f"{_READING}\n  AND NOT EXISTS (SELECT 1 FROM audit_log"
        f" WHERE subject_id = NEW.id AND action = '{Action.PAYLOAD_DECRYPTED}'"
        " AND organization_id = NEW.organization_id AND actor_id = NEW.recipient_user_id)",
    ),
)

ACCESS_GUARDS: Final = (
    *_readable_guards(),
    *_title_guards(),
    *_KEY_GUARDS,
    *_WRAP_GUARDS,
    *_READ_GUARDS,
)
