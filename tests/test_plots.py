"""Figures: of a run, and of the paper."""

from __future__ import annotations

import io
import itertools
import os
import shutil
import warnings
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from tests.conftest import SAMPLES
from tvgnn_cli.evaluation.metrics import matching_classes
from tvgnn_cli.explanation.subject import subject_of
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.jobs.sweep_file import read_sweep
from tvgnn_cli.plots import (
    SUFFIXES,
    blocks_figure,
    embedding_figure,
    layout_figure,
    save_figure,
    sharpness_figure,
    sweep_figure,
    variation_figure,
)
from tvgnn_cli.plots.cluster_graph import NAMED, cluster_graph_figure, heaviest
from tvgnn_cli.plots.cluster_places import distances_of, moved_apart, places_of
from tvgnn_cli.plots.confidence import SHARES, confidence_figure, quantiles_of
from tvgnn_cli.plots.cut import cut_figure
from tvgnn_cli.plots.embedding import MOST, sample_of
from tvgnn_cli.plots.files import with_palette
from tvgnn_cli.plots.layout import faded
from tvgnn_cli.plots.of_clusters import FIGURES as OF_CLUSTERS
from tvgnn_cli.plots.of_clusters import over_chance, title_of
from tvgnn_cli.plots.palette import HUES, cluster_hues, distinct_colours
from tvgnn_cli.plots.panels import PANEL, cluster_colours, sampled
from tvgnn_cli.plots.sizes import sizes_figure
from tvgnn_cli.reproduction.figures import FIGURES
from tvgnn_cli.reproduction.graphs import grid, noisy_communities, ring

FAST = ("--epochs", 5, "-q")


@pytest.fixture(scope="module")
def trained(forks, tmp_path_factory):
    """A folder with a run's clusters and model."""
    folder, planted = tmp_path_factory.mktemp("trained"), SAMPLES / "planted.graphml"
    files = ("-o", "c.csv", "--save", "m.tvgnn")
    done = forks.start("cluster", planted, "-k", 4, *files, *FAST, cwd=folder)
    said = done.ended()
    assert done.returncode == 0, said
    return folder


@pytest.fixture
def run(tvgnn, trained, tmp_path):
    """A run's clusters and model in an empty folder, and the command line."""
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    return tvgnn


def inked(path) -> float:
    """Share of a picture that is not white."""
    pixels = np.asarray(Image.open(path).convert("L"))
    return float((pixels < 250).mean())


def test_a_picture_in_few_colours_looks_the_same():
    along = np.linspace(0, 255, 400).astype("u1")
    picture = Image.fromarray(
        np.stack(np.broadcast_arrays(along, along[:, None], np.uint8(90)), axis=2)
    )
    held = io.BytesIO()
    picture.save(held, "PNG", dpi=(150, 150))
    few = Image.open(io.BytesIO(with_palette(held.getvalue())))
    assert few.mode == "P"
    assert few.info["dpi"] == pytest.approx((150, 150), abs=0.1)
    off = np.abs(np.asarray(few.convert("RGB")).astype(int) - np.asarray(picture))
    assert off.max() <= 16  # a sixteenth of what there is between black and white
    assert off.mean() < 6


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_figures_of_a_run(run, tmp_path, suffix):
    for command in (("loss", "m.tvgnn"), ("blocks", "c.csv")):
        done = run("plot", *command, "-o", f"figure{suffix}")
        assert done.code == 0, done.err
        first = (tmp_path / f"figure{suffix}").read_bytes()
        assert run("plot", *command, "-o", f"figure{suffix}").code == 0
        assert (tmp_path / f"figure{suffix}").read_bytes() == first
        if suffix == ".png":
            assert inked(tmp_path / "figure.png") > 0.01


class FirstTwoDirections:
    """Stands in for UMAP, whose own compiler takes half a minute in each process."""

    def __init__(self, **_):
        pass

    def fit_transform(self, points):
        return np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[0][:, :2]


