"""The restarts of a run, and the best of them. No label comes near it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from tvgnn_cli.errors import TrainingError
from tvgnn_cli.graph.labels import number_by_size
from tvgnn_cli.models import ClusteringNetwork
from tvgnn_cli.prepare.evidence.support import Support
from tvgnn_cli.train.distributed.shares import Share
from tvgnn_cli.train.distributed.team import checksum
from tvgnn_cli.train.given_start import Partitions
from tvgnn_cli.train.learner import copy_weights
from tvgnn_cli.train.networks import confidence_of
from tvgnn_cli.train.outcome import Fitted, Kept, Trained
from tvgnn_cli.train.restart import Restart
from tvgnn_cli.train.scene import Scene
from tvgnn_cli.train.stages import Trainer
from tvgnn_cli.train.tensors import to_tensors
from tvgnn_cli.train.work import Work


def train_restarts(work: Work, *, only_best: bool = False) -> Trained:
    """Train networks. Each depends on its seed and on nothing that happens in the others; one whose
    loss is no longer a finite number is dropped.

    Args:
        work: the restarts.
        only_best: whether to keep the weights of the best one alone.

    Raises:
        InterruptionError: the run was asked to end; its state is kept.
    """
    prepared, config, team, share = work.prepared, work.config, work.team, None
    if not team.is_alone:
        made = checksum(prepared.order, prepared.part_bounds, prepared.edge_index)
        team.check_same("the order of the graph's vertices", made)
        team.check_same("what evidence speaks for", checksum(prepared.choices.encode()))
        # What needs more than a vertex's neighbours is measured by each process.
        share = (
            None
            if config.degree_weighted
            else Share(prepared, team, features_on_host=work.features_on_host)
        )
    trainer = trainer_of(work, share)
    scene = Scene(prepared, config, trainer.data, share, team)
    kept, failed = list[Kept](), list[TrainingError]()
    for restart in work.restarts:
        try:
            run = trainer.run(restart, work.checkpoints.of(restart))
        except TrainingError as error:
            failed.append(error)
            continue
        trainer.report(restart, run)
        kept.append(Kept.of(run, _against_start(run, scene)))
        if only_best:
            kept = [min(kept, key=lambda each: each.rank)]  # the earlier one of equals
    why = str(failed[0]) if failed else ""
    return Trained(scene, tuple(kept), len(failed), why, trainer, work.given)


def trainer_of(work: Work, share: Share | None = None) -> Trainer:
    """Trainer of single restarts, on the part of the graph that this process has; None for all."""
    prepared = work.prepared
    data = to_tensors(prepared, work.device, features_on_host=work.features_on_host)
    own = work.given.in_order(prepared.order)
    return Trainer(prepared, data, work.config, work.observer, work.team, share, own)


def fit(work: Work) -> Fitted:
    """Train networks and keep the one whose clusters have most support; without evidence, or among
    equals, the one of lowest loss; then the lowest seed. So parts of them, trained apart, have the
    same winner.

    Raises:
        TrainingError: every restart failed.
        InterruptionError: the run was asked to end; its state is kept.
    """
    return best_of(train_restarts(work, only_best=True))


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
