"""Long lists of cases: which are quick ones, and how a thousand tiny ones are one test.

`.ci/run` runs all cases, the default suite those that are not marked slow.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

import pytest
from _pytest.mark import ParameterSet


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


def a_few(count: int, *, of: Iterable[Any]) -> list[Any]:
    """Give all cases to a parametrisation: `count` of them, evenly spread, as they are, and all
    others as slow. Those that are slow already are not counted.
    """
    cases = list(of)
    quick = [place for place, case in enumerate(cases) if not _is_slow(case)]
    last = len(quick) - 1
    kept = {quick[round(step * last / max(count - 1, 1))] for step in range(count)}
    return [
        case if place in kept or _is_slow(case) else _slow(case) for place, case in enumerate(cases)
    ]


def _is_slow(case: Any) -> bool:
    return isinstance(case, ParameterSet) and any(mark.name == "slow" for mark in case.marks)


def _slow(case: Any) -> Any:
    if isinstance(case, ParameterSet):
        return pytest.param(*case.values, id=case.id, marks=[*case.marks, pytest.mark.slow])
    values = case if isinstance(case, (tuple, list)) else (case,)
    return pytest.param(*values, marks=pytest.mark.slow)


def each(
    cases: Iterable[Any], check: Callable[[Any], object], name: Callable[[Any], object]
) -> None:
    """Hold that every case passes its check; name each that does not, and why.

    For cases that take less time than it takes to report on a test of their own.
    """
    failed: list[str] = []
    for case in cases:
        try:
            check(case)
        except (Exception, pytest.fail.Exception) as error:
            failed.append(f"{name(case)}: {error!r}")
    assert not failed, "\n".join(["", *failed])


def all_in_one(
    names: str | tuple[str, ...],
    cases: Iterable[Any],
    *,
    ids: Iterable[object] | Callable[[Any], object] = repr,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """As `pytest.mark.parametrize`, but all cases are one test: for cases as `each` takes them."""
    words = tuple(names.split(",")) if isinstance(names, str) else names
    given = list(cases)
    called = list(map(ids, given)) if callable(ids) else list(ids)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(test)

        @wraps(test)
        def whole(**fixtures: Any) -> None:
            def check(at: int) -> None:
                values = given[at] if len(words) > 1 else (given[at],)
                test(**fixtures, **dict(zip(words, values, strict=True)))

            each(range(len(given)), check, lambda at: called[at])

        rest = [each for name, each in signature.parameters.items() if name not in words]
        vars(whole)["__signature__"] = signature.replace(parameters=rest)
        return whole

    return decorate
