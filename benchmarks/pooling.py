"""Seconds per epoch and peak memory of forms of one classifier of graphs, in one run.

    python benchmarks/pooling.py --data-root DIR [--out benchmarks/pooling.csv] [DATA ...]

DATA are data sets of Table 2, with Table 5's network and pools to half and a quarter of the largest
graph, or to 256 and 128 for DD and REDDIT-BINARY; batches of 8. Each form runs in a process of its
own, on one order of the graphs, until an epoch or the time is over; an epoch of all graphs is
reckoned from the graphs that it came to. Memory is the process's peak. Losses of the first batch
tell that the forms are of one network.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from pooling_forms import FORMS, Problem

from tvgnn_cli.classification.training import new_network
from tvgnn_cli.machine.ownership import own_process
from tvgnn_cli.machine.versions import peak_memory_mb, processor, versions
from tvgnn_cli.nn import Adam
from tvgnn_cli.prepare.graph_batches import GraphBatches
from tvgnn_cli.prepare.graph_features import learn_features
from tvgnn_cli.prepare.pool_sizes import pool_sizes
from tvgnn_cli.reproduction.table2 import Planned
from tvgnn_cli.reproduction.table2_runs import read_set
from tvgnn_cli.train.allocator import retained_memory

DATA = ["MUTAG", "PROTEINS", "DD", "COLLAB", "REDDIT-BINARY"]
SECONDS, BATCH = 30.0, 8
HERE = Path(__file__).parent


def measure(form: str, dataset: str, data_root: Path, seconds: float, threads: int) -> dict:
    """Time the steps of one form on one data set."""
    own_process()
    torch.set_num_threads(threads)
    graphs = read_set(dataset, data_root, offline=True)
    config = replace(Planned(dataset, "tvgnn").config, batch_size=BATCH)
    sizes = config.given_sizes or pool_sizes(graphs.sizes, None)
    recipe = learn_features(graphs, config.scaling)
    batches = GraphBatches(graphs, recipe.apply(graphs)[0])
    network = new_network(config, recipe.num_features, graphs.num_classes, sizes)
    with retained_memory():
        model, step = FORMS[form](Problem(network, config, sizes))
        adam = Adam(model.parameters(), config.lr)
        order = np.random.default_rng(0).permutation(graphs.num_graphs)
        first, done, begun = None, 0, time.perf_counter()
        while done < len(order) and time.perf_counter() - begun < seconds:
            batch = batches.take(order[done : done + BATCH])
            loss = step(batch)
            loss.backward()
            adam.step()
            adam.zero_grad()
            if first is None:  # which also warms up
                first, begun, done = (
                    float(loss.detach()),
                    time.perf_counter(),
                    -batch.graphs.num_graphs,
                )
            done += batch.graphs.num_graphs
    took = (time.perf_counter() - begun) / max(done, 1) * graphs.num_graphs
    return {"dataset": dataset, "form": form, "seconds_per_epoch": took,
            "peak_memory_mb": peak_memory_mb(), "first_loss": first, "graphs_timed": done,
            "pool_sizes": ",".join(map(str, sizes)), "threads": threads}  # fmt: skip


def in_its_own_process(form: str, dataset: str, arguments: argparse.Namespace) -> dict:
    """Run `measure` there; where that fails, as for want of memory, say so."""
    command = [
        sys.executable, str(Path(__file__).resolve()), "--one", form, "--data-root",
        str(arguments.data_root), "--seconds", str(arguments.seconds), "--threads",
        str(arguments.threads), dataset,
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in ran.stdout.splitlines() if line.startswith("{")]
    if ran.returncode or not lines:
        said = (ran.stderr.strip().splitlines() or [f"exit code {ran.returncode}"])[-1]
        return {"dataset": dataset, "form": form, "error": said[:100]}
    return json.loads(lines[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", default=DATA)
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE / "pooling.csv")
    parser.add_argument("--form", action="append", choices=list(FORMS))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--one", choices=list(FORMS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        given = arguments.data_root, arguments.seconds, arguments.threads
        print(json.dumps(measure(arguments.one, arguments.data[0], *given)))
        return
    rows = []
    for dataset in arguments.data:
        for form in arguments.form or FORMS:
            row = in_its_own_process(form, dataset, arguments)
            rows.append({**row, "processor": processor(), **versions()})
            print({k: v for k, v in row.items() if k != "threads"}, flush=True)
            pd.DataFrame(rows).to_csv(arguments.out, index=False)
    table = pd.DataFrame(rows).pivot_table("seconds_per_epoch", "dataset", "form", sort=False)
    print((table.div(table["ours"], axis=0)).round(2).to_string())


if __name__ == "__main__":
    main()
