"""Why requests did not authenticate: the codes of PROTOCOL.md 8.4 that are only counted, in words.

Several codes have one cause. What each means to the other end is not said: it is nobody we know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from assigncli.locale import ngettext


def by_cause(codes: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence for each cause, with how many requests it has."""
    counts: Counter[str] = Counter()
    for code, count in codes.items():
        counts[_CAUSES.get(code, _OTHER)] += count
    for cause, said in _SAID.items():
        if counts[cause]:
            yield said(counts[cause]).format(count=counts[cause])


_FORM: Final = "form"
_UNKNOWN: Final = "unknown"
_SIGNATURE: Final = "signature"
_TOKEN: Final = "token"  # noqa: S105 - the cause's name
_OTHER: Final = "other"

_CAUSES: Final[Mapping[str, str]] = {
    "message_too_large": _FORM,
    "statement_too_large": _FORM,
    "message_malformed": _FORM,
    "statement_malformed": _FORM,
    "act_unknown": _FORM,
    "version_unknown": _FORM,
    "organization_not_found": _UNKNOWN,
    "service_differs": _UNKNOWN,
    "certificate_unknown": _UNKNOWN,
    "signature_invalid": _SIGNATURE,
    "token_invalid": _TOKEN,
}

_SAID: Final[Mapping[str, Callable[[int], str]]] = {
    _SIGNATURE: lambda count: ngettext(
        "{count} request was refused because its signature does not hold.",
        "{count} requests were refused because their signature does not hold.",
        count,
    ),
    _UNKNOWN: lambda count: ngettext(
        "{count} request was refused because its sender is not known here.",
        "{count} requests were refused because their sender is not known here.",
        count,
    ),
    _TOKEN: lambda count: ngettext(
        "{count} request was refused because its invitation is not valid.",
        "{count} requests were refused because their invitation is not valid.",
        count,
    ),
    _FORM: lambda count: ngettext(
        "{count} request was refused because it cannot be read.",
        "{count} requests were refused because they cannot be read.",
        count,
    ),
    _OTHER: lambda count: ngettext(
        "{count} request of somebody without a certificate was refused.",
        "{count} requests of somebody without a certificate were refused.",
        count,
    ),
}
