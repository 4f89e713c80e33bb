"""The house as DESIGN draws it, held by reading the source: who imports whom, who prints, how long.

`complaints` looks at one module's source and knows nothing of the others, so each rule is shown to
bite on a planted violation below.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from assigncli import errors
from assigncli.cli.frame.commands import COMMANDS
from assigncli.domain.rules import Rule
from tests.quick import all_in_one

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "assigncli"
ERRORS = {name for name, each in vars(errors).items() if isinstance(each, type)}
MAKERS = {*ERRORS, "RowProblem", "StoreProblem"}
CODE = re.compile("[a-z][a-z_]+")
CODES = Path(__file__).parent / "error_codes.txt"

GROUND = {
    *("errors", "locale", "folders", "private_files", "file_lock", "disk_error"),
    "server_address",
}
MIDDLE = {
    "domain",
    "projection",
    "crypto",
    "store",
    "vault",
    "keys",
    "addresses",
    "profiles",
    "beginnings",
    "kept_heads",
    "kept_acts",
}
SERVER = {
    *("store", "projection"),
    *("protocol", "trust", "crypto", "domain", "lookups", "errors", "locale"),
}
"""What both the server and its room for notifications may import."""
MAY_IMPORT: dict[str, set[str]] = {
    "__main__": {"cli"},
    "cli": {
        "client",
        "server",
        "lookups",
        "serve",
        "notifications",
        "trust",
        "protocol",
        "words",
        "__version__",
    }
    | MIDDLE
    | GROUND,
    # `store` for a type alone
    "words": {"domain", "store", "errors", "locale"},
    "client": {
        *("protocol", "trust", "crypto", "domain", "lookups", "addresses", "keys", "kept_heads"),
        *("errors", "locale"),
        # what is signed is on disk before it is sent
        *("private_files", "file_lock"),
        "server_address",
    },
    "server": {"notifications", "vault", "kept_heads"} | SERVER,
    "notifications": {"server", "addresses"} | SERVER,
    # `protocol` for Malformed
    "lookups": {"domain", "protocol", "errors"},
    "serve": {"server", "private_files", "__version__"} | SERVER,
    "protocol": {"crypto", "errors", "locale"},
    "trust": {"protocol", "crypto", "domain", "errors", "locale"},
    **{part: set(GROUND) for part in MIDDLE},
    "kept_heads": {"protocol"} | GROUND,
    "addresses": {"protocol", "crypto", "errors"},
    "projection": {"domain", "protocol"},
    "store": {"domain", "protocol", "lookups"} | GROUND,
    "vault": {"domain"} | GROUND,
    "beginnings": {"profiles"} | GROUND,
    "private_files": {"errors", "locale"},
    "server_address": {"errors"},
    "file_lock": set(),
    "folders": set(),
    "disk_error": set(),
    "errors": set(),
    "locale": set(),
    "": set(),
}
"""Which part of the package may import which others; a part may always import itself."""

WITHIN = {
    "server.store": "store",
    "server.vault": "vault",
    "server.notifications": "notifications",
    "server.serve": "serve",
    "server.projection": "projection",
    "client.keys": "keys",
}
"""Rooms of their own inside one of the halves."""

MAY_SHARE = ({"cli", "client", "server"}, {"projection", "store"})
"""The rooms in which a verb, or a table, has one name."""

COMPOSERS = {
    "cli.session",
    "cli.session.in_process",
    "cli.session.private_keys",
    "cli.session.service_turns",
    "cli.session.beginning",
    "cli.session.moving_keys",
    "cli.session.visiting",
    "cli.session.served_store",
    "cli.session.new_service_keys",
    "cli.session.sweeper",
    "cli.completion.offered",
    "cli.session.backups",
    "cli.session.restoring",
    "cli.session.vault_copies",
    "cli.serve",
    "cli.init",
    "cli.join",
    "cli.taking_over",
    "cli.doctor",
    "cli.machine.lock_check",
    "cli.machine.operator_checks",
    "cli.store",
    "cli.store_move",
}
"""Where the command line may reach past client and server: to put a session together, or to look
at the store itself. Elsewhere types of what those return may be named, for checking only."""

MAY_USE: dict[str, set[str]] = {
    "typer": {"cli"},
    "rich": {"cli"},
    "sqlmodel": {"store", "server", "serve", "notifications"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "sqlite3": {"store"},
    "msgspec": {"lookups"},
    "cryptography": {"crypto"},
    "nacl": {"crypto"},
    "keyring": {"keys"},
    "platformdirs": {"folders"},
    "apprise": {"notifications"},
    "phonenumbers": {"domain"},
    "xlsxwriter": {"cli"},
    "getpass": {"cli"},
    "sys": {"cli"},
    # the client starts the ssh of the person
    "subprocess": {"cli", "client"},
    "time": {"cli", "vault", "store"},
    "logging": {"notifications"},
}
"""Which library each part may use; the rest of the standard library is free, save below."""

PURE = {"domain", "crypto", "protocol", "trust", "errors"}
IMPURE = {
    "os",
    "pathlib",
    "shutil",
    "socket",
    "tempfile",
    "urllib",
    "http",
    "glob",
    "threading",
    "asyncio",
    "random",
    "platform",
    "locale",
}
"""What the parts that do no I/O leave alone; `crypto` draws randomness from its own libraries."""

SERVICE_KEY = {"server/host.py", "server/log_end.py", "server/service.py"}
"""Where the server holds its own private key, which is the service's."""

