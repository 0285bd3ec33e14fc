"""Restarts one after the other with all threads, beside shards that run at the same time.

    python benchmarks/restarts.py --data-root DIR [--out benchmarks/restarts.csv] [GRAPH ...]

Eight restarts in each case, by default settings; seconds from start to files, and the memory of all
processes together. Shards are as many as there are cores, of one thread each, and are merged.
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

import pandas as pd

from tvgnn_cli.io.state_file import read_facts
from tvgnn_cli.jobs.shard import Shard
from tvgnn_cli.jobs.shard_file import FORMAT, WHAT, shard_path

HERE = Path(__file__).parent
GRAPHS = {"sample_data/planted.graphml": "4", "Cora": "7", "CiteSeer": "6", "PubMed": "3"}
RESTARTS = "8"


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
    return {"loss": metrics["loss"], "peak_memory_mb": metrics["peak_memory_mb"]}


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


WAYS = {"one after the other": one_after_the_other, "at the same time": at_the_same_time}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=list(GRAPHS))
    parser.add_argument("--data-root", required=True)
    parser.add_argument("--out", type=Path, default=HERE / "restarts.csv")
    options = parser.parse_args()
    cores, rows = os.cpu_count() or 1, []
    for graph in options.graphs:
        settings = [graph, "-k", GRAPHS[graph], "--restarts", RESTARTS, "--quiet", "--offline",
                    "--data-root", options.data_root]  # fmt: skip
        for way, run in WAYS.items():
            with tempfile.TemporaryDirectory() as folder:
                begun = time.perf_counter()
                found = run(settings, cores, Path(folder))
                seconds = round(time.perf_counter() - begun, 2)
            rows.append({"graph": graph, "way": way, "cores": cores, "seconds": seconds, **found})
            print(rows[-1], flush=True)
            pd.DataFrame(rows).to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
