"""The flow, written once: read -> prepare -> fit -> evaluate -> result.

True labels enter at `evaluate` and nowhere before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch

from tvgnn_cli.config import ClusterConfig, make_config, without_files
from tvgnn_cli.config.numbers import split_number
from tvgnn_cli.errors import RestartsFailedError, TrainingError, UsageError
from tvgnn_cli.evaluation.metrics import evaluate
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.read import INPUT_OPTIONS, read_graph
from tvgnn_cli.machine.device import forget_gpu_peak, product_precision
from tvgnn_cli.machine.threads import bound_threads
from tvgnn_cli.machine.versions import held_memory_mb
from tvgnn_cli.methods import METHODS
from tvgnn_cli.models.fitted import FittedModel
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.number import Choice
from tvgnn_cli.prepare.evidence.views import NO_EVIDENCE
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe
from tvgnn_cli.prepare.prepared import Prepared, prepare
from tvgnn_cli.run.application import embed, known_features, predict
from tvgnn_cli.run.finishing import finish
from tvgnn_cli.run.given import Given, check_given, read_given
from tvgnn_cli.run.machine import Clock, Machine, check_gpu_memory, identity_of
from tvgnn_cli.run.matching import matched
from tvgnn_cli.run.memory import check_memory
from tvgnn_cli.run.number import rows_of, with_chosen_number
from tvgnn_cli.run.record import (
    about,
    agreement_found,
    collapse,
    evidence_found,
    is_collapsed,
    losses,
    notes_on_agreement,
    notes_on_encoder,
    notes_on_evidence,
    notes_on_input,
    notes_on_kernels,
    notes_on_method,
    warnings,
)
from tvgnn_cli.run.refusals import check_batches, check_consensus
from tvgnn_cli.run.result import ClusterResult, provenance_of
from tvgnn_cli.run.settling import settle
from tvgnn_cli.run.updating import update
from tvgnn_cli.shaping.clustering import Clustering
from tvgnn_cli.train import (
    Checkpointing,
    Fitted,
    best_of_all,
    confidence_of,
    consensus_of_all,
    find_clusters,
    fit,
    fit_consensus,
)
from tvgnn_cli.train.checkpoint_folder import Checkpoints
from tvgnn_cli.train.distributed.team import ALONE, Team
from tvgnn_cli.train.given_start import Partitions

__all__ = ["cluster", "embed", "evaluate", "known_features", "predict", "update"]

Read = tuple[Graph, ClusterConfig, Given]
"""A graph, settings with what it decides of them, and what is given beside it."""


def cluster(  # noqa: PLR0913 parameters of an interface
    graph: Any,
    num_clusters: int | str | None = None,
    *,
    config: ClusterConfig | None = None,
    threads: int | None = None,
    device: str = "auto",
    observer: Observer | None = None,
    checkpointing: Checkpointing | None = None,
    interruption: Interruption | None = None,
    team: Team = ALONE,
    only: range | None = None,
    consensus: bool = False,
    fail_on_collapse: bool = False,
    ignore_memory: bool = False,
    match: Any = None,
    **options: Any,
) -> ClusterResult:
    """Cluster the vertices of a graph.

        result = tvgnn_cli.cluster("edges.csv", num_clusters=7, features="x.parquet", seed=1)
        result.write("clusters.csv")

    Args:
        graph: a path or data set name, a networkx graph, a scipy sparse matrix, a PyG `Data`
            or a `Graph`.
        num_clusters: K, from 2 to the number of vertices; "auto", "2..20" or "3,5,8" to have it
            chosen; None for the number of true classes.
        config: every setting at once; else `options` has some.
        threads: most CPU threads; None for what the scheduler or the machine gives. Small graphs
            take fewer.
        device: "auto", "cpu", "cuda", ...
        observer: told of each phase and epoch.
        checkpointing: where and how often the state is kept, to go on from after an interruption.
        interruption: asked after each step whether the run is to end, where its state is kept.
        team: the processes that train this one's networks with it, by batches.
        only: which of the restarts to train; None for all. The others are for other processes.
        consensus: whether to give the clusters that all restarts agree on, with the `stability` of
            each vertex, and not those of the best one; which restarts are trained, and how, stays
            the same.
        fail_on_collapse: whether a cluster that stays empty is a failure.
        ignore_memory: try even where the estimate says that memory will not do.
        match: an earlier clustering of any tool, as the clusters of `evaluate`, by whose best
            matching clusters are numbered (`tvgnn_cli.match`); new ones get numbers above.
        **options: how the graph is read, by fields of `InputOptions` (`features=`, `labels=`),
            and settings, by fields of `ClusterConfig` (`seed=1`, `preset="paper"`); `init=` takes
            clusters to start from too, in the forms of those of `evaluate`. Attributes are
            kept for `to_networkx` and graph files; `keep_attributes=False` lets them go.

    Raises:
        UsageError: settings that cannot work for this graph.
        InputError: a graph that cannot be read or learned from.
        TrainingError: training failed, or collapsed where that is a failure.
        InterruptionError: the run was asked to end before it was done; its state is kept.
    """
    clock, checkpointing = Clock(observer or Observer()), checkpointing or Checkpointing()
    reading = {name: options.pop(name) for name in INPUT_OPTIONS if name in options}
    reading.setdefault("keep_attributes", True)
    options, files = without_files(options)
    if config is not None and options:
        raise UsageError(f"give config or single settings, not both: {', '.join(options)}")
    config = make_config(options) if config is None else config
    if num_clusters is not None:
        one, several = split_number(num_clusters)
        config = replace(config, num_clusters=one, choose_from=several)
    run = Machine.choose(threads, device, team)
    METHODS[config.method].require()
    check_batches(config, team)
    check_given(config, match, **files, is_part=only is not None, consensus=consensus)
    if consensus:
        check_consensus(config, are_parts=only is not None)

    choices: list[Choice] = []

    def read() -> tuple[Graph, ClusterConfig, Given]:
        clock.phase("reading")
        known = read_graph(graph, **reading)
        given = read_given(known, match, **files)
        with bound_threads(run.threads):
            chosen, choice = with_chosen_number(known, config, clock, team)
        choices.extend([] if choice is None else [choice])
        return known, settle(known, given.settled(chosen, known.num_classes)), given

    if METHODS[config.method].is_trained:
        asked = interruption or Interruption()
        wanted = _Wanted(only, consensus, ignore_memory)
        result = _train(read, run, clock, checkpointing, asked, team, wanted)
    else:
        result = _find(read, run, clock, ignore_memory)
    if choices:
        result = _with_choice(result, choices[0])
    if fail_on_collapse:
        _refuse_collapse(result)
    return result


def _refuse_collapse(result: ClusterResult) -> None:
    """Refuse clusters that stayed empty, or that nothing speaks for.

    Raises:
        TrainingError: saying which.
    """
    if is_collapsed(result.metrics, result.config):
        raise TrainingError(collapse(result.metrics, result.config, " (`fail_on_collapse`)"))
    if not result.metrics.get("evidence_sure", True):
        raise TrainingError(f"{NO_EVIDENCE} (`fail_on_collapse`)")


def _with_choice(result: ClusterResult, choice: Choice) -> ClusterResult:
    """The result with what its number of clusters was chosen by."""
    return replace(result, tried=rows_of(choice), notes=(*choice.notes, *result.notes))


@dataclass(frozen=True)
class _Wanted:
    """Wishes as to the restarts, as the arguments of `cluster` say them."""

    only: range | None
    consensus: bool
    ignore_memory: bool


def _train(
    read: Callable[[], Read],
    run: Machine,
    clock: Clock,
    checkpointing: Checkpointing,
    interruption: Interruption,
    team: Team,
    wanted: _Wanted,
) -> ClusterResult:
    """Cluster by a network that is trained end to end. Nobody else holds the graph that is read
    here, so that what of it training has too can go.
    """
    graph, config, given = read()
    run = run.working_on(graph, config)
    estimate = check_memory(graph, config, held_memory_mb(), team.size, not wanted.ignore_memory)
    of_gpu = check_gpu_memory(graph, config, run.device, not wanted.ignore_memory)
    forget_gpu_peak(run.device)
    told = about(graph, config)
    restarts = range(config.restarts) if wanted.only is None else wanted.only
    # Processes that train no network together have restarts of their own, and states as if alone.
    apart = not team.is_alone and config.batch != "parts"
    crew, alike = (ALONE, replace(run, processes=1)) if apart else (team, run)
    restarts = team.part(restarts) if apart else restarts
    with (
        checkpointing.open(
            identity_of(told, config, alike), clock, restarts, interruption, crew
        ) as checkpoints,
        bound_threads(run.threads),
        product_precision(config.precision, run.device),
    ):
        prepared = prepare(graph, config, processes=crew.size, observer=clock)
        notes = (
            *notes_on_input(graph, _unexplained(prepared)),
            *notes_on_encoder(config, prepared.recipe),
            *notes_on_kernels(config, run.device),
        )
        graph = _lightened(graph)
        interruption.defer()
        try:
            work = prepared, config, run.device, clock, checkpoints, restarts
            fitted = _fitted(work, team, apart, wanted.consensus, given.partitions(config))
        except RestartsFailedError as error:
            error.metrics = {**told, "processes": team.size, "restarts_failed": error.count}
            raise
        found = Clustering.of_columns(fitted.assignment, ())
        sure = partial(confidence_of, prepared=prepared)
        ended = finish(
            _with_edges(graph, prepared), config, found, sure, fitted.confidence, given.fixed
        )
        fitted = replace(fitted, confidence=ended.confidence)
    metrics = {
        "num_clusters": config.num_clusters,
        **losses(fitted, config),
        **ended.scores,
        **evidence_found(prepared, fitted, ended.shaped),
        **agreement_found(fitted),
        **told,
        "best_seed": fitted.run.seed,
        "memory_estimate_mb": round(estimate, 1),
        **({} if of_gpu is None else {"gpu_memory_estimate_mb": round(of_gpu, 1)}),
        **run.measured(clock, config.method),
    }
    known = provenance_of(metrics), fitted.run.history
    numbers = ended.numbers_of_columns(), ended.titles_of_columns()
    model = FittedModel(fitted.run.state, config, prepared.recipe, *known, *numbers)
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
        stability=stability,
    )  # fmt: skip
    return matched(result, given.previous)


Work = tuple[Prepared, ClusterConfig, torch.device, Observer, Checkpoints, range]
"""Arguments that all ways to train restarts have in common."""


def _fitted(work: Work, team: Team, apart: bool, consensus: bool, given: Partitions) -> Fitted:
    """Train the restarts, and take the best one or what they agree on."""
    if apart:
        return (consensus_of_all if consensus else best_of_all)(team, *work, given=given)
    return (fit_consensus if consensus else fit)(*work, team, given=given)


def _find(
    read: Callable[[], Read], run: Machine, clock: Clock, ignore_memory: bool
) -> ClusterResult:
    """Cluster by a method that gives hard clusters."""
    graph, config, given = read()
    run = replace(run, device=torch.device("cpu")).working_on(graph, config)
    estimate = check_memory(graph, config, held_memory_mb(), refuse=not ignore_memory)
    told = about(graph, config)
    with bound_threads(run.threads):
        labels = find_clusters(graph, config, clock)
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
        *notes_on_method(graph, config),
        *notes_on_kernels(config, run.device),
        *warnings(graph, ended.scores, config),
        *ended.notes,
    )
    result = ClusterResult.of(graph, ended.clusters, metrics=metrics, config=config, notes=notes)
    return matched(result, given.previous)


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
