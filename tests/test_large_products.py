"""Steps of a preparation that large graphs have made otherwise: they come to the same."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from tests.conftest import SAMPLES
from tvgnn_cli.graph import features
from tvgnn_cli.graph.features import columns_of
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.kernels import arrays
from tvgnn_cli.prepare import smoothing, sparse_products
from tvgnn_cli.prepare.evidence import held_back, support
from tvgnn_cli.prepare.evidence.support import of_edges
from tvgnn_cli.prepare.feature_scaling import FeatureRecipe
from tvgnn_cli.prepare.smoothing import feature_filter, normalized_adjacency
from tvgnn_cli.prepare.sparse_products import SparseMatrix, scaled_on_both_sides


def some_matrix(n: int = 300, dtype: type = np.float32) -> sp.csr_array:
    """A matrix with a row of zeros at either end, and one with most of the entries."""
    random = np.random.default_rng(0)
    dense = random.standard_normal((n, n)) * (random.random((n, n)) < 0.03)
    dense[0] = dense[-1] = 0
    dense[7] = random.standard_normal(n)
    return sp.csr_array(dense.astype(dtype))


@pytest.fixture
def large(monkeypatch):
    """Take small matrices for large ones."""
    monkeypatch.setattr(sparse_products, "MANY", 0)


@pytest.fixture(params=[1, 3])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products_are_those_of_scipy(threads, dtype):
    matrix = some_matrix(dtype=dtype)
    x = np.random.default_rng(1).standard_normal((300, 37)).astype(dtype)
    ours = SparseMatrix(matrix)
    vector = ours @ x[:, 0]
    assert len(ours._runs) == threads
    assert vector.tobytes() == (matrix @ x[:, 0]).tobytes()
    for block in (x, x[:, ::2], np.asfortranarray(x)):
        found = ours @ block
        assert (found.dtype, found.shape) == (dtype, block.shape)
        rounding = 1e-5 if dtype == np.float32 else 1e-13
        np.testing.assert_allclose(found, matrix @ block, rtol=rounding, atol=rounding)


@pytest.mark.usefixtures("large")
def test_a_product_of_two_precisions_has_the_higher_one():
    matrix, x = some_matrix(), np.random.default_rng(1).random((300, 3))
    for given in (x, x[:, 0]):
        found = SparseMatrix(matrix) @ given
        assert found.dtype == np.float64
        assert found.tobytes() == (matrix @ given).tobytes()


def test_products_with_what_must_not_be_written_to_are_silent():
    """In a process of its own: torch warns once in each."""
    script = """
import numpy as np, scipy.sparse as sp
from tvgnn_cli.prepare import sparse_products
sparse_products.MANY = 0
matrix, x = sp.eye_array(3, dtype=np.float32, format="csr"), np.ones((3, 2), dtype=np.float32)
for array in (matrix.data, matrix.indices, matrix.indptr, x):
    array.flags.writeable = False
assert (sparse_products.SparseMatrix(matrix) @ x == x).all()
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.usefixtures("large")
def test_a_product_has_the_same_bytes_for_any_number_of_threads():
    matrix, x = some_matrix(), np.random.default_rng(1).random((300, 50), dtype=np.float32)
    before, found = torch.get_num_threads(), set()
    for count in (1, 2, 5):
        torch.set_num_threads(count)
        found.add((SparseMatrix(matrix) @ x).tobytes())
    torch.set_num_threads(before)
    assert len(found) == 1


def test_small_products_are_scipys_own(monkeypatch):
    monkeypatch.setattr(SparseMatrix, "_by_kernel", None)
    matrix, x = some_matrix(), np.ones((300, 2), dtype=np.float32)
    assert (SparseMatrix(matrix) @ x).tobytes() == (matrix @ x).tobytes()


def test_the_filter_of_a_large_graph_is_made_of_these_products(large, monkeypatch):
    graph = read_graph(SAMPLES / "planted.graphml")
    recipe = FeatureRecipe("given", 20, "none", filter_steps=3, filter_keep=0.2)
    x = np.random.default_rng(3).random((graph.num_vertices, 20), dtype=np.float32)
    matrix, made = normalized_adjacency(graph), []
    wanted, step = 0.2 * x, x
    for _ in range(3):
        step = matrix @ step
        wanted = wanted + 0.8 / 3 * step
    kernel = SparseMatrix._by_kernel

    def counted(self, dense):
        made.append(dense.shape[1])
        return kernel(self, dense)

    monkeypatch.setattr(SparseMatrix, "_by_kernel", counted)
    np.testing.assert_allclose(feature_filter(graph, recipe)(x), wanted, rtol=1e-5)
    assert made == [20] * 3
    made.clear()
    monkeypatch.setattr(smoothing, "WIDE", 4 * 9 * graph.num_vertices)  # nine columns at a time
    np.testing.assert_allclose(feature_filter(graph, recipe)(x), wanted, rtol=1e-5)
    assert made == [9] * 6 + [2] * 3
    assert feature_filter(graph, recipe)(x[:, :0]).shape == (graph.num_vertices, 0)
    sparse = feature_filter(graph, recipe)(sp.csr_array(x))
    np.testing.assert_allclose(sparse.toarray(), wanted, rtol=1e-5)
    assert len(made) == 9


