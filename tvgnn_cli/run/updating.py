"""A saved model on a graph that has changed, trained a little further there."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import UsageError, counted
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.machine.device import forget_gpu_peak
from tvgnn_cli.machine.versions import held_memory_mb
from tvgnn_cli.models.fitted import FittedModel
from tvgnn_cli.models.given import model_of
from tvgnn_cli.models.model_file import load_model
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.prepared import prepare
from tvgnn_cli.progress import showing
from tvgnn_cli.run.application import (
    known_features,
    refuse_bound_features,
    refuse_no_numbers,
    refuse_other_width,
)
from tvgnn_cli.run.finishing import finish
from tvgnn_cli.run.gpu_memory import told_of
from tvgnn_cli.run.machine import PREPARING, READING, TRAINING, Clock, Machine, check_gpu_memory
from tvgnn_cli.run.memory import check_memory
from tvgnn_cli.run.notes import (
    notes_on_input,
    notes_on_kernels,
    notes_on_position,
    notes_on_weight,
    warnings,
)
from tvgnn_cli.run.record import about, batches_made, losses
from tvgnn_cli.run.result import ClusterResult, provenance_of
from tvgnn_cli.shaping.clustering import Clustering
from tvgnn_cli.train import Fitted, Work, assign, confidence_of, fit
from tvgnn_cli.train.given_start import Partitions

EPOCHS = 20
"""Epochs of training on the changed graph, at most."""


def update(
    model: FittedModel | str | Path,
    graph: Any,
    *,
    epochs: int = EPOCHS,
    threads: int | None = None,
    device: str = "auto",
    observer: Observer | None = None,
    progress: bool | str = False,
    ignore_memory: bool = False,
    **options: Any,
) -> ClusterResult:
    """Label a graph that has changed with a saved model, and train the model a little further.

        result = tvgnn_cli.update("may.tvgnn", "june.graphml")
        result.save("june.tvgnn")

    Training starts from the model's weights, and is kept where edges and features say 1 % more of
    its clusters than of those that the model gives; without evidence, where the loss is lower.
    Clusters keep the numbers that they have in the model.

    Args:
        model: the path of a saved one, or what `load_model` or a result's `model` gives.
        graph: as for `cluster`; with the features that the model was trained on. Vertices may be
            new.
        epochs: most epochs of training; 0 for none, which is `predict`.
        threads: most CPU threads; None for what the scheduler or the machine gives. Small graphs
            take fewer.
        device: "auto", "cpu", "cuda", ...
        observer: told of each phase and epoch.
        progress: as for `cluster`.
        ignore_memory: try even where the estimate says that memory will not do.
        **options: how the graph is read, by fields of `InputOptions`.

    Raises:
        UsageError: a model of spectral or identity features on another graph than its own, fewer
            vertices than clusters; no model.
        InputError: a file that is no model; a graph that cannot be read, or has another number of
            features.
        TrainingError: training failed.
    """
    model = model_of(model, FittedModel, load_model)
    config = replace(model.config, epochs=epochs, restarts=1)
    run = Machine.choose(threads, device)
    with showing(progress, observer) as told:
        clock = Clock(told)
        with clock.phase_of(READING):
            known = read_graph(graph, **{"keep_attributes": True, **known_features(model, options)})
        refuse_bound_features(model, known)
        _refuse_few(known, config)
        run = run.working_on(known, config)
        estimate = check_memory(known, config, held_memory_mb(), refuse=not ignore_memory)
        of_gpu = check_gpu_memory(known, config, run.device, not ignore_memory)
        forget_gpu_peak(run.device)
        with run.at_work(config.precision):
            prepared = prepare(known, config, model.recipe, observer=clock, trains=True)
            refuse_other_width(model, known, prepared)
            clock.lap(PREPARING)
            on_host = of_gpu is not None and of_gpu.on_host
            before = assign(model.state, prepared, config, run.device, features_on_host=on_host)
            refuse_no_numbers(known, before)
            begun = Partitions(start=before.argmax(axis=1), network=model.state)
            work = Work(prepared, config, run.device, clock, given=begun, features_on_host=on_host)
            fitted = fit(work)
            clock.lap(TRAINING)
            found = Clustering.of_columns(fitted.assignment, model.numbers, model.titles)
            sure = partial(confidence_of, prepared=prepared)
            confidence = sure(found.labels)
            ended = finish(known, config, found, sure, confidence, keeps_numbers=True)
    moved = int((fitted.assignment.argmax(axis=1) != before.argmax(axis=1)).sum())
    metrics = {
        "num_clusters": config.num_clusters,
        **losses(fitted, config),
        **batches_made(prepared),
        **ended.scores,
        **_kept(fitted),
        "vertices_updated": moved,
        **about(known, config),
        "best_seed": fitted.run.seed,
        "updated_from": model.fingerprint(),
        "memory_estimate_mb": round(estimate, 1),
        **told_of(of_gpu),
        **run.measured(clock, config.method),
    }
    facts = provenance_of(metrics), fitted.run.history
    made = FittedModel(fitted.run.state, config, model.recipe, *facts, model.numbers, model.titles)
    metrics["model_fingerprint"] = made.fingerprint()
    notes = (
        *notes_on_input(known, model.recipe),
        *notes_on_position(known, model.recipe),
        *notes_on_weight(known, model.provenance),
        *notes_on_kernels(config, run.device),
        *_notes(fitted, moved, known.num_vertices),
        *warnings(known, ended.scores, config, of_model=found.k),
        *ended.notes,
    )
    return ClusterResult.of(
        known, ended.clusters, metrics=metrics, config=config, model=made,
        history=fitted.run.history, notes=notes, confidence=ended.confidence, between=ended.between,
    )  # fmt: skip


def _refuse_few(graph: Graph, config: ClusterConfig) -> None:
    """Refuse to train on a graph of fewer vertices than clusters."""
    if graph.num_vertices < config.clusters:
        raise UsageError(
            f"{graph.name}: has {counted(graph.num_vertices, 'vertex')}, fewer than the model's "
            f"{config.clusters} clusters; tvgnn predict labels it"
        )


def _kept(fitted: Fitted) -> dict[str, Any]:
    """Report what was kept and what speaks for it, as metrics, where evidence is measured."""
    found: dict[str, Any] = {}
    if fitted.against_start is not None and fitted.support is not None:
        kept = "start" if fitted.is_start else "training"
        found = {"kept": kept, "support": fitted.support.share}
    if fitted.confidence is not None:
        found["mean_confidence"] = float(fitted.confidence.mean(dtype=np.float64))
    return found


def _notes(fitted: Fitted, moved: int, count: int) -> tuple[str, ...]:
    """Say what became of the model's clusters."""
    if fitted.is_start and fitted.against_start is not None and fitted.run.epochs:
        start, trained = fitted.against_start
        return (
            f"training is not kept: edges and features tell {trained.share:.3f} of its clusters, "
            f"and {start.share:.3f} of those that the model gives; it has to gain 1 %",
        )
    return (
        f"trained for {fitted.run.epochs} epochs from the model: {moved:,} of "
        f"{counted(count, 'vertex')} are elsewhere than it puts them",
    )
