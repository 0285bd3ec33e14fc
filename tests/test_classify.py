"""Classification of graphs from Python: parts, features, batches, training, cross-validation."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import fields, replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

import tvgnn_cli
from tests.conftest import ROOT
from tvgnn_cli import TVGNNClassifier, classify, cross_validate, embed_graphs, predict_graphs
from tvgnn_cli.classification.flow import train_on
from tvgnn_cli.classification.pools import pools_of
from tvgnn_cli.classification.training import _decay
from tvgnn_cli.config import ClassifyConfig, make_classify_config
from tvgnn_cli.config.classification import CLASSIFIERS, presets
from tvgnn_cli.errors import InputError, InterruptionError, TrainingError, UsageError
from tvgnn_cli.graph.graph_set import Category, GraphSet
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.interruption import Interruption
from tvgnn_cli.io.graph_sets.read import read_graph_set
from tvgnn_cli.jobs.cross_validation import COLUMNS
from tvgnn_cli.jobs.shard import Shard
from tvgnn_cli.kernels import GraphTensors
from tvgnn_cli.models.classifier_file import load_classifier
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.graph_batches import GraphBatches
from tvgnn_cli.prepare.graph_features import learn_features
from tvgnn_cli.prepare.graph_splits import hold_out, stratified_folds
from tvgnn_cli.prepare.pool_sizes import pool_sizes
from tvgnn_cli.reproduction import published
from tvgnn_cli.train import Checkpointing

SMALL = {"hidden": 8, "layers": 1, "epochs": 3}
QUICK = {**SMALL, "threads": 1}
PAPER = ROOT.parent / "shared" / "paper" / "tvgnn-icml2023.txt"


def networks(count: int = 16) -> tuple[list[nx.Graph], list[str]]:
    """Rings and stars in turn, and the name of each."""
    made = [nx.cycle_graph(4 + i % 5) if i % 2 else nx.star_graph(3 + i % 5) for i in range(count)]
    return made, ["ring" if i % 2 else "star" for i in range(count)]


def some_set(count: int = 16, weighted: bool = False) -> GraphSet:
    """Rings and stars with attributes and kinds of vertices."""
    made, names = networks(count)
    sizes = [len(graph) for graph in made]
    ptr = np.concatenate([[0], np.cumsum(sizes)])
    pairs = np.concatenate([np.array(g.edges) + first for g, first in zip(made, ptr, strict=False)])
    random = np.random.default_rng(0)
    weight = 0.5 + random.random(len(pairs)) if weighted else None
    n = int(ptr[-1])
    kinds = Category("element", random.integers(-1, 3, n), ("C", "N", "O"))
    return GraphSet.from_edges(
        [f"g{i}" for i in range(count)], sizes, pairs[:, 0], pairs[:, 1], weight,
        attributes=random.normal(2, 3, (n, 2)).astype(np.float32), categories=(kinds,),
        y=np.array([int(name == "star") for name in names]), class_names=("ring", "star"),
    )  # fmt: skip


def weights_of(result) -> list[bytes]:
    state = result.model.state
    return [state[name].numpy().tobytes() for name in sorted(state)]


# Parts.


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


def test_the_presets_of_the_paper_pool_without_a_bound():
    ring = nx.cycle_graph(600)
    graphs = read_graph_set([ring, nx.star_graph(3), ring, nx.star_graph(3)])
    graphs = replace(graphs, y=np.array([0, 1, 0, 1]), class_names=("ring", "star"))
    sizes = {
        preset: classify(graphs, preset=preset, **{**QUICK, "epochs": 0}).model.pool_sizes
        for preset in ("default", "MUTAG")
    }
    assert sizes == {"default": (256, 128), "MUTAG": (300, 150)}


# Features.


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


def test_classes_and_features_of_tested_graphs_change_no_byte():
    graphs = some_set()
    split = np.array(["train"] * 12 + ["test"] * 4, dtype=object)
    expected = classify(replace(graphs, split=split), **QUICK)
    attributes, y = graphs.attributes.copy(), graphs.y.copy()
    attributes[graphs.ptr[12] :] += 100
    y[13:] = len(graphs.class_names)
    names = (*graphs.class_names, "other")
    change = {"attributes": attributes, "y": y, "class_names": names, "split": split}
    found = classify(replace(graphs, **change), **QUICK)
    assert found.model.class_names == expected.model.class_names
    assert weights_of(found) == weights_of(expected)


def test_parts_of_unknown_class_are_not_counted():
    graphs = some_set()
    y = graphs.y.copy()
    y[14:] = -1
    split = np.array(["train"] * 12 + ["test"] * 4, dtype=object)
    assert classify(replace(graphs, y=y, split=split), **QUICK).metrics["graphs_test"] == 2


def test_nothing_to_tell_when_training_ends_is_refused():
    with pytest.raises(InputError, match="no class has two graphs"):
        hold_out(np.array([0, 1, 2]), np.array([0, 1, 2]), 0.1, 0)


@pytest.mark.parametrize(
    ("method", "setting"),
    [("gin", "delta"), ("gtv", "mlp_layers"), ("topk", "pool_sizes"), ("dmon", "eps")],
)
def test_settings_that_a_method_lacks_are_refused(method, setting):
    given = {"pool_sizes": "4,2"}.get(setting, 2)
    with pytest.raises(UsageError, match=f"`{setting}`: `method` {method} has no such setting"):
        make_classify_config({"method": method, setting: given})


def test_poolings_by_scores_have_no_sizes():
    result = classify(some_set(), method="topk", **QUICK)
    assert result.metrics["pool_sizes"] == ""
    assert len(result.model.network().pools) == 2


def test_a_kept_row_that_is_none_is_refused(tmp_path):
    graphs, kept = some_set(), Checkpointing(tmp_path)
    cross_validate(graphs, checkpointing=kept, **CV)
    row = next(tmp_path.glob("cv-*.json"))
    row.write_text("{}")
    with pytest.raises(InputError, match="is not a row that tvgnn saved; remove it"):
        cross_validate(graphs, checkpointing=kept, **CV)


# Some graphs of a set.


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


# Training.


def test_the_result_has_a_row_for_each_graph():
    result = classify("shapes", **QUICK)
    frame = result.to_frame()
    assert list(frame) == [
        "graph", "class", "confidence", "p_grid", "p_ring", "p_tree", "split",
    ]  # fmt: skip
    probabilities = frame[["p_grid", "p_ring", "p_tree"]].to_numpy()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert frame["confidence"].tolist() == probabilities.max(axis=1).tolist()
    names = np.array(["grid", "ring", "tree"])
    assert frame["class"].tolist() == names[probabilities.argmax(axis=1)].tolist()
    assert Counter(frame["split"]) == {"train": 27, "validation": 3, "test": 30}
    for part in ("train", "validation", "test"):
        rows = frame["split"] == part
        truth = read_graph_set("shapes").class_texts[rows]
        assert result.metrics[f"acc_{part}"] == pytest.approx(
            (frame["class"][rows] == truth).mean()
        )
        assert result.metrics[f"graphs_{part}"] == rows.sum()
    assert result.metrics["pool_sizes"] == "15,7"
    assert len(result.model.history) == result.metrics["epochs"] == 3


def test_training_learns_what_can_be_learned():
    settings = {**QUICK, "epochs": 40, "lr": 0.03, "hidden": 16}
    graphs = replace(some_set(16), attributes=None, categories=())  # of rings all degrees are 2
    assert classify(graphs, **settings).metrics["acc_train"] == 1


@pytest.mark.parametrize("method", CLASSIFIERS)
def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path, method):
    graphs = some_set(12, weighted=True)
    one, other = (classify(graphs, method=method, **QUICK) for _ in range(2))
    assert weights_of(one) == weights_of(other)
    one.write(tmp_path / "1.csv")
    other.write(tmp_path / "2.csv")
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()
    assert weights_of(classify(graphs, method=method, seed=1, **QUICK)) != weights_of(one)


def test_classes_of_graphs_that_are_for_testing_change_no_weight():
    graphs = read_graph_set("shapes")
    is_test = graphs.split == "test"
    random = np.random.default_rng(0)
    expected = classify(graphs, **QUICK)
    for change in (
        np.where(is_test, random.integers(0, 3, len(is_test)), graphs.y),
        np.where(is_test, UNKNOWN, graphs.y),
        np.where(is_test, 1, graphs.y),
    ):
        found = classify(replace(graphs, y=change), **QUICK)
        assert weights_of(found) == weights_of(expected)
        assert found.probabilities.tobytes() == expected.probabilities.tobytes()
        assert found.model.history == expected.model.history
    train = np.flatnonzero(graphs.split == "train")[0]
    other = graphs.y.copy()
    other[train] = (other[train] + 1) % 3
    assert weights_of(classify(replace(graphs, y=other), **QUICK)) != weights_of(expected)


def test_what_graphs_for_testing_hold_is_not_learned_from():
    """With features that are not scaled by all graphs, and poolings that the largest does not
    decide.
    """
    graphs = some_set(16)
    split = np.array(["train"] * 10 + ["validation"] * 2 + ["test"] * 4, dtype=object)
    graphs = replace(graphs, split=split)
    settings = {**QUICK, "scaling": "none", "pool_sizes": "4,2"}
    x = graphs.attributes.copy()
    x[graphs.ptr[12] :] *= -9
    found = classify(replace(graphs, attributes=x), **settings)
    assert weights_of(found) == weights_of(classify(graphs, **settings))
    without = graphs.take(np.arange(12))
    assert weights_of(found) == weights_of(classify(without, **settings))


def test_graphs_of_unknown_class_are_not_learned_from():
    graphs = some_set(16)
    y = graphs.y.copy()
    y[[3, 6, 11]] = UNKNOWN
    graphs = replace(graphs, y=y)
    settings = {**QUICK, "scaling": "none"}
    one = classify(graphs, **settings)
    assert [one.split[i] for i in (3, 6, 11)] == ["", "", ""]
    assert "graphs of unknown class, not learned from: 3" in one.notes
    x = graphs.attributes.copy()
    for g in (3, 6, 11):
        x[graphs.ptr[g] : graphs.ptr[g + 1]] = 50
    other = classify(replace(graphs, attributes=x), **settings)
    assert weights_of(one) == weights_of(other)
    assert one.probabilities[3].tolist() != other.probabilities[3].tolist()


def test_graphs_without_vertices_and_edges_are_learned_from():
    made = [nx.empty_graph(0), nx.empty_graph(1), nx.empty_graph(3), nx.cycle_graph(5)] * 3
    graphs = read_graph_set(made)
    graphs = replace(graphs, y=np.arange(12) // 2 % 2, class_names=("a", "b"))
    result = classify(graphs, **QUICK)
    assert np.isfinite(result.probabilities).all()
    assert "graphs without a vertex: 3; all of them look the same" in result.notes
    for g in (4, 8):
        np.testing.assert_allclose(result.probabilities[g], result.probabilities[0], rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y": None, "class_names": ()}, "no classes of graphs to learn from"),
        ({"y": np.full(16, UNKNOWN)}, "no classes of graphs to learn from"),
        ({"y": np.ones(16, dtype=np.int64)}, "all graphs are of class 'star'"),
        ({"y": np.array([0, 1] + [UNKNOWN] * 14)}, "no class has two graphs"),
        ({"split": np.array(["train", "test"] * 8, dtype=object)}, "are of 1 class"),
    ],
)
def test_sets_that_cannot_be_learned_from(change, words):
    with pytest.raises(InputError, match=words):
        classify(replace(some_set(), **change), **QUICK)


def test_settings_are_given_in_one_way():
    with pytest.raises(UsageError, match="config or single settings, not both: epochs"):
        classify(some_set(), config=ClassifyConfig(), epochs=3)
    with pytest.raises(UsageError, match="config or single settings, not both: epochs"):
        cross_validate(some_set(), config=ClassifyConfig(), epochs=3)
    with pytest.raises(UsageError, match=r"unknown setting 'epoch'\. Did you mean 'epochs'"):
        classify(some_set(), epoch=3)
    one = classify(some_set(), config=make_classify_config(SMALL), threads=1)
    assert weights_of(one) == weights_of(classify(some_set(), **QUICK))


def test_the_first_epoch_of_the_lowest_validation_loss_is_kept():
    heard = []

    class Listener(Observer):
        def phase(self, name, done=0, total=None):
            heard.append((name, done, total))

    settings = {**QUICK, "epochs": 30, "patience": 2, "lr": 0.3}
    result = classify(some_set(), observer=Listener(), **settings)
    losses = [validation for _, validation, _ in result.model.history]
    best = int(np.argmin(losses)) + 1
    assert result.metrics["best_epoch"] == best
    assert result.metrics["validation_loss"] == min(losses)
    assert result.metrics["epochs"] == min(best + 2, 30) == len(losses)
    assert [done for name, done, _ in heard if name.endswith(", epoch")] == [
        *range(1, len(losses) + 1)
    ]
    shorter = classify(some_set(), **{**settings, "epochs": best})
    assert weights_of(shorter) == weights_of(result)


def test_each_epoch_has_all_graphs_for_training_in_an_order_of_its_own(monkeypatch):
    asked, take = [], GraphBatches.take
    monkeypatch.setattr(
        GraphBatches, "take", lambda own, chosen: asked.append(chosen.tolist()) or take(own, chosen)
    )
    result = classify(some_set(), batch_size=5, **QUICK)
    train = np.flatnonzero(result.split == "train").tolist()
    held = np.flatnonzero(result.split == "validation").tolist()
    epochs = [asked[i : i + 4] for i in range(0, 12, 4)]  # three batches, and one that validates
    orders = [[g for batch in batches[:3] for g in batch] for batches in epochs]
    assert [sorted(order) for order in orders] == [train] * 3
    assert [batches[3] for batches in epochs] == [held] * 3
    assert len(set(map(tuple, orders))) == 3
    assert asked[12:] == [[*range(16)]], "the answer on all graphs"


def test_weight_decay_is_the_gradient_of_the_sum_of_squares():
    first = torch.randn(3, 2)
    weight, other, still = (torch.nn.Parameter(first.clone()) for _ in range(3))
    (weight.sin().sum() + 0.3 * weight.square().sum()).backward()
    other.sin().sum().backward()
    _decay([other, still], 0.3)
    torch.testing.assert_close(other.grad, weight.grad)
    assert still.grad is None


def test_weight_decay_draws_the_weights_of_layers_and_heads_to_zero_and_no_others():
    """Adam's first step is as long as the rate, and has the sign of the gradient, which a large
    decay decides alone.
    """
    given = {**QUICK, "lr": 1e-3, "batch_size": 100}
    start = classify(some_set(), **{**given, "epochs": 0}).model.state
    plain = classify(some_set(), **{**given, "epochs": 1}).model.state
    decayed = classify(some_set(), weight_decay=1e6, **{**given, "epochs": 1}).model.state
    for name, weight in start.items():
        expected = plain[name]
        if name.endswith("weight") and not name.startswith("output."):
            expected = weight - 1e-3 * weight.sign()
            assert not torch.allclose(expected, plain[name], atol=1e-6), name
        torch.testing.assert_close(decayed[name], expected, rtol=0, atol=1e-6)


def test_a_loss_that_is_no_number_ends_training():
    graphs = some_set()
    graphs.attributes[0, 0] = 1e30
    with pytest.raises(TrainingError, match=r"no longer a number at epoch \d; try a lower `lr`"):
        classify(graphs, **{**QUICK, "lr": 1e3, "scaling": "none", "delta": 1e6})


# A model that is kept.


def test_a_saved_model_gives_the_probabilities_of_the_one_that_was_trained(tmp_path):
    graphs = some_set(weighted=True)
    result = classify(graphs, **QUICK)
    result.save(tmp_path / "m.tvgnn")
    model = load_classifier(tmp_path / "m.tvgnn")
    assert model.fingerprint() == result.model.fingerprint()
    for entry in fields(model):
        if entry.name not in ("state", "recipe"):
            assert getattr(model, entry.name) == getattr(result.model, entry.name), entry.name
    found = predict_graphs(model, graphs, threads=1)
    assert found.probabilities.tobytes() == result.probabilities.tobytes()
    assert found.split is None
    assert "split" not in found.to_frame()
    right = np.array(["ring", "star"])[graphs.y]
    assert found.metrics["acc"] == pytest.approx((found.classes == right).mean())
    nothing = predict_graphs(model, replace(graphs, y=None, class_names=()), threads=1)
    assert nothing.metrics["acc"] is None
    others = replace(graphs, class_names=("star", "moon"))
    expected = (found.classes == np.array(["star", "moon"])[graphs.y]).mean()
    assert predict_graphs(model, others, threads=1).metrics["acc"] == pytest.approx(expected)
    few = predict_graphs(model, graphs.take([9, 2]), threads=1).probabilities
    np.testing.assert_allclose(few, result.probabilities[[9, 2]], rtol=1e-4, atol=1e-6)


def test_the_answer_is_a_linear_map_of_the_embedding():
    graphs = some_set()
    result = classify(graphs, **QUICK)
    x = embed_graphs(result.model, graphs, threads=1)
    assert (x.shape, x.dtype) == ((16, 8), np.float32)
    state = result.model.state
    logits = torch.from_numpy(x) @ state["output.weight"].t() + state["output.bias"]
    np.testing.assert_allclose(logits.softmax(dim=1), result.probabilities, rtol=1e-5)


@pytest.mark.parametrize("method", ["tvgnn", "diffpool", "mincutpool", "dmon"])
def test_assignments_of_each_level_are_in_the_simplex(method):
    graphs = some_set(18)
    model = classify(graphs, method=method, pool_sizes="5,3", **QUICK).model
    first, second = pools_of(model, graphs, threads=1)
    assert first.shape == (graphs.num_vertices, 5)
    assert second.shape == (graphs.num_vertices, 3)
    for level in (first, second):
        np.testing.assert_allclose(level.sum(axis=1), 1, rtol=1e-5)
        assert (level >= 0).all()


@pytest.mark.parametrize("method", ["gin", "gtv", "topk", "sagpool"])
def test_methods_without_assignments_have_no_pools(method):
    graphs = some_set(8)
    model = classify(graphs, method=method, **QUICK).model
    with pytest.raises(UsageError, match=f"`method` {method} has no assignments"):
        pools_of(model, graphs)


# Cross-validation.

CV = {"folds": 3, "runs": 2, "threads": 1, **SMALL}
ONCE = {**CV, "runs": 1}


class EndsAfter(Observer):
    """Asks a run to end after so many epochs."""

    def __init__(self, epochs):
        self.left, self.interruption = epochs, Interruption()

    def phase(self, name, *_):
        if name.endswith(", epoch"):
            self.left -= 1
            if self.left == 0:
                self.interruption.request("enough")


def table(found, path) -> bytes:
    found.write(path)
    return path.read_bytes()


def test_cross_validation_has_a_row_for_each_fold_and_run(tmp_path):
    graphs = some_set(18)
    found = cross_validate(graphs, seed=5, **CV)
    frame = found.to_frame()
    assert tuple(frame) == COLUMNS
    assert [(row.fold, row.run) for row in frame.itertuples()] == [
        (fold, run) for run in range(2) for fold in range(3)
    ]
    assert frame["seed"].tolist() == [5, 6, 7, 8, 9, 10]
    assert frame["graphs_test"].tolist() == [6] * 6
    assert (frame["graphs_train"] + frame["graphs_validation"] == 12).all()
    assert found.confusion.sum() == 2 * 18, "each graph once in each run"
    assert found.confusion.sum(axis=1).tolist() == [18, 18], "rows are the true classes"
    right = np.trace(found.confusion) / found.confusion.sum()
    assert found.metrics["acc"] == pytest.approx(right)
    assert found.metrics["acc"] == pytest.approx(np.mean(found.accuracies))
    assert found.metrics["acc_sd"] == pytest.approx(np.std(found.accuracies, ddof=1))
    one = table(found, tmp_path / "1.csv")
    assert table(cross_validate(graphs, seed=5, **CV), tmp_path / "2.csv") == one
    assert table(cross_validate(graphs, seed=6, **CV), tmp_path / "3.csv") != one


def test_classes_of_a_fold_change_nothing_that_is_learned_for_it():
    graphs = some_set(18)
    (outside, inside), *_ = stratified_folds(np.arange(18), graphs.y, 3, 0)
    split, config = hold_out(outside, graphs.y, 0.2, 0), make_classify_config(SMALL)
    y = graphs.y.copy()
    y[inside] = 1 - y[inside]
    one, other = (
        train_on(each, split, config, threads=1) for each in (graphs, replace(graphs, y=y))
    )
    assert weights_of(one) == weights_of(other)
    assert one.probabilities.tobytes() == other.probabilities.tobytes()


@pytest.mark.parametrize(("options", "words"), [({"folds": 9}, "has 8"), ({"runs": 0}, "`runs`")])
def test_cross_validations_that_cannot_be(options, words):
    with pytest.raises(UsageError, match=words):
        cross_validate(some_set(16), **{**CV, **options})


def test_shards_in_one_folder_come_to_what_one_process_does(tmp_path):
    graphs = some_set(12)
    whole = table(cross_validate(graphs, **CV), tmp_path / "whole.csv")
    kept = Checkpointing(tmp_path / "c")
    for index in (2, 1):
        part = Shard(index, 2).part(6)
        found = cross_validate(graphs, only=part, checkpointing=kept, **CV)
        assert len(found.rows) == 3
    heard = []

    class Listener(Observer):
        def phase(self, name, *_):
            heard.append(name)

    merged = cross_validate(graphs, checkpointing=kept, observer=Listener(), **CV)
    assert not any(name.endswith(", epoch") for name in heard), "nothing is trained again"
    assert table(merged, tmp_path / "merged.csv") == whole
    assert merged.confusion.sum() == 24
    assert not list((tmp_path / "c").glob("states-*"))


@pytest.mark.parametrize("epochs", [1, 4])
def test_an_interrupted_cross_validation_goes_on_to_the_same_bytes(tmp_path, epochs):
    graphs = some_set(12)
    whole = table(cross_validate(graphs, **ONCE), tmp_path / "whole.csv")
    kept, ended = Checkpointing(tmp_path / "c", every=1e9), 0
    for _ in range(50):
        asks = EndsAfter(epochs)
        try:
            found = cross_validate(
                graphs, checkpointing=kept, observer=asks, interruption=asks.interruption, **ONCE
            )
            break
        except InterruptionError as error:
            assert "enough" in str(error)  # noqa: PT017
            ended += 1
    assert ended >= 2
    assert table(found, tmp_path / "pieces.csv") == whole


def test_a_training_that_is_interrupted_goes_on_to_the_same_weights(tmp_path):
    graphs, settings = some_set(12), {**QUICK, "epochs": 9, "patience": 3, "lr": 0.1}
    whole = classify(graphs, **settings)
    kept, ended = Checkpointing(tmp_path / "c", every=1e9), 0
    for _ in range(20):
        asks = EndsAfter(2)
        try:
            found = classify(
                graphs, checkpointing=kept, observer=asks, interruption=asks.interruption,
                **settings,
            )  # fmt: skip
            break
        except InterruptionError:
            ended += 1
    assert ended >= 2
    assert weights_of(found) == weights_of(whole)
    assert found.model.history == whole.model.history
    with pytest.raises(UsageError, match=r"lr is 0\.2 here and 0\.1 there"):
        classify(graphs, checkpointing=kept, **{**settings, "lr": 0.2})
    with pytest.raises(UsageError, match="the input differs"):
        classify(graphs.take(np.arange(11)), checkpointing=kept, **settings)


def test_rows_and_states_of_another_run_are_not_taken(tmp_path):
    # A quarter of each class is held out, so that parts are the same whatever classes are called.
    graphs, settings = some_set(12), {**ONCE, "validation": 0.25}
    kept = Checkpointing(tmp_path / "c", every=1e9)
    asks = EndsAfter(5)
    with pytest.raises(InterruptionError):
        cross_validate(
            graphs, checkpointing=kept, observer=asks, interruption=asks.interruption, **settings
        )
    assert list((tmp_path / "c").glob("cv-*.json"))
    assert list((tmp_path / "c").glob("states-*"))
    swapped = replace(graphs, y=1 - graphs.y)
    moved = replace(graphs, attributes=graphs.attributes + np.float32(1))
    for number, (data, options) in enumerate([(graphs, {"lr": 0.1}), (swapped, {}), (moved, {})]):
        given = {**settings, **options}
        alone = table(cross_validate(data, **given), tmp_path / f"{number}.csv")
        kept_too = cross_validate(data, checkpointing=kept, **given)
        assert table(kept_too, tmp_path / f"{number}.kept.csv") == alone


def test_a_damaged_row_is_named(tmp_path):
    graphs, kept = some_set(12), Checkpointing(tmp_path / "c")
    only = {**ONCE, "only": [0]}
    cross_validate(graphs, checkpointing=kept, **only)
    (path,) = (tmp_path / "c").glob("cv-*.json")
    path.write_text(path.read_text()[:40])
    with pytest.raises(InputError, match="is not a row that tvgnn saved"):
        cross_validate(graphs, checkpointing=kept, **only)
    again = Checkpointing(tmp_path / "c", resume="never")
    assert len(cross_validate(graphs, checkpointing=again, **only).rows) == 1


DRIVER = """
import glob, json, os, signal, sys, time
import tvgnn_cli.cli.job, tvgnn_cli.jobs.cross_validation
import pandas, safetensors.torch, sklearn.model_selection
from tvgnn_cli.cli.main import run

