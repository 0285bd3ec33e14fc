"""Cost of the number of threads: the default beside one thread and two, idle and busy.

    python benchmarks/threads.py --data-root DIR [--repeats 5] [--out benchmarks/threads.csv]
        [--state idle] [--state busy] [GRAPH ...]

GRAPH is a file, a data set, or a number of edges for a planted partition of that size (64 features
and 64 channels). Each run is `tvgnn cluster` in a process of its own; `two` works with two threads
whatever the graph. Busy is with a loop beside it for each of two cores. The forms take turns, so
that what else the machine does falls on all alike; seconds are medians over the repeats, of the
whole command on the wall's clock and of its processor time. Ends with the default's seconds over
those of the better of one thread and two: the bar is 1.1. `spinning` is two threads that wait as
the OpenMP library has them by default, for comparison.

Run it where nothing else runs, on two cores: `taskset -c 0,1 python benchmarks/threads.py ...`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

CORES = 2
GRAPHS = ["sample_data/karate.csv", "sample_data/planted.graphml", "1e4", "3e4", "1e5", "Cora",
          "PubMed"]  # fmt: skip

DRIVER = """
import os, sys
from tvgnn_cli.cli.main import run, wait_briefly
if sys.argv.pop(1) == "always":
    wait_briefly(os.environ)
    from tvgnn_cli.run import work
    work.worthwhile_threads = lambda *_: 10**6
run()
"""

SPINS = {"GOMP_SPINCOUNT": "300000", "OPENBLAS_THREAD_TIMEOUT": "26"}
"""Values that the libraries have by default."""

FORMS = {
    "default": (["fitting"], {}),
    "one": (["fitting", "--threads", "1"], {}),
    "two": (["always", "--threads", str(CORES)], {}),
    "spinning": (["always", "--threads", str(CORES)], SPINS),
}
"""Choice of a form's threads, its options, and its environment."""

LEFT = ("OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
"""Variables of the caller that would decide instead."""

LOOP = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
"""Never rests, and ends with the benchmark."""


def arguments(graph: str, data_root: str, folder: Path) -> list[str]:
    """Arguments of `tvgnn cluster` for a graph."""
    if graph[0].isdigit():
        from planted import written

        return [written(graph, folder), "-k", "10", "--hidden", "64"]
    if Path(graph).suffix:
        return [graph, "-k", "2" if "karate" in graph else "4"]
    return [graph, "--data-root", data_root, "--offline"]


@contextmanager
def beside(loops: int) -> Iterator[None]:
    """With so many processes that never rest."""
    running = [subprocess.Popen([sys.executable, "-c", LOOP]) for _ in range(loops)]
    try:
        yield
    finally:
        for process in running:
            process.kill()
            process.wait()


def measured(form: str, options: Sequence[str], folder: Path) -> tuple[float, float, int]:
    """Seconds of the wall's clock and of the processor that a run takes, and its threads."""
    (choice, *own), environment = FORMS[form]
    kept = {name: value for name, value in os.environ.items() if name not in LEFT}
    command = [sys.executable, "-c", DRIVER, choice, "cluster", *options, *own, "-q"]
    command += ["-o", str(folder / "c.csv"), "--metrics", str(folder / "m.csv")]
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, env={**kept, **environment}, check=True)
    wall, after = time.perf_counter() - start, os.times()
    spent = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    return wall, spent, int(pd.read_csv(folder / "m.csv").threads[0])


def compare(graph: str, state: str, options: Sequence[str], repeats: int) -> dict[str, object]:
    """One graph in one state of the machine: seconds by form, and their ratios."""
    found: dict[str, list[tuple[float, float, int]]] = {form: [] for form in FORMS}
    with tempfile.TemporaryDirectory() as folder, beside(CORES * (state == "busy")):
        for form in FORMS:
            measured(form, options, Path(folder))  # into the system's cache
        for _ in range(repeats):
            for form, runs in found.items():
                runs.append(measured(form, options, Path(folder)))
    row: dict[str, object] = {"graph": graph, "state": state, "threads": found["default"][0][2]}
    wall = {form: statistics.median(run[0] for run in runs) for form, runs in found.items()}
    for form, runs in found.items():
        row[form] = round(wall[form], 3)
        row[f"{form}_cpu"] = round(statistics.median(run[1] for run in runs), 3)
    row["over_better"] = round(wall["default"] / min(wall["one"], wall["two"]), 3)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", metavar="GRAPH", default=GRAPHS)
    parser.add_argument("--data-root", default=os.environ.get("TVGNN_DATA_ROOT", "data"))
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--state", action="append", choices=["idle", "busy"])
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for graph in given.graphs:
            options = arguments(graph, given.data_root, Path(folder))
            for state in given.state or ["idle", "busy"]:
                rows.append(compare(graph, state, options, given.repeats))
                print(pd.DataFrame(rows[-1:]).to_string(index=False), flush=True)
    table = pd.DataFrame(rows)
    print(table.to_string(index=False))
    worst = table.loc[table.over_better.idxmax()]
    where = f"{worst.graph}, {worst.state}"
    print(f"worst: {worst.over_better:.2f} times the better of one thread and two ({where})")
    if given.out is not None:
        table.to_csv(given.out, index=False)


if __name__ == "__main__":
    main()