@pytest.mark.parametrize("is_real", [False, True])
def test_points_of_a_run_by_cluster_and_class(run, tmp_path, monkeypatch, is_real):
    if is_real and not os.environ.get("TVGNN_UMAP"):
        pytest.skip("UMAP itself is run by make coverage")
    if not is_real:
        stand_in = SimpleNamespace(UMAP=FirstTwoDirections)
        monkeypatch.setattr("tvgnn_cli.plots.embedding.require", lambda *_: stand_in)
    done = run("plot", "embedding", "m.tvgnn", SAMPLES / "planted.graphml", "-o", "points.png")
    assert done.code == 0, done.err
    assert inked(tmp_path / "points.png") > 0.01


def test_points_are_of_the_features_that_the_model_knows(tvgnn, tmp_path, monkeypatch):
    import networkx as nx

    import tvgnn_cli.plots as plots

    graph = nx.karate_club_graph()
    for vertex, facts in graph.nodes(data=True):
        facts.update(a=vertex % 3, b=vertex % 5)
    nx.write_graphml(graph, tmp_path / "g.graphml")
    few = ("-k", 2, "--epochs", 2, "--hidden", 8, "--init", "random", "--threads", 1, "-q")
    made = tvgnn("cluster", "g.graphml", *few, "--feature-attrs", "b", "--save", "m.tvgnn")
    assert made.code == 0, made.err
    seen = []
    monkeypatch.setattr(plots, "require_umap", lambda: None)
    monkeypatch.setattr(plots, "run_embedding_figure", lambda read, *_: seen.append(read))
    monkeypatch.setattr(plots, "save_figure", lambda *_: ())
    done = tvgnn("plot", "embedding", "m.tvgnn", "g.graphml")
    assert done.code == 0, done.err
    assert seen[0].feature_names == ("b",)
    (tmp_path / "x.png").write_text("id,x\n0,1\n")
    refused = tvgnn(
        "plot", "embedding", "m.tvgnn", "g.graphml", "--features", "x.png", "-o", "x.png"
    )
    assert refused.code == 2
    assert "is an input of this command" in refused.err


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (("loss", "c.csv"), 3, "c.csv"),
        (("blocks", "m.tvgnn"), 3, "holds binary data"),
        (("blocks", "hard.csv"), 3, "has no columns p_0"),
        (("blocks", "nan.csv"), 3, "not all finite numbers"),
        (("blocks", "words.csv"), 3, "not all numbers"),
        (("blocks", "none.csv"), 3, "none.csv"),
        (("blocks", "gap.csv"), 3, "has no columns p_0"),
        (("blocks", "large.csv"), 3, "row 2: p_0, p_1, ... are no probabilities"),
        (("blocks", "empty.csv"), 3, "has no vertices"),
        (("loss", "m.tvgnn", "-o", "-"), 2, "a figure is one of .png, .svg, .pdf"),
        (("embedding", "m.tvgnn", "p.csv", "--seed", -1), 2, "--seed"),
        (("blocks", "c.csv", "-o", "x.gif"), 2, "unknown suffix '.gif'"),
        (("loss", "m.tvgnn", "-o", "there/is/none.png"), 2, "there is no folder"),
    ],
)
def test_what_cannot_be_drawn(run, tmp_path, command, code, words):
    (tmp_path / "hard.csv").write_text("vertex,cluster\na,0\n")
    (tmp_path / "nan.csv").write_text("vertex,p_0,p_1\na,0.5,\n")
    (tmp_path / "gap.csv").write_text("vertex,p_0,p_2\na,0.5,0.5\n")
    (tmp_path / "large.csv").write_text("vertex,p_0,p_1\na,0.5,0.5\nb,-5,6\n")
    (tmp_path / "empty.csv").write_text("vertex,p_0,p_1\n")
    (tmp_path / "words.csv").write_text("vertex,p_0,p_1\na,0.5,x\n")
    before = {path.name for path in tmp_path.iterdir()}
    done = run("plot", *command)
    assert done.code == code
    assert words in done.err
    assert "Traceback" not in done.err
    assert {path.name for path in tmp_path.iterdir()} == before


