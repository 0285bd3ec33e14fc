"""Memory of a GPU: its estimate beside what was measured, and runs that do not fit."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import tvgnn_cli
from tests.conftest import ROOT, SAMPLES
from tvgnn_cli.cli.ending import _remedy_of
from tvgnn_cli.config import make_config
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.kernels import dense_layers, sparse_product
from tvgnn_cli.machine import device as devices
from tvgnn_cli.run import application, gpu_memory, machine
from tvgnn_cli.run.gpu_memory import (
    DEVICE,
    HOST,
    GpuNeeds,
    Sizes,
    estimate_gpu_memory_mb,
    gpu_bytes,
)
from tvgnn_cli.run.machine import check_gpu_memory, keeps_features_on_host
from tvgnn_cli.train import ahead, placed, replay, stages

GPU = torch.device("cuda")
MEASURED = {
    # vertices, columns, non-zeros where the features are sparse on the GPU, channels, clusters
    "Cora": (2708, 1433, 49216, 512, 7),
    "CiteSeer": (3327, 3703, 105165, 512, 6),
    "PubMed": (19717, 500, None, 512, 3),
    "DBLP": (17716, 1639, 92187, 512, 4),
    "1e6": (100_000, 64, None, 64, 10),
    "1e7": (1_000_000, 64, None, 64, 10),
}
"""Graphs of benchmarks/speed_gpu.py: two layers, and 256 channels in the head."""


@pytest.mark.parametrize("name", MEASURED)
def test_the_estimate_is_within_a_tenth_of_what_was_measured(name):
    table = pd.read_csv(ROOT / "benchmarks" / "speed-gpu.csv")
    row = table[(table.graph == name) & (table.form == "ours")].iloc[0]
    n, f, nnz, hidden, k = MEASURED[name]
    features = 4 * n * f if nnz is None else 16 * nnz
    weights = f * hidden + hidden**2 + 256 * (hidden + k)
    estimate = gpu_bytes(Sizes(n, row.edges, features, hidden, 2, 256, k, weights, n)) / 2**20
    assert estimate == pytest.approx(row.peak_mb, rel=0.1)


def test_the_estimate_of_a_head_that_keeps_no_hidden_values():
    weights, n = 64 * 64 * 2 + 256 * 74, 1_000_000
    sizes = Sizes(n, 9_999_049, 256e6, 64, 2, 256, 10, weights, n, fused=True)
    measured = 2334.0  # MB of 2^20 bytes, on the card of benchmarks/speed-gpu-changes.csv
    assert gpu_bytes(sizes) / 2**20 == pytest.approx(measured, rel=0.1)
    narrow = sizes._replace(n=40_000, b=40_000)
    assert gpu_bytes(narrow._replace(fused=False)) - gpu_bytes(narrow) > 4 * 40_000 * 256
    few = sizes._replace(n=2**15, b=2**15)
    assert gpu_bytes(few) == gpu_bytes(few._replace(fused=False))


def test_the_head_that_is_counted_is_the_one_that_is_used():
    graph = wide_graph(40_000, 64)
    asked = {"num_clusters": 3, "hidden": 64, "components": 0, "init": "random"}
    assert gpu_memory._sizes(graph, make_config(asked)).fused
    for settings in ({"precision": "float32"}, {"hidden": 129}, {"num_clusters": 65}):
        assert not gpu_memory._sizes(graph, make_config(asked | settings)).fused, settings
    hidden_layer = pytest.importorskip("tvgnn_cli.kernels.gpu.hidden_layer")
    limits = hidden_layer.WIDEST, hidden_layer.MOST_OUTPUTS, hidden_layer.SUMS
    assert limits == (gpu_memory.FUSED_WIDEST, gpu_memory.FUSED_OUTPUTS, gpu_memory.FUSED_SUMS)
    assert gpu_memory.FUSED_ABOVE == dense_layers.KEPT_ROWS


def test_the_estimate_knows_what_the_kernels_hold():
    assert gpu_memory.HEAD_ROWS == dense_layers.PART_ROWS_ELSEWHERE
    assert sparse_product.dense_enough(GPU) == gpu_memory.DENSE
    assert (gpu_memory.EPOCHS, gpu_memory.EPOCHS_KEPT) == (replay.MOST, replay.KEPT)
    assert gpu_memory.IN_FLIGHT == ahead.READY + 2
    assert gpu_memory.BLOCK_BYTES == placed.BLOCK_BYTES


def test_what_is_asked_between_recorded_epochs_needs_a_workspace_too():
    graph = read_graph(SAMPLES / "planted.graphml")
    for batch, more in (("full", 2**25), ("parts", 0)):
        config = make_config({"num_clusters": 3, "batch": batch, "batch_size": 20})
        alone = gpu_bytes(gpu_memory._sizes(graph, config))
        assert 1e6 * estimate_gpu_memory_mb(graph, config) - alone == pytest.approx(more, abs=1)


@pytest.mark.parametrize("batch", ["full", "parts"])
def test_each_learner_begins_without_the_workspaces_of_those_before(batch, monkeypatch):
    released = []
    monkeypatch.setattr(stages, "release_workspaces", released.append)
    options = {"epochs": 2, "batch": batch, "batch_size": 50, "restarts": 2, "device": "cpu"}
    tvgnn_cli.cluster(SAMPLES / "planted.graphml", 3, view="both", **options)
    assert len(released) >= 2
    assert set(released) == {torch.device("cpu")}
    devices.release_workspaces(torch.device("cpu"))  # which has none


def test_batches_and_fewer_channels_take_less():
    graph = read_graph(SAMPLES / "planted.graphml")
    asked = {"num_clusters": 3, "hidden": 512}
    whole = estimate_gpu_memory_mb(graph, make_config(asked))
    narrow = estimate_gpu_memory_mb(graph, make_config({**asked, "hidden": 16}))
    batches = {**asked, "batch": "parts", "batch_size": 20}
    assert estimate_gpu_memory_mb(graph, make_config(batches)) < whole
    assert narrow < whole
    weighted = make_config({**asked, "degree_weighted": True})
    assert estimate_gpu_memory_mb(graph, weighted) > whole


def test_a_run_that_does_not_fit_is_refused_with_what_helps(monkeypatch):
    graph = read_graph(SAMPLES / "planted.graphml")
    config = make_config({"num_clusters": 3})
    monkeypatch.setattr(machine, "free_gpu_memory_mb", lambda _: 50.0)
    with pytest.raises(UsageError, match="of the GPU's memory, and 50 MB are free; train") as error:
        check_gpu_memory(graph, config, GPU)
    for name in ("`batch` parts", "`hidden`", "`device` cpu", "`ignore_memory`"):
        assert name in str(error.value)
    expected = GpuNeeds(estimate_gpu_memory_mb(graph, config), "device")
    assert check_gpu_memory(graph, config, GPU, refuse=False) == expected
    monkeypatch.setattr(machine, "free_gpu_memory_mb", lambda _: 2 * expected.memory_mb)
    assert check_gpu_memory(graph, config, GPU) == expected
    assert check_gpu_memory(graph, config, torch.device("cpu")) is None


def wide_graph(n=20_000, f=600):
    """A graph of more features than anything else."""
    random = np.random.default_rng(0)
    y = np.repeat(np.arange(4), n // 4)
    x = random.normal(size=(n, f)).astype(np.float32)
    x[:, :4] += 3 * np.eye(4, dtype=np.float32)[y]
    ends = random.integers(0, n // 4, (2, 4 * n)) + n // 4 * random.integers(0, 4, 4 * n)
    return Graph.from_edges(index_ids(n), *ends, x=x)


WIDE = {
    "num_clusters": 4, "hidden": 16, "mlp_hidden": 0, "batch": "parts", "batch_size": 500,
    "components": 0, "view": "both", "init": "random", "epochs": 3, "filter_steps": 0,
}  # fmt: skip


def test_features_that_do_not_fit_stay_on_the_host(monkeypatch):
    monkeypatch.setattr(gpu_memory, "BLOCK_BYTES", 2**19)
    graph, config = wide_graph(), make_config(WIDE)
    features = 4 * 20_000 * 600 / 1e6
    there, here = (estimate_gpu_memory_mb(graph, config, place) for place in (DEVICE, HOST))
    assert there - here == pytest.approx(features)
    # Of them four batches are there, each a fortieth; the rest is edges and channels.
    assert 0.1 < (here - gpu_memory.WORKSPACE / 1e6) / features < 0.25
    free = {"enough": 1.1 * there, "for the rest": 0.9 * there, "nothing": 0.9 * here}
    found = {}
    for name, mb in free.items():
        monkeypatch.setattr(machine, "free_gpu_memory_mb", lambda _, mb=mb: mb)
        found[name] = check_gpu_memory(graph, config, GPU, refuse=False)
        assert keeps_features_on_host(graph, config, GPU) == (name != "enough")
    assert found == {
        "enough": GpuNeeds(there, DEVICE), "for the rest": GpuNeeds(here, HOST),
        "nothing": GpuNeeds(here, HOST),
    }  # fmt: skip
    with pytest.raises(
        UsageError, match=r"memory, with the features in the host's, and .* free; l"
    ):
        check_gpu_memory(graph, config, GPU)
    assert not keeps_features_on_host(graph, config, torch.device("cpu"))
    whole = make_config({**WIDE, "batch": "full"})
    assert check_gpu_memory(graph, whole, GPU, refuse=False).features_on == DEVICE


def test_blocks_of_the_host_count_where_a_pass_over_the_graph_is_narrow():
    sizes = Sizes(1_000_000, 0, 4e9, 64, 1, 0, 2, 0, 1)
    narrow = sizes._replace(hidden=1)
    blocks = 4 * gpu_memory.BLOCK_BYTES
    fixed = gpu_memory.WORKSPACE
    assert gpu_bytes(sizes, HOST) - fixed == 4 * (2 * 64 + 8) * 1e6
    assert gpu_bytes(narrow, HOST) - fixed == 4e6 + blocks
    assert gpu_bytes(narrow) - fixed == 4e9 + 4 * (2 + 8) * 1e6
    assert gpu_bytes(narrow._replace(b=1_000_000), HOST) == gpu_bytes(
        narrow._replace(b=1_000_000)
    )  # one batch of all is trained whole


def test_free_memory_is_what_the_gpu_has_and_what_torch_keeps_unused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (7_000_000, 9_000_000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 5_000_000)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: 2_000_000)
    assert devices.free_gpu_memory_mb(GPU) == 10.0
    assert devices.gpu_peak(torch.device("cpu")) == {}


def test_the_report_tells_of_gpus_where_a_network_is_trained(tvgnn, monkeypatch):
    assert "the same on a GPU:    about " in tvgnn("check", "karate", "-k", "2").out
    assert "on a GPU" not in tvgnn("check", "karate", "--method", "louvain").out
    monkeypatch.setattr(gpu_memory, "BLOCK_BYTES", 2**12)
    monkeypatch.setattr("tvgnn_cli.run.inspection.report_evidence", lambda *_: {})  # takes seconds
    np.save("x.npy", np.random.default_rng(0).normal(size=(5000, 300)).astype(np.float32))
    rows = (f"{vertex},{(vertex + 1) % 5000}" for vertex in range(5000))
    Path("g.csv").write_text("\n".join(rows) + "\n")
    narrow = ["--components", "0", "--hidden", "2", "--mlp-hidden", "0"]
    given = ["check", "g.csv", "--features", "x.npy", "-k", "2", *narrow]
    whole = tvgnn(*given)
    assert whole.code == 0
    assert "on the host" not in whole.out
    said = tvgnn(*given, "--batch", "parts", "--batch-size", "50").out
    line = re.search(r"on a GPU: .*about (\d+) MB of its memory; (\d+) MB where that is not", said)
    assert line, said
    assert int(line[1]) - int(line[2]) == pytest.approx(6, abs=1)


def test_where_a_gpu_has_no_memory_left_the_line_says_what_helps_there():
    lost = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
    assert _remedy_of(lost) == "train by --batch parts, or without the GPU by --device cpu"
    assert _remedy_of(MemoryError()) == "give it more memory, or a smaller input"


@pytest.mark.gpu
@pytest.mark.parametrize("batch", ["full", "parts"])
def test_a_run_s_peak_is_what_was_estimated(batch):
    options = {"hidden": 128, "epochs": 20, "view": "both", "batch": batch, "device": "cuda"}
    found = tvgnn_cli.cluster(SAMPLES / "planted.graphml", 3, **options).metrics
    assert found["gpu_memory_estimate_mb"] == pytest.approx(found["peak_gpu_memory_mb"], rel=0.25)


@pytest.mark.gpu
def test_features_on_the_host_give_the_same_bytes_in_less_memory(monkeypatch):
    graph, config = wide_graph(120_000, 512), make_config({**WIDE, "batch_size": 8192})
    features = 4 * 120_000 * 512 / 1e6
    there, here = (estimate_gpu_memory_mb(graph, config, place) for place in (DEVICE, HOST))
    assert there - here > 0.9 * features
    settings = {**WIDE, "batch_size": 8192, "device": "cuda"}
    found = {}
    for place, free in ((DEVICE, 1.2 * there), (HOST, 1.2 * here)):
        monkeypatch.setattr(machine, "free_gpu_memory_mb", lambda _, free=free: free)
        found[place] = tvgnn_cli.cluster(graph, **settings)
        assert found[place].metrics["features_on"] == place
    one, other = found[DEVICE], found[HOST]
    assert one.model.fingerprint() == other.model.fingerprint()
    np.testing.assert_array_equal(one.assignment, other.assignment)
    peak = {place: result.metrics["peak_gpu_memory_mb"] for place, result in found.items()}
    assert peak[DEVICE] - peak[HOST] > 0.8 * features
    assert peak[HOST] == pytest.approx(here, rel=0.25)
    monkeypatch.setattr(application, "keeps_features_on_host", lambda *_: True)
    again = tvgnn_cli.predict(other.model, graph, device="cuda")
    np.testing.assert_allclose(again.assignment, other.assignment, atol=1e-3)