def start(name, folder):
    child = os.fork()
    if child == 0:
        sys.argv = ['tvgnn', 'classify', 'cv', 'shapes', '--folds', '3', '--runs', '1',
                    '--batch-size', '40', '--epochs', '8', '--patience', '100', '--hidden', '8',
                    '--layers', '1', '--threads', '1', '-q',
                    '--every', '0s', '--checkpoint', folder, '-o', name]
        code = 1
        try:
            run()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        finally:
            os._exit(code)
    return child

def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

codes = [ended(start('whole.csv', 'a'))]
for wanted in ('b/states-*/restart-*', 'b/cv-*.json'):
    child = start('pieces.csv', 'b')
    while not glob.glob(wanted):
        time.sleep(.002)
    os.kill(child, signal.SIGTERM)
    codes.append(ended(child))
codes.append(os.path.exists('pieces.csv'))
codes.append(ended(start('pieces.csv', 'b')))
print(json.dumps(codes))
"""


def test_a_cross_validation_that_is_killed_twice_goes_on_to_the_same_bytes(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [0, 75, 75, False, 0], done.stderr
    assert "SIGTERM was received" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "pieces.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


# What the paper says.

DATASETS = {"Proteins": "PROTEINS", "D&D": "DD"}
METHODS = ("topk", "sagpool", "diffpool", "mincutpool", "dmon", "tvgnn")
NAMES_OF_ROWS = {
    "# MP layers": "layers", "# MP channels": "hidden",
    "\N{GREEK SMALL LETTER SIGMA}MP": "activation",
    "2\N{GREEK SMALL LETTER DELTA}": "delta", "# MLP layers": "mlp_layers",
    "# MLP channels": "mlp_hidden", "\N{GREEK SMALL LETTER SIGMA}MLP": "mlp_activation",
    "\N{GREEK SMALL LETTER ALPHA}1": "totvar_coeff",
    "\N{GREEK SMALL LETTER ALPHA}2": "balance_coeff", "\N{SCRIPT SMALL L}2": "weight_decay",
    "Learning rate": "lr",
}  # fmt: skip


def paper(first: str, last: str) -> list[str]:
    """Lines of the paper's text between two that begin so."""
    if not PAPER.exists():
        pytest.skip("the paper's text is not here")
    lines = [line.strip() for line in PAPER.read_text().splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith(first))
    end = next(i for i, line in enumerate(lines) if i > start and line.startswith(last))
    return lines[start:end]


