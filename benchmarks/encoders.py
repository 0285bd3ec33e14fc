"""The choice of an encoder, on graphs and on what is left of them when much is taken away.

    python benchmarks/encoders.py --data-root DIR --npz DIR [--seeds 2]
        [--out benchmarks/encoders.csv] [GRAPH ...]

Each graph as it is, with .5 and .2 of its features, with .6 and .3 of its edges, and with
half of its vertices. A row for each and seed: the NMI of k-means in what each encoder gives, by
inertia, and of the clusters that the default starts from. Rows are written as they are made, and
those that are there are not made again. Ends with means as a Markdown table.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from graphs import load
from rows import Rows

from tvgnn_cli.config import BOTH, FACTORS, MIXED, NONE, make_config
from tvgnn_cli.evaluation.metrics import label_metrics
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.encoding import choose_encoder
from tvgnn_cli.prepare.evidence.held_back import probe_of
from tvgnn_cli.prepare.evidence.support import Judge
from tvgnn_cli.prepare.features import apply_recipe, learn_recipes
from tvgnn_cli.prepare.prepared import in_order
from tvgnn_cli.train.checkpoint_folder import no_checkpoints
from tvgnn_cli.train.warm_start import kmeans_labels

GRAPHS = ["Cora", "CiteSeer", "PubMed", "DBLP", "acm", "blogcatalog"]
LEFT = [("all", 1.0), ("features", 0.5), ("features", 0.2), ("edges", 0.6), ("edges", 0.3),
        ("vertices", 0.5)]  # fmt: skip


def part_of(graph: Graph, kind: str, share: float, seed: int) -> Graph:
    """The graph with a share of its features, edges or vertices, at random."""
    random = np.random.default_rng(50 + seed)

    def some(count: int) -> np.ndarray:
        return np.sort(random.permutation(count)[: int(count * share)])

    if kind == "features":
        return replace(graph, x=graph.x[:, some(graph.num_features)], feature_names=())
    if kind == "edges":
        return replace(graph, edge_index=graph.edge_index[:, some(graph.num_edges)])
    if kind == "vertices":
        kept = some(graph.num_vertices)
        place = np.full(graph.num_vertices, -1)
        place[kept] = np.arange(len(kept))
        ends = place[graph.edge_index]
        ends = ends[:, (ends >= 0).all(axis=0)]
        return replace(
            graph, ids=graph.ids[kept], x=graph.x[kept], y=graph.y[kept], edge_index=ends,
            names=None,
        )  # fmt: skip
    return graph


def measured(graph: Graph, seed: int) -> dict[str, Any]:
    """NMI of each encoder and of the one that is chosen."""
    ordered, order, _ = in_order(graph)
    k, y = graph.num_classes, graph.y[order]
    config = make_config({"num_clusters": k, "seed": seed, "view": BOTH})
    row: dict[str, Any] = {}
    for encoder, recipe in learn_recipes(ordered, config, (NONE, FACTORS, MIXED)):
        x = apply_recipe(ordered, recipe, config)
        labels = kmeans_labels(x, k, seed, Observer(), no_checkpoints().of(0))
        row[encoder] = label_metrics(labels, y)["nmi"]
    judge = Judge(ordered.edge_index, None, probe_of(ordered, config), seed)
    chosen = choose_encoder(ordered, config, judge)
    return row | {"auto": label_metrics(chosen.labels, y)["nmi"], "chosen": chosen.encoder}


def table(rows: pd.DataFrame) -> str:
    """Mean NMI over seeds, and over all."""
    encoders = [NONE, FACTORS, MIXED, "auto"]
    lines = ["| graph | left | " + " | ".join(encoders) + " | chosen |", "| --- " * 7 + "|"]
    for (graph, kind, share), group in rows.groupby(["graph", "kind", "share"], sort=False):
        left = "all" if kind == "all" else f"{share:g} of the {kind}"
        cells = [f"{group[encoder].mean():.3f}" for encoder in encoders]
        lines.append("| " + " | ".join([graph, left, *cells, ", ".join(group.chosen)]) + " |")
    means = [f"{rows[encoder].mean():.3f}" for encoder in encoders]
    lines.append("| mean | | " + " | ".join(means) + " | |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=GRAPHS)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--npz", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/encoders.csv"))
    options = parser.parse_args()
    rows = Rows(options.out, "graph", "kind", "share", "seed")
    for name in options.graphs:
        whole = load(name, options.data_root, options.npz)
        for kind, share in LEFT:
            for seed in range(options.seeds):
                if (name, kind, share, seed) in rows:
                    continue
                about = {"graph": name, "kind": kind, "share": share, "seed": seed}
                rows.add(about | measured(part_of(whole, kind, share, seed), seed))
    made = rows.frame
    print(table(made[made.graph.isin(options.graphs) & (made.seed < options.seeds)]))


if __name__ == "__main__":
    main()
