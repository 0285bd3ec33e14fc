"""Saved models that are trained a little further on a graph that has changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import tvgnn_cli
from tests.conftest import SAMPLES
from tvgnn_cli.errors import UsageError
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.prepare.prepared import prepare

PLANTED = SAMPLES / "planted.graphml"
SMALL = {"threads": 1, "hidden": 32, "view": "auto"}
WITH_FEATURES = {**SMALL, "view": "both"}


def blocks(seed=0, n=300, k=3, **fields):
    """A planted graph whose features say as much as its edges."""
    random = np.random.default_rng(seed)
    truth = np.arange(n) * k // n
    tail, head = random.integers(0, n, (2, 12 * n))
    kept = (truth[tail] == truth[head]) | (random.random(12 * n) < 0.06)
    x = (np.eye(k)[truth] * 1.5 + random.normal(size=(n, k))).astype(np.float32)
    ids = np.array([f"v{i}" for i in range(n)], dtype=object)
    return Graph.from_edges(ids, tail[kept], head[kept], x=x, explicit_ids=True, **fields)


def changed(graph, seed=1, share=0.015, new=0):
    """With a share of its edges elsewhere, and new vertices."""
    random, n = np.random.default_rng(seed), graph.num_vertices
    count = max(1, round(share * graph.num_edges))
    kept = np.ones(graph.num_edges, dtype=bool)
    kept[random.choice(graph.num_edges, count, replace=False)] = False
    more = random.integers(0, n, (2, count))
    ids, x = graph.ids, graph.x
    if new:
        like = random.integers(0, n, new)
        ids = np.append(ids, np.array([f"new{i}" for i in range(new)], dtype=object))
        x = np.vstack([x, graph.x[like]])
        more = np.hstack([more, [n + np.arange(new), like], [n + np.arange(new), (like + 1) % n]])
    ends = np.hstack([graph.edge_index[:, kept], more])
    return Graph.from_edges(ids, *ends, x=x, explicit_ids=True)


@pytest.fixture(scope="module")
def model():
    return tvgnn_cli.cluster(blocks(), 3, epochs=30, threads=1, hidden=32).model


def test_no_epochs_are_a_prediction(model):
    other = changed(blocks())
    found = tvgnn_cli.update(model, other, epochs=0, threads=1)
    predicted = tvgnn_cli.predict(model, other, threads=1)
    assert found.to_frame().equals(predicted.to_frame())
    assert found.metrics["vertices_updated"] == 0
    assert found.metrics["cut_fraction"] == predicted.metrics["cut_fraction"]


def test_clusters_keep_numbers_and_vertices(model):
    before = tvgnn_cli.predict(model, blocks(), threads=1)
    for seed in range(3):
        found = tvgnn_cli.update(model, changed(blocks(), seed), threads=1)
        assert (found.labels == before.labels).mean() >= 0.98
        assert found.metrics["updated_from"] == model.fingerprint()


def test_it_ends_no_worse_than_the_model(model):
    hard = changed(blocks(), 3, share=0.6)
    start = tvgnn_cli.update(model, hard, epochs=0, threads=1)
    found = tvgnn_cli.update(model, hard, epochs=60, threads=1)
    assert found.metrics["support"] >= start.metrics["support"]
    if found.metrics["kept"] == "start":
        assert np.array_equal(found.labels, start.labels)
        assert found.model.fingerprint() != model.fingerprint()  # of other settings


def test_it_trains_from_the_weights_of_the_model(model):
    found = tvgnn_cli.update(model, changed(blocks()), epochs=5, threads=1)
    assert 0 < found.metrics["epochs"] <= 5
    assert len(found.history) == found.metrics["epochs"] + 1
    # The loss is that of a training from k-means: near pairs and spread count.
    assert {"near_loss", "spread_loss"} <= set(found.metrics)
    fresh = tvgnn_cli.cluster(changed(blocks()), 3, epochs=0, threads=1, hidden=32)
    assert found.history[0] < 1.2 * fresh.history[0]
    assert set(found.model.state) == set(model.state)


def test_training_is_kept_where_it_gains():
    # A model of one epoch's warm start that knows half of the blocks.
    graph = blocks(n=240, k=4)
    rough = np.repeat([0, 1, 2, 3, 0, 1, 2, 3], 30)
    poor = tvgnn_cli.cluster(graph, init=rough, epochs=0, threads=1, hidden=32)
    found = tvgnn_cli.update(poor.model, graph, epochs=200, threads=1)
    kept = tvgnn_cli.update(poor.model, graph, epochs=0, threads=1).metrics["support"]
    assert found.metrics["support"] >= kept
    assert found.metrics["kept"] in ("start", "training")
    if found.metrics["kept"] == "training":
        assert found.metrics["support"] > 1.01 * kept


def test_vertices_may_be_new_and_gone(model):
    other = changed(blocks(), new=9)
    there = np.ones(other.num_vertices, dtype=bool)
    there[:5] = False
    place = np.cumsum(there) - 1
    ends = other.edge_index[:, there[other.edge_index].all(axis=0)]
    fewer = replace(other, ids=other.ids[there], edge_index=place[ends], x=other.x[there])
    found = tvgnn_cli.update(model, fewer, threads=1)
    assert found.ids.tolist()[-1] == "new8"
    assert len(found.labels) == 300 + 9 - 5
    before = tvgnn_cli.predict(model, blocks(), threads=1)
    changes = tvgnn_cli.match(found, before)
    assert changes.metrics["vertices_new"] == 9
    assert changes.metrics["vertices_gone"] == 5
    assert changes.metrics["vertices_moved"] <= 6
    assert np.array_equal(changes.labels, found.labels)


def test_a_new_model_goes_on(model, tmp_path):
    one = tvgnn_cli.update(model, changed(blocks(), 1), threads=1)
    one.save(tmp_path / "june.tvgnn")
    two = tvgnn_cli.update(tmp_path / "june.tvgnn", changed(blocks(), 2), threads=1)
    assert two.metrics["updated_from"] == one.metrics["model_fingerprint"]
    again = tvgnn_cli.predict(tmp_path / "june.tvgnn", changed(blocks(), 1), threads=1)
    assert np.array_equal(again.assignment, one.assignment)


def test_the_same_bytes_each_time(model):
    runs = [tvgnn_cli.update(model, changed(blocks()), threads=1) for _ in range(2)]
    assert runs[0].assignment.tobytes() == runs[1].assignment.tobytes()
    assert runs[0].metrics["model_fingerprint"] == runs[1].metrics["model_fingerprint"]


def test_labels_change_no_byte(model):
    graph = changed(blocks())
    told = tvgnn_cli.update(model, graph, labels=np.arange(300) % 3, threads=1)
    assert "nmi" in told.metrics
    plain = tvgnn_cli.update(model, graph, threads=1)
    assert told.assignment.tobytes() == plain.assignment.tobytes()


def test_numbers_names_and_shapes_stay():
    earlier = {f"v{i}": ("east", "north", "west")[i * 3 // 300] for i in range(300)}
    options = {"threads": 1, "hidden": 32, "epochs": 10, "overlap": 0.01, "min_confidence": 0.3}
    first = tvgnn_cli.cluster(blocks(), 3, match=earlier, **options)
    found = tvgnn_cli.update(first.model, changed(blocks()), threads=1)
    frame = found.to_frame()
    names = np.array(list(earlier.values()))
    held = frame["cluster"].to_numpy() >= 0
    assert (frame["cluster_label"].to_numpy() == names)[held].mean() > 0.98
    assert "clusters" in frame
    assert found.model.titles == first.model.titles


@pytest.mark.parametrize("options", [{"preset": "paper"}, {"method": "dmon"},
                                     {"batch": "parts", "batch_size": 100}])  # fmt: skip
def test_models_of_other_settings(options):
    first = tvgnn_cli.cluster(blocks(), 3, threads=1, hidden=16, epochs=5, **{"init": "kmeans",
                              **options})  # fmt: skip
    found = tvgnn_cli.update(first.model, changed(blocks()), epochs=5, threads=1)
    assert len(found.labels) == 300
    assert found.metrics["epochs"] <= 5


def test_a_graph_with_a_recipe_is_prepared_as_before_unless_it_trains(model):
    graph = changed(blocks())
    plain = prepare(graph, model.config, model.recipe)
    trained = prepare(graph, model.config, model.recipe, trains=True)
    assert plain.near is None
    assert trained.near.shape[0] == 2
    assert np.array_equal(plain.x, trained.x)


def test_the_command_updates_a_model(tvgnn, tmp_path):
    made = tvgnn("cluster", PLANTED, "-k", 4, "--view", "both", "--epochs", 5, "--hidden", 32,
                 "--threads", 1, "--save", "may.tvgnn", "-q")  # fmt: skip
    assert made.code == 0, made.err
    done = tvgnn("update", "may.tvgnn", PLANTED, "--save", "june.tvgnn", "--epochs", 3,
                 "--threads", 1)  # fmt: skip
    assert done.code == 0, done.err
    assert (tmp_path / "planted.updated.csv").exists()
    assert (tmp_path / "planted.updated.metrics.csv").exists()
    assert "vertices" in done.err
    assert tvgnn("predict", "june.tvgnn", PLANTED, "-o", "p.csv", "-q").code == 0
    updated = (tmp_path / "planted.updated.csv").read_bytes()
    assert (tmp_path / "p.csv").read_bytes() == updated


def test_a_model_of_edges_alone_is_said_to_belong_to_its_graph(tvgnn, tmp_path):
    """As it is saved, and where another graph is given; each says what a model of features takes,
    where the graph has any.
    """
    few = ("--epochs", 1, "--hidden", 8, "--threads", 1)
    done = tvgnn("cluster", PLANTED, "-k", 4, "--view", "edges", "--save", "m.tvgnn", *few)
    why = "since its spectral features are made of the graph's edges"
    said = f"m.tvgnn: labels this graph alone, {why}"
    assert (
        f"  - {said}; --view both trains a model that needs the input's features only" in done.err
    )
    ours = tvgnn("cluster", "karate", "-k", 2, "--save", "k.tvgnn", *few)
    assert f"  - {said.replace('m.', 'k.')}\n" in ours.err
    both = tvgnn("cluster", PLANTED, "-k", 4, "--view", "both", "--save", "b.tvgnn", *few)
    assert "labels this graph alone" not in both.err
    other = tvgnn("predict", "m.tvgnn", "karate")
    assert other.code == 2
    assert "or train the model with --view both, on the features of its graph" in other.err
    assert "--view both" not in tvgnn("predict", "k.tvgnn", PLANTED).err
    told = tvgnn("embed", "m.tvgnn", PLANTED).err
    assert "  - the input's features are not used: the model is one of spectral features" in told


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (("none.tvgnn", PLANTED), 3, "none.tvgnn"),
        (("m.tvgnn", "few.csv", "--features", "x.csv"), 2, "fewer than the model's 4 clusters"),
        (("m.tvgnn", PLANTED, "--save", "m.tvgnn"), 2, "is an input of this command"),
        (("m.tvgnn", PLANTED, "-o", "a.csv", "--metrics", "a.csv"), 2, "the same file"),
        (("m.tvgnn", "karate"), 3, "features"),
        (("s.tvgnn", PLANTED), 2, "belong to the graph it was trained on; cluster this graph anew"),
        (("s.tvgnn", "one.csv"), 2, "cluster this graph anew"),
    ],
)
def test_what_cannot_be_updated_is_refused_in_a_line(tvgnn, tmp_path, command, code, said):
    few = ("--epochs", 1, "--hidden", 8, "--threads", 1, "-q")
    if "m.tvgnn" in command:
        tvgnn(
            "cluster", PLANTED, "-k", 4, "--view", "both", "--save", "m.tvgnn", *few, "-o", "c.csv"
        )
    if "s.tvgnn" in command:
        tvgnn("cluster", "karate", "-k", 2, "--save", "s.tvgnn", *few)
    names = [f"f{i}" for i in range(6)]
    (tmp_path / "few.csv").write_text("a,b\n")
    (tmp_path / "one.csv").write_text("a,a\n")  # fewer vertices than the model's clusters
    (tmp_path / "x.csv").write_text(
        "id," + ",".join(names) + "\n" + "".join(f"{v}," + ",".join("123456") + "\n" for v in "ab")
    )
    done = tvgnn("update", *command)
    assert (done.code, done.err.count("\n")) == (code, 1), done.err
    assert said in done.err
    assert not (tmp_path / "planted.updated.csv").exists()


def test_no_model_is_none():
    with pytest.raises(UsageError, match="a model is needed"):
        tvgnn_cli.update(3, blocks())
    with pytest.raises(UsageError, match="`epochs` is -1"):
        tvgnn_cli.update(tvgnn_cli.cluster(blocks(), 3, epochs=0, threads=1).model, blocks(),
                         epochs=-1)  # fmt: skip
