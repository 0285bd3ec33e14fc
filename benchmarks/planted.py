"""Planted partitions of any size: `python benchmarks/planted.py EDGES OUT [--features F]`.

Ten communities of equal size, ten edges per vertex, nine in ten of them inside a community; 64
features per vertex, or F, a community's mean and noise. OUT.npz gets edge_index, x and y; OUT.npy
the edges, with the features beside it in OUT.x.npy and the communities in OUT.y.npy.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

COMMUNITIES, FEATURES, WIDE, DEGREE, INSIDE, NOISE = 10, 64, 1024, 10, 0.9, 1.0


def planted(num_edges: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Edges `[2, num_edges]` (a few repeated), features float32 `[n, 64]`, communities `[n]`."""
    random = np.random.default_rng(seed)
    edge_index, y = _communities(num_edges, random)
    means = random.standard_normal((COMMUNITIES, FEATURES), dtype=np.float32) / 2
    x = means[y] + NOISE * random.standard_normal((len(y), FEATURES), dtype=np.float32)
    return edge_index, x, y


def _communities(num_edges: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    n = num_edges // DEGREE
    y = random.permutation(np.arange(n) % COMMUNITIES)
    members = np.argsort(y, kind="stable")
    bounds = np.searchsorted(y[members], np.arange(COMMUNITIES + 1))
    tail = random.integers(0, n, num_edges)
    low, high = bounds[y[tail]], bounds[y[tail] + 1]
    near = members[random.integers(low, high)]
    head = np.where(random.random(num_edges) < INSIDE, near, random.integers(0, n, num_edges))
    return np.stack([tail, head]), y


def written(name: str, folder: Path) -> str:
    """A data set's name, or the file that a planted partition of so many edges was written to:
    "1e6" in `.npz`, "1e6.txt" as an edge list, "1e6.npy" in parts with `WIDE` features.
    """
    if not name[0].isdigit():
        return name
    path = folder / (name if "." in name else f"{name}.npz")
    if not path.exists() and path.suffix == ".npy":
        write_in_parts(int(float(path.stem)), path, WIDE)
    elif not path.exists():
        write(int(float(path.stem)), path)
    return str(path)


def write(num_edges: int, path: Path) -> None:
    edge_index, x, y = planted(num_edges)
    if path.suffix == ".txt":
        np.savetxt(path, edge_index.T, "%d")
    else:
        np.savez(path, edge_index=edge_index, x=x, y=y)


def write_in_parts(num_edges: int, path: Path, features: int, seed: int = 0) -> None:
    """Edges, features and communities in three files, the features a block at a time."""
    random = np.random.default_rng(seed)
    edge_index, y = _communities(num_edges, random)
    np.save(path, edge_index)
    np.save(path.with_suffix(".y.npy"), y)
    means = random.standard_normal((COMMUNITIES, features), dtype=np.float32) / 2
    shape = (len(y), features)
    x = np.lib.format.open_memmap(path.with_suffix(".x.npy"), "w+", np.float32, shape)
    for first in range(0, len(y), 2**14):
        rows = y[first : first + 2**14]
        noise = random.standard_normal((len(rows), features), dtype=np.float32)
        x[first : first + 2**14] = means[rows] + NOISE * noise
    x.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("edges", type=lambda text: int(float(text)))
    parser.add_argument("out", type=Path)
    parser.add_argument("--features", type=int, default=FEATURES, help="of OUT.npy")
    options = parser.parse_args()
    if options.out.suffix == ".npy":
        write_in_parts(options.edges, options.out, options.features)
    else:
        write(options.edges, options.out)


if __name__ == "__main__":
    main()
