"""Time and memory of reading, beside other readers: `python benchmarks/reading.py [FORM ...]`.

Each row is a process of its own, from start to end, imports included, on random graphs that are
written first. Ours is `tvgnn check`, which also merges the edges, counts components and estimates
memory; the others read, and number the vertices where their reader does not.
"""

from __future__ import annotations

import argparse
import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

OTHERS = {
    "pandas, scipy": """
import sys, numpy as np, pandas as pd, scipy.sparse as sp
frame = pd.read_csv(sys.argv[1], sep=sys.argv[2], header=None)
codes, ids = pd.factorize(frame.to_numpy().T.ravel())
tail, head = codes.reshape(2, -1)
sp.coo_array((np.ones(len(tail)), (tail, head)), shape=(len(ids), len(ids))).tocsr()
""",
    "igraph": """
import sys, igraph
igraph.Graph.Read(sys.argv[1], format=sys.argv[2])
""",
    "networkx": """
import sys, networkx
getattr(networkx, sys.argv[2])(sys.argv[1])
""",
    "scipy": """
import sys, scipy.io
scipy.io.mmread(sys.argv[1]).tocsr()
""",
}
"""Programs by name: of the file, and of a word on it."""


def numbers(edges: int) -> Any:
    """Random ends, `[edges, 2]`, of a tenth as many vertices."""
    import numpy as np

    return np.random.default_rng(0).integers(0, edges // 10, (edges, 2))


def write_text(path: Path, edges: int) -> None:
    import pyarrow as pa
    import pyarrow.csv as pcsv

    table = pa.table(dict(zip("ab", numbers(edges).T, strict=True)))
    pcsv.write_csv(table, path, pcsv.WriteOptions(include_header=False, delimiter=" "))


def write_ids(path: Path, edges: int) -> None:
    import pyarrow as pa
    import pyarrow.csv as pcsv

    ends = [pa.array([f"gene{i}" for i in column.tolist()]) for column in numbers(edges).T]
    options = pcsv.WriteOptions(include_header=False, quoting_style="none")
    pcsv.write_csv(pa.table(dict(zip("ab", ends, strict=True))), path, options)


def write_gzip(path: Path, edges: int) -> None:
    write_ids(path.with_suffix(""), edges)
    with gzip.open(path, "wb", compresslevel=1) as target:
        target.write(path.with_suffix("").read_bytes())


def write_matrix(path: Path, edges: int) -> None:
    import numpy as np

    n = edges // 10
    with path.open("w") as target:
        target.write(f"%%MatrixMarket matrix coordinate pattern general\n{n} {n} {edges}\n")
        np.savetxt(target, numbers(edges) + 1, "%d")


def write_graphml(path: Path, edges: int) -> None:
    import numpy as np

    weights = np.random.default_rng(1).random(edges).tolist()
    with path.open("w") as target:
        target.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
            '<key id="w" for="edge" attr.name="weight" attr.type="double"/>'
            '<graph edgedefault="undirected">\n'
        )
        target.writelines(f'<node id="n{i}"/>\n' for i in range(edges // 10))
        target.writelines(
            f'<edge source="n{u}" target="n{v}"><data key="w">{w}</data></edge>\n'
            for (u, v), w in zip(numbers(edges).tolist(), weights, strict=True)
        )
        target.write("</graph></graphml>\n")


Form = tuple[str, int, Callable[[Path, int], None], dict[str, str]]
FORMS: dict[str, Form] = {
    "numbers": ("g.txt", 10**7, write_text, {"pandas, scipy": " ", "igraph": "edgelist"}),
    "text": ("g.csv", 10**7, write_ids, {"pandas, scipy": ","}),
    "gzip": ("g.csv.gz", 10**7, write_gzip, {"pandas, scipy": ","}),
    "mtx": ("g.mtx", 10**7, write_matrix, {"scipy": ""}),
    "graphml": (
        "g.graphml", 10**6, write_graphml, {"igraph": "graphml", "networkx": "read_graphml"},
    ),
    "networkx": ("g.txt", 10**6, write_text, {"networkx": "read_edgelist"}),
}  # fmt: skip
"""File, edges, what writes it, and the other readers with their word on it."""


def measured(command: list[str]) -> tuple[float, float, float]:
    """Wall and processor seconds of a process, and its peak memory in MB."""
    begun = time.perf_counter()
    quiet = os.open(os.devnull, os.O_WRONLY)
    actions = [(os.POSIX_SPAWN_DUP2, quiet, 1)]
    process = os.posix_spawn(command[0], command, dict(os.environ), file_actions=actions)
    _, status, used = os.wait4(process, 0)
    os.close(quiet)
    if status:
        raise SystemExit(f"{command} ended with {status}")
    wall = time.perf_counter() - begun
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("forms", nargs="*", metavar="FORM", help=f"of {', '.join(FORMS)}; or all")
    parser.add_argument("--scale", type=float, default=1.0, help="times as many edges")
    parser.add_argument("--write", metavar="FILE", help="only write the file of a form")
    options = parser.parse_args()
    if options.write:
        _, edges, write, _ = FORMS[options.forms[0]]
        write(Path(options.write), int(edges * options.scale))
        return
    print("| form | edges | reader | seconds | processor | peak (MB) |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for form in options.forms or FORMS:
            name, edges, _, others = FORMS[form]
            path, scale = Path(folder) / name, str(options.scale)
            # This process stays small: a child's peak counts the memory of its parent.
            writing = [__file__, form, "--scale", scale, "--write", str(path)]
            subprocess.run([sys.executable, *writing], check=True)
            programs = {"tvgnn check": [sys.executable, "-m", "tvgnn_cli", "check", str(path)]}
            for other, word in others.items():
                programs[other] = [sys.executable, "-c", OTHERS[other], str(path), word]
            for reader, command in programs.items():
                wall, processor, peak = measured(command)
                what = f"| {form} | {edges * options.scale:.0e} | {reader} "
                print(f"{what}| {wall:.1f} | {processor:.1f} | {peak:,.0f} |", flush=True)
            path.unlink()


if __name__ == "__main__":
    main()
