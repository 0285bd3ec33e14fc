"""Support of clusters by edges and features: the share of what there is to know of a vertex's
cluster that they tell, beyond chance.

It is a mutual information over the entropy of a vertex's cluster (Theil's uncertainty coefficient,
1970), so that many or even clusters are not favoured for being more to know. Of edges the
information is that of the clusters at the two ends of an edge, less the mean over random rewirings
that keep the degrees; of features that of a vertex's cluster and its guess from the vertex's own
features, less the mean over permutations.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cached_property

import numpy as np
from scipy.special import gammaincc

from tvgnn_cli.graph.agreement import counted_pairs
from tvgnn_cli.prepare.evidence.guesser import Guesser, sample_of

REWIRINGS = 20
"""Random graphs and permutations that chance is measured on."""

MOST_EDGES = 10**6
"""Edges that are looked at; of more, so many at random."""

MOST_DRAWN = 2**18
"""Ends of edges up to which these are rewired one by one."""

ENDS_OF_PAIR = 4
"""Ends of edges for each pair of labels, above which how often labels meet is drawn sooner than the
ends are rewired.
"""

SURE = 1e-5
"""Probability that chance tells as much, below which there is evidence."""


@dataclass(frozen=True)
class Measure:
    """Share that is told, at most 1, beyond what chance tells.

    Args:
        share: that share.
        deviation: standard deviation of what chance tells.
        chance: its mean.
    """

    share: float
    deviation: float
    chance: float = 0.0

    @property
    def is_sure(self) -> bool:
        """Tell whether chance hardly gives as much. What it gives is no negative number, and has a
        long tail: a gamma distribution, as information is chi-squared where there is none.
        """
        if self.share <= 0 or self.chance <= 0 or self.deviation <= 0:
            return self.share > 0
        shape = (self.chance / self.deviation) ** 2
        above = gammaincc(shape, (self.share + self.chance) * shape / self.chance)
        return bool(above < SURE)

    @classmethod
    def mean(cls, measures: list[Measure]) -> Measure:
        """The mean of independent ones."""
        deviation = float(np.sqrt(sum(each.deviation**2 for each in measures))) / len(measures)
        chance = float(np.mean([each.chance for each in measures]))
        return cls(float(np.mean([each.share for each in measures])), deviation, chance)


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
    def numbers(self) -> list[float]:
        """Numbers that it is made of."""
        return [n for each in (self.edges, self.features) if each for n in astuple(each)]

    @classmethod
    def of_numbers(cls, numbers: list[float]) -> Support:
        """Make it of those again."""
        return cls(*(Measure(*numbers[first : first + 3]) for first in range(0, len(numbers), 3)))

    @property
    def told(self) -> str:
        """Say both in words."""
        edges = f"edges tell {max(self.edges.share, 0):.0%} of a vertex's cluster"
        if self.features is None:
            return edges
        return f"{edges}, features {max(self.features.share, 0):.0%}"

    @property
    def is_sure(self) -> bool:
        """Tell whether either is more than chance."""
        return self.edges.is_sure or sure(self.features)


def sure(measure: Measure | None) -> bool:
    """Tell whether there is a measure, and chance hardly gives as much."""
    return measure is not None and measure.is_sure


class Judge:
    """Judge of clusterings of one graph, by its edges and features. Both may be what they were
    found from, so that this compares them, and is no evidence by itself. Of a large graph it looks
    at a sample, the same one for each clustering.

    Args:
        edge_index: undirected edges, int64 `[2, e]`.
        edge_weight: `[e]`; None for 1.
        probe: features that clusters are guessed from, `[n, p]`; None for none.
        seed: of chance.
    """

    def __init__(
        self,
        edge_index: np.ndarray,
        edge_weight: np.ndarray | None,
        probe: np.ndarray | None,
        seed: int,
    ) -> None:
        self.edge_index, self.edge_weight, self.seed = edge_index, edge_weight, seed
        self.probe = probe

    @cached_property
    def guesser(self) -> Guesser | None:
        """Guesser of clusters from features; None without these."""
        probe = self.probe
        return None if probe is None else Guesser(probe, np.random.default_rng(self.seed))

    def support(self, labels: np.ndarray) -> Support:
        """Measure how well clusters `[n]` are told by a neighbour and by their own features."""
        random = np.random.default_rng(self.seed)
        edges = of_edges(labels, self.edge_index, self.edge_weight, random)
        guesser = self.guesser
        return Support(edges, None if guesser is None else of_features(labels, guesser, random))


def of_edges(
    labels: np.ndarray,
    edge_index: np.ndarray,
    edge_weight: np.ndarray | None,
    random: np.random.Generator,
    draws: int = REWIRINGS,
) -> Measure:
    """Measure what the cluster at one end of an edge tells of that at the other, less what it does
    in rewirings; each edge counts by its weight. It is below 0 where fewer edges stay inside
    clusters than chance has it: edges tell these groups, but as vertices that avoid each other.
    """
    chosen = sample_of(edge_index.shape[1], MOST_EDGES, random)
    if chosen is not None:
        edge_index = edge_index[:, chosen]
        edge_weight = None if edge_weight is None else edge_weight[chosen]
    ends = labels[edge_index].reshape(-1)
    weight = None if edge_weight is None else np.tile(edge_weight.astype(np.float64), 2)
    # The larger of both: of small clusters with most of the edges these would tell more than all.
    entropy, found = max(_entropy(labels), _entropy(ends, weight)), _told_across(ends, weight)
    return _beyond_chance(entropy, found, _rewired(ends, weight, draws, random))


def _told_across(ends: np.ndarray, weight: np.ndarray | None) -> Told:
    """Measure what the labels at the ends of edges, `[2 e]`, tell of those at the other ends."""
    m = len(ends) // 2
    return _told(ends, np.concatenate([ends[m:], ends[:m]]), weight)


def _rewired(
    ends: np.ndarray, weight: np.ndarray | None, draws: int, random: np.random.Generator
) -> list[Told]:
    """Measure the same of random rewirings. Where edges count alike, those of a large graph are not
    drawn one by one: how often two labels meet has a distribution of its own.
    """
    sizes = np.bincount(ends)
    if weight is None and len(ends) > max(MOST_DRAWN, ENDS_OF_PAIR * len(sizes) ** 2):
        return [_told_of_table(_met(sizes, random)) for _ in range(draws)]
    ends, told = ends.copy(), []
    for _ in range(draws):
        random.shuffle(ends)
        told.append(_told_across(ends, weight))
    return told


def _met(sizes: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw how often labels meet, `[k, k]`, where all ends of edges, so many of each label, are
    paired at random: each row is hypergeometric given those before.
    """
    tails = random.multivariate_hypergeometric(sizes, int(sizes.sum()) // 2)
    left, table = sizes - tails, np.zeros((len(sizes), len(sizes)), dtype=np.int64)
    for label, count in enumerate(tails):
        table[label] = random.multivariate_hypergeometric(left, count)
        left = left - table[label]
    return table


def _told_of_table(table: np.ndarray) -> Told:
    """Measure what one label tells of the other, from how often they meet, `[k, k]`, either one
    first.
    """
    one, other = np.nonzero(table + table.T)
    counts = (table + table.T)[one, other]
    return _shared(one, other, counts), float(np.trace(table) / table.sum())


def of_features(
    labels: np.ndarray, guesser: Guesser, random: np.random.Generator, draws: int = REWIRINGS
) -> Measure:
    """Measure what their guesses from the vertices' own features tell of clusters. It is below 0
    where fewer guesses are right than by chance: guesses in one part are learned from the others,
    where a cluster that is rare here is common.
    """
    known = guesser.sampled(labels)
    sizes = np.maximum(np.bincount(known, minlength=int(labels.max()) + 1), 1)
    # Where one cluster has most vertices it is the most probable for all, which tells nothing: so
    # the one counts too that a vertex seems to be most of for its size.
    most: list[np.ndarray] = []
    for_its_size: list[np.ndarray] = []
    for scores in guesser.guesses(labels):
        most.append(scores.argmax(axis=1))
        for_its_size.append((scores / sizes).argmax(axis=1))
    same = all(np.array_equal(*pair) for pair in zip(most, for_its_size, strict=True))
    kinds = [most] if same else [most, for_its_size]
    by_chance: list[list[Told]] = [[] for _ in kinds]
    for _ in range(draws):
        permuted = random.permutation(known)
        for told, guesses in zip(by_chance, kinds, strict=True):
            told.append(_told_by(guesses, permuted))
    entropy = _entropy(known)
    measures = [
        _beyond_chance(entropy, _told_by(guesses, known), told)
        for guesses, told in zip(kinds, by_chance, strict=True)
    ]
    return max(measures, key=lambda each: each.share)


Told = tuple[float, float]
"""Nats that one labelling tells of another, and the share of the vertices with the same in both."""


def _told_by(guesses: list[np.ndarray], labels: np.ndarray) -> Told:
    """Measure what guesses tell of labels, on average."""
    nats, alike = np.mean([_told(labels, each) for each in guesses], axis=0)
    return float(nats), float(alike)


def _told(first: np.ndarray, second: np.ndarray, weight: np.ndarray | None = None) -> Told:
    alike = float(np.average(first == second, weights=weight))
    return _information(first, second, weight), alike


def _beyond_chance(entropy: float, found: Told, by_chance: list[Told]) -> Measure:
    """Information in nats as a share of an entropy, below 0 where less is alike than by chance;
    nothing where the entropy is 0.
    """
    if entropy <= 0:
        return Measure(0.0, 0.0)
    nats = [each for each, _ in by_chance]
    chance, deviation = float(np.mean(nats)), float(np.std(nats, ddof=1))
    share = (found[0] - chance) / entropy
    if not found[1] > np.mean([alike for _, alike in by_chance]):
        share = -abs(share)
    return Measure(share, deviation / entropy, chance / entropy)


def _entropy(labels: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Entropy of a labelling, in nats, as its counts have it."""
    sizes = np.bincount(labels, weight)
    parts = sizes[sizes > 0] / sizes.sum()
    return -float((parts * np.log(parts)).sum())


def _information(first: np.ndarray, second: np.ndarray, weight: np.ndarray | None = None) -> float:
    """Mutual information of two labellings, in nats, as their counts have it."""
    return _shared(*counted_pairs(first, second, weight))


def _shared(one: np.ndarray, other: np.ndarray, counts: np.ndarray) -> float:
    """The same from pairs of labels and how often they occur, `[p]` each."""
    margins = np.bincount(one, counts)[one] * np.bincount(other, counts)[other]
    total, there = counts.sum(), counts > 0  # a weight may be 0
    joint = counts[there]
    return float((joint * np.log(joint * total / margins[there])).sum() / total)
