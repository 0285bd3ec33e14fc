"""Work that is done on another thread before its results are asked for."""

from __future__ import annotations

import threading

import pytest
import torch

from tests.test_batches import batches_of, random_graph
from tvgnn_cli.train import batches as module
from tvgnn_cli.train.ahead import ahead


def test_results_come_in_order_and_from_one_other_thread():
    made_by = []

    def make(number):
        made_by.append(threading.current_thread())
        return number**2

    assert list(ahead(make, range(20))) == [number**2 for number in range(20)]
    assert len(set(made_by)) == 1
    assert made_by[0] is not threading.current_thread()
    assert list(ahead(make, [])) == []


def test_no_more_than_those_that_wait_are_made():
    begun, asked = [], iter(range(100))
    results = ahead(lambda number: begun.append(number) or number, asked, ready=2)
    assert next(results) == 0
    assert next(results) == 1
    assert next(asked) == 4  # 0 and 1 were taken, 2 and 3 wait
    results.close()
    assert set(begun) <= {0, 1, 2, 3}


def test_an_error_comes_where_its_result_would_have():
    def make(number):
        if number == 3:
            raise ValueError(number)
        return number

    results = ahead(make, range(10))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="3"):
        next(results)


def test_batches_for_a_gpu_are_made_ahead_and_the_same(monkeypatch):
    batches = batches_of(random_graph(weighted=True), batch_size=30, parts_per_batch=2)
    plain = list(batches.epoch(1))
    used = []

    def watched(make, given):
        used.append(len(given))
        return ahead(make, given)

    class Gpu:
        type = "cuda"

    monkeypatch.setattr(module, "ahead", watched)
    monkeypatch.setattr(batches, "device", Gpu())
    made = batches.batch
    monkeypatch.setattr(batches, "batch", lambda parts: made_on_cpu(batches, made, parts))
    found = list(batches.epoch(1))
    assert used == [len(plain)]
    for one, other in zip(plain, found, strict=True):
        assert one.vertices.tolist() == other.vertices.tolist()
        assert torch.equal(one.data.x, other.data.x)
        assert torch.equal(one.data.graph.edge_index, other.data.graph.edge_index)
        assert torch.equal(one.counted.edge_weight, other.counted.edge_weight)


def made_on_cpu(batches, made, parts):
    gpu, batches.device = batches.device, torch.device("cpu")
    try:
        return made(parts)
    finally:
        batches.device = gpu
