"""What memory there is to take: of the machine, of the control groups, of this process."""

from __future__ import annotations

import gc

import networkx as nx
import numpy as np
import pytest
import torch

import tvgnn_cli
from tests.conftest import make_graph
from tvgnn_cli.config import make_config
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.machine.free_memory import _left_in_groups
from tvgnn_cli.machine.libraries import is_built_for_gpus
from tvgnn_cli.machine.versions import held_memory_mb, peak_memory_mb
from tvgnn_cli.run.memory import estimate_memory_mb


def group(folder, limit, used, cached, version):
    names = {2: ("memory.max", "memory.current"), 1: ("limit_in_bytes", "usage_in_bytes")}[version]
    prefix = "" if version == 2 else "memory."
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{prefix}{names[0]}").write_text(f"{limit}\n")
    (folder / f"{prefix}{names[1]}").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {cached}\n")


@pytest.mark.parametrize("version", [1, 2])
def test_the_limit_of_a_job_is_that_of_its_steps(tmp_path, version):
    line = "0::/slurm/job_7/step_0" if version == 2 else "9:memory:/slurm/job_7/step_0"
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").write_text(f"3:cpu,cpuacct:/slurm\n{line}\n")
    base = tmp_path / "sys" / "fs" / "cgroup" / ("" if version == 2 else "memory")
    group(base / "slurm" / "job_7", 4000, 1500, 400, version)
    group(base / "slurm" / "job_7" / "step_0", "max" if version == 2 else 2**62, 900, 0, version)
    assert min(_left_in_groups(tmp_path)) == 4000 - (1500 - 400)


def test_a_group_that_is_not_seen_here_limits_nothing(tmp_path):
    assert list(_left_in_groups(tmp_path)) == []
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "cgroup").write_text("0::/../elsewhere\n")
    assert list(_left_in_groups(tmp_path)) == []


def test_memory_that_was_given_back_is_not_held():
    before = held_memory_mb()
    block = np.ones(40_000_000)
    assert held_memory_mb() > before + 300
    del block
    assert held_memory_mb() < before + 100
    assert peak_memory_mb() > before + 300


def test_a_build_of_torch_is_known_without_importing_it():
    import torch

    assert is_built_for_gpus() == (torch.version.cuda is not None or torch.version.hip is not None)


def test_blocks_that_are_filtered_count_while_batches_are_made(monkeypatch):
    x = np.ones((20_000, 100), dtype=np.float32)
    ends = np.arange(20_000)
    graph = Graph.from_edges(index_ids(20_000), ends[:-1], ends[1:], x=x)
    small = {"num_clusters": 3, "hidden": 8, "batch": "parts", "batch_size": 100}
    config = make_config({**small, "view": "both"})  # without evidence, which takes more
    monkeypatch.setattr("tvgnn_cli.run.memory.METIS_MB", 0)  # and METIS, which does too
    whole = estimate_memory_mb(graph, config)
    monkeypatch.setattr("tvgnn_cli.run.memory.WIDE", 0)
    assert whole - estimate_memory_mb(graph, config) == pytest.approx(4 * x.nbytes / 1e6)


@pytest.mark.parametrize("batch", [None, "parts"])
def test_no_tensor_waits_for_python_to_find_it(batch):
    """The command line has Python look rarely for objects that only refer to each other."""
    graph = make_graph(nx.random_partition_graph([30, 30], 0.3, 0.02, seed=0))
    gc.collect()
    gc.disable()
    try:
        tvgnn_cli.cluster(graph, 2, epochs=5, batch=batch, progress=False)
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        lost = [type(each) for each in gc.garbage if isinstance(each, torch.Tensor | np.ndarray)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert lost == []
