"""Pieces of Markdown that several parts of the page share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def plus_minus(value: float, spread: float | None, digits: int = 3) -> str:
    """A value and its spread, or the value alone where there is none."""
    said = f"{value:.{digits}f}"
    return said if spread is None else f"{said} ± {spread:.{digits}f}"
