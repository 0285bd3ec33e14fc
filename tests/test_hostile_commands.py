"""Files that break readers, each through its command. They are not part of this repository: the
tests are skipped where the folder beside it is absent.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, SAMPLES

HOSTILE = ROOT.parent / "shared" / "hostile"
FILES = sorted(path for path in HOSTILE.glob("*.*") if path.suffix not in (".md", ".py"))
ALLOWED = (0, 2, 3, 4)

KARATE = SAMPLES / "karate.csv"
FEW = ("-k", 2, "--epochs", 2, "-q")

COMMANDS = {
    "features": lambda name: ("cluster", KARATE, "--features", name, *FEW),
    "labels": lambda name: ("cluster", KARATE, "--labels", name, *FEW),
    "evaluate": lambda name: ("evaluate", name, "--graph", KARATE, "-q"),
    "model": lambda name: ("predict", name, KARATE, "-q"),
    "predict": lambda name: ("predict", name, KARATE, "-q"),
    "toml": lambda name: ("cluster", KARATE, "--config", name, *FEW),
    "manifest": lambda name: ("batch", name, "-q"),
    "checkpoint": lambda _: ("cluster", KARATE, "--checkpoint", "kept", *FEW),
    "shards": lambda _: ("merge", "kept", "-o", "out.csv", "-q"),
}
"""Command that reads a file, by the first word of its name; all others are graphs."""

PLACES = {"checkpoint": "kept/restart-00000.tvgnn", "shards": "kept/shard-00001-of-00002.tvgnn"}


def command(path: Path, folder: Path) -> tuple[object, ...]:
    """Put a file where its command finds it."""
    kind = re.split("[-_.]", path.name)[0]
    place = folder / PLACES.get(kind, path.name)
    place.parent.mkdir(exist_ok=True)
    shutil.copy(path, place)
    graph = lambda name: ("cluster", name, *FEW)  # noqa: E731
    return COMMANDS.get(kind, graph)(path.name)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_hostile_file_ends_in_a_result_or_a_line(tvgnn, tmp_path, path):
    done = tvgnn(*command(path, tmp_path))
    lines = done.err.splitlines()
    assert done.code in ALLOWED, done.err
    assert "Traceback" not in done.err
    assert len(lines) == (done.code != 0), done.err
    assert all(len(line) <= 300 and line.isprintable() for line in lines), done.err