def test_blocks_are_sorted_and_sampled():
    groups = np.arange(5000) % 3
    rows = sampled(groups, 100)
    assert len(rows) == 100
    assert (np.diff(groups[rows]) >= 0).all()
    assert (sampled(groups[:9], 100) == [0, 3, 6, 1, 4, 7, 2, 5, 8]).all()
    figure = blocks_figure({"x": (np.eye(3)[groups], groups)})
    image = figure.axes[0].images[0].get_array()
    assert image.shape == (1000, 1000)
    assert (image.max(), image.min()) == (0, -4)
    assert "1,000 of 5,000 vertices" in figure.axes[0].get_xlabel()


def test_a_panel_says_what_its_rows_are_sorted_by():
    groups = np.arange(6) % 2
    sharp = np.eye(2)[groups], groups
    figure = blocks_figure({"original": sharp, "TVGNN": sharp}, by_class=("original",))
    said = [axis.get_xlabel() for axis in figure.axes[:2]]
    assert said == ["6 vertices, by class", "6 vertices, by cluster"]


@pytest.mark.parametrize("groups", [3, 30, 60])
def test_legends_stay_beside_their_panels(groups):
    group = np.arange(300) % groups
    points = np.random.default_rng(0).normal(size=(300, 2))
    panel = {"": (points, np.array([[0], [1]]), group)}
    long = "a-file-of-a-run-with-" + "many-" * 30 + "settings"
    figure = embedding_figure([("cluster", panel), ("class", panel)], long)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of a layout that has no room
        figure.draw_without_rendering()
    legends = [axis.get_legend() for axis in figure.axes]
    assert all((legend is None) == (groups == 60) for legend in legends)
    boxes = [legend.get_window_extent() for legend in legends if legend is not None]
    assert all(box.x0 > axis.bbox.x1 for box, axis in zip(boxes, figure.axes, strict=False))
    assert all(box.x1 <= figure.bbox.x1 for box in boxes)
    assert len(boxes) < 2 or not boxes[0].overlaps(boxes[1])
    assert all(axis.bbox.width > 0.5 * figure.dpi * PANEL for axis in figure.axes)
    head = figure._suptitle.get_window_extent()
    assert head.x0 >= 0
    assert head.x1 <= figure.bbox.x1


def test_a_cluster_has_the_colour_of_its_class():
    points = np.random.default_rng(0).normal(size=(6, 2))
    classes = np.array([0, 0, 1, 1, 2, 2])
    clusters = np.array([2, 2, 0, 0, 1, 1])
    edges = np.array([[0], [1]])
    hues = {"cluster": matching_classes(clusters, classes, 3)}
    figure = embedding_figure(
        [("cluster", {"": (points, edges, clusters)}), ("class", {"": (points, edges, classes)})],
        hues=hues,
    )
    above, below = (axis.collections[1].get_facecolors() for axis in figure.axes)
    assert (above == below).all()
    named = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert named == ["0", "1", "2"]


def test_numbers_along_an_axis_stay_apart():
    along = np.arange(40_001)
    figure = variation_figure({"a": (along, {"x": along})}, "steps", {"a": "value"})
    figure.draw_without_rendering()
    labels = [label.get_window_extent() for label in figure.axes[0].get_xticklabels()]
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(labels))
    assert "10,000" in [label.get_text() for label in figure.axes[0].get_xticklabels()]


def test_large_graphs_are_sampled_with_the_edges_between():
    n = MOST + 1000
    edges = np.stack([np.arange(n - 1), np.arange(1, n)])
    shown, inside = sample_of(n, edges)
    assert len(shown) == MOST
    assert (np.diff(shown[inside], axis=0) == 1).all()
    both = np.isin(edges, shown).all(axis=0).sum()
    assert inside.shape == (2, both)


def test_clusters_are_told_apart_in_grey():
    for count in range(2, 11):
        grey = cluster_colours(count)[:, :3] @ [0.299, 0.587, 0.114]
        assert (np.diff(grey) > 0.015).all()
    assert len(np.unique(cluster_colours(30), axis=0)) == 30


