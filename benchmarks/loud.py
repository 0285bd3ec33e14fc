"""Clusters of graphs whose features tell another story louder than that of the edges.

    python benchmarks/loud.py [--graphs 10] [--out FILE.csv]

Planted graphs as those of benchmarks/faint.py, whose features tell of their clusters, and with more
that tell of something else, which no edge knows of. Of each: the NMI of the default, and of methods
that take both sources, features, or edges. Rows are written as they are made, and those that are
there are not made again. Ends with the means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from faint import drawn
from rows import Rows, asked

import tvgnn_cli
from tvgnn_cli.graph.graph import Graph

Random = np.random.Generator
Spoil = Callable[[np.ndarray, Random], np.ndarray]


def _groups(x: np.ndarray, random: Random, number: int, apart: float) -> np.ndarray:
    """Shifts of the vertices of groups that no edge knows of, `[n, f]`."""
    centres = random.normal(0, apart, (number, x.shape[1]))
    return np.asarray(centres[random.integers(number, size=len(x))])


def _direction(x: np.ndarray, random: Random) -> np.ndarray:
    """Shifts of all vertices along one direction, each by an amount at random, `[n, f]`."""
    return np.asarray(random.random((len(x), 1)) * random.normal(0, 4, (1, x.shape[1])))


def _indicators(x: np.ndarray, random: Random) -> np.ndarray:
    """Four kinds at random, in six columns for each kind."""
    return np.repeat(np.eye(4)[random.integers(4, size=len(x))], 6, axis=1)


def _factor(x: np.ndarray, random: Random) -> np.ndarray:
    """Twenty columns that measure one thing."""
    return np.asarray(random.normal(size=(len(x), 1)) + random.normal(0, 0.2, (len(x), 20)))


LOUD: dict[str, Spoil] = {
    "nothing else": lambda x, _: x,
    "one column 30 times more": lambda x, _: np.hstack([x, np.repeat(x[:, :1], 30, axis=1)]),
    "20 columns of one other thing": lambda x, random: np.hstack([x, _factor(x, random)]),
    "four kinds, six columns each": lambda x, random: np.hstack([x, _indicators(x, random)]),
    "three batches": lambda x, random: x + _groups(x, random, 3, 2.0),
    "a drift": lambda x, random: x + _direction(x, random),
    "the size of each vertex": lambda x, random: (x + 3) * random.lognormal(0, 1, (len(x), 1)),
    "features of other vertices": lambda x, random: x[random.permutation(len(x))],
}
"""Stories that features tell besides."""

METHODS: dict[str, dict[str, Any]] = {
    "both": {"view": "both", "encoder": "none"},
    "ssgc": {},
    "kmeans": {},
    "spectral": {},
}
"""What the default is compared with: both sources unasked, and methods of the same name."""


def loud(seed: int, how: str) -> Graph:
    """A planted graph whose features tell such a story."""
    graph = drawn(seed)
    x = LOUD[how](np.array(graph.x), np.random.default_rng([seed, len(how)]))
    return replace(graph, x=x.astype("f4"))


def main() -> None:
    options = asked(__doc__, 10, "loud.csv")
    rows = Rows(options.out, "besides", "seed")
    for how in LOUD:
        for seed in range(options.graphs):
            if (how, seed) in rows:
                continue
            graph = loud(seed, how)
            k = graph.num_classes
            default = tvgnn_cli.cluster(graph, k).metrics
            found = {"default": default["nmi"]}
            for name, settings in METHODS.items():
                given: dict[str, Any] = settings or {"method": name}
                found[name] = tvgnn_cli.cluster(graph, k, **given).metrics["nmi"]
            rows.add({
                "besides": how, "seed": seed, "view": default["view"],
                "confidence": default.get("mean_confidence"),
                **{name: round(nmi, 4) for name, nmi in found.items()},
            })  # fmt: skip
    means = rows.frame.groupby("besides", sort=False)
    columns = ["default", *METHODS, "confidence"]
    print(means[columns].mean().round(3).to_string())
    print(means["default"].std().round(3).to_string())


if __name__ == "__main__":
    main()
