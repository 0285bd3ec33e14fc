"""Clusters that the restarts of a run agree on, and the restart that is nearest to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.graph.consensus import agree, averaged, stability
from tvgnn_cli.graph.labels import number_by_size
from tvgnn_cli.graph.matching import NONE
from tvgnn_cli.train.networks import confidence_of
from tvgnn_cli.train.outcome import Agreement, Fitted, Trained
from tvgnn_cli.train.restarts import reordered, train_restarts
from tvgnn_cli.train.work import Work


def fit_consensus(work: Work) -> Fitted:
    """Train networks and find the clusters that they agree on; errors are those of `fit`."""
    return consensus_of(train_restarts(work))


def consensus_of(trained: Trained) -> Fitted:
    """Find what restarts agree on, and the one that is nearest to it.

    Networks are asked for their assignment as it is needed: of all restarts only clusters and
    weights are held.

    Raises:
        RestartsFailedError: every restart failed.
        TrainingError: a network has no number for some vertices.
    """
    trained.require()
    scene, kept = trained.scene, trained.kept

    def assignment(i: int) -> np.ndarray:
        return scene.finite(scene.network(kept[i].run.state))

    found = combined(assignment, len(kept), scene.config.clusters)
    chosen = found.assignment.argmax(axis=1)
    likeness = [adjusted_rand_index(chosen, each.astype(np.int64)) for each in found.labels]
    nearest = int(np.argmax(likeness))
    best = kept[nearest]
    run = reordered(best.run, scene.network(best.run.state), np.argsort(found.place[nearest]))
    agreement = Agreement(
        stability=stability(chosen, found.labels, found.place),
        between=found.agreement,
        count=len(kept),
        of_model=likeness[nearest],
        reached=float(assignment(nearest).max(axis=1).mean()),
        support=scene.support(chosen),
    )
    sure, reached = confidence_of(chosen, scene.prepared), trained.start_reached(best.run)
    return Fitted(
        run, found.assignment, trained.failed, best.against_start, sure, reached, agreement
    )


@dataclass(frozen=True, eq=False)
class Combined:
    """Soft assignments made one.

    Args:
        assignment: the one, float32 `[n, k]`, clusters numbered by size.
        labels: clusters of each, int32 `[n]`.
        place: for each of them the clusters here that its clusters are, `[k]`.
        agreement: mean adjusted Rand index between any two; None of one.
    """

    assignment: np.ndarray
    labels: list[np.ndarray]
    place: list[np.ndarray]
    agreement: float | None


def combined(assignment: Callable[[int], np.ndarray], count: int, clusters: int) -> Combined:
    """Match the clusters of soft assignments by votes, in which each counts the same, and take the
    mean of them, weighted by the square of their adjusted Rand index with what was voted for.

    Without weights, where half of them have come to one solution and half to another, the one would
    be taken for some vertices and the other for the rest, by last digits of how sure a network is.

    Args:
        assignment: gives each by number, float32 `[n, k]`.
        count: how many there are.
        clusters: k.
    """
    labels = [assignment(i).argmax(axis=1).astype(np.int32) for i in range(count)]
    agreed = agree(labels)
    place = [_completed(matched, clusters) for matched in agreed.matched]
    likeness = [adjusted_rand_index(agreed.labels, each.astype(np.int64)) for each in labels]
    weights = [max(each, 0.0) ** 2 for each in likeness]
    weights = weights if any(weights) else [1.0] * count
    found = averaged(place, assignment, clusters, weights)
    for _ in range(clusters):  # again where equal shares of a vertex have changed places
        number = number_by_size(found.argmax(axis=1), clusters)
        if np.array_equal(number, np.arange(clusters)):
            break
        place = [number[each] for each in place]
        found = np.ascontiguousarray(found[:, np.argsort(number)])
    return Combined(found, labels, place, agreed.agreement)


def _completed(matched: np.ndarray, clusters: int) -> np.ndarray:
    """A place for each cluster, `[clusters]`: that of its match, and what is left over for those
    without one, which are empty or stand apart.
    """
    place = np.full(clusters, NONE, dtype=np.int64)
    place[: len(matched)] = matched
    place[place == NONE] = np.setdiff1d(np.arange(clusters), place)
    return place
