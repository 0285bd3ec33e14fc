"""The denoising task of Appendix C.2 by TVGNN of other widths than Table 5's.

    python benchmarks/denoising.py [--out DIR] [--seeds N] [--threads N]

The published settings otherwise. Runs are kept in DIR, and the same command goes on. Prints a
Markdown table: in how many runs the three communities are found exactly, mean NMI, clusters used.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from statistics import mean

from tvgnn_cli.reproduction.synthetic import SEEDS, run_tasks
from tvgnn_cli.reproduction.trained import Runs

WIDTHS = (4, 8, 16, 64, 512)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build") / "denoising")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--threads", type=int)
    options = parser.parse_args()
    print("| channels | recovered exactly | NMI | clusters used |")
    print("| --- | --- | --- | --- |")
    for width in WIDTHS:
        runs = Runs(options.out, settings={"hidden": width}, threads=options.threads)
        rows = list(run_tasks(runs, ["denoising"], ["tvgnn"], options.seeds))
        exact, nmi = sum(row["recovered"] for row in rows), mean(row["nmi"] for row in rows)
        used = mean(row["clusters_used"] for row in rows)
        said = width, f"{exact} of {len(rows)}", f"{nmi:.3f}", f"{used:.1f}"
        print(f"| {' | '.join(map(str, said))} |", flush=True)


if __name__ == "__main__":
    main()
