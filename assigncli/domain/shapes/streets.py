"""Find street addresses: a word with a street's ending, or a post-office box, and a number."""

from __future__ import annotations

import re
from typing import Final

from assigncli.domain.shapes.dates import MONTH
from assigncli.domain.shapes.units import NOT_COUNTED, word_set

LETTERS: Final = re.compile(r"[^\W\d_]+")
_HOUSE: Final = re.compile(
    r"(?:\.?[,:]? {0,3}|[ ._]?[_#(/-] ?)(?:(?:nr|no|nummer|number|hus)\b[.:]? {0,2})?#?"
    rf"(?<![0-9])[0-9]{{1,4}}(?![0-9:]|\.[0-9]{{2}}|\. ?{MONTH}|[.%]? ?{NOT_COUNTED}| ?%)",
    re.IGNORECASE,
)
_AT_THE_END: Final = re.compile(r"\W{0,3}[0-9]{1,4} ?[a-hA-H]?(?=\s*(?:$|[,;.)\n]))")
FAMILIES: Final = (
    ("vei", "veien", "veg", "vegen", "vej", "vejen", "vägen", "vn", "vg", "v"),
    ("gate", "gata", "gaten", "gatan", "gade", "gaden", "gt", "g"),
    ("allé", "alleen", "alléen", "alle"),
    ("plass", "plassen", "pl"),
    ("stubb", "stubben", "stubba"),
    ("terrasse", "terrassen", "terr"),
    ("bakke", "bakken", "bakkane"),
    ("sving", "svingen"),
    ("sti", "stien"),
    ("torg", "torget", "torv", "torvet"),
    ("krok", "kroken"),
    ("tun", "tunet"),
    ("haug", "haugen"),
    ("lia", "li", "lien"),
    ("hage", "hagen"),
)
"""The forms that the ending of one street's name may have."""
STREETS: Final = (
    "vei", "veien", "veg", "vegen", "vej", "vejen", "vägen", "gate", "gata", "gaten", "gatan",
    "gade", "gaden", "allé", "alléen", "alleen", "torg", "torget", "torv", "torvet", "terrasse",
    "terrassen", "brygge", "brygga", "bryggen", "smug", "smuget", "smauet", "veita", "stubben",
    "strasse", "straat", "geaidnu", "luodda", "plass", "plassen",
)  # fmt: skip
_ALONE: Final = frozenset(STREETS) | {"street", "road", "avenue", "lane", "drive", "square"}
"""Words that name a street only together with the word before them."""
_WHOLE: Final = frozenset({"torget", "torvet", "bryggen"})
"""Words that alone name a street, if a number ends the phrase: Bryggen 13."""
_ENGLISH: Final = frozenset({"street", "road", "avenue", "lane", "drive", "square"})
PLACES: Final = (
    "bakken", "bakkane", "haugen", "hagen", "svingen", "kroken", "stien", "tunet", "åsen", "jordet",
    "toppen", "løkka", "grenda", "lunden", "kaia", "lia", "faret", "brinken", "kleiva", "vollen",
    "sletta", "myra", "skrenten", "allmenningen", "almenningen", "berget", "stranda",
    "vika", "rabben", "neset", "odden", "vangen", "moen", "bråten", "høgda", "gløttet", "skogen",
    "alle",
)  # fmt: skip
"""Endings that many other words share; they count only at the end of a name."""
_NO_STREETS: Final = re.compile(
    r"(?:sitte|parkerings|arbeids|senge|syke|sykehjems|kurs|møte|kontor|holde|båt|leke|dag|døgn"
    r"|korttids|langtids|rullestol|barnehage|skole|lærling|praksis|tiltaks|studie|stå|ligge|vente|hc"
    r"|fly|camping|raste|sove?|gjeste|hotell|disk|garasje|omsorgs|avlastnings|institusjons|vakt|jobb"
    r"|hvile|skyss|reserve|test|prøve|av|bo|opplærings|gruppe|samlings|oppstillings|markeds|lager"
    r"|topp|nød)plass(?:en)?"
    r"|(?:arbeids|skole|ut|om|gang|tur|sykkel|luft|av|inn|motor|europa|riks|fylkes|hoved|mid|jern"
    r"|under|lede|farts|kjøre)ve[ig]|gågat[ea]|hovedgat[ea]|tverrgat[ea]|barnehagen|akebakken"
    r"|italia|australia|somalia|familia|julia|emilia|cecilia|amalia|ophelia|natalia|magnolia"
    r"|brasilia|cordelia|delia|celia|investigate|navigate|mitigate|irrigate|instigate|litigate"
    r"|delegate|aggregate|segregate|congregate|relegate|negate|interrogate|surrogate|propagate"
)
"""Ordinary words with a street's ending that a number may follow: seats, roads, lands."""
_NEAR: Final = 2
"""The most characters between a name and a separate "gate": a space and a full stop."""
_NO_NAMES: Final = word_set(
    """
    ledig fast første andre tredje siste egen min din vår ta har på i ved fra til av en ei et den
    det langs over ny rett feil hver denne samme neste forrige buss fly kurs gratis reservert
    reserver ankomst avgang utgang inngang terminal for alle med hos og vi a the by on at in this
    next same my our to from cross
    """
)
"""Words that do not make a name with a separate `vei` or `plass` after them."""
_NO_SHORT_FORMS: Final = (
    "agt", "algt", "olgt", "ulgt", "angt", "engt", "ingt", "ungt", "igt",
    "avn", "ovn", "søvn", "hevn", "stevn", "jevn", "levn",
    "ing", "ang", "eng", "ung", "ong", "ig", "vegg", "bygg", "rygg", "egg", "ugg",
    "dag", "lag", "sag", "tag", "veg", "jeg", "deg", "meg", "seg", "berg", "borg",
    "sorg", "arg", "salg", "valg", "helg", "tog", "log", "øg", "ug", "brev", "elev", "arkiv", "tiv",
)  # fmt: skip
"""Endings of ordinary words that look like short forms of streets: Storgt., Bergsv."""
_POST_BOX: Final = re.compile(
    r"(?<![^\W\d_])(?:postboks|postbox|postb|p\.? ?o\.? ?box|p\.?b\.?)"
    r"[ .:]{0,3}(?:nr\.? ?)?[0-9]{1,5}(?![0-9])",
    re.IGNORECASE,
)
_ENGLISH_ADDRESS: Final = re.compile(
    r"(?<![\w.:])[0-9]{1,4}[A-Za-z]? (?:[A-ZÆØÅ]\w{0,30} ){1,3}"
    r"(?i:street|st|road|rd|avenue|ave|lane|drive|square|close|crescent)\b"
    r"|(?<![\w.:])[0-9]{1,4}[a-z]? [a-z]{3,30} (?:street|avenue|lane)\b"
    r"|\b(?i:rue|calle|rua|avenida|ulica|piazza|via)(?: \w{2,3})?"
    r"(?: [A-Z]\w{1,30}){1,2} [0-9]{1,4}\b"
)


