"""k-means beside scikit-learn's, and where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning

from tvgnn_cli.kernels import centres as steps
from tvgnn_cli.kernels import library
from tvgnn_cli.kernels.library import NO_FUSED, absence, call
from tvgnn_cli.machine.library_threads import limited_to
from tvgnn_cli.prepare import kmeans
from tvgnn_cli.prepare.evidence import optima
from tvgnn_cli.prepare.evidence.optima import _alike
from tvgnn_cli.prepare.kmeans import Clusters, cluster_points, first_centres
from tvgnn_cli.prepare.points import BLOCK, Points, means, nearest

pytestmark = pytest.mark.filterwarnings(
    f"ignore::{ConvergenceWarning.__module__}.ConvergenceWarning"
)


def spread(n, f, dtype):
    return np.random.default_rng(0).normal(size=(n, f)).astype(dtype)


def outliers(dtype):
    """A cloud, and three points far from it."""
    drawn = np.random.default_rng(1)
    points = [drawn.normal(size=(30, 2)), 100 * drawn.normal(size=(3, 2))]
    return np.concatenate(points).astype(dtype)


CASES = {
    "a cloud": (lambda dtype: spread(600, 7, dtype), 5),
    "more than a block": (lambda dtype: spread(BLOCK + 50, 3, dtype), 3),
    "outliers": (outliers, 20),
    "fewer distinct points than clusters": (
        lambda dtype: np.repeat(spread(3, 4, dtype), 9, axis=0), 5
    ),
    "sparse": (
        lambda dtype: sp.random(300, 80, 0.05, format="csr", random_state=0, dtype=dtype), 6
    ),
}  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", CASES)
def test_the_clusters_are_those_of_scikit_learn(case, dtype):
    make, clusters = CASES[case]
    x = make(dtype)
    ours, theirs = np.random.RandomState(5), np.random.RandomState(5)
    points = Points(x)
    for _ in range(4):
        found = cluster_points(points, clusters, ours)
        expected = KMeans(clusters, n_init=1, random_state=theirs).fit(x)
        assert np.array_equal(found.labels, expected.labels_)
        assert found.inertia == pytest.approx(expected.inertia_, rel=1e-5, abs=1e-10)
    assert ours.randint(2**31) == theirs.randint(2**31)  # as many numbers were drawn


def test_dense_inertia_has_the_digits_of_scikit_learn():
    # Of starts that find the same clusters, rounding decides which is kept.
    x = spread(2000, 11, np.float32)
    found = cluster_points(Points(x), 3, np.random.RandomState(0))
    with limited_to(1):  # several threads add up in another order
        expected = KMeans(3, n_init=1, random_state=np.random.RandomState(0)).fit(x)
    assert found.inertia == float(expected.inertia_)


def test_two_clusters_far_apart_by_hand():
    x = np.array([[0.0, 0], [0, 2], [10, 0], [10, 2]])
    found = cluster_points(Points(x), 2, np.random.RandomState(0))
    assert found.labels[0] == found.labels[1] != found.labels[2] == found.labels[3]
    assert found.inertia == pytest.approx(4)  # each is 1 from its centre


def test_an_empty_cluster_takes_the_farthest_points():
    x = np.array([[0.0], [1], [2], [30], [17]])
    points = Points(x)
    labels, centres = np.zeros(5, dtype=np.int64), np.array([[-10.0], [500], [900]])
    found = means(points, labels, centres) + x.mean()
    assert found.ravel().tolist() == pytest.approx([1, 30, 17])


def test_centres_start_at_different_points():
    x = np.array([[0.0], [0], [0], [7], [7], [9]])
    for seed in range(20):
        centres = first_centres(Points(x), 3, np.random.RandomState(seed))
        assert sorted((centres - centres.min()).ravel().tolist()) == [0, 7, 9]


def test_no_memory_of_points_is_written():
    x = spread(50, 3, np.float32)
    before = x.copy()
    cluster_points(Points(x), 3, np.random.RandomState(0))
    assert np.array_equal(x, before)


@pytest.mark.parametrize("k", [3, 60])
def test_clusterings_are_alike_that_share_nearly_all(k, monkeypatch):
    random = np.random.default_rng(0)
    labels = random.integers(0, k, 500)
    renamed = random.permutation(k)[labels]
    few = np.where(np.arange(500) < 9, (renamed + 1) % k, renamed)
    more = np.where(np.arange(500) < 11, (renamed + 1) % k, renamed)
    for dense in (0, 100):
        monkeypatch.setattr(optima, "DENSE", dense)
        found = [_alike(Clusters(labels, 1.0), Clusters(each, 1.0)) for each in (few, more)]
        assert found == [True, False]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("n", "f", "k"), [(1, 3, 2), (700, 1, 1), (5000, 37, 40), (9, 5, 9)])
def test_compiled_steps_have_the_bytes_of_numpy(n, f, k, dtype, monkeypatch):
    drawn = np.random.default_rng(n)
    points = Points(drawn.normal(size=(n, f)).astype(dtype))
    centres = drawn.normal(size=(k, f)).astype(dtype)
    centres[k // 2] = centres[-1]  # of two that are as near, the first
    with monkeypatch.context() as patch:
        called = []
        patch.setattr(
            steps, "call", lambda name, *a, **b: called.append(name) or call(name, *a, **b)
        )
        labels = nearest(points, centres)
        found = means(points, labels, centres)
    assert set(called) == (set() if absence() else {"nearest_centres", "sums_of_clusters"})
    monkeypatch.setattr("tvgnn_cli.prepare.points._kernels_are_near", lambda: False)
    assert np.array_equal(labels, nearest(points, centres))
    assert found.tobytes() == means(points, labels, centres).tobytes()
    monkeypatch.undo()
    monkeypatch.setenv(NO_FUSED, "1")
    assert np.array_equal(labels, nearest(points, centres))
    assert found.tobytes() == means(points, labels, centres).tobytes()


def test_a_distance_that_is_no_number_is_the_nearest_as_for_numpy():
    if absence():
        pytest.skip("the compiled passes were not built")
    inner = np.array([[1.0, np.nan, 9, np.nan], [np.nan, 1, 2, 3]])
    assert steps.nearest_centres(inner, np.ones(4)).tolist() == [1, 0]


@pytest.mark.parametrize("share", [0.5, 0.9999999, 1.0000001, 1.02])
def test_centres_have_settled_at_the_tolerance(share):
    shift = spread(7, 13, np.float32)
    moved = float((np.sqrt((shift.astype(np.float64) ** 2).sum(axis=1)) ** 2).sum())
    assert kmeans._have_settled(shift, moved / share) == (share <= 1)
    assert not kmeans._have_settled(shift * np.nan, moved)


def skip_without(instructions):
    sets = ["avx512", "avx2", "base"]
    if absence() or sets.index(instructions) < sets.index(library.best_set()):
        pytest.skip("these passes were not built, or this machine lacks the instructions")


def too_large(dtype):
    x = spread(40, 1, dtype)  # of one column: what more of them add up to depends on their order
    x[::3] *= np.finfo(dtype).max ** 0.75
    return x


DESCENTS = {
    "many steps": (lambda dtype: spread(900, 6, dtype), 7, 300),
    "ended after two": (lambda dtype: spread(900, 6, dtype), 7, 2),
    "centres without points": (
        lambda dtype: np.concatenate([outliers(dtype), outliers(dtype)]), 24, 300
    ),
    "one cluster": (lambda dtype: spread(20, 3, dtype), 1, 300),
    "as many clusters as points": (lambda dtype: spread(19, 40, dtype), 19, 300),
    "squares beyond all numbers": (lambda dtype: too_large(dtype), 5, 300),
}  # fmt: skip


def _by_first_point(labels, centres):
    """Clusters in the order of their first points."""
    _, first = np.unique(labels, return_index=True)
    order = labels[np.sort(first)]
    return np.argsort(order)[np.searchsorted(np.sort(order), labels)], centres[order]


@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
@pytest.mark.parametrize("instructions", ["avx512", "avx2", "base"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", DESCENTS)
def test_compiled_iterations_end_where_single_steps_do(case, dtype, instructions, monkeypatch):
    skip_without(instructions)
    make, k, most = DESCENTS[case]
    points = Points(make(dtype))
    monkeypatch.setattr(kmeans, "MOST_STEPS", most)
    for seed in range(5):
        starts = points.rows(np.random.default_rng(seed).integers(len(points), size=k))
        found = []
        for best_set in (instructions, None):
            with monkeypatch.context() as patch:
                if best_set is None:
                    patch.setattr(Points, "lloyd", lambda *_: None)
                else:
                    patch.setattr(library, "best_set", lambda best_set=best_set: best_set)
                found.append(kmeans._descended(points, starts.copy()))
        if k == len(points):  # noise below the last digit numbers clusters of one point each
            found = [_by_first_point(*each) for each in found]
        (labels, centres), (expected, means_of_them) = found
        assert np.array_equal(labels, expected)
        np.testing.assert_allclose(centres, means_of_them, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize("instructions", ["avx512", "avx2", "base"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_any_number_of_threads_gives_the_same_bytes(dtype, instructions, monkeypatch):
    skip_without(instructions)
    monkeypatch.setattr(library, "best_set", lambda: instructions)
    x, before = spread(4001, 37, dtype), torch.get_num_threads()
    found = []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            labels, centres = np.full(len(x), -1), x[:9].copy()
            taken = steps.lloyd(x, labels, centres, 0.0, 6)
            found.append((taken, labels.tobytes(), centres.tobytes()))
    finally:
        torch.set_num_threads(before)
    assert found[0][0] == steps.Steps(taken=6, changed=True, settled=False, empty=False)
    assert found[0] == found[1] == found[2]
    sums, sizes = steps.sums_of_clusters(x, labels, 9)
    np.testing.assert_allclose(centres, sums / sizes[:, None], rtol=1e-5)


def test_labels_that_none_changes_end_the_steps_however_far_centres_move():
    if absence():
        pytest.skip("the compiled passes were not built")
    x = np.array([[0.0], [2], [10], [14]])
    labels, centres = np.array([0, 0, 1, 1]), np.array([[-1.0], [20]])
    found = steps.lloyd(x, labels, centres, 0.0, 9)
    assert found == steps.Steps(taken=1, changed=False, settled=True, empty=False)
    assert centres.tolist() == [[1], [12]]


def test_points_and_labels_of_other_numbers_are_refused():
    x, labels = spread(4, 2, np.float32), np.zeros(4, dtype=np.int64)
    for wrong in ((x, labels[:3], x), (x, labels, x[:0]), (x, labels, x[:, :1])):
        with pytest.raises(ValueError, match=r"labels, and centres .* for \(4, 2\) points"):
            steps.lloyd(*wrong, 0.0, 1)
