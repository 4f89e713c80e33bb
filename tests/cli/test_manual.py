"""The manual: each command in it runs, in both languages, and anybody can use its page."""

from __future__ import annotations

import html.parser
import importlib.util
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from assigncli.cli.frame.commands import COMMANDS
from assigncli.cli.manual import TOPICS
from assigncli.cli.manual.line_by_line import lines
from assigncli.cli.manual.page import page
from assigncli.locale import speaking
from tests.hearing import LONGEST
from tests.office import ACCEPT, ROOT, Office
from tests.paper import typed_in_lines
from tests.quick import all_in_one

LANGUAGES = ("en", "nb")
FOLDER = ROOT / "assigncli" / "cli" / "manual"
BLOCK = re.compile(r"```sh\n(.*?)```", flags=re.DOTALL)


def text(name: str, lang: str) -> str:
    return (FOLDER / lang / f"{name}.md").read_text(encoding="utf-8")


def commands_of(lang: str) -> list[str]:
    """Return the commands of all topics, in their order."""
    blocks = [block for topic in TOPICS for block in BLOCK.findall(text(topic.name, lang))]
    return [line for block in blocks for line in block.splitlines()]


# ---- what it says


def test_each_topic_has_a_text_in_each_language_and_no_text_is_left_over() -> None:
    names = {f"{topic.name}.md" for topic in TOPICS}
    for lang in LANGUAGES:
        assert {path.name for path in (FOLDER / lang).iterdir()} == names


@all_in_one("name", [topic.name for topic in TOPICS])
def test_both_languages_have_the_same_parts(name: str) -> None:
    english, norwegian = ([_part(line) for line in _parts(name, lang)] for lang in LANGUAGES)
    assert english == norwegian


def _parts(name: str, lang: str) -> list[str]:
    """Return headings, items of lists and commands; how many sentences they have may differ."""
    return [
        line
        for line in text(name, lang).splitlines()
        if line.startswith(("#", "- ", "```", "assign "))
    ]


def _part(line: str) -> str:
    """Return what a part has in common with its translation: its mark, or command and options."""
    if not line.startswith("assign "):
        return line.partition(" ")[0]
    return " ".join(word for word in re.sub(r'"[^"]*"', "", line).split() if word.islower())


@all_in_one("name", [topic.name for topic in TOPICS])
def test_every_line_can_be_kept_in_mind(name: str) -> None:
    for lang in LANGUAGES:
        told = lines(text(name, lang))
        assert not [line for line in told if len(line) > LONGEST]
        assert not [line for line in told if re.search(r"[`*_]{2}|`|\s$|  ", line)]


@all_in_one("name", [entry.name for entry in COMMANDS])
def test_the_manual_speaks_of_every_command(name: str) -> None:
    for lang in LANGUAGES:
        assert any(f"assign {name}" in text(topic.name, lang) for topic in TOPICS)


def test_a_topic_is_shown_line_by_line_in_the_language_in_use(office: Office) -> None:
    said = office.ok("help mentor", profile=None).stdout.splitlines()
    assert said[:3] == [
        "For peer mentors",
        "",
        "You are sent an assignment, read it, visit or call, and say that it is done.",
    ]
    assert "assign ack 1 --profile ola" in said
    assert office.ok("help mentor --lang nb", profile=None).stdout.startswith("For likepersoner\n")


