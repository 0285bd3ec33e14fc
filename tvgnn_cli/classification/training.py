"""Training of a classifier of graphs: epochs over batches, until the validation loss stays."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from tvgnn_cli.classification.memory import parts_of
from tvgnn_cli.classification.progress import Progress, facts_of, restored_progress
from tvgnn_cli.config.classification import ClassifyConfig
from tvgnn_cli.errors import InputError, TrainingError
from tvgnn_cli.io.state_file import State, prefixed
from tvgnn_cli.models.classifier import Classified, GraphClassifier, make_classifier
from tvgnn_cli.nn import Adam
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.graph_batches import Batch, GraphBatches
from tvgnn_cli.prepare.graph_splits import Split
from tvgnn_cli.train.checkpoint import Checkpoint
from tvgnn_cli.train.training_state import restore_training, training_state

STAGE = "epochs"

EVALUATED = 16
"""Graphs that are evaluated at a time, at most."""


@dataclass(frozen=True, eq=False)
class Trained:
    """Outcome of training: weights by name at the best epoch, the course, and the seconds that an
    epoch of this process took, at the median and without its validation; None where it saw none.
    """

    state: dict[str, Tensor]
    progress: Progress
    seconds_per_epoch: float | None


def train_classifier(
    batches: GraphBatches,
    split: Split,
    config: ClassifyConfig,
    network: GraphClassifier,
    checkpoint: Checkpoint,
    observer: Observer,
) -> Trained:
    """Train until `patience` epochs have not lowered the validation loss, or raised its accuracy.

    Source: Section 4.3: the classes' cross-entropy and the losses of every pooling.

    Args:
        batches: all graphs, with their classes.
        split: which of them are for what.
        config: the settings.
        network: as `new_network` makes it.
        checkpoint: asked after each epoch.
        observer: told of each epoch.

    Raises:
        TrainingError: a loss is no number.
        InterruptionError: the run was asked to end; its state is kept.
    """
    adam = Adam(network.parameters(), config.lr)
    progress, best, seconds = Progress(), _copy(network), list[float]()
    checkpoint.require_stage_of((STAGE,))
    found = checkpoint.resume(STAGE)
    if found is not None:
        progress, best = restored_progress(found, network, config.epochs, config.monitor)
        restore_training(found, network, adam, others=("best.",))

    def state() -> State:
        tensors = {**training_state(network, adam), **prefixed("best.", best)}
        return State(tensors, {"progress": facts_of(progress)})

    while progress.epoch < config.epochs and _goes_on(progress, config.patience):
        started = time.perf_counter()
        loss = _epoch(network, adam, batches, split.train, config, progress.epoch)
        seconds.append(time.perf_counter() - started)
        validation, accuracy = validate(network, batches, split.validation)
        number = progress.epoch + 1
        if not math.isfinite(loss) or not math.isfinite(validation):
            raise TrainingError(
                f"the loss is no longer a number at epoch {number}; try a lower `lr` or `delta`"
            )
        progress = progress.followed(loss, validation, accuracy, config.monitor)
        if progress.best_epoch == number:
            best = _copy(network)
        told = f"loss {loss:.3f}, validation {validation:.3f} ({accuracy:.0%}), epoch"
        observer.phase(told, number, config.epochs)
        checkpoint.offer(STAGE, state)
    return Trained(best, progress, median(seconds) if seconds else None)


def new_network(
    config: ClassifyConfig, in_channels: int, num_classes: int, pool_sizes: tuple[int, ...]
) -> GraphClassifier:
    """Build a network with its weights at the start that the seed draws; arguments as of
    `make_classifier`.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return make_classifier(config, in_channels, num_classes, pool_sizes)


def _goes_on(progress: Progress, patience: int) -> bool:
    return progress.epoch - progress.best_epoch < patience


