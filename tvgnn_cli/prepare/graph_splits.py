"""Parts of a set of graphs that have the classes in the same shares."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.errors import InputError, UsageError


@dataclass(frozen=True, eq=False)
class Split:
    """Positions of graphs, int64: those that are learned from, and those whose loss decides when
    training ends.
    """

    train: np.ndarray
    validation: np.ndarray


def hold_out(graphs: np.ndarray, y: np.ndarray, share: float, seed: int) -> Split:
    """Set a share of each class apart, drawn at random: at least one graph, and never all of a
    class.

    Args:
        graphs: positions of graphs, `[m]`.
        y: class of each graph of the set, `[g]`.
        share: of them that is set apart, above 0 and below 1.
        seed: of the draw.

    Raises:
        InputError: each class has one graph.
    """
    drawn = np.random.default_rng(seed).permutation(graphs)
    classes = y[drawn]
    counts = np.bincount(classes)
    wanted = max(round(share * len(graphs)), 1)
    exact = np.minimum(share * counts, np.maximum(counts - 1, 0))
    taken = np.floor(exact).astype(np.int64)
    # What is left over goes to the classes that lose most by rounding.
    for place in np.argsort(taken - exact, kind="stable")[: max(wanted - int(taken.sum()), 0)]:
        taken[place] += taken[place] < max(counts[place] - 1, 0)
    if not int(taken.sum()):
        raise InputError(
            "no class has two graphs to learn from, of which one would tell when training is to "
            "end; give more of each class"
        )
    rank = _rank_in_class(classes)
    apart = rank < taken[classes]
    return Split(np.sort(drawn[~apart]), np.sort(drawn[apart]))


def _rank_in_class(classes: np.ndarray) -> np.ndarray:
    """Number of those of the same class that come before each, `[m]`."""
    order = np.argsort(classes, kind="stable")
    starts = np.cumsum(np.bincount(classes)) - np.bincount(classes)
    rank = np.empty(len(classes), dtype=np.int64)
    rank[order] = np.arange(len(classes)) - starts[classes[order]]
    return rank


def stratified_folds(
    graphs: np.ndarray, y: np.ndarray, folds: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The graphs outside and inside of each fold, drawn at random in the shares of the classes.

    Args:
        graphs: positions of graphs, `[m]`.
        y: class of each graph of the set, `[g]`.
        folds: number of parts.
        seed: of the draw.

    Raises:
        UsageError: fewer than two folds, or no class with a graph for each.
    """
    from sklearn.model_selection import StratifiedKFold

    most = int(np.bincount(y[graphs]).max(initial=0))
    if folds < 2:
        raise UsageError(f"`folds` is {folds}; needs to be at least 2")
    if most < folds:
        raise UsageError(
            f"`folds` is {folds}, but the largest class has {most} "
            f"graph{'s' * (most != 1)}; ask for fewer"
        )
    with warnings.catch_warnings():
        # Of a class with fewer graphs than folds, some folds have none.
        warnings.simplefilter("ignore", UserWarning)
        kept = StratifiedKFold(folds, shuffle=True, random_state=seed).split(graphs, y[graphs])
        return [(graphs[outside], graphs[inside]) for outside, inside in kept]
