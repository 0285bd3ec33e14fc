"""Modularity of a graph in the forms that programs export: `python benchmarks/exports.py [N ...]`.

Planted partitions are written as CSV, and as GraphML with what Gephi, Cytoscape and yEd Live add
of themselves: colour, place, size, running numbers. The clusters should not depend on the form. The
last column says whether true labels beside the input change a byte of the clusters.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

Attributes = dict[str, tuple[str, np.ndarray | list[bool]]]


def planted(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Ends `[m, 2]` of about 8 edges a vertex, 4 of 5 inside three communities, and these `[n]`."""
    random = np.random.default_rng(seed)
    y = np.arange(n) % 3
    tail = random.integers(0, n, 8 * n)
    head = random.integers(0, n, 8 * n)
    inside = random.random(8 * n) < 0.7
    head[inside] = (head[inside] // 3 * 3 + y[tail[inside]]) % n
    pairs = np.stack([tail, head], axis=1)[tail != head]
    return np.unique(np.sort(pairs, axis=1), axis=0), y


def drawn(n: int, program: str) -> Attributes:
    """Attributes that a program writes of itself beside each vertex."""
    random = np.random.default_rng(1)
    places = {axis: ("float", 1000 * random.standard_normal(n)) for axis in "xy"}
    if program == "Gephi":
        colours = {c: ("int", random.integers(0, 256, n)) for c in "rgb"}
        return {"size": ("float", random.integers(1, 100, n)), **colours, **places}
    if program == "Cytoscape":
        return {"SUID": ("long", 70 + random.permutation(n)), "selected": ("boolean", n * [False])}
    return {"zOrder": ("int", random.permutation(n)), "Expanded": ("boolean", n * [True])}


def write_graphml(path: Path, pairs: np.ndarray, attributes: Attributes, n: int) -> None:
    keys = "".join(
        f'<key id="{name}" for="node" attr.name="{name}" attr.type="{kind}"/>\n'
        for name, (kind, _) in attributes.items()
    )
    with path.open("w") as target:
        target.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<graphml '
            f'xmlns="http://graphml.graphdrawing.org/xmlns">{keys}<graph edgedefault="undirected">'
        )
        for i in range(n):
            data = "".join(
                f'<data key="{name}">{str(values[i]).lower()}</data>'
                for name, (_, values) in attributes.items()
            )
            target.write(f'<node id="{i}">{data}</node>\n')
        target.writelines(f'<edge source="{u}" target="{v}"/>\n' for u, v in pairs.tolist())
        target.write("</graph></graphml>\n")


def modularity(graph: str, folder: Path, *more: str) -> tuple[float, bytes]:
    """Modularity and bytes of the clusters of a file."""
    command = [sys.executable, "-m", "tvgnn_cli", "cluster", graph, "-k", "3", "-q", *more]
    subprocess.run([*command, "-o", "c.csv", "--metrics", "m.json"], check=True, cwd=folder)
    found = json.loads((folder / "m.json").read_text())["modularity"]
    return found, (folder / "c.csv").read_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[100, 1000, 10_000])
    options = parser.parse_args()
    print("| vertices | form | modularity | the CSV's | labels change |")
    print("| --- | --- | --- | --- | --- |")
    for n in options.sizes:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            pairs, y = planted(n)
            lines = "".join(f"{u},{v}\n" for u, v in pairs.tolist())
            (folder / "g.csv").write_text("source,target\n" + lines)
            labels = "".join(f"{i},{c}\n" for i, c in enumerate([*y.tolist(), *[0] * 50]))
            (folder / "y.csv").write_text("id,label\n" + labels)
            names = ["g.csv"]
            for program in ("Gephi", "Cytoscape", "yEd"):
                names.append(f"{program}.graphml")
                write_graphml(folder / names[-1], pairs, drawn(n, program), n)
            plain = None
            for name in names:
                found, clusters = modularity(name, folder)
                plain = found if plain is None else plain
                _, labelled = modularity(name, folder, "--labels", "y.csv")
                change = "nothing" if clusters == labelled else "SOMETHING"
                print(f"| {n:,} | {name} | {found:.3f} | {plain:.3f} | {change} |", flush=True)


if __name__ == "__main__":
    main()
