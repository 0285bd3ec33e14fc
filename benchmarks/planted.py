"""Planted partitions of any size: `python benchmarks/planted.py EDGES OUT.npz`.

Ten communities of equal size, ten edges per vertex, nine in ten of them inside a community; 64
features per vertex, a community's mean and noise. Written as edge_index, x and y.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

COMMUNITIES, FEATURES, DEGREE, INSIDE, NOISE = 10, 64, 10, 0.9, 1.0


def planted(num_edges: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edges `[2, num_edges]` (a few repeated), features float32 `[n, 64]`, communities `[n]`."""
    random = np.random.default_rng(seed)
    n = num_edges // DEGREE
    y = random.permutation(np.arange(n) % COMMUNITIES)
    members = np.argsort(y, kind="stable")
    bounds = np.searchsorted(y[members], np.arange(COMMUNITIES + 1))
    tail = random.integers(0, n, num_edges)
    low, high = bounds[y[tail]], bounds[y[tail] + 1]
    near = members[random.integers(low, high)]
    head = np.where(random.random(num_edges) < INSIDE, near, random.integers(0, n, num_edges))
    means = random.standard_normal((COMMUNITIES, FEATURES), dtype=np.float32) / 2
    x = means[y] + NOISE * random.standard_normal((n, FEATURES), dtype=np.float32)
    return np.stack([tail, head]), x, y


def written(name: str, folder: Path) -> str:
    """A data set's name, or the file that a planted partition of so many edges was written to:
    "1e6" in `.npz`, "1e6.txt" as an edge list.
    """
    if not name[0].isdigit():
        return name
    path = folder / (name if name.endswith(".txt") else f"{name}.npz")
    if not path.exists():
        write(int(float(path.stem)), path)
    return str(path)


def write(num_edges: int, path: Path) -> None:
    edge_index, x, y = planted(num_edges)
    if path.suffix == ".txt":
        np.savetxt(path, edge_index.T, "%d")
    else:
        np.savez(path, edge_index=edge_index, x=x, y=y)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("edges", type=lambda text: int(float(text)))
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    write(options.edges, options.out)


if __name__ == "__main__":
    main()
