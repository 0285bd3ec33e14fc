"""Stability against truth: does it tell which vertices are in the wrong cluster? And is what
restarts agree on better than the best of them?

    python benchmarks/stability.py --data-root DIR [--npz DIR] [--seeds 3] [--restarts 10]
        [--out benchmarks/stability.csv] [GRAPH ...]

GRAPH as in graphs.py, the paper's four if none is named; `--seeds` runs of each, whose restarts
have no seed in common. A row for each run, written as it is finished; rows that are there already
are not made again. Ends with means over the runs as two Markdown tables.

A vertex is right that is in the class which its cluster is matched with (as for ACC). The area
under the ROC curve is the chance that a vertex which is right has the larger value of two, of which
the other is wrong; 0.5 is chance.
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
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.metrics import roc_auc_score

from tvgnn_cli.config import make_config
from tvgnn_cli.evaluation.metrics import label_metrics, matching_classes
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.vertex_columns import vertex_columns
from tvgnn_cli.machine.threads import bound_threads
from tvgnn_cli.prepare.prepared import prepare
from tvgnn_cli.run.settling import settle
from tvgnn_cli.train.consensus import consensus_of
from tvgnn_cli.train.outcome import Fitted
from tvgnn_cli.train.restarts import best_of, train_restarts
from tvgnn_cli.train.work import Work

PAPERS = ["Cora", "CiteSeer", "PubMed", "DBLP"]

MOST_LINKED = 5000
"""Vertices of which all pairs are held."""


def right(labels: np.ndarray, graph: Graph) -> np.ndarray:
    """Tell of each vertex of known class whether it is in its matched class, `[n]`."""
    known = graph.y >= 0
    matched = matching_classes(labels[known], graph.y[known], graph.num_classes)
    return matched[labels[known]] == graph.y[known]


def areas(found: Fitted, graph: Graph, name: str) -> dict[str, float]:
    """Areas under the ROC curve of the columns that a result has."""
    stability = None if found.agreement is None else found.agreement.stability
    labels = found.assignment.argmax(axis=1)
    columns = vertex_columns(labels, found.assignment, found.confidence, stability)
    known, are_right = graph.y >= 0, right(labels, graph)
    named = [each for each in ("stability", "confidence", "margin") if each in columns]
    return {f"auc_{each}{name}": roc_auc_score(are_right, columns[each][known]) for each in named}


def linked(labellings: list[np.ndarray], clusters: int) -> np.ndarray:
    """Clusters by average linkage of the share of labellings in which two vertices are together.

    Source: Fred & Jain, "Combining multiple clusterings using evidence accumulation", 2005.
    """
    together = np.zeros((len(labellings[0]),) * 2, dtype=np.float32)
    for labels in labellings:
        together += labels[:, None] == labels
    apart = squareform(1 - together / len(labellings), checks=False)
    return np.asarray(fcluster(linkage(apart, "average"), clusters, "maxclust") - 1)


def measured(name: str, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """One row: a consensus, the best of its restarts, and each of these."""
    graph = load(name, options.data_root, options.npz)
    restarts, truth = options.restarts, graph.y
    assert truth is not None
    config = make_config({"seed": seed * restarts, "restarts": restarts})
    config = settle(graph, replace(config, num_clusters=graph.num_classes))
    with bound_threads(1):
        prepared = prepare(graph, config)
        trained = train_restarts(Work(prepared, config))
        scene, kept = trained.scene, trained.kept
        found = consensus_of(trained)
        best = best_of(trained)
        ones = [scene.assignment(scene.network(each.run.state)).argmax(axis=1) for each in kept]
    row: dict[str, Any] = {
        "graph": name, "seed": config.seed, "restarts": restarts,
        "agreement": found.agreement.between,
        "stability_mean": float(found.agreement.stability.mean(dtype=np.float64)),
    }  # fmt: skip
    chosen = {"consensus": found.assignment.argmax(axis=1), "best": best.assignment.argmax(axis=1)}
    if graph.num_vertices < MOST_LINKED:
        chosen["linkage"] = linked(ones, config.clusters)
    of_ones = [label_metrics(each, truth) for each in ones]
    for score in ("acc", "nmi"):
        for what, labels in chosen.items():
            row[f"{score}_{what}"] = label_metrics(labels, truth)[score]
        row[f"{score}_mean"] = float(np.mean([one[score] for one in of_ones]))
        row[f"{score}_worst"] = min(one[score] for one in of_ones)
    row |= areas(found, graph, "") | areas(best, graph, "_of_best")
    stable = found.agreement.stability[truth >= 0] == 1
    are_right = right(chosen["consensus"], graph)
    return row | {
        "stable": stable.mean(), "right_if_stable": are_right[stable].mean(),
        "right_if_not": are_right[~stable].mean() if not stable.all() else np.nan,
    }  # fmt: skip


def tables(rows: pd.DataFrame) -> str:
    """Means over the runs of each graph, as Markdown."""
    scores = ["| | runs | agreement | consensus | best supported | mean | worst | linkage |",
              "| --- " * 8 + "|"]  # fmt: skip
    curves = ["| | stability | confidence | margin | best: confidence | best: margin | stable | "
              "right if stable | right if not |", "| --- " * 9 + "|"]  # fmt: skip
    for name, group in rows.groupby("graph", sort=False):
        mean = group.drop(columns="graph").mean()
        both = [f"{100 * mean[f'acc_{of}']:.1f} / {mean[f'nmi_{of}']:.3f}"
                for of in ("consensus", "best", "mean", "worst", "linkage")
                if not np.isnan(mean.get(f"acc_{of}", np.nan))]  # fmt: skip
        both += [""] * (5 - len(both))
        scores.append(
            f"| {name} | {len(group)} | {mean.agreement:.3f} | " + " | ".join(both) + " |"
        )
        known = ("auc_stability", "auc_confidence", "auc_margin", "auc_confidence_of_best",
                 "auc_margin_of_best")  # fmt: skip
        shares = [f"{mean[each]:.1%}" for each in ("stable", "right_if_stable", "right_if_not")]
        cells = [*(f"{mean[each]:.3f}" for each in known), *shares]
        curves.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join([*scores, "", *curves])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=PAPERS)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--npz", type=Path, default=Path())
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--restarts", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/stability.csv"))
    options = parser.parse_args()
    rows = Rows(options.out, "graph", "seed", "restarts")
    for name in options.graphs:
        for seed in range(options.seeds):
            if (name, seed * options.restarts, options.restarts) in rows:
                continue
            rows.add(measured(name, seed, options))
            print(rows.made[-1], flush=True)
    found = rows.frame
    print(tables(found[found.graph.isin(options.graphs) & (found.restarts == options.restarts)]))


if __name__ == "__main__":
    main()