DISTRIBUTION = {
    "markdown_it": "markdown-it-py",
    "nacl": "pynacl",
    "phonenumbers": "phonenumberslite",
}
FORBIDDEN = {"print", "input", "exit", "quit", "breakpoint", "eval", "exec"}
HARMLESS = {
    "exec('')",  # it runs nothing
    "input(PROMPT)",  # a command of the shell, and no answer: those come from `prompts`
}
PROCESS = {"os.environ", "os.getenv", "sys.stdout", "sys.stderr", "sys.argv", "sys.exit"}
CLOCKS = {"now", "utcnow", "today"}
SPEAKERS = {"cli", "words", "locale"}
"""Who may translate."""
STILL_SPEAKING = {
    "domain.consent_text",  # the text that is signed, in the language it was read in
    "domain.days",  # a day in lists and forms, which load none of the words for errors
    "domain.lifecycle",  # `status_word`, for the same lists
}
SENDERS = {"client.notify", "server.notifications.deliver"}
"""Who sends notifications, and so may import their words; they say nothing here."""
TEXTS = "assigncli.words.notifications"
TRANSLATING = {"_", "N_", "ngettext", "pgettext"}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
MAX_LINES = 350
LONG = {
    "server/store/tables.py": 450,  # every table in one place, and no logic
    "protocol/act_table.py": 420,  # every act in one place, and no logic
}
MAX_BODY = 60


def sources() -> Iterator[tuple[str, str]]:
    """Yield each module's path inside the package, and its source."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8")


def complaints(path: str, source: str) -> list[str]:
    """Return what is wrong with one module, a sentence each."""
    tree = ast.parse(source)
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    part = _part(f"assigncli.{name}") if path != "__init__.py" else ""
    assert part is not None
    return [
        *_directions(name, part, tree),
        *_libraries(part, tree),
        *_private(path, tree),
        *_acts(part, tree),
        *_halves(path, part, tree),
        *_sentences(name, part, tree),
        *_size(path, source, tree),
    ]


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield the full name of everything that is imported, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def at_run_time(tree: ast.AST) -> Iterator[str]:
    """Yield imports that are more than a type checker's."""
    for node in ast.iter_child_nodes(tree):
        for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if not for_types:
            yield from imports(node) if _is_import(node) else at_run_time(node)


def _is_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _directions(name: str, part: str, tree: ast.AST) -> Iterator[str]:
    for imported in imports(tree):
        other = _part(imported)
        if imported in (TEXTS, f"{TEXTS}.text_of") and name in SENDERS:
            continue
        if other is not None and other != part and other not in MAY_IMPORT[part]:
            yield f"{part or 'assigncli'} imports {other}"
    if part == "cli" and name not in COMPOSERS:
        for imported in at_run_time(tree):
            if _part(imported) in {"store", "vault", "keys", "crypto"}:
                yield f"{name} reaches past client and server to {_part(imported)}"


def _part(imported: str) -> str | None:
    package, _, rest = imported.partition(".")
    if package != "assigncli":
        return None
    within = [room for path, room in WITHIN.items() if f"{rest}.".startswith(f"{path}.")]
    return within[0] if within else rest.partition(".")[0]


def _libraries(part: str, tree: ast.AST) -> Iterator[str]:
    for imported in imports(tree):
        library = imported.partition(".")[0]
        if library in MAY_USE and part not in MAY_USE[library]:
            yield f"{part} uses {library}"
        if part in PURE and library in IMPURE:
            yield f"{part} does no I/O, and uses {library}"


def _private(path: str, tree: ast.AST) -> Iterator[str]:
    """Yield who reaches into Typer; one module names what it does not make public."""
    for imported in imports(tree):
        library = imported.partition(".")[0]
        if re.search(r"\._", imported) and library != "assigncli" and path != "cli/frame/click.py":
            yield f"{path} imports what is private to {library}"


