"""Seconds of whole commands on a GPU, from the start of a process to its files, beside the CPU.

    python benchmarks/whole_gpu.py --data-root DIR [--out benchmarks/whole-gpu.csv]
        [--device DEVICE ...] [--seeds N] [GRAPH ...]

GRAPH is a data set, with the default settings and with the published ones, or a number of edges,
for a planted partition of that size (64 features, 64 channels, ten clusters). Each row is a command
in a process of its own; the first on a GPU is preceded by one that compiles its kernels, which is
left out. `start` is what Python and torch take to start; the rest of `seconds` is said apart.
Rows are written as runs finish, and runs that are in the file are not done again. The machine needs
a CUDA device, torch with Triton and this package; no network. `DIR` is laid out as for
benchmarks/speed.py.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
from planted import written
from rows import Rows

HERE = Path(__file__).parent
GRAPHS = ["Cora", "PubMed", "1e7"]
PUBLISHED = ["--preset", "paper"]
OF_EDGES = ["-k", "10", "--hidden", "64"]
LAPS = ("seconds_reading", "seconds_preparing", "seconds_training")
KEPT = (*LAPS, "nmi", "loss", "epochs", "peak_gpu_memory_mb", "gpu_memory_estimate_mb",
        "peak_memory_mb", "device", "threads", "version_tvgnn", "version_torch")  # fmt: skip


def seconds_of(command: list[str]) -> float:
    """Wall clock of a process, which has to succeed."""
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started


def run(graph: str, words: list[str], device: str, seed: int) -> dict[str, object]:
    """A row of one command."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tvgnn_cli", "cluster", graph, *words, "--device", device,
                   "--seed", str(seed), "-o", f"{folder}/c.parquet",
                   "--metrics", f"{folder}/m.json", "--quiet"]  # fmt: skip
        seconds = seconds_of(command)
        metrics = json.loads(Path(folder, "m.json").read_text())
    return {"seconds": round(seconds, 2), **{name: metrics.get(name) for name in KEPT}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=GRAPHS)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE / "whole-gpu.csv")
    parser.add_argument("--device", action="append", dest="devices")
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    devices = options.devices or ["cuda", "cpu"]
    has_gpu = torch.cuda.is_available()
    card = torch.cuda.get_device_name() if has_gpu else ""
    rows = Rows(options.out, "graph", "settings", "on", "seed")
    offline = ["--data-root", str(options.data_root), "--offline"]
    start = round(seconds_of([sys.executable, "-c", "import tvgnn_cli.api"]), 2)
    with tempfile.TemporaryDirectory() as folder:
        for graph in options.graphs:
            source = written(graph, Path(folder))
            is_named = not graph[0].isdigit()
            words = offline if is_named else OF_EDGES
            for settings in ([], PUBLISHED) if is_named else ([],):
                for device in devices:
                    if device == "cuda":
                        run(source, [*words, *settings, "--epochs", "3"], device, 0)
                    for seed in range(options.seeds):
                        key = (graph, " ".join(settings) or "default", device, seed)
                        if key in rows:
                            continue
                        found = run(source, [*words, *settings], device, seed)
                        about = dict(zip(rows.key, key, strict=True))
                        rows.add({**about, "start": start, **found, "card": card})
                        print(rows.made[-1], flush=True)
    shown = ["graph", "settings", "on", "seed", "start", "seconds", *LAPS, "nmi"]
    print(rows.frame[shown].to_string(index=False))


if __name__ == "__main__":
    main()
