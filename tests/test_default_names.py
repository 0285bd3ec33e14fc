"""Names 0, 1, 2, ... that pandas writes over columns without names, and rows of data like them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.test_foreign_edges import said
from tests.test_readers import edges_of, write
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.read import read_graph

RING = [(i, (i + 1) % 12, i + 0.5) for i in range(12)] + [(0, 6, 1.25), (3, 9, 0.75)]


def shifted(by):
    return [(a + by, b + by, w) for a, b, w in RING]


def named_by_pandas(rows, sep=","):
    return pd.DataFrame(rows).to_csv(index=False, sep=sep)


def meant(rows):
    return {frozenset((str(a), str(b))): float(c[0]) if c else 1.0 for a, b, *c in rows}


@pytest.mark.parametrize(
    "rows",
    [
        shifted(0),
        shifted(1),
        shifted(100),
        [(a, b, int(w) + 1) for a, b, w in shifted(100)],
        [row[:2] for row in shifted(100)],
    ],
)
def test_default_names_are_no_edge(tmp_path, rows):
    graph = read_graph(write(tmp_path, "e.tsv", named_by_pandas(rows, "\t")))
    assert edges_of(graph) == meant(rows)
    assert "as pandas names columns" in said(graph)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0,1\n1,2\n2,3\n3,4\n", "'0' and '1', is read as an edge"),
        ("0 1\n1 2\n2 3\n3 4\n", ""),
        ("0,1\n2,3\n4,5\n6,7\n", "'0' and '1', is read as an edge"),
        ("0,1\n0,2\n1,2\n2,3\n", ""),
        ("0,1,2\n0,2,3\n1,2,4\n2,3,1\n", "weights: column 3"),
        ("0,1,2\n0,2,0.5\n1,2,0.5\n2,3,1\n", "weights: column 3"),
    ],
)
def test_a_first_edge_from_0_to_1_stays(tmp_path, text, words):
    graph = read_graph(write(tmp_path, "e.csv", text))
    assert frozenset("01") in edges_of(graph)
    assert said(graph).count("header") == bool("read as" in words)
    assert words in said(graph)


X = np.random.default_rng(0).normal(size=(12, 3)).round(3)
WHOLE = (10 * X).astype(int)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("x", [X, WHOLE, WHOLE % 2])
@pytest.mark.parametrize("with_ids", [False, True])
def test_default_names_are_no_features(tmp_path, first, x, with_ids):
    edges = write(tmp_path, "e.csv", "".join(f"{a},{b}\n" for a, b, _ in shifted(first)))
    rows = [[i + first, *row] for i, row in enumerate(x.tolist())] if with_ids else x
    graph = read_graph(edges, features=write(tmp_path, "x.csv", named_by_pandas(rows)))
    np.testing.assert_allclose(graph.x, x[graph.ids.astype(int) - first], rtol=1e-6)
    assert "as pandas names columns" in said(graph)


@pytest.mark.parametrize("text", ["{i},{i}1,2\n", "{i} {f} {f}\n", "{f} {f} {f}\n"])
def test_rows_of_data_stay(tmp_path, text):
    """Of tables without a header, also where the first row is 0, 1, 2."""
    edges = write(tmp_path, "e.csv", "".join(f"{a},{b}\n" for a, b, _ in RING))
    lines = [text.format(i=i, f=i + 0.5) for i in range(1, 12)]
    first = "0,1,2\n" if "," in text else "0 1 2\n"
    graph = read_graph(edges, features=write(tmp_path, "x.txt", "".join([first, *lines])))
    assert graph.num_vertices == 12
    assert graph.x[0].tolist()[-2:] == [1, 2]


@pytest.mark.parametrize("classes", [list("abc"), [1, 2, 3]])
def test_a_default_name_is_no_class(tmp_path, classes):
    edges = write(tmp_path, "e.csv", "".join(f"{a},{b}\n" for a, b, _ in RING))
    column = [classes[i % 3] for i in range(12)]
    graph = read_graph(edges, labels=write(tmp_path, "y.csv", named_by_pandas(column)))
    found = [graph.class_names[code] for code in graph.y[np.argsort(graph.ids.astype(int))]]
    assert found == [str(name) for name in column]


def test_a_name_or_the_class_of_vertex_0(tmp_path):
    edges = write(tmp_path, "e.csv", "".join(f"{a},{b}\n" for a, b, _ in RING))
    column = named_by_pandas([i % 3 for i in range(12)])
    with pytest.raises(InputError, match="line 1: '0' may name the column, as pandas does"):
        read_graph(edges, labels=write(tmp_path, "y.csv", column))
    assert read_graph(edges, labels=write(tmp_path, "z.csv", column.replace("0\n", "label\n", 1)))


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_named_columns_of_fractions_without_ids(tmp_path, suffix):
    """Rows in the order of the vertices, as without names."""
    edges = write(tmp_path, "e.csv", "".join(f"{a},{b}\n" for a, b, _ in RING))
    table = pd.DataFrame(X, columns=["a", "b", "c"])
    path = tmp_path / f"x.{suffix}"
    table.to_csv(path, index=False) if suffix == "csv" else table.to_parquet(path)
    graph = read_graph(edges, features=path)
    np.testing.assert_allclose(graph.x, X[graph.ids.astype(int)], rtol=1e-6)
    assert "in the order of the vertices 0, 1, 2" in said(graph)
