"""The whole manual as one HTML page: headings to jump by, the language said, no script."""

from __future__ import annotations

from html import escape
from typing import Final

from markdown_it import MarkdownIt

from assigncli.cli.manual import TOPICS, Topic
from assigncli.locale import _, language

_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 0 auto; padding: 1rem; }
h1, h2, h3 { line-height: 1.25; }
h2 { margin-top: 3rem; }
pre { padding: .5rem 1rem; border: 1px solid; white-space: pre-wrap; overflow-wrap: anywhere; }
code { overflow-wrap: anywhere; }
a:focus-visible { outline: 3px solid; outline-offset: 2px; }
"""
_PAGE: Final = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<nav aria-label="{contents}">
<ul>
{links}
</ul>
</nav>
</header>
<main>
{sections}
</main>
</body>
</html>
"""


def page() -> str:
    """Return the page in the language in use."""
    return _PAGE.format(
        language=language(),
        title=escape(_("The manual of assign")),
        contents=escape(_("Contents")),
        style=_STYLE,
        links="\n".join(map(_link, TOPICS)),
        sections="\n".join(map(_section, TOPICS)),
    )


def _link(topic: Topic) -> str:
    title = topic.markdown().partition("\n")[0].removeprefix("# ")
    return f'<li><a href="#{topic.name}">{escape(title)}</a></li>'


def _section(topic: Topic) -> str:
    """Return a topic with its headings one level down, the first of them named for the link."""
    parser = MarkdownIt()
    tokens = parser.parse(topic.markdown())
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1:]) + 1}"
    tokens[0].attrSet("id", topic.name)
    return f"<section>\n{parser.renderer.render(tokens, parser.options, {})}</section>"
