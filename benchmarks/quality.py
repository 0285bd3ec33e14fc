"""Quality over seeds: NMI, ACC, sharpness, calibration, seconds, memory; of the default and of what
it is held against.

    python benchmarks/quality.py --data-root DIR [--npz DIR] [--seeds 5]
        [--settings default,start,...] [--out benchmarks/quality.csv] [GRAPH ...]

GRAPH as in graphs.py; if none is named, all of GRAPHS there, or without --npz the paper's four. A
row for each graph, setting and seed, each from a process of its own and written as it is finished;
rows that are there already are not made again. Ends with means and deviations as a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from graphs import GRAPHS, load
from rows import Rows

import tvgnn_cli
from tvgnn_cli.evaluation.metrics import matching_classes

SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "start": {"epochs": 0},
    "unweighed": {"view": "both"},
    "principal": {"encoder": "none"},
    "factors": {"encoder": "factors"},
    "mixed": {"encoder": "mixed"},
    "eq17": {"neighbours": 0, "spread_coeff": 0.0},
    "kmeans": {"method": "kmeans"},
    "ssgc": {"method": "ssgc"},
    "spectral": {"method": "spectral"},
    "dmon": {"method": "dmon"},
    "paper": {"preset": "paper"},
    "bf16": {"precision": "bf16"},
    "paper-bf16": {"preset": "paper", "precision": "bf16"},
}
"""Default; its start; TVGNN without evidence (as for the tables of reproduction.md); with each
encoder; with Eq. 17 alone; and other methods, the published settings, other products.
"""

PAPERS = ["Cora", "CiteSeer", "PubMed", "DBLP"]

BINS = 10
"""Bins of confidence, of equal width, of the calibration error."""

COLUMNS = ["nmi", "acc", "sharpness", "mean_confidence", "calibration_error", "softmax_error",
           "seconds", "peak_memory_mb"]  # fmt: skip


def calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Compute the expected calibration error: the mean over vertices of how far a bin's mean
    confidence `[n]` is from the share of its vertices that are right.

    Source: Guo, Pleiss, Sun & Weinberger, "On calibration of modern neural networks", 2017.
    """
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, confidence - right, BINS)
    return float(np.abs(gaps).sum() / len(right))


def measured(name: str, setting: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """One row."""
    graph = load(name, options.data_root, options.npz)
    config = {"seed": seed, "keep_attributes": False, **SETTINGS[setting]}
    result = tvgnn_cli.cluster(graph, graph.num_classes, **config)
    metrics = result.metrics
    row: dict[str, Any] = {"graph": name, "setting": setting, "seed": seed}
    known = np.flatnonzero(graph.y >= 0)
    matched = matching_classes(result.labels[known], graph.y[known], graph.num_classes)
    right = matched[result.labels[known]] == graph.y[known]
    if result.assignment is not None:
        row["softmax_error"] = calibration_error(result.assignment.max(axis=1)[known], right)
    if result.confidence is not None:
        row["calibration_error"] = calibration_error(result.confidence[known], right)
    kept = ("nmi", "acc", "ari", "modularity", "sharpness", "mean_confidence", "clusters_used",
            "loss", "epochs", "view", "encoder", "kept", "evidence_edges", "evidence_features",
            "evidence_sure", "seconds", "peak_memory_mb")  # fmt: skip
    return row | {name: metrics[name] for name in kept if name in metrics}


def table(rows: pd.DataFrame) -> str:
    """Mean and deviation of each graph and setting, as Markdown."""
    head = ["graph", "setting", "seeds", "NMI", "ACC", "sharpness", "confidence", "its error",
            "softmax's error", "seconds", "MB"]  # fmt: skip
    lines = ["| " + " | ".join(head) + " |", "| --- " * len(head) + "|"]
    for (name, setting), group in rows.groupby(["graph", "setting"], sort=False):
        mean = group.reindex(columns=COLUMNS).mean()
        spread = group.reindex(columns=COLUMNS).std().fillna(0)
        numbers = [mean[c] for c in COLUMNS[2:6]]
        cells = [
            name, setting, str(len(group)), f"{mean.nmi:.3f} ± {spread.nmi:.3f}",
            f"{100 * mean.acc:.1f} ± {100 * spread.acc:.1f}",
            *("" if np.isnan(number) else f"{number:.3f}" for number in numbers),
            f"{mean.seconds:.1f}", f"{mean.peak_memory_mb:.0f}",
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*")
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--npz", type=Path)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/quality.csv"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--settings", default="default")
    parser.add_argument("--one", nargs=2, metavar=("SETTING", "SEED"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.graphs = options.graphs or (GRAPHS if options.npz else PAPERS)
    options.npz = options.npz or Path()
    if options.one:
        setting, seed = options.one
        print(json.dumps(measured(options.graphs[0], setting, int(seed), options)))
        return
    rows = Rows(options.out, "graph", "setting", "seed")
    settings = options.settings.split(",")
    wanted = [
        (g, s, seed) for g in options.graphs for s in settings for seed in range(options.seeds)
    ]
    where = ["--data-root", str(options.data_root), "--npz", str(options.npz)]
    for name, setting, seed in wanted:
        if (name, setting, seed) in rows:
            continue
        command = [sys.executable, __file__, name, *where, "--one", setting, str(seed)]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode:
            print(f"{name} {setting}: {made.stderr.strip().splitlines()[-1]}", flush=True)
            continue
        row = json.loads(made.stdout)
        rows.add(row)
        print({name: row.get(name) for name in ("graph", "setting", "seed", *COLUMNS)}, flush=True)
    found = rows.frame
    shown = found[found.graph.isin(options.graphs) & found.setting.isin(settings)]
    print(table(shown[shown.seed < options.seeds]))


if __name__ == "__main__":
    main()
