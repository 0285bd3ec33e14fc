"""Seconds per epoch and peak memory of several forms of one network on one graph, in one run.

    python benchmarks/speed.py --data-root DIR [--out benchmarks/speed.csv] [--form FORM ...]
        [GRAPH ...]

GRAPH is a data set (Table 5's network, 512 channels, rows divided by their sum) or a number of
edges, for a planted partition of that size (64 features, 64 channels). Each form runs in a process
of its own: seconds are the median over epochs, memory is the process's peak, and the loss is that
after 50 epochs from the same weights. `products` are the epoch's matrix products alone, by torch,
and a floor where ours are by torch too; `our products` are the same by ours, of sparse features
and, where oneDNN is the faster library, of dense matrices; `fused by MKL` is ours without the
latter, which is what the other forms have. Ends with ratios to ours, the exponent of time in edges,
and a plot.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from forms import FORMS, Problem, dense_bytes

from tvgnn_cli import read_graph
from tvgnn_cli.config import make_config
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.graph.labels import encode_labels
from tvgnn_cli.machine.ownership import own_process
from tvgnn_cli.machine.threads import choose_threads
from tvgnn_cli.machine.versions import peak_memory_mb, processor, versions
from tvgnn_cli.prepare.prepared import prepare
from tvgnn_cli.train.allocator import retained_memory
from tvgnn_cli.train.tensors import to_tensors

GRAPHS = ["Cora", "CiteSeer", "PubMed", "DBLP", "1e4", "1e5", "1e6", "1e7"]
EPOCHS, SECONDS = 50, 180.0
AT_LEAST, LIMIT = 4, 30.0
"""Epochs and seconds after which a form ends that would not make `EPOCHS` in `SECONDS`."""

TRAINED_ALIKE = ("fused", "fused by MKL", "products", "our products")
"""Forms that get the allocator's settings that the trainer makes for itself."""

HERE = Path(__file__).parent


def problem_of(name: str, data_root: Path) -> tuple[Problem, int]:
    """The graph as training sees it, with the paper's preset, and its number of edges."""
    if name[0].isdigit():
        from planted import planted

        (tail, head), x, y = planted(int(float(name)))
        codes, names = encode_labels([str(v) for v in y.tolist()])
        ids = index_ids(len(y))
        graph = Graph.from_edges(ids, tail, head, x=x, y=codes, class_names=names)
        settings = {"hidden": 64, "feature_scaling": "standard"}
    else:
        graph, settings = read_graph(name, data_root=data_root, offline=True), {}
    config = make_config({"preset": "paper", "num_clusters": graph.num_classes, **settings})
    data = to_tensors(prepare(graph, config), torch.device("cpu"))
    return Problem(data, graph.num_classes, config.hidden), graph.num_edges


def fits(form: str, problem: Problem) -> bool:
    """Tell whether a form may be tried in the memory that there is."""
    free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    width, edges = problem.hidden, problem.data.graph.num_edges
    wanted = {"dense": dense_bytes(problem), "plain": 4 * 2 * edges * width * 8,
              "pool": 4 * 2 * edges * width * 8}  # fmt: skip
    return wanted.get(form, 0) < 0.9 * free


def measure(name: str, form: str, data_root: Path) -> dict[str, object]:
    """One form on one graph, in this process."""
    torch.set_num_threads(choose_threads())
    problem, edges = problem_of(name, data_root)
    row: dict[str, object] = {"graph": name, "form": form, "vertices": problem.data.x.size(0),
                              "edges": edges, "hidden": problem.hidden}  # fmt: skip
    if not fits(form, problem):
        return {**row, "note": "not enough memory"}
    # What the trainer does for itself, and the floor is granted.
    own_process()
    kept = retained_memory() if form in TRAINED_ALIKE else nullcontext()
    with kept:
        epoch, times, losses = FORMS[form](problem), [], []
        start = time.perf_counter()
        for _ in range(EPOCHS + 1):
            before = time.perf_counter()
            losses.append(epoch())
            times.append(time.perf_counter() - before)
            spent = time.perf_counter() - start
            too_slow = statistics.median(times) * EPOCHS > SECONDS
            if too_slow and spent > LIMIT and len(times) >= AT_LEAST:
                break
    whole = len(times) == EPOCHS + 1 and "products" not in form
    return {
        **row,
        "seconds": statistics.median(times[3:]),
        "fastest": min(times),
        "epochs": len(times),
        "first_loss": losses[0],
        "loss_after_50": losses[-1] if whole else None,
        "peak_memory_mb": peak_memory_mb(),
        "threads": torch.get_num_threads(),
    }


