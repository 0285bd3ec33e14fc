"""The restarts of a run, and the best of them. No label comes near it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import RestartsFailedError, TrainingError
from tvgnn_cli.graph.labels import UNKNOWN, number_by_size
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.support import Support
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.train.checkpoint_folder import Checkpoints, no_checkpoints
from tvgnn_cli.train.distributed.shares import Share
from tvgnn_cli.train.distributed.team import ALONE, Team, checksum
from tvgnn_cli.train.given_start import NOTHING, Partitions
from tvgnn_cli.train.learner import copy_weights
from tvgnn_cli.train.networks import CPU, assignment_of, confidence_of, restored
from tvgnn_cli.train.restart import Restart
from tvgnn_cli.train.stages import Trainer
from tvgnn_cli.train.tensors import TrainingData, to_tensors
from tvgnn_cli.train.warm_start import KMEANS


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
        reached: share of the vertices with a given cluster that the network begins with there;
            None where no start is given.
    """

    run: Restart
    assignment: np.ndarray
    failed: int
    against_start: tuple[Support, Support] | None = None
    confidence: np.ndarray | None = None
    reached: float | None = None

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
    given: Partitions = NOTHING,
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
        given: clusters that are given to start from, or to keep.

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
    own = given.in_order(prepared.order)
    trainer = Trainer(prepared, data, config, observer or Observer(), team, share, own)
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
    order = _order(labels, model.num_clusters, given)
    model.reorder_clusters(torch.from_numpy(order).to(device))
    run = replace(run, state=copy_weights(model))
    # Once more, not by moving columns: a sum over clusters runs in their order, and what a saved
    # model gives is to be this to the last digit.
    assignment = assignment_of(model, data, prepared, share)
    if not bool(np.isfinite(assignment).all()):  # of weights that a state had, near the largest
        raise TrainingError("the network has no number for some vertices; start anew")
    sure = confidence_of(assignment.argmax(axis=1), prepared)
    reached = None if given.start is None else _reached(run, trainer, given.start != UNKNOWN)
    return Fitted(run, assignment, len(failed), best.against_start, sure, reached)


def _order(labels: np.ndarray, k: int, given: Partitions) -> np.ndarray:
    """Clusters as they are to be numbered: those of a given network as there; else the fixed ones,
    and then the others by size.
    """
    num_fixed = k if given.network is not None else given.num_fixed
    by_size = np.argsort(number_by_size(labels, k))
    return np.concatenate([np.arange(num_fixed), by_size[by_size >= num_fixed]])


def _reached(run: Restart, trainer: Trainer, known: np.ndarray) -> float:
    """Share of the vertices of a given cluster, which are `known`, that the network begins with in
    the cluster that they start from.
    """
    prepared, data = trainer.prepared, trainer.data
    model = restored(run.start, trainer.config, data)
    labels = assignment_of(model, data, prepared, trainer.share).argmax(axis=1)
    start = trainer.start(0, no_checkpoints().of(0), KMEANS).cpu().numpy()
    return float((labels == prepared.in_input_order(start))[known].mean())


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
