"""What is said of a step that the lifecycle does not have: every act and status, both languages."""

from __future__ import annotations

import re
from itertools import product

import pytest

from assigncli.domain.lifecycle import TERMINAL, Status, may_move
from assigncli.domain.moves import require_move
from assigncli.errors import RuleRefused
from assigncli.locale import speaking
from assigncli.words.errors import said
from tests.quick import each

NUMBER = 412
REFUSED = [pair for pair in product(Status, Status) if not may_move(*pair)]
AFTER_READING = (Status.READ, Status.ACKNOWLEDGED, Status.CONTACT_MADE)

ACTS = {
    "nb": {
        Status.PENDING: "bli et utkast igjen",
        Status.DISPATCHED: "sendes",
        Status.DELIVERED: "leveres",
        Status.READ: "leses",
        Status.ACKNOWLEDGED: "bekreftes",
        Status.CONTACT_MADE: "kontakt kan ikke registreres",
        Status.COMPLETED: "fullføres",
        Status.RECALLED: "trekkes tilbake",
        Status.CANCELLED: "avlyses",
        Status.EXPIRED: "utløpe",
    },
    "en": {
        Status.PENDING: "be a draft again",
        Status.DISPATCHED: "be sent",
        Status.DELIVERED: "be delivered",
        Status.READ: "be read",
        Status.ACKNOWLEDGED: "be confirmed",
        Status.CONTACT_MADE: "contact cannot be recorded",
        Status.COMPLETED: "be completed",
        Status.RECALLED: "be recalled",
        Status.CANCELLED: "be cancelled",
        Status.EXPIRED: "expire",
    },
}
STATES = {
    "nb": {
        Status.PENDING: "er ikke sendt ennå",
        Status.DISPATCHED: "er ikke åpnet ennå",
        Status.DELIVERED: "er ikke åpnet ennå",
        Status.READ: "er ikke bekreftet ennå",
        Status.ACKNOWLEDGED: "Ingen kontakt er registrert",
        Status.CONTACT_MADE: "Kontakt er registrert",
        Status.COMPLETED: "er fullført",
        Status.RECALLED: "er trukket tilbake",
        Status.CANCELLED: "er avlyst",
        Status.EXPIRED: "er utløpt",
    },
    "en": {
        Status.PENDING: "is not sent yet",
        Status.DISPATCHED: "is not opened yet",
        Status.DELIVERED: "is not opened yet",
        Status.READ: "is not confirmed yet",
        Status.ACKNOWLEDGED: "No contact is recorded",
        Status.CONTACT_MADE: "Contact is recorded",
        Status.COMPLETED: "is completed",
        Status.RECALLED: "is recalled",
        Status.CANCELLED: "is cancelled",
        Status.EXPIRED: "has expired",
    },
}
ALREADY = {"nb": "allerede", "en": "already"}


def refusal(current: Status, target: Status) -> RuleRefused:
    with pytest.raises(RuleRefused) as caught:
        require_move(current, target, NUMBER)
    return caught.value


def sentences(current: Status, target: Status, spoken: str) -> tuple[str, str]:
    with speaking(spoken):
        return said(refusal(current, target))


Refused = tuple[Status, Status, str]
EVERY = [(*pair, spoken) for pair in REFUSED for spoken in ("nb", "en")]


def named(case: tuple[object, ...]) -> str:
    return " to ".join(map(str, case[:2])) + f" {case[2:]}"


def test_a_step_that_is_there_is_not_refused() -> None:
    allowed = [pair for pair in product(Status, Status) if may_move(*pair)]
    each(allowed, lambda pair: require_move(pair[0], pair[1], NUMBER), name=named)


def test_valid_status_transition() -> None:
    each(EVERY, require_refusal, name=named)


def require_refusal(case: Refused) -> None:
    current, target, spoken = case
    refused = refusal(current, target)
    message, hint = sentences(current, target, spoken)
    too_late = target is Status.RECALLED and current in AFTER_READING
    assert refused.code == ("recall_only_before_read" if too_late else "valid_status_transition")
    assert refused.exit_code == 6
    for sentence in (message, hint):
        assert re.fullmatch(r"[A-ZÅ].*\.", sentence)
        assert len(sentence) <= 140
        assert "{" not in sentence
    assert re.search(rf"\b{NUMBER}\b", message)
    assert re.search(rf"assign [a-z]+ {NUMBER}\b", hint), hint


def test_the_sentence_says_the_act_and_why_not() -> None:
    each(EVERY, require_act_and_state, name=named)


def require_act_and_state(case: Refused) -> None:
    current, target, spoken = case
    message, _hint = sentences(current, target, spoken)
    if ALREADY[spoken] in message:
        assert current is target or current not in TERMINAL
        return
    assert ACTS[spoken][target] in message
    if target is not Status.RECALLED or current in TERMINAL:
        assert STATES[spoken][current] in message


@pytest.mark.parametrize("spoken", ["nb", "en"])
def test_each_act_on_each_ended_assignment_has_a_sentence_of_its_own(spoken: str) -> None:
    pairs = [pair for pair in REFUSED if pair[0] in TERMINAL]
    assert len({sentences(*pair, spoken)[0] for pair in pairs}) == len(pairs)


@pytest.mark.parametrize(
    ("current", "target", "message", "hint"),
    [
        (
            *(Status.COMPLETED, Status.RECALLED),
            "Oppdrag 412 er fullført, så det kan ikke trekkes tilbake.",
            "Oppdraget er avsluttet. Kjør assign show 412 for å se mer.",
        ),
        (
            *(Status.COMPLETED, Status.CANCELLED),
            "Oppdrag 412 er fullført, så det kan ikke avlyses.",
            "Oppdraget er avsluttet. Kjør assign show 412 for å se mer.",
        ),
        (
            *(Status.ACKNOWLEDGED, Status.ACKNOWLEDGED),
            "Oppdrag 412 er allerede bekreftet.",
            "Neste steg er assign contact 412.",
        ),
        (
            *(Status.CONTACT_MADE, Status.ACKNOWLEDGED),
            "Oppdrag 412 er allerede bekreftet.",
            "Neste steg er assign complete 412.",
        ),
        (
            *(Status.READ, Status.CONTACT_MADE),
            "Oppdrag 412 er ikke bekreftet ennå, så kontakt kan ikke registreres.",
            "Neste steg er assign ack 412.",
        ),
        (
            *(Status.READ, Status.RECALLED),
            "Likepersonen har lest oppdrag 412, så det kan ikke trekkes tilbake.",
            "Avlys det med assign cancel 412, og regn med at opplysningene er kjent for "
            "likepersonen.",
        ),
        (
            *(Status.DELIVERED, Status.DISPATCHED),
            "Oppdrag 412 er allerede sendt.",
            "Kjør assign show 412 for å se hvor langt det er kommet.",
        ),
    ],
)
def test_what_is_said(current: Status, target: Status, message: str, hint: str) -> None:
    assert sentences(current, target, "nb") == (message, hint)
