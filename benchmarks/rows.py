"""Rows of a benchmark that are written as they are made, so that it can go on where it ended."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pandas as pd


def asked(doc: str, graphs: int, out: str) -> argparse.Namespace:
    """The options of a benchmark that draws its graphs: how many of each kind, and the file of its
    rows in this folder.

    Args:
        doc: what it is, in the first line.
        graphs: of each kind, where nothing is asked for.
        out: the file, where nothing is asked for.
    """
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--graphs", type=int, default=graphs)
    parser.add_argument("--out", type=Path, default=Path("benchmarks") / out)
    return parser.parse_args()


class Rows:
    """The rows of a CSV file, each known by some of its columns.

    Args:
        path: the file, which need not be there.
        key: these columns.
    """

    def __init__(self, path: Path, *key: str) -> None:
        self.path, self.key = path, key
        self.made = pd.read_csv(path).to_dict("records") if path.exists() else []

    def __contains__(self, wanted: tuple[Any, ...]) -> bool:
        return any(tuple(row[name] for name in self.key) == wanted for row in self.made)

    def add(self, row: dict[str, Any]) -> None:
        """Keep a row, on file too."""
        self.made.append(row)
        self.frame.to_csv(self.path, index=False)

    @property
    def frame(self) -> pd.DataFrame:
        return pd.DataFrame(self.made)
