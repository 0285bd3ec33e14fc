"""What clusters are worth where some values of the features lie far outside, or units differ.

    python benchmarks/spoilt.py [--graphs 20] [--out FILE.csv]

Planted graphs as those of benchmarks/faint.py, whose features are spoilt in several ways. Of each:
the NMI of the default, which scales by `robust`, and of `--feature-scaling standard`; of categories
beside numbers that of `tfidf`, which whole numbers without negative ones had before. Rows are
written as they are made, and those that are there are not made again. Ends with the means.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from faint import drawn
from rows import Rows, asked

import tvgnn_cli
from tvgnn_cli.graph.graph import Graph

Spoil = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def _one_vertex(x: np.ndarray, _: np.ndarray, random: np.random.Generator) -> np.ndarray:
    x[random.integers(len(x))] = 1e12
    return x


def _one_column(x: np.ndarray, _: np.ndarray, random: np.random.Generator) -> np.ndarray:
    x[random.random(len(x)) < 0.02, 0] = 1e6
    return x


def _other_units(x: np.ndarray, _: np.ndarray, random: np.random.Generator) -> np.ndarray:
    x[random.random(len(x)) < 0.02] *= 1000
    return x


def _marks(x: np.ndarray, _: np.ndarray, random: np.random.Generator) -> np.ndarray:
    x[random.random(x.shape) < 0.02] = -9999
    return x


def _long_tails(x: np.ndarray, _: np.ndarray, __: np.random.Generator) -> np.ndarray:
    return np.asarray(np.exp(2 * x))


def _categories(_: np.ndarray, y: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Four of six kinds each, in a column for each kind, beside ages and incomes."""
    kinds = []
    for _column in range(4):
        shares = random.dirichlet(np.full(6, 0.5), int(y.max()) + 1).cumsum(axis=1)
        drawn_of = (random.random((len(y), 1)) > shares[y]).sum(axis=1).clip(max=5)
        kinds.append(np.eye(6)[drawn_of])
    age, income = random.integers(18, 80, len(y)), np.round(random.lognormal(10, 1, len(y)))
    return np.column_stack([*kinds, age, income])


SPOILT: dict[str, tuple[Spoil, str]] = {
    "nothing": (lambda x, *_: x, "standard"),
    "one vertex is 1e12": (_one_vertex, "standard"),
    "1e6 in 2 % of a column": (_one_column, "standard"),
    "2 % of vertices times 1000": (_other_units, "standard"),
    "-9999 in 2 % of cells": (_marks, "standard"),
    "long tails": (_long_tails, "standard"),
    "categories, ages, incomes": (_categories, "tfidf"),
}
"""Ways to spoil features, and the scaling that they are compared with."""


def spoilt(seed: int, how: str) -> Graph:
    """A planted graph with such features."""
    graph = drawn(seed)
    assert graph.y is not None
    random = np.random.default_rng([seed, len(how)])
    x = SPOILT[how][0](np.array(graph.x), graph.y, random)
    return replace(graph, x=x.astype("f4"))


def main() -> None:
    options = asked(__doc__, 20, "spoilt.csv")
    rows = Rows(options.out, "spoilt", "seed")
    for how, (_, other) in SPOILT.items():
        for seed in range(options.graphs):
            if (how, seed) in rows:
                continue
            graph = spoilt(seed, how)
            found = {
                name: tvgnn_cli.cluster(graph, graph.num_classes, feature_scaling=scaling).metrics
                for name, scaling in (("default", "auto"), ("other", other))
            }
            rows.add({
                "spoilt": how, "seed": seed, "against": other,
                **{name: round(of["nmi"], 4) for name, of in found.items()},
                **{f"{name}_view": of["view"] for name, of in found.items()},
                "default_confidence": found["default"].get("mean_confidence"),
                "other_confidence": found["other"].get("mean_confidence"),
            })  # fmt: skip
    means = rows.frame.groupby(["spoilt", "against"], sort=False)
    columns = ["default", "other", "default_confidence", "other_confidence"]
    print(means[columns].mean().round(3).to_string())


if __name__ == "__main__":
    main()
