"""Start from k-means: fit the network to the k-means labels of its own input features."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.models import TVGNN
from tvgnn_cli.observer import Observer
from tvgnn_cli.train.device import adam
from tvgnn_cli.train.tensors import TrainingData

MOST_EPOCHS = 300
LEARNING_RATE = 1e-3
CONFIDENCE = 0.975
"""Mean probability that the network must give to the k-means labels before the losses take over:
a softer start slides back to the uniform assignment."""


def initialisations(num_vertices: int) -> int:
    """k-means starts: 100 for graphs up to 6,000 vertices, fewer for larger ones, at least 3.

    With 30 one seed in ten still ends in a poor optimum on Cora; with 100 none of ten did.
    """
    return min(100, max(3, 600_000 // max(num_vertices, 1)))


def kmeans_labels(x: Any, num_clusters: int, seed: int, observer: Observer) -> np.ndarray:
    """Labels `[n]` of the best of several k-means runs on features `[n, f]`, dense or CSR.

    One thread: with more, sums over vertices come out in no fixed order.
    """
    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from threadpoolctl import threadpool_limits

    starts = initialisations(x.shape[0])
    random = np.random.RandomState(seed % 2**32)
    best = None
    with threadpool_limits(limits=1, user_api="openmp"), warnings.catch_warnings():
        # Fewer distinct rows than clusters: the summary says how many are in use.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for start in range(starts):
            observer.phase("k-means", start, starts)
            run = KMeans(num_clusters, n_init=1, random_state=random).fit(x)
            if best is None or run.inertia_ < best.inertia_:
                best = run
    if best is None:
        raise ValueError("k-means needs at least one start")
    return np.asarray(best.labels_, dtype=np.int64)


def fit_to_labels(model: TVGNN, data: TrainingData, labels: Tensor, observer: Observer) -> None:
    """Lower the cross entropy to `labels` `[n]` until the network is confident of them."""
    optimizer = adam(model, LEARNING_RATE)
    for epoch in range(MOST_EPOCHS):
        observer.phase("warm start", epoch, MOST_EPOCHS)
        optimizer.zero_grad()
        logits = model.logits(data.x, data.edge_index, data.edge_weight)
        entropy = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
        if entropy.detach().neg().exp().mean() >= CONFIDENCE:
            break
        torch.autograd.backward(entropy.mean())
        optimizer.step()