def test_pale_is_what_is_not_sharp():
    colours = faded(np.array([[1.0, 0.0], [0.6, 0.4], [0.5, 0.5]]))
    assert (colours[0] == cluster_colours(2)[0]).all()
    lightness = colours[:, :3].sum(axis=1)
    assert lightness[0] < lightness[1] < lightness[2]
    figure = layout_figure({"a": (colours, np.array([0, 0, 0]))}, np.eye(3)[:, :2],
                           np.array([[0], [1]]))  # fmt: skip
    assert [text.get_text() for text in figure.axes[0].texts] == ["0", "0", "0"]


def test_sharpness_curves(tmp_path):
    figure = sharpness_figure({"ring": {"a": np.ones(5), "b": np.full(5, 0.3)}}, "vertices")
    assert [line.get_ydata()[0] for line in figure.axes[0].lines] == [1.0, 0.3]
    save_figure(figure, tmp_path / "s.svg")
    assert b"<dc:date>" not in (tmp_path / "s.svg").read_bytes()


HOSTILE = (
    "$x^{$",
    "$x^2$",
    "$\\frac{",
    "a\nb\x1b[31m",
    "\u202egnp",
    "<b>&amp;",
    "_hidden",
    "",
    "x" * 5000,
)


def planted_clusters(k, seed=0):
    """A graph of k clusters, of 3 vertices and more, each with edges to the next."""
    random = np.random.default_rng(seed)
    sizes = 3 + random.integers(0, 40, k)
    labels = np.repeat(np.arange(k), sizes)
    first = np.cumsum(sizes) - sizes
    tail = random.integers(len(labels), size=6 * len(labels))
    group = np.where(random.random(len(tail)) < 0.7, labels[tail], (labels[tail] + 1) % k)
    head = first[group] + (random.random(len(tail)) * sizes[group]).astype(int)
    return Graph.from_edges(index_ids(len(labels)), tail, head), labels


def edgeless(k):
    none = np.array([], dtype=int)
    return Graph.from_edges(index_ids(2 * k), none, none), np.arange(2 * k) % k


def of_names(names):
    graph, labels = planted_clusters(len(names))
    return graph, np.array(names, dtype=object)[labels]


CASES = {
    **{f"{k} clusters": planted_clusters(k) for k in (1, 2, 3, 9, 30, 60, 230)},
    "no edges": edgeless(5),
    "one vertex": (Graph.from_edges(index_ids(1), *np.zeros((2, 0), int)), [0]),
    "hostile names": of_names([name for name in HOSTILE if name]),
}


