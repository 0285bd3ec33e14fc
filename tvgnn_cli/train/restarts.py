"""The restarts of a run, and the best of them. No label comes near it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import RestartsFailedError, TrainingError
from tvgnn_cli.graph.labels import UNKNOWN, number_by_size
from tvgnn_cli.models import ClusteringNetwork
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.support import Support
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.train.checkpoint_folder import Checkpoints, no_checkpoints
from tvgnn_cli.train.distributed.shares import Share
from tvgnn_cli.train.distributed.team import ALONE, Team, checksum
from tvgnn_cli.train.given_start import NOTHING, Partitions
from tvgnn_cli.train.learner import copy_weights
from tvgnn_cli.train.networks import CPU, confidence_of
from tvgnn_cli.train.restart import Restart
from tvgnn_cli.train.scene import Scene
from tvgnn_cli.train.stages import Trainer
from tvgnn_cli.train.tensors import to_tensors
from tvgnn_cli.train.warm_start import KMEANS


@dataclass(frozen=True, eq=False)
class Agreement:
    """Agreement of the restarts of a run, whose consensus its clusters are.

    Args:
        stability: share of the restarts in which a vertex is in the cluster that is matched with
            its own, float32 `[n]`, 0 to 1, in input order.
        between: mean adjusted Rand index between the clusters of any two; None of one restart.
        count: restarts.
        of_model: adjusted Rand index of the clusters of the restart that is kept.
        reached: mean largest probability of that restart's assignment.
        support: of the clusters that are given; None where it is not measured.
    """

    stability: np.ndarray
    between: float | None
    count: int
    of_model: float
    reached: float
    support: Support | None = None


@dataclass(frozen=True, eq=False)
class Fitted:
    """The best restart, its clusters numbered by size; or what restarts agree on, and the restart
    that is nearest to it, its clusters numbered as those.

    Args:
        run: the restart that is kept, as it started where training gained nothing.
        assignment: S, float32 `[n, k]`, in input order.
        failed: restarts whose loss was no number.
        against_start: support of the start's clusters and of those that training made of them; None
            where it is not measured.
        confidence: probability of each vertex's cluster, `[n]`, in input order; None where evidence
            is not measured.
        start_reached: share of the vertices with a given cluster that the network begins with
            there; None where no start is given.
        agreement: that of the restarts, whose consensus the assignment is; None of the best one's.
    """

    run: Restart
    assignment: np.ndarray
    failed: int
    against_start: tuple[Support, Support] | None = None
    confidence: np.ndarray | None = None
    start_reached: float | None = None
    agreement: Agreement | None = None

    @property
    def support(self) -> Support | None:
        """Support of the clusters that are given; None where it is not measured."""
        if self.agreement is not None:
            return self.agreement.support
        return None if self.against_start is None else self.against_start[not self.is_start]

    @property
    def reached(self) -> float:
        """Mean largest probability of the assignment of the restart that is kept."""
        if self.agreement is not None:
            return self.agreement.reached
        return float(self.assignment.max(axis=1).mean())

    @property
    def is_start(self) -> bool:
        """Tell whether the start is kept, since training gained nothing."""
        return self.against_start is not None and not _gains(*self.against_start)


GAIN = 1.01
"""Factor by which training must raise the support of its start."""


def _gains(start: Support, trained: Support) -> bool:
    return trained.share > GAIN * max(start.share, 0)


@dataclass(frozen=True, eq=False)
class Kept:
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
    def of(cls, run: Restart, against_start: tuple[Support, Support] | None) -> Kept:
        """The better one of a restart and its start."""
        if against_start is None:
            return cls(run, None, (0.0, run.loss))
        gains = _gains(*against_start)
        kept = run if gains else run.as_it_started
        return cls(kept, against_start, (-against_start[gains].share, kept.loss))


@dataclass(frozen=True, eq=False)
class Trained:
    """The restarts of a run that have been trained.

    Args:
        scene: what they have in common.
        kept: those that did not fail, in their order.
        failed: how many did.
        why: what the first of these failed of.
        trainer: what has trained them.
        given: clusters that were given to start from, or to keep.
    """

    scene: Scene
    kept: tuple[Kept, ...]
    failed: int
    why: str
    trainer: Trainer
    given: Partitions = NOTHING

    def start_reached(self, run: Restart) -> float | None:
        """Share of the vertices of a given cluster that the network of a restart begins with in the
        cluster that they start from; None where no start is given.
        """
        if self.given.start is None:
            return None
        scene, known = self.scene, self.given.start != UNKNOWN
        labels = scene.assignment(scene.network(run.start)).argmax(axis=1)
        start = self.trainer.start(0, no_checkpoints().of(0), KMEANS).cpu().numpy()
        return float((labels == scene.prepared.in_input_order(start))[known].mean())

    def require(self) -> None:
        """Refuse to go on without any.

        Raises:
            RestartsFailedError: every restart failed.
        """
        if not self.kept:
            raise RestartsFailedError(self.why, self.failed)


def train_restarts(  # noqa: PLR0913 parameters of an interface
    prepared: Prepared,
    config: ClusterConfig,
    device: torch.device = CPU,
    observer: Observer | None = None,
    checkpoints: Checkpoints | None = None,
    restarts: Iterable[int] | None = None,
    team: Team = ALONE,
    *,
    given: Partitions = NOTHING,
    only_best: bool = False,
) -> Trained:
    """Train `config.restarts` networks. Each depends on its seed and on nothing that happens in the
    others; one whose loss is no longer a finite number is dropped.

    Args:
        prepared: the graph.
        config: how.
        device: where.
        observer: told of each phase and epoch.
        checkpoints: where the state is kept; None to keep none.
        restarts: which of them to train; None for all.
        team: the processes that train together, for a graph with parts.
        given: clusters that are given to start from, or to keep.
        only_best: whether to keep the weights of the best one alone.

    Raises:
        InterruptionError: the run was asked to end; its state is kept.
    """
    share = None
    if not team.is_alone:
        made = checksum(prepared.order, prepared.part_bounds, prepared.edge_index)
        team.check_same("the order of the graph's vertices", made)
        team.check_same("what evidence speaks for", checksum(prepared.choices.encode()))
        # What needs more than a vertex's neighbours is measured by each process.
        share = None if config.degree_weighted else Share(prepared, team)
    trainer = trainer_of(prepared, config, device, observer or Observer(), team, share, given)
    scene = Scene(prepared, config, trainer.data, share, team)
    kept, failed = list[Kept](), list[TrainingError]()
    for restart in range(config.restarts) if restarts is None else restarts:
        try:
            run = trainer.run(restart, (checkpoints or no_checkpoints()).of(restart))
        except TrainingError as error:
            failed.append(error)
            continue
        trainer.report(restart, run)
        kept.append(Kept.of(run, _against_start(run, scene)))
        if only_best:
            kept = [min(kept, key=lambda each: each.rank)]  # the earlier one of equals
    why = str(failed[0]) if failed else ""
    return Trained(scene, tuple(kept), len(failed), why, trainer, given)


def trainer_of(
    prepared: Prepared,
    config: ClusterConfig,
    device: torch.device,
    observer: Observer,
    team: Team,
    share: Share | None,
    given: Partitions,
) -> Trainer:
    """Trainer of single restarts; arguments are those of `train_restarts`, `given` in input order,
    and the part of the graph that this process has.
    """
    own = given.in_order(prepared.order)
    return Trainer(prepared, to_tensors(prepared, device), config, observer, team, share, own)


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
    evidence, or among equals, the one of lowest loss; then the lowest seed. So parts of them,
    trained apart, have the same winner.

    Arguments are those of `train_restarts`.

    Raises:
        TrainingError: every restart failed.
        InterruptionError: the run was asked to end; its state is kept.
    """
    work = prepared, config, device, observer, checkpoints, restarts, team
    return best_of(train_restarts(*work, given=given, only_best=True))


