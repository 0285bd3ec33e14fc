"""Targets of the commands on sets of graphs."""

from __future__ import annotations

from pathlib import Path

from tvgnn_cli.io.places import is_folder


def stem_of(data: str) -> str:
    """Beginning of default names: `MUTAG` for `data/MUTAG/`, `set` for `set.jsonl.gz`."""
    named = Path(data.removeprefix("tu:"))
    stem = named.name if is_folder(named) or not named.suffix else named.name.split(".")[0]
    return stem or "graphs"
