"""Worth of each default: NMI with one setting changed at a time, over seeds.

    python benchmarks/ablation.py --data-root DIR --out benchmarks/ablation.csv [--seeds 3]
        [--graph FILE.npz ...]

One row per variant, graph and seed, written as it is finished; rows that are there already are not
run again. Ends with a Markdown table of means, the lowest number of clusters in use in brackets
where some stayed empty.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from quality import PAPER, run

VARIANTS: dict[str, tuple[str, ...]] = {
    "default": (),
    "feature scaling: tfidf": ("--feature-scaling", "tfidf"),
    "feature scaling: unit": ("--feature-scaling", "unit"),
    "feature scaling: sum": ("--feature-scaling", "sum"),
    "feature scaling: standard": ("--feature-scaling", "standard"),
    "filter steps: 0": ("--filter-steps", "0"),
    "filter steps: 4": ("--filter-steps", "4"),
    "filter steps: 16": ("--filter-steps", "16"),
    "components: 16": ("--components", "16"),
    "components: 64": ("--components", "64"),
    "init: random": ("--init", "random"),
    "init: random, 500 epochs, lr 1e-3": (
        "--init", "random", "--epochs", "500", "--patience", "50", "--tolerance", "0",
        "--lr", "0.001",
    ),
    "balance: 0.05": ("--balance-coeff", "0.05"),
    "balance: 0.1": ("--balance-coeff", "0.1"),
    "balance: 0.2": ("--balance-coeff", "0.2"),
    "balance: 0.4": ("--balance-coeff", "0.4"),
    "lr: 1e-3": ("--lr", "0.001"),
    "hidden: 64": ("--hidden", "64"),
    "hidden: 512": ("--hidden", "512"),
    "layers: 0": ("--layers", "0"),
    "layers: 1": ("--layers", "1"),
    "layers: 3": ("--layers", "3"),
    "degree-weighted": ("--degree-weighted",),
    "stopping: none, 200 epochs": ("--tolerance", "0", "--patience", "200"),
    "stopping: tolerance 0.01": ("--tolerance", "0.01"),
    "epochs: 0 (the warm start)": ("--epochs", "0"),
}  # fmt: skip
"""Name of a variant to the options that make it."""

COLUMNS = ["variant", "graph", "seed", "nmi", "acc", "clusters_used", "num_clusters", "sharpness",
           "loss", "balance_coeff", "epochs", "seconds", "version_tvgnn"]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/ablation.csv"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--graph", action="append", default=[])
    options = parser.parse_args()
    done = pd.read_csv(options.out) if options.out.exists() else pd.DataFrame(columns=COLUMNS)
    graphs = [*PAPER, *options.graph]
    for variant, chosen in VARIANTS.items():
        for graph in graphs:
            for seed in range(options.seeds):
                key = (done.variant == variant) & (done.graph == Path(graph).stem)
                if (key & (done.seed == seed)).any():
                    continue
                row = run(graph, options.data_root, "--seed", str(seed), *chosen)
                row = row.assign(variant=variant, graph=Path(graph).stem)[COLUMNS]
                done = row if done.empty else pd.concat([done, row], ignore_index=True)
                done.to_csv(options.out, index=False)
    print(table(done, [Path(graph).stem for graph in graphs]))


def table(done: pd.DataFrame, graphs: list[str]) -> str:
    """Mean NMI by variant and graph."""
    lines = [f"| | {' | '.join(graphs)} |", "| --- " * (len(graphs) + 1) + "|"]
    for variant in VARIANTS:
        cells = []
        for graph in graphs:
            rows = done[(done.variant == variant) & (done.graph == graph)]
            empty = int(rows.clusters_used.min()) if len(rows) else 0
            few = f" ({empty})" if len(rows) and empty < rows.num_clusters.iloc[0] else ""
            cells.append(f"{rows.nmi.mean():.3f}{few}" if len(rows) else "")
        lines.append(f"| {variant} | {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
