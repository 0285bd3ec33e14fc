"""Graphs, and the command line run inside this process."""

from __future__ import annotations

import io
import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
import typer

from tests import browser, shape_checker
from tests.forked import LOADED, ROOT, Child, Forks

# Not the kernels of GPUs, whose functions Triton reads as text.
KERNELS = [f"kernels.{path.stem}" for path in (ROOT / "tvgnn_cli" / "kernels").glob("[a-z]*.py")]
SHAPED = ("functional", "nn", "models", *KERNELS)
shape_checker.install([f"tvgnn_cli.{name}" for name in SHAPED])

if not Path("/dev/nvidia0").exists():
    # Before anything imports Triton: its interpreter then shows these kernels on the CPU.
    os.environ.setdefault("TRITON_INTERPRET", "1")

from tests import fewer_starts  # noqa: E402, F401
from tvgnn_cli.graph.edges import merge_edges  # noqa: E402
from tvgnn_cli.graph.graph import Graph, index_ids  # noqa: E402

SAMPLES = ROOT / "sample_data"
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def shapes_are_checked_again():
    """Each test checks the first calls of a function."""
    shape_checker.calls.clear()


@pytest.fixture
def quick_start(monkeypatch):
    """The network reaches the start that k-means found in half as many steps."""
    monkeypatch.setattr("tvgnn_cli.train.stages.WARM_RATE", 1e-2)


@pytest.fixture
def few_libraries(monkeypatch):
    """Memory is estimated without the libraries that other tests have loaded, or that a build of
    torch for GPUs adds.
    """
    monkeypatch.delitem(sys.modules, "torch_geometric", raising=False)
    monkeypatch.setattr("tvgnn_cli.run.memory.is_built_for_gpus", lambda: False)


@pytest.fixture
def forked_workers(monkeypatch):
    """Processes of a batch and of `jobs` are forked from one that has torch loaded; some tests of
    tests/test_batch.py and tests/test_at_once.py start them as they are started in use.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*LOADED])
    multiprocess = SimpleNamespace(get_context=lambda _: context)
    for module in ("worker", "piece_process"):
        monkeypatch.setattr(f"tvgnn_cli.jobs.{module}.multiprocessing", multiprocess)


command_of = cache(typer.main.get_command)
"""What typer makes of a command line: anew for each process, and for all calls of this one once."""


@dataclass(frozen=True)
class Outcome:
    """End of a command."""

    code: int
    out: str
    err: str


@pytest.fixture
def tvgnn(monkeypatch, capsys, tmp_path) -> Callable[..., Outcome]:
    """Run `tvgnn ARGS...` in an empty folder, with bytes on standard input if given; without the
    lines of progress that only a slow machine would print.
    """
    from tvgnn_cli.cli.main import run
    from tvgnn_cli.progress import lines

    monkeypatch.setattr("typer.main.get_command", command_of)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lines, "SECONDS_BETWEEN_LINES", 3600.0)

    def invoke(*args: object, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["tvgnn", *map(str, args)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = 0
        try:
            run()
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return invoke


@pytest.fixture(scope="session")
def forks(tmp_path_factory) -> Iterator[Forks]:
    """Start commands in processes of their own, without loading torch each time."""
    with Forks(tmp_path_factory.mktemp("said")) as made:
        yield made


@pytest.fixture
def forked_runs(forks, monkeypatch):
    """Runs of `tvgnn reproduce` are forked, too; tests/test_reproduction.py has those that start
    as they do in use.
    """

    def start(command: list[str], **_: object) -> Child:
        return forks.start(*command[3:], cwd=Path.cwd(), loaded=("torch_geometric.datasets",))

    runs = SimpleNamespace(Popen=start)
    monkeypatch.setattr("tvgnn_cli.reproduction.runner.subprocess", runs)


@pytest.fixture(scope="session")
def data_root(tmp_path_factory) -> Path:
    """The paper's citation graphs, laid out for PyTorch Geometric."""
    if not SHARED.is_dir():
        pytest.skip("the paper's data sets are not here")
    root = tmp_path_factory.mktemp("data")
    for family in ("Planetoid", "CitationFull"):
        shutil.copytree(SHARED / "pyg" / family, root / family)
    for path in root.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return root


def make_graph(network: nx.Graph, x: np.ndarray | None = None, **fields: object) -> Graph:
    """A networkx graph on 0 ... n - 1 in our form."""
    pairs = np.array(list(network.edges), dtype=np.int64).reshape(-1, 2)
    edges = merge_edges(pairs[:, 0], pairs[:, 1])
    ids = index_ids(network.number_of_nodes())
    return Graph(ids=ids, edge_index=edges.edge_index, x=x, counts=edges.counts, **fields)


def cliques() -> Graph:
    """Two cliques of six joined by one edge; features tell them apart, y says which is which."""
    network = nx.disjoint_union(nx.complete_graph(6), nx.complete_graph(6))
    network.add_edge(0, 6)
    y = np.repeat([0, 1], 6)
    noise = np.random.default_rng(0).normal(size=(12, 3))
    x = (np.eye(2)[y] @ np.ones((2, 3)) + np.eye(2)[y] @ np.eye(2, 3) * 3 + noise).astype("f4")
    return make_graph(network, x, y=y, class_names=("a", "b"))


@pytest.fixture
def two_cliques() -> Graph:
    """Two cliques of six, as `cliques` has them."""
    return cliques()


@pytest.fixture(scope="session")
def ten() -> Graph:
    """Two cliques of five joined by one edge, with six features of noise."""
    network = nx.disjoint_union(nx.complete_graph(5), nx.complete_graph(5))
    network.add_edge(0, 7)
    return make_graph(network, np.random.default_rng(0).normal(size=(10, 6)).astype("f4"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a device or a browser that is not here."""
    import torch

    skipped = {
        "gpu": ("there is no CUDA device", torch.cuda.is_available),
        "browser": ("there is no Chromium", browser.program),
    }
    for marker, (reason, is_here) in skipped.items():
        marked = [item for item in items if item.get_closest_marker(marker)]
        if marked and not is_here():
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=reason))
