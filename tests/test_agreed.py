"""Labellings of the same vertices: clusters matched one to one, and what they agree on."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.agreement import adjusted_rand_index
from tvgnn_cli.graph.consensus import agree, averaged
from tvgnn_cli.graph.matching import matching


def renamed(labels, seed):
    """The same partition, its clusters numbered otherwise."""
    order = np.random.default_rng(seed).permutation(int(labels.max()) + 1)
    return order[labels]


# Matching


@pytest.mark.parametrize("seed", range(40))
def test_matching_is_the_best_one_to_one(seed):
    random = np.random.default_rng(seed)
    first, second = (random.integers(-1, random.integers(1, 9), 30) for _ in range(2))
    first[0] = second[0] = 0
    table = np.zeros((second.max() + 1, first.max() + 1))
    both = (first >= 0) & (second >= 0)
    np.add.at(table, (second[both], first[both]), 1)
    found = matching(first, second)
    is_matched = found >= 0
    assert len(set(found[is_matched])) == is_matched.sum()
    rows, columns = linear_sum_assignment(table, maximize=True)
    assert table[is_matched, found[is_matched]].sum() == table[rows, columns].sum()


def test_clusters_with_nothing_in_common_are_matched_with_none():
    first, second = np.array([0, 0, 1, -1, -1]), np.array([-1, -1, 0, 1, 1])
    assert matching(first, second).tolist() == [1, -1]


def test_clusters_of_one_vertex_take_no_time():
    n = 200_000
    singles, halves = np.arange(n), np.arange(n) % 2
    assert matching(singles, singles[::-1]).tolist() == list(range(n))[::-1]
    assert (matching(halves, singles) >= 0).sum() == 2
    assert (matching(singles, halves) >= 0).all()


# Agreement


def test_a_majority_decides_and_stability_is_its_share():
    labellings = [np.array(each) for each in (
        [0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 0],
    )]  # fmt: skip
    found = agree(labellings)
    # Of vertex 2 two say the one and two the other; where it stays the reference decides.
    assert found.stability.tolist() == [1, 1, 0.5, 1, 1, 0.75]
    assert found.labels[[0, 1]].tolist() == [found.labels[0]] * 2
    assert found.labels[3:].tolist() == [1 - found.labels[0]] * 3


def test_stability_is_low_for_the_vertices_that_were_moved_and_for_no_other():
    random = np.random.default_rng(0)
    truth = np.repeat(np.arange(5), [400, 300, 200, 60, 40])
    moved = random.permutation(1000)[:100]
    labellings = []
    for i in range(10):
        labels = truth.copy()
        part = moved[10 * i : 10 * i + 10]  # each is moved in one labelling
        labels[part] = (labels[part] + random.integers(1, 5, 10)) % 5
        labellings.append(renamed(labels, i))
    found = agree(labellings)
    assert found.labels.tolist() == truth.tolist()
    expected = np.ones(1000, dtype=np.float32)
    expected[moved] = 0.9
    assert found.stability.tolist() == expected.tolist()


def test_noise_is_averaged_away():
    random = np.random.default_rng(1)
    truth = np.repeat(np.arange(4), 250)
    labellings = []
    for i in range(15):
        is_lost = random.random(1000) < 0.4
        labels = np.where(is_lost, random.integers(0, 4, 1000), truth)
        labellings.append(renamed(labels, i))
    found = agree(labellings)
    best = max(adjusted_rand_index(each, truth) for each in labellings)
    assert best < 0.5
    assert adjusted_rand_index(found.labels, truth) > 0.98
    assert found.agreement == pytest.approx(0.6**4, abs=0.01)


@pytest.mark.parametrize("seed", range(10))
def test_neither_order_nor_numbers_matter(seed):
    random = np.random.default_rng(seed)
    labellings = [random.integers(0, random.integers(2, 5), 12) for _ in range(4)]
    labellings[seed % 4][:3] = -1
    wanted = agree(labellings)
    for order in permutations(range(4)):
        given = [np.append(np.random.default_rng(i).permutation(9), -1)[labellings[i]]
                 for i in order]  # fmt: skip
        found = agree(given)
        assert found.labels.tolist() == wanted.labels.tolist()
        assert found.stability.tolist() == wanted.stability.tolist()
        assert found.agreement == wanted.agreement


def test_matches_say_which_cluster_is_which():
    truth = np.repeat([0, 1, 2], [5, 4, 3])
    given = [np.array([2, 0, 1])[truth], np.array([5, 0, 3])[truth]]
    found = agree(given)
    assert found.matched[0].tolist() == [1, 2, 0]
    assert found.matched[1].tolist() == [1, -1, -1, 2, -1, 0]  # which has empty clusters


def test_numbers_of_clusters_may_differ():
    truth = np.repeat(np.arange(3), 20)
    finer = truth.copy()
    finer[50:] = 3  # half of the last
    found = agree([truth, truth, finer])
    assert found.labels.tolist() == truth.tolist()
    assert found.stability.tolist() == pytest.approx([1] * 50 + [2 / 3] * 10)
    assert int(agree([truth, finer, finer]).labels.max()) == 3
    assert int(agree([truth, finer, finer], 3).labels.max()) == 2
    assert int(agree([truth, truth, finer], 4).labels.max()) == 2  # votes leave three


def test_clusters_are_merged_that_labellings_have_in_common():
    finest = np.repeat(np.arange(8), 10)
    halves, pairs = finest // 4, finest // 2
    for k, wanted in ((2, halves), (4, pairs)):
        found = agree([finest, finest // 2 * 2 + finest % 2, finest if k == 4 else halves], k)
        if k == 2:
            assert adjusted_rand_index(found.labels, wanted) == 1
        assert int(found.labels.max()) + 1 == k
    assert agree([finest, finest], 3).labels.max() == 2


def test_more_clusters_than_any_has_are_refused():
    with pytest.raises(UsageError, match="`num_clusters` is 5, and no clustering has more than 3"):
        agree([np.array([0, 1, 2]), np.array([0, 0, 1])], 5)


def test_the_same_labelling_twice_and_all_different_ones():
    labels = np.array([0, 0, 1, 1, 2])
    same = agree([labels, renamed(labels, 3)])
    assert (same.labels.tolist(), same.agreement) == ([0, 0, 1, 1, 2], 1)
    assert (same.stability == 1).all()
    random = np.random.default_rng(0)
    other = agree([random.integers(0, 3, 3000) for _ in range(6)])
    assert other.agreement == pytest.approx(0, abs=0.01)
    assert other.stability.min() >= 1 / 6
    assert other.stability.mean() < 0.6


def test_vertices_are_counted_where_they_are():
    first = np.array([0, 0, 0, 1, 1, 1, -1, -1])
    second = np.array([1, 1, -1, 0, 0, -1, 0, 1])
    third = np.array([0, 0, 0, 1, 1, 0, 1, 0])
    found = agree([first, second, third])
    assert found.labels.tolist() == [0, 0, 0, 1, 1, found.labels[5], 1, 0]
    assert found.stability.tolist() == [1, 1, 1, 1, 1, 0.5, 1, 1]


def test_vertices_that_others_lack_may_be_clusters_of_their_own():
    first = np.array([0, 0, 0, 1, 1, -1, -1, -1, -1])
    second = np.array([0, 0, 0, 1, 1, 2, 3, 3, 1])
    found = agree([first, second])
    assert found.labels.tolist() == [0, 0, 0, 1, 1, 3, 2, 2, 1]
    assert (found.stability == 1).all()
    third = np.array([1, 1, 1, 0, 0, 0, 2, 2, 0])
    found = agree([first, second, third])
    assert found.labels.tolist() == [1, 1, 1, 0, 0, 0, 2, 2, 0]
    assert found.stability.tolist() == [1, 1, 1, 1, 1, 0.5, 1, 1, 1]


def test_a_mean_of_shares_has_matched_clusters_and_weights():
    random = np.random.default_rng(0)
    shares = [random.dirichlet(np.ones(3), 50).astype(np.float32) for _ in range(7)]
    place, weights = [random.permutation(3) for _ in shares], random.random(7)
    found = averaged(place, lambda i: shares[i], 3, weights.tolist())
    aligned = [each[:, np.argsort(to)] for each, to in zip(shares, place, strict=True)]
    wanted = np.average(aligned, axis=0, weights=weights)
    np.testing.assert_allclose(found, wanted, atol=1e-6)