def best_of(trained: Trained) -> Fitted:
    """The restart of lowest rank; of equals the first.

    Raises:
        RestartsFailedError: every restart failed.
        TrainingError: its network has no number for some vertices.
    """
    trained.require()
    scene, best = trained.scene, min(trained.kept, key=lambda each: each.rank)
    model = scene.network(best.run.state)
    labels = scene.assignment(model).argmax(axis=1)
    order = _order(labels, model.num_clusters, trained.given)
    run = reordered(best.run, model, order)
    # Once more, not by moving columns: a sum over clusters runs in their order, and what a saved
    # model gives is to be this to the last digit.
    assignment = scene.finite(model)
    sure = confidence_of(assignment.argmax(axis=1), scene.prepared)
    reached = trained.start_reached(best.run)
    return Fitted(run, assignment, trained.failed, best.against_start, sure, reached)


def _order(labels: np.ndarray, k: int, given: Partitions) -> np.ndarray:
    """Clusters as they are to be numbered: those of a given network as there; else the fixed ones,
    and then the others by size.
    """
    num_fixed = k if given.network is not None else given.num_fixed
    by_size = np.argsort(number_by_size(labels, k))
    return np.concatenate([np.arange(num_fixed), by_size[by_size >= num_fixed]])


def reordered(run: Restart, model: ClusteringNetwork, order: np.ndarray) -> Restart:
    """The restart whose cluster i is what `order[i]` was, `[k]`; so are those of its network."""
    model.reorder_clusters(torch.from_numpy(order).to(next(model.parameters()).device))
    return replace(run, state=copy_weights(model))


def _against_start(run: Restart, scene: Scene) -> tuple[Support, Support] | None:
    """The support of the clusters of the start and of those of the best epoch; None where they are
    not judged.
    """
    if scene.prepared.judge is None:
        return None
    found = [
        scene.support(scene.assignment(scene.network(state)).argmax(axis=1))
        for state in (run.start, run.state)
    ]
    start, trained = found
    assert start is not None
    assert trained is not None
    return start, trained
