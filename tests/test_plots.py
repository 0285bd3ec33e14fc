"""Figures: of a run, and of the paper."""

from __future__ import annotations

import io
import itertools
import os
import shutil
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tests.conftest import SAMPLES
from tvgnn_cli.evaluation.metrics import matching_classes
from tvgnn_cli.plots import (
    SUFFIXES,
    blocks_figure,
    embedding_figure,
    layout_figure,
    save_figure,
    sharpness_figure,
    variation_figure,
)
from tvgnn_cli.plots.embedding import MOST, sample_of
from tvgnn_cli.plots.files import with_palette
from tvgnn_cli.plots.layout import faded
from tvgnn_cli.plots.panels import PANEL, cluster_colours, sampled
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
    monkeypatch.setattr(plots, "save_figure", lambda *_: None)
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
