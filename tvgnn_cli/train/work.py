"""Restarts that are to be trained, and all that they are trained with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.train.checkpoint_folder import Checkpoints, no_checkpoints
from tvgnn_cli.train.distributed.team import ALONE, Team
from tvgnn_cli.train.given_start import NOTHING, Partitions
from tvgnn_cli.train.networks import CPU


@dataclass(frozen=True, eq=False)
class Work:
    """Restarts of a run that one process trains, or several that train each network together.

    Args:
        prepared: the graph.
        config: how.
        device: where.
        observer: told of each phase and epoch.
        checkpoints: where the state is kept.
        only: which of the restarts to train; None for all.
        given: clusters that are given to start from, or to keep, in input order.
        team: the processes that train a network together, for a graph with parts.
        features_on_host: whether features stay in the host's memory, for a graph with parts.
    """

    prepared: Prepared
    config: ClusterConfig
    device: torch.device = CPU
    observer: Observer = field(default_factory=Observer)
    checkpoints: Checkpoints = field(default_factory=no_checkpoints)
    only: Sequence[int] | None = None
    given: Partitions = NOTHING
    team: Team = ALONE
    features_on_host: bool = False

    @property
    def restarts(self) -> Sequence[int]:
        """The restarts to train, by number."""
        return range(self.config.restarts) if self.only is None else self.only
