"""Stages of a restart, each of which can be resumed: weights of the loss, k-means, warm start,
descent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli import kernels
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import TrainingError, UsageError
from tvgnn_cli.io.state_file import State
from tvgnn_cli.machine.device import release_workspaces, seeded
from tvgnn_cli.methods import METHODS
from tvgnn_cli.models import ClusteringNetwork, build_model
from tvgnn_cli.models.weights import Form, check_labels, forms_of
from tvgnn_cli.observer import Observer, RestartReport
from tvgnn_cli.prepare.prepared import DENSE, Prepared
from tvgnn_cli.train.allocator import KEPT, KEPT_OF_BATCHES, retained_memory
from tvgnn_cli.train.batches import Batches
from tvgnn_cli.train.checkpoint import FAILED, Checkpoint
from tvgnn_cli.train.distributed.shares import Share
from tvgnn_cli.train.distributed.team import Team
from tvgnn_cli.train.given_start import NOTHING, Partitions, whole_start
from tvgnn_cli.train.learner import ByBatch, Learner, Replayed, WholeGraph, adam
from tvgnn_cli.train.networks import assignment_of, restored
from tvgnn_cli.train.objective import (
    Objective,
    TotalVariationObjective,
    Weights,
    make_objective,
    seeks_start,
    settle_weights,
)
from tvgnn_cli.train.pinned import PinnedObjective, with_fixed
from tvgnn_cli.train.restart import DESCENT, Restart, descend
from tvgnn_cli.train.tensors import TrainingData
from tvgnn_cli.train.warm_start import KMEANS, WARM, WARM_RATE, fit_to_labels, kmeans_labels

WEIGHTS = "weights"

NO_LABELS = torch.zeros(0, dtype=torch.int64)

SPREAD = 1.0
"""Weight of the spread of features inside clusters, where evidence is measured."""


@dataclass(eq=False)
class Trainer:
    """All that the restarts of one run share.

    Losses compare only under the same weights of their terms: those of restart 0's start serve them
    all, whichever of them are trained here. So do the clusters that are given, here in
    the order of training; those that some vertices keep are the first ones.
    """

    prepared: Prepared
    data: TrainingData
    config: ClusterConfig
    observer: Observer
    team: Team
    share: Share | None
    given: Partitions = NOTHING
    weights: Weights | None = None
    _labels: dict[int, Tensor] = field(default_factory=dict)

    def run(self, restart: int, checkpoint: Checkpoint) -> Restart:
        """One restart, from its start or from where its checkpoint was left.

        Raises:
            TrainingError: its loss is no finite number.
            InterruptionError: the run was asked to end; its state is kept.
        """
        known = self._kept(restart, checkpoint)
        if known is not None:
            self.weights = Weights(**known.weights)
            return known
        kept = KEPT if self.prepared.part_bounds is None else KEPT_OF_BATCHES
        try:
            with seeded(self.config.seed + restart, self.data.device), retained_memory(kept):
                run = _Stages(self, restart, checkpoint).run()
        except TrainingError as error:
            checkpoint.finish(FAILED, State(facts={"error": str(error)}))
            raise
        run.keep(checkpoint)
        return run

    def _kept(self, restart: int, checkpoint: Checkpoint) -> Restart | None:
        """The restart, if it is written down as done.

        Raises:
            InputError: what is written down is no such restart.
            TrainingError: it is written down as failed.
        """
        config, data = self.config, self.data

        def forms() -> dict[str, Form]:
            return forms_of(lambda: build_model(config, data.width))

        known = Restart.kept(checkpoint, forms, config.seed + restart, config.epochs)
        if known is not None:
            names = self.objective(Weights(**known.weights)).names
            if {*known.terms} != {*names} or {*known.start_terms} != {*names}:
                raise checkpoint.refusal(f"its terms are not {', '.join(names)}")
        return known

    def report(self, restart: int, run: Restart) -> None:
        """Tell the observer what a restart came to."""

        def labels() -> np.ndarray:
            model = restored(run.state, self.config, self.data)
            return np.asarray(assignment_of(model, self.data, self.prepared).argmax(axis=1))

        self.observer.restart(RestartReport(restart, run.seed, run.loss, labels))

    def start(self, restart: int, checkpoint: Checkpoint, stage: str) -> Tensor:
        """The labels `[n]` that a restart starts from, found once: those that are given; else of
        k-means, unless evidence has found those of restart 0.
        """
        restart = 0 if self.given.start is not None else restart
        if restart not in self._labels:
            found = self._found(restart, checkpoint, stage)
            labels = self.team.agree(torch.from_numpy(found).to(self.data.device))
            self._labels = {restart: labels}
        return self._labels[restart]

    def _found(self, restart: int, checkpoint: Checkpoint, stage: str) -> np.ndarray:
        """The same; of processes that follow another anything."""
        x, k, seed = self.prepared.x, self.config.clusters, self.config.seed + restart
        found = np.zeros(len(self.prepared.order), dtype=np.int64)
        if self.given.start is not None:
            found = self.given.start
        elif restart == 0 and self.prepared.encoding is not None:
            found = self.prepared.encoding.labels
        elif self.team.leads:
            with checkpoint.of_one():
                found = kmeans_labels(
                    x, k, seed, self.observer, checkpoint, stage, support=self._support()
                )
        if self.given.fixed is not None:
            found = with_fixed(found, self.given.fixed, k)
        is_whole = self.given.start is None and self.given.fixed is None
        return found if is_whole else whole_start(x, found, k, seed)

    def _support(self) -> Callable[[np.ndarray], float] | None:
        """Function of labels in the order of training, which says how far edges and features
        support them; None where evidence is not measured.
        """
        prepared = self.prepared
        if prepared.judge is None:
            return None
        return lambda labels: prepared.support(prepared.in_input_order(labels)).share

    def learner(self, model: ClusteringNetwork, lr: float, restart: int) -> Learner:
        """Learner of a network: on the whole graph, or by batches of it."""
        config, prepared = self.config, self.prepared
        assert self.weights is not None
        release_workspaces(self.data.device)  # of the preparation, and of an earlier learner
        objective = self.objective(self.weights)
        optimizer = adam(model, lr)
        if prepared.part_bounds is None:
            kind = Replayed if self._is_recorded() else WholeGraph
            return kind(model, objective, optimizer)
        if not isinstance(objective, TotalVariationObjective):
            raise UsageError(f"`batch` parts: `method` {config.method} trains on the whole graph")
        team = replace(self.team, device=self.data.device)
        batches = Batches(prepared, config.seed + restart, team, self.data.features)
        return ByBatch(model, objective, optimizer, batches, self.share)

    def objective(self, weights: Weights) -> Objective:
        """The loss that is lowered, of these weights, with that of the fixed vertices."""
        made = make_objective(self.config, self.data, weights)
        fixed = self.given.fixed
        return made if fixed is None else PinnedObjective.of(made, fixed)

    def _is_recorded(self) -> bool:
        """Tell whether epochs go into a CUDA graph: those of kernels that wait for nothing."""
        device = self.data.device
        of_kernels = device.type == "cuda" and kernels.in_use(device) != kernels.PLAIN
        return of_kernels and METHODS[self.config.method].lowers_totvar


class _Stages:
    """One restart as an ordered list of stages, from the first that is not behind it on disk."""

    def __init__(self, trainer: Trainer, restart: int, checkpoint: Checkpoint) -> None:
        self.trainer, self.restart, self.checkpoint = trainer, restart, checkpoint
        self.config, self.observer = trainer.config, trainer.observer
        data = trainer.data
        self.model = build_model(self.config, data.width).to(data.device)
        network = trainer.given.network
        if network is not None:
            self.model.load_state_dict(network)
        self._labels: Tensor | None = None
        self._result: Restart | None = None

    def run(self) -> Restart:
        stages: dict[str, Callable[[], None]] = {WEIGHTS: self._settle_weights}
        if self.config.starts_from_labels and self.trainer.given.network is None:
            stages |= {KMEANS: self._find_labels, WARM: self._warm_up}
        stages[DESCENT] = self._descend
        names = list(stages)
        self.checkpoint.require_stage_of(names)
        saved = self.checkpoint.stage
        first = 0 if saved is None else names.index(saved)
        if first:
            self._recall_weights()
            if self.trainer.weights is None:
                raise self.checkpoint.refusal("it has no known.weights")
        for name in names[first:]:
            stages[name]()
        assert self._result is not None
        return self._result

    def _recall_weights(self) -> None:
        kept = self.checkpoint.recall("weights", Weights)
        if kept is not None:
            self.trainer.weights = kept

    def _settle_weights(self) -> None:
        """Find the weights of the loss, once for all restarts; every state carries them."""
        trainer, config = self.trainer, self.config
        if trainer.weights is None:
            self._recall_weights()
        if trainer.weights is None:
            seeks = seeks_start(config)
            labels = trainer.start(0, self.checkpoint, WEIGHTS) if seeks else None
            spread = _spread_coeff(config, trainer.prepared, trainer.data)
            trainer.weights = settle_weights(config, trainer.data, labels, spread)
        self.checkpoint.remember("weights", asdict(trainer.weights))

    def _find_labels(self) -> None:
        self._labels = self.trainer.start(self.restart, self.checkpoint, KMEANS)

    def _warm_up(self) -> None:
        saved = self.checkpoint.resume(WARM)
        labels = self._labels
        if saved is not None:
            with saved.checked():
                labels = saved.tensors.get("labels", NO_LABELS)
                check_labels(labels, (len(self.trainer.prepared.order),), self.config.clusters)
            labels = labels.to(self.trainer.data.device)
        assert labels is not None
        imitator = self.trainer.learner(self.model, WARM_RATE, self.restart)
        fit_to_labels(imitator, labels, self.observer, self.checkpoint)

    def _descend(self) -> None:
        learner = self.trainer.learner(self.model, self.config.lr, self.restart)
        given = learner, self.config, self.restart, self.observer, self.checkpoint
        self._result = descend(*given)


def _spread_coeff(config: ClusterConfig, prepared: Prepared, data: TrainingData) -> float:
    """Weight of the spread of features inside clusters: as asked for, else where evidence is
    measured and features are dense.

    Raises:
        UsageError: it is asked for, and features are sparse.
    """
    dense = data.features.is_dense
    spread = config.spread_coeff
    if spread is None:
        counted = dense and prepared.part_bounds is None
        spread = SPREAD * (prepared.judge is not None and counted)
    if spread and not dense:
        raise UsageError(f"`spread_coeff` needs features that are dense{DENSE}")
    return spread
