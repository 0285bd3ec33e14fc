"""Levels of clusters: the tree of merges, what is cut from it, its files and its figure."""

from __future__ import annotations

import itertools
import re

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import tvgnn_cli
from tests.conftest import SAMPLES
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.explanation.merging import newick, tree_of
from tvgnn_cli.explanation.structure import Structure, structure_of
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.plots import levels_figure
from tvgnn_cli.plots.of_clusters import group_names, tree_figure

PLANTED = SAMPLES / "planted.graphml"


def nested(seed=0):
    """Nine clusters of thirty in three groups of three, and the groups."""
    groups = np.arange(9) // 3
    chances = np.where(groups[:, None] == groups, 0.08, 0.01)
    np.fill_diagonal(chances, 0.5)
    network = nx.stochastic_block_model([30] * 9, chances.tolist(), seed=seed)
    ends = np.array([sorted(edge) for edge in network.edges]).T
    labels = np.repeat(np.arange(9), 30)
    graph = Graph.from_edges(np.arange(270).astype(str).astype(object), *ends, name="nested")
    return graph, labels, groups[labels]


def merged_naively(structure):
    """The similarity of each merge, of all pairs the most similar first."""
    weight = structure.between.todense().astype(float)
    volume, found = structure.volume.astype(float), []
    total = volume.sum()
    while len(volume) > 1:
        similar = weight * total / np.outer(volume, volume)
        np.fill_diagonal(similar, -1)
        one, other = np.unravel_index(similar.argmax(), similar.shape)
        found.append(similar[one, other])
        weight[one] += weight[other]
        weight[:, one] += weight[:, other]
        volume[one] += volume[other]
        weight = np.delete(np.delete(weight, other, 0), other, 1)
        volume = np.delete(volume, other)
    return np.array(found)


@pytest.mark.parametrize("seed", range(5))
def test_of_all_pairs_the_most_similar_are_merged_next(seed):
    graph = read_graph(str(PLANTED))
    labels = np.random.default_rng(seed).integers(0, 14, graph.num_vertices)
    structure = structure_of(graph, labels, 14)
    tree = tree_of(structure)
    np.testing.assert_allclose(1 / tree.heights, merged_naively(structure))
    assert tree.sizes[-1] == graph.num_vertices
    assert sorted(tree.children.ravel().tolist()) == list(range(26)), "each node but the root once"


def complete(k, weight):
    """Clusters that all have edges with all others, of one weight."""
    one_way = np.triu(np.full((k, k), weight), 1)
    between = sp.csr_array(one_way + one_way.T)
    volume, ones = np.asarray(between.sum(axis=1)).ravel(), np.ones(k, dtype=int)
    return Structure(ones, volume, 0 * volume, 0 * ones, ones, ones, between)


@pytest.mark.parametrize("weight", [1 / 3, 1e300, 1e-300])
def test_a_merge_comes_after_those_that_it_is_made_of_however_sums_are_rounded(weight):
    for k in range(1, 40):
        tree = tree_of(complete(k, weight))
        nodes = np.arange(k - 1)
        assert sorted(tree.children.ravel().tolist()) == list(range(2 * k - 2))
        assert (tree.children.max(axis=1, initial=0) < k + nodes).all()
        assert (np.diff(tree.heights) >= 0).all()
        assert [len({*tree.groups(count)}) for count in range(1, k + 1)] == [*range(1, k + 1)]


def test_groups_of_clusters_are_found_again():
    graph, labels, groups = nested()
    found = tvgnn_cli.levels(graph, labels, most=1)
    assert found.numbers == (3,)
    level = found.columns["cluster_l1"]
    assert len({*zip(level.tolist(), groups.tolist(), strict=True)}) == 3
    assert list(found.columns) == ["vertex", "cluster", "cluster_l1"]


def test_each_level_is_a_union_of_the_one_before():
    graph, labels, _ = nested()
    frame = tvgnn_cli.levels(graph, labels, most=5).to_frame()
    columns = [name for name in frame if name.startswith("cluster")]
    for fine, coarse in itertools.pairwise(columns):
        assert (frame.groupby(fine)[coarse].nunique() == 1).all()
        assert frame[coarse].nunique() < frame[fine].nunique()
        sizes = frame[coarse].value_counts()
        assert sizes.sort_index().is_monotonic_decreasing, "numbered by size"


