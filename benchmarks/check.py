"""Check of what our epoch costs, over the matrix products in it, against a recorded ratio.

    python benchmarks/check.py [--recorded benchmarks/check.csv] [--repeats 3]
        [--tolerance .15] [--record] [GRAPH ...]

GRAPH is a number of edges, as for speed.py. The form `fused` and its `our products` run in turn,
each in a process of its own, on an otherwise idle machine; the ratio of their best seconds is held
against the recorded one. Ends with 1 where one is above it by more than the tolerance. The ratio
depends on a machine's memory: `--record` writes that of another machine, or of a change that is
meant to cost more.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd

from tvgnn_cli.machine.versions import processor

HERE = Path(__file__).parent
FORMS = ("fused", "our products")


def seconds(graph: str, form: str) -> float:
    """Seconds of one epoch, the fastest of a run."""
    command = [sys.executable, str(HERE / "speed.py"), graph, "--one", form, "--data-root", "."]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1])["fastest"])


def measured(graph: str, repeats: int) -> float:
    """Our epoch over its products."""
    best = dict.fromkeys(FORMS, float("inf"))
    for _ in range(repeats):
        for form in FORMS:
            best[form] = min(best[form], seconds(graph, form))
    return best[FORMS[0]] / best[FORMS[1]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graphs", nargs="*", default=["1e4", "1e5", "1e6"])
    parser.add_argument("--recorded", type=Path, default=HERE / "check.csv")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tolerance", type=float, default=0.15)
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    found = {graph: measured(graph, options.repeats) for graph in options.graphs}
    if options.record:
        rows = [
            {"graph": graph, "ratio": round(ratio, 3), "processor": processor(),
             "cores": os.cpu_count()}
            for graph, ratio in found.items()
        ]  # fmt: skip
        pd.DataFrame(rows).to_csv(options.recorded, index=False)
        return
    before = pd.read_csv(options.recorded, dtype={"graph": str}).set_index("graph").ratio
    for graph, ratio in found.items():
        print(f"{graph} edges: {ratio:.2f} times its products; recorded {before[graph]:.2f}")
    slower = [g for g, ratio in found.items() if ratio > before[g] * (1 + options.tolerance)]
    if slower:
        sys.exit(f"slower than recorded by more than {options.tolerance:.0%}: {', '.join(slower)}")


if __name__ == "__main__":
    main()