def test_the_presets_are_the_columns_of_table_5():
    found: dict[str, dict[str, str]] = {}
    columns: list[str] = []
    for line in paper("Table 5:", "the same hyperparameter"):
        if line.startswith("Parameters"):
            columns = line.removeprefix("Parameters ").replace("Vertex Clustering", "-").split()
        for row, setting in NAMES_OF_ROWS.items():
            values = line.removeprefix(row).split()
            if line.startswith(row + " ") and len(values) == len(columns):
                for column, value in zip(columns, values, strict=True):
                    found.setdefault(DATASETS.get(column, column), {})[setting] = value
    found.pop("-")
    assert set(found) == set(presets()) - {"default"}
    assert len(found) == 9
    for dataset, column in found.items():
        config = make_classify_config({"preset": dataset})
        assert set(column) == set(NAMES_OF_ROWS.values())
        for setting, text in column.items():
            value = getattr(config, setting)
            assert value == (text.lower() if isinstance(value, str) else float(text)), setting
        assert config.batch_size == (1 if dataset in ("DD", "REDDIT-BINARY") else 8)
        assert (config.eps, config.patience) == (1e-3, 20), "Appendix B.3"


def test_the_published_accuracies_are_those_of_table_2():
    expected = {}
    for line in paper("Table 2:", "from 10 independent runs"):
        numbers = re.findall(r"([\d.]+)±([\d.]+)", line)
        if len(numbers) == 6:
            dataset = DATASETS.get(line.split()[0], line.split()[0])
            p = float(re.findall(r"(\.\d+)", line)[-1])
            best = max(range(6), key=lambda i: float(numbers[i][0]))
            for i, (mean, deviation) in enumerate(numbers):
                p_value = p if i == best else None
                key = dataset, METHODS[i]
                expected[key] = published.Accuracy(float(mean), float(deviation), p_value)
    assert len(expected) == 54
    assert published.table2() == expected


