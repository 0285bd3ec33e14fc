"""Vertex features of a set of graphs: numbers, kinds, or degrees where there are neither."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp

from tvgnn_cli.errors import InputError, some_of
from tvgnn_cli.graph.graph_set import NOT_READ, Category, GraphSet, runs
from tvgnn_cli.prepare.column_scaling import ROBUST, bounds_of, reach, tempered

MOST_DEGREES = 4096
"""Degrees that are told apart; higher ones count as the highest."""


@dataclass(frozen=True, eq=False)
class GraphFeatureRecipe:
    """Rule by which vertices become rows of features, learned from one set and applied to others.

    Args:
        attributes: number of attributes.
        attribute_names: of these; empty where they have none.
        offset, scale: what is taken from each attribute and what it is divided by, float64 `[a]`.
        bounds: lowest and highest value of each, to which those beyond are brought before, float64
            `[2, a]`; empty for none.
        categories: values of each category by its name, in order; each is a column.
        highest_degree: of the one-hot degrees that stand for features; None where there are
            others.
    """

    attributes: int
    attribute_names: tuple[str, ...]
    offset: np.ndarray
    scale: np.ndarray
    categories: tuple[tuple[str, tuple[str, ...]], ...]
    highest_degree: int | None
    bounds: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @property
    def num_features(self) -> int:
        """Columns of what `apply` gives."""
        degrees = 0 if self.highest_degree is None else self.highest_degree + 1
        return self.attributes + sum(len(values) for _, values in self.categories) + degrees

    def apply(self, graphs: GraphSet) -> tuple[Any, tuple[str, ...]]:
        """The features of all vertices, float32 `[n, f]`, dense or CSR; and what is to be said.

        Raises:
            InputError: the graphs lack what the recipe was learned from.
        """
        if not graphs.num_vertices:
            return np.zeros((0, self.num_features), dtype=np.float32), ()
        notes = self._unused(graphs)
        parts: list[Any] = []
        if self.attributes:
            x = self._attributes(graphs)
            x = np.clip(x, *self.bounds) if self.bounds.size else x
            parts.append((x - self.offset) / self.scale)
        for name, values in self.categories:
            found = next((each for each in graphs.categories if each.name == name), None)
            found = _numbers_as_kinds(graphs, name) if found is None else found
            if found is None:
                raise InputError(
                    f"{graphs.name}: has no vertex labels '{name}', which the model was trained on"
                    f"{_instead(graphs)}"
                )
            columns, unknown = _one_hot(found, values)
            parts.append(columns)
            notes += [unknown] if unknown else []
        if self.highest_degree is not None:
            degrees = np.minimum(graphs.degrees, self.highest_degree)
            higher = int((graphs.degrees > self.highest_degree).sum())
            if higher:
                notes.append(
                    f"numbers of neighbours above {self.highest_degree}, the most that training "
                    f"has seen or tells apart, count as that: of {higher:,} vertices"
                )
            parts.append(_indicator(degrees, self.highest_degree + 1))
        with np.errstate(over="ignore"):  # which is then told
            joined = _joined(parts, graphs.num_vertices)
        self._check(joined, graphs)
        return joined, tuple(notes)

    def _unused(self, graphs: GraphSet) -> list[str]:
        """Notes on what is known of vertices and was not when the recipe was learned."""
        found, names = graphs.attributes, graphs.attribute_names
        told = []
        if found is not None and not self.attributes:
            told.append("vertex attributes: not used, since the model was trained without any")
        elif bool(names) != bool(self.attribute_names):
            told.append(
                "vertex attributes: taken by their order, since those of "
                f"{'the model' if names else graphs.name} have no names"
            )
        elif set(names) - set(self.attribute_names):
            others = [name for name in names if name not in self.attribute_names]
            told.append(f"vertex attributes that the model was not trained on: {some_of(others)}")
        known = {name for name, _ in self.categories}
        kinds = [f"'{each.name}'" for each in graphs.categories if each.name not in known]
        if kinds:
            told.append(f"vertex labels that the model was not trained on: {some_of(kinds)}")
        return told

    def _check(self, x: Any, graphs: GraphSet) -> None:
        """Refuse features that are too large to be worked with.

        Raises:
            InputError: naming the graph and the attribute.
        """
        if not isinstance(x, np.ndarray):
            return
        rows, columns = np.nonzero(~np.isfinite(x))
        if len(rows):
            graph = graphs.ids[graphs.graph_of_vertex[rows[0]]]
            raise InputError(
                f"{graphs.name}: attribute {self._named(int(columns[0]))} of graph {graph} is "
                f"{x[rows[0], columns[0]]:.3g} after scaling; nothing can be learned of it"
            )

    def _named(self, column: int) -> str:
        """An attribute by its name, or its number from 1."""
        names = self.attribute_names
        return f"'{names[column]}'" if column < len(names) else f"{column + 1}"

    def _attributes(self, graphs: GraphSet) -> np.ndarray:
        """The attributes that the recipe knows, by name where both have names, `[n, a]`.

        Raises:
            InputError: they are not there.
        """
        found, names = graphs.attributes, graphs.attribute_names
        if found is not None and names and self.attribute_names:
            missing = [name for name in self.attribute_names if name not in names]
            if missing:
                raise InputError(
                    f"{graphs.name}: vertices have no attribute {some_of(missing)}, which the "
                    "model was trained on"
                )
            return found[:, [names.index(name) for name in self.attribute_names]]
        width = 0 if found is None else found.shape[1]
        if found is None or width != self.attributes:
            raise InputError(
                f"{graphs.name}: vertices have {width} attributes; the model was trained on "
                f"{self.attributes}{_instead(graphs) if found is None else ''}{_left_out(graphs)}"
            )
        return found


def _numbers_as_kinds(graphs: GraphSet, name: str) -> Category | None:
    """An attribute whose values happen to be whole numbers as the kinds that others of its name
    are, which may be words; None for none of that name, or of fractions.
    """
    if name not in graphs.attribute_names or graphs.attributes is None:
        return None
    values = graphs.attributes[:, graphs.attribute_names.index(name)]
    if bool((values % 1 != 0).any()):
        return None
    distinct, codes = np.unique(values, return_inverse=True)
    return Category(name, codes.reshape(-1), tuple(str(int(value)) for value in distinct))


def _left_out(graphs: GraphSet) -> str:
    """The reasons for not reading attributes, after a message that they lack; "" for none."""
    found = [note for note in graphs.notes if note.startswith(NOT_READ)]
    return f"; {found[0]}" if found else ""


def _instead(graphs: GraphSet) -> str:
    """Name in words the features that vertices have in place of a model's; "" for none."""
    kinds = [f"'{each.name}'" for each in graphs.categories if each.values]
    has = [f"labels {some_of(kinds, 3)}"] if kinds else []
    if graphs.attributes is not None:
        has.append(f"{graphs.attributes.shape[1]} attributes")
    if not has:
        return ""
    return (
        f"; they have {' and '.join(has)} (x of a table of graphs is labels where all of it is "
        "whole numbers: 1.0 is an attribute)"
    )


