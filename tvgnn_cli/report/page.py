"""The text of a report, from its parts.

Jinja2, which torch needs too, puts them together: it escapes whatever a template names unless it
was said to be markup, so that nothing is forgotten.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tvgnn_cli.errors import printable
from tvgnn_cli.report.parts import Panel
from tvgnn_cli.report.policy import check_enclosed, policy_of

ROOM = "tvgnn_cli.report"

_TICKED = re.compile(r"`([^`]+)`")


def page_of(panel: Panel | None = None, **parts: Any) -> str:
    """The page, the same for the same parts.

    Args:
        panel: an interactive part; None for none, and no script in the page.
        **parts: by their names in the template.

    Raises:
        ValueError: a style or script of the panel that would end its element.
    """
    styles = [_style(), *([] if panel is None else [panel.style])]
    scripts = [] if panel is None else list(panel.scripts)
    return (
        environment()
        .get_template("report.html")
        .render(
            policy=policy_of(styles, scripts),
            styles=[Markup(check_enclosed(style, "style")) for style in styles],
            scripts=[Markup(check_enclosed(script, "script")) for script in scripts],
            panel=None if panel is None else {"markup": Markup(panel.markup), "notes": panel.notes},
            **parts,
        )
    )


@cache
def environment() -> Environment:
    """Templates, which escape all that they name and know each name."""
    environment = Environment(
        loader=PackageLoader(ROOM),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters["ticks"] = _ticked
    return environment


def _shown(value: Any) -> Any:
    """Text without characters that are not seen, or that turn those beside them round."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else printable(value)


def _ticked(text: str) -> Markup:
    """A sentence in which names of settings stand in backticks."""
    escaped = str(Markup.escape(printable(text)))
    return Markup(_TICKED.sub(r"<code>\1</code>", escaped))


@cache
def _style() -> str:
    return files(ROOM).joinpath("templates", "report.css").read_text(encoding="utf-8")
