"""The flow, written once: read -> prepare -> fit -> evaluate -> result.

True labels enter at `evaluate` and nowhere before.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch

from tvgnn_cli.config import ClusterConfig, make_config
from tvgnn_cli.errors import TrainingError, UsageError
from tvgnn_cli.fitted import FittedModel
from tvgnn_cli.graph import Graph
from tvgnn_cli.inputs import INPUT_OPTIONS, read_graph
from tvgnn_cli.memory import check_memory
from tvgnn_cli.metrics import graph_metrics, label_metrics, sharpness
from tvgnn_cli.observer import Observer
from tvgnn_cli.partition import require_metis
from tvgnn_cli.prepare import Prepared, prepare
from tvgnn_cli.provenance import peak_memory_mb, versions
from tvgnn_cli.result import ClusterResult, provenance_of
from tvgnn_cli.train import Checkpointing, Fitted, Identity, assign, fit
from tvgnn_cli.train.device import (
    bound_threads,
    choose_device,
    choose_threads,
    product_precision,
)
from tvgnn_cli.train.team import ALONE, Team

COLLAPSE_REMEDY = "try a lower -k, a higher --balance-coeff or more --restarts"


def cluster(
    graph: Any,
    num_clusters: int | None = None,
    *,
    config: ClusterConfig | None = None,
    threads: int | None = None,
    device: str = "auto",
    observer: Observer | None = None,
    checkpointing: Checkpointing | None = None,
    only: range | None = None,
    fail_on_collapse: bool = False,
    ignore_memory: bool = False,
    **options: Any,
) -> ClusterResult:
    """Cluster the vertices of a graph.

        result = tvgnn_cli.cluster("edges.csv", num_clusters=7, features="x.parquet", seed=1)
        result.write("clusters.csv")

    Args:
        graph: a path or data set name, a networkx graph, a scipy sparse matrix, a PyG `Data`
            or a `Graph`.
        num_clusters: K, from 2 to the number of vertices; None for the number of true classes.
        config: every setting at once; else `options` has some.
        threads: CPU threads; None for what the scheduler or the machine gives.
        device: "auto", "cpu", "cuda", ...
        observer: told of each phase and epoch.
        checkpointing: where and how often the state is kept, to go on from after an interruption.
        only: which of the restarts to train; None for all. The others are for other processes.
            `checkpointing.team` has those that train this one's networks with it, by batches.
        fail_on_collapse: whether a cluster that stays empty is a failure.
        ignore_memory: try even where the estimate says that memory will not do.
        **options: how the graph is read, by fields of `InputOptions` (`features=`, `labels=`),
            and settings, by fields of `ClusterConfig` (`seed=1`, `preset="paper"`).

    Raises:
        UsageError: settings that cannot work for this graph.
        InputError: a graph that cannot be read or learned from.
        TrainingError: training failed, or collapsed where that is a failure.
        InterruptionError: the run was asked to end before it was done; its state is kept.
    """
    start = time.perf_counter()
    observer, checkpointing = observer or Observer(), checkpointing or Checkpointing()
    reading = {name: options.pop(name) for name in INPUT_OPTIONS if name in options}
    if config is not None and options:
        raise UsageError(f"give config or single settings, not both: {', '.join(options)}")
    config = make_config(options) if config is None else config
    team = checkpointing.team
    run = _Run.choose(threads, device, team)
    _check_batches(config, team)
    observer.phase("reading")
    graph = read_graph(graph, **reading)
    config = _settle_clusters(graph, config, num_clusters)
    estimate = check_memory(graph, config, peak_memory_mb(), team.size, not ignore_memory)
    about = _about(graph, config)
    checkpoints = checkpointing.open(_identity(about, config, run), observer)
    with bound_threads(run.threads), product_precision(config.precision):
        prepared = prepare(graph, config, processes=team.size, observer=observer)
        notes = _notes(graph, prepared)
        graph = _lightened(graph)
        checkpointing.interruption.defer()
        fitted = fit(prepared, config, run.device, observer, checkpoints, only, team)
        scores = evaluate(_with_edges(graph, prepared), fitted.assignment)
    if fail_on_collapse and scores["clusters_used"] < (config.num_clusters or 0):
        raise TrainingError(f"{_collapse(scores, config)} (--fail-on-collapse); {COLLAPSE_REMEDY}")
    metrics = {
        "num_clusters": config.num_clusters,
        **_losses(fitted, config),
        **scores,
        **about,
        "best_seed": fitted.run.seed,
        "memory_estimate_mb": round(estimate, 1),
        **run.measured(start),
    }
    model = FittedModel(fitted.run.state, config, prepared.recipe, provenance_of(metrics))
    metrics["model_fingerprint"] = model.fingerprint()
    return ClusterResult(
        ids=graph.ids,
        labels=fitted.assignment.argmax(axis=1),
        assignment=fitted.assignment,
        metrics=metrics,
        model=model,
        history=fitted.run.history,
        notes=(*notes, *_warnings(graph, scores, config)),
        name=graph.name,
    )


def predict(
    model: FittedModel,
    graph: Any,
    *,
    threads: int | None = None,
    device: str = "auto",
    **options: Any,
) -> ClusterResult:
    """Label another graph with the same features, without training.

    Clusters keep the numbers that they have in the model.

    Args:
        model: what `load_model` or a result's `model` gives.
        graph: as for `cluster`.
        threads: CPU threads; None for what the scheduler or the machine gives.
        device: "auto", "cpu", "cuda", ...
        **options: how the graph is read, by fields of `InputOptions`.

    Raises:
        UsageError: a model of spectral or identity features, which belong to one graph.
        InputError: a graph that cannot be read, or has another number of features.
    """
    start = time.perf_counter()
    config, recipe = model.config, model.recipe
    if recipe.source in ("spectral", "identity"):
        raise UsageError(
            f"the model was trained on {recipe.source} features, which belong to the graph "
            "it was trained on; cluster this graph anew"
        )
    run = _Run.choose(threads, device)
    graph = read_graph(graph, **options)
    with bound_threads(run.threads), product_precision(config.precision):
        prepared = prepare(graph, config, recipe)
        assignment = assign(model.state, prepared, config, run.device)
    scores = evaluate(graph, assignment)
    metrics = {
        "num_clusters": config.num_clusters,
        **scores,
        **_about(graph, config),
        "best_seed": int(model.provenance.get("best_seed", config.seed)),
        **run.measured(start),
        "model_fingerprint": model.fingerprint(),
    }
    return ClusterResult(
        ids=graph.ids,
        labels=assignment.argmax(axis=1),
        assignment=assignment,
        metrics=metrics,
        model=model,
        notes=(*_notes(graph, prepared), *_warnings(graph, scores, config)),
        name=graph.name,
    )


def evaluate(graph: Graph, assignment: np.ndarray) -> dict[str, Any]:
    """Score an assignment `[n, k]`: by the graph, and by its true labels where it has them."""
    labels = assignment.argmax(axis=1)
    metrics: dict[str, Any] = {**graph_metrics(graph, labels), "sharpness": sharpness(assignment)}
    if graph.y is not None:
        metrics.update(label_metrics(labels, graph.y))
    return metrics


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


@dataclass(frozen=True)
class _Run:
    """What a run is given of the machine."""

    threads: int
    device: torch.device
    processes: int = 1

    @classmethod
    def choose(cls, threads: int | None, device: str, team: Team = ALONE) -> _Run:
        chosen = choose_device(device) if team.is_alone else team.device
        return cls(choose_threads(threads), chosen, team.size)

    def measured(self, start: float) -> dict[str, Any]:
        seconds = time.perf_counter() - start
        return {
            "processes": self.processes,
            "threads": self.threads,
            "device": str(self.device),
            "seconds": round(seconds, 3),
            "peak_memory_mb": peak_memory_mb(),
        }


def _check_batches(config: ClusterConfig, team: Team) -> None:
    """Refuse what has no batches to share, or cannot make any, before the graph is read."""
    if config.batch == "parts":
        require_metis()
    elif not team.is_alone:
        raise UsageError(f"{team.size} processes train one network with --batch parts only")


def _settle_clusters(graph: Graph, config: ClusterConfig, asked: int | None) -> ClusterConfig:
    """The number of clusters, given or that of the true classes, checked against the graph."""
    k = asked if asked is not None else config.num_clusters
    k = graph.num_classes or None if k is None else k
    if k is None:
        raise UsageError(f"-k is needed: {graph.name} has no true labels to take it from")
    if k > graph.num_vertices:
        raise UsageError(f"-k is {k}, but {graph.name} has only {graph.num_vertices} vertices")
    return replace(config, num_clusters=k)


def _losses(fitted: Fitted, config: ClusterConfig) -> dict[str, Any]:
    return {
        "loss": fitted.run.loss,
        "totvar_loss": fitted.run.totvar_loss,
        "balance_loss": fitted.run.balance_loss,
        "totvar_coeff": config.totvar_coeff,
        "balance_coeff": fitted.run.balance_coeff,
        "epochs": fitted.run.epochs,
        "restarts": config.restarts,
        "restarts_failed": fitted.failed,
    }


def _about(graph: Graph, config: ClusterConfig) -> dict[str, Any]:
    return {
        "input": graph.name,
        "num_vertices": graph.num_vertices,
        "num_edges": graph.num_edges,
        "num_features": graph.num_features,
        "preset": config.preset,
        "seed": config.seed,
        **versions(),
        "input_fingerprint": graph.fingerprint(),
        "config_fingerprint": config.fingerprint(),
    }


def _identity(about: Mapping[str, Any], config: ClusterConfig, run: _Run) -> Identity:
    """What a run that goes on from this one's state must share with it."""
    made_with = {"threads": run.threads, "device": str(run.device), **versions()}
    settings = asdict(config)
    if run.processes > 1:
        settings["the number of processes"] = run.processes
    return Identity(about["input_fingerprint"], settings, made_with)


