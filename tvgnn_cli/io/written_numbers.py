"""Numbers in columns that a file declares to be text, as yEd, Neo4j and pygraphml declare them."""

from __future__ import annotations

import re

from tvgnn_cli.graph.property_graph import FALSE, TRUE, Column, column_of, parser_of

TEXT = ("", "string", "text", "char")
"""Kinds of columns of text."""

_PLAIN = re.compile(r"\s*-?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\s*", re.ASCII)
"""A number that is no code: `007` is one."""

LOOKED_AT = 1000
"""Values by which numbers with a few others among them are told from text."""


def with_numbers(column: Column) -> Column:
    """The same column, as numbers or as true and false where text is nothing else; a column with a
    code such as `007` stays text.
    """
    if column.is_number or column.kind not in TEXT or not len(column.present):
        return column
    texts = column.present.tolist()
    if not (_all_plain(texts) or all(text in TRUE + FALSE for text in texts)):
        return column
    read = parser_of(texts)
    return column_of([read(text) if text else None for text in column.texts()])


def text_among_numbers(column: Column) -> str | None:
    """The first value that is no plain number, in text most of which is; None for other columns."""
    if column.is_number or column.kind not in TEXT:
        return None
    texts = [str(text) for text in column.present.tolist()]
    sample = texts[:LOOKED_AT]
    if 2 * sum(map(_is_digits, sample)) <= len(sample):
        return None
    return next((text for text in texts if not _PLAIN.fullmatch(text)), None)


def _is_digits(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None or text.isdecimal()


def _all_plain(texts: list[str]) -> bool:
    return all(isinstance(text, str) and _PLAIN.fullmatch(text) for text in texts)
