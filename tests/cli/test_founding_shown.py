"""What a real store holds of its founding verifies as evidence, for who has the root key alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assigncli.errors import Tampered
from assigncli.profiles import load_profile
from assigncli.protocol.evidence import Evidence
from assigncli.trust.verification import Verified, verify_evidence
from tests.office import Office
from tests.showing import shown

INIT = "init --organization Testforeningen --handle anne --name 'Anne Berg' --keys keyring"


@pytest.fixture
def new(tmp_path: Path) -> Office:
    """An office in which nothing has happened but its founding."""
    office = Office(tmp_path / "new")
    office.folder.mkdir(mode=0o700)
    office.ok(INIT, profile=None)
    return office


def verified(office: Office, evidence: bytes | None = None) -> Verified:
    body, question = shown(office)
    root = load_profile("anne", office.env).root_public_key
    reader = load_profile("anne", office.env).member_id
    return verify_evidence(evidence or body, question, root_key=root, reader=reader)


def test_a_freshly_founded_office_verifies_as_evidence(new: Office) -> None:
    found = verified(new)
    assert [entry.act for entry in found.entries] == ["organization.founded", "cycle.opened"]
    (told,) = found.statements.values()
    assert {name: text.text for name, text in told.texts.items()} == {
        "name": "Testforeningen",
        "handle": "anne",
        "display_name": "Anne Berg",
        "device": told.texts["device"].text,
    }
    roles = {frozenset(each.certificate.roles) for each in found.people}
    assert roles == {frozenset({"org_admin", "coordinator"}), frozenset({"service"})}


def test_an_office_to_which_members_were_invited_verifies_as_evidence(office: Office) -> None:
    found = verified(office)
    enrolled = ["member.invited", "device.joined", "member.approved"] * 3
    assert [entry.act for entry in found.entries][2:] == enrolled
    assert len(found.statements) == 10
    for person in found.people:
        assert found.standing.counts(person.certificate.id, len(found.entries) + 1)


def test_the_founder_and_the_service_count_from_the_founding_on(new: Office) -> None:
    found = verified(new)
    for person in found.people:
        assert found.standing.counts(person.certificate.id, 1)


def test_a_founding_without_its_statement_is_shown_to_nobody(new: Office) -> None:
    body, _question = shown(new)
    less = replace(Evidence.decode(body), statements=()).encode()
    with pytest.raises(Tampered) as refused:
        verified(new, less)
    assert refused.value.code == "statement_invalid"
