"""Estimated beside measured peak memory: `python benchmarks/memory.py --data-root DIR [NAME ...]`.

Each run is a process of its own; all but the largest end after 40 epochs, which reach the peak.
The estimate is what `tvgnn check` prints for the same graph and settings.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from planted import written

SHORT = ["--epochs", "40"]
RUNS: list[tuple[str, list[str]]] = [
    ("sample_data/karate.csv", ["-k", "2"]),
    ("Cora", []),
    ("Cora", ["--preset", "paper"]),
    ("CiteSeer", []),
    ("PubMed", []),
    ("PubMed", ["--preset", "paper"]),
    ("PubMed", ["--degree-weighted"]),
    ("DBLP", []),
    ("DBLP", ["--preset", "paper"]),
    ("1e5", ["--hidden", "64"]),
    ("1e6", ["--hidden", "64"]),
    ("1e6", []),
    ("1e7", ["--hidden", "64"]),
    ("1e6.txt", ["-k", "10"]),
    ("PubMed", ["--batch", "parts", "--batch-size", "5000"]),
    ("1e6", ["--hidden", "64", "--batch", "parts", "--batch-size", "12500"]),
    ("1e6", ["--batch", "parts", "--batch-size", "12500"]),
    ("1e7", ["--hidden", "64", "--batch", "parts", "--batch-size", "32768"]),
    ("3e7", ["--hidden", "64", "--batch", "parts", "--batch-size", "32768"]),
    ("1e7.npy", ["--hidden", "64", "--batch", "parts", "--batch-size", "32768"]),
]


def run(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "tvgnn_cli", *arguments], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-root", required=True)
    parser.add_argument("names", nargs="*", help="of graphs; all without any")
    options = parser.parse_args()
    where = ["--offline", "--data-root", options.data_root]
    print("| graph | settings | estimate (MB) | peak (MB) | estimate / peak | seconds | NMI |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name, settings in RUNS:
            if options.names and name not in options.names:
                continue
            graph, metrics = written(name, folder), folder / "m.json"
            short = [] if name.startswith(("1e7", "3e7")) else SHORT
            if graph.endswith(".npy"):
                parts = [str(Path(graph).with_suffix(f".{part}.npy")) for part in ("x", "y")]
                short += ["--features", parts[0], "--labels", parts[1]]
            run("cluster", graph, "-q", "--view", "both", *short, *settings, *where,
                "-o", str(folder / "c.csv"), "--metrics", str(metrics))  # fmt: skip
            row = json.loads(metrics.read_text())
            estimate, peak = row["memory_estimate_mb"], row["peak_memory_mb"]
            nmi = f"{row['nmi']:.3f}" if "nmi" in row else ""
            cells = [name, " ".join(settings), f"{estimate:.0f}", f"{peak:.0f}",
                     f"{estimate / peak:.2f}", f"{row['seconds']:.0f}", nmi]  # fmt: skip
            print("|", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
