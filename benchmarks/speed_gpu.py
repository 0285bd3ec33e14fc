"""Milliseconds per epoch and peak GPU memory of several forms of one network on one graph.

    python benchmarks/speed_gpu.py --data-root DIR [--out benchmarks/speed-gpu.csv]
        [--form FORM ...] [GRAPH ...]

GRAPH is a data set (Table 5's network, 512 channels) or a number of edges, for a planted partition
of that size (64 features, 64 channels, ten clusters). `ours` is an epoch as `tvgnn cluster` trains
on a GPU: kernels in Triton, recorded as a CUDA graph, products in TF32; `ours float32` has these in
full precision; `ours unrecorded` is `ours` without the graph. `dense` is the loss as the authors'
code has it, of vertices by vertices by clusters; `pool` is torch-geometric-pool 1.0.2; `plain`
gathers both ends of every edge; `products` are the matrix products of the epoch alone. All but
`ours float32` and `products float32` multiply in TF32.

The machine needs a CUDA device, torch with Triton, this package, faiss-cpu, and for `pool` the
wheel torch-geometric-pool 1.0.2; no network. `DIR` is laid out as for benchmarks/speed.py.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import torch
import triton
from forms import BALANCE, FORMS, LR, TOTVAR, Problem
from speed import problem_of

from tvgnn_cli.machine.device import product_precision, release_workspaces
from tvgnn_cli.train.learner import Replayed, adam
from tvgnn_cli.train.objective import TotalVariationObjective, Weights
from tvgnn_cli.train.placed import OnDevice
from tvgnn_cli.train.tensors import TrainingData

GRAPHS = ["Cora", "CiteSeer", "PubMed", "DBLP", "1e6", "1e7"]
EPOCHS, SECONDS = 50, 2.0
WARM = 3
"""Epochs before the clock starts."""

LARGEST = {"dense": 2e4, "pool": 2e6, "plain": 2e6}
"""Vertices up to which a form is tried."""

Numbers = Callable[[int], float]
"""Runs so many epochs and gives the last one's loss."""


def recorded(problem: Problem) -> Numbers:
    """Ours, as the trainer runs it."""
    model, data = problem.network(), problem.data
    objective = TotalVariationObjective(data, Weights(TOTVAR, BALANCE), None)
    learner = Replayed(model, objective, adam(model, LR))

    def run(epochs: int) -> float:
        total = 0.0
        for _ in range(epochs):
            loss, _assignment = learner.measure()
            total = float(loss.total)
            learner.improve(loss, 0)
        return total

    return run


def stepwise(form: str) -> Callable[[Problem], Numbers]:
    """A form of benchmarks/forms.py, one epoch after another."""

    def made(problem: Problem) -> Numbers:
        epoch = FORMS[form](problem)

        def run(epochs: int) -> float:
            return [epoch() for _ in range(epochs)][-1]

        return run

    return made


GPU_FORMS: dict[str, tuple[Callable[[Problem], Numbers], str]] = {
    "ours": (recorded, "tf32"),
    "ours float32": (recorded, "float32"),
    "ours unrecorded": (stepwise("fused"), "tf32"),
    "products": (stepwise("products"), "tf32"),
    "products float32": (stepwise("products"), "float32"),
    "pool": (stepwise("pool"), "tf32"),
    "dense": (stepwise("dense"), "tf32"),
    "plain": (stepwise("plain"), "tf32"),
}
"""Forms, and the precision of their products."""


def measure(name: str, form: str, problem: Problem, edges: int) -> dict[str, object]:
    """One form on one graph."""
    row: dict[str, object] = {"graph": name, "form": form, "edges": edges}
    if problem.data.x.size(0) > LARGEST.get(form, float("inf")):
        return {**row, "note": "not tried"}
    make, precision = GPU_FORMS[form]
    gc.collect()
    release_workspaces(problem.device)  # each form has its own in its peak
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    others = torch.cuda.memory_allocated() - held_bytes(problem)
    try:
        with product_precision(precision, problem.device):
            run = make(problem)
            loss = run(WARM)
            torch.cuda.synchronize()
            begun = time.perf_counter()
            loss = run(1)
            torch.cuda.synchronize()
            one = time.perf_counter() - begun
            more = EPOCHS - WARM - 1
            begun = time.perf_counter()
            loss, done = run(more), more
            if form.startswith("ours") and form != "ours unrecorded":
                loss_at, again = loss, max(min(int(SECONDS / max(one, 1e-4) / 2), 960), more)
                torch.cuda.synchronize()
                begun, done = time.perf_counter(), again
                run(again)
                loss = loss_at
            torch.cuda.synchronize()
            seconds = (time.perf_counter() - begun) / done
    except (torch.OutOfMemoryError, ImportError, ValueError) as error:
        return {**row, "note": f"{type(error).__name__}: {str(error)[:80]}"}
    return {
        **row, "ms_per_epoch": round(1000 * seconds, 4),
        "peak_mb": round((torch.cuda.max_memory_allocated() - others) / 2**20, 1),
        "loss": None if "products" in form else round(loss, 6),
    }  # fmt: skip


def held_bytes(problem: Problem) -> int:
    """Bytes of the graph and its features."""
    x, edges = problem.data.x, problem.data.graph.edge_index
    parts = [x] if x.layout == torch.strided else [x.crow_indices(), x.col_indices(), x.values()]
    return sum(each.numel() * each.element_size() for each in (*parts, edges))


def on_gpu(problem: Problem) -> Problem:
    """The same graph on the GPU, its features dense or sparse as the trainer has them there."""
    there = torch.device("cuda", torch.cuda.current_device())
    features = OnDevice(problem.data.features.source, there)
    moved = TrainingData(features, problem.data.graph.to(there))
    return Problem(moved, problem.num_clusters, problem.hidden)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graphs", nargs="*", default=GRAPHS)
    parser.add_argument("--form", nargs="*", default=list(GPU_FORMS), choices=list(GPU_FORMS))
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("there is no CUDA device here")
    about = {
        "card": torch.cuda.get_device_name(), "torch": torch.__version__,
        "triton": triton.__version__,
    }  # fmt: skip
    rows: list[dict[str, object]] = []
    for name in given.graphs:
        begun = time.perf_counter()
        problem, edges = problem_of(name, given.data_root)
        problem = on_gpu(problem)
        print(f"{name}: {edges:,} edges, made in {time.perf_counter() - begun:.1f} s", flush=True)
        for form in given.form:
            rows.append({**measure(name, form, problem, edges), **about})
            print({k: v for k, v in rows[-1].items() if k not in about}, flush=True)
        if given.out:
            pd.DataFrame(rows).to_csv(given.out, index=False)
    table = pd.DataFrame(rows)
    for value in ("ms_per_epoch", "peak_mb", "loss"):
        wide = table.pivot_table(index="graph", columns="form", values=value, sort=False)
        print(f"\n{value}\n{wide.to_string()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
