"""Several processes that train one network, beside one process with the same threads in all.

    python benchmarks/processes.py --data-root DIR [--out benchmarks/processes.csv] [GRAPH ...]

GRAPH is a data set, by default settings, or a number of edges, for a planted partition of that
size (`planted.py`, 64 channels). For each seed, `tvgnn cluster` with `--batch parts` in one process
of all threads, and in as many processes of one thread; batches are as many and as large. Of a data
set also in one process by batches of as many vertices as the processes see in a step. Then the
parts of one epoch: its steps with and without the exchange of gradients, the measurement and what
of it is exchange, and the bytes that a process sends. Rows are written as runs finish, and runs
that are in the file are not done again.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from planted import written

from tvgnn_cli import read_graph
from tvgnn_cli.config import make_config
from tvgnn_cli.machine.ownership import own_process
from tvgnn_cli.models import build_model
from tvgnn_cli.prepare.prepared import prepare
from tvgnn_cli.train import ALONE, Team, joined
from tvgnn_cli.train.allocator import KEPT_OF_BATCHES, retained_memory
from tvgnn_cli.train.batches import Batches
from tvgnn_cli.train.distributed.rendezvous import Rendezvous
from tvgnn_cli.train.distributed.shares import Share
from tvgnn_cli.train.learner import ByBatch, adam
from tvgnn_cli.train.objective import TotalVariationObjective, Weights
from tvgnn_cli.train.tensors import to_tensors

HERE = Path(__file__).parent
SETTINGS: dict[str, dict[str, Any]] = {
    "PubMed": {"num_clusters": 3, "batch_size": 5000},
    "DBLP": {"num_clusters": 4, "batch_size": 4400},
    "1e6": {"num_clusters": 10, "batch_size": 12_500, "hidden": 64},
    "1e7": {"num_clusters": 10, "batch_size": 31_250, "hidden": 64},
}
SEEDS = {"PubMed": 8}
"""Seeds of graphs whose quality varies more than that of others."""

EPOCHS = 5
SHOWN = ("nmi", "acc", "loss", "epochs", "seconds", "peak_memory_mb")


def started(processes: int, command: list[str]) -> None:
    """A command in one process of all cores, or in several of one core each."""
    threads = (os.cpu_count() or 1) // processes
    launcher = ["-m", "torch.distributed.run", "--nproc-per-node", str(processes)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    subprocess.run([sys.executable, *launcher, *command], check=True, env=environment)


def whole_run(source: str, settings: dict[str, Any], processes: int, seed: int, root: Path) -> Any:
    """The metrics of `tvgnn cluster`."""
    options = {"-k": "num_clusters", "--batch-size": "batch_size", "--hidden": "hidden"}
    command = ["-m", "tvgnn_cli", "cluster", source, "--batch", "parts", "--seed", str(seed),
               "--data-root", str(root), "--offline", "--quiet", "--view", "both"]  # fmt: skip
    for option, name in options.items():
        if name in settings:
            command += [option, str(settings[name])]
    with tempfile.TemporaryDirectory() as folder:
        files = ["-o", f"{folder}/c.parquet", "--metrics", f"{folder}/m.json"]
        started(processes, [*command, *files])
        metrics = json.loads(Path(folder, "m.json").read_text())
    return {name: metrics.get(name) for name in SHOWN}


class _Counting(Team):
    """A team that counts bytes sent and seconds spent on rows; the gradients are not among them."""

    def counted(self, work: Callable[[], Any], sent: int) -> Any:
        spent = self.__dict__
        begun = time.perf_counter()
        result = work()
        spent["seconds"] = spent.get("seconds", 0.0) + time.perf_counter() - begun
        spent["sent"] = spent.get("sent", 0) + sent
        return result

    def swap(self, tensor: Any, sent: Any, received: Any) -> Any:
        away = sum(sent) - sent[self.rank]
        size = away * tensor.element_size() * int(np.prod(tensor.shape[1:]))
        return self.counted(lambda: super(_Counting, self).swap(tensor, sent, received), size)

    def gather(self, rows: Any, counts: Any) -> Any:
        size = (self.size - 1) * max(counts) * rows.size(1) * rows.element_size()
        return self.counted(lambda: super(_Counting, self).gather(rows, counts), size)


def epoch_in_parts(source: str, settings: dict[str, Any], root: Path, team: Team) -> dict[str, Any]:
    """Seconds and bytes of one epoch, medians over a few, in this process."""
    graph = read_graph(source, data_root=root, offline=True)
    config = make_config({"batch": "parts", **settings})
    prepared = prepare(graph, config, processes=team.size)
    data = to_tensors(prepared, torch.device("cpu"))
    torch.manual_seed(0)
    model = build_model(config, data.x.size(1))
    share = None if team.is_alone else Share(prepared, team)
    objective = TotalVariationObjective(data, Weights(1.0, 0.1), None)
    learner = ByBatch(model, objective, adam(model, 1e-4), Batches(prepared, 0, team), share)
    found: dict[str, list[float]] = {}
    own_process()  # as the command line's is
    with retained_memory(KEPT_OF_BATCHES):
        for epoch in range(EPOCHS):
            spent: dict[str, Any] = team.__dict__
            before = spent.get("seconds", 0.0), spent.get("sent", 0)
            begun = time.perf_counter()
            loss, _ = learner.measure()
            found.setdefault("measure_seconds", []).append(time.perf_counter() - begun)
            found.setdefault("rows_seconds", []).append(spent.get("seconds", 0.0) - before[0])
            found.setdefault("rows_bytes", []).append(spent.get("sent", 0) - before[1])
            for name in ("steps_seconds", "steps_alone_seconds"):
                quiet = team.size > 1 and name == "steps_alone_seconds"
                with learner._logits.no_sync() if quiet else nullcontext():
                    team.any(False)  # all are here
                    begun = time.perf_counter()
                    learner.improve(loss, epoch)
                    found.setdefault(name, []).append(time.perf_counter() - begun)
            for parameter in model.parameters():  # they went apart
                team.agree(parameter.data)
    weights = sum(p.numel() for p in model.parameters())
    ring = 2 * (team.size - 1) / team.size
    medians = {name: statistics.median(values[1:]) for name, values in found.items()}
    return {
        **medians,
        "steps": learner.steps,
        "gradient_bytes": int(4 * weights * ring * learner.steps),
        "other_ends": 0 if share is None else sum(share.wanted),
        "weights": weights,
    }


def inner(arguments: argparse.Namespace) -> None:
    """`epoch_in_parts` as one process of several; the first one writes."""
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    settings = json.loads(arguments.inner)
    (source,) = arguments.graphs
    found = Rendezvous.of_environment(os.environ)
    if found is None:
        row = epoch_in_parts(source, settings, arguments.data_root, ALONE)
    else:
        with joined(found.rank, found.size, found.address, "cpu") as team:
            counting = _Counting(team.rank, team.size, team.device)
            row = epoch_in_parts(source, settings, arguments.data_root, counting)
            if not team.leads:
                return
    arguments.out.write_text(json.dumps(row))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=list(SETTINGS))
    parser.add_argument("--data-root", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE / "processes.csv")
    parser.add_argument("--seeds", type=int, default=3, help="of planted partitions; 8 of PubMed")
    parser.add_argument("--inner", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inner:
        inner(options)
        return
    rows = pd.read_csv(options.out).to_dict("records") if options.out.exists() else []
    done = {(r["graph"], r["processes"], r["batch_size"], r["seed"]) for r in rows}
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        for graph in options.graphs or SETTINGS:
            source, settings = written(graph, Path(folder)), SETTINGS[graph]
            size, is_set = settings["batch_size"], not graph[0].isdigit()
            each = [(1, size), (cores, size), *([(1, cores * size)] if is_set else [])]
            for processes, batch_size in each:
                for seed in range(SEEDS.get(graph, options.seeds)):
                    if (graph, processes, batch_size, seed) in done:
                        continue
                    settings = {**settings, "batch_size": batch_size}
                    row = whole_run(source, settings, processes, seed, options.data_root)
                    if seed == 0 and batch_size == size:
                        out = Path(folder, "epoch.json")
                        started(processes, [__file__, source, "--inner", json.dumps(settings),
                                            "--data-root", str(options.data_root),
                                            "--out", str(out)])  # fmt: skip
                        row.update(json.loads(out.read_text()))
                    about = {"graph": graph, "processes": processes, "batch_size": batch_size,
                             "seed": seed, "threads": cores // processes}  # fmt: skip
                    rows.append({**about, **row})
                    print(rows[-1], flush=True)
                    pd.DataFrame(rows).to_csv(options.out, index=False)
    by = pd.DataFrame(rows).groupby(["graph", "processes", "batch_size"], sort=False)
    print(by[[*SHOWN]].agg(["mean", "std"]).round(4).to_string())
    parts = ["measure_seconds", "rows_seconds", "steps_seconds", "steps_alone_seconds",
             "rows_bytes", "gradient_bytes", "other_ends", "weights", "steps"]  # fmt: skip
    print(by[parts].first().to_string())


if __name__ == "__main__":
    main()
