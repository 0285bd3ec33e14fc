"""Classes of graphs: those that can be learned from, and the numbers that they have in a model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tvgnn_cli.config.classification import ClassifyConfig
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph_set import TRAIN, VALIDATION, GraphSet
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.prepare.graph_splits import Split, hold_out


def split_of(graphs: GraphSet, config: ClassifyConfig) -> Split:
    """Decide which graphs are learned from, and whose loss decides when training ends.

    Raises:
        InputError: too few graphs of known class, or all of one class.
    """
    y = classes_of(graphs)
    known = y != UNKNOWN
    given = graphs.split
    if given is None:
        return hold_out(np.flatnonzero(known), y, config.validation, config.seed)
    train = np.flatnonzero(known & ((given == TRAIN) | (given == "")))
    validation = np.flatnonzero(known & (given == VALIDATION))
    if len(np.unique(y[train])) < 2:
        raise InputError(
            f"{graphs.name}: its graphs for training are of {len(np.unique(y[train]))} class; a "
            "classifier needs two at least"
        )
    if not len(validation):
        return hold_out(train, y, config.validation, config.seed)
    return Split(train, validation)


def classes_of(graphs: GraphSet) -> np.ndarray:
    """The class of each graph, int64 `[g]`, of a set that can be learned from.

    Raises:
        InputError: no classes, or one class only.
    """
    y = graphs.y
    if y is None or not bool((y != UNKNOWN).any()):
        raise InputError(
            f"{graphs.name}: has no classes of graphs to learn from; `labels` takes a table of them"
        )
    counts = np.bincount(y[y != UNKNOWN], minlength=graphs.num_classes)
    if int((counts > 0).sum()) < 2:
        only = graphs.class_names[int(counts.argmax())]
        raise InputError(
            f"{graphs.name}: all graphs are of class '{only}'; a classifier needs two classes at "
            "least"
        )
    return y


def seen_classes(graphs: GraphSet, split: Split) -> tuple[str, ...]:
    """Names of the classes of the graphs that training sees, in their order."""
    assert graphs.y is not None
    seen = np.unique(graphs.y[np.concatenate([split.train, split.validation])])
    return tuple(graphs.class_names[code] for code in seen.tolist() if code != UNKNOWN)


def with_classes(graphs: GraphSet, class_names: tuple[str, ...]) -> GraphSet:
    """The graphs with their classes as a model numbers them; those that it lacks come last."""
    if graphs.y is None:
        return graphs
    others = [name for name in graphs.class_names if name not in class_names]
    names = (*class_names, *others)
    place = np.array([names.index(name) for name in graphs.class_names] + [UNKNOWN])
    return replace(graphs, y=place[graphs.y], class_names=names)
