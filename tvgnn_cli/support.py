"""Support of clusters by edges and features: the share of what there is to know of a vertex's
cluster that they tell, beyond chance.

It is a mutual information over the entropy of a vertex's cluster (Theil's uncertainty coefficient,
1970), so that many or even clusters are not favoured for being more to know. Of edges the
information is that of the clusters at the two ends of an edge, less the mean over random rewirings
that keep the degrees; of features that of a vertex's cluster and its guess from the vertex's own
features, less the mean over permutations.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

REWIRINGS = 20
"""Random graphs and permutations that chance is measured on."""

RIDGE = 1e-2
"""Weight of the ridge penalty, over the mean variance of a direction."""

FOLDS = 5
"""Parts of the vertices, each guessed from the others."""

SURE = 4.0
"""Standard deviations of chance above which there is evidence."""


@dataclass(frozen=True)
class Measure:
    """Share that is told, at most 1, less what chance gives, and chance's standard deviation."""

    share: float
    deviation: float

    @property
    def is_sure(self) -> bool:
        """Tell whether chance hardly gives as much."""
        return self.share > SURE * self.deviation

    @classmethod
    def mean(cls, measures: list[Measure]) -> Measure:
        """The mean of independent ones."""
        deviation = float(np.sqrt(sum(each.deviation**2 for each in measures))) / len(measures)
        return cls(float(np.mean([each.share for each in measures])), deviation)


@dataclass(frozen=True)
class Support:
    """Support of clusters by edges, and by features where there are any."""

    edges: Measure
    features: Measure | None = None

    @property
    def share(self) -> float:
        """The sum of both, at most 2."""
        return self.edges.share + (0.0 if self.features is None else self.features.share)

    @property
    def is_sure(self) -> bool:
        """Tell whether either is more than chance."""
        return self.edges.is_sure or sure(self.features)


def sure(measure: Measure | None) -> bool:
    """Tell whether there is a measure, and chance hardly gives as much."""
    return measure is not None and measure.is_sure


def support_of(
    edge_index: np.ndarray,
    edge_weight: np.ndarray | None,
    labels: np.ndarray,
    probe: np.ndarray | None,
    seed: int,
) -> Support:
    """Support of clusters of the whole graph: how well a neighbour tells a vertex's cluster, and
    its own features. Both may be what the clusters were found from, so that this compares
    clusterings of one graph, and is no evidence by itself.

    Args:
        edge_index: undirected edges, int64 `[2, e]`.
        edge_weight: `[e]`; None for 1.
        labels: clusters, `[n]`.
        probe: features that clusters are guessed from, `[n, p]`; None for none.
        seed: of chance.
    """
    random = np.random.default_rng(seed)
    edges = of_edges(labels, edge_index, edge_weight, random)
    return Support(edges, None if probe is None else of_features(labels, probe, random))


def of_edges(
    labels: np.ndarray,
    edge_index: np.ndarray,
    edge_weight: np.ndarray | None,
    random: np.random.Generator,
) -> Measure:
    """What the cluster at one end of an edge tells of that at the other, each edge counted by its
    weight, less that of rewirings. It is below 0 where fewer edges stay inside clusters than chance
    has it: such clusters are told by edges, and are none.
    """
    tail, head = labels[edge_index]
    ends, m = np.concatenate([tail, head]), len(tail)
    weight = None if edge_weight is None else np.tile(edge_weight.astype(np.float64), 2)

    def told() -> tuple[float, float]:
        other = np.concatenate([ends[m:], ends[:m]])
        inside = float(np.average(ends == other, weights=weight))
        return _information(ends, other, weight), inside

    found, inside = told()
    by_chance = []
    for _ in range(REWIRINGS):
        random.shuffle(ends)
        by_chance.append(told())
    # The larger of both: of small clusters with most of the edges these would tell more than all.
    entropy = max(_entropy(labels), _entropy(ends, weight))
    measure = _beyond_chance(entropy, found, [nats for nats, _ in by_chance])
    if inside > np.mean([within for _, within in by_chance]):
        return measure
    return replace(measure, share=-abs(measure.share))


def of_features(labels: np.ndarray, probe: np.ndarray, random: np.random.Generator) -> Measure:
    """What their guesses from the vertices' own features tell of clusters."""
    guesses = guessed_shares(labels, probe, random).argmax(axis=1)
    by_chance = [_information(random.permutation(labels), guesses) for _ in range(REWIRINGS)]
    return _beyond_chance(_entropy(labels), _information(labels, guesses), by_chance)


def _beyond_chance(entropy: float, found: float, by_chance: list[float]) -> Measure:
    """Information in nats as a share of an entropy; nothing where that is 0."""
    if entropy <= 0:
        return Measure(0.0, 0.0)
    gain, deviation = found - float(np.mean(by_chance)), float(np.std(by_chance, ddof=1))
    return Measure(gain / entropy, deviation / entropy)


def _entropy(labels: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Entropy of a labelling, in nats, as its counts have it."""
    sizes = np.bincount(labels, weight)
    parts = sizes[sizes > 0] / sizes.sum()
    return -float((parts * np.log(parts)).sum())


def guessed_shares(
    labels: np.ndarray, probe: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """How much ridge regression, from the features of the vertices in other parts, makes of each
    cluster for a vertex: `[n, k]`, columns of clusters that are empty all -infinite.
    """
    scores = np.full((len(labels), int(labels.max()) + 1), -np.inf)
    part = random.permutation(len(labels)) % FOLDS
    present, codes = np.unique(labels, return_inverse=True)
    with threadpool_limits(limits=1):
        for left_out in range(FOLDS):
            learned = part != left_out
            x = probe[learned].astype(np.float64)
            wanted = np.eye(len(present))[codes[learned]]
            x_mean, mean = x.mean(axis=0), wanted.mean(axis=0)
            centred = x - x_mean
            gram = centred.T @ centred
            ridge = RIDGE * np.trace(gram) / len(gram) + np.finfo(np.float64).tiny
            weights = np.linalg.solve(gram + ridge * np.eye(len(gram)), centred.T @ (wanted - mean))
            scores[np.ix_(~learned, present)] = (probe[~learned] - x_mean) @ weights + mean
    return scores


def _information(first: np.ndarray, second: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Mutual information of two labellings, in nats, as their counts have it."""
    k = int(max(first.max(), second.max())) + 1
    counts = np.bincount(first * k + second, weight, k * k).reshape(k, k).astype(np.float64)
    joint = counts / counts.sum()
    product = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    there = joint > 0
    return float((joint[there] * np.log(joint[there] / product[there])).sum())
