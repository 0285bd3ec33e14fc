"""Features on the device or on the host: the same rows, blocks and results from either."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch

import tvgnn_cli
from tests.test_batches import CPU, random_graph
from tvgnn_cli import kernels
from tvgnn_cli.config import make_config
from tvgnn_cli.prepare.prepared import prepare
from tvgnn_cli.run import application, plan, updating
from tvgnn_cli.run.gpu_memory import DEVICE, HOST, GpuNeeds
from tvgnn_cli.train import Work, assign, fit, placed, represent
from tvgnn_cli.train.placed import OnDevice, OnHost

ROWS = 7


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Make blocks of a few rows, the last one shorter than the others, on the CPU as on a GPU."""
    monkeypatch.setattr(placed, "UNDIVIDED", ())
    monkeypatch.setattr(placed, "BLOCK_ROWS", ROWS)


@pytest.fixture
def never_whole(monkeypatch):
    """Let nobody have all features on the device, where they are kept on the host."""

    def whole(_):
        raise AssertionError("all features went to the device")

    monkeypatch.setattr(OnHost, "whole", whole)


def features(kind, n=30, f=6):
    random = np.random.default_rng(4)
    x = random.normal(size=(n, f)).astype(np.float32)
    share = {"dense": 1.0, "sparse": 0.1, "filled": 0.6}[kind]
    x *= random.random((n, f)) < share
    x[3] = 0  # a row of CSR without values
    # Blocks that by themselves would be dense, and sparse.
    if kind == "sparse":
        x[8:11] = 1 + random.random((3, f))
    elif kind == "filled":
        x[12:16] = 0
    return x if kind == "dense" else sp.csr_array(x)


def whole_of(x):
    return x if isinstance(x, np.ndarray) else x.toarray()


def dense(tensor):
    return (tensor if tensor.layout == torch.strided else tensor.to_dense()).numpy()


@pytest.mark.parametrize("place", [OnDevice, OnHost])
@pytest.mark.parametrize("kind", ["dense", "sparse", "filled"])
def test_rows_and_blocks_are_those_of_the_features(place, kind):
    source = features(kind)
    found, x = place(source, CPU), whole_of(source)
    assert (found.count, found.width, found.is_dense) == (30, 6, kind != "sparse")
    np.testing.assert_array_equal(dense(found.whole()), x)
    wanted = np.array([29, 0, 3, 7, 7])
    np.testing.assert_array_equal(dense(found.rows(wanted)), x[wanted])
    blocks = list(found.blocks())
    assert [len(dense(block)) for block in blocks] == [4] * 7 + [2]  # a power of two
    np.testing.assert_array_equal(np.concatenate([dense(block) for block in blocks]), x)
    layouts = {block.layout for block in blocks} | {found.whole().layout}
    assert layouts == {torch.sparse_csr if kind == "sparse" else torch.strided}


@pytest.mark.parametrize("kind", ["dense", "sparse", "filled"])
def test_a_function_of_rows_gives_the_same_bytes_from_either_place(kind):
    source = features(kind)
    weight = torch.randn(6, 5, generator=torch.Generator().manual_seed(0))
    seen = []

    def of_rows(rows):
        seen.append(rows.size(0))
        return kernels.feature_product(rows, weight)

    one, other = (place(source, CPU).through(of_rows) for place in (OnDevice, OnHost))
    assert torch.equal(one, other)
    torch.testing.assert_close(one, torch.from_numpy(whole_of(source)) @ weight)
    assert max(seen) == 4


def test_blocks_are_of_some_bytes_and_one_serves_a_small_graph(monkeypatch):
    monkeypatch.setattr(placed, "BLOCK_ROWS", 2**17)
    assert len(OnHost(features("dense"), CPU).slices) == 1
    monkeypatch.setattr(placed, "BLOCK_BYTES", 4 * 6 * 17)
    assert OnHost(features("dense"), CPU).slices == [slice(0, 16), slice(16, 32)]
    fewer = OnHost(features("sparse"), CPU).slices  # of two values a row, or less
    assert len(fewer) == 1
    monkeypatch.setattr(placed, "BLOCK_BYTES", 1)
    assert len(OnHost(features("dense"), CPU).slices) == 30
    assert OnHost(np.zeros((0, 3), np.float32), CPU).slices == [slice(0, 1)]
    monkeypatch.setattr(placed, "UNDIVIDED", ("cpu",))
    assert OnHost(features("dense"), CPU).slices == [slice(0, 30)]