def test_the_first_page_lists_the_topics(office: Office) -> None:
    told = office.ok("help", profile=None).stdout
    listed = told.partition("Topics, after assign help:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.partition(":")[0] for line in listed] == [topic.name for topic in TOPICS]


def test_a_topic_with_the_name_of_a_command_is_followed_by_that_page(office: Office) -> None:
    both = {topic.name for topic in TOPICS} & {entry.name for entry in COMMANDS}
    assert both == {"honorarium", "privacy"}
    for name, title in (("honorarium", "Honoraria"), ("privacy", "Privacy")):
        said = office.ok(f"help {name}", profile=None).stdout
        page = office.ok(f"{name} --help", profile=None).stdout
        assert said.startswith(f"{title}\n")
        assert said.endswith(f"\n\n{page}")


# ---- its commands


@pytest.mark.parametrize("lang", ["en", pytest.param("nb", marks=pytest.mark.slow)])
def test_every_command_of_the_manual_runs(
    lang: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    here, there = Office(tmp_path / "here"), Office(tmp_path / "there")
    for office in (here, there):
        office.folder.mkdir(mode=0o700)
    known = {"INVITATION": "", "fingerprint": ""}
    for line in commands_of(lang):
        assert shlex.split(line)[0] == "assign", line
        _run(here, there, f"{line} --lang {lang}", known)


def _run(here: Office, there: Office, line: str, known: dict[str, str]) -> None:
    words = shlex.split(line)
    if words[1] == "join":
        placed = re.sub("INVITATION|INVITASJON", shlex.quote(known["INVITATION"]), line)
        known["fingerprint"] = _json(there, placed)["fingerprint"]
    elif words[1:3] == ["member", "invite"] and "--here" not in words:
        known["INVITATION"] = _json(here, line)["invitation"]
    elif words[1:3] == ["member", "approve"]:
        _json(here, f"{line} --fingerprint '{known['fingerprint']}'")
    elif words[1] == "consent":
        _json(here, f"{line} {ACCEPT}")
    elif words[1] == "open":
        assert _json(here, f"{line} --reveal")["full_name"]
    elif words[1:3] == ["key", "kit"]:
        typed = typed_in_lines(here)
        here.ok(f"{line.removeprefix('assign ')} --reveal", profile=None, stdin=typed)
    else:
        here.ok(line.removeprefix("assign "), profile=None)


def _json(office: Office, line: str) -> dict[str, str]:
    found: dict[str, str] = office.ok(f"{line.removeprefix('assign ')} --json", profile=None).json
    return found


# ---- its page


class Outline(html.parser.HTMLParser):
    """What a page is built of: its language, headings, links and targets."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.language = ""
        self.levels: list[int] = []
        self.links: list[str] = []
        self.targets: list[str] = []
        self.tags: set[str] = set()
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        if tag == "html":
            self.language = given.get("lang") or ""
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        self.links += [given["href"] or ""] if "href" in given else []
        self.targets += [given["id"] or ""] if "id" in given else []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_has_headings_to_jump_by_and_says_its_language(lang: str) -> None:
    with speaking(lang):
        outline = Outline(page())
    assert outline.language == lang
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    assert outline.levels.count(2) == len(TOPICS)
    steps = zip(outline.levels, outline.levels[1:], strict=False)
    assert all(after <= before + 1 for before, after in steps)
    assert outline.links == [f"#{topic.name}" for topic in TOPICS]
    assert outline.targets == [topic.name for topic in TOPICS]
    assert not outline.tags & {"script", "img", "iframe", "table"}


def test_the_page_is_written_and_never_over_another_file(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "manual.html"
    assert str(path) in office.ok(f"help --html {path} --lang nb", profile=None).stdout
    assert '<html lang="nb">' in path.read_text(encoding="utf-8")
    path.write_text("mine", encoding="utf-8")
    office.refused(f"help --html {path}", "output_exists", 2, profile=None)
    assert path.read_text(encoding="utf-8") == "mine"
    office.refused("help --html /nowhere/manual.html", "output_unwritable", 2, profile=None)


def _axe() -> str | None:
    """Return the script of axe-core, if the package that has it is here."""
    found = importlib.util.find_spec("axe_playwright_python")
    places = (found.submodule_search_locations or []) if found else []
    return next((Path(each, "axe.min.js").read_text(encoding="utf-8") for each in places), None)


RUN_AXE = """
<script>%s</script>
<script>
axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa",
  "best-practice"]}).then(function (found) {
  const kept = {violations: found.violations.map(each => each.id + ": " + each.nodes[0].html),
    passes: found.passes.length};
  document.documentElement.innerHTML = "<body><pre></pre></body>";
  document.querySelector("pre").textContent = JSON.stringify(kept);
});
</script>
</body>"""


def _violations(source: str, folder: Path) -> tuple[list[str], int]:
    """Return what axe-core finds wrong with a page in a real browser, and how much was right."""
    axe = _axe()
    assert axe is not None
    path = folder / "page.html"
    path.write_text(source.replace("</body>", RUN_AXE % axe), encoding="utf-8")
    shown = subprocess.run(
        [
            *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            *(f"--user-data-dir={folder / 'browser'}", "--virtual-time-budget=30000"),
            *("--dump-dom", path.as_uri()),
        ],
        capture_output=True,
        timeout=120,
        check=True,
        text=True,
    ).stdout
    found = re.search("<pre>(.*)</pre>", shown, flags=re.DOTALL)
    assert found is not None, shown[:2000]
    kept = json.loads(html.unescape(found[1]))
    return kept["violations"], kept["passes"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
@pytest.mark.skipif(_axe() is None, reason="needs axe-core")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_axe_finds_no_violation_on_the_page(lang: str, tmp_path: Path) -> None:
    with speaking(lang):
        source = page()
    violations, passes = _violations(source, tmp_path)
    assert violations == []
    assert passes > 10
    spoilt = source.replace(f'<html lang="{lang}">', "<html>").replace("<h1>", "<p>")
    assert _violations(spoilt, tmp_path)[0] != []