def test_levels_do_not_depend_on_how_clusters_are_numbered():
    graph, labels, _ = nested()
    other = np.random.default_rng(0).permutation(9)[labels]
    one, two = (tvgnn_cli.levels(graph, each) for each in (labels, other))
    np.testing.assert_allclose(one.tree.heights, two.tree.heights)
    assert one.numbers == two.numbers


def test_what_no_edge_joins_is_merged_last():
    network = nx.disjoint_union(nx.complete_graph(6), nx.complete_graph(6))
    found = tvgnn_cli.levels(network, np.repeat([0, 1, 2, 3], 3))
    assert np.isinf(found.tree.heights).tolist() == [False, False, True]
    assert found.numbers == (2,)
    assert found.merges["over_chance"][-1] == 0
    assert any("no edge between them" in note for note in found.notes)
    lengths = [float(x) for x in re.findall(r":([\d.e+-]+)", found.newick)]
    assert np.isfinite(lengths).all()


@pytest.mark.parametrize("k", [1, 2])
def test_too_few_clusters_for_a_level(k):
    found = tvgnn_cli.levels(nx.path_graph(4), np.arange(4) % k)
    assert found.numbers == ()
    these = {1: "this 1 cluster", 2: "these 2 clusters"}[k]
    assert any(f"no level above {these}:" in note for note in found.notes)
    assert found.newick.count(":") == 2 * (k - 1)
    levels_figure(found.tree.children, found.tree.heights, found.clusters, found.sizes)


def test_the_upper_part_of_a_tree_has_groups_as_leaves():
    graph = read_graph(str(PLANTED))
    labels = np.random.default_rng(0).integers(0, 14, graph.num_vertices)
    structure = structure_of(graph, labels, 14)
    tree = tree_of(structure)
    for count in (1, 2, 5, 13, 14):
        top, groups = tree.top(count), tree.groups(count)
        assert top.k == count
        np.testing.assert_array_equal(top.heights, tree.heights[14 - count :])
        under = [{group} for group in range(count)]
        for pair, size in zip(top.children.tolist(), top.sizes.tolist(), strict=True):
            under.append(under[pair[0]] | under[pair[1]])
            assert structure.sizes[np.isin(groups, [*under[-1]])].sum() == size
        assert under[-1] == {*range(count)}
    np.testing.assert_array_equal(tree.top(14).children, tree.children)


def test_the_figure_has_a_bracket_for_each_merge_at_its_edges_over_chance():
    network = nx.disjoint_union(nx.complete_graph(6), nx.complete_graph(6))
    found = tvgnn_cli.levels(network, np.repeat([0, 1, 2, 3], 3))
    drawn = tree_figure(found.tree, found.clusters, found.sizes, found.numbers).axes[0]
    brackets = [line for line in drawn.lines if len(line.get_xdata()) == 4]
    assert [line.get_xdata()[1] for line in brackets] == pytest.approx([2.4, 2.4, 0.5])
    assert [line.get_linestyle() for line in brackets] == ["-", "-", ":"]
    assert drawn.get_xlim()[0] > drawn.get_xlim()[1], "from many edges to few"
    (level,) = (line for line in drawn.lines if line.get_linestyle() == "--")
    assert 0.5 < level.get_xdata()[0] < 2.4
    # What a bracket joins are the middles of those below it.
    ends = np.asarray(brackets[2].get_ydata())[[0, -1]]
    assert sorted(ends.tolist()) == sorted(float(np.mean(b.get_ydata())) for b in brackets[:2])


