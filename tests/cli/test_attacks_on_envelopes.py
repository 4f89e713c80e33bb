"""Attacks on an assignment's envelope by somebody who may write to the database or the vault.

What the coordinator signed, the wraps, the ciphertext and the share: each change is detected and
named, nothing of a payload is shown, and a refused attempt to open is in the audit log.
"""

from __future__ import annotations

import secrets
from uuid import UUID

import pytest

from assigncli.cli.session.in_process import Session
from assigncli.client import dispatch
from assigncli.client.case import Case
from assigncli.crypto.envelope import wrap
from assigncli.crypto.identity import Identity
from assigncli.protocol.context import Context
from assigncli.protocol.sealed_keys import Wrap
from tests import slots
from tests.acting import identity_of
from tests.attacker import (
    alter,
    caught,
    caught_opening,
    certificate_id,
    column,
    enrol,
    guards_down,
    hex_id,
    opening,
    refusals,
    share_of,
    write,
)
from tests.office import ACCEPT, Office
from tests.quick import one_of_each, only

LATER = "2027-06-01T00:00:00.000000Z"
SOONER = "2026-11-21T12:00:00.000000Z"
SIGNED = {
    "title": "Another visit",
    "expires_at": LATER,
    "priority": "urgent",
    "coordinator_notes": "Come at night.",
    "consent_required": 0,
    "contact_deadline_days": 99,
    "subject_reference": "X-1",
    "internal_notes": "Mine.",
    "title_salt": bytes(16),
    "internal_notes_salt": b"",
}
"""What an attacker would like to have said, by column."""
TEXTS = ("title", "subject_reference", "coordinator_notes", "internal_notes")
FULL = "--consent-required --reference R-1 --coordinator-notes 'Ring twice.' --expires 2026-12-10"


def code_of(name: str) -> str:
    """Return by which code an altered column is found: a text has one of its own."""
    return "text_altered" if name.removesuffix("_salt") in TEXTS else "manifest_invalid"


def context_of(office: Office, number: int) -> Context:
    """Return what the envelope of an assignment is bound to, which is no secret."""
    names = (
        *("organization_id", "id", "encryption_key_id"),
        *("recipient_user_id", "dispatched_by_user_id"),
    )
    return Context(*(UUID(str(column(office, number, name))) for name in names))


def put_share(office: Office, number: int, share: bytes) -> None:
    """Put another share in the place of an assignment's."""
    key = UUID(str(column(office, number, "encryption_key_id"))).bytes
    slots.replace(office.vault, key, share)


def flipped(office: Office, number: int, name: str) -> bytes:
    """Return a column's bytes with one bit of the last byte flipped."""
    stored = column(office, number, name)
    assert isinstance(stored, bytes)
    return stored[:-1] + bytes([stored[-1] ^ 1])


# What the coordinator signed


SHOWN_TO_MENTORS = [name for name in SIGNED if not name.startswith("internal")]


@pytest.mark.slow
@pytest.mark.parametrize("name", only(*SHOWN_TO_MENTORS[::2], of=SHOWN_TO_MENTORS))
def test_a_field_altered_after_dispatch(office: Office, name: str) -> None:
    number = office.dispatch(FULL)
    alter(office, number, **{name: SIGNED[name]})
    listed = office.ok("inbox --json", profile="kari").json
    assert listed == {
        "assignments": [],
        "unverified": [{"number": number, "code": code_of(name)}],
        "total": 0,
        "urgent": 0,
        "after": None,
        "next": None,
    }
    caught_opening(office, number, code_of(name))
    caught(office, f"consent {number} {ACCEPT}", code_of(name), profile="kari")
    caught(office, f"ack {number}", code_of(name), profile="kari")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["internal_notes", "internal_notes_salt"])
def test_what_a_mentor_is_not_shown_is_found_by_who_verifies(office: Office, name: str) -> None:
    number = office.dispatch(FULL)
    alter(office, number, **{name: SIGNED[name]})
    office.ok(f"consent {number} {ACCEPT}", profile="kari")
    office.read(number)
    assert office.run("audit verify").code == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", only(*list(SIGNED)[1::2], of=SIGNED))
def test_a_field_altered_before_dispatch(office: Office, name: str) -> None:
    number = office.create(FULL)
    alter(office, number, **{name: SIGNED[name]})
    caught(office, f"dispatch {number}", code_of(name))
    caught(office, f"edit {number} --priority normal", code_of(name), recorded=True)
    assert column(office, number, "status") == "pending"


def test_a_draft_altered_and_then_edited_with_a_new_payload(office: Office) -> None:
    number = office.create(FULL)
    alter(office, number, recipient_user_id=hex_id(office, "ola"), consent_required=0)
    caught(office, f"edit {number} --payload {office.person()}", "manifest_invalid")


