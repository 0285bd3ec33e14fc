"""The one form that a graph has inside, and how any list of edges becomes it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.errors import InputError, counted, first_and_rest
from tvgnn_cli.graph.edges import EdgeCounts, merge_edges
from tvgnn_cli.graph.form import check_arrays
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.graph.stored_features import BLURRED, StoredFeatures

if TYPE_CHECKING:
    import scipy.sparse as sp

Features = Any
"""`[n, f]`: a numpy array, a scipy CSR array where most values are 0, or `StoredFeatures`, which
stay in their file."""


FEW = 64
"""Features that still are attributes that people look at; genes and words are more."""


@dataclass(frozen=True, eq=False)
class Graph:
    """An undirected graph with optional vertex features and true labels.

    Args:
        ids: vertex ids as strings, object array `[n]`, in input order.
        edge_index: int64 `[2, e]`; each undirected edge is one column with the lower vertex
            first, columns sorted, no self-loops.
        edge_weight: float64 `[e]`, positive and finite, larger is closer; None means 1.
        x: features `[n, f]`, dense, CSR or in their file, float32 (float64 where float32 would
            blur a column); None where there are none.
        feature_names: of the columns of `x`; empty where they have none.
        y: true classes `[n]`, int64 codes into `class_names`, -1 for a vertex whose class is
            unknown; None where there are no classes.
        class_names: what the codes of `y` stand for.
        names: what people call the vertices, object array `[n]`; None where that is their ids.
        name: the stem that output files are named after.
        counts: what became of the edges as they were read.
        notes: sentences that the summary shows.
        explicit_ids: whether ids came with the input (and so might come in any order).
        open_ended: whether the input does not say how many vertices there are: some without
            edges may come after the last that has one.
        later_classes: names of the classes of such vertices, in their order, "" for an unknown one.
        origin: the graph as its input has it, vertices in the same order; None where it was not
            asked for.
        read_with: names and values of the options that it was read with, but for its classes.
        fills: what stands in each column of `x` where its input has no value, `[f]`; None where
            nothing was filled.

    Raises:
        InputError: arrays that are not those of one graph.
    """

    ids: np.ndarray
    edge_index: np.ndarray
    edge_weight: np.ndarray | None = None
    x: Features = None
    feature_names: tuple[str, ...] = ()
    y: np.ndarray | None = None
    class_names: tuple[str, ...] = ()
    names: np.ndarray | None = None
    name: str = "graph"
    counts: EdgeCounts = field(default_factory=EdgeCounts)
    notes: tuple[str, ...] = ()
    explicit_ids: bool = False
    open_ended: bool = False
    later_classes: tuple[str, ...] = ()
    origin: PropertyGraph | None = None
    read_with: tuple[tuple[str, Any], ...] = ()
    fills: np.ndarray | None = None

    def __post_init__(self) -> None:
        check_arrays(len(self.ids), self.edge_index, self.edge_weight, {"x": self.x, "y": self.y})

    def __repr__(self) -> str:
        """Name the graph, and count what it holds, in one line."""
        return (
            f"<Graph {self.name!r}: {counted(self.num_vertices, 'vertex')}, "
            f"{counted(self.num_edges, 'edge')}, {counted(self.num_features, 'feature')}, "
            f"{counted(self.num_classes, 'class')}>"
        )

    @classmethod
    def from_edges(
        cls,
        ids: np.ndarray,
        tail: np.ndarray,
        head: np.ndarray,
        weight: np.ndarray | None = None,
        *,
        undirected: bool = False,
        **fields: Any,
    ) -> Graph:
        """A graph from any list of edges, as `merge_edges` makes them one."""
        edges = merge_edges(tail, head, weight, undirected)
        return cls(ids, edges.edge_index, edges.edge_weight, counts=edges.counts, **fields)

    @property
    def num_vertices(self) -> int:
        return len(self.ids)

    @property
    def num_edges(self) -> int:
        return int(self.edge_index.shape[1])

    @property
    def num_features(self) -> int:
        return 0 if self.x is None else int(self.x.shape[1])

    @property
    def num_classes(self) -> int:
        return len(self.class_names)

    @property
    def class_texts(self) -> np.ndarray:
        """The name of each vertex's true class, object array `[n]`; "" where it is unknown."""
        y = np.full(self.num_vertices, UNKNOWN) if self.y is None else self.y
        names: np.ndarray = np.array([*self.class_names, ""], dtype=object)[y]
        return names

    @property
    def all_notes(self) -> tuple[str, ...]:
        """Notes on the reading, those that matter least at the end."""
        return (*self.counts.notes(), *self.notes, *self.counts.last_notes())

    @cached_property
    def weights(self) -> np.ndarray:
        """Edge weights `[e]`, ones where the graph has none."""
        return np.ones(self.num_edges) if self.edge_weight is None else self.edge_weight

    @cached_property
    def degrees(self) -> np.ndarray:
        """Weighted degree of each vertex, `[n]`."""
        ends = self.edge_index.reshape(-1)
        return np.bincount(ends, np.tile(self.weights, 2), self.num_vertices)

    @cached_property
    def adjacency(self) -> sp.csr_array:
        """Symmetric weighted adjacency matrix in CSR form, float32."""
        import scipy.sparse as sp

        small = self.num_vertices < 2**31 and 2 * self.num_edges < 2**31
        tail, head = self.edge_index.astype(np.int32) if small else self.edge_index
        values = np.tile(self.weights.astype(np.float32), 2)
        pairs = (np.concatenate([tail, head]), np.concatenate([head, tail]))
        return sp.csr_array((values, pairs), shape=(self.num_vertices, self.num_vertices))

    def as_property_graph(self) -> PropertyGraph:
        """The graph in the form that files have: its edges, whose memory is shared, weights, true
        classes as `label`, and features that have names, unless they are many.
        """
        weight, columns = self.edge_weight, {}
        if self.y is not None:
            columns["label"] = Column(self.class_texts, self.y == UNKNOWN)
        if 0 < len(self.feature_names) <= FEW and isinstance(self.x, np.ndarray):
            columns |= dict(zip(self.feature_names, map(Column, self.x.T), strict=True))
        return PropertyGraph(
            self.ids,
            self.edge_index[0],
            self.edge_index[1],
            directed=False,
            vertex_attributes=columns,
            edge_attributes={} if weight is None else {"weight": Column(weight)},
            label=self.name,
            name=self.name,
            explicit_ids=self.explicit_ids,
        )

    def with_note(self, note: str) -> Graph:
        """With a sentence more; one on the same subject, what stands before its colon, goes."""
        subject = note.partition(":")[0]
        kept = [old for old in self.notes if old.partition(":")[0] != subject]
        return replace(self, notes=(*kept, note))

    def with_features(self, x: Features, note: str, names: Sequence[str] = ()) -> Graph:
        return replace(self, x=x, feature_names=tuple(names)).with_note(note)

    def with_labels(
        self, y: np.ndarray | None, class_names: tuple[str, ...], note: str, *more: str
    ) -> Graph:
        """With true classes in place of its own, and notes in place of those on them."""
        bare = self.without_labels()
        return replace(bare, y=y, class_names=class_names, notes=(*bare.notes, note, *more))

    def without_labels(self) -> Graph:
        """Without true classes and notes on them."""
        old = ("true labels", "classes")
        kept = tuple(n for n in self.notes if n.partition(":")[0] not in old)
        return replace(self, y=None, class_names=(), notes=kept)

    def fingerprint(self) -> str:
        """SHA-256 over what training sees: ids, edges, weights and features, never labels."""
        digest = hashlib.sha256()
        digest.update("\0".join(self.ids.tolist()).encode())
        for part in chain((self.edge_index, self.edge_weight), self._feature_parts()):
            digest.update(b"none" if part is None else np.ascontiguousarray(part).data)
        return digest.hexdigest()

    def _feature_parts(self) -> Iterator[Any]:
        """The features as arrays, those in a file block by block."""
        if self.x is None or isinstance(self.x, np.ndarray):
            yield self.x
        elif isinstance(self.x, StoredFeatures):
            if bool((self.x.vertices != np.arange(self.num_vertices)).any()):
                yield self.x.vertices
            yield from (values for _, values in self.x.blocks())
        else:
            yield from (self.x.indptr, self.x.indices, self.x.data)