def test_leaves_of_a_large_tree_are_groups_by_their_largest():
    assert group_names(np.array([1, 0, 1, 1]), ["a", "b", "x" * 40, "d"], np.array([1, 9, 5, 1])) \
        == ["b", "xxxx...xxx + 2 more"]  # fmt: skip
    network = nx.connected_caveman_graph(60, 3)
    found = tvgnn_cli.levels(network, np.arange(180) // 3)
    drawn = tree_figure(found.tree, found.clusters, found.sizes, (59, 40, 3)).axes[0]
    assert len(drawn.get_yticklabels()) == 40
    sizes = [int(re.search(r"\((\d+)\)$", text.get_text())[1]) for text in drawn.get_yticklabels()]
    assert sum(sizes) == 180
    assert "the last 39 of 59 merges" in drawn.get_xlabel()
    assert [text.get_text() for text in drawn.texts] == ["3"], "of levels that can be seen"


def test_a_tree_in_newicks_form_holds_any_name():
    graph, labels, _ = nested()
    tree = tree_of(structure_of(graph, labels % 3, 3))
    names = ("it's", "a,(b):c;", "two\nlines")
    text = newick(tree, names)
    assert text.endswith(";\n")
    assert text.count("\n") == 1
    for quoted in ("'it''s'", "'a,(b):c;'", "'two lines'"):
        assert quoted in text
    # All leaves are as far from the root.
    bare = re.sub(r"'(?:[^']|'')*'", "x", text)
    depths, depth = [], 0.0
    assert bare.count("(") == bare.count(")") == 2
    inner = re.findall(r"\)\:([\d.e+-]+)", bare)
    leaves = [float(x) for x in re.findall(r"x:([\d.e+-]+)", bare)]
    depth = float(inner[0])
    depths = sorted(leaves)
    assert depths[-1] == pytest.approx(depths[0] + depth, rel=1e-4)


def test_the_command_writes_levels_tree_merges_and_figure(tvgnn, tmp_path):
    done = tvgnn("cluster", PLANTED, "-k", 8, "-q", "--epochs", 0, "-o", "c.csv", "--threads", 1)
    assert done.code == 0, done.err
    done = tvgnn("levels", PLANTED, "c.csv", "--tree", "t.nwk", "--plot", "t.svg")
    assert done.code == 0, done.err
    assert "8 clusters of planted" in done.err
    table = pd.read_csv(tmp_path / "planted.levels.csv", dtype=str)
    assert len(table) == 280
    assert (tmp_path / "t.nwk").read_text().count("'") == 16
    assert "<svg" in (tmp_path / "t.svg").read_text()
    first = (tmp_path / "t.svg").read_bytes()
    done = tvgnn("levels", PLANTED, "c.csv", "--tree", "m.csv", "--plot", "t.svg", "-o", "-",
                 "--levels", 1)  # fmt: skip
    assert done.out.startswith("vertex,cluster,cluster_l1\n")
    merges = pd.read_csv(tmp_path / "m.csv")
    assert merges.clusters_left.tolist() == [7, 6, 5, 4, 3, 2, 1]
    assert merges["size"].iloc[-1] == 280
    assert len(first) > 1000


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--tree", "t.txt"), 2, "--tree t.txt: unknown suffix"),
        (("--plot", "t.jpg"), 2, "--plot t.jpg"),
        (("--tree", "x.csv", "-o", "x.csv"), 2, "--tree and -o name the same file"),
        (("--levels", 0), 2, "--levels"),
    ],
)
def test_the_command_refuses_before_any_work(arguments, code, words, tvgnn, tmp_path):
    (tmp_path / "c.csv").write_text("vertex,cluster\n1,0\n")
    done = tvgnn("levels", "karate", "c.csv", *arguments)
    assert done.code == code, done.err
    assert words in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["c.csv"]


def test_bad_input():
    with pytest.raises(UsageError, match="most is 0"):
        tvgnn_cli.levels(nx.path_graph(4), [0, 0, 1, 1], most=0)
    with pytest.raises(InputError, match="3 values for 4 vertices"):
        tvgnn_cli.levels(nx.path_graph(4), [0, 0, 1])
    many = nx.path_graph(5002)
    with pytest.raises(InputError, match="5,002 clusters; a tree is made of at most 5,000"):
        tvgnn_cli.levels(many, np.arange(5002))
