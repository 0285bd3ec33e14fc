"""GFLOP/s of the dense products of a layer, by torch.mm and by oneDNN in parts, in one run.

    python benchmarks/products.py [--threads 1] [--out products.csv]

Rows: vertices x in x out, of Cora, PubMed, a planted partition; the best of some repetitions, each
library in turn. `product` is `x @ weight`, `gradient of weight` is `x.T @ g`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import torch

from tvgnn_cli import kernels
from tvgnn_cli.kernels import dense_product
from tvgnn_cli.machine.versions import processor

SHAPES = [(2708, 1433, 512), (2708, 512, 512), (19717, 512, 512), (19717, 512, 256),
          (19717, 256, 512), (19717, 256, 3), (100_000, 64, 64)]  # fmt: skip
REPETITIONS = 11


def rates(n: int, f: int, h: int) -> list[dict[str, object]]:
    """A row for each product of that shape."""
    x, weight, gradient = torch.randn(n, f), torch.randn(f, h), torch.randn(n, h)
    forms: dict[str, Callable[[], torch.Tensor]] = {
        "product": lambda: dense_product.matmul(x, weight),
        "gradient of weight": lambda: dense_product.sum_of_outer(x, gradient),
    }
    rows = []
    for name, form in forms.items():
        best = {"torch.mm": float("inf"), "oneDNN": float("inf")}
        for _ in range(REPETITIONS):
            for library in best:
                chosen = library == "oneDNN"
                dense_product.prefers_onednn = lambda chosen=chosen: chosen  # type: ignore
                start = time.perf_counter()
                form()
                best[library] = min(best[library], time.perf_counter() - start)
        speed = {library: 2e-9 * n * f * h / seconds for library, seconds in best.items()}
        rows.append({"shape": f"{n} x {f} x {h}", "what": name, **speed})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if not dense_product.has_onednn():
        raise SystemExit("torch is without oneDNN here")
    chosen = "oneDNN" if dense_product.prefers_onednn() else "torch.mm"
    torch.set_num_threads(options.threads)
    with kernels.recycled_memory():
        table = pd.DataFrame([row for shape in SHAPES for row in rates(*shape)])
    print(f"{processor()}, {options.threads} threads; chosen here: {chosen}")
    print(table.to_string(index=False, float_format="{:.0f}".format))
    if options.out:
        table.to_csv(options.out, index=False)


if __name__ == "__main__":
    main()