def test_a_draft_altered_between_the_check_and_the_dispatch(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, unwrap = office.create(FULL), dispatch.secret_half

    def unwrap_then_attack(session: Session, case: Case) -> bytes:
        secret = unwrap(session, case)
        write(office, "UPDATE assignments SET consent_required = 0")
        return secret

    monkeypatch.setattr(dispatch, "secret_half", unwrap_then_attack)
    caught(office, f"dispatch {number}", "manifest_invalid")


def test_the_number_altered(office: Office) -> None:
    number = office.dispatch()
    alter(office, number, number=77)
    caught_opening(office, 77, "manifest_invalid")


def test_the_ciphertext_altered(office: Office) -> None:
    number = office.dispatch()
    alter(office, number, encrypted_payload=flipped(office, number, "encrypted_payload"))
    caught_opening(office, number, "manifest_invalid")


def test_the_ciphertext_of_another_assignment(office: Office) -> None:
    number, other = office.dispatch(), office.dispatch()
    alter(office, number, encrypted_payload=column(office, other, "encrypted_payload"))
    caught_opening(office, number, "manifest_invalid")


def test_a_draft_s_ciphertext_swapped_before_dispatch(office: Office) -> None:
    number, other = office.create(), office.create()
    alter(office, number, encrypted_payload=column(office, other, "encrypted_payload"))
    caught(office, f"dispatch {number}", "manifest_invalid")


@pytest.mark.slow
def test_the_key_and_its_commitment_altered(office: Office) -> None:
    number, other = office.dispatch(), office.dispatch()
    write(office, "UPDATE encryption_keys SET share_commitment = zeroblob(32)")
    caught_opening(office, number, "share_mismatch")
    alter(office, number, encryption_key_id=column(office, other, "encryption_key_id"))
    caught_opening(office, number, "manifest_invalid")
    write(office, "DELETE FROM encryption_keys")
    caught_opening(office, number, "manifest_invalid")


@pytest.mark.slow
def test_the_recipient_or_the_dispatcher_altered(office: Office) -> None:
    enrol(office, "bob", "coordinator")
    number = office.dispatch()
    alter(office, number, recipient_user_id=hex_id(office, "ola"))
    office.refused(opening(number), "manifest_invalid", 1, profile="ola")
    assert refusals(office) == ["not_your_assignment"]  # of who signed nothing, says the server
    alter(office, number, recipient_user_id=hex_id(office, "kari"))
    alter(office, number, dispatched_by_user_id=hex_id(office, "bob"))
    caught_opening(office, number, "manifest_invalid")
    alter(office, number, dispatcher_certificate_id=certificate_id(office, "bob"))
    caught_opening(office, number, "manifest_invalid")


def test_an_expiry_moved_up_ends_nothing(office: Office) -> None:
    number = office.dispatch()
    signed = column(office, number, "expires_at")
    alter(office, number, expires_at=SOONER)
    office.later(hours=2)
    caught_opening(office, number, "manifest_invalid")
    caught(office, f"ack {number}", "manifest_invalid", profile="kari")
    alter(office, number, expires_at=signed)
    office.read(number)


# Wraps and shares


def test_a_wrap_moved_to_another_assignment(office: Office) -> None:
    number, other = office.dispatch(), office.dispatch()
    ids = [column(office, each, "id") for each in (number, other)]
    with guards_down(office) as db:
        db.execute("DELETE FROM key_wraps WHERE assignment_id = ?", (ids[0],))
        db.execute("UPDATE key_wraps SET assignment_id = ? WHERE assignment_id = ?", ids)
    caught_opening(office, number, "wrap_altered")


@pytest.mark.parametrize(
    "statement",
    one_of_each(
        [
            "UPDATE key_wraps SET wrap = zeroblob(80)",
            "UPDATE key_wraps SET wrap = x'00'",
            "UPDATE key_wraps SET signature = zeroblob(64)",
            "DELETE FROM key_wraps",
        ],
        kind=lambda case: case.split()[0],
    ),
)
def test_a_wrap_altered(office: Office, statement: str) -> None:
    number = office.dispatch()
    write(office, statement)
    caught_opening(office, number, "wrap_altered")


@pytest.mark.parametrize("signer", [None, "ola"])
def test_a_wrap_made_with_the_reader_s_public_key(office: Office, signer: str | None) -> None:
    number = office.dispatch()
    context, kari = context_of(office, number), UUID(certificate_id(office, "kari"))
    maker = UUID(certificate_id(office, signer or "anne"))
    reader = identity_of(office, "kari").public
    wrapped = wrap(secrets.token_bytes(32), context.wrap_info(kari), reader.encryption_key)
    keys = identity_of(office, signer) if signer else Identity.generate()
    signature = Wrap(kari, maker, wrapped, b"").signed(context, keys).signature
    write(
        office,
        "UPDATE key_wraps SET wrap = ?, signature = ?, maker_certificate_id = ?"
        " WHERE certificate_id = ?",
        *(wrapped, signature, maker.hex, kari.hex),
    )
    caught_opening(office, number, "wrap_altered")


def test_the_share_of_another_assignment(office: Office) -> None:
    number, other = office.dispatch(), office.dispatch()
    put_share(office, number, share_of(office, other))
    caught_opening(office, number, "share_mismatch")
    draft = office.create()
    put_share(office, draft, share_of(office, other))
    caught(office, f"dispatch {draft}", "share_mismatch")
    caught(office, f"edit {draft} --title New", "share_mismatch", recorded=True)
