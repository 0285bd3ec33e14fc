"""Saved classifiers on other graphs: their classes, and a vector for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.classification.classes import notes_on_classes, with_classes
from tvgnn_cli.classification.flow import READING
from tvgnn_cli.classification.record import about, accuracy
from tvgnn_cli.classification.result import ClassifyResult
from tvgnn_cli.classification.training import embedded, predicted
from tvgnn_cli.classification.work import worthwhile_threads
from tvgnn_cli.errors import UsageError, did_you_mean
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.io.graph_sets.read import read_graph_set
from tvgnn_cli.machine.device import choose_for_small_graphs
from tvgnn_cli.machine.threads import bound_threads
from tvgnn_cli.machine.versions import peak_memory_mb
from tvgnn_cli.models.classifier import GraphClassifier
from tvgnn_cli.models.classifier_file import load_classifier
from tvgnn_cli.models.fitted_classifier import FittedClassifier
from tvgnn_cli.models.given import model_of
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.graph_batches import GraphBatches
from tvgnn_cli.prepare.graph_weights import in_unit
from tvgnn_cli.run.machine import Clock


def predict_graphs(
    model: FittedClassifier | str | Path,
    graphs: Any,
    *,
    threads: int | None = None,
    device: str = "auto",
    **options: Any,
) -> ClassifyResult:
    """Tell the classes of other graphs, without training.

    Args:
        model: the path of a saved one, or what `load_classifier` or a result's `model` gives.
        graphs: as for `classify`; classes that are known only score the result.
        threads: most CPU threads; None for what the scheduler or the machine gives.
        device: "cpu", "cuda", ...; "auto" is the CPU.
        **options: how the graphs are read.

    Raises:
        UsageError: no model, an unknown option.
        InputError: a file that is no model; graphs that cannot be read, or have other vertex
            features than the model's.
    """
    refuse_unknown(options)
    clock = Clock(Observer())
    model = model_of(model, FittedClassifier, load_classifier)
    known = read_graph_set(graphs, **options)
    with applied(model, known, threads, device) as use:
        probabilities = predicted(use.network, use.batches)
    scored = with_classes(known, model.class_names)
    metrics = {
        "acc": accuracy(scored, probabilities, np.ones(known.num_graphs, dtype=bool)),
        **about(known, model.config),
        **clock.measured(),
        "peak_memory_mb": peak_memory_mb(),
        "model_fingerprint": model.fingerprint(),
    }
    return ClassifyResult(
        known.ids, probabilities, model.class_names, metrics, model, None,
        (*known.all_notes, *notes_on_classes(known, model.class_names), *use.notes), known.name,
    )  # fmt: skip


def embed_graphs(
    model: FittedClassifier | str | Path,
    graphs: Any,
    *,
    threads: int | None = None,
    device: str = "auto",
    **options: Any,
) -> np.ndarray:
    """A vector for each graph, float32 `[g, hidden]`, of which the model's answer is a linear map;
    arguments as of `predict_graphs`.
    """
    refuse_unknown(options)
    model = model_of(model, FittedClassifier, load_classifier)
    return embedding_of(model, read_graph_set(graphs, **options), threads, device)[0]


def embedding_of(
    model: FittedClassifier, graphs: GraphSet, threads: int | None = None, device: str = "auto"
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The vectors of `embed_graphs`, and what is to be said of how the model was applied."""
    with applied(model, graphs, threads, device) as use:
        return embedded(use.network, use.batches), use.notes


def refuse_unknown(options: Mapping[str, Any]) -> None:
    """Refuse options that graphs are not read by.

    Raises:
        UsageError: naming one.
    """
    unknown = next((name for name in options if name not in READING), None)
    if unknown is not None:
        raise UsageError(f"unknown option '{unknown}'.{did_you_mean(unknown, READING)}")


@dataclass(frozen=True, eq=False)
class Use:
    """A classifier at work: batches of graphs, the network, and what is to be said."""

    batches: GraphBatches
    network: GraphClassifier
    notes: tuple[str, ...]


@contextmanager
def applied(
    model: FittedClassifier, graphs: GraphSet, threads: int | None, device: str
) -> Iterator[Use]:
    """Make a classifier ready for graphs, on the threads that it may take.

    Raises:
        InputError: the graphs have other vertex features than the model's.
    """
    chosen = choose_for_small_graphs(device)
    x, notes = model.recipe.apply(graphs)
    graphs, on_weights = in_unit(graphs, model.weight_unit)
    notes += on_weights
    with bound_threads(worthwhile_threads(graphs, model.config, model.pool_sizes, threads)):
        yield Use(GraphBatches(graphs, x, chosen), model.network().to(chosen), notes)