def machine() -> dict[str, str]:
    described = {
        "machine": platform.machine(),
        "cores": str(os.cpu_count()),
        "processor": processor(),
    }
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    return {**described, "commit": commit.stdout.strip(), **versions()}


def summarise(rows: pd.DataFrame) -> None:
    """Ratios, and the exponent of our time in edges."""
    table = rows.pivot_table(index="graph", columns="form", values="seconds", sort=False)
    memory = rows.pivot_table(index="graph", columns="form", values="peak_memory_mb", sort=False)
    loss = rows.pivot_table(index="graph", columns="form", values="loss_after_50", sort=False)
    for title, values in (("seconds per epoch", table), ("peak MB", memory), ("loss", loss)):
        print(f"\n{title}\n{values.to_string(float_format='{:.4g}'.format)}")
    ratios = table.div(table.fused, axis=0)
    for floor in ("products", "our products"):
        ratios[f"fused / {floor}"] = table.fused / table[floor]
    print(f"\nratio to fused\n{ratios.to_string(float_format='{:.2f}'.format)}")
    print(f"\nours: seconds grow with edges to the power {exponent(rows):.3f}")


def exponent(rows: pd.DataFrame) -> float:
    """The slope of our seconds against edges on logarithmic axes, planted partitions from 10^5 on;
    NaN for fewer than two sizes.
    """
    ours = rows[(rows.form == "fused") & rows.graph.str[0].str.isdigit() & (rows.edges > 5e4)]
    if len(ours) < 2:
        return float("nan")
    return float(np.polyfit(np.log(ours.edges), np.log(ours.seconds), 1)[0])


def plot(rows: pd.DataFrame, out: Path) -> None:
    """Seconds and memory against edges on logarithmic axes, planted partitions."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    from tvgnn_cli.plots import save_figure

    planted = rows[rows.graph.str[0].str.isdigit() & rows.seconds.notna()]
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    looks = {
        "fused": (f"ours (edges to the power {exponent(rows):.2f} from $10^5$)", "o-"),
        "plain": ("plain edge form", "s--"),
        "dense": ("dense", "d-."),
        "pool": ("torch-geometric-pool", "^:"),
        "products": ("matrix products", "x-"),
    }
    for axis, column, title in (
        (axes[0], "seconds", "seconds per epoch"),
        (axes[1], "peak_memory_mb", "peak memory of the process (MB)"),
    ):
        for form, (label, style) in looks.items():
            line = planted[planted.form == form].sort_values("edges")
            if len(line):
                axis.loglog(line.edges, line[column], style, label=label)
        axis.set_xlabel("edges")
        axis.set_title(title)
        axis.grid(which="major", alpha=0.3)
    shown = axes[0].get_legend_handles_labels()
    figure.legend(*shown, loc="outside lower center", ncols=len(looks), frameon=False, fontsize=8)
    save_figure(figure, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=GRAPHS)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE / "speed.csv")
    parser.add_argument("--form", action="append", choices=FORMS, metavar="FORM")
    parser.add_argument("--one", metavar="FORM", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.graphs[0], options.one, options.data_root)))
        return
    rows, about = [], machine()
    for graph in options.graphs or GRAPHS:
        for form in options.form or FORMS:
            command = [sys.executable, __file__, graph, "--one", form, "--data-root",
                       str(options.data_root)]  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            row = {"graph": graph, "form": form, "note": done.stderr.strip().splitlines()[-1:]}
            if done.returncode == 0:
                row = json.loads(done.stdout.splitlines()[-1])
            rows.append({**row, **about})
            print({key: row.get(key) for key in ("graph", "form", "seconds", "peak_memory_mb",
                                                 "loss_after_50", "note")}, flush=True)  # fmt: skip
            pd.DataFrame(rows).to_csv(options.out, index=False)
    table = pd.DataFrame(rows)
    summarise(table)
    try:
        plot(table, options.out.with_suffix(".png"))
    except ImportError:
        print("no plot: matplotlib is not installed")


if __name__ == "__main__":
    main()
