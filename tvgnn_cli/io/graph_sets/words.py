"""Words of a set of graphs: its classes, its parts, the kinds of its vertices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.errors import InputError, shown, some_of
from tvgnn_cli.graph.graph_set import TEST, TRAIN, VALIDATION, Category, GraphSet
from tvgnn_cli.graph.labels import encode_labels
from tvgnn_cli.graph.missing import NO_CLASS, is_missing, may_be_no_class
from tvgnn_cli.io.source import is_number

PARTS = {
    "train": TRAIN,
    "training": TRAIN,
    "val": VALIDATION,
    "valid": VALIDATION,
    "validation": VALIDATION,
    "dev": VALIDATION,
    "test": TEST,
    "testing": TEST,
    "": "",
}
"""Words for the parts of a set."""

_SIGNED = re.compile(r"\A\+(?=\d+(?:\.\d+)?\Z)")
_WHOLE = re.compile(r"\A(-?\d+)\.0+\Z")
_DIGITS = re.compile(r"-?\d+")


def part_of(word: str, where: str) -> str:
    """The part that a word stands for: "train", "validation", "test", or "" for none.

    Args:
        word: in any case.
        where: it stands, for messages.

    Raises:
        InputError: another word.
    """
    found = PARTS.get("" if is_missing(word) else word.strip().lower())
    if found is None:
        raise InputError(f"{where}: split is {shown(word)}; known: train, validation, test")
    return found


@dataclass(frozen=True, eq=False)
class GraphClasses:
    """Classes of graphs.

    Args:
        y: int64 `[g]` into `names`, -1 for an unknown one; None where all are.
        names: what the codes stand for.
        notes: sentences that the summary shows.
    """

    y: np.ndarray | None
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()


def classes_of_graphs(texts: Sequence[str]) -> GraphClasses:
    """Classes by name, numbers in their order. Marks of a missing value are an unknown class, and
    so are `?` and `\\N`; -1 is a class.

    Args:
        texts: one for each graph `[g]`.
    """
    stripped = [_SIGNED.sub("", text.strip()) for text in texts]
    known = [text for text in stripped if not is_missing(text) and text not in NO_CLASS]
    numbers = [_WHOLE.fullmatch(text) for text in known]
    whole = {_WHOLE.sub(r"\1", text) for text in known}
    # What pandas makes of whole numbers with a gap; 1 and 1.0 beside each other are two names.
    fractional = (
        any(numbers) and all(map(_DIGITS.fullmatch, whole)) and len(whole) == len(set(known))
    )
    if fractional:
        stripped = [_WHOLE.sub(r"\1", text) for text in stripped]
    marks = [text for text in stripped if text in NO_CLASS]
    y, names = encode_labels(["" if text in NO_CLASS else text for text in stripped])
    if not names:
        return GraphClasses(None, (), ("classes: none, no graph has one",))
    return GraphClasses(y, names, tuple(_said(y, names, fractional, marks)))


def _said(
    y: np.ndarray, names: tuple[str, ...], fractional: bool, marks: Sequence[str]
) -> list[str]:
    said = ["classes: 1.0 is read as 1"] if fractional else []
    said += [
        f"classes: {mark} is taken for an unknown class (graphs: {marks.count(mark):,})"
        for mark in sorted(set(marks))
    ]
    doubtful = [n for n in names if may_be_no_class(n) and not (n == "-" and "+" in names)]
    said += [
        f"classes: {shown(name)} counts as a class; an empty cell means that it is unknown"
        for name in doubtful[:3]
    ]
    said += _doubts(names)
    known = int((y >= 0).sum())
    if known < len(y):
        said.append(f"classes: unknown for {len(y) - known:,} of {len(y):,} graphs")
    if known > 2 and 2 * len(names) > known:
        said.append(
            f"classes: {len(names):,} of {known:,} graphs, fewer than two a class: are they meant?"
        )
    return said


def _doubts(names: Sequence[str]) -> list[str]:
    """Note names that may not be meant: numbers with a fraction, two that look alike."""
    fractions = [name for name in names if is_number(name) and float(name) % 1]
    said = []
    if fractions:
        said.append(f"classes: {some_of(fractions, 3)}: each such number is a class of its own")
    lists = [shown(name, 20) for name in names if _is_list(name)]
    if lists:
        said.append(f"classes: {some_of(lists, 3)}: each such list of numbers is one class")
    first: dict[str, str] = {}
    pairs = [
        (first[key], name)
        for key, name in ((_looks(name), name) for name in names)
        if first.setdefault(key, name) != name
    ]
    said += [
        f"classes: {shown(one)} and {shown(other)} are two, though they look alike"
        for one, other in pairs[:3]
    ]
    return said


MOST_EXACT = 2.0**53
"""Numbers below are told apart by a float, if they are whole."""


def _is_list(name: str) -> bool:
    """Tell whether a class is several numbers, as where a graph has several classes."""
    words = name.strip("[]() ").replace(",", " ").replace(";", " ").split()
    return len(words) > 1 and all(map(is_number, words))


def _looks(name: str) -> str:
    """A key that names share which people would take for the same."""
    if _DIGITS.fullmatch(name):
        return ("-" if name.startswith("-") else "") + (name.lstrip("-0") or "0")
    if is_number(name) and abs(float(name)) < MOST_EXACT:
        number = float(name)
        return f"{number:.0f}" if number.is_integer() else repr(number)
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def category_names(count: int) -> list[str]:
    """Names of the columns of vertex labels that have none: `label`, or `label 1`, `label 2`."""
    return ["label"] if count == 1 else [f"label {i + 1}" for i in range(count)]


def category_of(name: str, values: np.ndarray) -> Category:
    """The kinds that values name, numbers in their order; marks of a missing value are no kind.

    Args:
        name: of the category.
        values: whole numbers or text, of each vertex `[n]`.
    """
    if values.dtype.kind == "O":
        values = values.astype(str)
    distinct, inverse = np.unique(values, return_inverse=True)
    codes, names = encode_labels([str(value).strip() for value in distinct.tolist()])
    return Category(name, codes[inverse.reshape(-1)] if len(distinct) else _no_codes(), names)


def notes_on_gaps(graphs: GraphSet) -> tuple[str, ...]:
    """Count the vertices that a category has no kind of, where it has one of others."""
    told = [
        f"'{each.name}' ({count:,})"
        for each in graphs.categories
        if (count := int((each.codes < 0).sum()))
    ]
    if not told:
        return ()
    return (
        f"vertex labels that some vertices lack, which are of no kind: {some_of(told)}; so count "
        "empty ones, NA, None and the like",
    )


FEW = 3
"""Vertices of a graph below which kinds that differ tell nothing."""


def notes_on_names(graphs: GraphSet) -> tuple[str, ...]:
    """Note kinds of which no graph has two vertices, in several graphs of some size: such are names
    more often than kinds.
    """
    large = np.flatnonzero(graphs.sizes >= FEW)
    if len(large) < 2:
        return ()
    names = []
    for each in graphs.categories:
        pairs = graphs.graph_of_vertex * (len(each.values) + 1) + each.codes
        known = pairs[each.codes >= 0]
        if len(known) == graphs.num_vertices and len(np.unique(known)) == len(known):
            names.append(shown(each.name, 20))
    if not names:
        return ()
    return (
        f"vertex labels {some_of(names)}: no two vertices of a graph share one; if they are names, "
        "`vertex_features` attributes leaves them out",
    )


def _no_codes() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)
