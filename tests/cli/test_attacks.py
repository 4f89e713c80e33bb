"""Attacks on who is who, by somebody who may write to the database: each is detected and named.

Keys, certificates, roles and names. The attacker's means are in `tests.attacker`; in every attack
nothing of a payload is shown. Attacks on assignments and their envelopes are in files of their own.
"""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import closing
from uuid import UUID

import pytest

from assigncli.client import organization_keys
from assigncli.crypto.identity import Identity, RootKey
from assigncli.crypto.organization_key import new_organization_key
from assigncli.domain.actions import Action
from assigncli.server import certification, organization_key_wraps
from assigncli.server.store import members
from tests.acting import identity_of, own_certificate
from tests.attacker import (
    alter_member,
    caught,
    certificate_id,
    certify_as,
    column,
    enrol,
    forge_assignment,
    forge_certificate,
    hex_id,
    insert,
    opening,
    own_client,
    remove_entries,
    value,
    write,
)
from tests.office import Office

SENDING = "create --to kari --title Visit --payload {payload}"


def sending(office: Office) -> str:
    """Return the line that would seal a brief to kari."""
    return SENDING.format(payload=office.person())


# Keys and certificates


def test_a_public_key_swapped_in_the_database(office: Office) -> None:
    thief = Identity.generate().public
    draft = office.create()
    alter_member(office, "kari", encryption_key=thief.encryption_key)
    caught(office, sending(office), "certificate_invalid")
    caught(office, f"dispatch {draft}", "certificate_invalid")
    assert column(office, draft, "status") == "pending"


def test_a_public_key_swapped_in_the_certificate_too(office: Office) -> None:
    thief = Identity.generate().public
    old = value(office, "SELECT encryption_key FROM members WHERE handle = 'kari'")
    kari = certificate_id(office, "kari")
    body = value(office, "SELECT body FROM certificates WHERE id = ?", kari)
    assert isinstance(old, bytes)
    assert isinstance(body, bytes)
    alter_member(office, "kari", encryption_key=thief.encryption_key)
    swapped = body.replace(old.hex().encode(), thief.encryption_key.hex().encode())
    assert swapped != body
    statement = "UPDATE certificates SET body = ? WHERE id = ?"
    write(office, statement, swapped, kari)
    caught(office, sending(office), "certificate_invalid")


def test_a_certificate_signed_by_its_own_root(office: Office) -> None:
    forge_certificate(office, "kari", RootKey.generate(), None)
    caught(office, sending(office), "certificate_invalid")


def test_a_certificate_signed_by_a_mentor(office: Office) -> None:
    issuer = UUID(certificate_id(office, "ola"))
    forge_certificate(office, "kari", identity_of(office, "ola"), issuer)
    caught(office, sending(office), "certificate_invalid")


def test_a_certificate_that_a_mentor_issued_with_everything_that_goes_with_it(
    office: Office,
) -> None:
    certify_as(office, "ola", "kari", Identity.generate().public)
    caught(office, sending(office), "certificate_invalid")


@pytest.mark.parametrize("claims_ours", [True, False])
def test_a_certificate_of_another_organisation_s_root(office: Office, claims_ours: bool) -> None:
    other = RootKey.generate()
    office.ok("init --organization Other --handle berit --name Berit --keys keyring", profile=None)
    ours = UUID(str(value(office, "SELECT organization_id FROM members WHERE handle = 'kari'")))
    theirs = UUID(str(value(office, "SELECT id FROM organizations WHERE name = 'Other'")))
    organization_id = ours if claims_ours else theirs
    forge_certificate(office, "kari", other, None, organization_id=organization_id)
    caught(office, sending(office), "certificate_invalid")


def test_a_certificate_by_another_organisation_s_administrator(office: Office) -> None:
    office.ok("init --organization Other --handle berit --name Berit --keys keyring", profile=None)
    issuer = UUID(certificate_id(office, "berit"))
    forge_certificate(office, "kari", identity_of(office, "berit"), issuer)
    caught(office, sending(office), "certificate_invalid")


def test_a_root_key_swapped_in_the_database_is_not_obeyed(office: Office) -> None:
    number, root = office.dispatch(), RootKey.generate()
    write(office, "UPDATE organizations SET root_public_key = ?", root.public)
    office.read(number)
    forge_certificate(office, "kari", root, None)
    caught(office, sending(office), "certificate_invalid")


def test_a_certificate_by_a_coordinator_who_has_left(office: Office) -> None:
    enrol(office, "bob", "coordinator")
    office.ok("member revoke --yes bob")
    thief = Identity.generate().public
    certify_as(office, "bob", "kari", thief)
    caught(office, sending(office), "certificate_invalid")


def test_a_certificate_that_no_entry_speaks_of(office: Office) -> None:
    enrol(office, "bob", "coordinator")
    certify_as(office, "bob", "kari", Identity.generate().public, log=False)
    caught(office, sending(office), "certificate_invalid")


