"""Training of a classifier of graphs, its use, and the estimator."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.model_selection import cross_val_score

import tvgnn_cli
from tests.some_graphs import QUICK, SMALL, networks, some_set, weights_of
from tvgnn_cli import TVGNNClassifier, classify, cross_validate, embed_graphs, predict_graphs
from tvgnn_cli.classification.pools import pools_of
from tvgnn_cli.classification.training import _decay
from tvgnn_cli.config import ClassifyConfig, make_classify_config
from tvgnn_cli.config.classification import CLASSIFIERS
from tvgnn_cli.errors import InputError, TrainingError, UsageError
from tvgnn_cli.graph.labels import UNKNOWN
from tvgnn_cli.io.graph_sets.read import read_graph_set
from tvgnn_cli.models.classifier_file import load_classifier
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.graph_batches import GraphBatches


def test_the_presets_of_the_paper_pool_without_a_bound():
    ring = nx.cycle_graph(600)
    graphs = read_graph_set([ring, nx.star_graph(3), ring, nx.star_graph(3)])
    graphs = replace(graphs, y=np.array([0, 1, 0, 1]), class_names=("ring", "star"))
    sizes = {
        preset: classify(graphs, preset=preset, **{**QUICK, "epochs": 0}).model.pool_sizes
        for preset in ("default", "MUTAG")
    }
    assert sizes == {"default": (256, 128), "MUTAG": (300, 150)}


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


@pytest.mark.parametrize(
    ("method", "setting"),
    [("gin", "delta"), ("gtv", "mlp_layers"), ("topk", "pool_sizes"), ("dmon", "eps")],
)
def test_settings_that_a_method_lacks_are_refused(method, setting):
    given = {"pool_sizes": "4,2"}.get(setting, 2)
    with pytest.raises(UsageError, match=f"`{setting}`: `method` {method} has no such setting"):
        make_classify_config({"method": method, setting: given})


def test_the_record_of_a_training_has_what_was_asked_for():
    """Whether edges had weights, and what of the vertices was read, besides the settings."""
    asked = {"weight": "none", "vertex_features": "labels"}
    said = classify("shapes", **asked, **QUICK).metrics["options"]
    assert said.startswith("weight='none', vertex_features='labels', ")
    assert eval(f"dict({said})") == asked | {n: v for n, v in QUICK.items() if n != "threads"}


def test_poolings_by_scores_have_no_sizes():
    result = classify(some_set(), method="topk", **QUICK)
    assert result.metrics["pool_sizes"] == ""
    assert len(result.model.network().pools) == 2


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
        (
            {"split": np.array(["train", "test"] * 8, dtype=object)},
            "training are all of class 'star'",
        ),
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


def test_the_first_epoch_of_the_highest_validation_accuracy_is_kept_where_it_is_monitored():
    settings = {**QUICK, "epochs": 30, "patience": 3, "lr": 0.3, "monitor": "accuracy"}
    result = classify(some_set(40), **settings)
    losses, accuracies = zip(*(epoch[1:] for epoch in result.model.history), strict=True)
    best = int(np.argmax(accuracies))
    assert best != int(np.argmin(losses)), "both would keep the same epoch"
    assert result.metrics["best_epoch"] == best + 1
    assert result.metrics["acc_validation"] == max(accuracies)
    assert result.metrics["validation_loss"] == losses[best]
    assert result.metrics["epochs"] == min(best + 4, 30) == len(losses)
    shorter = classify(some_set(40), **{**settings, "epochs": best + 1})
    assert weights_of(shorter) == weights_of(result)


DD_BEFORE = "6c90330b826a"
"""Start of the fingerprint before settings were added."""


def test_what_came_later_leaves_fingerprints_as_they_were():
    before = make_classify_config({"preset": "DD"})
    assert before.fingerprint().startswith(DD_BEFORE)
    assert make_classify_config({"preset": "DD", "monitor": "accuracy"}).fingerprint() != (
        before.fingerprint()
    )


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


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series])
def test_the_classes_of_a_list_of_graphs_are_a_list(kind):
    made, names = networks(12)
    named = [nx.Graph(graph, label=name) for graph, name in zip(made, names, strict=True)]
    expected = classify(named, **QUICK)
    found = classify(made, labels=kind(names), **QUICK)
    assert found.model.class_names == ("ring", "star")
    assert weights_of(found) == weights_of(expected)
    assert "classes: given as a list" in found.notes


def test_classes_of_a_list_may_be_numbers_and_lack_some(tmp_path):
    made, names = networks(12)
    codes = [None if i > 9 else float(name == "star") for i, name in enumerate(names)]
    graphs = read_graph_set(made, labels=codes)
    assert graphs.class_names == ("0", "1")
    assert graphs.y.tolist() == [*(int(code) for code in codes[:10]), -1, -1]
    again = read_graph_set(graphs, labels=names)
    assert again.class_names == ("ring", "star")
    rows = [f"{name},{code}\n" for name, code in zip(graphs.ids, "ab" * 6, strict=True)]
    (tmp_path / "y.csv").write_text("".join(["graph,label\n", *rows]))
    assert read_graph_set(graphs, labels=tmp_path / "y.csv").class_names == ("a", "b")
    with pytest.raises(InputError, match="labels: 3 classes for 12 graphs; give one for each"):
        read_graph_set(made, labels=[1, 2, 3])
    with pytest.raises(UsageError, match="`labels` is of type list; name a file"):
        read_graph_set("shapes", labels=[1, 2])


def test_a_value_far_outside_is_told_and_a_saved_model_knows_of_it(tmp_path):
    graphs = replace(some_set(), attribute_names=("a", "b"))
    graphs.attributes[3, 1] = 1e12
    result = classify(graphs, **QUICK)
    (said,) = [note for note in result.notes if "far outside" in note]
    assert said.startswith("vertex attributes: ")
    assert said.endswith("in 1 of 2 columns: b (`scaling` robust)")
    result.save(tmp_path / "m.tvgnn")
    assert (
        predict_graphs(tmp_path / "m.tvgnn", graphs).probabilities == result.probabilities
    ).all()
    bounds = load_classifier(tmp_path / "m.tvgnn").recipe.bounds
    np.testing.assert_array_equal(bounds, result.model.recipe.bounds)


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


@pytest.mark.parametrize("none", [float("nan"), None, pd.NA])
def test_graphs_without_a_class_are_no_class_of_their_own(none):
    graphs, names = networks()
    for classes in ([names[0], none, *names[2:]], pd.Series([0, none, *[1] * 14], dtype=object)):
        with pytest.raises(InputError, match="y: graph 1 has no class"):
            TVGNNClassifier(**QUICK).fit(graphs, classes)
    masked = np.ma.masked_array([0, 1] * 8, mask=[0, 1] + [0] * 14)
    with pytest.raises(InputError, match="y: graph 1 has no class"):
        TVGNNClassifier(**QUICK).fit(graphs, masked)


def test_unknown_options_of_a_saved_classifier_are_named():
    for apply in (predict_graphs, embed_graphs):
        with pytest.raises(UsageError, match=r"unknown option 'weights'\. Did you mean 'weight'"):
            apply("model.tvgnn", [], weights="w")
