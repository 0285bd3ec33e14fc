"""Encoder of features: those of their directions whose clusters edges and features tell most of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tvgnn_cli.config import FACTORS, MIXED, NONE, ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.prepare.evidence.comparison import compared
from tvgnn_cli.prepare.evidence.optima import OPTIMA, choose, grouped
from tvgnn_cli.prepare.evidence.support import Judge
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe
from tvgnn_cli.prepare.features import FACTORED, apply_recipe, learn_recipes
from tvgnn_cli.prepare.kmeans import initialisations


@dataclass(frozen=True, eq=False)
class Encoding:
    """The directions of the features that clusters are sought in.

    Args:
        encoder: its name.
        recipe: what makes them.
        labels: the clusters that k-means finds there, `[n]`.
    """

    encoder: str
    recipe: FeatureRecipe
    labels: np.ndarray


def choose_encoder(graph: Graph, config: ClusterConfig, judge: Judge) -> Encoding:
    """Choose the encoder, and the clusters in what it gives, that edges and features tell most of.
    They have seen all of both, so that this compares them, and is no evidence.

    Args:
        graph: with features, in the order of `measure_views`.
        config: `num_clusters`, `seed`, and how features are made.
        judge: of clusters of its vertices in this order.

    Raises:
        TrainingError: values too large for distances between them.
    """
    tried: list[list[Encoding]] = []
    for encoder, recipe in learn_recipes(graph, config, encoders_for(graph, config)):
        x = apply_recipe(graph, recipe, config)
        starts = initialisations(x, config.clusters)
        found = [one.labels for one in grouped(x, config, starts, OPTIMA).found]
        tried.append([Encoding(encoder, recipe, labels) for labels in found])
    every = [each for optima in tried for each in optima]
    scores = iter(compared([judge.support(each.labels) for each in every]))
    scored = [[(each, next(scores)) for each in optima] for optima in tried]
    # By all of its optima, or the encoder with the luckiest of them would be taken.
    best = choose(scored, lambda optima: float(np.mean([score for _, score in optima])))
    return choose(best, lambda optimum: optimum[1])[0]


def encoders_for(graph: Graph, config: ClusterConfig) -> tuple[str, ...]:
    """The encoders to choose from: where many features are not reduced, none that keeps them all
    beside something else.
    """
    whole = config.components == 0 and graph.num_features > FACTORED
    return (NONE, FACTORS) if whole else (NONE, FACTORS, MIXED)
