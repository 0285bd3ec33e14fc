"""Numbers of clusters: in words, and chosen."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import tvgnn_cli
from tests.conftest import SAMPLES
from tvgnn_cli.config import dump_config, make_config
from tvgnn_cli.config.numbers import numbers_of
from tvgnn_cli.errors import TrainingError, UsageError
from tvgnn_cli.graph.description import bits_saved, description_length, log_partitions
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.observer import Observer
from tvgnn_cli.prepare.evidence.number import choose_number
from tvgnn_cli.prepare.evidence.number_search import Search
from tvgnn_cli.prepare.evidence.tried import Tried
from tvgnn_cli.prepare.prepared import in_order

PLANTED = SAMPLES / "planted.graphml"
FAST = {"epochs": 3, "hidden": 8, "mlp_hidden": 8, "threads": 1}


def planted(sizes, inside, outside, seed=0):
    """A graph of planted clusters and their labels; mean degrees inside and outside."""
    n = sum(sizes)
    chances = np.full((len(sizes), len(sizes)), outside / n)
    np.fill_diagonal(chances, [min(1, inside / size) for size in sizes])
    network = nx.stochastic_block_model(list(sizes), chances.tolist(), seed=seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    ends = np.array([sorted(edge) for edge in network.edges]).T
    ids = np.array([f"{v:05d}" for v in range(n)], dtype=object)
    return Graph.from_edges(ids, *ends, name="planted"), labels


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("auto", None),
        ("2..5", (2, 3, 4, 5)),
        ("2..8..3", (2, 5, 8)),
        ("7, 3,5.0", (3, 5, 7)),
    ],
)
def test_numbers_in_words(text, numbers):
    assert numbers_of(text) == numbers
    config = make_config({"num_clusters": text})
    assert (config.num_clusters, config.choose_from) == (None, text)
    assert f'num_clusters = "{text}"' in dump_config(config)


def test_one_number_as_text_is_that_number():
    for text in ("7", "7.0", " 7 "):
        assert make_config({"num_clusters": text}) == make_config({"num_clusters": 7})


@pytest.mark.parametrize(
    "text", ["", "some", "5..2", "2..x", "1..4", "0", "2,1", "3,,4", "2..9999999", "-3", "2..8..0"]
)
def test_texts_that_name_no_number(text):
    with pytest.raises(UsageError, match="num_clusters"):
        make_config({"num_clusters": text})


def test_numbers_that_are_given_twice():
    with pytest.raises(UsageError, match="given twice"):
        make_config({"num_clusters": 3, "choose_from": "2..5"})


def test_partitions_are_counted_to_a_twentieth():
    def counted(number, parts):
        ways = np.zeros(number + 1)
        ways[0] = 1
        for part in range(1, parts + 1):
            for total in range(part, number + 1):
                ways[total] += ways[total - part]
        return np.log(ways[number])

    for number, parts in ((10, 3), (40, 2), (50, 7), (50, 50), (200, 40), (600, 600), (1000, 30)):
        assert log_partitions(number, parts) == pytest.approx(counted(number, parts), rel=0.05)
    assert log_partitions([0, 5], [4, 0]).tolist() == [0, 0]


def test_a_description_by_hand():
    """Two vertices and their edge, in one cluster: one edge, and which of the ways in which
    2 ends can be had by 2 vertices: {1, 1} or {2, 0}.
    """
    edge = np.array([[0], [1]])
    ways = np.exp(log_partitions(2, 2))  # 2, approximately
    assert ways == pytest.approx(2, rel=0.2)
    # Two vertices in one cluster: ln n. Counts: one way. Edges: 2! / (2 * 1!). Degrees: the ways,
    # and both alike.
    nats = np.log(2) + np.log(2 / 2) + np.log(ways)
    assert description_length(np.zeros(2, int), edge) == pytest.approx(nats / np.log(2))


def test_bits_do_not_depend_on_how_clusters_are_numbered_or_on_the_unit_of_weights():
    graph, labels = planted([30, 40, 50], 8, 3)
    index, saved = graph.edge_index, bits_saved(labels, graph.edge_index)
    assert saved > 0.1
    assert bits_saved(7 * (2 - labels), index) == pytest.approx(saved)
    for unit in (1e-9, 1.0, 1e9):
        assert bits_saved(labels, index, np.full(index.shape[1], unit)) == pytest.approx(saved)
    assert bits_saved(np.zeros(len(labels), int), index) == 0
    shuffled = np.random.default_rng(0).permutation(labels)
    assert bits_saved(shuffled, index) < 0, "clusters that are none cost more than they save"
    assert bits_saved(labels, index[:, :0]) == 0


def test_weights_count_as_edges():
    """Every pair is an edge, and only the weights tell clusters."""
    n, labels = 60, np.repeat([0, 1, 2], 20)
    index = np.array(np.triu_indices(n, 1))
    alike = labels[index[0]] == labels[index[1]]
    weight = np.where(alike, 10.0, 1.0)
    assert bits_saved(labels, index) < 0 < bits_saved(labels, index, weight)


@pytest.mark.parametrize(
    ("sizes", "inside", "outside"),
    [
        ([100] * 3, 10, 4),
        ([40, 60, 80, 100, 120], 12, 4),
        ([50] * 12, 10, 4),
        ([12] * 9, 9, 2),
        ([60] * 25, 14, 6),
    ],
)
def test_the_number_that_a_graph_was_made_with_is_chosen(sizes, inside, outside):
    graph, _ = planted(sizes, inside, outside)
    choice = choose_number(in_order(graph)[0], make_config({}))
    assert choice.num_clusters == len(sizes), choice.notes
    assert choice.is_sure
    assert choice.view == "edges"


def test_with_features_it_is_the_number_that_both_tell_most_of():
    graph, labels = planted([80] * 5, 8, 6)
    random = np.random.default_rng(0)
    centres = random.normal(size=(5, 16))
    x = (centres[labels] + random.normal(size=(len(labels), 16))).astype(np.float32)
    graph = Graph.from_edges(graph.ids, *graph.edge_index, x=x, name="planted")
    choice = choose_number(in_order(graph)[0], make_config({}))
    assert (choice.num_clusters, choice.view) == (5, "both"), choice.notes
    assert all(each.support is not None for each in choice.tried)


def test_a_graph_without_clusters_is_said_to_have_none():
    network = nx.gnm_random_graph(300, 1500, seed=0)
    ends = np.array([sorted(edge) for edge in network.edges]).T
    graph = Graph.from_edges(np.arange(300).astype(str).astype(object), *ends, name="random")
    choice = choose_number(in_order(graph)[0], make_config({}))
    assert not choice.is_sure
    assert any("no number of clusters is better than one cluster" in note for note in choice.notes)


def test_the_largest_number_that_was_tried_is_a_warning():
    graph, _ = planted([40] * 9, 10, 3)
    ordered = in_order(graph)[0]
    choice = choose_number(ordered, make_config({}), numbers=[2, 3, 4])
    assert choice.num_clusters == 4
    assert any("the largest number that was tried" in note for note in choice.notes)
    assert not any("largest" in note for note in choose_number(ordered, make_config({})).notes)


def test_chosen_clusters_are_those_of_the_same_number_given(tmp_path, tvgnn):
    done = tvgnn("cluster", PLANTED, "-k", "auto", "--numbers", "n.csv", "--threads", 1,
                 "--progress", "none", "--epochs", 5)  # fmt: skip
    assert done.code == 0, done.err
    assert "number of clusters: 4 of 2 to" in done.err
    table = pd.read_csv(tmp_path / "n.csv")
    assert table.columns.tolist() == ["num_clusters", "bits_saved", "chosen"]
    assert table.num_clusters[table.chosen].tolist() == [4]
    assert table.bits_saved.max() == table.bits_saved[table.chosen].item()
    given = tvgnn("cluster", PLANTED, "-k", 4, "--threads", 1, "-q", "--epochs", 5, "-o", "4.csv")
    assert given.code == 0, given.err
    chosen = (tmp_path / "planted.clusters.csv").read_bytes()
    assert chosen == (tmp_path / "4.csv").read_bytes()


def test_labels_change_no_choice():

    graph = read_graph(str(PLANTED))
    wrong = Graph.from_edges(
        graph.ids, *graph.edge_index, x=graph.x, y=np.arange(graph.num_vertices) % 9,
        class_names=tuple("abcdefghi"), name=graph.name, explicit_ids=graph.explicit_ids,
    )  # fmt: skip
    for method in ("tvgnn", "spectral", "kmeans"):
        one, other = (
            tvgnn_cli.cluster(each, "2..6", seed=3, method=method, **_fast(method))
            for each in (graph, wrong)
        )
        assert one.tried == other.tried
        assert (one.labels == other.labels).all()


def _fast(method):
    return FAST if method == "tvgnn" else {"threads": 1}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("karate", "-k", "40..50"), "-k is 40..50, but karate has only 34 vertices"),
        (("karate", "-k", "auto", "--method", "louvain"), "-k: --method louvain has no such"),
        (("karate", "-k", "3", "--numbers", "n.csv"), "--numbers: nothing is chosen"),
        (("karate", "-k", "auto", "--numbers", "n.txt"), "--numbers n.txt: unknown suffix"),
        (
            ("karate", "-k", "auto", "--numbers", "karate.metrics.csv"),
            "--metrics and --numbers name the same file",
        ),
        (("karate", "-k", "auto", "--numbers", "-"), "--numbers: standard output is for the"),
        (("karate", "-k", "2..x"), "-k is '2..x'; write a number, auto"),
    ],
)
def test_what_cannot_be_chosen(arguments, words, tvgnn, tmp_path):
    done = tvgnn("cluster", *arguments, "-q")
    assert done.code == 2, done.err
    assert words in done.err
    assert not list(tmp_path.iterdir())


def test_too_few_vertices_for_a_choice():
    with pytest.raises((UsageError, TrainingError)):
        tvgnn_cli.cluster(nx.Graph([(0, 0)]), "auto")
    pair = tvgnn_cli.cluster(nx.Graph([(0, 1)]), "auto", **FAST)
    assert pair.metrics["num_clusters"] == 2


def test_of_numbers_that_are_supported_alike_the_largest_is_best():
    graph, _ = planted([20, 20], 6, 2)
    search = Search(lambda _: None, graph, make_config({}), Observer(), judge=object())
    search.tried = {k: Tried(k, 0.0, s) for k, s in {2: 1.0, 3: 0.995, 4: 0.98}.items()}
    assert search.best.num_clusters == 3
    search.tried = {k: Tried(k, 0.0, -s) for k, s in {2: 1.0, 3: 0.995}.items()}
    assert search.best.num_clusters == 3, "what is not supported at all is only compared"
    by_edges = Search(lambda _: None, graph, make_config({}), Observer())
    by_edges.tried = {2: Tried(2, 1.0), 3: Tried(3, 0.995)}
    assert by_edges.best.num_clusters == 2
