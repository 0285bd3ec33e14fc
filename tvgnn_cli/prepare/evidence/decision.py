"""Decisions that evidence makes of a graph: the view, and what is made of its features."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tvgnn_cli.config import AUTO, BOTH, JOINT, ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.encoding import Encoding, choose_encoder
from tvgnn_cli.prepare.evidence.held_back import probe_of
from tvgnn_cli.prepare.evidence.support import Judge
from tvgnn_cli.prepare.evidence.views import Evidence, measure_views, why_unmeasured
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe
from tvgnn_cli.prepare.joint import eigenvectors_kept


@dataclass(frozen=True, eq=False)
class Decided:
    """Decisions of the evidence, as far as it is measured.

    Args:
        config: with the view that was chosen.
        recipe: of the features; None for one that is yet to be learned.
        unmeasured, judge, evidence, encoding: as of `Prepared`.
    """

    config: ClusterConfig
    recipe: FeatureRecipe | None
    unmeasured: str | None
    judge: Judge | None = None
    evidence: Evidence | None = None
    encoding: Encoding | None = None


def decide(
    graph: Graph,
    config: ClusterConfig,
    recipe: FeatureRecipe | None,
    observer: Observer,
    judged: bool,
) -> Decided:
    """Measure the evidence of a graph whose vertices are in the order of their ids, and choose the
    view and the encoder, unless their recipe is given.
    """
    found = Decided(config, recipe, why_unmeasured(graph, config))
    if found.unmeasured is not None:
        return found
    observer.phase("evidence")
    judge = None
    if judged:
        probe = None if graph.x is None else probe_of(graph, config)
        judge = Judge(graph.edge_index, graph.edge_weight, probe, config.seed)
    found = replace(found, judge=judge)
    if recipe is not None:
        return found
    with eigenvectors_kept():
        return _by_evidence(graph, config, found)


def _by_evidence(graph: Graph, config: ClusterConfig, found: Decided) -> Decided:
    """Choose the view and the encoder."""
    evidence = measure_views(graph, config)
    config = replace(config, view=evidence.view)
    found = replace(found, config=config, evidence=evidence)
    is_of_both = graph.x is not None and config.view in (BOTH, JOINT)
    seeks = is_of_both and config.encoder == AUTO
    if found.judge is None or not seeks:
        return found
    encoding = choose_encoder(graph, config, found.judge)
    return replace(found, encoding=encoding, recipe=encoding.recipe)
