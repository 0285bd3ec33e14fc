"""TVGNN in the published settings, one of them changed at a time.

    python benchmarks/published_search.py --data-root DIR [--out benchmarks/published_search.csv]
        [--seeds 5] [--threads N] [--dataset NAME ...] [--change NAME ...]

Asks why they fall short of the paper on Cora, CiteSeer and DBLP: on some seeds clusters die, which
the paper's small deviations leave no room for. A row for each change, data set and seed, written
as it is finished; rows that are there already are not run again. Prints a Markdown table: NMI and
ACC, the mean loss where it compares with the others', clusters used, NMI and ACC of the seed of
the lowest loss.
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pandas as pd
from torch import nn

import tvgnn_cli
from tvgnn_cli.errors import InputError
from tvgnn_cli.nn import GTVConv
from tvgnn_cli.provenance import processor, versions

NAMES = ("Cora", "CiteSeer", "DBLP")

CHANGES: dict[str, dict[str, object]] = {
    "none": {},
    "1,000 epochs, none ended early": {"epochs": 1000, "patience": 1000},
    "learning rate 3e-4": {"lr": 3e-4},
    "learning rate 1e-4, 2,000 epochs": {"lr": 1e-4, "epochs": 2000, "patience": 2000},
    "learning rate 3e-3": {"lr": 3e-3},
    "features as they are (0 and 1)": {"feature_scaling": "none"},
    "features of unit length": {"feature_scaling": "unit"},
    "features weighted by TF-IDF": {"feature_scaling": "tfidf"},
    "features not made 0 and 1": {},
    "2 delta = 0.622": {"delta": 0.622},
    "2 delta = 0.1555": {"delta": 0.1555},
    "degree-weighted propagation": {"degree_weighted": True},
    "total variation weighs twice": {"totvar_coeff": 2 * 0.785},
    "total variation weighs half": {"totvar_coeff": 0.785 / 2},
    "GTVConv starts with variance 2 / columns": {},
    "GTVConv starts as Keras's he_normal": {},
    "GTVConv starts Xavier-uniform": {},
}
"""A change by its name: settings that differ from the preset's."""

OTHER_FILE = {("DBLP", "features not made 0 and 1"): "CitationFull/dblp/raw/dblp.npz"}
"""What a change reads in place of a data set, below the data root: PyTorch Geometric sets every
positive feature of DBLP to 1, its file has weights. A change that stands here is for that data set
alone.
"""

COMPARABLE = {name for name, changed in CHANGES.items() if "totvar_coeff" not in changed}


def _wide(weight: nn.Parameter) -> None:
    """Torch's Kaiming-normal of a `[in, out]` matrix as it comes, which torch reads as
    `[out, in]`.
    """
    nn.init.kaiming_normal_(weight, nonlinearity="relu")


def _keras(weight: nn.Parameter) -> None:
    """A normal distribution cut at two deviations, of variance 2 / rows."""
    deviation = math.sqrt(2 / weight.size(0)) / 0.87962566103423978
    nn.init.trunc_normal_(weight, std=deviation, a=-2 * deviation, b=2 * deviation)


STARTS: dict[str, Callable[[nn.Parameter], object]] = {
    "GTVConv starts with variance 2 / columns": _wide,
    "GTVConv starts as Keras's he_normal": _keras,
    "GTVConv starts Xavier-uniform": nn.init.xavier_uniform_,
}


def concerns(change: str, name: str) -> bool:
    """Whether a change has a meaning for a data set."""
    only = {data_set for data_set, other in OTHER_FILE if other == change}
    return not only or name in only


def read(name: str, change: str, root: Path) -> tvgnn_cli.Graph:
    """The graph that a change is tried on."""
    source = OTHER_FILE.get((name, change))
    return tvgnn_cli.read_graph(
        name if source is None else str(root / source), data_root=root, offline=True
    )


def run(
    graph: tvgnn_cli.Graph, name: str, change: str, seed: int, threads: int | None
) -> dict[str, object]:
    """One run with one change."""
    reset = GTVConv.reset_parameters

    def restart(layer: GTVConv) -> None:
        reset(layer)
        if change in STARTS:  # what is drawn next differs as well
            STARTS[change](layer.weight)

    with mock.patch.object(GTVConv, "reset_parameters", restart):
        result = tvgnn_cli.cluster(
            graph, preset="paper", seed=seed, threads=threads, **CHANGES[change]
        )
    found = {key: result.metrics[key] for key in ("nmi", "acc", "loss", "epochs", "clusters_used")}
    made = {"processor": processor(), **versions()}
    return {"data set": name, "change": change, "seed": seed, **found, **made}


def table(rows: pd.DataFrame) -> str:
    """Rows of Markdown, in the order of `CHANGES`."""
    lines = []
    for (name, change), group in rows.groupby(["data set", "change"], sort=False):
        if change not in CHANGES:
            continue
        best = group.loc[group.loss.idxmin()]
        kept = f"{best.nmi:.3f} / {100 * best.acc:.1f}"
        loss = f"{group.loss.mean():.3f}" if change in COMPARABLE else ""
        used = " ".join(str(int(value)) for value in group.sort_values("seed").clusters_used)
        cells = (name, change, f"{group.nmi.mean():.3f} ± {group.nmi.std():.3f}",
                 f"{100 * group.acc.mean():.1f} ± {100 * group.acc.std():.1f}",
                 loss, used, kept)  # fmt: skip
        lines.append((NAMES.index(name), list(CHANGES).index(change), f"| {' | '.join(cells)} |"))
    head = "| data set | change | NMI | ACC | loss | clusters used | lowest loss: NMI / ACC |"
    return "\n".join([head, "| --- " * 7 + "|", *(line for *_, line in sorted(lines))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/published_search.csv"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--dataset", action="append", choices=NAMES)
    parser.add_argument("--change", action="append", choices=CHANGES, metavar="NAME")
    options = parser.parse_args()
    rows = pd.read_csv(options.out).to_dict("records") if options.out.exists() else []
    done = {(row["data set"], row["change"], row["seed"]) for row in rows}
    for name, change in itertools.product(options.dataset or NAMES, options.change or CHANGES):
        left = [seed for seed in range(options.seeds) if (name, change, seed) not in done]
        if not left or not concerns(change, name):
            continue
        try:
            graph = read(name, change, options.data_root)
        except InputError as error:
            raise SystemExit(str(error)) from None
        for seed in left:
            rows.append(run(graph, name, change, seed, options.threads))
            pd.DataFrame(rows).to_csv(options.out, index=False)
            print(rows[-1], flush=True)
    print(table(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
