"""Features and labels that come with a graph in files of their own."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from tests.test_readers import write
from tvgnn_cli import cluster, load_model, predict
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.graph import stored_features as stored
from tvgnn_cli.io.feature_files import attach_features
from tvgnn_cli.io.label_files import attach_labels
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.source import Source


@pytest.fixture
def path_graph(tmp_path):
    return read_graph(write(tmp_path, "g.csv", "a,b\nb,c\n"))


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_features_are_matched_by_id_and_bring_isolated_vertices(tmp_path, path_graph, suffix):
    frame = pd.DataFrame({"id": ["c", "d", "a", "b"], "f": [3, 4, 1, 2.5], "g": [0, 0, 1, 1]})
    path = tmp_path / f"x.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep={"csv": ",", "tsv": "\t"}[suffix])
    graph = attach_features(path_graph, Source(str(path)))
    assert graph.ids.tolist() == ["a", "b", "c", "d"]
    assert graph.x.tolist() == [[1, 1], [2.5, 1], [3, 0], [4, 0]]
    assert any("1 vertex without edges" in note for note in graph.notes)


@pytest.mark.parametrize("first", ["id", "vertex", "", "gene"])
def test_a_header_of_numbers_is_a_header(tmp_path, path_graph, first):
    text = f"{first},0,1\na,1,2\nb,3,4\nc,5,6\n"
    graph = attach_features(path_graph, Source(write(tmp_path, "x.csv", text)))
    assert graph.x.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert graph.num_vertices == 3


def test_a_parquet_file_whose_ids_are_its_index(tmp_path, path_graph):
    pd.DataFrame({"f": [3.0, 1, 2]}, index=["c", "a", "b"]).to_parquet(tmp_path / "x.parquet")
    graph = attach_features(path_graph, Source(str(tmp_path / "x.parquet")))
    assert graph.x.ravel().tolist() == [1, 2, 3]


def test_features_without_header_and_in_vertex_order(tmp_path, path_graph):
    plain = attach_features(path_graph, Source(write(tmp_path, "x.csv", "a,1\nc,3\nb,2\n")))
    assert plain.x.ravel().tolist() == [1, 2, 3]
    np.save(tmp_path / "x.npy", np.array([[1.0], [2], [3]]))
    np.savez(tmp_path / "x.npz", features=np.array([[1.0], [2], [3]]))
    for name in ("x.npy", "x.npz"):
        graph = attach_features(path_graph, Source(str(tmp_path / name)))
        assert graph.x.ravel().tolist() == [1, 2, 3]


def test_labels_in_all_forms(tmp_path, path_graph):
    table = attach_labels(path_graph, Source(write(tmp_path, "y.csv", "id,label\nb,q\na,p\nc,p\n")))
    assert table.y.tolist() == [0, 1, 0]
    np.save(tmp_path / "y.npy", np.array([5, 3, 5]))
    array = attach_labels(path_graph, Source(str(tmp_path / "y.npy")))
    assert (array.y.tolist(), array.class_names) == ([1, 0, 1], ("3", "5"))


def test_files_and_arrays_that_go_with_a_graph(tmp_path):
    features = write(tmp_path, "x.csv", "id,f\na,1\nb,2\nc,3\n")
    edges = write(tmp_path, "g.csv", "a,b\nb,c\n")
    graph = read_graph(edges, features=features, labels=["u", "v", "u"])
    assert graph.x.ravel().tolist() == [1, 2, 3]
    assert graph.class_names == ("u", "v")
    given = read_graph(nx.path_graph(2), features=sp.eye_array(2).tocsr(), labels=np.array([1, 0]))
    assert given.x.toarray().tolist() == [[1, 0], [0, 1]]
    assert given.y.tolist() == [1, 0]
    with pytest.raises(InputError, match=r"features have shape \(3, 1\)"):
        read_graph(nx.path_graph(2), features=np.ones((3, 1)))


def test_features_from_a_file_replace_those_of_the_graph(tmp_path):
    network = nx.path_graph(2)
    nx.set_node_attributes(network, {0: 1.0, 1: 2.0}, "age")
    graph = read_graph(network, features=write(tmp_path, "x.csv", "id,f\n0,5\n1,6\n"))
    assert graph.x.ravel().tolist() == [5, 6]
    assert [note for note in graph.notes if note.startswith("features")] == [
        f"features: {tmp_path / 'x.csv'}"
    ]


@pytest.mark.parametrize(
    ("labels", "codes"),
    [
        (np.array([1.0, np.nan, 2.0]), [0, -1, 1]),
        (np.array([0, -1, 1]), [0, -1, 1]),
        (np.array([-1, 1, 1]), [0, 1, 1]),  # two classes, named -1 and 1
        (np.array(["p", "", "q"]), [0, -1, 1]),
    ],
)
def test_unknown_classes_in_arrays(labels, codes):
    assert read_graph(nx.path_graph(3), labels=labels).y.tolist() == codes


def test_unknown_classes_in_tables(tmp_path, path_graph):
    for text in ("id,label\na,p\nb,\nc,q\n", "id,label\na,p\nb,nan\nc,q\n"):
        graph = attach_labels(path_graph, Source(write(tmp_path, "y.csv", text)))
        assert (graph.y.tolist(), graph.class_names) == ([0, -1, 1], ("p", "q"))
    frame = pd.DataFrame({"id": ["a", "b", "c"], "label": [4, None, 9]})
    frame.to_parquet(tmp_path / "y.parquet")
    graph = attach_labels(path_graph, Source(str(tmp_path / "y.parquet")))
    assert (graph.y.tolist(), graph.class_names) == ([0, -1, 1], ("4", "9"))


def test_a_first_row_like_the_others_is_no_header(tmp_path, path_graph):
    for text, codes in (("a,x\nb,y\nc,x\n", [0, 1, 0]), ("d,x\na,y\nb,x\nc,y\n", [1, 0, 1])):
        graph = attach_labels(path_graph, Source(write(tmp_path, "y.csv", text)))
        assert (graph.class_names, graph.y.tolist()) == (("x", "y"), codes)


def test_close_values_far_from_zero_stay_apart():
    when = np.array([[1.7e9], [1.7e9 + 1], [1.7e9 + 2]])
    assert read_graph(nx.path_graph(3), features=when).x.ravel().tolist() == when.ravel().tolist()
    assert read_graph(nx.path_graph(3), features=when - 1.7e9).x.dtype == np.float32


def test_cells_of_labels_are_taken_without_the_blanks_around(tmp_path, path_graph):
    table = attach_labels(path_graph, Source(write(tmp_path, "y.csv", "id,y\na , p\nb,p\nc,q \n")))
    assert (table.y.tolist(), table.class_names) == ([0, 0, 1], ("p", "q"))


@pytest.mark.parametrize("kind", [int, float])
def test_minus_one_is_a_class_of_two_and_unknown_among_more(path_graph, kind):
    two = read_graph(path_graph, labels=np.array([-1, 1, 1], dtype=kind))
    assert (two.y.tolist(), two.class_names) == ([0, 1, 1], ("-1", "1"))
    three = read_graph(path_graph, labels=np.array([-1, 0, 1], dtype=kind))
    assert (three.y.tolist(), three.class_names) == ([-1, 0, 1], ("0", "1"))


def test_an_archive_of_features_and_classes_gives_each(tmp_path, path_graph):
    np.savez(tmp_path / "a.npz", x=np.eye(3), y=np.array([1, 0, 1]))
    archive = Source(str(tmp_path / "a.npz"))
    assert attach_labels(path_graph, archive).y.tolist() == [1, 0, 1]
    assert attach_features(path_graph, archive).x.tolist() == np.eye(3).tolist()


def test_dates_in_a_table_of_features_are_refused(tmp_path, path_graph):
    dates = pd.to_datetime(["2020-01-01", None, "2021-01-01"])
    pd.DataFrame({"id": list("abc"), "when": dates}).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(InputError, match=r"left, of when \(of type timestamp"):
        attach_features(path_graph, Source(str(tmp_path / "x.parquet")))


@pytest.mark.parametrize("in_file", [False, True])
def test_features_are_known_by_their_names(tmp_path, monkeypatch, in_file):
    if in_file:
        monkeypatch.setattr(stored, "STORED_BYTES", 0)
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 4)), columns=list("fghi"))
    frame.insert(0, "id", [str(i) for i in range(30)])
    edges = write(tmp_path, "g.csv", "".join(f"{i},{(i + 1) % 30}\n" for i in range(30)))

    def features(columns: str, **renamed: str) -> str:
        path = tmp_path / f"{columns}.parquet"
        frame[["id", *columns]].rename(columns=renamed).to_parquet(path)
        return str(path)

    small = {"epochs": 2, "hidden": 8, "mlp_hidden": 8, "components": 0}
    result = cluster(edges, 3, features=features("fghi"), threads=1, **small)
    result.save(tmp_path / "m.tvgnn")
    model = load_model(tmp_path / "m.tvgnn")
    assert model.fingerprint() == result.model.fingerprint()
    turned = predict(model, edges, features=features("hgif"), threads=1)
    assert (turned.labels == result.labels).all()
    assert (turned.assignment == result.assignment).all()
    with pytest.raises(
        InputError, match=r"has no feature 'f', which .*; it has 'g' \(and 2 more\)"
    ):
        predict(model, edges, features=features("ghi"))
    with pytest.raises(InputError, match=r"has no feature 'i'"):
        predict(model, edges, features=features("fgih", i="j"))
    by_position = predict(model, edges, features=frame[list("fghi")].to_numpy("f4"), threads=1)
    assert (by_position.labels == result.labels).all()


def test_a_model_takes_its_features_whatever_they_look_like_elsewhere(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"id": range(30), "f": random.random(30), "size": random.random(30)})
    frame["kind"] = ["u", "v", "w"] * 10
    frame.to_csv(tmp_path / "x.csv", index=False)
    edges = write(tmp_path, "g.csv", "".join(f"{i},{(i + 1) % 30}\n" for i in range(30)))
    small = {"epochs": 2, "hidden": 8, "mlp_hidden": 8, "threads": 1}
    path = str(tmp_path / "x.csv")
    model = cluster(edges, 3, features=path, feature_attrs="f,size,kind", **small).model
    assert model.recipe.feature_names == ("f", "size", "kind=u", "kind=v", "kind=w")
    frame["f"], frame["kind"] = 1.0, "u"  # the same everywhere: no feature, if nobody asked
    frame[["kind", "size", "id", "f"]].to_csv(tmp_path / "other.csv", index=False)
    assert predict(model, edges, features=str(tmp_path / "other.csv"), threads=1).labels.size == 30
    frame[["id", "f"]].to_csv(tmp_path / "less.csv", index=False)
    with pytest.raises(InputError, match="has no feature 'size'"):
        predict(model, edges, features=str(tmp_path / "less.csv"))


def test_columns_of_a_frame_are_known_by_their_names():
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.normal(size=(30, 4)), columns=list("fghi"), index=[*range(30)])
    ring = nx.cycle_graph(30)
    small = {"epochs": 2, "hidden": 8, "mlp_hidden": 8, "components": 0, "threads": 1}
    result = cluster(ring, 3, features=frame, **small)
    assert result.model.recipe.feature_names == tuple("fghi")
    turned = frame[list("ihgf")].sample(frac=1, random_state=0).assign(more=1.0)
    assert (predict(result.model, ring, features=turned).assignment == result.assignment).all()
    with pytest.raises(InputError, match="has no feature 'f'"):
        predict(result.model, ring, features=frame.rename(columns={"f": "e"}))
    with pytest.raises(InputError, match=r"features: has no column 'f' \(and 3 more\); it has 'a'"):
        predict(result.model, ring, features=frame.set_axis(list("abcd"), axis=1))
    by_place = predict(result.model, ring, features=frame.set_axis(range(4), axis=1))
    assert (by_place.assignment == result.assignment).all()


@pytest.mark.parametrize(
    ("asked", "names"),
    [(None, "fgh"), ("auto", "fgh"), ("all", "fgh"), ("H,f", "hf"), ("2", "g"), (["h", "f"], "fh")],
)
def test_columns_of_a_frame_may_be_chosen(asked, names):
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(9, 3)), columns=list("fgh"))
    graph = read_graph(nx.cycle_graph(9), features=frame, feature_attrs=asked)
    assert graph.feature_names == tuple(names)
    assert graph.x.tolist() == frame[list(names)].to_numpy("f4").tolist()
    with pytest.raises(InputError, match=r"features: has no column 'k' \(`feature_attrs`\)"):
        read_graph(nx.cycle_graph(9), features=frame, feature_attrs="f,k")


def test_ids_in_a_column_of_a_frame_are_no_feature():
    frame = pd.DataFrame({"Node": [2, 0, 1], "f": [3.0, 1.0, 2.0]})
    with pytest.raises(InputError, match=r"column 'Node' seems .* set_index\('Node'\)"):
        read_graph(nx.path_graph(3), features=frame)
    graph = read_graph(nx.path_graph(3), features=frame.set_index("Node"))
    assert graph.x.tolist() == [[1], [2], [3]]


def test_features_that_are_taken_by_position_are_said(tvgnn, tmp_path):
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 3)), columns=list("fgh"))
    frame.insert(0, "id", range(30))
    frame.to_csv(tmp_path / "x.csv", index=False)
    np.save(tmp_path / "x.npy", frame[list("fgh")].to_numpy("f4"))
    write(tmp_path, "g.csv", "".join(f"{i},{(i + 1) % 30}\n" for i in range(30)))
    for own, other, whose in [("csv", "npy", "the input's"), ("npy", "csv", "the model's")]:
        few = ("--epochs", 2, "--hidden", 8, "--view", "both", "--threads", 1, "--save", "m.tvgnn")
        done = tvgnn("cluster", "g.csv", "-k", 3, "--features", f"x.{own}", *few)
        assert (done.code, "by position" in done.err) == (0, False)
        for command in ("predict", "update", "embed"):
            done = tvgnn(command, "m.tvgnn", "g.csv", "--features", f"x.{other}")
            assert f"{whose} features have no names: taken by position, f, g, h" in done.err
            done = tvgnn(command, "m.tvgnn", "g.csv", "--features", f"x.{own}")
            assert (done.code, "by position" in done.err) == (0, False)
    done = tvgnn("cluster", "g.csv", "-k", 3, "--features", "x.npy", "--feature-attrs", "f,g")
    said = "--feature-attrs: x.npy has no names to choose from; leave it out"
    assert (done.code, said in done.err) == (2, True)
    with pytest.raises(UsageError, match="features has no names"):
        read_graph(nx.cycle_graph(30), features=np.eye(30), feature_attrs="f")


def test_values_of_a_category_that_a_model_does_not_know_are_said(tmp_path):
    frame = pd.DataFrame({"id": range(30), "f": np.arange(30) ** 0.5, "kind": ["u", "v", "w"] * 10})
    frame.to_csv(tmp_path / "x.csv", index=False)
    edges = write(tmp_path, "g.csv", "".join(f"{i},{(i + 1) % 30}\n" for i in range(30)))
    small = {"epochs": 2, "hidden": 8, "mlp_hidden": 8, "view": "both", "threads": 1}
    path = str(tmp_path / "x.csv")
    model = cluster(edges, 3, features=path, feature_attrs="f,kind", **small).model
    said = "values that the model does not know, taken for none: kind=new"
    assert said not in predict(model, edges, features=path).notes
    frame.loc[3, "kind"] = "new"
    frame.to_csv(path, index=False)
    assert said in predict(model, edges, features=path).notes
    frame.loc[3, "kind"] = None
    frame.to_csv(path, index=False)
    assert said not in predict(model, edges, features=path).notes  # 0 in all, as in training
