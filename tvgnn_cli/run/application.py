"""Saved models on other graphs: their clusters and the representations of their vertices."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.wanted import KnownColumns, ModelFills
from tvgnn_cli.models.fitted import FittedModel
from tvgnn_cli.models.given import model_of
from tvgnn_cli.models.model_file import load_model
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.prepared import Prepared, prepare
from tvgnn_cli.run.finishing import finish
from tvgnn_cli.run.machine import Clock, Machine, keeps_features_on_host
from tvgnn_cli.run.notes import (
    notes_on_input,
    notes_on_kernels,
    notes_on_position,
    notes_on_weight,
    warnings,
)
from tvgnn_cli.run.record import about
from tvgnn_cli.run.result import ClusterResult
from tvgnn_cli.shaping.clustering import Clustering
from tvgnn_cli.train import assign, confidence_of, represent


def predict(
    model: FittedModel | str | Path,
    graph: Any,
    *,
    threads: int | None = None,
    device: str = "auto",
    **options: Any,
) -> ClusterResult:
    """Label another graph with the same features, without training.

    Clusters keep the numbers that they have in the model.

    Args:
        model: the path of a saved one, or what `load_model` or a result's `model` gives.
        graph: as for `cluster`.
        threads: most CPU threads; None for what the scheduler or the machine gives. Small graphs
            take fewer.
        device: "auto", "cpu", "cuda", ...
        **options: how the graph is read, by fields of `InputOptions`.

    Raises:
        UsageError: a model of spectral or identity features on another graph than its own; no
            model.
        InputError: a file that is no model; a graph that cannot be read, or has another number of
            features.
    """
    clock = Clock(Observer())
    model = model_of(model, FittedModel, load_model)
    config, recipe = model.config, model.recipe
    run = Machine.choose(threads, device)
    options = {"keep_attributes": True, **known_features(model, options)}
    graph = read_graph(graph, **options)
    run = run.working_on(graph, config, epochs=1)
    refuse_bound_features(model, graph)
    with run.at_work(config.precision):
        prepared = prepare(graph, config, recipe)
        refuse_other_width(model, graph, prepared)
        on_host = keeps_features_on_host(graph, config, run.device)
        assignment = assign(model.state, prepared, config, run.device, features_on_host=on_host)
        refuse_no_numbers(graph, assignment)
        found = Clustering.of_columns(assignment, model.numbers, model.titles)
        sure = partial(confidence_of, prepared=prepared)
        known = sure(found.labels)
        ended = finish(graph, config, found, sure, known, keeps_numbers=True)
    metrics = {
        "num_clusters": config.num_clusters,
        **ended.scores,
        **about(graph, config),
        "best_seed": int(model.provenance.get("best_seed", config.seed)),
        **run.measured(clock, config.method),
        "model_fingerprint": model.fingerprint(),
    }
    notes = (
        *notes_on_input(graph, recipe),
        *notes_on_position(graph, recipe),
        *notes_on_weight(graph, model.provenance),
        *notes_on_kernels(config, run.device),
        *warnings(graph, ended.scores, config, of_model=found.k),
        *ended.notes,
    )
    return ClusterResult.of(
        graph, ended.clusters, metrics=metrics, config=config, model=model, notes=notes,
        confidence=ended.confidence, between=ended.between,
    )  # fmt: skip


def embed(
    model: FittedModel | str | Path,
    graph: Any,
    *,
    threads: int | None = None,
    device: str = "auto",
    **options: Any,
) -> np.ndarray:
    """The vertex representations X^(L), float32 `[n, hidden]` in input order: what the assignment
    is made of.

    Args:
        model: the path of a saved one, or what `load_model` or a result's `model` gives.
        graph: as for `cluster`; any with the same features, or, for a model of spectral or identity
            features, the one that it was trained on.
        threads: most CPU threads; None for what the scheduler or the machine gives. Small graphs
            take fewer.
        device: "auto", "cpu", "cuda", ...
        **options: how the graph is read, by fields of `InputOptions`.

    Raises:
        UsageError: a model of features that belong to another graph; no model.
        InputError: a file that is no model; a graph that cannot be read, or has another number of
            features.
    """
    model = model_of(model, FittedModel, load_model)
    graph = read_graph(graph, **known_features(model, options))
    run = Machine.choose(threads, device).working_on(graph, model.config, epochs=1)
    refuse_bound_features(model, graph)
    with run.at_work(model.config.precision):
        prepared = prepare(graph, model.config, model.recipe, judged=False)
        refuse_other_width(model, graph, prepared)
        on_host = keeps_features_on_host(graph, model.config, run.device)
        found = represent(model.state, prepared, model.config, run.device, features_on_host=on_host)
        refuse_no_numbers(graph, found)
        return found


def known_features(model: FittedModel, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options that read the features which a model was trained on, whatever they look like here;
    what they lack becomes what it became in the model's graph, where something was missing there.
    """
    recipe, found = model.recipe, dict(options)
    if recipe.feature_names and options.get("feature_attrs") is None:
        found["feature_attrs"] = KnownColumns(recipe.feature_names)
    if recipe.fills.size and options.get("impute") is None:
        found["impute"] = ModelFills(recipe.feature_names, tuple(recipe.fills.tolist()))
    return found


def refuse_bound_features(model: FittedModel, graph: Graph) -> None:
    """Refuse to use a model on a graph that its features do not belong to."""
    bound = model.recipe.bound_to
    if bound and graph.fingerprint() != model.provenance.get("input_fingerprint"):
        others = "; or train the model with `view` both, on the features of its graph"
        raise UsageError(
            f"the model was trained on {bound} features, which belong to the graph "
            "it was trained on; cluster this graph anew (`init` starts from the clusters, `match` "
            f"keeps their numbers){others if model.provenance.get('num_features') else ''}"
        )


def notes_on_saved(model: FittedModel, file: str) -> tuple[str, ...]:
    """Note that a model which is saved labels no other graph, and which one would."""
    bound = model.recipe.bound_to
    if not bound:
        return ()
    others = "; `view` both trains a model that needs the input's features only"
    return (
        f"{file}: labels this graph alone, since its {bound} features are made of the graph's "
        f"edges{others if model.provenance.get('num_features') else ''}",
    )


def refuse_other_width(model: FittedModel, graph: Graph, prepared: Prepared) -> None:
    """Refuse features that are more or fewer than the network has weights for: those of a graph's
    structure are as many as the graph makes them.
    """
    width = prepared.x.shape[1]
    if width != model.width:
        raise InputError(
            f"{graph.name}: {width} {model.recipe.source} features, but the model was trained on "
            f"{model.width}"
        )


def refuse_no_numbers(graph: Graph, found: np.ndarray) -> None:
    """Refuse what a network makes of features or weights that are too large for it."""
    lost = np.flatnonzero(~np.isfinite(found).all(axis=1))
    if len(lost):
        vertex = str(graph.ids[lost[0]])[:40]
        raise InputError(f"{graph.name}: the network has no number for vertex '{vertex}'")
