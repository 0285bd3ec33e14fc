"""The cluster of each vertex at each pooling, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from tvgnn_cli.classification.application import applied
from tvgnn_cli.classification.training import taken
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.graph_set import GraphSet
from tvgnn_cli.io.columns import Columns
from tvgnn_cli.io.writers import write_table
from tvgnn_cli.models.fitted_classifier import FittedClassifier
from tvgnn_cli.nn.pooling import Pooled


def write_pools(
    model: FittedClassifier,
    graphs: GraphSet,
    target: str,
    *,
    threads: int | None = None,
    device: str = "auto",
) -> None:
    """Write one row for each vertex: `graph, vertex`, and of each level its cluster there,
    `cluster_1`, and its soft assignment, `p1_0 p1_1 ...`.

    Raises:
        UsageError: the model does not pool by assignments; the target cannot be written.
    """
    levels = pools_of(model, graphs, threads=threads, device=device)
    vertices = graphs.vertex_ids
    if vertices is None:
        numbers = np.arange(graphs.num_vertices) - graphs.ptr[graphs.graph_of_vertex]
        vertices = np.array([str(i) for i in numbers.tolist()], dtype=object)
    columns: Columns = {"graph": graphs.ids[graphs.graph_of_vertex], "vertex": vertices}
    for level, assignment in enumerate(levels, 1):
        columns = {**columns, f"cluster_{level}": assignment.argmax(axis=1)}
        columns |= {f"p{level}_{k}": values for k, values in enumerate(assignment.T)}
    write_table(columns, target, {"model_fingerprint": model.fingerprint()})


@torch.no_grad()
def pools_of(
    model: FittedClassifier, graphs: GraphSet, *, threads: int | None = None, device: str = "auto"
) -> list[np.ndarray]:
    """Soft assignments of the vertices at each level, float32 `[n, k]` each: at the second, those
    of the first level's clusters by a vertex's share in each, `S_1 S_2`.

    Raises:
        UsageError: the model does not pool by assignments.
    """
    if not model.config.assigns:
        raise UsageError(
            f"`pools`: `method` {model.config.method} has no assignments; leave it out"
        )
    parts: list[list[np.ndarray]] = [[] for _ in model.pool_sizes]
    with applied(model, graphs, threads, device) as use:
        for batch in taken(use.batches, np.arange(graphs.num_graphs), model.pool_sizes):
            out = use.network(batch.x, batch.graphs)
            for level, assignment in enumerate(_composed(out.pools, batch.graphs.sizes)):
                parts[level].append(assignment.cpu().numpy())
    widths = model.pool_sizes
    return [
        np.concatenate(rows) if rows else np.empty((0, width), dtype=np.float32)
        for rows, width in zip(parts, widths, strict=True)
    ]


def _composed(pools: Sequence[Pooled], sizes: tuple[int, ...]) -> list[torch.Tensor]:
    """Assignments of the vertices of a batch to the clusters of each level."""
    found: list[torch.Tensor] = []
    for pool in pools:
        assert pool.assignment is not None
        if not found:
            found.append(pool.assignment)
            continue
        before = found[-1].split_with_sizes(list(sizes))
        coarse = pool.assignment.view(len(sizes), -1, pool.assignment.size(1))
        found.append(torch.cat([rows @ to for rows, to in zip(before, coarse, strict=True)]))
    return found
