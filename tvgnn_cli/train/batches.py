"""Mini-batches of a graph too large to train whole: unions of parts that have few edges between.

What is approximate: a batch's vertices do not see their neighbours in other batches, and the
quantiles of the balance loss are those of the batch. The total variation is not: an edge counts the
more, the smaller its chance to be in a batch, so that the mean over batches is that of the graph.

Source: Chiang et al., "Cluster-GCN", KDD 2019, section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from tvgnn_cli import kernels
from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.prepare.prepared import Prepared
from tvgnn_cli.train.ahead import sent_ahead
from tvgnn_cli.train.distributed.team import ALONE, Team
from tvgnn_cli.train.placed import Features, OnHost


@dataclass(frozen=True, eq=False)
class Batch:
    """The subgraph of some parts.

    Args:
        x: features, `[b, f]`, dense or CSR.
        graph: the edges.
        vertices: position in the graph of each of its vertices, `[b]`.
        counted: its edges by what each counts for in the graph's total variation: its weight over
            its chance to be in a batch.
    """

    x: Tensor
    graph: GraphTensors
    vertices: np.ndarray
    counted: GraphTensors

    def tensors(self) -> Iterator[Tensor]:
        """Tensors on the device, of which the batch consists."""
        yield from kernels.tensors_of(self.x)
        yield self.graph.edge_index
        if self.graph.edge_index.is_cuda:
            yield from self.graph.neighbourhoods.tensors()
        for graph in (self.graph, self.counted):
            if graph.edge_weight is not None:
                yield graph.edge_weight


class Batches:
    """All batches of a graph whose vertices are ordered by part.

    Args:
        prepared: the graph, with `part_bounds`.
        seed: of the choice.
        team: the processes, each of which takes its share of an epoch's batches.
        features: of the graph, for the team's device; None for those of `prepared`, which stay on
            the host.
    """

    def __init__(
        self, prepared: Prepared, seed: int, team: Team = ALONE, features: Features | None = None
    ) -> None:
        if prepared.part_bounds is None:
            raise ValueError("the graph has no parts")
        if prepared.num_batches % team.size:
            raise ValueError(f"{prepared.num_batches} batches for {team.size} processes")
        self.prepared, self.seed, self.team, self.device = prepared, seed, team, team.device
        self.features = features or OnHost(prepared.x, team.device)
        self._lists_there = team.device.type == "cuda"
        self.bounds = prepared.part_bounds
        self.num_parts = len(self.bounds) - 1
        self._part_of = np.repeat(np.arange(self.num_parts, dtype=np.int32), np.diff(self.bounds))
        self._first_edge = np.searchsorted(prepared.edge_index[0], self.bounds)

    def __len__(self) -> int:
        """Batches of one epoch, of all processes."""
        return self.prepared.num_batches

    def epoch(self, number: int) -> Iterator[Batch]:
        """The process's batches of an epoch, in a random order that its number and the seed
        decide; each part is in one of all processes' batches. For a GPU the next ones are made,
        and copied there, while it works on one.
        """
        chosen = self.chosen(number)[self.team.rank :: self.team.size]
        return sent_ahead(self.batch, chosen, self.device, Batch.tensors)

    def chosen(self, epoch: int) -> np.ndarray:
        """The parts of each batch, `[batches, parts in each]`."""
        order = np.random.default_rng([self.seed, epoch]).permutation(self.num_parts)
        return np.sort(order.reshape(len(self), -1), axis=1)

    def batch(self, parts: np.ndarray) -> Batch:
        """The subgraph that some parts, in rising order, induce."""
        prepared, bounds = self.prepared, self.bounds
        # A vertex of part p moves from bounds[p] + i in the graph to the sum of the sizes of the
        # chosen parts before p, + i, in the batch.
        size = np.diff(bounds)[parts]
        shift = np.zeros(self.num_parts, dtype=np.int64)
        shift[parts] = np.cumsum(size) - size - bounds[parts]
        is_in = np.zeros(self.num_parts, dtype=bool)
        is_in[parts] = True
        # Edges are sorted by their lower ends, so that those of a part are one range; of these
        # some lead out of the batch.
        edges = _ranges(self._first_edge, parts)
        tail, head = prepared.edge_index[:, edges]
        kept = is_in[self._part_of[head]]
        tail, head = tail[kept], head[kept]
        tail_part, head_part = self._part_of[tail], self._part_of[head]
        weight = None if prepared.edge_weight is None else prepared.edge_weight[edges[kept]]
        vertices = _ranges(bounds, parts)
        # Moved parts keep their order, so that edges stay sorted, lower ends first.
        local = np.stack([tail + shift[tail_part], head + shift[head_part]])
        counts = self._counts_for(tail_part == head_part)
        counts = counts if weight is None else counts * weight
        edge_weight = None if weight is None else torch.from_numpy(weight)
        graph = self._graph(torch.from_numpy(local), len(vertices), edge_weight)
        counted = graph.with_weight(torch.from_numpy(counts).to(self.device))
        return Batch(self.features.rows(vertices), graph, vertices, counted)

    def _graph(self, edge_index: Tensor, n: int, edge_weight: Tensor | None) -> GraphTensors:
        """The graph on the device; with its neighbourhoods on the CPU, and on a GPU, which makes
        them for itself, once for the layers and for the loss.
        """
        if self.device.type == "cpu" and not self._lists_there:
            return GraphTensors.of_sorted(edge_index, n, edge_weight)
        graph = GraphTensors(edge_index, n, edge_weight, has_its_vertices=True).to(self.device)
        if self._lists_there:
            _ = graph.neighbourhoods.pieces
        return graph

    def _counts_for(self, is_inside: np.ndarray) -> np.ndarray:
        """One over the chance that both ends of an edge are in a batch, float32."""
        parts, chosen = self.num_parts, self.num_parts // len(self)
        # A part is in one of `len(self)` batches; so is another part, given the first, with chance
        # (chosen - 1) / (parts - 1).
        inside = parts / chosen
        between = inside * (parts - 1) / max(chosen - 1, 1)
        return np.where(is_inside, np.float32(inside), np.float32(between))

    def totvar_loss(self, assignment: Tensor, batch: Batch) -> Tensor:
        """An estimate of the graph's L_GTV from one batch; its mean over batches is L_GTV where the
        assignments are the same.
        """
        edges = self.prepared.edge_index.shape[1]
        value = kernels.total_variation(assignment, batch.counted)
        loss: Tensor = value / (2 * edges)
        return loss


def _ranges(bounds: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """The whole numbers from bounds[p] to bounds[p + 1], for each of some parts."""
    return np.concatenate([np.arange(bounds[p], bounds[p + 1]) for p in parts.tolist()])