def test_the_published_times_are_those_of_table_7():
    expected = {}
    for line in paper("Table 7:", "C. Additional"):
        words = line.split()
        if len(words) == 7 and re.fullmatch(r"[\d.]+", words[-1]):
            dataset = DATASETS.get(words[0], words[0])
            numbers = map(float, words[1:])
            expected |= {(dataset, m): s for m, s in zip(METHODS, numbers, strict=True)}
    assert len(expected) == 54
    assert published.table7() == expected


# As an estimator.


def estimator(**settings) -> TVGNNClassifier:
    return TVGNNClassifier(threads=1, **{**SMALL, **settings})


def test_the_estimator_fits_predicts_and_transforms():
    graphs, y = networks(16)
    model = estimator(epochs=40, lr=0.03)
    with pytest.raises(Exception, match="not fitted"):
        model.predict(graphs)
    assert model.fit(graphs, y) is model
    assert model.classes_.tolist() == ["ring", "star"]
    probabilities = model.predict_proba(graphs)
    assert probabilities.shape == (16, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    found = model.predict(graphs)
    assert found.tolist() == model.classes_[probabilities.argmax(axis=1)].tolist()
    assert model.score(graphs, y) == pytest.approx(np.mean(found == np.array(y)))
    assert model.score(graphs, y) > 0.8
    assert model.transform(graphs).shape == (16, 8)
    assert probabilities.tobytes() == model.result_.probabilities.tobytes()


def test_the_estimator_has_every_setting_and_can_be_cloned():
    model = estimator(random_state=3, method="dmon")
    names = {entry.name for entry in fields(ClassifyConfig)} - {"seed"}
    assert set(model.get_params()) == names | {"random_state", "threads", "device"}
    other = clone(model)
    assert other.get_params() == model.get_params()
    graphs, y = networks(12)
    one, two = model.fit(graphs, y), other.fit(graphs, y)
    assert weights_of(one.result_) == weights_of(two.result_)
    assert one.model_.config.seed == 3
    settings = {k: v for k, v in SMALL.items() if k != "layers"}
    preset = TVGNNClassifier(preset="PROTEINS", threads=1, **settings).fit(graphs, y)
    assert (preset.model_.config.layers, preset.model_.config.activation) == (3, "elu")


def test_classes_of_the_estimator_are_what_they_were():
    graphs, names = networks(12)
    y = [10 if name == "ring" else 9 for name in names]  # as texts they have another order
    model = estimator(epochs=40, lr=0.03).fit(graphs, y)
    assert model.classes_.tolist() == [9, 10]
    assert model.score(graphs, y) > 0.8
    for wrong in (y[:-1], [y]):
        with pytest.raises(InputError, match="there are 12 graphs"):
            estimator().fit(graphs, wrong)


def test_the_estimator_draws_its_seed_where_it_is_not_told_one():
    graphs, y = networks(8)
    drawn = np.random.RandomState(0)
    seeds = [estimator(random_state=drawn).fit(graphs, y).model_.config.seed for _ in range(2)]
    assert seeds[0] != seeds[1]
    assert (
        estimator(random_state=np.random.RandomState(0)).fit(graphs, y).model_.config.seed
        == seeds[0]
    )


def test_the_estimator_is_cross_validated_by_scikit_learn():
    graphs, y = networks(12)
    scores = cross_val_score(estimator(epochs=2), graphs, y, cv=3)
    assert len(scores) == 3
    assert np.isfinite(scores).all()


def test_the_package_has_what_its_page_names():
    for name in ("classify", "cross_validate", "predict_graphs", "embed_graphs"):
        assert callable(getattr(tvgnn_cli, name))
        assert name in tvgnn_cli.__all__