def _epoch(
    network: GraphClassifier,
    adam: Adam,
    batches: GraphBatches,
    graphs: np.ndarray,
    config: ClassifyConfig,
    epoch: int,
) -> float:
    """One step for each batch of the graphs in an order of this epoch; the mean loss of a graph."""
    order = np.random.default_rng((config.seed, epoch)).permutation(graphs)
    decayed, total = network.decayed(), 0.0
    network.train()
    pools = network.pool_sizes
    for first in range(0, len(order), config.batch_size):
        chosen = order[first : first + config.batch_size]
        for part in parts_of(batches.graphs.sizes[chosen], pools):
            batch = batches.take(chosen[part])
            share = batch.graphs.num_graphs / len(chosen)
            loss = loss_of(network(batch.x, batch.graphs), batch)
            (loss * share).backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach()) * batch.graphs.num_graphs
        if config.weight_decay:
            _decay(decayed, config.weight_decay)
        adam.step()
        adam.zero_grad()
    return total / max(len(graphs), 1)


def _decay(weights: Sequence[torch.nn.Parameter], weight_decay: float) -> None:
    """Add the gradient of `weight_decay * sum of squares`."""
    for weight in weights:
        if weight.grad is not None:
            weight.grad.add_(weight.detach(), alpha=2 * weight_decay)


def loss_of(out: Classified, batch: Batch) -> Tensor:
    """Cross-entropy and the losses of every pooling, means over the graphs of a batch."""
    assert batch.y is not None
    supervised = cross_entropy(out.logits, batch.y)
    return supervised if out.pool_loss is None else supervised + out.pool_loss


@torch.no_grad()
def validate(
    network: GraphClassifier, batches: GraphBatches, graphs: np.ndarray
) -> tuple[float, float]:
    """The mean loss of some graphs, and the share whose class is found."""
    network.eval()
    loss, right = 0.0, 0
    for batch in taken(batches, graphs, network.pool_sizes):
        out = network(batch.x, batch.graphs)
        loss += float(loss_of(out, batch)) * batch.graphs.num_graphs
        right += int((out.logits.argmax(dim=1) == batch.y).sum())
    return loss / max(len(graphs), 1), right / max(len(graphs), 1)


def taken(batches: GraphBatches, graphs: np.ndarray, pools: Sequence[int]) -> Iterator[Batch]:
    """Batches of up to `EVALUATED` graphs, as many as memory holds at once, in the order given."""
    for first in range(0, len(graphs), EVALUATED):
        chosen = graphs[first : first + EVALUATED]
        for part in parts_of(batches.graphs.sizes[chosen], pools):
            yield batches.take(chosen[part])


def _copy(network: GraphClassifier) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def predicted(network: GraphClassifier, batches: GraphBatches) -> np.ndarray:
    """Probabilities of the classes of all graphs, float32 `[g, c]`.

    Raises:
        InputError: a graph whose features are too large.
    """
    width = network.output.out_features
    return _each(network, batches, width, lambda out: out.logits.softmax(dim=1))


def embedded(network: GraphClassifier, batches: GraphBatches) -> np.ndarray:
    """Vectors of all graphs, float32 `[g, h]`."""
    width = network.output.in_features
    return _each(network, batches, width, lambda out: out.embedding)


@torch.no_grad()
def _each(
    network: GraphClassifier,
    batches: GraphBatches,
    width: int,
    chosen: Callable[[Classified], Tensor],
) -> np.ndarray:
    """A row for each graph, of what is chosen of the network's output."""
    network.eval()
    graphs = np.arange(batches.graphs.num_graphs)
    rows = [
        chosen(network(batch.x, batch.graphs)).cpu().numpy()
        for batch in taken(batches, graphs, network.pool_sizes)
    ]
    found = np.concatenate(rows) if rows else np.empty((0, width), dtype=np.float32)
    if not bool(np.isfinite(found).all()):
        lost = batches.graphs.ids[np.flatnonzero(~np.isfinite(found).all(axis=1))[0]]
        raise InputError(f"{batches.graphs.name}: the network has no number for graph {lost}")
    return found
