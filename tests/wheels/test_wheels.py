"""The wheels of dist/, each in an environment of its own. Run by `make test-wheel`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

FOLDER = ROOT / os.environ.get("TVGNN_TEST_WHEELS", "")
WANTED = "TVGNN_TEST_WHEELS" in os.environ
pytestmark = pytest.mark.skipif(not WANTED, reason="installs torch: run make test-wheel")

LOADED = """
import json, torch
from tvgnn_cli.kernels.library import library
maps = open("/proc/self/maps").read().split() if library() else []
print(json.dumps(sorted({path for path in maps if "libgomp" in path})))
"""
"""Prints the OpenMP runtimes that the kernels share a process with."""


class Installed:
    """A wheel in an environment that has nothing else, beside an empty folder to work in."""

    def __init__(self, wheel: Path, folder: Path) -> None:
        self.compiled = "manylinux" in wheel.name
        self.bin, self.work = folder / "env" / "bin", folder / "work"
        self.work.mkdir()
        subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
        self.run("python", "-m", "pip", "install", "--quiet", "--only-binary", ":all:",
                 "-c", ROOT / "constraints.txt", wheel)  # fmt: skip

    def run(self, *command: object) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment; no compiler and none of this checkout is in reach."""
        hidden = ("PYTHONPATH", "TVGNN_NO_FUSED", "CC")
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        name, *arguments = map(str, command)
        done = subprocess.run(
            [self.bin / name, *arguments], cwd=self.work, capture_output=True, text=True,
            env={**environment, "PATH": str(self.bin)}, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done


@pytest.fixture(scope="module", params=["manylinux", "none-any"])
def installed(request, tmp_path_factory) -> Installed:
    (wheel,) = FOLDER.glob(f"tvgnn-*{request.param}*.whl")
    return Installed(wheel, tmp_path_factory.mktemp("wheel"))


def test_it_is_what_runs(installed):
    where = installed.run("python", "-c", "import tvgnn_cli; print(tvgnn_cli.__file__)").stdout
    assert where.startswith(str(installed.bin.parent))
    assert "Usage: tvgnn" in installed.run("tvgnn", "--help").stdout


def test_it_clusters_and_says_which_kernels_it_has(installed):
    done = installed.run(
        "tvgnn", "cluster", "karate", "-k", "2", "--metrics", "m.json", "-o", "c.csv"
    )
    named = json.loads((installed.work / "m.json").read_text())["kernels"]
    assert re.search(rf"kernels +{named}", done.stderr)
    assert ("no compiled kernels" in done.stderr) == (not installed.compiled)
    if installed.compiled:
        assert named in ("avx512", "avx2", "base")
    else:
        assert named == "torch"
        assert "this installation has none" in done.stderr
    assert len((installed.work / "c.csv").read_text().splitlines()) == 35


def test_the_kernels_take_the_threads_of_torch(installed):
    runtimes = json.loads(installed.run("python", "-c", LOADED).stdout)
    assert len(runtimes) == installed.compiled
    assert all("/torch" in path for path in runtimes)
