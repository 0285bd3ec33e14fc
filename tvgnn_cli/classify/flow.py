"""The flow of graph classification: read -> train -> result; and a saved model's use."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from tvgnn_cli import kernels
from tvgnn_cli.classify.result import ClassifyResult
from tvgnn_cli.classify.training import new_network, predicted, train_classifier
from tvgnn_cli.config.classification import ClassifyConfig, make_classify_config
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.graph.graph_set import TEST, TRAIN, VALIDATION, GraphSet
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.graph_sets import read_graph_set
from tvgnn_cli.machine.device import choose_device
from tvgnn_cli.machine.threads import bound_threads, choose_threads
from tvgnn_cli.machine.versions import peak_memory_mb, versions
from tvgnn_cli.models.fitted_classifier import FittedClassifier
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.graph_batches import GraphBatches
from tvgnn_cli.prepare.graph_features import learn_features
from tvgnn_cli.prepare.graph_splits import Split, hold_out
from tvgnn_cli.prepare.pool_sizes import pool_sizes
from tvgnn_cli.run.machine import Clock
from tvgnn_cli.train import Checkpointing, Identity

READING = ("labels", "weight", "vertex_features", "cleaned", "data_root", "offline")
"""Options that say how graphs are read."""


def classify(
    graphs: Any,
    *,
    config: ClassifyConfig | None = None,
    threads: int | None = None,
    device: str = "auto",
    observer: Observer | None = None,
    checkpointing: Checkpointing | None = None,
    interruption: Interruption | None = None,
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
        device: "auto", "cpu", "cuda", ...
        observer: told of each phase and epoch.
        checkpointing: where and how often the state is kept, to go on from after an interruption.
        interruption: asked after each epoch whether the run is to end.
        **options: how the graphs are read, as `read_graph_set` takes it, and settings, by fields
            of `ClassifyConfig`.

    Raises:
        UsageError: settings that cannot work.
        InputError: graphs that cannot be read or learned from.
        TrainingError: training failed.
        InterruptionError: the run was asked to end before it was done; its state is kept.
    """
    clock = Clock(observer or Observer())
    reading = {name: options.pop(name) for name in READING if name in options}
    if config is not None and options:
        raise UsageError(f"give config or single settings, not both: {', '.join(options)}")
    config = make_classify_config(options) if config is None else config
    clock.phase("reading")
    known = read_graph_set(graphs, **reading)
    split = split_of(known, config)
    return train_on(
        known, split, config, threads=threads, device=device, clock=clock,
        checkpointing=checkpointing, interruption=interruption,
    )  # fmt: skip


def train_on(
    graphs: GraphSet,
    split: Split,
    config: ClassifyConfig,
    *,
    threads: int | None = None,
    device: str = "auto",
    clock: Clock | None = None,
    checkpointing: Checkpointing | None = None,
    interruption: Interruption | None = None,
) -> ClassifyResult:
    """Train on some of the graphs and tell the classes of all; arguments as of `classify`, and
    which graphs are for what.
    """
    clock, checkpointing = clock or Clock(Observer()), checkpointing or Checkpointing()
    asked, chosen = interruption or Interruption(), choose_device(device)
    threads = choose_threads(threads)
    recipe = learn_features(graphs, config.scaling)
    x, notes = recipe.apply(graphs)
    sizes = (config.given_sizes or pool_sizes(graphs.sizes)) if config.pools else ()
    told = about(graphs, config)
    made_with = {
        "threads": threads, "device": str(chosen), "kernels": kernels.in_use(chosen), **versions(),
    }  # fmt: skip
    identity = Identity(_identity(graphs, split), asdict(config), made_with)
    with (
        checkpointing.open(identity, clock, range(1), asked) as checkpoints,
        bound_threads(threads),
    ):
        asked.defer()
        batches = GraphBatches(graphs, x, chosen)
        network = new_network(config, recipe.num_features, graphs.num_classes, sizes).to(chosen)
        trained = train_classifier(batches, split, config, network, checkpoints.of(0), clock)
        network.load_state_dict(trained.state)
        clock.phase("classifying")
        probabilities = predicted(network, batches, config)
    parts = _parts(graphs, split)
    progress = trained.progress
    metrics = {
        **{f"acc_{part}": accuracy(graphs, probabilities, parts == part)
           for part in (TRAIN, VALIDATION, TEST)},
        "loss": _at_best(progress.history, progress.best_epoch),
        "validation_loss": progress.best if math.isfinite(progress.best) else None,
        "best_epoch": progress.best_epoch,
        "epochs": progress.epoch,
        **{f"graphs_{part}": int((parts == part).sum()) for part in (TRAIN, VALIDATION, TEST)},
        "pool_sizes": ",".join(map(str, sizes)),
        **told,
        **{name: made_with[name] for name in ("threads", "device", "kernels")},
        **clock.measured(),
        "peak_memory_mb": peak_memory_mb(),
    }  # fmt: skip
    model = FittedClassifier(
        {name: value.cpu() for name, value in trained.state.items()}, config, recipe,
        graphs.class_names, sizes, {k: v for k, v in metrics.items() if k not in VOLATILE},
        progress.history,
    )  # fmt: skip
    metrics["model_fingerprint"] = model.fingerprint()
    return ClassifyResult(
        graphs.ids, probabilities, graphs.class_names, metrics, model, parts,
        (*graphs.all_notes, *notes_on(graphs, sizes), *notes), graphs.name,
    )  # fmt: skip


