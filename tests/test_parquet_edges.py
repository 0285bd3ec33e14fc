"""Edges in Parquet files follow the rules of lists in text."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.test_readers import edges_of
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.read import read_graph

TABLES: dict[str, dict] = {
    "row numbers": {"Unnamed: 0": [0, 1, 2], "who": list("abc"), "whom": list("bca")},
    "a named index": {"index": [0, 1, 2], "who": [5, 6, 7], "whom": [6, 7, 5]},
    "times": {"who": list("abc"), "whom": list("bca"), "t": [1283391160, 1283391170, 1283391180]},
    "years of a score": {"who": list("abc"), "whom": list("bca"), "value": [1990, 1995, 2001]},
    "an edge's number": {"source": list("abc"), "target": list("bca"), "transaction_id": [4, 5, 6]},
    "a missing end": {"source": [*"abcd", None], "target": list("bcaae"), "weight": [1.0] * 5},
    "pandas' fractions": {"source": [1, 2, 3, 4], "target": [2, 3, 1, 1], "weight": [1, 2, 3, 4]},
    "a missing number": {"source": [1.0, 2.0, 3.0, np.nan], "target": [2, 3, 1, 4]},
    "a name of ends that share": {
        "id1": list("abc"), "id2": list("xyz"), "from": list("abc"), "to": list("bca")},
    "marks": {"source": ["a", "b", "c", "NaN"], "target": list("bcab")},
    "blanks around": {"source": ["a ", "b", "c"], "target": [" b", "c", "a"]},
    "two spellings": {"source": ["1", "2", "3"], "target": ["2.0", "3", "1"]},
    "a sum": {"source": ["a", "b", "c", "Total"], "target": ["b", "c", "a", None]},
    "true and false": {"source": list("abc"), "target": list("bca"), "value": [True, False, True]},
    "three that share": {"relation": list("xxx"), "p": list("abc"), "q": list("bca")},
}  # fmt: skip


@pytest.mark.parametrize("case", TABLES)
def test_parquet_and_csv_are_one(tmp_path, case):
    frame = pd.DataFrame(TABLES[case])
    frame.to_parquet(tmp_path / "g.parquet")
    for name in frame.select_dtypes("float"):
        frame[name] = frame[name].astype("Int64")
    frame.to_csv(tmp_path / "g.csv", index=False)
    graph, other = (read_graph(str(tmp_path / name)) for name in ("g.parquet", "g.csv"))
    assert graph.ids.tolist() == other.ids.tolist()
    assert edges_of(graph) == edges_of(other)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"a": [1], "b": [2], "c": [3], "d": [4]}, "4 columns .*`source`, `target`"),
        ({"source": ["a"], "target": ["b"], "distance": [0.5]}, "named as distances are"),
        ({"source": [0.5, 1.5], "target": ["b", "c"]}, "'source' has type double"),
        ({"source": ["a", "b"], "target": ["b", None]}, "row 2: an empty vertex id"),
        ({"source": list("abc"), "target": list("bca"), "weight": [1, 1, -1]}, "row 3: weight -1"),
    ],
)
def test_tables_that_are_refused(tmp_path, table, words):
    pd.DataFrame(table).to_parquet(tmp_path / "g.parquet")
    with pytest.raises(InputError, match=words):
        read_graph(str(tmp_path / "g.parquet"))


def test_a_weight_of_a_row_without_an_end_does_not_matter(tmp_path):
    table = {"source": ["a", "b", None], "target": list("bca"), "weight": [1.0, 2.0, np.nan]}
    pd.DataFrame(table).to_parquet(tmp_path / "g.parquet")
    graph = read_graph(str(tmp_path / "g.parquet"))
    assert sorted(edges_of(graph).values()) == [1.0, 2.0]
    assert "row 3: empty" in " ".join(graph.notes)


@pytest.mark.parametrize("named", ["by the index", "by a column", "by the index of other names"])
def test_an_adjacency_matrix_is_no_list_of_edges(tmp_path, named):
    # Columns g1 and g2 are named as ends are.
    names = [f"g{i}" for i in range(6)]
    matrix = np.random.default_rng(0).integers(0, 3, (6, 6))
    table = pd.DataFrame(matrix, names, names)
    if named == "by the index of other names":
        table = pd.DataFrame(matrix + matrix.T, list("abcdef"), names)
    (table.reset_index() if named == "by a column" else table).to_parquet(tmp_path / "g.parquet")
    graph = read_graph(str(tmp_path / "g.parquet"))
    other = named == "by the index of other names"
    assert graph.ids.tolist() == (list("abcdef") if other else names)
    assert ("the ids are the names of the rows" in graph.notes) == other
    assert set(edges_of(graph)) == {
        frozenset((graph.ids[i], graph.ids[j]))
        for i, j in zip(*np.nonzero(np.triu(matrix + matrix.T, 1)), strict=True)
    }


@pytest.mark.parametrize(("kind", "digits"), [("float64", 53), ("float32", 24)])
def test_ids_that_floats_have_rounded_are_said(tmp_path, kind, digits):
    for first, said in ((2**digits, True), (2**digits - 9, False)):
        ends = np.array([first + 2 * i for i in range(4)], dtype=kind)
        table = pa.table({"src": ends, "dst": np.arange(4)})
        pq.write_table(table, tmp_path / "e.parquet")
        notes = " ".join(read_graph(str(tmp_path / "e.parquet")).notes)
        assert (f"'src' are {kind} of 2^{digits} and more" in notes) == said


def test_a_weight_that_is_missing_has_a_remedy(tmp_path):
    table = pa.table({"src": ["a", "b"], "dst": ["b", "c"], "weight": [1.0, None]})
    pq.write_table(table, tmp_path / "e.parquet")
    with pytest.raises(InputError, match=r"row 2: weight nan .*; `weight` none counts edges alike"):
        read_graph(str(tmp_path / "e.parquet"))
