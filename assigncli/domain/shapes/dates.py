"""Find dates in figures, with month names or in Roman numerals, and words for being born.

A date more than a year old counts as a birth date; a coming or recent one as an appointment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from assigncli.domain.shapes.units import NOT_COUNTED

MONTH: Final = (
    r"(?P<m>jan(?:uar[yi]?)?|feb(?:ruar[yi]?)?|mar(?:ch|ts|s)?|apr(?:il)?|ma[iyj]|jun[eiy]?"
    r"|jul[iy]?|aug(?:usti?)?|sep(?:t(?:ember)?)?|o[kc]t(?:ober)?|nov(?:ember)?|de[sc](?:ember)?)"
)
_MONTHS: Final = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "mai": 5, "may": 5, "maj": 5, "jun": 6, "jul": 7,
    "aug": 8, "sep": 9, "okt": 10, "oct": 10, "nov": 11, "des": 12, "dec": 12,
}  # fmt: skip
_ROMANS: Final = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_JANUARY_TO_DECEMBER: Final = range(1, 13)
_AFTER_YEAR: Final = f"(?![.:/-][0-9])(?! {NOT_COUNTED})"
_YEAR: Final = f"(?P<y>(?:19|20|21)[0-9][0-9]|[0-9]{{2}}{_AFTER_YEAR})"
_FULL_YEAR: Final = "(?P<y>(?:19|20|21)[0-9][0-9])"


# [0-9], never \d: the database counts ASCII digits only, and the bounds here must match it.
# In a pattern `~` is one separator, and `D` and `M` are a day and a month in figures.
def _shape(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    for letter, name in (("D", "d"), ("M", "m")):
        pattern = re.sub(rf"\b{letter}(?![a-z])", f"(?P<{name}>[0-9]{{1,2}})", pattern)
    return re.compile(rf"(?<![0-9])(?:{pattern})(?![0-9])".replace("~", "[ ./-]"), flags)


_DATES: Final = (
    _shape(f"{_FULL_YEAR}[ /-]M[ /-]D"),
    _shape(r"(?P<y>(?:19|20|21)[0-9][0-9])\.(?P<m>[0-9]{2})\.(?P<d>[0-9]{2})"),
    _shape(r"(?P<y>19[0-9][0-9])\.M\.D"),  # 2025.3.1 is a version
    _shape(f"D~{{1,3}}M~{{1,3}}{_FULL_YEAR}"),
    _shape(rf"D(?P<s>[_,:;|\\]) ?M(?P=s) ?{_FULL_YEAR}"),
    _shape(f"D[./-] ?M[./-] ?{_YEAR}"),
    _shape(rf"D\.? i M\.?,? {_FULL_YEAR}"),
)
_WITH_MONTH: Final = (
    _shape(rf"D(?:st|nd|rd|th)?[ .-]{{0,3}}(?:of )?{MONTH}[ .,-]{{0,3}}'?{_YEAR}", re.IGNORECASE),
    _shape(
        rf"(?<![^\W\d_]){MONTH}[ .]{{0,2}}(?:the )?(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?"
        "[ ,]{1,3}(?P<y>[0-9]{4})",
        re.IGNORECASE,
    ),
    _shape(rf"{_FULL_YEAR}[ .,-]{{1,3}}(?:D[ .-]{{0,3}})?{MONTH}(?![^\W\d_])", re.IGNORECASE),
)
_ROMAN_DATES: Final = (
    _shape(rf"D[ ./-]{{1,3}}(?P<m>[IVX]{{1,4}})[ .,/-]{{1,3}}'?{_YEAR}"),
    _shape(rf"D[ ./-]{{1,3}}(?P<m>[ivx]{{2,4}})[ .,/-]{{1,3}}{_FULL_YEAR}"),
    _shape(rf"D[./-] ?(?P<m>[ivx])[./-] ?{_FULL_YEAR}"),
)
_COMPACT_DATES: Final = (
    _shape("(?P<d>[0-9]{2})(?P<m>[0-9]{2})(?P<y>(?:19|20)[0-9]{2})"),
    _shape("(?P<y>(?:19|20)[0-9]{2})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"),
)
_MONTH_HINT: Final = re.compile(
    "jan|feb|mar|apr|ma[ijy]|jun|jul|aug|sep|o[kc]t|nov|de[sc]", re.IGNORECASE
)
_ROMAN_HINT: Final = re.compile(r"[0-9][ ./-]{1,3}[IVXivx]")
_RANGE: Final = re.compile(
    r"(?<![0-9.])[0-3]?[0-9]\.[01]?[0-9]\.? ?- ?[0-3]?[0-9]\.[01]?[0-9]\.?(?![0-9.])"
)
"""A range of days without years; otherwise its second half would be read as a date."""
_TIMES: Final = re.compile(
    r"(?<![0-9.:])[0-2][0-9][.:][0-5][0-9] ?(?:-|til|to) ?[0-2][0-9][.:][0-5][0-9](?![0-9.:])"
)
_BORN: Final = re.compile(
    r"(?<![^\W\d_])(?P<word>født|fødd|fodt|fdt|fødselsda(?:to|g)|fødselsår|født?dato|f\.? ?dato"
    r"|born|birth ?year|birth ?da(?:te|y)|date of birth|d\.?o\.?b|f|b)(?![^\W\d_])"
    r"(?P<gap>[^0-9]{0,20}?)(?P<rest>[0-9][^\n]{0,20})",
    re.IGNORECASE,
)
_BORN_SIX: Final = re.compile("(?P<a>[0-9]{2})(?P<b>[0-9]{2})(?P<c>[0-9]{2})(?![0-9])")
_BORN_PARTED: Final = re.compile(
    r"(?P<a>[0-9]{1,2})[\W_]{1,2}(?P<b>[0-9]{1,2})(?:[\W_]{1,2}(?P<c>[0-9]{2,4}))?(?![0-9])"
)
_BORN_YEAR: Final = re.compile(r"(?:18|19|20)[0-9]{2}(?![0-9])")
_AFTER_MONTH: Final = re.compile(rf"(?<![^\W\d_]){MONTH}[ .]{{1,2}}(?:the )?$", re.IGNORECASE)
_BORN_MONTH: Final = re.compile(rf"[0-9]{{1,2}}[ .-]{{0,3}}(?:of )?{MONTH}", re.IGNORECASE)
_DAYS: Final = range(1, 32)


def without_dates(text: str, today: date) -> tuple[str, bool]:
    """Return `text` with a tilde for every date, and whether one is more than a year old.

    Ranges of hours and days are replaced too: "20.30-21.00" is not a phone number.
    """
    found = [_read_date(match, today) for shape in _COMPACT_DATES for match in shape.finditer(text)]

    def blank(match: re.Match[str]) -> str:
        day = _read_date(match, today)
        found.append(day)
        return "~" if day else match[0]

    if "-" in text or "t" in text:
        text = _RANGE.sub("~", _TIMES.sub("~", text))
    for shape in _shapes_for(text):
        text = shape.sub(blank, text)
    this_day = (today.year, today.month, today.day)
    return text, any(day and (day.year + 1, day.month, day.day) < this_day for day in found)


def has_birth_date(text: str, today: date) -> bool:
    """Say whether `text` gives somebody's day or year of birth: "f. 120350"."""
    return any(_tells_birth(match, today) for match in _BORN.finditer(text))


