"""The flow of graph classification: read -> features -> train -> result."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from tvgnn_cli import kernels
from tvgnn_cli.classification.classes import notes_on_classes, seen_classes, split_of, with_classes
from tvgnn_cli.classification.memory import check_memory
from tvgnn_cli.classification.progress import Progress
from tvgnn_cli.classification.record import (
    SEEN,
    about,
    accuracy,
    lasting,
    notes_on,
    seen_fingerprint,
)
from tvgnn_cli.classification.result import ClassifyResult
from tvgnn_cli.classification.training import new_network, predicted, train_classifier
from tvgnn_cli.classification.work import worthwhile_threads
from tvgnn_cli.config.classification import DEFAULT_PRESET, ClassifyConfig, make_classify_config
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.graph_set import SPLITS, TEST, TRAIN, VALIDATION, GraphSet
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.graph_sets.read import read_graph_set
from tvgnn_cli.machine.device import choose_for_small_graphs
from tvgnn_cli.machine.threads import bound_threads
from tvgnn_cli.machine.versions import peak_memory_mb, versions
from tvgnn_cli.models.fitted_classifier import FittedClassifier
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.column_scaling import notes_on_bounds
from tvgnn_cli.prepare.graph_batches import GraphBatches
from tvgnn_cli.prepare.graph_features import learn_features
from tvgnn_cli.prepare.graph_splits import Split
from tvgnn_cli.prepare.graph_weights import in_unit, learn_unit
from tvgnn_cli.prepare.pool_sizes import MOST_POOLED, pool_sizes
from tvgnn_cli.progress import showing
from tvgnn_cli.run.machine import Clock
from tvgnn_cli.train import Checkpointing, Identity
from tvgnn_cli.train.allocator import retained_memory

READING = ("labels", "weight", "vertex_features", "cleaned", "data_root", "offline")
"""Options that say how graphs are read."""


def classify(  # noqa: PLR0913 parameters of an interface
    graphs: Any,
    *,
    config: ClassifyConfig | None = None,
    threads: int | None = None,
    device: str = "auto",
    observer: Observer | None = None,
    progress: bool | str = False,
    checkpointing: Checkpointing | None = None,
    interruption: Interruption | None = None,
    ignore_memory: bool = False,
    **options: Any,
) -> ClassifyResult:
    """Train a classifier of graphs.

        result = tvgnn_cli.classify("molecules/", seed=1)
        result.save("model.tvgnn")

    Graphs without a class are not learned from. Those of the part "test" are neither, and tell how
    well it does; those of "validation" decide when training ends, where the input names some.

    Args:
        graphs: a folder, table or data set as `read_graph_set` takes it, a list of graphs, or a
            `GraphSet`.
        config: every setting at once; else `options` has some.
        threads: most CPU threads; None for what the scheduler or the machine gives.
        device: "cpu", "cuda", ...; "auto" is the CPU.
        observer: told of each phase and epoch.
        progress: as for `cluster`.
        checkpointing: where and how often the state is kept, to go on from after an interruption.
        interruption: asked after each epoch whether the run is to end.
        ignore_memory: try even where the estimate says that memory will not do.
        **options: how the graphs are read, as `read_graph_set` takes it, and settings, by fields
            of `ClassifyConfig`.

    Raises:
        UsageError: settings that cannot work.
        InputError: graphs that cannot be read or learned from.
        TrainingError: training failed.
        InterruptionError: the run was asked to end before it was done; its state is kept.
    """
    with showing(progress, observer) as told:
        clock = Clock(told)
        known, config = read_asked(graphs, config, options, clock)
        split = split_of(known, config)
        return train_on(
            known, split, config, threads=threads, device=device, clock=clock,
            checkpointing=checkpointing, interruption=interruption, ignore_memory=ignore_memory,
        )  # fmt: skip


def read_asked(
    graphs: Any, config: ClassifyConfig | None, options: dict[str, Any], clock: Clock
) -> tuple[GraphSet, ClassifyConfig]:
    """Read graphs by the options that are for reading, and settle settings by the others.

    Raises:
        UsageError: both a configuration and single settings, or a setting that cannot be.
        InputError: graphs that cannot be read.
    """
    reading = {name: options.pop(name) for name in READING if name in options}
    if config is not None and options:
        raise UsageError(f"give config or single settings, not both: {', '.join(options)}")
    config = make_classify_config(options) if config is None else config
    clock.phase("reading")
    return read_graph_set(graphs, **reading), config


def train_on(  # noqa: PLR0913 parameters of an interface
    graphs: GraphSet,
    split: Split,
    config: ClassifyConfig,
    *,
    threads: int | None = None,
    device: str = "auto",
    clock: Clock | None = None,
    checkpointing: Checkpointing | None = None,
    interruption: Interruption | None = None,
    ignore_memory: bool = False,
) -> ClassifyResult:
    """Train on some of the graphs and tell the classes of all; arguments as of `classify`, and
    which graphs are for what.
    """
    clock, checkpointing = clock or Clock(Observer()), checkpointing or Checkpointing()
    names = seen_classes(graphs, split)
    graphs = with_classes(graphs, names)
    asked, chosen = interruption or Interruption(), choose_for_small_graphs(device)
    seen = np.union1d(split.train, split.validation)
    recipe, unit = learn_features(graphs, config.scaling, seen), learn_unit(graphs, seen)
    x, notes = recipe.apply(graphs)
    sizes = sizes_of(graphs, config)
    threads = worthwhile_threads(graphs, config, sizes, threads)
    estimate = check_memory(graphs, config, sizes, recipe.num_features, refuse=not ignore_memory)
    made_with = {
        "threads": threads, "device": str(chosen), "kernels": kernels.in_use(chosen), **versions(),
    }  # fmt: skip
    identity = Identity(seen_fingerprint(graphs, split), asdict(config), made_with, SEEN)
    with (
        checkpointing.open(identity, clock, range(1), asked) as checkpoints,
        bound_threads(threads),
        retained_memory(),
    ):
        asked.defer()
        batches = GraphBatches(in_unit(graphs, unit)[0], x, chosen)
        network = new_network(config, recipe.num_features, len(names), sizes).to(chosen)
        trained = train_classifier(batches, split, config, network, checkpoints.of(0), clock)
        network.load_state_dict(trained.state)
        clock.phase("classifying")
        probabilities = predicted(network, batches)
    metrics = {
        **_scores(graphs, split, probabilities),
        **_course(trained.progress),
        "pool_sizes": ",".join(map(str, sizes)),
        **about(graphs, config),
        **{name: made_with[name] for name in ("threads", "device", "kernels")},
        **clock.measured(),
        "seconds_per_epoch": trained.seconds_per_epoch,
        "memory_estimate_mb": round(estimate, 1),
        "peak_memory_mb": peak_memory_mb(),
    }
    state = {name: value.cpu() for name, value in trained.state.items()}
    model = FittedClassifier(
        state, config, recipe, names, sizes, lasting(metrics), trained.progress.history, unit
    )
    metrics["model_fingerprint"] = model.fingerprint()
    notes = (
        *graphs.all_notes, *notes_on_classes(graphs, names, split), *notes_on(graphs, split, sizes),
        *notes,
        *notes_on_bounds(recipe.bounds, recipe.attribute_names, "vertex attributes", "scaling"),
    )  # fmt: skip
    return ClassifyResult(
        graphs.ids, probabilities, names, metrics, model, _parts(graphs, split), notes, graphs.name
    )


def _scores(graphs: GraphSet, split: Split, probabilities: np.ndarray) -> dict[str, Any]:
    """Accuracy on each part, and its graphs of known class, as metrics."""
    parts = _parts(graphs, split)
    known = np.full(graphs.num_graphs, False) if graphs.y is None else graphs.y != UNKNOWN
    return {
        **{f"acc_{part}": accuracy(graphs, probabilities, parts == part) for part in SPLITS},
        **{f"graphs_{part}": int((known & (parts == part)).sum()) for part in SPLITS},
    }


def _course(progress: Progress) -> dict[str, Any]:
    """Course of training, as metrics; the losses are those of the best epoch."""
    best = progress.history[progress.best_epoch - 1] if progress.best_epoch else (None, None)
    return {
        "loss": best[0], "validation_loss": best[1], "best_epoch": progress.best_epoch,
        "epochs": progress.epoch,
    }  # fmt: skip


def sizes_of(graphs: GraphSet, config: ClassifyConfig) -> tuple[int, ...]:
    """Vertices that each pooling leaves: those asked for, or a half and a quarter of the largest
    graph's, which the default bounds.
    """
    if not config.assigns:
        return ()
    most = MOST_POOLED if config.preset == DEFAULT_PRESET else None
    return config.given_sizes or pool_sizes(graphs.sizes, most)


def _parts(graphs: GraphSet, split: Split) -> np.ndarray:
    """Part of each graph, object array `[g]`; "" for one of which nothing is known."""
    parts = np.full(graphs.num_graphs, "", dtype=object)
    if graphs.split is not None:
        parts[graphs.split == TEST] = TEST
    parts[split.train], parts[split.validation] = TRAIN, VALIDATION
    return parts
