"""Clear texts, keys, consent and the audit entry, inside the database, against raw SQL."""

from __future__ import annotations

import pytest

from tests.quick import all_in_one

from .conftest import SEALED, Organization, World, moment, new_id

CLEAR = ["title", "subject_reference", "coordinator_notes", "internal_notes"]
PERSONAL = [
    "13097248022",
    "Visit 13097248022.",
    "ring 41234567 first",
    "(22334455)",
    "kari@example.org",
    "to kari@post.example.org, soon",
    "Visit\0 13097248022",
    "130972 48022",
    "130972_48022",
    "130972-480-22",
    "13.09.72.480.22",
    "13:09:72:480:22",
    "13 09 72 48022",
    "ring 41 23 45 67",
    "412 34 567",
    "kari@example",
]
HARMLESS = ["Home visit - Oslo East", "case 1234567", "1234567890", "123456789012", "x @ y. Then"]


@all_in_one("column", CLEAR)
@all_in_one("text", PERSONAL)
def test_title_no_pii(world: World, column: str, text: str) -> None:
    with world.refused("title_no_pii"):
        world.draft(**{column: text})
    with world.refused("title_no_pii"):
        world.change("assignments", world.draft(), **{column: text})


@pytest.mark.parametrize("text", HARMLESS)
def test_title_no_pii_lets_the_harmless_pass(world: World, text: str) -> None:
    world.draft(title=text, subject_reference=text[:40], internal_notes=text)


@all_in_one("column", ["title", "subject_reference"])
@all_in_one(
    "text",
    ["\u3164", " \u2800 ", "\u200b", "\u00ad", "Visit\u202e", "a\u2066b", "a\nb", "\U000e0041"],
)
def test_title_invalid(world: World, column: str, text: str) -> None:
    with world.refused("title_invalid"):
        world.draft(**{column: text})
    with world.refused("title_invalid"):
        world.change("assignments", world.draft(), **{column: text})


@pytest.mark.parametrize("text", ["Besøk 🧑\u200d🦯", "Møte\u00a0i dag", "ब\u200dा", "Å\u030a"])
def test_title_invalid_lets_what_can_be_seen_pass(world: World, text: str) -> None:
    world.draft(title=text, subject_reference=text)


@pytest.mark.parametrize("text", PERSONAL)
def test_title_no_pii_in_a_reason(world: World, text: str) -> None:
    key = world.sent("read")
    world.change(
        "assignments",
        key,
        status="cancelled",
        cancelled_at=moment(2),
        cancelled_by_user_id=world.own.coordinator,
    )
    with world.refused("title_no_pii"):
        world.log(key, "read", "cancelled", reason=text)
    world.log(key, "read", "cancelled", reason="Moved away")


def test_encrypted_payload_non_empty(world: World) -> None:
    with world.refused("encrypted_payload_non_empty"):
        world.draft(encrypted_payload=b"")


@pytest.mark.parametrize(
    "payload",
    ['{"full_name": "Kari"}', b'{"full_name": "Kari"}', b"\x02" + SEALED[1:], SEALED + b"x"],
)
def test_payload_must_be_encrypted_before_storage(world: World, payload: object) -> None:
    with world.refused("payload_must_be_encrypted_before_storage"):
        world.draft(encrypted_payload=payload)
    with world.refused("payload_must_be_encrypted_before_storage"):
        world.change("assignments", world.draft(), encrypted_payload=payload)


def revoke(world: World, key: str) -> None:
    vault_key = str(world.value("assignments", key, "encryption_key_id"))
    world.change("encryption_keys", vault_key, revoked_at=moment(1))


def test_encryption_key_exists(world: World) -> None:
    foreign, own = world.key(world.organization()), world.draft()
    for missing in (foreign, new_id()):
        with world.refused("encryption_key_exists"):
            world.draft(encryption_key_id=missing)
        with world.refused("encryption_key_exists"):
            world.change("assignments", own, encryption_key_id=missing)
    world.change("assignments", own, encryption_key_id=world.key(world.own))


