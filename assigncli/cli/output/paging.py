"""The whole command for the next page, to be copied, or typed after hearing it."""

from __future__ import annotations

from shlex import quote

from assigncli.cli.frame import current_globals
from assigncli.locale import _


def whole_command(name: str, **options: object) -> str:
    """Return `assign NAME` with these options, and the global ones given to this call.

    None and False leave an option out, True gives it without a value, a list gives it several
    times. A JSON document is the same in every language, so its command has no --lang.
    """
    given = current_globals()
    everywhere = {
        "profile": given.profile,
        "lang": None if given.json else given.lang,
        "json": given.json,
        "table": given.table,
    }
    words = ["assign", name]
    for option, value in {**options, **everywhere}.items():
        for each in value if isinstance(value, list) else [value]:
            if each is None or each is False:
                continue
            words.append(f"--{option.replace('_', '-')}")
            if each is not True:
                words.append(quote(str(each)))
    return " ".join(words)


def next_page(command: str | None) -> str | None:
    """Return the line that ends a page which is not the last."""
    if command is None:
        return None
    return _("There are more. Next page: {command}").format(command=command)
