"""True classes from values as text: which of them are none, and what is said of the others.

Nothing here reaches training. It matters for the scores, and for the number of clusters where that
is taken from the classes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.graph.labels import encode_labels
from tvgnn_cli.graph.missing import NO_CLASS, is_missing, may_be_no_class
from tvgnn_cli.graph.property_graph import Column
from tvgnn_cli.io.names import fold


@dataclass(frozen=True, eq=False)
class Classes:
    """True classes.

    Args:
        codes: int64 `[n]` into `names`, `UNKNOWN` for a vertex of unknown class; None where that is
            every vertex.
        names: what the codes stand for.
        notes: sentences that the summary shows.
    """

    codes: np.ndarray | None
    names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def said(self, where: str) -> str:
        """The note that says where they come from, or that there are none."""
        if self.codes is None:
            return f"true labels: none, no vertex has a class in {where}"
        return f"true labels: {where}"


def classes_of(texts: Sequence[str]) -> Classes:
    """Classes by name. Marks of a missing value are no class, `?` and `\\N` neither, and -1 is none
    beside two classes or more that are whole numbers from 0 or that are text.

    Args:
        texts: a value for each vertex, "" for none.
    """
    counts = {text: count for text, count in Counter(texts).items() if not is_missing(text)}
    unknown = {name for name in counts if name in NO_CLASS or _is_spare(name, counts)}
    if unknown:
        texts = ["" if text in unknown else text for text in texts]
    codes, names = encode_labels(texts)
    if not names:
        return Classes(None, ())
    said = [
        f"classes: {name} of {_vertices(counts[name])} is taken for an unknown class"
        + ("; a class needs another name" if name == "-1" else "")
        for name in sorted(unknown)
    ]
    said += [
        f"classes: '{name}' of {_vertices(counts[name])} counts as a class of its own; empty cells "
        "there mean that the class is unknown"
        for name in names
        if (may_be_no_class(name) and not (name == "-" and "+" in names))
        or (name == "-1" and _is_among_text(counts))
    ]
    known = sum(counts[name] for name in names)
    if known > 2 and 2 * len(names) > known:
        said.append(
            f"classes: {len(names):,} of {_vertices(known)}, fewer than two a class: another "
            "column may be meant (`label_attr`)"
        )
    return Classes(codes, names, tuple(said))


def _is_spare(name: str, counts: Mapping[str, int]) -> bool:
    """Tell whether a name is -1 and stands for no class: beside two others, all counted from 0 or
    all text.
    """
    if name != "-1":
        return False
    others = [other for other in counts if other not in NO_CLASS and other != "-1"]
    if len(others) < 2:
        return False
    return all(other.isdecimal() for other in others) or _is_among_text(counts)


def _is_among_text(counts: Mapping[str, int]) -> bool:
    """Tell whether all classes but -1 begin with letters."""
    return all(fold(name)[:1].isalpha() for name in counts if name not in NO_CLASS | {"-1"})


def _vertices(count: int) -> str:
    return f"{count:,} {'vertex' if count == 1 else 'vertices'}"


def looks_like_classes(column: Column) -> bool:
    """Tell whether values may be true classes: of half of the vertices at least, more than one, two
    vertices each on average, and no fractions.
    """
    if column.is_number and not are_whole(column.present):
        return False
    texts = [text for text in column.texts() if text]
    if not column.is_number and any(_is_fraction(text) for text in set(texts)):
        return False
    distinct = len(set(texts))
    return distinct > 1 and 2 * distinct <= len(texts) and 2 * len(texts) >= len(column.values)


def _is_fraction(text: str) -> bool:
    try:
        value = float(text)
    except ValueError:
        return False
    return np.isfinite(value) and value % 1 != 0


def are_whole(values: np.ndarray) -> bool:
    """Tell whether all numbers are finite and without a fraction."""
    finite = np.isfinite(values)
    return bool(finite.all() and (values % 1 == 0).all())
