"""Which cases of a long list are quick ones: `.ci/run` runs them all, the default suite some."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def one_of_each(cases: Iterable[Any], kind: Callable[[Any], object]) -> list[Any]:
    """Give all cases to a parametrisation: the first of each kind as it is, the others as slow."""
    known: set[object] = set()
    given: list[Any] = []
    for case in cases:
        values = case if isinstance(case, tuple) else (case,)
        known_already = kind(case) in known
        given.append(pytest.param(*values, marks=pytest.mark.slow) if known_already else case)
        known.add(kind(case))
    return given


def only(*quick: object, of: Iterable[Any]) -> list[Any]:
    """Give all cases to a parametrisation: those whose first value is named as it is, and all
    others as slow.
    """
    given: list[Any] = []
    for case in of:
        values = case if isinstance(case, tuple) else (case,)
        given.append(case if values[0] in quick else pytest.param(*values, marks=pytest.mark.slow))
    return given
