"""What a shell may complete of each command, made from the commands themselves.

python -m tests.completion_pages        writes assigncli/cli/completion/pages.json anew
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.core import TyperArgument, TyperGroup, TyperOption

from assigncli.cli.completion import line_place
from assigncli.cli.completion.scripts import SCRIPTS
from assigncli.cli.frame import commands, usage
from assigncli.cli.frame.click import Command, Context, Parameter
from assigncli.cli.frame.help_page import COMMON_OPTIONS
from assigncli.cli.frame.options import OPTIONS
from assigncli.cli.frame.root import root
from assigncli.cli.manual import TOPICS
from assigncli.cli.output.values import shown
from assigncli.locale import LANGUAGES, speaking
from tests.office import ROOT

FILE = Path(line_place.__file__).with_name("pages.json")
_FEW = {"--show-completion": list(SCRIPTS)}
"""The values of options that commands check themselves."""
_BY_TYPE = {"int": "COUNT", "Path": "FILE", "str": "TEXT"}


def pages() -> dict[str, Any]:
    """Return the whole document."""
    with speaking("en"):
        return {
            "common": [_common(each) for each in OPTIONS] + [_common_help()],
            "topics": [*([each.name, each.summary] for each in TOPICS), [COMMON_OPTIONS, ""]],
            "pages": dict(_walked(root(), "", None)),
        }


def written() -> str:
    """Return the document as it is written."""
    return json.dumps(pages(), ensure_ascii=False, indent=1) + "\n"


def _walked(command: Command, name: str, above: Context | None) -> Iterator[tuple[str, Any]]:
    context = Context(command, info_name=name.rpartition(" ")[2], parent=above)
    below = command.list_commands(context) if isinstance(command, TyperGroup) else []
    params = [each for each in command.get_params(context) if "--help" not in each.opts]
    yield (
        name,
        {
            "help": _summary(name) or command.help or "",
            "commands": below,
            "arguments": [_param(each) for each in params if isinstance(each, TyperArgument)],
            "options": [_param(each) for each in params if isinstance(each, TyperOption)],
        },
    )
    for each in below:
        assert isinstance(command, TyperGroup)
        found = command.get_command(context, each)
        assert found is not None
        yield from _walked(found, f"{name} {each}".lstrip(), context)


def _summary(name: str) -> str:
    found = commands.find(name)
    return found.summary if found else ""


def _param(param: Parameter) -> dict[str, Any]:
    assert isinstance(param, TyperArgument | TyperOption)
    names = [] if isinstance(param, TyperArgument) else [*param.opts, *param.secondary_opts]
    is_switch = isinstance(param, TyperOption) and (param.is_flag or param.count)
    named = _BY_TYPE.get(getattr(param.type_descriptor.annotation, "__name__", ""), "TEXT")
    return {
        "names": names,
        "value": "" if is_switch else param.metavar or named,
        "values": [shown(x) for x in _FEW.get(names[0] if names else "", usage.choices_of(param))],
        "help": param.help or "",
        "again": param.nargs == -1 or bool(getattr(param, "multiple", False)),
    }


def _common(option: Any) -> dict[str, Any]:
    return {
        "names": [option.name],
        "value": option.metavar,
        "values": list(LANGUAGES) if option.name == "--lang" else [],
        "help": option.help,
        "again": False,
    }


def _common_help() -> dict[str, Any]:
    said = "Show this help."
    return {"names": ["--help"], "value": "", "values": [], "help": said, "again": False}


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
    print(f"{FILE.relative_to(ROOT)} written.")