def learn_features(
    graphs: GraphSet, scaling: str, seen: np.ndarray | None = None
) -> GraphFeatureRecipe:
    """Learn how the vertices of these graphs become features: numbers and kinds, or one-hot degrees
    where there are neither.

    Source: Appendix B.2.

    Args:
        graphs: the set.
        scaling: "standard" for attributes of mean 0 and deviation 1, "robust" for the same once
            values far outside are brought nearer, or "none".
        seen: positions of the graphs whose attributes and degrees are looked at; None for all.
    """
    vertices = slice(None) if seen is None else runs(graphs.ptr, seen)
    x = None if graphs.attributes is None else graphs.attributes[vertices]
    width = 0 if x is None else x.shape[1]
    numbers = _scaling(np.zeros((0, width)) if x is None else x, scaling)
    kinds = tuple((each.name, each.values) for each in graphs.categories)
    bare = not width and not any(values for _, values in kinds)
    degrees = graphs.degrees[vertices]
    highest = min(int(degrees.max(initial=0)), MOST_DEGREES) if bare else None
    offset, scale, bounds = numbers
    names = graphs.attribute_names
    return GraphFeatureRecipe(width, names, offset, scale, kinds, highest, bounds)


def _scaling(x: np.ndarray, scaling: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Offset, scale and bounds of the columns of attributes `[n, a]`."""
    offset, scale, bounds = np.zeros(x.shape[1]), np.ones(x.shape[1]), np.zeros(0)
    if scaling == "none" or not x.size:
        return offset, scale, bounds
    low, high = x.min(axis=0), x.max(axis=0)
    if scaling == ROBUST:
        low, high, far = reach(x)
        bounds = bounds_of(low, high, far).astype(np.float64)
        x = np.clip(x, *bounds) if bounds.size else x
    offset = x.mean(axis=0, dtype=np.float64)
    scale = np.asarray(x.std(axis=0, dtype=np.float64))
    if scaling == ROBUST:
        scale = tempered(scale, offset, low, high)
    return offset, np.where(high > low, scale, 1.0), bounds  # a difference may overflow


def _one_hot(found: Category, values: tuple[str, ...]) -> tuple[sp.csr_array, str]:
    """Columns for the values of a category, and what is to be said of others."""
    place = {value: i for i, value in enumerate(values)}
    own = np.array([place.get(value, -1) for value in found.values] + [-1], dtype=np.int64)
    codes = own[found.codes]
    unknown = sorted({found.values[c] for c in np.unique(found.codes) if c >= 0 and own[c] < 0})
    note = ""
    if unknown:
        note = (
            f"vertex labels that the model does not know, taken for none: {some_of(unknown)} of "
            f"'{found.name}'"
        )
    return _indicator(codes, len(values)), note


def _indicator(codes: np.ndarray, width: int) -> sp.csr_array:
    """A 1 in the column of each row's code, none where that is -1; float32 `[n, width]`."""
    known = codes >= 0
    start = np.concatenate([[0], np.cumsum(known)])
    columns = codes[known].astype(np.int32)
    data = np.ones(len(columns), dtype=np.float32)
    return sp.csr_array((data, columns, start.astype(np.int32)), shape=(len(codes), width))


def _joined(parts: list[Any], n: int) -> Any:
    """Columns side by side: dense where numbers are among them."""
    if not parts:
        return np.ones((n, 1), dtype=np.float32)
    if not any(isinstance(part, np.ndarray) for part in parts):
        joined = sp.hstack(parts, format="csr") if len(parts) > 1 else parts[0]
        return sp.csr_array(joined, dtype=np.float32)
    dense = [part if isinstance(part, np.ndarray) else part.toarray() for part in parts]
    return np.ascontiguousarray(np.hstack(dense), dtype=np.float32)
