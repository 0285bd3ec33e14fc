"""The flow, written once: read -> prepare -> fit -> assign -> evaluate -> result.

True labels enter at `evaluate` and nowhere before.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tvgnn_cli.config import ClusterConfig, make_config
from tvgnn_cli.errors import UsageError
from tvgnn_cli.fitted import FittedModel
from tvgnn_cli.graph import Graph
from tvgnn_cli.inputs import as_graph
from tvgnn_cli.metrics import graph_metrics, label_metrics, number_by_size, sharpness
from tvgnn_cli.prepare import Prepared, prepare
from tvgnn_cli.provenance import peak_memory_mb, versions
from tvgnn_cli.result import ClusterResult, provenance_of
from tvgnn_cli.train import Fitted, OnEpoch, fit
from tvgnn_cli.train.device import choose_device, choose_threads, set_threads
from tvgnn_cli.train.fit import assign

if TYPE_CHECKING:
    import torch


def cluster(
    graph: Any,
    num_clusters: int | None = None,
    *,
    config: ClusterConfig | None = None,
    threads: int | None = None,
    device: str = "auto",
    on_epoch: OnEpoch | None = None,
    **settings: Any,
) -> ClusterResult:
    """Cluster the vertices of a graph.

        result = tvgnn_cli.cluster("graph.graphml", num_clusters=7, seed=1)
        result.write("clusters.csv")

    Args:
        graph: a path or data set name, a networkx graph, a scipy sparse matrix, a PyG `Data`
            or a `Graph`.
        num_clusters: K, from 2 to the number of vertices; None for the number of true classes.
        config: every setting at once; else `settings`, as fields of `ClusterConfig`.
        threads: CPU threads; None for what the scheduler or the machine gives.
        device: "auto", "cpu", "cuda", ...
        on_epoch: called with an `EpochReport` after every epoch.
        **settings: fields of `ClusterConfig`, as `seed=1` or `preset="paper"`.

    Raises:
        UsageError: settings that cannot work for this graph.
        InputError: a graph that cannot be read or learned from.
        TrainingError: training failed.
    """
    start = time.perf_counter()
    graph = as_graph(graph)
    if config is not None and settings:
        raise UsageError(f"give config or single settings, not both: {', '.join(settings)}")
    config = make_config(settings) if config is None else config
    config = _settle_clusters(graph, config, num_clusters)
    set_threads(choose_threads(threads))
    where = choose_device(device)

    prepared = prepare(graph, config)
    fitted = fit(prepared, config, where, on_epoch)
    state = _numbered(fitted, prepared, config, where)
    assignment = assign(state, prepared, config, where).numpy()
    metrics = {
        "num_clusters": config.num_clusters,
        **_losses(fitted, config),
        **evaluate(graph, assignment),
        **_about(graph, config, fitted.seed),
        **_measured(start),
    }
    model = FittedModel(state, config, prepared.recipe, provenance_of(metrics))
    return ClusterResult(
        ids=graph.ids,
        labels=assignment.argmax(axis=1),
        assignment=assignment,
        metrics=metrics,
        model=model,
        history=fitted.history,
        notes=_notes(graph, prepared),
        name=graph.name,
    )


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
        "loss": fitted.loss,
        "totvar_loss": fitted.totvar_loss,
        "balance_loss": fitted.balance_loss,
        "totvar_coeff": config.totvar_coeff,
        "balance_coeff": fitted.balance_coeff,
        "epochs": fitted.epochs,
        "restarts": config.restarts,
    }


def evaluate(graph: Graph, assignment: np.ndarray) -> dict[str, Any]:
    """Score an assignment `[n, k]`: by the graph, and by its true labels where it has them."""
    labels = assignment.argmax(axis=1)
    metrics: dict[str, Any] = {**graph_metrics(graph, labels), "sharpness": sharpness(assignment)}
    if graph.y is not None:
        metrics.update(label_metrics(labels, graph.y))
    return metrics


def _about(graph: Graph, config: ClusterConfig, seed: int) -> dict[str, Any]:
    return {
        "input": graph.name,
        "num_vertices": graph.num_vertices,
        "num_edges": graph.num_edges,
        "num_features": graph.num_features,
        "preset": config.preset,
        "seed": config.seed,
        "best_seed": seed,
        **versions(),
        "input_fingerprint": graph.fingerprint(),
        "config_fingerprint": config.fingerprint(),
    }


def _measured(start: float) -> dict[str, float]:
    seconds = time.perf_counter() - start
    return {"seconds": round(seconds, 3), "peak_memory_mb": peak_memory_mb()}


def _notes(graph: Graph, prepared: Prepared) -> tuple[str, ...]:
    source = prepared.recipe.source
    if source == "given":
        return graph.notes
    return (*graph.notes, f"no features in the input: {source} features are used")


def _numbered(
    fitted: Fitted, prepared: Prepared, config: ClusterConfig, device: torch.device
) -> dict[str, Any]:
    """The weights with the outputs of the last layer, the clusters, in the order of their size."""
    assignment = assign(fitted.state, prepared, config, device).numpy()
    number = number_by_size(assignment.argmax(axis=1), assignment.shape[1])
    columns = np.argsort(number).tolist()
    last = max(int(name.split(".")[2]) for name in fitted.state if name.startswith("head.mlp."))
    outputs = (f"head.mlp.{last}.weight", f"head.mlp.{last}.bias")
    return {name: v[columns] if name in outputs else v for name, v in fitted.state.items()}


def predict(
    model: FittedModel, graph: Any, *, threads: int | None = None, device: str = "auto"
) -> ClusterResult:
    """Label another graph with the same features, without training.

    Clusters keep the numbers that they have in the model.

    Raises:
        UsageError: a model of spectral or identity features, which belong to one graph.
        InputError: a graph that cannot be read, or has another number of features.
    """
    start = time.perf_counter()
    graph = as_graph(graph)
    config, recipe = model.config, model.recipe
    if recipe.source in ("spectral", "identity"):
        raise UsageError(
            f"the model was trained on {recipe.source} features, which belong to the graph "
            "it was trained on; cluster this graph anew"
        )
    set_threads(choose_threads(threads))
    prepared = prepare(graph, config, recipe)
    assignment = assign(model.state, prepared, config, choose_device(device)).numpy()
    metrics = {
        "num_clusters": config.num_clusters,
        **evaluate(graph, assignment),
        **_about(graph, config, int(model.provenance.get("best_seed", config.seed))),
        **_measured(start),
    }
    return ClusterResult(
        ids=graph.ids,
        labels=assignment.argmax(axis=1),
        assignment=assignment,
        metrics=metrics,
        model=model,
        notes=_notes(graph, prepared),
        name=graph.name,
    )
