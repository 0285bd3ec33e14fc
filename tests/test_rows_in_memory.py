"""Features in a DataFrame by the rules of a table on file, and rows by the ids beside them."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import tvgnn_cli
from tests.test_readers import write
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io.read import read_graph

PATH = nx.path_graph(4)
TABLE = pd.DataFrame({
    "age": [1.0, 2, 3, 5], "label": [0, 1, 0, 1], "city": list("xyxy"), "gap": [1, np.nan, 2, 3],
    "cluster": [0, 0, 1, 1],
})  # fmt: skip


def with_index(index) -> pd.DataFrame:
    return pd.DataFrame({"age": [1.0, 2, 3, 5]}, index=index)


@pytest.mark.parametrize(
    ("options", "names", "told"),
    [
        ({}, ["age"], "label (could be the true class"),
        ({}, ["age"], "gap (missing for some vertices)"),
        ({}, ["age"], "cluster (an earlier clustering)"),
        ({"feature_attrs": "auto"}, ["age"], "city (not numbers"),
        ({"impute": "median"}, ["age", "gap"], "cluster (an earlier clustering)"),
        ({"feature_attrs": "age,city"}, ["age", "city=x", "city=y"], ""),
        ({"feature_attrs": "label"}, ["label"], ""),
        ({"labels": [0, 1, 1, 0], "label_attr": "age", "impute": "mean"}, ["gap"], ""),
    ],
)
def test_columns_of_a_data_frame_are_chosen_as_those_of_a_file(tmp_path, options, names, told):
    TABLE.assign(id=range(4)).to_csv(tmp_path / "x.csv", index=False)
    write(tmp_path, "g.csv", "0,1\n1,2\n2,3\n")
    write(tmp_path, "y.csv", "id,age,of\n0,0,1\n1,1,1\n2,1,1\n3,0,1\n")
    of_file = {**options, "labels": tmp_path / "y.csv"} if "labels" in options else options
    found = read_graph(PATH, features=TABLE, **options)
    expected = read_graph(tmp_path / "g.csv", features=tmp_path / "x.csv", **of_file)
    assert list(found.feature_names) == list(expected.feature_names) == names
    assert np.array_equal(found.x, expected.x)
    assert told in " | ".join(found.notes)


class Other:
    """A frame of a library that has no index, as polars'."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame, self.columns = frame, list(frame.columns)

    def __getitem__(self, names: list[str]) -> Other:
        return Other(self.frame[names])

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        return self.frame.to_numpy(dtype=dtype)


def test_a_frame_without_an_index_is_an_array_with_names():
    table = Other(TABLE[["age", "cluster"]])
    whole = read_graph(PATH, features=table)
    assert list(whole.feature_names) == ["age", "cluster"]
    for asked in ("age", ["age"]):
        assert read_graph(PATH, features=table, feature_attrs=asked).x.ravel().tolist() == [
            1,
            2,
            3,
            5,
        ]


def test_nothing_that_may_be_a_feature_is_refused():
    with pytest.raises(InputError, match=r"no feature columns are left, of city \(not numbers"):
        read_graph(PATH, features=TABLE[["city"]])
    with pytest.raises(InputError, match="has no column 'x'"):
        read_graph(PATH, features=TABLE, feature_attrs="x")
    with pytest.raises(UsageError, match="no names to choose from"):
        read_graph(PATH, features=pd.DataFrame(np.eye(4)), feature_attrs="a")


