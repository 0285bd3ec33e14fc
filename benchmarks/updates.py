"""Clusters of a graph that changes: how many vertices keep theirs, by each way to go on.

    python benchmarks/updates.py --data-root DIR [--out FILE.csv] [--changes 10] [GRAPH ...]

GRAPH is `Cora`, `blocks` (1,000 vertices in five blocks, by edges and features) or `edges` (blocks
with more edges and no features). A change takes 1.5 % of the edges away and puts as many between
vertices at random.

`change`: ten such changes of one graph, each clustered by going on from the clusters of the
unchanged graph. `series`: ten months, each the graph of the month before with such a change, and
1 % of its vertices gone and as many new, each with the features and neighbours of another; each
month goes on from the one before.

Vertices are counted where three runs of other seeds on the unchanged graph agree with the first.
Rows are written as they are made, and those that are there are not made again. Ends with a Markdown
table.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rows import Rows

import tvgnn_cli
from tvgnn_cli.graph.graph import Graph

SHARE, TURNOVER, SEEDS = 0.015, 0.01, (1, 2, 3)

WAYS = ("update", "leiden", "leiden fresh", "init", "fresh")


def load(name: str, data_root: Path) -> Graph:
    """The graph as it is in the beginning."""
    if name == "Cora":
        return tvgnn_cli.read_graph("Cora", data_root=data_root, offline=True)
    random, n, k = np.random.default_rng(0), 1000, 5
    truth = np.sort(random.choice(k, n, p=[0.35, 0.25, 0.2, 0.12, 0.08]))
    drawn, mixed = (25 * n, 0.12) if name == "edges" else (10 * n, 0.2)
    tail, head = random.integers(0, n, (2, drawn))
    kept = (truth[tail] == truth[head]) | (random.random(drawn) < mixed)
    x = (2 * np.eye(k)[truth] + random.normal(size=(n, k))).astype(np.float32)
    return Graph.from_edges(
        np.array([f"v{i}" for i in range(n)], dtype=object), tail[kept], head[kept],
        x=None if name == "edges" else x, y=truth, class_names=tuple("abcde"), explicit_ids=True,
    )  # fmt: skip


def changed(graph: Graph, random: np.random.Generator) -> Graph:
    """With a share of its edges elsewhere."""
    count, n = round(SHARE * graph.num_edges), graph.num_vertices
    kept = np.ones(graph.num_edges, dtype=bool)
    kept[random.choice(graph.num_edges, count, replace=False)] = False
    ends = np.hstack([graph.edge_index[:, kept], random.integers(0, n, (2, count))])
    return _of(graph, graph.ids, ends, np.arange(n))


def next_month(graph: Graph, random: np.random.Generator, month: int) -> Graph:
    """With a change, and with some vertices gone and as many new that are like others."""
    graph = changed(graph, random)
    n, count = graph.num_vertices, max(1, round(TURNOVER * graph.num_vertices))
    like = random.choice(n, count, replace=False)
    other, edges = np.full(n, -1), graph.edge_index
    other[like] = n + np.arange(count)
    copies = np.hstack([
        np.stack([other[edges[i]], edges[1 - i]])[:, other[edges[i]] >= 0] for i in (0, 1)
    ])  # fmt: skip
    ends = np.hstack([edges, copies])
    stays = np.ones(n + count, dtype=bool)
    stays[random.choice(n, count, replace=False)] = False
    place = np.cumsum(stays) - 1
    ids = np.append(graph.ids, [f"month {month} {i}" for i in range(count)]).astype(object)
    rows = np.append(np.arange(n), like)[stays]
    return _of(graph, ids[stays], place[ends[:, stays[ends].all(axis=0)]], rows)


def _of(graph: Graph, ids: np.ndarray, ends: np.ndarray, rows: np.ndarray) -> Graph:
    return Graph.from_edges(
        ids, *ends, x=None if graph.x is None else graph.x[rows], y=graph.y[rows],
        class_names=graph.class_names, explicit_ids=True, name=graph.name,
    )  # fmt: skip


@dataclass(frozen=True)
class State:
    """Clusters by vertex id, and the model of them, where there is one."""

    clusters: pd.Series
    model: Any = None


def of_result(result: Any) -> State:
    return State(pd.Series(result.labels, index=result.ids), result.model)


def leiden(graph: Graph, before: pd.Series | None, seed: int = 0) -> State:
    """Communities by modularity, from those of before where these are given; a vertex without one
    is alone at first.
    """
    import igraph
    import leidenalg

    network = igraph.Graph(n=graph.num_vertices, edges=graph.edge_index.T.tolist())
    begin = None
    if before is not None:
        known = before.reindex(graph.ids)
        free = known.isna().to_numpy()
        known[free] = before.max() + 1 + np.arange(free.sum())
        begin = pd.factorize(known.astype(int))[0].tolist()
    found = leidenalg.find_partition(
        network, leidenalg.ModularityVertexPartition, initial_membership=begin, n_iterations=-1,
        seed=seed,
    )  # fmt: skip
    labels = pd.Series(found.membership, index=graph.ids)
    if before is None:
        return State(labels)
    matched = tvgnn_cli.match(labels, before)
    return State(pd.Series(matched.labels, index=matched.ids))


def first(graph: Graph, is_leiden: bool, seed: int) -> State:
    """Clusters of the unchanged graph."""
    if is_leiden:
        return leiden(graph, None, seed)
    return of_result(tvgnn_cli.cluster(graph, graph.num_classes, seed=seed, keep_attributes=False))


@cache
def begun(name: str, data_root: Path, is_leiden: bool) -> tuple[Graph, State, pd.Index]:
    """The unchanged graph, its clusters, and the vertices where other seeds agree."""
    graph = load(name, data_root)
    start = first(graph, is_leiden, 0)
    same = np.ones(graph.num_vertices, dtype=bool)
    for seed in SEEDS:
        other = tvgnn_cli.match(first(graph, is_leiden, seed).clusters, start.clusters)
        same &= pd.Series(other.labels, index=other.ids)[graph.ids].to_numpy() == start.clusters
    return graph, start, pd.Index(graph.ids[same])


def go_on(graph: Graph, way: str, before: State) -> State:
    """The clusters of a changed graph, with the numbers of before."""
    options: dict[str, Any] = {"keep_attributes": False}
    if way == "update":
        return of_result(tvgnn_cli.update(before.model, graph, **options))
    if way == "init":
        given = {"init": before.clusters, "match": before.clusters}
        return of_result(tvgnn_cli.cluster(graph, **given, **options))
    if way == "fresh":
        number = graph.num_classes
        return of_result(tvgnn_cli.cluster(graph, number, match=before.clusters, **options))
    if way == "leiden":
        return leiden(graph, before.clusters)
    fresh = leiden(graph, None)
    matched = tvgnn_cli.match(fresh.clusters, before.clusters)
    return State(pd.Series(matched.labels, index=matched.ids))


def kept(before: pd.Series, now: pd.Series, counted: pd.Index) -> float:
    """Share of the counted vertices in both that have the same cluster."""
    both = counted.intersection(before.index).intersection(now.index)
    return float((before[both] == now[both]).mean())


def row_of(
    graph: Graph, start: State, before: State, now: State, counted: pd.Index
) -> dict[str, Any]:
    scores = tvgnn_cli.evaluate(now.clusters, graph=graph).metrics
    return {
        "kept": kept(before.clusters, now.clusters, counted),
        "kept_of_all": kept(before.clusters, now.clusters, pd.Index(graph.ids)),
        "kept_since_first": kept(start.clusters, now.clusters, counted),
        "numbers_kept": float(np.isin(start.clusters.unique(), now.clusters).mean()),
        "clusters": int(now.clusters.nunique()),
        "nmi": scores["nmi"],
        "modularity": scores["modularity"],
        "agreed": len(counted) / len(start.clusters),
    }


def measure(name: str, way: str, options: argparse.Namespace, rows: Rows) -> None:
    """All rows of one way on one graph."""
    wanted = [(kind, i) for kind in ("change", "series") for i in range(options.changes)]
    if all((name, way, *each) in rows for each in wanted):
        return
    graph, start, counted = begun(name, options.data_root, way.startswith("leiden"))
    for i in range(options.changes):
        key = {"graph": name, "way": way, "kind": "change", "number": i}
        if tuple(key.values()) in rows:
            continue
        other = changed(graph, np.random.default_rng(100 + i))
        began = time.perf_counter()
        now = go_on(other, way, start)
        seconds = time.perf_counter() - began
        rows.add({**key, **row_of(other, start, start, now, counted), "seconds": seconds})
    random, before, month = np.random.default_rng(200), start, graph
    for i in range(options.changes):
        month = next_month(month, random, i)
        began = time.perf_counter()
        now = go_on(month, way, before)
        seconds = time.perf_counter() - began
        key = {"graph": name, "way": way, "kind": "series", "number": i}
        if tuple(key.values()) not in rows:
            rows.add({**key, **row_of(month, start, before, now, counted), "seconds": seconds})
        before = now


def table(rows: pd.DataFrame) -> str:
    """Means and least of the changes, and the last month, as Markdown."""
    lines = ["| graph | way | agreed | kept, mean | least | of all | NMI | each month | since the "
             "first | numbers kept | NMI at the end | seconds |", "| --- " * 12 + "|"]  # fmt: skip
    for (name, way), each in rows.groupby(["graph", "way"], sort=False):
        one, months = each[each.kind == "change"], each[each.kind == "series"]
        last = months.iloc[-1]
        shares = [one.agreed.mean(), one.kept.mean(), one.kept.min(), one.kept_of_all.mean()]
        cells = [name, way, *(f"{share:.1%}" for share in shares), f"{one.nmi.mean():.3f}"]
        cells += [f"{months.kept.mean():.1%}", f"{last.kept_since_first:.1%}"]
        cells += [f"{last.numbers_kept:.0%}", f"{last.nmi:.3f}", f"{one.seconds.mean():.1f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=["blocks", "edges", "Cora"])
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--changes", type=int, default=10)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/updates.csv"))
    options = parser.parse_args()
    rows = Rows(options.out, "graph", "way", "kind", "number")
    for way in options.ways.split(","):
        for name in options.graphs:
            if name == "edges" and way == "update":
                continue  # its model's features belong to the graph
            measure(name, way, options, rows)
    print(table(rows.frame))


if __name__ == "__main__":
    main()
