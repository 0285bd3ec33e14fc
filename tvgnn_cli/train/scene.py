"""The graph, the settings and the place of training, which the restarts of a run have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.errors import TrainingError
from tvgnn_cli.models import ClusteringNetwork
from tvgnn_cli.prepare.evidence.support import Support
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.train.distributed.shares import Share
from tvgnn_cli.train.distributed.team import Team
from tvgnn_cli.train.networks import assignment_of, restored
from tvgnn_cli.train.tensors import TrainingData


@dataclass(frozen=True, eq=False)
class Scene:
    """Networks of a run, by their weights.

    Args:
        prepared: the graph.
        config: how.
        data: the graph on its device.
        share: part of it that this process has; None for all.
        team: the processes that train together.
    """

    prepared: Prepared
    config: ClusterConfig
    data: TrainingData
    share: Share | None
    team: Team

    def network(self, state: dict[str, Tensor]) -> ClusteringNetwork:
        """The network with these weights."""
        return restored(state, self.config, self.data)

    def assignment(self, model: ClusteringNetwork) -> np.ndarray:
        """The soft assignment of a network, float32 `[n, k]`, in input order."""
        return assignment_of(model, self.data, self.prepared, self.share)

    def finite(self, model: ClusteringNetwork) -> np.ndarray:
        """The soft assignment of a network that is kept.

        Raises:
            TrainingError: it is no number for some vertices.
        """
        found = self.assignment(model)
        if not bool(np.isfinite(found).all()):  # of weights that a state had, near the largest
            raise TrainingError("the network has no number for some vertices; start anew")
        return found

    def support(self, labels: np.ndarray) -> Support | None:
        """Support of clusters, `[n]` in input order; None where they are not judged."""
        if self.prepared.judge is None:
            return None
        numbers = torch.tensor(self.prepared.support(labels).numbers, dtype=torch.float64)
        # Rounded otherwise on another machine, it would decide otherwise.
        return Support.of_numbers(self.team.agree(numbers.to(self.data.device)).tolist())
