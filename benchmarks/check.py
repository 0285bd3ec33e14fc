"""Whether our epoch still costs what it did, over the matrix products in it.

    python benchmarks/check.py [--recorded benchmarks/speed-epyc.csv] [--repeats 3]
        [--tolerance .15] [GRAPH ...]

GRAPH is a number of edges, as for speed.py. The form `fused` and its `our products` run in turn,
each in a process of its own, on an otherwise idle machine; the ratio of their best seconds is held
against that of the recorded rows. Ends with 1 where one is above it by more than the tolerance.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
FORMS = ("fused", "our products")


def seconds(graph: str, form: str) -> float:
    """Seconds of one epoch, the fastest of a run."""
    command = [sys.executable, str(HERE / "speed.py"), graph, "--one", form, "--data-root", "."]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1])["fastest"])


def recorded_ratio(rows: pd.DataFrame, graph: str) -> float:
    """The same of the rows of an earlier run."""
    ours, products = (
        float(rows[(rows.graph == graph) & (rows.form == form)].fastest.iloc[0]) for form in FORMS
    )
    return ours / products


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=["1e4", "1e5", "1e6"])
    parser.add_argument("--recorded", type=Path, default=HERE / "speed-epyc.csv")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tolerance", type=float, default=0.15)
    options = parser.parse_args()
    rows, slower = pd.read_csv(options.recorded), []
    for graph in options.graphs:
        best = dict.fromkeys(FORMS, float("inf"))
        for _ in range(options.repeats):
            for form in FORMS:
                best[form] = min(best[form], seconds(graph, form))
        ratio, before = best[FORMS[0]] / best[FORMS[1]], recorded_ratio(rows, graph)
        print(f"{graph} edges: {ratio:.2f} times its products; recorded {before:.2f}", flush=True)
        if ratio > before * (1 + options.tolerance):
            slower.append(graph)
    if slower:
        sys.exit(f"slower than recorded by more than {options.tolerance:.0%}: {', '.join(slower)}")


if __name__ == "__main__":
    main()