def _acts(part: str, tree: ast.AST) -> Iterator[str]:
    """Yield what only the command line may do, or for the pure parts, nobody."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in FORBIDDEN and ast.unparse(node) not in HARMLESS:
                yield f"{part} calls {called}"
            if called == "open" and part in PURE:
                yield f"{part} does no I/O, and opens a file"
            if part != "cli" and called.rpartition(".")[2] in CLOCKS and "." in called:
                yield f"{part} reads the clock"
        elif isinstance(node, ast.Attribute) and part != "cli" and ast.unparse(node) in PROCESS:
            yield f"{part} uses {ast.unparse(node)}"


def _sentences(name: str, part: str, tree: ast.AST) -> Iterator[str]:
    """Yield who makes sentences below the command line, where codes and facts are enough."""
    if part in SPEAKERS or name in STILL_SPEAKING:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in TRANSLATING:
            yield f"{name} makes a sentence"


def _halves(path: str, part: str, tree: ast.AST) -> Iterator[str]:
    """Yield what a server must not do: hold a member's key, or ask the store in its own words."""
    if part not in ("server", "notifications", "serve"):
        return
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = set(imports(tree))
    private = {f"assigncli.crypto.identity.{name}" for name in ("Identity", "RootKey")}
    if "load_identity" in names or (imported & private and path not in SERVICE_KEY):
        yield f"{path} names a private key"
    asked = {
        ast.unparse(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    own = {each for each in imported if each.startswith("sqlmodel.")} - {"sqlmodel.Session"}
    if own or {"tx.exec", "tx.execute", "tx.connection"} & asked:
        yield f"{path} has SQL of its own"


def _size(path: str, source: str, tree: ast.AST) -> Iterator[str]:
    if len(source.splitlines()) > LONG.get(path, MAX_LINES):
        yield f"{path} is long"
    if set(path.removesuffix(".py").split("/")) & DRAWERS:
        yield f"{path} is named for nothing"
    if not ast.get_docstring(tree):  # type: ignore[arg-type]
        yield f"{path} does not say what it is for"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.body[0].lineno + 1
            if length > MAX_BODY:
                yield f"{node.name} is long"


def test_each_module_keeps_to_its_place() -> None:
    found = {path: complaints(path, source) for path, source in sources()}
    assert len(found) > 200
    assert {path: said for path, said in found.items() if said} == {}


SAID = '"""What it is for."""\n'


@all_in_one(
    ("path", "source", "complaint"),
    [
        ("client/x.py", "from assigncli.cli.frame import out", "client imports cli"),
        ("server/x.py", "from assigncli import cli", "server imports cli"),
        ("domain/x.py", "from assigncli.server.store import tables", "domain imports store"),
        ("domain/x.py", "import assigncli.crypto.chain", "domain imports crypto"),
        ("crypto/x.py", "from assigncli.domain.rules import Rule", "crypto imports domain"),
        ("crypto/x.py", "from assigncli.protocol import tree", "crypto imports protocol"),
        ("protocol/x.py", "from assigncli.domain.rules import Rule", "protocol imports domain"),
        ("protocol/x.py", "from nacl.signing import SigningKey", "protocol uses nacl"),
        ("protocol/x.py", "import socket", "protocol does no I/O, and uses socket"),
        ("protocol/x.py", "from assigncli.trust import people", "protocol imports trust"),
        ("trust/x.py", "from assigncli.server.store.engine import Store", "trust imports store"),
        ("trust/x.py", "from nacl.signing import SigningKey", "trust uses nacl"),
        ("trust/x.py", "datetime.now(UTC)", "trust reads the clock"),
        ("server/x.py", "from assigncli.client.keys import system", "server imports keys"),
        ("server/x.py", "from assigncli.cli.frame import out", "server imports cli"),
        ("server/x.py", "from assigncli.client import recall", "server imports client"),
        ("server/x.py", "from nacl.signing import SigningKey", "server uses nacl"),
        ("server/x.py", "datetime.now(UTC)", "server reads the clock"),
        ("client/x.py", "from assigncli.server import attempts", "client imports server"),
        ("client/x.py", "from assigncli.server.store.engine import Store", "client imports store"),
        ("client/x.py", "from assigncli.server.vault.vault import Vault", "client imports vault"),
        (
            "server/recall.py",
            "from assigncli.crypto.identity import Identity",
            "server/recall.py names a private key",
        ),
        (
            "server/recall.py",
            "def f(x):\n    x.load_identity()",
            "server/recall.py names a private key",
        ),
        ("server/recall.py", "from sqlmodel import select", "server/recall.py has SQL of its own"),
        ("server/recall.py", "tx.exec(x)", "server/recall.py has SQL of its own"),
        ("server/notifications/x.py", "tx.exec(x)", "server/notifications/x.py has SQL of its own"),
        ("server/notifications/x.py", "import sqlalchemy", "notifications uses sqlalchemy"),
        (
            "client/x.py",
            "from assigncli.server import notifications",
            "client imports notifications",
        ),
        ("server/x.py", "import apprise", "server uses apprise"),
        ("server/x.py", "from assigncli.client import exchange", "server imports client"),
        ("server/x.py", "from assigncli.client.keys import OsKeyring", "server imports keys"),
        (
            "server/vault/x.py",
            "from assigncli.server.store.engine import Store",
            "vault imports store",
        ),
        ("client/keys/x.py", "from assigncli.crypto import identity", "keys imports crypto"),
        (
            "profiles.py",
            "def f():\n    from assigncli.server.vault.vault import Vault",
            "profiles imports vault",
        ),
        ("errors.py", "from assigncli.locale import _", "errors imports locale"),
        (
            "cli/x.py",
            "def f():\n    from assigncli.server.vault.vault import Vault",
            "cli.x reaches past client and server to vault",
        ),
        ("client/x.py", "from nacl.signing import SigningKey", "client uses nacl"),
        ("client/x.py", "import cryptography.exceptions", "client uses cryptography"),
        ("cli/x.py", "import sqlmodel", "cli uses sqlmodel"),
        ("domain/x.py", "import sqlite3", "domain uses sqlite3"),
        (
            "cli/x.py",
            "from typer._click.core import Context",
            "cli/x.py imports what is private to typer",
        ),
        ("domain/x.py", "from pathlib import Path", "domain does no I/O, and uses pathlib"),
        ("crypto/x.py", "open('x')", "crypto does no I/O, and opens a file"),
        ("client/x.py", "print('x')", "client calls print"),
        ("cli/x.py", "exec('x')", "cli calls exec"),
        ("client/x.py", "import getpass", "client uses getpass"),
        ("server/store/x.py", "import sys", "store uses sys"),
        ("server/store/x.py", "datetime.now(UTC)", "store reads the clock"),
        ("domain/x.py", "datetime.date.today()", "domain reads the clock"),
        ("profiles.py", "import os\nos.environ['X']", "profiles uses os.environ"),
        ("server/store/x.py", "from assigncli.words.errors import said", "store imports words"),
        ("client/x.py", "from assigncli.words.errors import said", "client imports words"),
        ("client/x.py", "def f():\n    import assigncli.words.errors", "client imports words"),
        ("client/x.py", "from assigncli.words import notifications", "client imports words"),
        ("client/notify.py", "from assigncli.words.errors import said", "client imports words"),
        ("client/x.py", "NotFound(_('Gone.'), _('Look.'))", "client.x makes a sentence"),
        ("server/x.py", "ngettext('a', 'b', 2)", "server.x makes a sentence"),
        ("words/x.py", "from assigncli.cli.frame import out", "words imports cli"),
        ("domain/x.py", "NotFound(_('Gone.'), _('Look.'))", "domain.x makes a sentence"),
        ("server/store/x.py", "ngettext('a', 'b', 2)", "server.store.x makes a sentence"),
        ("vault.py", "pgettext('a', 'b')", "vault makes a sentence"),
        ("crypto/x.py", "WORDS = N_('Gone.')", "crypto.x makes a sentence"),
        ("server/store/helpers.py", "", "server/store/helpers.py is named for nothing"),
        ("server/store/x.py", "\n" * 400, "server/store/x.py is long"),
        ("server/store/x.py", "def f():\n" + "    f()\n" * 61, "f is long"),
    ],
)
def test_a_planted_violation_is_found(path: str, source: str, complaint: str) -> None:
    assert complaint in complaints(path, SAID + source)


def test_a_module_without_its_docstring_is_found() -> None:
    assert complaints("server/store/x.py", "") == ["server/store/x.py does not say what it is for"]


def test_what_is_allowed_is_not_complained_of() -> None:
    source = (
        f"{SAID}from typing import TYPE_CHECKING\nimport typer\nimport sys\n"
        "if TYPE_CHECKING:\n    from assigncli.crypto.chain import Finding\n"
        "from assigncli.client import open\nsys.exit(datetime.now(UTC))\n"
    )
    assert complaints("cli/x.py", source) == []


HALVES_OF_COMMANDS = {
    "checkpoint": "audit",
    "cosign": "audit",
    "approve_own": "member",
    "founding_afar": "init",
    "taking_over": "join",
    "notify": "member",
    "register": "privacy",
    "sheet": "dispatch",
    "store_move": "store",
    **dict.fromkeys(("store_backup", "store_restore", "store_confirm"), "store"),
    **dict.fromkeys(("store_backup", "store_restore", "store_confirm", "store_try"), "store"),
    "key_kit": "key",
    "lost": "key",
    "new_service": "member",
}
"""What is too much for one file, and whose it is."""


def test_each_command_is_a_file_named_like_it() -> None:
    files = {path.stem for path in (PACKAGE / "cli").glob("*.py")} - {"__init__"}
    assert {each.module for each in COMMANDS} == {f"assigncli.cli.{each.name}" for each in COMMANDS}
    assert files == {each.name for each in COMMANDS} | set(HALVES_OF_COMMANDS)


def namesakes(paths: Iterable[str]) -> dict[str, list[str]]:
    """Return the names that modules of several rooms have, and in which rooms.

    A verb has one name wherever it is asked for, done and shown; a table has one where its rows are
    made and kept; what `words` says of something is named for it. Nothing else is named twice.
    """
    rooms: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        folder, _, file = path.rpartition("/")
        if file != "__init__.py" and folder not in ("", "words"):
            rooms[file].append(_part(f"assigncli.{folder.replace('/', '.')}") or "")
    return {
        name: found
        for name, found in rooms.items()
        if len(found) > 1
        and not (len(set(found)) == len(found) and any(set(found) <= each for each in MAY_SHARE))
    }


def test_no_module_is_named_twice_but_for_verbs_and_tables() -> None:
    assert namesakes(path for path, _source in sources()) == {}


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (("cli/open.py", "client/open.py", "server/open.py"), {}),
        (("server/store/members.py", "server/projection/members.py"), {}),
        (("server/open.py", "domain/open.py"), {"open.py": ["server", "domain"]}),
        (("server/open.py", "server/reads/open.py"), {"open.py": ["server", "server"]}),
        (("server/members.py", "server/store/members.py"), {"members.py": ["server", "store"]}),
    ],
)
def test_a_name_that_is_taken_is_found(paths: tuple[str, ...], found: dict[str, list[str]]) -> None:
    assert namesakes(paths) == found


