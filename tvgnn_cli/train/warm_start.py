"""Start from k-means: fit the network to the k-means labels of its own input features."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.errors import TrainingError
from tvgnn_cli.io.state_file import State
from tvgnn_cli.models.weights import Form, check_labels, check_tensors
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.optima import OPTIMA, Optima, choose
from tvgnn_cli.prepare.kmeans import TOO_LARGE, Clusters, clusterings, initialisations
from tvgnn_cli.train.checkpoint import Checkpoint
from tvgnn_cli.train.learner import Learner
from tvgnn_cli.train.state_facts import MOST_EPOCHS, WORDS, SearchFacts, WarmFacts
from tvgnn_cli.train.training_state import restore_training

KMEANS, WARM = "k-means", "warm start"
WARM_RATE = 2e-3
"""Learning rate of the warm start."""


def kmeans_labels(
    x: Any,
    num_clusters: int,
    seed: int,
    observer: Observer,
    checkpoint: Checkpoint,
    stage: str = KMEANS,
    starts: int | None = None,
    support: Callable[[np.ndarray], float] | None = None,
) -> np.ndarray:
    """Labels `[n]` of the best of several k-means runs on features `[n, f]`, dense or CSR; of
    `initialisations`, where no number is given. The best is that of the lowest inertia, or of
    the `OPTIMA` lowest that of most `support`, where this is given.

    One thread: with more, sums over vertices come out in no fixed order.

    Raises:
        InterruptionError: the run was asked to end; its state is kept under the name `stage`.
        TrainingError: values too large for distances between them.
    """
    from tvgnn_cli.machine.library_threads import limited_to

    starts, first = starts or initialisations(x, num_clusters), 0
    random = np.random.RandomState(seed % 2**32)
    optima = Optima(OPTIMA if support else 1)
    saved = checkpoint.resume(stage)
    if saved is not None:
        first = _restore_search(saved, random, optima, (x.shape[0], num_clusters, starts))
    with limited_to(1), np.errstate(over="ignore", invalid="ignore"):
        start, made = first, clusterings(x, num_clusters, random, starts, first)
        while start < starts:
            if start:
                checkpoint.offer(stage, partial(_search_state, random, start, optima))
            observer.phase("k-means", start, starts)
            together = next(made)
            optima.add_all(together)
            start += len(together)
    if not optima.found:
        raise TrainingError(TOO_LARGE)
    if support is None:
        return optima.found[0].labels
    return choose([found.labels for found in optima.found], support)


def _search_state(random: np.random.RandomState, start: int, optima: Optima) -> State:
    """The best labels so far, and the random state that the next start begins with."""
    _, words, position, *_ = random.get_state()
    labels = [found.labels for found in optima.found]
    tensors = {
        "labels": torch.from_numpy(np.stack(labels) if labels else np.zeros((0, 0), np.int64)),
        "words": torch.from_numpy(np.asarray(words).astype(np.int64)),
    }
    inertia = [found.inertia for found in optima.found]
    return State(tensors, {"start": start, "inertia": inertia, "position": int(position)})


def _restore_search(
    saved: State, random: np.random.RandomState, optima: Optima, sizes: tuple[int, int, int]
) -> int:
    """Put back what `_search_state` took; the start that is next.

    Args:
        saved: the file.
        random: takes the random state.
        optima: takes the clusterings.
        sizes: numbers of points, of clusters and of starts.

    Raises:
        InputError: it is not the state of such a search.
    """
    facts, (points, clusters, starts) = saved.declared(SearchFacts), sizes
    found = len(facts.inertia)
    with saved.checked():
        words: dict[str, Form] = {"words": (torch.int64, (WORDS,))}
        check_tensors({n: v for n, v in saved.tensors.items() if n != "labels"}, words)
        if "labels" not in saved.tensors or found > optima.most or facts.start >= starts:
            raise ValueError("it has no labels, or is of more starts than are made")
        labels = saved.tensors["labels"]
        check_labels(labels, (found, points) if found else (0, 0), clusters)
        drawn = saved.tensors["words"].numpy()
        if not 0 <= drawn.min() <= drawn.max() < 2**32:
            raise ValueError("words are not of 32 bits")
    pairs = zip(labels.numpy(), facts.inertia, strict=True)
    optima.found = [Clusters(*each) for each in pairs]
    random.set_state(("MT19937", drawn.astype(np.uint32), facts.position, 0, 0.0))
    return facts.start


def fit_to_labels(
    learner: Learner, labels: Tensor, observer: Observer, checkpoint: Checkpoint
) -> None:
    """Lower the cross entropy to `labels` `[n]` until the network is confident of them.

    Raises:
        InterruptionError: the run was asked to end; its state is kept.
    """
    first = 0
    saved = checkpoint.resume(WARM)
    if saved is not None:
        first = saved.declared(WarmFacts).epoch
        restore_training(saved, learner.model, learner.optimizer, others=("labels",))
    for epoch in range(first, MOST_EPOCHS):
        checkpoint.offer(WARM, partial(_fitting_state, learner, labels, epoch))
        observer.phase("warm start", epoch, MOST_EPOCHS)
        if learner.imitate(labels, epoch):
            break
    learner.settle()


def _fitting_state(learner: Learner, labels: Tensor, epoch: int) -> State:
    return State({**learner.state(), "labels": labels}, {"epoch": epoch})