def test_two_certificates_that_vouch_for_one_another(office: Office) -> None:
    for handle in ("bob", "eva"):
        enrol(office, handle, "org_admin")
    remove_entries(office, "sequence > 3 AND action = 'member.approved'")
    certify_as(office, "bob", "eva", identity_of(office, "eva").public)
    certify_as(office, "eva", "bob", identity_of(office, "bob").public)
    remove_entries(office, "sequence < 10 AND sequence > 3")
    for line in ("member revoke --yes per", "audit log", "recall --yes 1"):
        caught(office, line, "certificate_invalid", profile="eva")


def test_an_accomplice_of_an_administrator_who_has_left(office: Office) -> None:
    enrol(office, "bob", "org_admin")
    office.ok("member revoke --yes bob")
    enrol(office, "eva", "coordinator")
    certify_as(office, "bob", "eva", identity_of(office, "eva").public)
    number = forge_assignment(office, "eva")
    caught(office, opening(number), "certificate_invalid", profile="kari", recorded=True)


@pytest.mark.slow
@pytest.mark.parametrize("gone", ["older", "newer"])
def test_one_of_two_certificates_taken_away(office: Office, gone: str) -> None:
    older = certificate_id(office, "kari")
    certify_as(office, "anne", "kari", identity_of(office, "kari").public)
    office.read(office.dispatch())
    taken = older if gone == "older" else certificate_id(office, "kari")
    write(office, "DELETE FROM certificates WHERE id = ?", taken)
    caught(office, sending(office), "certificate_invalid")


def test_an_earlier_last_day_of_a_certification_brought_back(office: Office) -> None:
    office.ok("member certify kari --certified-until 2026-12-01")
    write(office, "UPDATE peer_mentor_profiles SET certified_until = NULL")
    caught(office, sending(office), "certificate_invalid")


@pytest.mark.slow
@pytest.mark.parametrize("by", ["ola", "eva"])
def test_a_certification_extended_by_who_may_not(office: Office, by: str) -> None:
    enrol(office, "eva", "coordinator")
    enrol(office, "both", "coordinator", "peer_mentor")
    office.ok("member certify both --certified-until 2026-12-01")
    both = UUID(hex_id(office, "both"))
    insert(office, by, Action.MEMBER_CERTIFIED, both, {"until": "2030-01-01"})
    write(office, "UPDATE peer_mentor_profiles SET certified_until = '2030-01-01'")
    line = sending(office).replace("--to kari", "--to both")
    caught(office, line, "entry_invalid")


def test_names_and_handles_of_two_mentors_swapped(office: Office) -> None:
    alter_member(office, "kari", handle="x", display_name="Ola Dunk")
    alter_member(office, "ola", handle="kari", display_name="Kari Nordmann")
    alter_member(office, "x", handle="ola")
    caught(office, sending(office), "text_altered")


def test_only_the_names_of_two_mentors_swapped(office: Office) -> None:
    alter_member(office, "kari", display_name="Ola Dunk")
    caught(office, sending(office), "text_altered")


def test_a_mentor_made_coordinator_in_the_database(office: Office) -> None:
    number = office.create()
    statement = "INSERT INTO member_roles (member_id, role) VALUES (?, 'coordinator')"
    write(office, statement, hex_id(office, "ola"))
    lines = (
        sending(office),
        f"dispatch {number}",
        f"edit {number} --title New",
        f"recall --yes {number}",
        f"cancel --yes {number} --reason Moved",
        "member invite tor --name Tor",
        "member revoke --yes per",
        "audit log",
    )
    for line in lines:
        if line.startswith("create"):  # the server goes by the certificate, and shows him nothing
            caught(office, line, "only_coordinator_can_dispatch", 6, profile="ola")
        else:
            caught(office, line, "certificate_invalid", profile="ola")


def test_a_certification_extended_in_the_database(office: Office) -> None:
    office.ok("member certify kari --certified-until 2026-12-01")
    office.later(days=20)
    caught(office, sending(office), "recipient_is_active_peer_mentor", 6)
    write(office, "UPDATE peer_mentor_profiles SET certified_until = '2030-01-01'")
    caught(office, sending(office), "certificate_invalid")


def test_a_revoked_member(office: Office) -> None:
    number = office.dispatch()
    office.ok("member revoke --yes kari")
    for line in (opening(number), f"ack {number}"):
        caught(office, line, "membership_revoked", 4, profile="kari")
    caught(office, sending(office), "recipient_must_belong_to_same_organization", 6)


def test_a_revocation_undone_in_the_database(office: Office) -> None:
    number = office.dispatch()
    office.ok("member revoke --yes kari")
    write(
        office,
        "UPDATE certificates SET revoked_at = NULL",
    )
    alter_member(office, "kari", status="active")
    caught(office, opening(number), "certificate_invalid", profile="kari")
    caught(office, sending(office), "recipient_must_belong_to_same_organization", 6)


