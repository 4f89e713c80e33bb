"""Runs rule `title_no_pii` over the lists of titles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from assigncli.domain.personal_data import own_kinds_in
from assigncli.domain.shapes import kinds_in
from tests.titles.harmless import HARMLESS, HARMLESS_WITH
from tests.titles.own import OWN, PAYLOADS
from tests.titles.shapes import HELD

TODAY = date(2026, 11, 25)


def measured() -> Iterator[tuple[str, int, list[str]]]:
    """Give each kind, how many texts were tried, and those that were told wrongly.

    A text that holds data must be refused with its own kind; a harmless one with none, whichever
    payload it goes with.
    """
    for kind, texts in HELD.items():
        yield kind, len(texts), [text for text in texts if kind not in kinds_in(text, today=TODAY)]
    for kind, pairs in OWN.items():
        yield (
            f"own {kind}",
            len(pairs),
            [
                text
                for payload, text in pairs
                if kind not in own_kinds_in(text, PAYLOADS[payload], today=TODAY)
            ],
        )
    yield "harmless", len(HARMLESS), [text for text in HARMLESS if kinds_in(text, today=TODAY)]
    own = [(payload, text) for payload, texts in HARMLESS_WITH.items() for text in texts]
    refused = [
        f"{payload}: {text}"
        for payload, text in own
        if kinds_in(text, today=TODAY) or own_kinds_in(text, PAYLOADS[payload], today=TODAY)
    ]
    yield "harmless with a payload", len(own), refused
