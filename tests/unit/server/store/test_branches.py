"""What is switched off in a trigger: small conditions of each kind that `schema.sql` has."""

from __future__ import annotations

import pytest

from tests.quick import all_in_one

from .branches import switches


def parts(condition: str) -> list[str]:
    return [what for _start, _end, _instead, what in switches(condition)]


@all_in_one(
    ("condition", "expected"),
    [
        ("NEW.a = 1 AND NEW.b = 2", []),
        ("NEW.a = 1 OR NEW.b = 2", ["NEW.a = 1", "NEW.b = 2"]),
        ("NOT (NEW.a = 1 AND NEW.b = 2)", ["NEW.a = 1", "NEW.b = 2"]),
        ("NOT (NEW.a = 1 OR NEW.b = 2)", []),
        ("NOT EXISTS (SELECT 1 FROM t WHERE a = NEW.a)", ["a = NEW.a"]),
        ("NOT EXISTS (SELECT 1 FROM t WHERE a = NEW.a AND b = 2)", ["a = NEW.a", "b = 2"]),
        ("EXISTS (SELECT 1 FROM t WHERE a = NEW.a AND b = 2)", []),
        ("EXISTS (SELECT 1 FROM t WHERE a = 1 AND (b = 2 OR c = 3))", ["b = 2", "c = 3"]),
        (
            "NOT EXISTS (SELECT 1 FROM t JOIN u ON u.a = t.a WHERE t.b = 1)",
            ["u.a = t.a", "t.b = 1"],
        ),
        ("NEW.a IN ('x', 'y')", ["'x' in ('x', 'y')", "'y' in ('x', 'y')"]),
        ("NEW.a NOT IN ('x', 'y')", []),
        ("NEW.a NOT IN (SELECT id FROM t WHERE b = 1)", ["b = 1"]),
        ("NEW.a IS NOT 1 + (SELECT sum(n) FROM t WHERE b = 1 AND c = 2)", ["b = 1", "c = 2"]),
        ("NOT (NEW.a BETWEEN 1 AND NEW.b)", ["1", "NEW.b"]),
        ("NEW.a IS NOT CASE NEW.b WHEN 'x' THEN 1 ELSE 2 END", ["NEW.a 'x' 1", "NEW.a else 2"]),
        ("coalesce(CASE NEW.b WHEN 'x' THEN NEW.c END > 1, 0)", ["NEW.c"]),
        (
            "NOT CASE NEW.b WHEN 'x' THEN a = 1 ELSE b = 2 AND c = 3 END",
            ["a = 1", "b = 2 AND c = 3", "b = 2", "c = 3"],
        ),
    ],
)
def test_each_part_that_would_be_missed(condition: str, expected: list[str]) -> None:
    assert parts(condition) == expected


def test_what_is_not_known_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="unknown SQL"):
        parts("NEW.a ~ 1")