@pytest.mark.slow
@pytest.mark.parametrize("by_certificate", [True, False])
def test_a_revocation_forged_in_the_database(office: Office, by_certificate: bool) -> None:
    number = office.dispatch()
    if by_certificate:
        statement = (
            "UPDATE certificates SET revoked_at = '2026-11-21T11:00:00.000000Z' WHERE id = ?"
        )
        write(office, statement, certificate_id(office, "kari"))
        caught(office, opening(number), "certificate_invalid", profile="kari")
        return
    alter_member(office, "kari", status="revoked")  # not obeyed: no statement of anybody's says so
    caught(office, sending(office), "member_status_differs")
    assert office.run("audit verify").error_code == "member_status_differs"
    office.read(number)


INVITING = "member invite bob --name Bob --here --keys keyring --role coordinator"


@pytest.mark.parametrize("use", ["addresses", "imports"])
def test_an_organisation_key_replaced(office: Office, use: str) -> None:
    statement = "UPDATE organization_key_wraps SET wrap = ? WHERE certificate_id = ? AND use = ?"
    write(office, statement, secrets.token_bytes(80), certificate_id(office, "anne"), use)
    caught(office, INVITING, "organization_key_altered")


@pytest.mark.parametrize("use", ["addresses", "imports"])
def test_an_organisation_key_replaced_by_one_that_a_mentor_made(office: Office, use: str) -> None:
    query = "SELECT key_id FROM organization_key_wraps WHERE use = ?"
    key_id = UUID(str(value(office, query, use)))
    with own_client(office, "ola") as session, session.turn.write() as tx:
        anne = members.by_handle(tx, session.client.organization_id, "anne")
        assert anne is not None
        reader = certification.certificate_of(session.turn, tx, anne)
        assert reader is not None
        mentor, key = own_certificate(session, tx), new_organization_key()
        wrap = organization_keys.seal(session.client.identity, key, key_id, use, mentor, reader)
        organization_key_wraps.store(session.turn, tx, wrap)
    caught(office, INVITING, "organization_key_altered")


def test_the_two_organisation_keys_exchanged(office: Office) -> None:
    statement = (
        "UPDATE organization_key_wraps"
        " SET use = CASE use WHEN 'imports' THEN 'addresses' ELSE 'imports' END"
        " WHERE certificate_id = ?"
    )
    write(office, statement, certificate_id(office, "anne"))
    caught(office, INVITING, "organization_key_altered")


def test_another_device_s_wrap_of_an_organisation_key(office: Office) -> None:
    theirs = "FROM organization_key_wraps WHERE certificate_id = ? AND use = 'addresses'"
    enrol(office, "bob", "coordinator")
    write(
        office,
        f"UPDATE organization_key_wraps SET (wrap, signature) = (SELECT wrap, signature {theirs})"
        " WHERE certificate_id = ? AND use = 'addresses'",
        *(certificate_id(office, handle) for handle in ("bob", "anne")),
    )
    address = office.folder / "address"
    address.write_text("json://127.0.0.1:9")
    caught(office, f"member notify kari --channel {address}", "organization_key_altered")


def test_who_has_which_organisation_key(office: Office) -> None:
    enrol(office, "bob", "coordinator")
    enrol(office, "eva", "org_admin")
    with closing(sqlite3.connect(office.store)) as db:
        query = (
            "SELECT handle, use FROM organization_key_wraps JOIN certificates"
            " ON certificates.id = certificate_id JOIN members ON members.id = member_id"
        )
        held = sorted(db.execute(query))
    both = [(handle, use) for handle in ("anne", "bob", "eva") for use in ("addresses", "imports")]
    assert held == [*both, ("service", "addresses")]


@pytest.mark.slow
def test_renewals_never_grow_a_chain_that_nobody_verifies(office: Office) -> None:
    enrol(office, "bob", "org_admin")
    mentor = certificate_id(office, "kari")
    for year in range(2027, 2031):
        for actor in ("anne", "bob"):
            office.ok(f"member certify kari --certified-until {year}-12-31", profile=actor)
    assert certificate_id(office, "kari") == mentor
    enrol(office, "eva", "coordinator", by="bob")
    enrol(office, "tor", "peer_mentor", by="eva")
    for handle in ("kari", "tor"):
        office.read(office.dispatch(to=handle), profile=handle)
    assert "whole" in office.ok("audit verify").stdout


def test_a_chain_that_would_be_too_long_is_refused_before_it_is_kept(office: Office) -> None:
    by = "anne"
    for handle in ("a1", "a2", "a3"):
        enrol(office, handle, "org_admin", by=by)
        by = handle
    # which notes how much of the log there is, and who the service is
    office.refused("member certify nobody", "member_not_found", 3, profile=by)
    before = office.snapshot()
    line = "member invite a4 --name Last --here --keys keyring --role org_admin"
    caught(office, line, "certificate_chain_too_long", 4, profile=by)
    assert office.snapshot() == before
    assert "whole" in office.ok("audit verify").stdout
