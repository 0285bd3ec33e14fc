"""Tables of edges in memory."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import tvgnn_cli
from tests.conftest import SAMPLES
from tvgnn_cli.errors import InputError, UsageError

KARATE = SAMPLES / "karate.csv"
DATED = pd.DataFrame(
    {"a": ["x", "y", "z", "z"], "b": ["y", "z", "x", "w"], "w": [1.0, 2, 3, 4],
     "date": pd.Timestamp("2020-01-01")}
)  # fmt: skip


def test_a_frame_of_edges_is_the_graph_of_its_file():
    frame = pd.read_csv(KARATE)
    wanted = tvgnn_cli.cluster(KARATE, 2, epochs=3, threads=1)
    for given in (frame, pa.Table.from_pandas(frame), frame.set_index(["source", "target"])):
        found = tvgnn_cli.cluster(given, 2, epochs=3, threads=1)
        assert list(found.ids) == list(wanted.ids)
        assert found.assignment.tobytes() == wanted.assignment.tobytes()
        assert "weights: column 'weight'" in found.notes
        assert found.name == "graph"


def test_columns_are_named_and_the_others_kept():
    given = {"source": "a", "target": "b", "weight": "w"}
    read = tvgnn_cli.read_graph(DATED, keep_attributes=True, **given)
    assert read.ids.tolist() == ["x", "y", "z", "w"]
    assert sorted(read.edge_weight.tolist()) == [1, 2, 3, 4]
    assert "date" in read.origin.edge_attributes
    plain = tvgnn_cli.read_graph(DATED, **{**given, "weight": "none"})
    assert plain.edge_weight is None


def test_ids_of_any_kind_that_a_file_may_have():
    pairs = tvgnn_cli.read_graph(pd.DataFrame([(0, 1), (1, 2), (2, 0)]))
    assert pairs.ids.tolist() == ["0", "1", "2"] or pairs.ids.tolist() == [0, 1, 2]
    kinds = pd.DataFrame({"source": pd.Categorical(["a", "b"]), "target": ["b", "c"]})
    assert tvgnn_cli.read_graph(kinds).num_edges == 2
    gaps = tvgnn_cli.read_graph(pd.DataFrame({"source": [1, 2, np.nan], "target": [2, 3, 4]}))
    assert (gaps.num_vertices, gaps.num_edges) == (4, 2)
    assert any("rows that lack an end, left out: 1" in note for note in gaps.notes)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (DATED, r"graph \(DataFrame\): 4 columns \(a, b, w, date\); .*say which with `source`"),
        (DATED[["a"]], "columns a; an edge list has two"),
        (DATED[:0][["a", "b"]], "holds no edges"),
        (pd.DataFrame(), "has no columns; an edge list has two"),
        (pd.DataFrame({"a": [1, "x"], "b": [2, 3]}), "pyarrow.table does not take it .*column a"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "pyarrow.table does not take it .*Duplicate"),
        (pd.DataFrame({"a": [(1, 2)], "b": [(2, 3)]}), "column 'a' has type list"),
        (pd.DataFrame(-np.eye(6, k=1), list("abcdef"), list("abcdef")), "has 'weight' -1"),
        (pd.Series([1, 2], name="a"), "is of type pandas.core.series.Series|columns a"),
        (np.ones((3, 2)), "pandas.DataFrame of rows of two ends"),
        ([(0, 1), (1, 2)], "pandas.DataFrame makes one of pairs"),
    ],
)
def test_what_is_no_table_of_edges_is_told_so(frame, words):
    with pytest.raises(InputError, match=words):
        tvgnn_cli.read_graph(frame)


def test_what_other_libraries_have_is_told_of_too():
    anndata = pytest.importorskip("anndata")
    with pytest.raises(InputError, match="takes an AnnData"):
        tvgnn_cli.read_graph(anndata.AnnData(np.ones((3, 2))))

    class DGLGraph:
        def nodes(self) -> list[int]:
            return [0, 1]

        def edges(self) -> list[tuple[int, int]]:
            return [(0, 1)]

    DGLGraph.__module__ = "dgl.heterograph"
    with pytest.raises(InputError, match=r"type dgl\.heterograph\.DGLGraph; .*dgl\.to_networkx"):
        tvgnn_cli.read_graph(DGLGraph())
    with pytest.raises(InputError, match=r"graph is of type builtins\.module"):
        tvgnn_cli.read_graph(nx)


def test_options_without_a_use_are_refused():
    for name in ("id_attr", "label_attr", "feature_attrs"):
        with pytest.raises(UsageError, match=rf"`{name}`: graph \(DataFrame\) has no vertex attr"):
            tvgnn_cli.read_graph(DATED, **{name: "a"})