VOLATILE = ("seconds", "seconds_per_epoch", "peak_memory_mb")
"""Metrics that differ from one run of the same command to the next."""


def split_of(graphs: GraphSet, config: ClassifyConfig) -> Split:
    """Decide which graphs are learned from, and whose loss decides when training ends.

    Raises:
        InputError: too few graphs of known class, or all of one class.
    """
    y = classes_of(graphs)
    known = y != UNKNOWN
    given = graphs.split
    if given is None:
        return hold_out(np.flatnonzero(known), y, config.validation, config.seed)
    train = np.flatnonzero(known & ((given == TRAIN) | (given == "")))
    validation = np.flatnonzero(known & (given == VALIDATION))
    if len(np.unique(y[train])) < 2:
        raise InputError(
            f"{graphs.name}: its graphs for training are of {len(np.unique(y[train]))} class; a "
            "classifier needs two at least"
        )
    if not len(validation):
        return hold_out(train, y, config.validation, config.seed)
    return Split(train, validation)


def classes_of(graphs: GraphSet) -> np.ndarray:
    """The class of each graph, int64 `[g]`, of a set that can be learned from.

    Raises:
        InputError: no classes, one class only, or no class with two graphs.
    """
    y = graphs.y
    if y is None or not bool((y != UNKNOWN).any()):
        raise InputError(
            f"{graphs.name}: has no classes of graphs to learn from; `labels` takes a table of them"
        )
    counts = np.bincount(y[y != UNKNOWN], minlength=graphs.num_classes)
    if int((counts > 0).sum()) < 2:
        only = graphs.class_names[int(counts.argmax())]
        raise InputError(
            f"{graphs.name}: all graphs are of class '{only}'; a classifier needs two classes at "
            "least"
        )
    if int(counts.max()) < 2:
        raise InputError(
            f"{graphs.name}: no class has two graphs, one to learn from and one to tell when "
            "training is to end"
        )
    return y


def accuracy(graphs: GraphSet, probabilities: np.ndarray, chosen: np.ndarray) -> float | None:
    """Share of some graphs of known class whose class is the most probable one; None of none.

    Args:
        graphs: the set, with its classes.
        probabilities: `[g, c]`.
        chosen: mask of graphs, `[g]`.
    """
    if graphs.y is None:
        return None
    chosen = chosen & (graphs.y != UNKNOWN)
    if not bool(chosen.any()):
        return None
    return float((probabilities[chosen].argmax(axis=1) == graphs.y[chosen]).mean())


def about(graphs: GraphSet, config: ClassifyConfig) -> dict[str, Any]:
    """Input, settings and versions, as metrics."""
    return {
        "input": graphs.name,
        "num_graphs": graphs.num_graphs,
        "num_vertices": graphs.num_vertices,
        "num_edges": graphs.num_edges,
        "num_classes": graphs.num_classes,
        "method": config.method,
        "preset": config.preset,
        "seed": config.seed,
        **versions(),
        "input_fingerprint": graphs.fingerprint(),
        "config_fingerprint": config.fingerprint(),
    }


