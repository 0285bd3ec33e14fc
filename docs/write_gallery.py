"""Draw the pictures of docs/gallery.md, from the graphs that come with tvgnn.

Run: python docs/write_gallery.py
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

from PIL import Image

from tvgnn_cli.cli.main import run

FOLDER = Path(__file__).parent / "gallery"

RUNS = (
    "tvgnn cluster planted -o planted.csv --save planted.tvgnn",
    "tvgnn cluster karate -k 2 -o karate.csv",
    "tvgnn cluster planted --method louvain -o louvain.csv",
)
"""Commands whose files the pictures are of."""

PICTURES = {
    "planted-graph.png": "tvgnn plot graph planted planted.csv",
    "planted-sizes.png": "tvgnn plot sizes planted planted.csv",
    "planted-cut.png": "tvgnn plot cut planted planted.csv",
    "planted-confidence.png": "tvgnn plot confidence planted planted.csv",
    "planted-blocks.png": "tvgnn plot blocks planted.csv",
    "planted-loss.png": "tvgnn plot loss planted.tvgnn",
    "karate-graph.svg": "tvgnn plot graph karate karate.csv",
    "louvain-confidence.svg": "tvgnn plot confidence planted louvain.csv",
    "planted-levels.png": "tvgnn plot levels planted louvain.csv",
    "planted-sweep.png": "tvgnn sweep planted -k 2..8 -o sweep.csv",
}
"""The command of each picture, without the option that names it."""

FIRST = "first.png"
"""The picture that README.md begins with: figures of one graph beside each other."""

PLACED = (("planted-sizes.png", "planted-confidence.png"), ("planted-graph.png",),
          ("planted-cut.png",))  # fmt: skip
"""Pictures in its columns, from the top down."""

SPACE = 20
"""Pixels between these."""


def draw(folder: Path) -> None:
    """Draw all pictures into a folder.

    Raises:
        RuntimeError: a command fails.
    """
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as work, contextlib.chdir(work):
        for line in RUNS:
            _run(line.split())
        for name, line in PICTURES.items():
            option = "--plot" if " sweep " in line else "-o"
            _run([*line.split(), option, str(folder / name)])
    _place(folder)


def _run(words: Sequence[str]) -> None:
    quiet = [] if words[1] == "plot" else ["-q"]
    with mock.patch.object(sys, "argv", [*words, *quiet]):
        try:
            run()
        except SystemExit as end:
            if end.code:
                raise RuntimeError(f"{' '.join(words)} ended with {end.code}") from None


def _place(folder: Path) -> None:
    """Make the first picture of others."""
    columns = [[Image.open(folder / name).convert("RGB") for name in names] for names in PLACED]
    width = sum(max(each.width for each in column) + SPACE for column in columns) - SPACE
    height = max(sum(each.height + SPACE for each in column) - SPACE for column in columns)
    whole = Image.new("RGB", (width, height), "white")
    for column, left, top in _corners(columns, height):
        whole.paste(column, (left, top))
    small = whole.resize((width * 2 // 3, height * 2 // 3), Image.Resampling.LANCZOS)
    small.quantize(256, dither=Image.Dither.NONE).save(folder / FIRST, optimize=True)


def _corners(
    columns: Sequence[Sequence[Image.Image]], height: int
) -> Iterator[tuple[Image.Image, int, int]]:
    """Pictures with their upper left corners, each column in the middle of the height."""
    left = 0
    for column in columns:
        top = (height - sum(each.height + SPACE for each in column) + SPACE) // 2
        for each in column:
            yield each, left, top
            top += each.height + SPACE
        left += max(each.width for each in column) + SPACE


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    draw(FOLDER.resolve())
