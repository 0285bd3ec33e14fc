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
import importlib
import itertools
import math
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast
from unittest import mock

import numpy as np
import pandas as pd
import torch
from torch import nn

import tvgnn_cli
from tvgnn_cli.config import make_config
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.writers import write_rows
from tvgnn_cli.machine.versions import processor, versions
from tvgnn_cli.nn import AssignmentHead, GTVConv

NAMES = ("Cora", "CiteSeer", "DBLP")
PUBLISHED = make_config({"preset": "paper"})
DELTA, TOTVAR = PUBLISHED.delta, PUBLISHED.totvar_coeff
LONG = {"epochs": 1000, "patience": 1000}


@dataclass(frozen=True)
class Change:
    """Settings that differ from the published settings.

    Args:
        settings: by name.
        conv: how GTVConv's weights start, `[in, out]`.
        head: how a layer of the assignment head starts.
        adam: Adam, of a model and a learning rate.
        normalised: edges weigh 1 / sqrt(d_i d_j), in GTVConv and in the loss.
        files: what is read in place of a data set, below the data root; with files, the change is
            for these data sets alone.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    conv: Callable[[torch.Tensor], object] | None = None
    head: Callable[[nn.Linear], object] | None = None
    adam: Callable[[nn.Module, float], torch.optim.Optimizer] | None = None
    normalised: bool = False
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def keeps_the_loss(self) -> bool:
        """Tell whether its losses compare with those of the published settings."""
        return not self.normalised and "totvar_coeff" not in self.settings


def wide(weight: torch.Tensor) -> None:
    """Torch's Kaiming-normal of a `[in, out]` matrix as it comes, which torch reads as
    `[out, in]`.
    """
    nn.init.kaiming_normal_(weight, nonlinearity="relu")


def he_normal(weight: torch.Tensor) -> None:
    """Keras's: a normal distribution cut at two deviations, of variance 2 / rows."""
    deviation = math.sqrt(2 / weight.size(0)) / 0.87962566103423978
    nn.init.trunc_normal_(weight, std=deviation, a=-2 * deviation, b=2 * deviation)


def as_linear(weight: torch.Tensor) -> None:
    """Torch's `Linear`: uniform within 1 / sqrt(rows)."""
    bound = weight.size(0) ** -0.5
    nn.init.uniform_(weight, -bound, bound)