def has_street(text: str) -> bool:
    """Say whether `text` has a street with a house number, or a post-office box."""
    before, end = "", 0
    for word in LETTERS.finditer(text):
        house = _HOUSE.match(text, word.end())
        if house and _is_street(word, before if word.start() - end <= _NEAR else "", text):
            return True
        before, end = word[0], word.end()
    return _POST_BOX.search(text) is not None or _ENGLISH_ADDRESS.search(text) is not None


def _is_street(word: re.Match[str], before: str, text: str) -> bool:
    folded, capital = word[0].casefold(), word[0][0].isupper()
    if folded in _ALONE:
        whole = capital and folded in _WHOLE and _AT_THE_END.match(text, word.end()) is not None
        return whole or _follows_name(folded, before)
    if _NO_STREETS.fullmatch(folded):
        return False
    if folded.endswith("plass"):  # Rådhusplassen is a street, a benkeplass a seat
        return capital and folded.endswith("splass")
    if folded.endswith(STREETS):
        return True
    if folded.endswith(PLACES) and folded not in PLACES:
        return capital or _AT_THE_END.match(text, word.end()) is not None
    return _is_abbreviated(folded, capital, before, dotted=text.startswith(".", word.end()))


def _follows_name(street: str, before: str) -> bool:
    """Say whether `before` and a separate "gate" or "plass" make the name of a street."""
    if not before or before.casefold() in _NO_NAMES or len(before) < len("ab"):
        return False
    if street in _ENGLISH or street.startswith("plass"):
        return before[0].isupper() and (street in _ENGLISH or before.endswith("s"))
    return True


def _is_abbreviated(folded: str, capital: bool, before: str, *, dotted: bool) -> bool:
    if folded in ("alle", "gt", "v", "pl", "g", "vn"):
        return before[:1].isupper() and before.casefold() not in _NO_NAMES
    if len(folded) < len("abgt") or folded.endswith(_NO_SHORT_FORMS):
        return False
    if folded.endswith(("gt", "vn", "str")) or (capital and folded.endswith("sv")):
        return True
    return capital and dotted and folded.endswith(("g", "v", "pl"))