def _collapse(scores: dict[str, Any], config: ClusterConfig) -> str:
    return f"only {scores['clusters_used']} of {config.num_clusters} clusters are in use"


def _notes(graph: Graph, prepared: Prepared) -> tuple[str, ...]:
    """What was done with the input that its reader might not expect."""
    notes = [*graph.counts.notes(), *graph.notes]
    source = prepared.recipe.source
    if source != "given" and graph.x is None:
        notes.append(f"no features in the input: {source} features are used")
    elif source != "given":
        notes.append(f"the input's features are not used: the model is one of {source} features")
    return tuple(notes)


def _warnings(graph: Graph, scores: dict[str, Any], config: ClusterConfig) -> tuple[str, ...]:
    """What labels were used for, and a warning of collapse."""
    notes = []
    if graph.y is not None:
        unknown = graph.num_vertices - scores.get("num_labelled", 0)
        left_out = (
            f"; {unknown:,} vertices of unknown class are left out of them" if unknown else ""
        )
        notes.append(f"{graph.num_classes} true classes, used for NMI, ACC and ARI only{left_out}")
    if scores["clusters_used"] < (config.num_clusters or 0):
        notes.append(f"warning: {_collapse(scores, config)}; {COLLAPSE_REMEDY}")
    return tuple(notes)