def test_a_model_of_categories_takes_a_data_frame():
    graph = nx.connected_caveman_graph(4, 8)
    table = pd.DataFrame(
        {"a": np.arange(32) % 5 + 0.5, "b,c": [list("xyzw")[i // 8] for i in range(32)]}
    )
    options = {"num_clusters": 4, "epochs": 5, "hidden": 8, "layers": 1}
    found = tvgnn_cli.cluster(graph, features=table, feature_attrs='a,"b,c"', **options)
    given = table.assign(label=0)[["label", "b,c", "a"]]
    again = tvgnn_cli.predict(found.model, graph, features=given)
    assert np.array_equal(
        again.labels, tvgnn_cli.predict(found.model, graph, features=table.copy()).labels
    )
    other = tvgnn_cli.predict(found.model, graph, features=table.replace({"x": "new"}))
    assert "values that the model does not know, taken for none: b,c=new" in other.notes


@pytest.mark.parametrize(
    "index",
    [[3.0, 2.0, 1.0, 0.0], ["03", "02", "01", "00"], ["n3", "n2", "n1", "n0"], [7, 5, 8, 9]],
)
@pytest.mark.parametrize("what", ["features", "labels"])
def test_an_index_of_other_names_gives_no_order(index, what):
    given = with_index(index) if what == "features" else with_index(index)["age"].astype(int)
    with pytest.raises(InputError, match=f"{what}: no value for vertex '0'"):
        read_graph(PATH, **{what: given})


def test_an_index_that_counts_is_none():
    graph = nx.relabel_nodes(PATH, dict(enumerate("dcba")))
    found = read_graph(graph, features=with_index(range(4)))
    assert found.x.ravel().tolist() == [1, 2, 3, 5]
    assert "rows of features are taken in the order of the vertices d, c, b, ..." in found.notes
    with pytest.raises(InputError, match=r"reset_index\(drop=True\) takes rows in the order"):
        read_graph(graph, features=with_index(list("wxyz")))
    numbered = sp.csr_array(nx.to_scipy_sparse_array(PATH))  # whose vertices have no names
    assert read_graph(numbered, features=with_index(list("wxyz"))).x.ravel().tolist() == [
        1,
        2,
        3,
        5,
    ]


@pytest.mark.parametrize("spell", ["{}.0", "0{}", "{:.3e}"])
def test_arrays_go_by_numbers_however_they_are_written(tmp_path, spell):
    """As `np.savetxt` writes ids, and pandas where a cell of the column was empty."""
    ids = [spell.format(i) for i in (3, 2, 0, 1)]
    write(tmp_path, "g.csv", "".join(f"{a},{b}\n" for a, b in pairwise(ids)))
    np.save(tmp_path / "x.npy", np.array([[0.5], [1.5], [2.5], [3.5]]))
    np.save(tmp_path / "y.npy", np.array([0, 1, 2, 3]))
    files = {"features": tmp_path / "x.npy", "labels": tmp_path / "y.npy"}
    graph = read_graph(tmp_path / "g.csv", **files)
    assert graph.x.ravel().tolist() == [3.5, 2.5, 0.5, 1.5]
    assert graph.class_texts.tolist() == ["3", "2", "0", "1"]
    assert any("are taken in the order of the vertices" in note for note in graph.notes)


def test_a_first_column_of_ids_written_otherwise_is_no_feature(tmp_path):
    write(tmp_path, "g.csv", "0,1\n1,2\n2,3\n")
    rows = np.column_stack([[3, 1, 0, 2], [0.5, 1.5, 2.5, 3.5]])
    for path, options in ((tmp_path / "a.csv", {}), (tmp_path / "b.csv", {"header": "id,age"})):
        np.savetxt(path, rows, delimiter=",", **options)
        for what in ("features", "labels"):
            with pytest.raises(InputError, match=r"ids are compared as text: '0\.0+e"):
                read_graph(tmp_path / "g.csv", **{what: path})


@pytest.mark.parametrize("text", [
    "# id,age,label\na,3.5,x\nb,4.5,y\nc,2.5,x\nd,1.0,y\n",
    "% made by hand\n#id,age,label\na,3.5,x\nb,4.5,y\nc,2.5,x\nd,1.0,y\n",
    "# id age label\na 3.5 x\nb 4.5 y\nc 2.5 x\nd 1.0 y\n",
])  # fmt: skip
def test_names_in_a_comment_above_a_table_of_vertices(tmp_path, text):
    write(tmp_path, "g.csv", "a,b\nb,c\nc,d\n")
    path = write(tmp_path, "x.csv", text)
    graph = read_graph(tmp_path / "g.csv", features=path, labels=path)
    assert list(graph.feature_names) == ["age"]
    assert graph.class_texts.tolist() == ["x", "y", "x", "y"]
    assert f"{path}: a line that begins with # or % names the columns" in graph.notes


def test_a_comment_is_no_header_over_a_header(tmp_path):
    write(tmp_path, "g.csv", "a,b\nb,c\n")
    path = write(tmp_path, "x.csv", "# made,by,hand\nid,age,height\na,3.5,1\nb,4.5,0\nc,2.5,2\n")
    graph = read_graph(tmp_path / "g.csv", features=path)
    assert graph.ids.tolist() == ["a", "b", "c"]
    assert list(graph.feature_names) == ["age", "height"]


@pytest.mark.parametrize("comment", ["# three words here", "# 1,2,3", "# a,1,x", "# a,b", ""])
def test_other_comments_name_no_columns(tmp_path, comment):
    write(tmp_path, "g.csv", "a,b\nb,c\n")
    path = write(tmp_path, "x.csv", f"{comment}\na,3.5,1\nb,4.5,0\nc,2.5,2\n")
    assert not read_graph(tmp_path / "g.csv", features=path).feature_names


def test_a_first_row_whose_id_begins_with_a_mark_is_kept(tmp_path):
    write(tmp_path, "g.csv", "source,target\n#a,b\nb,c\n")
    path = write(tmp_path, "x.csv", "#a,3.5,1\nb,4.5,0\nc,2.5,2\n")
    assert read_graph(tmp_path / "g.csv", features=path).x.tolist() == [
        [3.5, 1],
        [4.5, 0],
        [2.5, 2],
    ]


def test_ids_of_one_number_in_two_spellings_give_no_order(tmp_path):
    write(tmp_path, "g.csv", "1,1.0\n1.0,0\n")
    np.save(tmp_path / "x.npy", np.array([[0.5], [1.5], [2.5]]))
    graph = read_graph(tmp_path / "g.csv", features=tmp_path / "x.npy")
    assert graph.ids.tolist() == ["1", "1.0", "0"]
    assert graph.x.ravel().tolist() == [0.5, 1.5, 2.5]


@pytest.mark.parametrize("stored", [False, True])
def test_the_true_class_of_a_table_is_no_feature_of_it(tmp_path, stored, monkeypatch):
    if stored:
        monkeypatch.setattr("tvgnn_cli.graph.stored_features.STORED_BYTES", 1)
    write(tmp_path, "g.csv", "a,b\nb,c\nc,d\n")
    table = pd.DataFrame({"id": list("abcd"), "age": [1.5, 2, 3, 4], "Dept": [0, 1, 1, 0]})
    for path in (tmp_path / "x.csv", tmp_path / "x.parquet"):
        table.to_csv(path, index=False) if path.suffix == ".csv" else table.to_parquet(path)
        for labels in ({"labels": path}, {"labels": path, "feature_attrs": "all"}):
            graph = read_graph(tmp_path / "g.csv", features=path, label_attr="dept", **labels)
            assert list(graph.feature_names) == ["age"]
        asked = {"feature_attrs": "Dept", "labels": path, "label_attr": "dept"}
        assert list(read_graph(tmp_path / "g.csv", features=path, **asked).feature_names) == [
            "Dept"
        ]
