"""Quality with features in memory and in their file: `python benchmarks/stored.py --data-root DIR`.

Of each data set, its features are written to a `.npy` file, and clustered over seeds as read into
memory and as read block by block, which finds the singular directions in another way.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from tvgnn_cli import cluster, read_graph
from tvgnn_cli.graph import stored_features as stored
from tvgnn_cli.graph.graph import Graph


def both_ways(name: str, data_root: str, folder: Path) -> dict[str, Graph]:
    graph = read_graph(name, data_root=data_root, offline=True)
    x = graph.x.toarray() if sp.issparse(graph.x) else graph.x
    np.save(folder / "x.npy", x)
    stored.STORED_BYTES = 0
    in_file = read_graph(replace(graph, x=None), features=str(folder / "x.npy"))
    return {"memory": graph, "file": in_file}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=["Cora", "CiteSeer"])
    parser.add_argument("--data-root", required=True)
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    for name in options.names:
        with tempfile.TemporaryDirectory() as folder:
            for where, graph in both_ways(name, options.data_root, Path(folder)).items():
                # Evidence is not measured of features in a file.
                runs = [
                    cluster(graph, seed=seed, view="both").metrics for seed in range(options.seeds)
                ]
                nmi, acc = (np.array([run[score] for run in runs]) for score in ("nmi", "acc"))
                print(f"{name}, features in {where}: NMI {nmi.mean():.3f} +- {nmi.std(ddof=1):.3f}"
                      f", ACC {100 * acc.mean():.1f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
