"""The rule by which lists of edges become undirected graphs."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.edges import check_weights, merge_edges
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.graph.labels import encode_labels

edge_lists = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 4).map(float)), max_size=30
)


def arrays(rows):
    tail, head, weight = (np.array(part) for part in zip(*rows, strict=True)) if rows else [[]] * 3
    return np.array(tail, int), np.array(head, int), np.array(weight, float)


@given(edge_lists)
def test_weights_are_summed_per_direction_and_the_larger_direction_counts(rows):
    sums = defaultdict(float)
    for u, v, w in rows:
        if u != v and w:
            sums[u, v] += w
    expected = {}
    for (u, v), w in sums.items():
        key = (min(u, v), max(u, v))
        expected[key] = max(expected.get(key, 0), w)
    edges = merge_edges(*arrays(rows))
    weight = np.ones(edges.edge_index.shape[1]) if edges.edge_weight is None else edges.edge_weight
    found = dict(zip(map(tuple, edges.edge_index.T.tolist()), weight.tolist(), strict=True))
    assert found == pytest.approx(expected)
    assert list(found) == sorted(found)


@given(edge_lists)
def test_every_edge_read_is_accounted_for(rows):
    edges = merge_edges(*arrays(rows))
    c = edges.counts
    gone = c.self_loops + c.zero_weight + c.repeated + c.reversed
    assert c.read == len(rows) == gone + edges.edge_index.shape[1]


@given(edge_lists, st.randoms(use_true_random=False))
def test_the_order_of_edges_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    one, other = merge_edges(*arrays(rows)), merge_edges(*arrays(shuffled))
    assert np.array_equal(one.edge_index, other.edge_index)
    assert np.array_equal(one.edge_weight, other.edge_weight)


@given(edge_lists)
def test_a_symmetric_list_is_not_doubled(rows):
    rows = list({(min(u, v), max(u, v)): (u, v, w) for u, v, w in rows}.values())
    both = rows + [(v, u, w) for u, v, w in rows]
    one, other = merge_edges(*arrays(rows)), merge_edges(*arrays(both))
    assert np.array_equal(one.edge_index, other.edge_index)
    assert np.array_equal(one.edge_weight, other.edge_weight)


def test_without_weights_an_edge_counts_once():
    edges = merge_edges(np.array([0, 0, 1, 2]), np.array([1, 1, 0, 2]))
    assert edges.edge_index.tolist() == [[0], [1]]
    assert edges.edge_weight is None
    assert (edges.counts.repeated, edges.counts.reversed, edges.counts.self_loops) == (1, 1, 1)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_weights_that_are_no_similarities(bad):
    with pytest.raises(InputError, match="edge 2 has weight"):
        check_weights(np.array([1.0, bad]), "g")


def test_labels_are_numbered_as_numbers_where_they_are_numbers():
    codes, names = encode_labels(["10", "9", "b", "9"])
    assert names == ("9", "10", "b")
    assert codes.tolist() == [1, 0, 2, 0]


def test_fingerprint_sees_what_training_sees_and_no_label():
    edges = merge_edges(np.array([0, 1]), np.array([1, 2]))
    base = Graph(index_ids(3), edges.edge_index)
    labelled = Graph(index_ids(3), edges.edge_index, y=np.array([0, 1, 1]), class_names=("a", "b"))
    weighted = Graph(index_ids(3), edges.edge_index, np.array([1.0, 2.0]))
    featured = Graph(index_ids(3), edges.edge_index, x=np.ones((3, 1), "f4"))
    assert base.fingerprint() == labelled.fingerprint()
    assert len({g.fingerprint() for g in (base, weighted, featured)}) == 3