def _shapes_for(text: str) -> Iterator[re.Pattern[str]]:
    yield from _DATES
    if _MONTH_HINT.search(text):
        yield from _WITH_MONTH
    if _ROMAN_HINT.search(text):
        yield from _ROMAN_DATES


def _tells_birth(match: re.Match[str], today: date) -> bool:
    """Say whether a birth is given; a lone "f" or "b" needs its mark and six figures, or a year."""
    word, gap, rest = match["word"], match["gap"], match["rest"]
    short = len(word) == 1
    if short and gap.strip() not in (".", ":", ".:"):
        return False
    six = _BORN_SIX.match(rest)
    if six:
        day, month, year = (int(part) for part in six.group("a", "b", "c"))
        return _is_day(day, month) or _is_day(year, month)
    if _BORN_YEAR.match(rest):
        return not short or int(rest[:4]) < today.year - 1
    parted = _BORN_PARTED.match(rest)
    if parted and _is_day(int(parted["a"]), int(parted["b"])):
        return not short or parted["c"] is not None
    return not short and bool(_BORN_MONTH.match(rest) or _AFTER_MONTH.search(gap))


def _is_day(day: int, month: int) -> bool:
    return day % 40 in _DAYS and month in _JANUARY_TO_DECEMBER


def _read_date(match: re.Match[str], today: date) -> date | None:
    year, month, day = int(match["y"]), _month(match["m"]), int(match["d"] or 1)
    if len(match["y"]) == len("26"):
        first = today.year - 94  # the range is the hundred years that end five years ahead
        year = first + (year - first) % 100
    if month not in _JANUARY_TO_DECEMBER:  # month first: 12/24/1990
        month, day = day, month
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(text: str) -> int:
    if text.isdecimal():
        return int(text)
    folded = text.casefold()
    if folded in _ROMANS:
        return _ROMANS.index(folded) + 1
    return _MONTHS.get(folded[:3], 0)
