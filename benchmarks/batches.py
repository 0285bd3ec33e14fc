"""Quality, time and memory of mini-batches beside the whole graph at once.

    python benchmarks/batches.py --data-root DIR [--out benchmarks/batches.csv] [GRAPH ...]

GRAPH is a data set, by default settings, or a number of edges, for a planted partition of that
size (`planted.py`, 64 channels). Each run is a process of its own; rows are written as runs finish,
and runs that are in the file are not done again. Ends with a table of means and a plot of NMI over
batch size.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
from planted import written

HERE = Path(__file__).parent
SIZES: dict[str, list[tuple[int, int]]] = {
    "PubMed": [(0, 0), (10_000, 32), (5_000, 32), (2_500, 32), (1_250, 32), (625, 32), (2_500, 4)],
    "DBLP": [(0, 0), (10_000, 32), (5_000, 32), (2_500, 32), (1_250, 32), (625, 32), (2_500, 4)],
    "1e6": [(0, 0), (50_000, 32), (12_500, 32), (3_125, 32), (12_500, 4)],
}
"""Vertices of a batch and parts in it; 0 for the whole graph."""

SHOWN = ("nmi", "acc", "loss", "totvar_loss", "balance_loss", "clusters_used", "epochs",
         "seconds", "peak_memory_mb", "memory_estimate_mb", "version_tvgnn", "threads")  # fmt: skip


def command_of(graph: str, size: int, parts: int, seed: int, data_root: Path) -> list[str]:
    """Command that a user would type, without its output files."""
    command = ["cluster", graph, "--seed", str(seed), "--data-root", str(data_root), "--offline",
               "--view", "both"]  # fmt: skip
    if graph.endswith(".npz"):
        command += ["-k", "10", "--hidden", "64"]
    if size:
        command += ["--batch", "parts", "--batch-size", str(size), "--parts-per-batch", str(parts)]
    return command


def run(command: list[str]) -> dict[str, object]:
    """The metrics of one command, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        files = ["-o", f"{folder}/c.parquet", "--metrics", f"{folder}/m.json", "--quiet"]
        whole = [sys.executable, "-m", "tvgnn_cli", *command, *files]
        subprocess.run(whole, check=True)
        metrics = json.loads(Path(folder, "m.json").read_text())
    return {name: metrics.get(name) for name in SHOWN}


def plot(rows: pd.DataFrame, out: Path) -> None:
    """NMI over batch size, with the whole graph as a line."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axis = plt.subplots(figsize=(6, 3.8), layout="constrained")
    for (graph, of_graph), style in zip(
        rows.groupby("graph"), ("o-", "s--", "^:", "d-."), strict=False
    ):
        batches = of_graph[(of_graph.batch_size > 0) & (of_graph.parts_per_batch == 32)]
        mean = batches.groupby("batch_size").nmi.agg(["mean", "std"])
        drawn = axis.errorbar(
            mean.index, mean["mean"], mean["std"], fmt=style, capsize=3, label=graph
        )
        whole = of_graph[of_graph.batch_size == 0].nmi.mean()
        axis.axhline(whole, color=drawn[0].get_color(), linewidth=0.8, alpha=0.6)
    axis.set(
        xscale="log", xlabel="vertices of a batch", ylabel="NMI (lines: the whole graph at once)"
    )
    axis.legend(frameon=False)
    figure.savefig(out, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=list(SIZES))
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE / "batches.csv")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    rows = pd.read_csv(options.out).to_dict("records") if options.out.exists() else []
    done = {(r["graph"], r["batch_size"], r["parts_per_batch"], r["seed"]) for r in rows}
    with tempfile.TemporaryDirectory() as folder:
        for graph in options.graphs or SIZES:
            source = written(graph, Path(folder))
            for size, parts in SIZES[graph]:
                for seed in range(options.seeds):
                    if (graph, size, parts, seed) in done:
                        continue
                    found = run(command_of(source, size, parts, seed, options.data_root))
                    about = {"graph": graph, "batch_size": size, "parts_per_batch": parts}
                    rows.append({**about, "seed": seed, **found})
                    pd.DataFrame(rows).to_csv(options.out, index=False)
                    print(rows[-1], flush=True)
    table = pd.DataFrame(rows)
    by = table.groupby(["graph", "batch_size", "parts_per_batch"])
    columns = ["nmi", "acc", "loss", "epochs", "seconds", "peak_memory_mb"]
    print(by[columns].agg(["mean", "std"]).round(3).to_string())
    plot(table, options.out.with_suffix(".png"))


if __name__ == "__main__":
    main()