def index_ids(num_vertices: int) -> np.ndarray:
    """The ids "0", "1", ... of vertices that came without any."""
    return np.array([str(i) for i in range(num_vertices)], dtype=object)


def check_features(
    x: Features, ids: Sequence[str] | np.ndarray, where: str, gaps: bool | None = None
) -> None:
    """Refuse features that are not finite numbers.

    Args:
        x: features `[n, f]`.
        ids: of the vertices.
        where: they are, for messages.
        gaps: whether NaN is a missing value that will be filled; None where nothing can fill it.

    Raises:
        InputError: naming the first vertex with such a value, and counting the rest.
    """
    values = x if isinstance(x, np.ndarray) else x.tocoo().data
    usable = _usable(values, bool(gaps))
    if isinstance(x, np.ndarray):
        rows = np.flatnonzero(~usable.all(axis=1))
    else:
        rows = np.unique(x.tocoo().coords[0][~usable])
    if len(rows):
        culprits = first_and_rest([str(ids[int(i)]) for i in rows])
        remedy = "; `impute` fills missing ones" if gaps is False and np.isnan(values).any() else ""
        raise InputError(f"{where}: features of vertex {culprits} are not finite numbers{remedy}")


def _usable(values: np.ndarray, gaps: bool) -> np.ndarray:
    """Finite, and within the range of float32; or, where there may be gaps, missing."""
    usable = np.abs(values) <= np.finfo(np.float32).max
    return np.asarray(usable | np.isnan(values) if gaps else usable)


def compact(x: np.ndarray) -> np.ndarray:
    """Dense features as float32, or as float64 where float32 would blur a column: dates as
    seconds, coordinates in metres, whose values are close together and far from 0.
    """
    small = np.ascontiguousarray(x, dtype=np.float32)
    if np.can_cast(x.dtype, np.float32):
        return small
    wide = np.ascontiguousarray(x, dtype=np.float64)
    # The largest and smallest but for NaN, which stands where a value will be filled in.
    error = np.fmax.reduce(np.abs(wide - small), axis=0, initial=0)
    blurred = error > BLURRED * (
        np.fmax.reduce(wide, axis=0, initial=-np.inf) - np.fmin.reduce(wide, axis=0, initial=np.inf)
    )
    return wide if bool((blurred & (error > 0)).any()) else small