def prepared_of(kind="dense", **settings):
    graph = random_graph(weighted=True)
    if kind != "dense":
        graph = replace(graph, x=features(kind, 120, 40))
    given = {
        "num_clusters": 3, "batch": "parts", "batch_size": 60, "parts_per_batch": 2, "epochs": 3,
        "hidden": 8, "mlp_hidden": 8, "restarts": 2, "view": "both", "components": 0,
    }  # fmt: skip
    config = make_config({**given, **settings})
    return prepare(graph, config), config


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("dense", {}),
        ("dense", {"layers": 0}),
        ("dense", {"layers": 3, "degree_weighted": True, "init": "random"}),
        ("sparse", {"filter_steps": 0, "feature_scaling": "unit", "layers": 1}),
        ("sparse", {"filter_steps": 0, "feature_scaling": "unit", "layers": 0}),
    ],
)
def test_training_never_needs_all_features_and_gives_the_same_bytes(
    quick_start, never_whole, kind, settings
):
    prepared, config = prepared_of(kind, **settings)
    assert OnDevice(prepared.x, CPU).is_dense == (kind == "dense")
    work = Work(prepared, config)
    there, here = fit(work), fit(replace(work, features_on_host=True))
    np.testing.assert_array_equal(there.assignment, here.assignment)
    assert there.run.history == here.run.history
    for name, value in there.run.state.items():
        assert torch.equal(value, here.run.state[name])
    for made in (assign, represent):
        one, other = (
            made(here.run.state, prepared, config, features_on_host=on_host)
            for on_host in (False, True)
        )
        np.testing.assert_array_equal(one, other)
        assert len(one) == 120
    np.testing.assert_array_equal(
        assign(here.run.state, prepared, config, features_on_host=True), here.assignment
    )


SETTINGS = {
    "batch": "parts", "batch_size": 60, "parts_per_batch": 2, "epochs": 3, "hidden": 8,
    "mlp_hidden": 8, "device": "cpu",
}  # fmt: skip


def test_a_run_whose_features_stay_on_the_host_says_so_and_gives_the_same(
    quick_start, never_whole, monkeypatch
):
    graph, made = random_graph(), []
    there = tvgnn_cli.cluster(graph, 3, **SETTINGS)
    assert "features_on" not in there.metrics  # of a run on the CPU

    def needs(*_):
        return GpuNeeds(12.34, HOST)

    init = OnHost.__init__

    def counted(self, *given):
        made.append(self)
        init(self, *given)

    monkeypatch.setattr(OnHost, "__init__", counted)
    for module in (plan, updating):
        monkeypatch.setattr(module, "check_gpu_memory", needs)
    monkeypatch.setattr(application, "keeps_features_on_host", lambda *_: True)
    here = tvgnn_cli.cluster(graph, 3, **SETTINGS)
    assert len(made) == 1
    assert here.metrics["features_on"] == HOST
    assert here.metrics["gpu_memory_estimate_mb"] == 12.3
    np.testing.assert_array_equal(here.assignment, there.assignment)
    assert here.model.fingerprint() == there.model.fingerprint()
    again = tvgnn_cli.predict(here.model, graph, device="cpu")
    assert len(made) == 2
    # A graph that is not trained on has its vertices in another order.
    np.testing.assert_allclose(again.assignment, here.assignment, atol=1e-5)
    assert tvgnn_cli.embed(here.model, graph, device="cpu").shape == (120, 8)
    assert len(made) == 3
    changed = tvgnn_cli.update(here.model, graph, epochs=2, device="cpu")
    assert len(made) == 5
    assert changed.metrics["features_on"] == HOST


def test_the_names_of_the_places():
    assert (DEVICE, HOST) == ("device", "host")
    assert type(placed.placed(features("dense"), CPU)) is OnDevice
    assert type(placed.placed(features("dense"), CPU, on_host=True)) is OnHost
