"""The training loop: restarts, epochs, the best of them. No label comes near it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import RestartsFailedError, TrainingError, UsageError
from tvgnn_cli.graph.labels import number_by_size
from tvgnn_cli.io.state_file import State
from tvgnn_cli.machine.device import seeded
from tvgnn_cli.models import ClusteringNetwork
from tvgnn_cli.observer import Observer, RestartReport
from tvgnn_cli.prepare.evidence.support import Support
from tvgnn_cli.prepare.prepared import DENSE, Prepared
from tvgnn_cli.train.allocator import KEPT, KEPT_OF_BATCHES, retained_memory
from tvgnn_cli.train.batches import Batches
from tvgnn_cli.train.checkpoint import FAILED, Checkpoint
from tvgnn_cli.train.checkpointing import Checkpoints, no_checkpoints
from tvgnn_cli.train.distributed.shares import Share
from tvgnn_cli.train.distributed.team import ALONE, Team, checksum
from tvgnn_cli.train.learner import ByBatch, Learner, WholeGraph, adam
from tvgnn_cli.train.networks import CPU, assignment_of, build_model, confidence_of, restored
from tvgnn_cli.train.objective import (
    TotalVariationObjective,
    Weights,
    make_objective,
    seeks_start,
    settle_weights,
)
from tvgnn_cli.train.restart import DESCENT, Restart, copy_weights, descend
from tvgnn_cli.train.tensors import TrainingData, to_tensors
from tvgnn_cli.train.warm_start import KMEANS, WARM, WARM_RATE, fit_to_labels, kmeans_labels

WEIGHTS = "k-means of restart 0"

SPREAD = 1.0
"""Weight of the spread of features inside clusters, where evidence is measured."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """The best restart, its clusters numbered by size.

    Args:
        run: the restart that is kept, as it started where training gained nothing.
        assignment: S, float32 `[n, k]`, in input order.
        failed: restarts whose loss was no number.
        against_start: support of the start's clusters and of those that training made of them; None
            where it is not measured.
        confidence: probability of each vertex's cluster, `[n]`, in input order; None where evidence
            is not measured.
    """

    run: Restart
    assignment: np.ndarray
    failed: int
    against_start: tuple[Support, Support] | None = None
    confidence: np.ndarray | None = None

    @property
    def support(self) -> Support | None:
        """Support of the clusters that are kept; None where it is not measured."""
        return None if self.against_start is None else self.against_start[not self.is_start]

    @property
    def is_start(self) -> bool:
        """Tell whether the start is kept, since training gained nothing."""
        return self.against_start is not None and not _gains(*self.against_start)


GAIN = 1.01
"""Factor by which training must raise the support of its start."""


def _gains(start: Support, trained: Support) -> bool:
    return trained.share > GAIN * max(start.share, 0)


def fit(
    prepared: Prepared,
    config: ClusterConfig,
    device: torch.device = CPU,
    observer: Observer | None = None,
    checkpoints: Checkpoints | None = None,
    restarts: Iterable[int] | None = None,
    team: Team = ALONE,
) -> Fitted:
    """Train `config.restarts` networks and keep the one whose clusters have most support; without
    evidence, or among equals, the one of lowest loss; then the lowest seed.

    A restart whose loss is no longer a finite number is dropped. Each restart depends on its
    seed and on nothing that happens in the others, so that parts of them, trained apart, have the
    same winner.

    Args:
        prepared: the graph.
        config: how.
        device: where.
        observer: told of each phase and epoch.
        checkpoints: where the state is kept; None to keep none.
        restarts: which of them to train; None for all.
        team: the processes that train together, for a graph with parts.

    Raises:
        TrainingError: every restart failed.
        InterruptionError: the run was asked to end; its state is kept.
    """
    share = None
    if not team.is_alone:
        made = checksum(prepared.order, prepared.part_bounds, prepared.edge_index)
        team.check_same("the order of the graph's vertices", made)
        team.check_same("what evidence speaks for", checksum(prepared.choices.encode()))
        # What needs more than a vertex's neighbours is measured by each process.
        share = None if config.degree_weighted else Share(prepared, team)
    data = to_tensors(prepared, device)
    trainer = _Trainer(prepared, data, config, observer or Observer(), team, share)
    best, failed = None, []
    for restart in range(config.restarts) if restarts is None else restarts:
        try:
            run = trainer.run(restart, (checkpoints or no_checkpoints()).of(restart))
        except TrainingError as error:
            failed.append(error)
            continue
        trainer.report(restart, run)
        kept = _Kept.of(run, _against_start(run, prepared, config, data, share, team))
        if best is None or kept.rank < best.rank:
            best = kept
    if best is None:
        raise RestartsFailedError(str(failed[0]), len(failed))
    run = best.run
    model = restored(run.state, config, data)
    labels = assignment_of(model, data, prepared, share).argmax(axis=1)
    order = np.argsort(number_by_size(labels, model.num_clusters))
    model.reorder_clusters(torch.from_numpy(order).to(device))
    run = replace(run, state=copy_weights(model))
    assignment = assignment_of(model, data, prepared, share)
    sure = confidence_of(assignment, prepared)
    return Fitted(run, assignment, len(failed), best.against_start, sure)


@dataclass(frozen=True, eq=False)
class _Kept:
    """Part of a restart that is kept.

    Args:
        run: it, as it started where training gained nothing.
        against_start: as of `Fitted`.
        rank: what restarts are compared by, lowest first.
    """

    run: Restart
    against_start: tuple[Support, Support] | None
    rank: tuple[float, float]

    @classmethod
    def of(cls, run: Restart, against_start: tuple[Support, Support] | None) -> _Kept:
        if against_start is None:
            return cls(run, None, (0.0, run.loss))
        gains = _gains(*against_start)
        kept = run if gains else run.as_it_started
        return cls(kept, against_start, (-against_start[gains].share, kept.loss))


def _against_start(
    run: Restart,
    prepared: Prepared,
    config: ClusterConfig,
    data: TrainingData,
    share: Share | None,
    team: Team,
) -> tuple[Support, Support] | None:
    """The support of the clusters of the start and of those of the best epoch; None where they are
    not judged.
    """
    if prepared.judge is None:
        return None

    def support(state: dict[str, Tensor]) -> Support:
        model = restored(state, config, data)
        labels = assignment_of(model, data, prepared, share).argmax(axis=1)
        numbers = torch.tensor(prepared.support(labels).numbers, dtype=torch.float64)
        # Rounded otherwise on another machine, it would decide otherwise.
        return Support.of_numbers(team.agree(numbers.to(data.x.device)).tolist())

    return support(run.start), support(run.state)


@dataclass(eq=False)
class _Trainer:
    """All that the restarts of one fit share.

    Losses compare only under the same weights of their terms: those of restart 0's start serve them
    all, whichever of them are trained here.
    """

    prepared: Prepared
    data: TrainingData
    config: ClusterConfig
    observer: Observer
    team: Team
    share: Share | None
    _weights: Weights | None = None
    _labels: dict[int, Tensor] = field(default_factory=dict)

    def run(self, restart: int, checkpoint: Checkpoint) -> Restart:
        """One restart, from its start or from where its checkpoint was left.

        Raises:
            TrainingError: its loss is no finite number.
            InterruptionError: the run was asked to end; its state is kept.
        """
        known = Restart.kept(checkpoint)
        if known is not None:
            self._weights = Weights(**known.weights)
            return known
        try:
            run = self._train(restart, checkpoint)
        except TrainingError as error:
            checkpoint.finish(FAILED, State(facts={"error": str(error)}))
            raise
        run.keep(checkpoint)
        return run

    def report(self, restart: int, run: Restart) -> None:
        """Tell the observer what a restart came to."""

        def labels() -> np.ndarray:
            model = restored(run.state, self.config, self.data)
            return np.asarray(assignment_of(model, self.data, self.prepared).argmax(axis=1))

        self.observer.restart(RestartReport(restart, run.seed, run.loss, labels))

    def _train(self, restart: int, checkpoint: Checkpoint) -> Restart:
        config, data, device = self.config, self.data, self.data.x.device
        kept = KEPT if self.prepared.part_bounds is None else KEPT_OF_BATCHES
        with seeded(config.seed + restart, device), retained_memory(kept):
            model = build_model(config, data.x.size(1)).to(device)
            weights = self._settle(restart, checkpoint)
            if config.init == "kmeans" and checkpoint.stage != DESCENT:
                labels = self._start(restart, checkpoint)
                imitator = self._learner(model, weights, WARM_RATE, restart)
                fit_to_labels(imitator, labels, self.observer, checkpoint)
            learner = self._learner(model, weights, config.lr, restart)
            return descend(learner, config, restart, self.observer, checkpoint)

    def _learner(
        self, model: ClusteringNetwork, weights: Weights, lr: float, restart: int
    ) -> Learner:
        config, prepared = self.config, self.prepared
        device = self.data.x.device
        objective = make_objective(config, self.data, weights)
        optimizer = adam(model, lr)
        if prepared.part_bounds is None:
            return WholeGraph(model, objective, optimizer)
        if not isinstance(objective, TotalVariationObjective):
            raise UsageError(f"`batch` parts: `method` {config.method} trains on the whole graph")
        batches = Batches(prepared, config.seed + restart, replace(self.team, device=device))
        return ByBatch(model, objective, optimizer, batches, self.share)

    def _recall(self, checkpoint: Checkpoint) -> None:
        kept = checkpoint.recall("weights")
        if kept is not None:
            self._weights = Weights(**kept)

    def _settle(self, restart: int, checkpoint: Checkpoint) -> Weights:
        """The weights of the loss, found once and kept in every checkpoint."""
        if self._weights is None:
            self._recall(checkpoint)
        if self._weights is None:
            config = self.config
            stage = WEIGHTS if restart else KMEANS
            labels = self._start(0, checkpoint, stage) if seeks_start(config) else None
            spread = config.spread_coeff
            dense = self.data.x.layout == torch.strided
            if spread is None:
                counted = dense and self.prepared.part_bounds is None
                spread = SPREAD * (self.prepared.evidence is not None and counted)
            if spread and not dense:
                raise UsageError(f"`spread_coeff` needs features that are dense{DENSE}")
            self._weights = settle_weights(config, self.data, labels, spread)
        checkpoint.remember("weights", asdict(self._weights))
        return self._weights

    def _support(self) -> Callable[[np.ndarray], float] | None:
        """Function of labels in the order of training, which says how far edges and features
        support them; None where evidence is not measured.
        """
        prepared = self.prepared
        if prepared.judge is None:
            return None
        return lambda labels: prepared.support(prepared.in_input_order(labels)).share

    def _start(self, restart: int, checkpoint: Checkpoint, stage: str = KMEANS) -> Tensor:
        """The k-means labels that a restart starts from."""
        saved = checkpoint.resume(WARM)
        if saved is not None:
            return saved.tensors["labels"].to(self.data.x.device)
        if restart not in self._labels:
            seed, clusters = self.config.seed + restart, self.config.clusters
            found = np.empty(len(self.prepared.order), dtype=np.int64)
            if restart == 0 and self.prepared.encoding is not None:
                found = self.prepared.encoding.labels
            elif self.team.leads:
                x, heard = self.prepared.x, self.observer
                with checkpoint.of_one():
                    found = kmeans_labels(
                        x, clusters, seed, heard, checkpoint, stage, support=self._support()
                    )
            labels = self.team.agree(torch.from_numpy(found).to(self.data.x.device))
            self._labels = {restart: labels}
        return self._labels[restart]