def torch_adam(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """Torch's Adam with its own eps, 1e-8."""
    return torch.optim.Adam(model.parameters(), lr=lr, fused=True)


def keras_adam(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """Keras's Adam: its eps, 1e-7, is added before the second moment is corrected for its start,
    so that for torch it is 3e-6 in the first step.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, fused=True)
    steps = itertools.count(1)

    def correct(*_: object) -> None:
        eps = 1e-7 / math.sqrt(1 - 0.999 ** next(steps))
        for group in optimizer.param_groups:
            group["eps"] = eps

    optimizer.register_step_pre_hook(correct)
    return optimizer


CHANGES = {
    "none": Change(),
    "1,000 epochs, none ended early": Change(LONG),
    "learning rate 3e-4": Change({"lr": 3e-4}),
    "learning rate 1e-4, 2,000 epochs": Change({"lr": 1e-4, "epochs": 2000, "patience": 2000}),
    "learning rate 3e-3": Change({"lr": 3e-3}),
    "features as they are (0 and 1)": Change({"feature_scaling": "none"}),
    "features of unit length": Change({"feature_scaling": "unit"}),
    "features weighted by TF-IDF": Change({"feature_scaling": "tfidf"}),
    # PyTorch Geometric sets every positive feature of DBLP to 1; its file has weights.
    "features not made 0 and 1": Change(files={"DBLP": "CitationFull/dblp/raw/dblp.npz"}),
    "2 delta = 0.622": Change({"delta": 2 * DELTA}),
    "2 delta = 0.622, learning rate 3e-4": Change({"delta": 2 * DELTA, "lr": 3e-4}),
    "2 delta = 0.1555": Change({"delta": DELTA / 2}),
    "degree-weighted propagation": Change({"degree_weighted": True}),
    "edges weigh 1 / sqrt(d_i d_j)": Change(normalised=True),
    "total variation weighs twice": Change({"totvar_coeff": 2 * TOTVAR}),
    "total variation weighs half": Change({"totvar_coeff": TOTVAR / 2}),
    "no hidden layer in the head": Change({"mlp_hidden": 0}),
    "GTVConv starts with variance 2 / columns": Change(conv=wide),
    "GTVConv starts as Keras's he_normal": Change(conv=he_normal),
    "GTVConv starts Xavier-uniform": Change(conv=nn.init.xavier_uniform_),
    "GTVConv starts as torch's Linear": Change(conv=as_linear),
    "Keras's Adam": Change(adam=keras_adam),
    "all as in the authors' TensorFlow program": Change(LONG, conv=he_normal, adam=keras_adam),
    "all as in the authors' PyTorch program": Change(
        {"mlp_hidden": 0}, conv=as_linear, head=nn.Linear.reset_parameters, adam=torch_adam
    ),
}
"""By the names that the table has for them."""


def read(name: str, change: Change, root: Path) -> tvgnn_cli.Graph:
    """The graph that a change is tried on."""
    source = str(root / change.files[name]) if change.files else name
    graph = tvgnn_cli.read_graph(source, data_root=root, offline=True)
    if change.normalised:
        degree = np.bincount(graph.edge_index.ravel(), minlength=graph.num_vertices)
        graph = replace(graph, edge_weight=degree[graph.edge_index].prod(axis=0) ** -0.5)
    return graph


def run(
    graph: tvgnn_cli.Graph, change: Change, seed: int, threads: int | None
) -> dict[str, object]:
    """Outcome of one run with one change."""
    settings = dict(change.settings)
    if change.normalised:  # weights are brought to a mean of 1; here they are to stay below
        mean = float(graph.edge_weight.mean())
        settings.update(delta=DELTA * mean, totvar_coeff=TOTVAR * mean)
    starts_of_conv, starts_of_head = GTVConv.reset_parameters, AssignmentHead.reset_parameters

    def conv(layer: GTVConv) -> None:
        starts_of_conv(layer)
        if change.conv is not None:  # what is drawn next differs as well
            change.conv(layer.weight.data)

    def head(layers: AssignmentHead) -> None:
        starts_of_head(layers)
        for layer in layers.mlp if change.head is not None else ():
            change.head(cast(nn.Linear, layer))

    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(GTVConv, "reset_parameters", conv))
        stack.enter_context(mock.patch.object(AssignmentHead, "reset_parameters", head))
        if change.adam is not None:
            stages = importlib.import_module("tvgnn_cli.train.stages")
            stack.enter_context(mock.patch.object(stages, "adam", change.adam))
        result = tvgnn_cli.cluster(graph, preset="paper", seed=seed, threads=threads, **settings)
    wanted = ("nmi", "acc", "loss", "epochs", "clusters_used")
    return {name: result.metrics[name] for name in wanted}


def table(rows: pd.DataFrame) -> str:
    """Rows of Markdown, in the order of `CHANGES`."""
    lines = []
    for (name, change), group in rows.groupby(["data set", "change"], sort=False):
        if change not in CHANGES:
            continue
        best = group.loc[group.loss.idxmin()]
        kept = f"{best.nmi:.3f} / {100 * best.acc:.1f}"
        loss = f"{group.loss.mean():.3f}" if CHANGES[change].keeps_the_loss else ""
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
    try:
        rows = pd.read_csv(options.out).to_dict("records") if options.out.exists() else []
        done = {(row["data set"], row["change"], row["seed"]) for row in rows}
    except (ValueError, KeyError) as error:
        raise SystemExit(f"{options.out}: is not a table of this search ({error})") from None
    made = {"processor": processor(), **versions()}
    for name, title in itertools.product(options.dataset or NAMES, options.change or CHANGES):
        change = CHANGES[title]
        left = [seed for seed in range(options.seeds) if (name, title, seed) not in done]
        if not left or (change.files and name not in change.files):
            continue
        try:
            graph = read(name, change, options.data_root)
        except InputError as error:
            raise SystemExit(str(error)) from None
        for seed in left:
            found = run(graph, change, seed, options.threads)
            rows.append({"data set": name, "change": title, "seed": seed, **found, **made})
            write_rows(rows, str(options.out))
            print(rows[-1], flush=True)
    print(table(pd.DataFrame(rows)))


if __name__ == "__main__":
    main()
