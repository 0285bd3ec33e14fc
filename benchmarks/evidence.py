"""Evidence of each view, and what the default comes to, on graphs and on graphs that are spoilt.

    python benchmarks/evidence.py --data-root DIR --npz DIR [--seed 0] [--out FILE.csv] [GRAPH ...]

GRAPH as in graphs.py. Each graph is clustered with the defaults, and with
`view="both"` and no epoch, the start without evidence. Rows are written as they are made, and those
that are there are not made again. Ends with a Markdown table.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pandas as pd
from graphs import FAINT, GRAPHS, SPOILT, load
from rows import Rows

import tvgnn_cli
from tvgnn_cli.config import make_config
from tvgnn_cli.prepare.evidence.views import measure_views
from tvgnn_cli.prepare.prepared import in_order


def measured(name: str, options: argparse.Namespace) -> dict[str, Any]:
    """One row: the support of each view, and the scores of the start and of the default."""
    graph = load(name, options.data_root, options.npz, options.seed)
    config = make_config({"num_clusters": graph.num_classes, "seed": options.seed})
    found = measure_views(in_order(graph)[0], config)
    row: dict[str, Any] = {"graph": name, "seed": options.seed, "view": found.view}
    for view, support in found.support.items():
        row[f"{view}_edges"] = support.edges.share
        row[f"{view}_features"] = None if support.features is None else support.features.share
    row["sure"] = found.is_sure
    stages: dict[str, dict[str, Any]] = {"start": {"view": "both", "epochs": 0}, "default": {}}
    for stage, more in stages.items():
        settings: dict[str, Any] = {"seed": options.seed, "keep_attributes": False}
        metrics = tvgnn_cli.cluster(graph, graph.num_classes, **settings, **more).metrics
        row |= {f"{stage}_{score}": metrics[score] for score in ("nmi", "acc", "seconds")}
    return row | {"kept": metrics["kept"], "sharpness": metrics["sharpness"]}


def table(rows: pd.DataFrame) -> str:
    """The rows as Markdown."""
    lines = ["| graph | both | features | edges | joint | kept | NMI / ACC | both, untrained |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]  # fmt: skip
    for row in rows.itertuples():
        cells = [row.graph]
        for view in ("both", "features", "edges", "joint"):
            edges, features = getattr(row, f"{view}_edges"), getattr(row, f"{view}_features")
            told = "" if edges != edges else f"{edges:.3f}"
            told += "" if features != features else f" + {features:.3f}"
            cells.append(f"**{told}**" if row.view == view and row.sure else told)
        cells += [row.kept, f"{row.default_nmi:.3f} / {100 * row.default_acc:.1f}",
                  f"{row.start_nmi:.3f} / {100 * row.start_acc:.1f}"]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=[*GRAPHS, *SPOILT, *FAINT])
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--npz", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/evidence.csv"))
    options = parser.parse_args()
    rows = Rows(options.out, "graph", "seed")
    for name in options.graphs:
        if (name, options.seed) not in rows:
            rows.add(measured(name, options))
    made = rows.frame
    print(table(made[(made.seed == options.seed) & made.graph.isin(options.graphs)]))


if __name__ == "__main__":
    main()
