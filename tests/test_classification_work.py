"""Threads that batches of graphs are worth."""

from __future__ import annotations

import numpy as np
import pytest

from tests.some_graphs import SMALL, some_set
from tvgnn_cli import classify
from tvgnn_cli.classification.work import multiplications, worthwhile_threads
from tvgnn_cli.config import make_classify_config
from tvgnn_cli.graph.graph_set import GraphSet


def rings(count, size) -> GraphSet:
    tail = np.arange(count * size)
    head = tail + 1 - size * (tail % size == size - 1)
    return GraphSet.from_edges([f"g{i}" for i in range(count)], [size] * count, tail, head)


@pytest.mark.parametrize("method", ["tvgnn", "gtv", "mincutpool", "gin", "topk"])
def test_small_graphs_are_worth_one_thread(method):
    config = make_classify_config({"method": method})
    assert worthwhile_threads(rings(20, 30), config, (15, 7) if config.assigns else (), 64) == 1


def test_large_poolings_are_worth_several_and_never_more_than_are_given():
    graphs, config = rings(20, 300), make_classify_config({"method": "tvgnn", "batch_size": 16})
    few, many = (worthwhile_threads(graphs, config, sizes, 64) for sizes in [(64, 32), (300, 150)])
    assert 1 <= few < many
    assert worthwhile_threads(graphs, config, (300, 150), 3) == 3
    assert worthwhile_threads(rings(1, 300), config, (300, 150), 64) < many, "one is a batch of one"


def test_work_is_counted_by_hand():
    graphs = rings(2, 4)  # 4 vertices and 4 edges each
    config = make_classify_config(
        {"method": "tvgnn", "layers": 1, "hidden": 2, "mlp_hidden": 3, "mlp_layers": 1}
    )
    # By level: layers n h^2 + pairs h; pooling n m (h + K) + pairs K + n K^2.
    first = 4 * 4 + 25 * 8 * 2 + 4 * 3 * (2 + 2) + 25 * 8 * 2 + 4 * 4
    second = 2 * 4 + 4 * 4 * 2 + 2 * 3 * (2 + 1) + 4 * 4 * 1 + 2 * 1
    third = 1 * 4 + 4 * 1 * 2
    assert multiplications(graphs, config, (2, 1)) == 3 * (first + second + third)
    plain = make_classify_config({"method": "gin", "layers": 1, "hidden": 2})
    assert multiplications(graphs, plain, ()) == 3 * 3 * (4 * 4 + 2 * 8 * 2)


def test_results_name_the_threads_that_were_taken():
    assert classify(some_set(12), threads=2, **SMALL).metrics["threads"] == 1
