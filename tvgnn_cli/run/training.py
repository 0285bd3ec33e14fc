"""One run of a method, from the graph that it reads to its result: of one whose network is trained
end to end (`train`), and of one that gives hard clusters (`find`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import torch

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.machine.device import forget_gpu_peak
from tvgnn_cli.machine.threads import bound_threads
from tvgnn_cli.machine.versions import held_memory_mb
from tvgnn_cli.models.fitted import GIVEN, FittedModel
from tvgnn_cli.prepare.column_scaling import notes_on_bounds
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe
from tvgnn_cli.prepare.prepared import Prepared, prepare
from tvgnn_cli.run.finishing import Finished, finish
from tvgnn_cli.run.given import Given
from tvgnn_cli.run.machine import PREPARING, TRAINING, Clock, Machine, identity_of
from tvgnn_cli.run.matching import matched
from tvgnn_cli.run.memory import check_memory
from tvgnn_cli.run.notes import (
    notes_on_agreement,
    notes_on_encoder,
    notes_on_evidence,
    notes_on_input,
    notes_on_isolated,
    notes_on_kernels,
    notes_on_method,
    notes_on_weights,
    warnings,
)
from tvgnn_cli.run.plan import Plan, Wanted
from tvgnn_cli.run.record import about, agreement_found, batches_made, evidence_found, losses
from tvgnn_cli.run.result import ClusterResult, provenance_of
from tvgnn_cli.shaping.clustering import Clustering
from tvgnn_cli.train import Checkpointing, Fitted, confidence_of, find_clusters
from tvgnn_cli.train.distributed.team import Team

Read = tuple[Graph, ClusterConfig, Given]
"""A graph, settings with what it decides of them, and what is given beside it."""


def train(
    read: Callable[[], Read],
    run: Machine,
    clock: Clock,
    checkpointing: Checkpointing,
    interruption: Interruption,
    team: Team,
    wanted: Wanted,
) -> ClusterResult:
    """Cluster by a network that is trained end to end.

    Args:
        read: gives the graph. Nobody else holds it, so that what of it training has too can go.
        run: the share of the machine.
        clock: told of each phase and epoch.
        checkpointing: where and how often the state is kept.
        interruption: asked after each step whether the run is to end.
        team: the processes of the run.
        wanted: wishes as to the restarts.

    Raises:
        UsageError: settings that cannot work for this graph.
        InputError: a graph that cannot be learned from.
        TrainingError: training failed.
        InterruptionError: the run was asked to end; its state is kept.
    """
    graph, config, given = read()
    plan = team.in_all(lambda: Plan.of(graph, config, run, clock, team, wanted))
    run, crew = plan.run, plan.crew
    forget_gpu_peak(run.device)
    identity = identity_of(plan.told, config, replace(run, processes=1) if plan.apart else run)
    with (
        checkpointing.open(identity, clock, plan.restarts, interruption, crew) as checkpoints,
        run.at_work(config.precision),
    ):
        prepared = prepare(graph, config, processes=crew.size, observer=clock)
        clock.lap(PREPARING)
        notes = (
            *notes_on_input(graph, _unexplained(prepared)),
            *_notes_on_scaling(prepared.recipe),
            *notes_on_weights(prepared.clipped),
            *_notes_on_isolated(prepared),
            *notes_on_encoder(config, prepared.recipe),
            *notes_on_kernels(config, run.device),
        )
        graph = _lightened(graph)
        interruption.defer()
        fitted = plan.fit(prepared, config, clock, checkpoints, given)
        clock.lap(TRAINING)
        found = Clustering.of_columns(fitted.assignment, ())
        sure = partial(confidence_of, prepared=prepared)
        ended = finish(
            _with_edges(graph, prepared), config, found, sure, fitted.confidence, given.fixed
        )
        fitted = replace(fitted, confidence=ended.confidence)
    metrics = {
        "num_clusters": config.num_clusters,
        **losses(fitted, config),
        **batches_made(prepared),
        **ended.scores,
        **evidence_found(prepared, fitted, ended.shaped),
        **agreement_found(fitted),
        **plan.told,
        "best_seed": fitted.run.seed,
        **plan.measured(clock, config),
    }
    model = _model(fitted, ended, config, prepared.recipe, metrics)
    metrics["model_fingerprint"] = model.fingerprint()
    notes += (
        *given.notes(config, fitted.start_reached),
        *notes_on_evidence(prepared, fitted),
        *notes_on_agreement(fitted),
        *warnings(graph, ended.scores, config),
        *ended.notes,
    )
    stability = None if fitted.agreement is None else fitted.agreement.stability
    result = ClusterResult.of(
        graph, ended.clusters, metrics=metrics, config=config, model=model,
        history=fitted.run.history, notes=notes, confidence=fitted.confidence,
        stability=stability, between=ended.between,
    )  # fmt: skip
    return matched(result, given.previous)


def find(
    read: Callable[[], Read], run: Machine, clock: Clock, ignore_memory: bool
) -> ClusterResult:
    """Cluster by a method that gives hard clusters; arguments and errors are those of `train`."""
    graph, config, given = read()
    run = replace(run, device=torch.device("cpu")).working_on(graph, config)
    estimate = check_memory(graph, config, held_memory_mb(), refuse=not ignore_memory)
    told = about(graph, config)
    with bound_threads(run.threads):
        labels, clipped = find_clusters(graph, config, clock)
        clock.lap(TRAINING)
        k = config.num_clusters or int(labels.max()) + 1
        ended = finish(graph, config, Clustering.of(labels, None, k))
    metrics = {
        "num_clusters": k,
        **ended.scores,
        **told,
        "best_seed": config.seed,
        "memory_estimate_mb": round(estimate, 1),
        **run.measured(clock, config.method),
    }
    notes = (
        *notes_on_input(graph, None),
        *notes_on_weights(clipped),
        *notes_on_method(graph, config),
        *notes_on_kernels(config, run.device),
        *warnings(graph, ended.scores, config),
        *ended.notes,
    )
    result = ClusterResult.of(
        graph, ended.clusters, metrics=metrics, config=config, notes=notes, between=ended.between
    )
    return matched(result, given.previous)


def _model(
    fitted: Fitted,
    ended: Finished,
    config: ClusterConfig,
    recipe: FeatureRecipe,
    metrics: dict[str, Any],
) -> FittedModel:
    """The network that is kept, with what it was made with."""
    known = provenance_of(metrics), fitted.run.history
    numbers = ended.numbers_of_columns(), ended.titles_of_columns()
    return FittedModel(fitted.run.state, config, recipe, *known, *numbers)


def _notes_on_scaling(recipe: FeatureRecipe) -> tuple[str, ...]:
    """Note which features have values that count as less than they are."""
    names = recipe.feature_names
    return notes_on_bounds(recipe.bounds, names, "features", "feature_scaling")


def _notes_on_isolated(prepared: Prepared) -> tuple[str, ...]:
    """Note vertices without edges, where features do not tell of them."""
    if prepared.recipe.source == GIVEN:
        return ()
    return notes_on_isolated(prepared.edge_index, len(prepared.order))


def _unexplained(prepared: Prepared) -> FeatureRecipe | None:
    """The recipe that the notes have to account for: none where evidence left features out, which
    it says.
    """
    left_out = prepared.evidence is not None and len(prepared.evidence.support) > 1
    return None if left_out else prepared.recipe


def _lightened(graph: Graph) -> Graph:
    """The graph without what training has too: its features, and its edges unless their weights
    were scaled.
    """
    edges = graph.edge_index if graph.edge_weight is not None else graph.edge_index[:, :0].copy()
    return replace(graph, x=None, edge_index=edges)


def _with_edges(graph: Graph, prepared: Prepared) -> Graph:
    """With its edges again, in the order of training."""
    if graph.edge_weight is not None:
        return graph
    return replace(graph, edge_index=prepared.order[prepared.edge_index])