def classes(tree: ast.Module) -> Iterator[str]:
    """Yield the public classes of a module, and the types that it names."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def test_each_class_has_a_name_of_its_own() -> None:
    where: dict[str, list[str]] = defaultdict(list)
    for path, source in sources():
        for name in classes(ast.parse(source)):
            where[name].append(path)
    assert {name: paths for name, paths in where.items() if len(paths) > 1} == {}


def declared() -> dict[str, str]:
    """Return each dependency of pyproject with the comment beside it, from the file's own lines."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    names = [
        re.split(r"[^A-Za-z0-9_-]", requirement)[0].lower()
        for requirement in tomllib.loads(text)["project"]["dependencies"]
    ]
    line = re.compile(r'^  "([A-Za-z0-9_-]+)[^"]*",[ \t]*(?:# (.*))?$', re.MULTILINE)
    comments = dict(line.findall(text))
    return {name: comments[name] for name in names}


def test_every_library_is_declared_with_its_reason() -> None:
    used = {
        imported.partition(".")[0]
        for _path, source in sources()
        for imported in imports(ast.parse(source))
    }
    foreign = used - set(sys.stdlib_module_names) - {"assigncli"}
    reasons = declared()
    assert {DISTRIBUTION.get(name, name) for name in foreign} <= set(reasons)
    assert all(reasons.values()), reasons


def error_codes() -> set[str]:
    """Return every code an error can have: rules, and those given by name."""
    found = {str(rule) for rule in Rule}
    for _path, source in sources():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.keyword) and node.arg == "code":
                found |= _texts(node.value)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in MAKERS and node.args:
                found |= {text for text in _texts(node.args[0]) if CODE.fullmatch(text)}
    return found


def _texts(node: ast.expr | None) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return _texts(node.body) | _texts(node.orelse)
    return set()


def test_error_codes_are_stable() -> None:
    """Scripts depend on the codes: a new one is added to the file, an old one never leaves it."""
    kept = set(CODES.read_text(encoding="utf-8").split())
    found = error_codes()
    assert sorted(found - kept) == [], f"add to {CODES.name}"
    assert sorted(kept - found) == [], "a code was renamed or removed"
