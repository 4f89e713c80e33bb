"""`assign key kit`: print the organisation's root key for paper, and have it typed back.

The digits go to the terminal and nowhere else. What is kept of a kit is when it was last typed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from assigncli.cli import session as clock
from assigncli.cli.frame import current_globals, environ, out
from assigncli.cli.input import confirming
from assigncli.cli.input.prompts import confirm, require_person, say, somebody_there
from assigncli.cli.input.root_kit import read_kit
from assigncli.cli.output import views
from assigncli.cli.session.private_keys import keychain, loaded, root_name
from assigncli.errors import InvalidInput
from assigncli.locale import N_, _
from assigncli.profiles import Profile, load_profile, save_profile


def kit(
    check: Annotated[
        bool,
        typer.Option("--check", help=N_("Print nothing: type the kit from the paper.")),
    ] = False,
    remove: Annotated[
        bool,
        typer.Option(
            "--remove",
            help=N_("Remove the root key from this machine once the kit was typed right."),
        ),
    ] = False,
    reveal: Annotated[
        bool,
        typer.Option("--reveal", help=N_("Allow the digits to go into a file or a pipe.")),
    ] = False,
) -> None:
    profile = load_profile(current_globals().profile, environ())
    if out().mode == "json" and not check and not remove:
        _say_state(profile)
        return
    prints = not check and out().mode != "json"
    if prints and not reveal and not out().stdout.isatty():
        raise InvalidInput("reveal_needed", "kit")
    _require_possible(profile, prints=prints, remove=remove, check=check)
    if remove:
        confirm(*confirming.about_root_key(check=check))
    if prints:
        _print(profile)
        if not somebody_there():
            out().note(_("Type it once from the paper: assign key kit --check"))
            return
        say(
            _("The digits stay on this terminal. Close its window when you are done."),
            _("Now type the kit back from the paper."),
        )
    read_kit(profile.root_public_key)
    _say_right(_checked(profile), remove=remove)


def _require_possible(profile: Profile, *, prints: bool, remove: bool, check: bool) -> None:
    from assigncli.client.root_kit import require_held

    if prints or remove:
        require_held(keychain(profile.keys), root_name(profile))
    if remove and not check:
        require_person(_("The key kit"), "--check")


def _print(profile: Profile) -> None:
    from assigncli.client.root_kit import held_groups

    groups = held_groups(loaded(profile.keys, root_name(profile)), profile.root_public_key)
    out().text(_("This is the key kit of your organisation: its root key, as digits for paper."))
    say(
        _("Whoever has it can make anybody an administrator. Take no photograph, save no file."),
        _("Write it down, put it in a sealed envelope, and keep that away from this machine."),
    )
    for number, group in enumerate(groups, start=1):
        label = _("Group {number} of {count}").format(number=number, count=len(groups))
        out().text(f"{label}: {_in_threes(group)}")


def _in_threes(group: str) -> str:
    """Return the digits of a group in threes, as people say nine digits."""
    return " ".join(group[start : start + 3] for start in range(0, len(group), 3))


def _checked(profile: Profile) -> Profile:
    """Keep when the kit was typed, in the profile as it is now."""
    fresh = load_profile(profile.name, environ())
    checked = replace(fresh, kit_checked_at=clock.utc_now())
    save_profile(checked, environ())
    return checked


def _say_right(profile: Profile, *, remove: bool) -> None:
    if remove:
        keychain(profile.keys).delete(root_name(profile))
        said = _("The key kit is right, and the root key is removed from this machine.")
    else:
        said = _("The key kit is right. Put it back in its envelope.")
    asks = _("assign doctor asks for it again in a year.")
    out().result(
        f"{said} {asks}",
        views.record(profile, "root_key_here kit_checked_at", (), root_key_here=_is_here(profile)),
    )


def _say_state(profile: Profile) -> None:
    here = _is_here(profile)
    said = (
        _("The root key is on this machine.") if here else _("The root key is not on this machine.")
    )
    out().result(
        said, views.record(profile, "root_key_here kit_checked_at", (), root_key_here=here)
    )


def _is_here(profile: Profile) -> bool:
    return keychain(profile.keys).holds(root_name(profile))
