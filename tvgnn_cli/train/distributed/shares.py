"""The losses of the whole graph, of whose vertices each process works on a share.

A process has neighbouring rows of the graph, and learns before each layer what the other ends of
its edges hold. Nobody holds `[n, h]`; everybody holds the assignment `[n, k]`, for its quantiles.
"""

from __future__ import annotations

import itertools

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli import functional as F
from tvgnn_cli import kernels
from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.models import ClusteringNetwork
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.train.distributed.team import Team
from tvgnn_cli.train.objective import TotalVariationObjective
from tvgnn_cli.train.placed import placed


class Share:
    """One process's vertices, a range of rows, and what it has to ask of others.

    Args:
        prepared: the graph, the same in every process.
        team: the processes.
        features_on_host: whether features of the share stay in the host's memory.
    """

    def __init__(self, prepared: Prepared, team: Team, *, features_on_host: bool = False) -> None:
        self.team, self.num_edges = team, prepared.edge_index.shape[1]
        n = len(prepared.order)
        # Process r has the vertices from bounds[r] to bounds[r + 1].
        bounds = np.array([n * rank // team.size for rank in range(team.size + 1)])
        self.counts = np.diff(bounds).tolist()
        first, last = bounds[team.rank : team.rank + 2].tolist()
        self.count = last - first
        self.features = placed(prepared.x[first:last], team.device, on_host=features_on_host)
        # What it works on: edges with an end here, and the ends of these that are elsewhere.
        is_in = (prepared.edge_index >= first) & (prepared.edge_index < last)
        touching = np.flatnonzero(is_in.any(axis=0))
        ends = prepared.edge_index[:, touching]
        outside = np.unique(ends[~is_in[:, touching]])
        # Its own vertices are numbered from 0, and the other ends of their edges after them.
        local = np.where(
            is_in[:, touching], ends - first, self.count + np.searchsorted(outside, ends)
        )
        weight = None if prepared.edge_weight is None else prepared.edge_weight[touching]
        held = self.count + len(outside)
        self.graph = self._tensors(local, weight, held)
        own = is_in[0, touching]  # an edge counts where its first end is
        self.counted = self._tensors(local[:, own], None if weight is None else weight[own], held)
        self._trade(outside, bounds, first)

    def _tensors(self, ends: np.ndarray, weight: np.ndarray | None, count: int) -> GraphTensors:
        edges = torch.from_numpy(np.ascontiguousarray(ends))
        edge_weight = None if weight is None else torch.from_numpy(weight)
        return GraphTensors(edges, count, edge_weight).to(self.team.device)

    def _trade(self, outside: np.ndarray, bounds: np.ndarray, first: int) -> None:
        """Tell each process which of its rows are wanted here, and hear what they want."""
        team = self.team
        # Vertices outside rise, and so do their owners: rows come back in the order asked for.
        owner = np.searchsorted(bounds, outside, side="right") - 1
        wanted = np.bincount(owner, minlength=team.size)
        # First each hears how many rows every other one wants, then which.
        ones = [1] * team.size
        given = team.swap(torch.from_numpy(wanted).to(team.device), ones, ones)
        self.wanted, self.given = wanted.tolist(), given.tolist()
        asked = torch.from_numpy(outside).to(team.device)
        self.asked_for = team.swap(asked, self.wanted, self.given) - first  # as rows held here

    def with_other_ends(self, rows: Tensor) -> Tensor:
        """The share's rows `[count, f]`, and after them those of the other ends of its edges."""
        sent = rows.index_select(0, self.asked_for)
        return torch.cat([rows, self.team.swap(sent, self.given, self.wanted)])

    @torch.no_grad()
    def assign(self, model: ClusteringNetwork) -> Tensor:
        """The assignment of the share's vertices, `[count, k]`."""
        layers = model.gtv_layers()
        if not layers:
            return model.forward_through(self.features.through, self.graph)
        hidden = self.with_other_ends(self.features.through(layers[0].transform))
        for layer, following in itertools.pairwise(layers):
            x = layer.propagate(hidden, self.graph, rows=self.count)
            del hidden
            hidden = self.with_other_ends(following.transform(x))
            del x
        x = layers[-1].propagate(hidden, self.graph, rows=self.count)
        del hidden
        return model.head(x)  # type: ignore[no-any-return]

    def whole(self, rows: Tensor) -> Tensor:
        """The rows of all vertices, from each process's own."""
        return self.team.gather(rows, self.counts)

    @torch.no_grad()
    def measure(
        self, model: ClusteringNetwork, objective: TotalVariationObjective
    ) -> tuple[F.Loss, Tensor]:
        """The losses of Eq. 17 over the graph, the same in every process, and S `[n, k]`."""
        rows = self.assign(model)
        own = kernels.total_variation(self.with_other_ends(rows), self.counted)
        (variation,) = self.team.sum(own.item())
        whole = self.whole(rows)
        balance = self.team.agree(kernels.asym_norm_loss(whole, objective.rho))
        totvar = torch.as_tensor(variation / (2 * self.num_edges), device=rows.device).to(rows)
        return objective.combine(totvar, balance), whole
