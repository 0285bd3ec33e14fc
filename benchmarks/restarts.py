"""Restarts with all threads, beside those on one thread and shards that run at the same time.

    python benchmarks/restarts.py --data-root DIR [--out benchmarks/restarts.csv] [GRAPH ...]

Eight restarts in each case, by default settings, and sixty of a planted partition of 400 vertices,
each of which is worth one thread, so that as many as there are cores train at a time. Seconds from
start to files, and the memory of this process, or of all shards together; these are as many as
there are cores, of one thread each, and are merged. Rows that are in the table stay.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from planted import written
from rows import Rows

from tvgnn_cli.io.state_file import read_facts
from tvgnn_cli.jobs.shard import Shard
from tvgnn_cli.jobs.shard_file import FORMAT, WHAT, shard_path

HERE = Path(__file__).parent
GRAPHS = {
    "sample_data/planted.graphml": (4, 8),
    "Cora": (7, 8),
    "CiteSeer": (6, 8),
    "PubMed": (3, 8),
    "4e3": (10, 60),
}
"""Clusters and restarts of each."""

KEPT = ("--view", "both")
"""Training as it ends, without evidence."""


def start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tvgnn_cli", *arguments])


def finish(started: list[subprocess.Popen[bytes]]) -> None:
    if any(process.wait() for process in started):
        raise SystemExit("a run failed")


def one_after_the_other(settings: list[str], cores: int, folder: Path) -> dict[str, float]:
    files = ["-o", str(folder / "c.csv"), "--metrics", str(folder / "m.json")]
    finish([start("cluster", *settings, *KEPT, "--threads", str(cores), *files)])
    metrics = json.loads((folder / "m.json").read_text())
    told = ("loss", "peak_memory_mb", "restarts_at_a_time")
    return {name: metrics[name] for name in told}


def on_one_thread(settings: list[str], _: int, folder: Path) -> dict[str, float]:
    return one_after_the_other(settings, 1, folder)


def at_the_same_time(settings: list[str], cores: int, folder: Path) -> dict[str, float]:
    shards = folder / "shards"
    parts = [Shard(index + 1, cores) for index in range(cores)]
    one = [*settings, *KEPT, "--threads", "1", "--shards", str(shards)]
    finish([start("cluster", *one, "--shard", str(part)) for part in parts])
    files = ["-o", str(folder / "c.csv"), "--metrics", str(folder / "m.json")]
    finish([start("merge", str(shards), "--require-complete", "--quiet", *files)])
    read = [read_facts(shard_path(shards, part), FORMAT, WHAT) for part in parts]
    memory = sum(facts["metrics"]["peak_memory_mb"] for facts in read)
    return {"loss": json.loads((folder / "m.json").read_text())["loss"], "peak_memory_mb": memory}


WAYS = {
    "one after the other": one_after_the_other,
    "at the same time": at_the_same_time,
    "one thread": on_one_thread,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=list(GRAPHS))
    parser.add_argument("--data-root", required=True)
    parser.add_argument("--out", type=Path, default=HERE / "restarts.csv")
    options = parser.parse_args()
    cores, rows = os.cpu_count() or 1, Rows(options.out, "graph", "way")
    for graph in options.graphs:
        clusters, restarts = GRAPHS[graph]
        for way, run in WAYS.items():
            if (graph, way) in rows:
                continue
            with tempfile.TemporaryDirectory() as folder:
                path = written(graph, Path(folder)) if graph[0].isdigit() else graph
                settings = [path, "-k", str(clusters), "--restarts", str(restarts), "--quiet",
                            "--offline", "--data-root", options.data_root]  # fmt: skip
                begun = time.perf_counter()
                found = run(settings, cores, Path(folder))
                seconds = round(time.perf_counter() - begun, 2)
            row = {"graph": graph, "way": way, "cores": cores, "restarts": restarts}
            rows.add({**row, "seconds": seconds, **found})
            print(rows.made[-1], flush=True)


if __name__ == "__main__":
    main()
