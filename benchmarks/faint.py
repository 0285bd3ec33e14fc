"""What joining edges and features gains on planted graphs whose features are faint.

    python benchmarks/faint.py [--graphs 60] [--out FILE.csv]

Numbers of vertices, clusters, neighbours and features, and how much either source tells, are drawn
at random. Of each graph: the view that evidence speaks for without `joint` and with it, and the NMI
of k-means in these and in every view. Rows are written as they are made, and those that are there
are not made again. Ends with the means.
"""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
from rows import Rows, asked

import tvgnn_cli
from tvgnn_cli.config import make_config
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.prepare.evidence.views import measure_views
from tvgnn_cli.prepare.prepared import in_order

VIEWS = ("both", "joint", "features", "edges")


def drawn(seed: int) -> Graph:
    """A planted graph with 3 to 10 clusters, 5 to 20 neighbours a vertex and 5 to 39 features."""
    random = np.random.default_rng(seed)
    k, size, width = random.integers(3, 11), random.integers(60, 200), random.integers(5, 40)
    degree, tells = random.uniform(5, 20), random.uniform(1.1, 4)
    deviation = random.uniform(0.2, 0.8)
    n = int(k * size)
    # Of the signal (inside - across)^2 / (k^2 degree), 1 is where edges begin to tell clusters.
    apart = np.sqrt(tells * degree) * k
    across = max(degree - apart / k, 0.05 * degree)
    inside = degree * k - across * (k - 1)
    network = nx.planted_partition_graph(
        int(k), int(size), min(inside / n, 1), across / n, seed=int(random.integers(2**31))
    )
    y = np.repeat(np.arange(k), size)
    x = deviation * random.standard_normal((k, width))[y] + random.standard_normal((n, width))
    ends = np.array([sorted(edge) for edge in network.edges]).T
    ids = np.array([str(v) for v in range(n)], dtype=object)
    names = tuple(map(str, range(k)))
    return Graph.from_edges(ids, *ends, x=x.astype("f4"), y=y, class_names=names, name=f"{seed}")


def measured(seed: int) -> dict[str, Any]:
    """One row: the views that are taken, and the NMI of k-means in each."""
    graph = drawn(seed)
    config = make_config({"num_clusters": graph.num_classes})
    ordered = in_order(graph)[0]
    row: dict[str, Any] = {
        "seed": seed,
        "vertices": graph.num_vertices,
        "clusters": graph.num_classes,
        "without": measure_views(ordered, config, joins=False).view,
        "taken": measure_views(ordered, config).view,
    }
    for view in VIEWS:
        found = tvgnn_cli.cluster(graph, graph.num_classes, view=view, epochs=0)
        row[view] = found.metrics["nmi"]
    return row


def main() -> None:
    options = asked(__doc__, 60, "faint.csv")
    rows = Rows(options.out, "seed")
    for seed in range(options.graphs):
        if (seed,) not in rows:
            rows.add(measured(seed))
    made = rows.frame
    before, after = (
        np.array([row[row[which]] for row in made.to_dict("records")])
        for which in ("without", "taken")
    )
    gain = after - before
    print(f"{len(made)} graphs, of which {(made.taken == 'joint').sum()} take joint")
    print(f"mean NMI {before.mean():.3f} without, {after.mean():.3f} with")
    print(f"difference {gain.min():.3f} to {gain.max():.3f}")
    print(made[list(VIEWS)].mean().round(3).to_string())


if __name__ == "__main__":
    main()