@pytest.mark.usefixtures("large")
def test_products_have_each_other_s_memory_for_a_while(monkeypatch):
    monkeypatch.setattr(arrays, "SMALLEST", 0)
    matrix, x = SparseMatrix(some_matrix()), np.ones((300, 5), dtype=np.float32)
    wanted = matrix @ x
    with matrix.reusing_memory(5):
        first = matrix @ x
        place = first.ctypes.data
        del first
        again = matrix @ x
        assert again.ctypes.data == place
        another = matrix @ (2 * x)
        assert another.ctypes.data != place
    np.testing.assert_array_equal(again, wanted)
    np.testing.assert_array_equal(another, 2 * wanted)


def test_some_of_the_features_lie_by_rows():
    graph = read_graph(SAMPLES / "planted.graphml")
    x = np.arange(4.0 * graph.num_vertices, dtype=np.float32).reshape(-1, 4)
    graph = replace(graph, x=x, feature_names=tuple("abcd"))
    found = held_back._with_columns(graph, np.array([1, 3]))
    assert found.x.flags.c_contiguous
    assert found.x.tobytes() == x[:, [1, 3]].tobytes()
    assert found.feature_names == ("b", "d")


def test_a_matrix_between_two_diagonals():
    matrix, factor = some_matrix(), np.random.default_rng(2).random(300).astype(np.float32)
    wanted = sp.diags_array(factor) @ matrix @ sp.diags_array(factor)
    found = scaled_on_both_sides(matrix, factor)
    assert found.toarray().tobytes() == wanted.toarray().tobytes()


def test_spreads_of_columns_by_blocks_of_rows(monkeypatch):
    x = np.random.default_rng(0).standard_normal((1001, 7)).astype(np.float32) + 30
    x[:, 3] = 0.1
    whole = columns_of(x).spread
    monkeypatch.setattr(features, "MANY", 16 * 7 * 10)
    np.testing.assert_allclose(columns_of(x).spread, whole, rtol=1e-12, atol=1e-7)
    assert columns_of(x).varies.tolist() == [True] * 3 + [False] + [True] * 3


@pytest.mark.parametrize("row", [0, 1, 7000, 9999])
def test_a_column_varies_wherever_it_does(row):
    x = np.ones((10_000, 50), dtype=np.float32)
    x[row, 5] = 2
    assert np.flatnonzero(columns_of(x).varies).tolist() == [5]
    assert not columns_of(x[:0]).varies.any()


def test_summaries_of_columns_take_no_memory_of_all_values():
    x = np.ones((2**16, 128), dtype=np.float32)
    columns = columns_of(x)
    tracemalloc.start()
    try:
        assert not columns.varies.any()
        assert not columns.spread.any()
        assert tracemalloc.get_traced_memory()[1] < x.size / 4
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("edges", ["random", "inside"])
def test_how_often_labels_meet_by_chance_is_drawn_as_rewirings_are(monkeypatch, edges):
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(5), [100, 300, 50, 500, 50])
    ends = random.integers(0, 1000, (2, 4000))
    if edges == "inside":
        ends = ends[:, labels[ends[0]] == labels[ends[1]]]
    one_by_one = of_edges(labels, ends, None, np.random.default_rng(1), 400)
    monkeypatch.setattr(support, "MOST_DRAWN", 0)
    drawn = of_edges(labels, ends, None, np.random.default_rng(2), 400)
    assert drawn.chance == pytest.approx(one_by_one.chance, rel=0.1)
    assert drawn.deviation == pytest.approx(one_by_one.deviation, rel=0.15)
    assert drawn.share == pytest.approx(one_by_one.share, abs=0.1 * one_by_one.chance)
    assert drawn.is_sure == (edges == "inside")


@pytest.mark.parametrize(
    ("ends", "clusters", "weight", "is_drawn"),
    [
        (600, 12, None, True),
        (600, 13, None, False),
        (100, 3, None, False),
        (600, 3, np.ones(600), False),
    ],
)
def test_how_often_labels_meet_is_drawn_where_that_is_sooner(
    monkeypatch, ends, clusters, weight, is_drawn
):
    monkeypatch.setattr(support, "MOST_DRAWN", 100)
    drawn, met = [], support._met
    monkeypatch.setattr(support, "_met", lambda *given: drawn.append(given) or met(*given))
    labels = np.arange(ends) % clusters
    assert len(support._rewired(labels, weight, 3, np.random.default_rng(0))) == 3
    assert len(drawn) == (3 if is_drawn else 0)


def test_labels_that_meet_by_chance_keep_their_sizes():
    sizes = np.array([6, 0, 3, 1])
    for seed in range(20):
        table = support._met(sizes, np.random.default_rng(seed))
        assert (table.sum(axis=0) + table.sum(axis=1)).tolist() == sizes.tolist()