def notes_on(graphs: GraphSet, sizes: tuple[int, ...]) -> tuple[str, ...]:
    """Note what was done with the graphs that their reader might not expect."""
    notes = []
    if graphs.attributes is None and not any(each.values for each in graphs.categories):
        notes.append("no vertex features in the input: the number of neighbours is used")
    largest = int(graphs.sizes.max(initial=0))
    if sizes and largest // 2 > sizes[0]:
        notes.append(
            f"pooling leaves {sizes[0]} and {sizes[1]} vertices of each graph; half and a quarter "
            f"of the largest, as in the paper, is `pool_sizes` {largest // 2},{largest // 4}"
        )
    unknown = 0 if graphs.y is None else int((graphs.y == UNKNOWN).sum())
    if unknown:
        notes.append(f"graphs of unknown class, not learned from: {unknown:,}")
    empty = int((graphs.sizes == 0).sum())
    if empty:
        notes.append(f"graphs without a vertex: {empty:,}; all of them look the same")
    return tuple(notes)


def _identity(graphs: GraphSet, split: Split) -> str:
    """SHA-256 over what training sees: graphs, the classes that it learns from, the split."""
    import hashlib

    seen = np.concatenate([split.train, split.validation])
    digest = hashlib.sha256(graphs.fingerprint().encode())
    digest.update("\0".join(graphs.class_texts[seen].tolist()).encode())
    for part in (split.train, split.validation):
        digest.update(np.ascontiguousarray(part).tobytes() + b"|")
    return digest.hexdigest()


def _parts(graphs: GraphSet, split: Split) -> np.ndarray:
    """Part of each graph, object array `[g]`; "" for one of which nothing is known."""
    parts = np.full(graphs.num_graphs, "", dtype=object)
    if graphs.split is not None:
        parts[graphs.split == TEST] = TEST
    parts[split.train], parts[split.validation] = TRAIN, VALIDATION
    return parts


def _at_best(history: tuple[tuple[float, float, float], ...], epoch: int) -> float | None:
    return history[epoch - 1][0] if epoch else None


def predict_graphs(
    model: FittedClassifier,
    graphs: Any,
    *,
    threads: int | None = None,
    device: str = "auto",
    **options: Any,
) -> ClassifyResult:
    """Tell the classes of other graphs, without training.

    Args:
        model: what `load_classifier` or a result's `model` gives.
        graphs: as for `classify`; classes that are known only score the result.
        threads: most CPU threads; None for what the scheduler or the machine gives.
        device: "auto", "cpu", "cuda", ...
        **options: how the graphs are read.

    Raises:
        InputError: graphs that cannot be read, or have other vertex features than the model's.
    """
    clock = Clock(Observer())
    known = read_graph_set(graphs, **options)
    batches, network, notes, limits = _applied(model, known, threads, device)
    with limits:
        probabilities = predicted(network, batches, model.config)
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
        (*known.all_notes, *notes), known.name,
    )  # fmt: skip


def with_classes(graphs: GraphSet, class_names: tuple[str, ...]) -> GraphSet:
    """The graphs with their classes as a model numbers them; those that it lacks come last."""
    from dataclasses import replace

    if graphs.y is None:
        return graphs
    others = [name for name in graphs.class_names if name not in class_names]
    names = (*class_names, *others)
    place = np.array([names.index(name) for name in graphs.class_names] + [UNKNOWN])
    return replace(graphs, y=place[graphs.y], class_names=names)


def embed_graphs(
    model: FittedClassifier,
    graphs: Any,
    *,
    threads: int | None = None,
    device: str = "auto",
    **options: Any,
) -> np.ndarray:
    """A vector for each graph, float32 `[g, hidden]`, of which the model's answer is a linear map;
    arguments as of `predict_graphs`.
    """
    from tvgnn_cli.classify.training import embedded

    known = read_graph_set(graphs, **options)
    batches, network, _, limits = _applied(model, known, threads, device)
    with limits:
        return embedded(network, batches, model.config)


def _applied(
    model: FittedClassifier, graphs: GraphSet, threads: int | None, device: str
) -> tuple[GraphBatches, Any, tuple[str, ...], Any]:
    """Batches of graphs and the network, what is to be said, and the threads to work on."""
    chosen = choose_device(device)
    x, notes = model.recipe.apply(graphs)
    network = model.network().to(chosen)
    batches = GraphBatches(graphs, x, chosen)
    return batches, network, notes, bound_threads(choose_threads(threads))