@pytest.mark.parametrize("kind", OF_CLUSTERS)
@pytest.mark.parametrize("case", CASES)
def test_figures_of_clusters_hold_their_text_and_are_the_same_twice(tmp_path, kind, case):
    graph, clusters = CASES[case]
    subject = subject_of(graph, clusters)
    for name in ("one.svg", "two.svg"):
        figure = OF_CLUSTERS[kind](subject, "a $title$ of\x00 a file")
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of a layout that has no room, of a missing letter
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            save_figure(figure, tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    ElementTree.parse(tmp_path / "one.svg")
    figure.draw_without_rendering()
    taken = figure.get_tightbbox()  # of all that is drawn, in inches
    assert min(taken.x0, taken.y0) > -0.02
    assert taken.x1 < figure.get_figwidth() + 0.02
    assert taken.y1 < figure.get_figheight() + 0.02


@pytest.mark.parametrize("kind", OF_CLUSTERS)
def test_the_command_draws_clusters_of_any_tool(tvgnn, tmp_path, kind):
    rows = [f"m{i},{'first' if i < 18 else 'second'}" for i in range(1, 35)]
    (tmp_path / "c.csv").write_text("\n".join(["id,group", *rows]))
    for suffix in SUFFIXES:
        done = tvgnn("plot", kind, "karate", "c.csv", "-o", f"figure{suffix}")
        assert done.code == 0, done.err
    assert inked(tmp_path / "figure.png") > 0.01
    refused = tvgnn("plot", kind, "planted", "c.csv", "-o", "other.png")
    assert refused.code == 3
    assert not (tmp_path / "other.png").exists()


def test_the_command_says_what_it_wrote_and_how_its_input_was_read(tvgnn, tmp_path):
    (tmp_path / "g.csv").write_text("person,friend,since\na,b,2001\nb,c,2002\nc,a,2003\n")
    (tmp_path / "c.csv").write_text("id,group\na,x\nb,x\nc,\u795e\u7d4c\n")
    done = tvgnn("plot", "sizes", "g.csv", "c.csv")
    assert "written: sizes.png\n" in done.err
    assert "  - edge columns not read: 'since'" in done.err
    assert "  - boxes stand for letters that the figure's font lacks: \u795e, \u7d4c" in done.err
    assert tvgnn("plot", "sizes", "g.csv", "c.csv", "-q").err == ""
    (tmp_path / "c.csv").write_text("id,group\na,x\nb,x\nc,y\n")
    assert "boxes" not in tvgnn("plot", "sizes", "g.csv", "c.csv").err


@pytest.mark.parametrize(("measured", "title"), [(",confidence", "confidence"), ("", "margin")])
def test_a_figure_of_margins_is_not_called_confidence(tvgnn, tmp_path, measured, title):
    rows = [f"m{i},{i % 2}{',.5' if measured else ''}" for i in range(1, 35)]
    (tmp_path / "c.csv").write_text("\n".join([f"id,cluster{measured}", *rows]))
    subject = subject_of("karate", tmp_path / "c.csv")
    assert title_of("confidence", subject) == f"karate: {title} by cluster"


def test_the_command_draws_rows_of_a_sweep_and_numbers_that_were_tried(tvgnn, tmp_path):
    (tmp_path / "s.csv").write_text(
        "num_clusters,loss,clusters_used,modularity,bits_saved\n2,1,2,.3,.1\n3,,3,.4,.2\n"
    )
    (tmp_path / "t.csv").write_text(
        "num_clusters,bits_saved,chosen\n2,.3,False\n3,.4,True\n4,.35,False\n"
    )
    for name, panels in (("s", ["loss", "clusters used", "modularity", "bits saved"]),
                         ("t", ["bits saved"])):  # fmt: skip
        done = tvgnn("plot", "sweep", f"{name}.csv", "-o", f"{name}.svg")
        assert done.code == 0, done.err
        assert "<svg" in (tmp_path / f"{name}.svg").read_text()
        figure = read_sweep(tmp_path / f"{name}.csv").figure()
        assert [axis.get_title() for axis in figure.axes] == panels
        assert [line.get_xdata()[0] for line in figure.axes[-1].lines] == [2, 3], "3 is marked"
    (tmp_path / "c.csv").write_text("vertex,cluster\n1,0\n")
    done = tvgnn("plot", "sweep", "c.csv")
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert "is no table of tvgnn sweep: it has no column 'num_clusters'" in done.err
    assert not (tmp_path / "sweep.png").exists()


def test_a_legend_of_many_clusters_lies_upon_nothing_that_is_drawn():
    labels = np.arange(2000) % 50
    values = np.linspace(-1, -0.5, 2000)
    figure = confidence_figure([str(i) for i in range(50)], labels, values, "margin")
    figure.draw_without_rendering()
    (legend,) = figure.legends
    assert legend.get_window_extent().y1 < figure.axes[0].get_window_extent().y0


def rows_of_two(seeds):
    """A sweep over K and a seed."""
    return [
        {"num_clusters": k, "seed": seed, "loss": k + seed, "clusters_used": k}
        for k in (3, 5)
        for seed in range(seeds)
    ]


def test_a_sweep_of_two_settings_has_a_line_for_each_value_of_the_second():
    figure = sweep_figure(rows_of_two(2), "num_clusters", 5, others=("seed",))
    lines = figure.axes[0].lines
    assert [line.get_ydata().tolist() for line in lines[:2]] == [[3, 5], [4, 6]]
    assert [line.get_xdata().tolist() for line in lines[:2]] == [[3, 5], [3, 5]]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["seed 0", "seed 1"]
    figure.draw_without_rendering()
    assert max(axis.get_window_extent().x1 for axis in figure.axes) < (
        legend.get_window_extent().x0
    )
    many = sweep_figure(rows_of_two(20), "num_clusters", others=("seed",))
    assert len(many.axes[0].lines) == 20
    assert not many.legends
    assert "a line for each of 20 values of seed" in many.get_supxlabel()
    words = sweep_figure(
        [{"init": word, "loss": 1.0 + i} for i, word in enumerate(("kmeans", "random"))], "init"
    )
    assert [each.get_text() for each in words.axes[0].get_xticklabels()] == ["kmeans", "random"]


def test_whole_numbers_have_whole_ticks():
    figure = sweep_figure(rows_of_two(1), "num_clusters")
    figure.draw_without_rendering()
    used = figure.axes[1]
    assert used.get_title() == "clusters used"
    for axis in (used.xaxis, used.yaxis):
        assert all(float(tick).is_integer() for tick in axis.get_majorticklocs())


def test_sizes_are_bars_with_numbers_or_a_line_by_rank():
    figure = sizes_figure(["a", "b", "c"], np.array([600, 399, 1]))
    axis = figure.axes[0]
    assert [bar.get_width() for bar in axis.patches] == [600, 399, 1]
    assert {text.get_text() for text in axis.texts} == {"600 (60%)", "399 (40%)", "1 (<1%)"}
    assert [text.get_text() for text in axis.get_yticklabels()] == ["a", "b", "c"]
    many = sizes_figure([f"c{i}" for i in range(99)], np.arange(99) + 1).axes[0]
    assert not many.patches
    assert (np.diff(many.lines[0].get_ydata()) == -1).all()
    assert {"largest: c98 (99)", "smallest: c0 (1)", "median 50"} == {
        t.get_text() for t in many.texts
    }
    assert many.get_ylabel() == "vertices, logarithmic"


def test_the_matrix_is_weight_over_chance_with_the_insides_on_its_diagonal():
    # A triangle and a pair, one edge between: volumes 7 and 3 of 10.
    tail, head = np.array([(0, 1), (1, 2), (0, 2), (3, 4), (2, 3)]).T
    subject = subject_of(Graph.from_edges(index_ids(5), tail, head), [0, 0, 0, 1, 1])
    found = over_chance(subject, np.arange(2))
    np.testing.assert_allclose(found, [[6 / 4.9, 1 / 2.1], [1 / 2.1, 2 / 0.9]])
    axis = cut_figure(["0", "1"], found).axes[0]
    assert [text.get_text() for text in axis.texts] == ["1.2", "0.48", "0.48", "2.2"]
    image = cut_figure([str(i) for i in range(60)], np.eye(60)).axes[0].images[0].get_array()
    assert image.mask.sum() == 60 * 59, "no edges are white"


def test_large_matrices_have_the_largest_clusters():
    graph, labels = planted_clusters(230)
    subject = subject_of(graph, labels)
    assert "200 of 230 clusters" in OF_CLUSTERS["cut"](subject, "").axes[0].get_xlabel()
    least = np.sort(np.bincount(labels))[30]
    assert (subject.structure.sizes[subject.largest(200)] >= least).all()


def test_quantiles_are_those_of_numpy():
    random = np.random.default_rng(0)
    labels, values = random.integers(5, size=300), random.random(300)
    labels[labels == 3] = 2
    labels[7] = 3
    found = quantiles_of(labels, values, 6)
    for cluster in range(5):
        expected = np.quantile(values[labels == cluster], SHARES)
        np.testing.assert_allclose(found[cluster], expected)
    assert np.isnan(found[5]).all()
    axis = confidence_figure(["a"], np.zeros(9, int), np.linspace(-1, 1, 9), "margin").axes[0]
    assert axis.get_xlim()[0] < -1, "margins go below 0"


def test_clusters_lie_near_each_other_where_many_edges_join_them():
    chance = np.full((5, 5), 0.01)
    for one, other in itertools.pairwise(range(5)):
        chance[one, other] = chance[other, one] = 16
    places = places_of(chance)
    assert (places == places_of(chance.copy())).all()
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    joined = [apart[i, i + 1] for i in range(4)]
    others = [apart[i, j] for i in range(5) for j in range(i + 2, 5)]
    assert max(joined) < min(others)
    assert distances_of(np.array([[0, 0.0], [0.0, 0]])).max() == 3
    # Three at equal distances are a triangle of equal sides.
    three = places_of(np.ones((3, 3)))
    sides = [np.linalg.norm(three[i] - three[j]) for i, j in ((0, 1), (1, 2), (0, 2))]
    assert sides == pytest.approx([2.0] * 3, rel=0.02)


def test_weights_of_thin_lines_are_written_where_they_are_few():
    weight = np.full((7, 7), 10.0)
    weight[0, 1] = weight[1, 0] = 1.0
    for k, written in ((7, 20), (4, 6)):
        some = weight[:k, :k]
        figure = cluster_graph_figure([f"c{i}" for i in range(k)], np.full(k, 9), some, some)
        texts = [text.get_text() for text in figure.axes[0].texts]
        assert len([text for text in texts if not text.startswith("c")]) == written
        assert ("1" in texts) == (k == 4)


def test_discs_do_not_overlap():
    random = np.random.default_rng(0)
    places, radii = random.normal(size=(30, 2)), random.uniform(0.1, 0.4, 30)
    moved = moved_apart(places, radii, 0.1)
    apart = np.linalg.norm(moved[:, None] - moved[None], axis=2) - radii[:, None] - radii[None]
    np.fill_diagonal(apart, 1)
    assert apart.min() > 0
    np.testing.assert_array_equal(moved_apart(moved * 3, radii, 0.1), moved * 3)


def test_of_many_lines_the_heaviest_and_one_of_each_cluster_are_drawn():
    random = np.random.default_rng(0)
    weight = np.triu(random.uniform(1, 2, (40, 40)), 1)
    weight[0] *= 0.01  # a cluster whose lines are the thinnest of all
    weight += weight.T
    tail, head = heaviest(weight)
    assert 100 <= len(tail) <= 140
    assert set(tail) | set(head) == set(range(40))
    assert (np.diff(weight[tail, head]) >= 0).all()
    strongest = np.sort(weight[np.triu_indices(40, 1)])[-100:]
    assert set(strongest) <= set(weight[tail, head])
    figure = cluster_graph_figure([str(i) for i in range(40)], np.full(40, 5), weight, weight)
    assert f"the heaviest {len(tail):,} of 780 lines" in figure.axes[0].get_xlabel()
    assert len(figure.axes[0].texts) == 40 <= NAMED


def test_hues_are_in_rounds_of_shades_and_stay_apart():
    assert cluster_hues(10) == HUES
    colours = distinct_colours([*map(str, range(30))])
    assert (colours[10:20, :3] < colours[:10, :3] + 0.01).all(), "darker"
    assert (colours[20:30, :3] > colours[:10, :3] - 0.01).all(), "paler"
    apart = np.abs(colours[:, None] - colours[None]).sum(axis=2) + 9 * np.eye(30)
    assert apart.min() > 0.1
    assert cluster_hues(61)[30:60] == cluster_hues(30)


def test_graphs_of_appendix_c():
    graph = noisy_communities(3)
    assert graph.num_vertices == 200
    inside = graph.y[graph.edge_index[0]] == graph.y[graph.edge_index[1]]
    assert inside.sum() / (67 * 66 + 66 * 65 / 2) == pytest.approx(0.3, abs=0.03)
    assert (~inside).sum() / (67 * 67 + 2 * 67 * 66) == pytest.approx(0.005, abs=0.003)
    noise = np.asarray(graph.x) - np.eye(3)[graph.y]
    assert noise.std() == pytest.approx(1.5, abs=0.1)
    assert noisy_communities(4).edge_index.shape != graph.edge_index.shape
    assert (ring().num_vertices, ring().num_edges) == (100, 100)
    assert (grid().num_vertices, grid().num_edges) == (225, 2 * 15 * 14)
    tail, head = grid().x[grid().edge_index]
    assert np.linalg.norm(tail - head, axis=1) == pytest.approx(1 / 14)


def test_every_figure_of_the_paper_is_there():
    numbers = {int(name.rstrip("abc")) for name in FIGURES}
    assert numbers == {2, *range(4, 25)}


def test_figures_by_number(tvgnn, tmp_path):
    done = tvgnn("reproduce", "figure", "2", "--out", "drawn")
    assert done.code == 0, done.err
    assert {path.name for path in (tmp_path / "drawn").iterdir()} == {
        "figure-2.png",
        "figure-2.svg",
    }
    assert tvgnn("reproduce", "figure", "3").code == 2


def test_networks_of_a_figure_are_trained_once(tvgnn, tmp_path, monkeypatch):
    from tvgnn_cli.reproduction import trained

    trainings = []
    known = trained.cluster

    def counted(graph, config, **options):
        trainings.append(config.method)
        return known(graph, config=config, **options)

    short = {"preset": "paper", "epochs": 3, "hidden": 8}
    monkeypatch.setattr(trained, "cluster", counted)
    monkeypatch.setattr(trained, "settings_of_run", lambda _, method: {**short, "method": method})
    done = tvgnn("reproduce", "figure", "22", "24", "-q")
    assert done.code == 0, done.err
    assert sorted(trainings) == sorted(["diffpool", "mincutpool", "dmon", "tvgnn"] * 2)
    assert inked(tmp_path / "figures" / "figure-24.png") > 0.01
    assert tvgnn("reproduce", "figure", "22", "-q").code == 0
    assert len(trainings) == 8
    done = tvgnn("reproduce", "figure", "2", "22", "--protocol", "ours", "-q")
    assert done.code == 0, done.err
    names = {path.name for path in (tmp_path / "figures").glob("*.png")}
    assert names == {f"figure-{name}.png" for name in ("2", "22", "24", "22-ours")}


def test_appendix_c_over_seeds(tvgnn, tmp_path, monkeypatch):
    from tvgnn_cli.reproduction import trained

    short = {"preset": "paper", "epochs": 3, "hidden": 8}
    monkeypatch.setattr(trained, "settings_of_run", lambda _, method: {**short, "method": method})
    done = tvgnn("reproduce", "synthetic", "--seeds", 2, "--out", "s")
    assert done.code == 0, done.err
    lines = (tmp_path / "s" / "synthetic.csv").read_text().splitlines()
    assert len(lines) == 1 + 3 * 2 * 6
    assert "of 2" in done.err


def test_few_points_are_too_few():
    from tvgnn_cli.errors import InputError
    from tvgnn_cli.plots import project

    with pytest.raises(InputError, match="3 vertices are too few"):
        project(np.eye(3))


def test_figures_of_points_ask_for_their_library_first(tvgnn, tmp_path, monkeypatch):
    import tvgnn_cli.plots.embedding as embedding
    from tvgnn_cli.errors import UsageError

    def lacking(module, remedy):
        raise UsageError(remedy)

    monkeypatch.setattr(embedding, "require", lacking)
    done = tvgnn("reproduce", "figure", "2", "5", "--out", "f")
    assert done.code == 2
    assert "needs umap-learn: pip install 'tvgnn[reproduce]'" in done.err
    assert not (tmp_path / "f").exists()


def test_a_run_of_a_figure_that_is_damaged_is_named(tmp_path):
    from tvgnn_cli.errors import InputError
    from tvgnn_cli.reproduction.trained import _read

    for data in (b"", b"PK\x03\x04 cut off"):
        (tmp_path / "x.npz").write_bytes(data)
        with pytest.raises(InputError, match=r"x\.npz: is not a run"):
            _read(tmp_path / "x.npz")


def test_a_figures_training_ends_when_asked_and_goes_on(tvgnn, tmp_path):
    command = ("reproduce", "figure", "22", "-q", "--max-time")
    done = tvgnn(*command, "2s")
    assert done.code == 75, done.err
    runs = tmp_path / "figures" / "runs"
    assert list(runs.rglob("restart-*.tvgnn")) or list(runs.glob("*.npz"))
    assert not (tmp_path / "figures" / "figure-22.png").exists()