def test_encryption_key_exists_at_every_step_to_reading(world: World) -> None:
    draft, sent, delivered = world.draft(), world.sent(), world.sent("delivered")
    for key in (draft, sent, delivered):
        revoke(world, key)
    with world.refused("encryption_key_exists"):
        world.dispatch(draft)
    with world.refused("encryption_key_exists"):
        world.step(sent, "delivered")
    with world.refused("encryption_key_exists"):
        world.step(delivered, "read")
    world.step(delivered, "recalled")


def test_encryption_key_exists_for_each_wrap(world: World) -> None:
    key = world.draft()
    world.db.execute("DELETE FROM key_wraps")
    with world.refused("encryption_key_exists"):
        world.wrap(key, world.own.mentor, encryption_key_id=world.key(world.own))
    with world.refused("assignment_immutable_after_dispatch"):
        world.wrap(key, world.own.mentor, rowid=-1)


def test_organization_scope_isolation_of_wraps(world: World) -> None:
    key = world.sent()
    for reader in (world.mentor(world.own), world.organization().mentor):
        with world.refused("organization_scope_isolation"):
            world.wrap(key, reader)


def test_assignment_immutable_after_dispatch_lets_wraps_be_sealed_anew_only(world: World) -> None:
    key, other = world.sent(), world.draft()
    world.db.execute("UPDATE key_wraps SET wrap = x'01', signature = x'02'")
    for column, value in (
        ("certificate_id", world.certificate_of(world.mentor(world.own))),
        ("assignment_id", other),
        ("encryption_key_id", world.key(world.own)),
        ("rowid", 4000),
    ):
        with world.refused("assignment_immutable_after_dispatch"):
            world.db.execute(
                f"UPDATE key_wraps SET {column} = ? WHERE assignment_id = ?", [value, key]
            )
    with world.refused("assignment_immutable_after_dispatch"):
        world.db.execute("DELETE FROM key_wraps WHERE assignment_id = ?", [key])
    with world.refused("assignment_immutable_after_dispatch"):
        world.wrap(key, world.own.mentor)
    world.db.execute("DELETE FROM key_wraps WHERE assignment_id = ?", [other])
    world.step(key, "recalled")
    world.db.execute("DELETE FROM key_wraps WHERE assignment_id = ?", [key])


def test_key_wraps_match_the_dispatch(world: World) -> None:
    key = world.draft()
    world.change("assignments", key, recipient_user_id=world.mentor(world.own))
    with world.refused("key_wraps_match"):
        world.dispatch(key)
    world.db.execute(
        "DELETE FROM key_wraps WHERE certificate_id = ?", [world.certificate_of(world.own.mentor)]
    )
    world.dispatch(key)


def test_consent_before_payload_access(world: World) -> None:
    key = world.draft(consent_required=1)
    with world.refused("consent_before_payload_access"):
        world.change("assignments", key, consent_completed_at=moment())
    world.dispatch(key)
    world.step(key, "delivered")
    with world.refused("consent_before_payload_access"):
        world.step(key, "read")
    with world.refused("consent_before_payload_access"):
        world.change("assignments", key, consent_completed_at=moment())
    world.consent(key)
    with world.refused("consent_before_payload_access"):
        world.change("assignments", key, consent_completed_at="yes")
    world.change("assignments", key, consent_completed_at=moment())
    with world.refused("consent_before_payload_access"):
        world.change("assignments", key, consent_completed_at=None)
    world.step(key, "read")


def test_organization_scope_isolation_of_consents(world: World) -> None:
    key = world.sent()
    for member in (world.own.coordinator, world.organization().mentor):
        with world.refused("organization_scope_isolation"):
            world.consent(key, member)
    with world.refused("organization_scope_isolation"):
        world.consent(key, organization_id=world.organization().id)


