"""Milliseconds of the compiled passes for each set of instructions of this processor, in one run.

    python benchmarks/instructions.py [--threads 1] [--out instructions.csv]

Each pass runs on arrays that fit the caches, the sets in turn: the best of some repetitions. `base`
is what every processor of the kind has; `avx2` and `avx512` are there where the processor has them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from torch import Tensor

from tvgnn_cli import kernels
from tvgnn_cli.kernels import CoarseGraphs, GraphTensors, library
from tvgnn_cli.kernels.csr_tensors import csr_tensor
from tvgnn_cli.kernels.sparse_product import csr_product
from tvgnn_cli.machine.versions import processor

SETS = ("base", "avx2", "avx512")
VERTICES, EDGES, CHANNELS, CLUSTERS = 4000, 24_000, 64, 10
COARSE = {"8 graphs of 246": (8, 246, 256), "8 graphs of 64": (8, 64, 32)}
REPETITIONS = 15
LAYER: dict[str, Any] = {"delta": 0.5, "eps": 1e-3, "activation": "relu"}


def passes() -> dict[str, Callable[[], object]]:
    """What is timed: forwards alone, or forwards and backwards."""
    torch.manual_seed(0)
    ends = torch.randint(VERTICES, (2, EDGES))
    ends = ends[:, ends[0] < ends[1]].unique(dim=1)  # type: ignore[no-untyped-call]
    graph = GraphTensors(ends, VERTICES, torch.rand(ends.size(1)))
    x = torch.randn(VERTICES, CHANNELS, requires_grad=True)
    s = torch.rand(VERTICES, CLUSTERS, requires_grad=True)
    matrix = sp.random(VERTICES, 1000, 0.02, format="csr", dtype=np.float32, rng=0)
    start, column = (
        torch.from_numpy(part.astype(np.int32)) for part in (matrix.indptr, matrix.indices)
    )
    sparse = csr_tensor(start, column, torch.from_numpy(matrix.data), matrix.shape)
    weight = torch.randn(1000, CHANNELS)

    def both(form: Callable[[], Tensor], *given: Tensor) -> Callable[[], object]:
        return lambda: torch.autograd.grad(form().sum(), given)

    found: dict[str, Callable[[], object]] = {
        "layer": both(lambda: kernels.gtv_layer(x, graph, None, **LAYER), x),
        "total variation": both(lambda: kernels.total_variation(s, graph), s),
        "sparse features": lambda: csr_product(sparse, weight),
    }
    for name, (graphs, size, channels) in COARSE.items():
        rows = torch.randn(graphs * size, channels, requires_grad=True)
        half = torch.rand(graphs, size, size)
        matrix = (half + half.transpose(1, 2)).requires_grad_()

        def layer(rows: Tensor = rows, matrix: Tensor = matrix) -> Tensor:
            return kernels.gtv_layer(rows, CoarseGraphs(matrix), None, **LAYER)

        def totvar(rows: Tensor = rows, matrix: Tensor = matrix) -> Tensor:
            return kernels.total_variation(rows, CoarseGraphs(matrix))

        found[f"layer, {name}"] = both(layer, rows, matrix)
        found[f"total variation, {name}"] = both(totvar, rows, matrix)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if library.library() is None:
        raise SystemExit(library.absence())
    torch.set_num_threads(options.threads)
    best_set = library.best_set()
    there = SETS[: SETS.index(best_set) + 1]
    rows = []
    for name, form in passes().items():
        best = dict.fromkeys(there, float("inf"))
        for _ in range(REPETITIONS):
            for chosen in there:
                library.best_set = lambda chosen=chosen: chosen  # type: ignore
                start = time.perf_counter()
                form()
                best[chosen] = min(best[chosen], 1e3 * (time.perf_counter() - start))
        rows.append({"pass": name, **best})
    table = pd.DataFrame(rows).assign(threads=options.threads, processor=processor())
    print(table.round(2).to_string(index=False))
    if options.out:
        table.to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
