"""Parts that a page is put together from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Panel:
    """An interactive part of a page.

    Args:
        style: its style sheet.
        markup: its HTML, in which nothing of the user's stands unescaped; no handler, no style.
        scripts: texts of its scripts, in the order in which they run; the page names the hash of
            each in its policy.
        notes: what it does not show, in words.
    """

    style: str
    markup: str
    scripts: tuple[str, ...]
    notes: tuple[str, ...] = ()