def test_audit_all_access(world: World) -> None:
    key, other = world.sent("delivered"), world.sent("delivered")
    read = {"status": "read", "first_read_at": moment(2)}
    with world.refused("audit_all_access"):
        world.change("assignments", key, **read)
    world.audit(subject_id=other, actor_id=world.own.mentor)
    world.audit(subject_id=key, actor_id=world.own.coordinator)
    world.audit(subject_id=key, actor_id=world.own.mentor, action="payload.refused")
    with world.refused("audit_all_access"):
        world.change("assignments", key, **read)
    world.audit(subject_id=key, actor_id=world.own.mentor)
    world.change("assignments", key, **read)


def test_encryption_key_exists_for_a_draft_and_is_not_revoked(world: World) -> None:
    with world.refused("encryption_key_exists"):
        world.draft(encryption_key_id=world.key(world.own, revoked_at=moment()))


def test_encryption_key_exists_for_a_wrap_of_either_reader(world: World) -> None:
    key, other = world.draft(), world.draft()
    world.db.execute("DELETE FROM key_wraps")
    for reader in (world.own.mentor, world.own.coordinator):
        for theirs in (
            world.key(world.own),
            world.value("assignments", other, "encryption_key_id"),
        ):
            with world.refused("encryption_key_exists"):
                world.wrap(key, reader, encryption_key_id=theirs)
        world.wrap(key, reader)


def test_organization_scope_isolation_of_a_wrap_for_the_reader_of_another(world: World) -> None:
    key, mentor = world.draft(), world.mentor(world.own)
    world.draft(recipient_user_id=mentor)
    with world.refused("organization_scope_isolation"):
        world.wrap(key, mentor)


def test_key_wraps_match_the_key_of_the_dispatch(world: World) -> None:
    key = world.draft()
    world.change("assignments", key, encryption_key_id=world.key(world.own))
    with world.refused("key_wraps_match"):
        world.dispatch(key)


def test_consent_before_payload_access_is_given_once(world: World) -> None:
    key = world.sent(consent_required=1)
    world.consent(key)
    world.change("assignments", key, consent_completed_at=moment())
    with world.refused("consent_before_payload_access"):
        world.change("assignments", key, consent_completed_at=moment(1))


def test_consent_before_payload_access_is_given_after_dispatch(world: World) -> None:
    key = world.draft(consent_required=1)
    world.consent(key)
    with world.refused("consent_before_payload_access"):
        world.change("assignments", key, consent_completed_at=moment())


def test_consent_before_payload_access_is_given_for_this_assignment(world: World) -> None:
    key, other = world.sent(consent_required=1), world.sent(consent_required=1)
    world.consent(other)
    with world.refused("consent_before_payload_access"):
        world.change("assignments", key, consent_completed_at=moment())


def test_consent_before_payload_access_is_given_by_the_recipient(world: World) -> None:
    key, mentor = world.draft(consent_required=1), world.mentor(world.own)
    world.consent(key)
    world.change("assignments", key, recipient_user_id=mentor)
    world.db.execute("DELETE FROM key_wraps")
    world.dispatch(key)
    with world.refused("consent_before_payload_access"):
        world.change("assignments", key, consent_completed_at=moment())


def test_organization_scope_isolation_of_a_consent_of_the_recipient_of_another(
    world: World,
) -> None:
    key, mentor = world.sent(), world.mentor(world.own)
    world.draft(recipient_user_id=mentor)
    with world.refused("organization_scope_isolation"):
        world.consent(key, mentor)


def test_audit_all_access_is_in_the_organizations_own_log(world: World) -> None:
    key, own = world.sent("delivered"), world.own
    world.own = world.organization()
    world.audit(subject_id=key, actor_id=own.mentor)
    world.own = own
    with world.refused("audit_all_access"):
        world.change("assignments", key, status="read", first_read_at=moment(2))


def test_organization_scope_isolation_of_a_key_of_no_organization(world: World) -> None:
    with world.refused("organization_scope_isolation"):
        world.key(Organization(new_id()))
