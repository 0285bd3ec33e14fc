"""Parts, features and batches of sets of graphs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import torch

from tests.some_graphs import QUICK, networks, some_set
from tvgnn_cli import classify
from tvgnn_cli.classification import memory
from tvgnn_cli.config import make_classify_config
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.graph.graph_set import Category
from tvgnn_cli.io.graph_sets.read import read_graph_set
from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.prepare.graph_batches import GraphBatches
from tvgnn_cli.prepare.graph_features import learn_features
from tvgnn_cli.prepare.graph_splits import hold_out, stratified_folds
from tvgnn_cli.prepare.pool_sizes import pool_sizes


@pytest.mark.parametrize("share", [0.01, 0.1, 0.25, 0.5, 0.9])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_share_of_each_class_is_held_out_and_never_all_of_one(share, seed):
    random = np.random.default_rng(seed)
    y = random.choice(5, size=83, p=[0.5, 0.25, 0.15, 0.05, 0.05])
    y = np.concatenate([y, [5]])  # a class of one graph
    graphs = np.flatnonzero(random.random(len(y)) < 0.9)
    split = hold_out(graphs, y, share, seed)
    assert sorted([*split.train, *split.validation]) == graphs.tolist()
    counts = Counter(y[graphs].tolist())
    held = Counter(y[split.validation].tolist())
    assert all(held[c] < counts[c] for c in counts)
    assert all(abs(held[c] - share * counts[c]) <= 1 for c in counts)
    assert len(split.validation) >= 1
    assert abs(len(split.validation) - share * len(graphs)) <= 2
    again = hold_out(graphs, y, share, seed)
    assert again.validation.tolist() == split.validation.tolist()


def test_another_seed_holds_out_others():
    y = np.arange(40) % 2
    drawn = [hold_out(np.arange(40), y, 0.2, seed).validation.tolist() for seed in range(3)]
    assert len(set(map(tuple, drawn))) == 3


def test_folds_have_the_classes_in_the_same_shares():
    y = np.repeat([0, 1, 2], [30, 12, 7])
    graphs = np.arange(1, 49)
    folds = stratified_folds(graphs, y, 5, 3)
    assert sorted(np.concatenate([inside for _, inside in folds])) == graphs.tolist()
    for outside, inside in folds:
        assert sorted([*outside, *inside]) == graphs.tolist()
        for c in range(3):
            assert abs((y[inside] == c).sum() - (y[graphs] == c).sum() / 5) < 1
    again = stratified_folds(graphs, y, 5, 3)
    assert [i.tolist() for _, i in again] == [i.tolist() for _, i in folds]
    other = stratified_folds(graphs, y, 5, 4)
    assert [i.tolist() for _, i in other] != [i.tolist() for _, i in folds]


@pytest.mark.parametrize(("folds", "words"), [(1, "at least 2"), (0, "at least 2"), (9, "has 8")])
def test_folds_that_cannot_be(folds, words):
    with pytest.raises(UsageError, match=words):
        stratified_folds(np.arange(16), np.arange(16) % 2, folds, 0)


@pytest.mark.parametrize(
    ("sizes", "most", "expected"),
    [
        ([30, 12], 256, (15, 7)), ([3, 1], 256, (2, 2)), ([0], 256, (2, 2)), ([], 256, (2, 2)),
        ([5748], 256, (256, 128)), ([5748], None, (2874, 1437)), ([512], 256, (256, 128)),
        ([513, 100], 256, (256, 128)), ([511], 256, (255, 127)),
    ],
)  # fmt: skip
def test_sizes_of_poolings_are_half_and_quarter_of_the_largest_graph(sizes, most, expected):
    assert pool_sizes(np.array(sizes, dtype=np.int64), most) == expected


def test_attributes_are_scaled_and_kinds_are_columns():
    graphs = some_set()
    recipe = learn_features(graphs, "standard")
    x, notes = recipe.apply(graphs)
    assert x.shape == (graphs.num_vertices, 5) == (graphs.num_vertices, recipe.num_features)
    assert x.dtype == np.float32
    np.testing.assert_allclose(x[:, :2].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(x[:, :2].std(axis=0), 1, rtol=1e-6)
    codes = graphs.categories[0].codes
    expected = np.vstack([np.eye(3), np.zeros(3)])[codes]  # none where the input does not say
    np.testing.assert_array_equal(x[:, 2:], expected)
    assert notes == ()


def test_attributes_far_outside_are_brought_nearer():
    graphs = some_set()
    plain, robust = (learn_features(graphs, scaling) for scaling in ("standard", "robust"))
    np.testing.assert_array_equal(robust.apply(graphs)[0], plain.apply(graphs)[0])
    assert not robust.bounds.size
    graphs.attributes[3, 1] = 1e12
    recipe = learn_features(graphs, "robust")
    x, _ = recipe.apply(graphs)
    assert x[3, 1] == x[:, 1].max() < 6
    assert np.delete(x[:, 1], 3).std() > 0.5
    np.testing.assert_array_equal(x[:, 0], plain.apply(graphs)[0][:, 0])
    part = graphs.take([0, 1])
    np.testing.assert_array_equal(
        learn_features(graphs, "robust").apply(part)[0], x[: part.ptr[-1]]
    )
    spoilt = replace(part, attributes=np.full_like(part.attributes, 3e38))
    found = recipe.apply(spoilt)[0]
    assert found[:, 1].max() < 6
    assert found[:, 0].min() > 1e37, "nothing was far outside there"


def test_features_of_other_graphs_are_scaled_as_those_that_were_learned_from():
    graphs = some_set()
    recipe = learn_features(graphs, "standard")
    part = graphs.take([3, 1])
    whole, _ = recipe.apply(graphs)
    rows = np.concatenate([np.arange(graphs.ptr[g], graphs.ptr[g + 1]) for g in (3, 1)])
    np.testing.assert_array_equal(recipe.apply(part)[0], whole[rows])
    plain, _ = learn_features(graphs, "none").apply(graphs)
    np.testing.assert_array_equal(plain[:, :2], graphs.attributes)


def test_an_attribute_that_is_the_same_everywhere_is_zero():
    graphs = some_set()
    graphs.attributes[:, 1] = 7.3
    x, _ = learn_features(graphs, "standard").apply(graphs)
    assert np.abs(x[:, 1]).max() < 1e-5


def test_attributes_at_the_ends_of_float32_are_scaled():
    graphs = replace(some_set(4), categories=())
    signs = np.where(np.arange(graphs.num_vertices) % 2, 1, -1)
    wide = np.stack([3e38 * signs, 1e-38 * signs], axis=1).astype(np.float32)
    graphs = replace(graphs, attributes=wide)
    with np.errstate(over="raise"):
        x, _ = learn_features(graphs, "standard").apply(graphs)
    np.testing.assert_allclose(x.std(axis=0), 1, rtol=1e-4)


def test_kinds_that_are_unknown_are_none_and_are_noted():
    graphs = replace(some_set(), attributes=None)
    recipe = learn_features(graphs, "standard")
    other = Category("element", graphs.categories[0].codes, ("N", "Xx", "C"))
    x, notes = recipe.apply(replace(graphs, categories=(other,)))
    codes = graphs.categories[0].codes
    to = np.array([[0, 1, 0], [0, 0, 0], [1, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(x.toarray(), to[codes])
    assert "does not know, taken for none: Xx of 'element'" in notes[0]


def test_degrees_stand_for_features_where_there_are_none():
    graphs = replace(some_set(), attributes=None, categories=())
    recipe = learn_features(graphs, "standard")
    x, _ = recipe.apply(graphs)
    np.testing.assert_array_equal(x.toarray(), np.eye(x.shape[1])[graphs.degrees])
    star = replace(read_graph_set([nx.star_graph(30)]), name="s")
    higher, _ = recipe.apply(star)
    assert higher.shape == (31, x.shape[1])
    assert higher.toarray()[0].argmax() == recipe.highest_degree, "as the highest that it knows"


def test_graphs_without_what_the_model_learned_from_are_refused():
    graphs = some_set()
    recipe = learn_features(graphs, "standard")
    for other, words in (
        (replace(graphs, attributes=None), "have 0 attributes; the model was trained on 2"),
        (replace(graphs, attributes=graphs.attributes[:, :1]), "have 1 attributes"),
        (replace(graphs, categories=()), "no vertex labels 'element'"),
    ):
        with pytest.raises(InputError, match=words):
            recipe.apply(other)
    named = replace(graphs, attribute_names=("a", "b"))
    with pytest.raises(InputError, match="no attribute b, which the model was trained on"):
        learn_features(named, "none").apply(replace(named, attribute_names=("a", "c")))
    large = replace(graphs, attributes=np.full_like(graphs.attributes, 3e38))
    with pytest.raises(InputError, match=r"attribute 1 of graph g0 is inf after scaling"):
        replace(recipe, scale=np.full(2, 1e-3)).apply(large)


def test_attributes_are_found_by_name_in_any_order():
    graphs = replace(some_set(), attribute_names=("a", "b"))
    recipe = learn_features(graphs, "standard")
    assert graphs.attributes is not None
    turned = graphs.attributes[:, [1, 1, 0]]
    other = replace(graphs, attributes=turned, attribute_names=("b", "c", "a"))
    np.testing.assert_array_equal(recipe.apply(other)[0], recipe.apply(graphs)[0])


def test_nothing_to_tell_when_training_ends_is_refused():
    with pytest.raises(InputError, match="no class has two graphs"):
        hold_out(np.array([0, 1, 2]), np.array([0, 1, 2]), 0.1, 0)


def test_taken_graphs_are_the_graphs():
    graphs = some_set(weighted=True)
    graphs = replace(graphs, split=np.array(["train"] * 16, dtype=object))
    chosen = [5, 0, 9, 5]
    part = graphs.take(chosen)
    assert part.ids.tolist() == ["g5", "g0", "g9", "g5"]
    for i, g in enumerate(chosen):
        ours, theirs = part.take([i]), graphs.take([g])
        network = networks()[0][g]
        assert {tuple(e) for e in ours.edge_index.T.tolist()} == {
            tuple(sorted(e)) for e in network.edges
        }
        assert ours.num_vertices == len(network)
        assert ours.fingerprint() == theirs.fingerprint()
        assert (ours.y[0], ours.split[0]) == (graphs.y[g], "train")
        first, last = graphs.ptr[g], graphs.ptr[g + 1]
        np.testing.assert_array_equal(ours.attributes, graphs.attributes[first:last])
        inside = (graphs.edge_index[0] >= first) & (graphs.edge_index[0] < last)
        np.testing.assert_array_equal(ours.edge_weight, graphs.edge_weight[inside])
        codes = graphs.categories[0].codes[first:last]
        np.testing.assert_array_equal(ours.categories[0].codes, codes)
    assert graphs.take([]).num_graphs == 0


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dense", [False, True])
def test_a_batch_is_its_graphs_one_after_another(weighted, dense):
    graphs = some_set(weighted=weighted)
    graphs = graphs if dense else replace(graphs, attributes=None)
    x, _ = learn_features(graphs, "standard").apply(graphs)
    chosen = np.array([7, 2, 15, 2])
    batch = GraphBatches(graphs, x).take(chosen)
    assert batch.graphs.sizes == tuple(graphs.sizes[chosen].tolist())
    assert batch.y.tolist() == graphs.y[chosen].tolist()
    alone = []
    for g in chosen:
        part = graphs.take([g])
        own = learn_features(graphs, "standard").apply(part)[0]
        taken = GraphBatches(part, own).take(np.array([0]))
        alone.append(taken)
    to_dense = [each.x if dense else each.x.to_dense() for each in (batch, *alone)]
    torch.testing.assert_close(to_dense[0], torch.cat(to_dense[1:]), rtol=0, atol=0)
    joined = GraphTensors.joined([each.graphs.edges for each in alone])
    assert torch.equal(batch.graphs.edges.edge_index, joined.edge_index)
    if weighted:
        assert torch.equal(batch.graphs.edges.edge_weight, joined.edge_weight)
    ours, theirs = batch.graphs.edges.neighbourhoods, joined.neighbourhoods
    start = theirs.start.tolist()
    assert ours.start.tolist() == start
    for first, last in pairwise(start):
        found, expected = (
            sorted(
                zip(
                    near.neighbour[first:last].tolist(), near.edge[first:last].tolist(), strict=True
                )
            )
            for near in (ours, theirs)
        )
        assert found == expected


def test_batches_whose_matrices_are_large_are_cut_into_parts(monkeypatch):
    # 4 bytes times 12 arrays: 48 (4 * 3 + 3^2 + 3 * 2 + 2^2) for each graph of 4 vertices.
    monkeypatch.setattr(memory, "AT_ONCE", 2 * 48 * 31)
    sizes = np.array([4, 4, 4, 4, 4])
    assert memory.parts_of(sizes, (3, 2)) == [slice(0, 2), slice(2, 4), slice(4, 5)]
    assert memory.parts_of(np.array([4, 100, 4]), (3, 2)) == [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert memory.parts_of(sizes, ()) == [slice(0, 5)]


@pytest.mark.parametrize("method", ["tvgnn", "mincutpool"])
def test_the_gradient_of_a_batch_is_that_of_its_parts(monkeypatch, method):
    settings = {**QUICK, "method": method, "scaling": "none", "batch_size": 6, "epochs": 2}
    whole = classify(some_set(), **settings)
    monkeypatch.setattr(memory, "AT_ONCE", 1)
    parts = classify(some_set(), **settings)
    assert parts.metrics["loss"] == pytest.approx(whole.metrics["loss"], rel=1e-4)
    np.testing.assert_allclose(parts.probabilities, whole.probabilities, atol=1e-4)


def test_a_step_that_memory_does_not_hold_is_refused_and_may_be_tried(monkeypatch):
    monkeypatch.setattr(memory, "available_memory_mb", lambda: 0.001)
    with pytest.raises(
        UsageError, match=r"a step would take about \d+ MB.* lower `batch_size` \(8\)"
    ):
        classify(some_set(), **QUICK)
    assert classify(some_set(), ignore_memory=True, **QUICK).metrics["memory_estimate_mb"] > 0


@pytest.mark.parametrize("pools", [(64, 32), ()])
def test_memory_grows_with_what_a_step_holds(pools):
    config, graphs = make_classify_config({}), some_set()
    least = memory.estimate_memory_mb(graphs, config, pools)
    assert memory.estimate_memory_mb(graphs, replace(config, hidden=256), pools) > least
    assert memory.estimate_memory_mb(graphs, replace(config, batch_size=16), pools) > least
    if pools:
        assert memory.estimate_memory_mb(graphs, config, (128, 64)) > 2 * least


def test_too_few_graphs_to_tell_when_training_ends_are_noted():
    notes = classify(some_set(), **QUICK).notes
    assert any(
        note.startswith("graphs that decide when training ends: 2; so few") for note in notes
    )


def test_weights_count_as_memory(monkeypatch):
    graphs, config = some_set(), make_classify_config({"hidden": 4096, "layers": 3})
    assert memory.estimate_memory_mb(graphs, config, (4, 2)) > 6 * 4 * 8 * 4096**2 / 1e6
    wide = memory.estimate_memory_mb(graphs, config, (4, 2), entering=10**6)
    assert wide > 6 * 4 * 4096 * 1e6 / 1e6
    monkeypatch.setattr(memory, "available_memory_mb", lambda: 20_000)
    with pytest.raises(UsageError, match="a step would take about"):
        classify(graphs, hidden=65_536, threads=1)
