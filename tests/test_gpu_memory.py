"""Memory of a GPU: its estimate beside what was measured, and runs that do not fit."""

from __future__ import annotations

import pandas as pd
import pytest
import torch

import tvgnn_cli
from tests.conftest import ROOT, SAMPLES
from tvgnn_cli.cli.ending import _remedy_of
from tvgnn_cli.config import make_config
from tvgnn_cli.errors import UsageError
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.kernels import dense_layers, sparse_product
from tvgnn_cli.machine import device as devices
from tvgnn_cli.run import gpu_memory, machine
from tvgnn_cli.run.gpu_memory import Sizes, estimate_gpu_memory_mb, gpu_bytes
from tvgnn_cli.run.machine import check_gpu_memory
from tvgnn_cli.train import replay

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


def test_the_estimate_knows_what_the_kernels_hold():
    assert gpu_memory.HEAD_ROWS == dense_layers.PART_ROWS_ELSEWHERE
    assert sparse_product.dense_enough(GPU) == gpu_memory.DENSE
    assert (gpu_memory.EPOCHS, gpu_memory.EPOCHS_KEPT) == (replay.MOST, replay.KEPT)


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
    expected = estimate_gpu_memory_mb(graph, config)
    assert check_gpu_memory(graph, config, GPU, refuse=False) == expected
    monkeypatch.setattr(machine, "free_gpu_memory_mb", lambda _: 2 * expected)
    assert check_gpu_memory(graph, config, GPU) == expected
    assert check_gpu_memory(graph, config, torch.device("cpu")) is None


def test_free_memory_is_what_the_gpu_has_and_what_torch_keeps_unused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (7_000_000, 9_000_000))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 5_000_000)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: 2_000_000)
    assert devices.free_gpu_memory_mb(GPU) == 10.0
    assert devices.gpu_peak(torch.device("cpu")) == {}


def test_the_report_tells_of_gpus_where_a_network_is_trained(tvgnn):
    assert "the same on a GPU:    about " in tvgnn("check", "karate", "-k", "2").out
    assert "on a GPU" not in tvgnn("check", "karate", "--method", "louvain").out


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
