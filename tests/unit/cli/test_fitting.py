"""What a table does with any columns at any width: what is left out, and that nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from assigncli.cli.output.fitting import GAP, NARROWEST, Measured, fitted, wrapped
from assigncli.cli.output.plain import lines

WORD = st.text(
    st.characters(exclude_categories=("Zs", "Zl", "Zp", "Cc", "Cs", "Mn", "Me", "Cf"))
    | st.just("漢"),
    min_size=1,
    max_size=30,
)
TEXT = st.lists(WORD, max_size=6).map(" ".join)


@dataclass(frozen=True)
class Drawn:
    """One column: its rank, and its texts with the heading first."""

    rank: int
    texts: tuple[str, ...]

    def measured(self) -> Measured:
        return Measured.of(self.rank, self.texts)


COLUMN = st.builds(Drawn, st.integers(1, 5), st.lists(TEXT, min_size=1, max_size=5).map(tuple))
COLUMNS = st.lists(COLUMN, max_size=5).map(lambda more: [Drawn(1, ("Number", "10")), *more])
WIDTH = st.integers(1, 220)


@settings(max_examples=25)
@given(COLUMNS, WIDTH)
def test_no_line_is_wider_than_the_terminal(columns: list[Drawn], width: int) -> None:
    widths = fitted([each.measured() for each in columns], width)
    assert sum(widths.values()) + GAP * (len(widths) - 1) <= max(width, NARROWEST)
    for at, cells in widths.items():
        for text in columns[at].texts:
            assert all(cell_len(line) <= cells for line in wrapped(text, cells))


@settings(max_examples=25)
@given(COLUMNS, WIDTH)
def test_what_is_most_important_is_always_there(columns: list[Drawn], width: int) -> None:
    """And a column is left out only after all of greater rank."""
    kept = fitted([each.measured() for each in columns], width)
    left_out = [each.rank for at, each in enumerate(columns) if at not in kept]
    assert 1 not in left_out
    assert max((columns[at].rank for at in kept), default=1) <= min(left_out, default=5)


@settings(max_examples=25)
@given(COLUMNS, WIDTH)
@example([Drawn(1, ("Number", "10")), Drawn(1, ("Value", "sundays_and_holidays"))], 20)
def test_a_word_is_cut_only_where_the_most_important_columns_alone_are_too_wide(
    columns: list[Drawn], width: int
) -> None:
    widths = fitted([each.measured() for each in columns], width)
    squeezed = [at for at, cells in widths.items() if cells < columns[at].measured().word]
    assert not squeezed or all(columns[at].rank == 1 for at in widths)
    for at, cells in widths.items():
        for text in columns[at].texts:
            broken = [word for line in wrapped(text, cells) for word in line.split()]
            assert "".join(broken) == "".join(text.split())
            assert at in squeezed or broken == text.split()


@settings(max_examples=25)
@given(COLUMNS)
def test_with_room_for_all_no_line_is_broken(columns: list[Drawn]) -> None:
    measured = [each.measured() for each in columns]
    width = sum(each.line for each in measured) + GAP * len(measured)
    widths = fitted(measured, width)
    assert list(widths) == list(range(len(columns)))
    for at, each in enumerate(columns):
        assert all(wrapped(text, widths[at]) == [text] for text in each.texts)


@settings(max_examples=25)
@given(st.text(max_size=80), st.integers(2, 40))
def test_every_line_is_safe_to_show(text: str, width: int) -> None:
    shown = wrapped(text, width)
    assert all(lines(line) == [line] for line in shown)
    assert all(cell_len(line) <= width for line in shown)


def test_a_long_name_is_continued_after_a_joint() -> None:
    assert wrapped("see sundays_and_holidays", 14) == ["see", "sundays_and_", "holidays"]
    assert wrapped("Hjelpemiddelsentralen", 14) == ["Hjelpemiddelse", "ntralen"]
