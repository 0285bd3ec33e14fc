"""Threads by the work that there is for them, and how they wait."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch

import tvgnn_cli
from tests.conftest import SAMPLES
from tvgnn_cli.cli.waiting import SHORT, wait_briefly
from tvgnn_cli.config import make_config
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.run.machine import Machine
from tvgnn_cli.run.work import LEAST, OF_EDGE, multiplications, worthwhile_threads


def ring(n, x=None):
    ends = np.arange(n)
    return Graph.from_edges(index_ids(n), ends, (ends + 1) % n, x=x)


def test_multiplications_by_hand():
    config = make_config(
        {"num_clusters": 3, "hidden": 8, "mlp_hidden": 5, "layers": 2, "structural": "degree"}
    )
    dense = 10 * (3 * 8 + 8 * 8 + 5 * (8 + 3))  # three features of the degree
    edges = 10 * 2 * 2 * 8 * 2  # from either end, two layers of 8, forwards and backwards
    assert multiplications(ring(10), config) == 3 * dense + OF_EDGE * edges


def test_sparse_features_count_by_their_values_and_batches_by_their_vertices():
    x = sp.random(100, 60, 0.05, format="csr", random_state=0, dtype=np.float32)
    settings = {"num_clusters": 3, "hidden": 8, "mlp_hidden": 0, "layers": 1, "components": 0}
    settings["encoder"] = "none"
    config, whole = make_config(settings), ring(100, x)
    dense = replace(whole, x=x.toarray())
    saved = multiplications(dense, config) - multiplications(whole, config)
    assert saved == 3 * 8 * (100 * 60 - x.nnz)
    by_batch = replace(config, batch="parts", batch_size=25)
    assert multiplications(whole, by_batch) == multiplications(whole, config) / 4


def test_threads_grow_with_the_graph():
    config = make_config({"num_clusters": 4})
    found = [worthwhile_threads(ring(n), config) for n in (30, 300, 3000, 30_000, 300_000)]
    assert found[0] == found[1] == 1
    assert 1 < found[2] < found[3] < found[4]
    assert found[4] == int(multiplications(ring(300_000), config) / LEAST)


def test_a_gpu_is_taken_where_the_work_is_worth_it():
    gpu, cpu = torch.device("cuda"), torch.device("cpu")
    left_to_it, asked_for = Machine(8, gpu, is_open=True), Machine(8, gpu)
    config = make_config({"num_clusters": 4})
    small, large = ring(1000), ring(300_000)
    assert left_to_it.working_on(small, config).device == cpu
    assert left_to_it.working_on(small, config).threads == worthwhile_threads(small, config) < 8
    assert left_to_it.working_on(large, config).device == gpu
    assert left_to_it.working_on(large, config, epochs=1).device == cpu  # a model that is applied
    from_random = replace(config, init="random")
    middle = next(
        graph for graph in map(ring, range(10_000, 300_000, 10_000))
        if left_to_it.working_on(graph, from_random).device == gpu
    )  # fmt: skip
    # It will not make all of its epochs where it starts from clusters.
    assert left_to_it.working_on(middle, config).device == cpu
    assert left_to_it.working_on(middle, replace(config, restarts=4)).device == gpu
    many = replace(config, restarts=1000)
    assert left_to_it.working_on(small, many).device == gpu
    by_batch = replace(config, batch="parts")
    assert left_to_it.working_on(large, by_batch).device == gpu
    for graph in (small, large):
        taken = asked_for.working_on(graph, config)
        assert taken.device == gpu
        assert taken.threads == min(8, worthwhile_threads(graph, config))


@pytest.mark.parametrize("method", ["tvgnn", "louvain"])
def test_a_small_graph_takes_one_thread_of_those_that_it_may(method):
    settings = {} if method == "louvain" else {"epochs": 1, "num_clusters": 2}
    path = str(SAMPLES / "karate.csv")
    assert tvgnn_cli.cluster(path, method=method, threads=2, **settings).metrics["threads"] == 1


def test_a_large_graph_takes_no_more_than_it_may(monkeypatch):
    monkeypatch.setattr("tvgnn_cli.run.machine.worthwhile_threads", lambda *_: 3)
    for given, taken in ((1, 1), (2, 2), (8, 3)):
        result = tvgnn_cli.cluster(ring(8), num_clusters=2, epochs=1, hidden=4, threads=given)
        assert result.metrics["threads"] == taken


def test_threads_wait_briefly_unless_the_user_says_how():
    environment = {"HOME": "somewhere", "OPENBLAS_THREAD_TIMEOUT": "20"}
    wait_briefly(environment)
    assert environment == {"HOME": "somewhere", **SHORT, "OPENBLAS_THREAD_TIMEOUT": "20"}
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"):
        environment = {name: "1000"}
        wait_briefly(environment)
        assert environment == {name: "1000"}


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ({"num_clusters": 2, "epochs": 2}, {"reading", "preparing", "training"}),
        ({"num_clusters": "2,3", "epochs": 2}, {"reading", "choosing", "preparing", "training"}),
        ({"num_clusters": 2, "method": "kmeans"}, {"reading", "training"}),
    ],
)
def test_a_run_says_what_took_its_time(settings, parts):
    found = tvgnn_cli.cluster("planted", **settings).metrics
    laps = {name.removeprefix("seconds_"): found[name] for name in found if "seconds_" in name}
    laps.pop("per_epoch", None)
    assert set(laps) == parts
    assert all(lap > 0 for lap in laps.values())
    assert 0.5 * found["seconds"] < sum(laps.values()) <= found["seconds"] + 0.01
