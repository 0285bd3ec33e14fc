"""Classes of graphs: those that can be learned from, and the numbers that they have in a model."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np

from tvgnn_cli.config.classification import ClassifyConfig
from tvgnn_cli.errors import InputError, shown, some_of
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
        return held_out(graphs, np.flatnonzero(known), config)
    train = np.flatnonzero(known & ((given == TRAIN) | (given == "")))
    validation = np.flatnonzero(known & (given == VALIDATION))
    classes = [shown(graphs.class_names[code]) for code in np.unique(y[train]).tolist()]
    if len(classes) < 2:
        told = f"all of class {classes[0]}" if classes else "none of known class"
        raise InputError(
            f"{graphs.name}: the graphs that the column split leaves for training are {told}; a "
            "classifier needs two classes at least"
        )
    if not len(validation):
        return held_out(graphs, train, config)
    return Split(train, validation)


def held_out(graphs: GraphSet, known: np.ndarray, config: ClassifyConfig) -> Split:
    """Split graphs of known class into those that are learned from and those whose loss decides
    when training ends.

    Args:
        graphs: the set, with its classes.
        known: positions of the graphs.
        config: the share of the latter, and the seed.

    Raises:
        InputError: each class has one graph.
    """
    assert graphs.y is not None
    try:
        return hold_out(known, graphs.y, config.validation, config.seed)
    except InputError as error:
        count = len(np.unique(graphs.y[known]))
        doubt = f" ({count:,} classes of one graph: are they meant?)" if count > 2 else ""
        raise InputError(f"{graphs.name}: {error}{doubt}") from None


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
        only, known = shown(graphs.class_names[int(counts.argmax())]), int(counts.sum())
        which = "all graphs" if known == len(y) else f"all {known:,} graphs of known class"
        raise InputError(
            f"{graphs.name}: {which} are of class {only}; a classifier needs two classes at least"
        )
    return y


def seen_classes(graphs: GraphSet, split: Split) -> tuple[str, ...]:
    """Names of the classes of the graphs that training sees, in their order."""
    assert graphs.y is not None
    seen = np.unique(graphs.y[np.concatenate([split.train, split.validation])])
    return tuple(graphs.class_names[code] for code in seen.tolist() if code != UNKNOWN)


def notes_on_classes(
    graphs: GraphSet, known: tuple[str, ...], split: Split | None = None
) -> tuple[str, ...]:
    """Note which classes cannot be told, or learned.

    Args:
        graphs: the set, with its classes.
        known: names of those that a model tells.
        split: of its training; None of a prediction.
    """
    texts, notes = graphs.class_texts, []
    counts = Counter(text for text in texts.tolist() if text and text not in known)
    if counts:
        listed = some_of([f"{shown(name)} ({count:,})" for name, count in counts.most_common()])
        notes.append(f"classes that the model does not know, so that it misses them: {listed}")
    if split is not None:
        learned = set(texts[split.train].tolist())
        others = [shown(n) for n in dict.fromkeys(texts[split.validation]) if n not in learned]
        if others:
            listed = some_of(others)
            notes.append(f"classes that only graphs for validation have, not learned: {listed}")
    return tuple(notes)


def with_classes(graphs: GraphSet, class_names: tuple[str, ...]) -> GraphSet:
    """The graphs with their classes as a model numbers them; those that it lacks come last."""
    if graphs.y is None:
        return graphs
    others = [name for name in graphs.class_names if name not in class_names]
    names = (*class_names, *others)
    place = np.array([names.index(name) for name in graphs.class_names] + [UNKNOWN])
    return replace(graphs, y=place[graphs.y], class_names=names)
