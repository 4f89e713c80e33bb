"""A certificate is drawn for what its issuer may give, and so that everybody can verify it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assigncli.client.issuing import draw
from assigncli.crypto.identity import Identity
from assigncli.errors import NotAllowed
from assigncli.trust.people import People
from assigncli.trust.vouching import MAX_STEPS
from tests.unit.client.people import KEYS, NEWCOMER, shown
from tests.unit.trust.world import COORDINATOR, FOUNDER, ORGANIZATION, ROOT, Device, text

TEXTS = {name: text(name) for name in ("handle", "display_name", "device")}
MENTOR_ROLE = frozenset({"peer_mentor"})


@pytest.mark.parametrize("issuer", [FOUNDER, COORDINATOR])
def test_what_is_drawn_is_verified(issuer: Device) -> None:
    person = shown().people.person(issuer.id)
    certificate, signed = draw(person, issuer.identity, NEWCOMER, KEYS, TEXTS, MENTOR_ROLE)
    above = {FOUNDER: [FOUNDER], COORDINATOR: [FOUNDER, COORDINATOR]}[issuer]
    people = People(ORGANIZATION, ROOT.public, [each.signed() for each in above])
    assert people.add(replace(signed, texts=TEXTS)).certificate == certificate
    assert (certificate.member, certificate.keys) == (NEWCOMER, KEYS)


@pytest.mark.parametrize("roles", [{"coordinator"}, {"org_admin", "peer_mentor"}, {"service"}])
def test_a_coordinator_gives_the_role_of_a_mentor_alone(roles: set[str]) -> None:
    person = shown().people.person(COORDINATOR.id)
    with pytest.raises(NotAllowed) as fault:
        draw(person, COORDINATOR.identity, NEWCOMER, KEYS, TEXTS, frozenset(roles))
    assert fault.value.code == "may_not_vouch"


@pytest.mark.parametrize("steps", range(1, MAX_STEPS + 1))
def test_a_chain_that_nobody_could_verify_is_not_begun(steps: int) -> None:
    person = replace(shown().people.person(FOUNDER.id), steps=steps)
    identity: Identity = FOUNDER.identity
    if steps < MAX_STEPS:
        draw(person, identity, NEWCOMER, KEYS, TEXTS, MENTOR_ROLE)
        return
    with pytest.raises(NotAllowed) as fault:
        draw(person, identity, NEWCOMER, KEYS, TEXTS, MENTOR_ROLE)
    assert fault.value.code == "certificate_chain_too_long"
