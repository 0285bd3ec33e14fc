"""Adjacency matrices in tables: text, Parquet and DataFrames, with and without names."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.test_readers import edges_of, write
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.read import read_graph

NAMES = [f"g{i}" for i in range(6)]
"""Names of the vertices."""

MARKED = ["NA", *NAMES[1:]]
"""One of them is as R marks a missing value."""


def matrix(size: int = 6, *, symmetric: bool = True, seed: int = 0) -> np.ndarray:
    values = np.random.default_rng(seed).integers(0, 3, (size, size)) * 0.5
    return np.triu(values, 1) + np.triu(values, 1).T if symmetric else values


def expected(values: np.ndarray, ids: list[str]) -> dict:
    ends = zip(*np.nonzero(np.triu(values, 1)), strict=True)
    return {frozenset((ids[i], ids[j])): values[i, j] for i, j in ends}


def without_diagonal(values: np.ndarray) -> np.ndarray:
    return np.where(np.eye(len(values)), np.nan, values)


def texts(values: np.ndarray, names: list[str], delimiter: str = ",") -> str:
    return pd.DataFrame(values, names, names).to_csv(sep=delimiter)


WRITTEN = {
    "names of both": (lambda m: texts(m, NAMES), NAMES),
    "names of both, tabs": (lambda m: texts(m, NAMES, "\t"), NAMES),
    "names of columns": (
        lambda m: pd.DataFrame(m, columns=NAMES).to_csv(index=False), NAMES),
    "no names": (
        lambda m: "".join(" ".join(map(str, row)) + "\n" for row in m.tolist()), list("123456")),
    "numbers of pandas": (lambda m: pd.DataFrame(m).to_csv(), list("012345")),
    "names of rows last": (
        lambda m: pd.DataFrame(m, columns=NAMES).assign(gene=NAMES).to_csv(index=False), NAMES),
    "as R writes it": (
        lambda m: '"' + '" "'.join(NAMES) + '"\n' + "".join(
            f'"{n}" ' + " ".join(map(str, row)) + "\n"
            for n, row in zip(NAMES, m.tolist(), strict=True)), NAMES),
    "decimal commas": (lambda m: texts(m, NAMES, ";").replace(".", ","), NAMES),
    "empty for 0": (lambda m: texts(np.where(m == 0, np.nan, m), NAMES), NAMES),
    "NA on the diagonal, and a vertex of that name": (
        lambda m: pd.DataFrame(without_diagonal(m), MARKED, MARKED).to_csv(na_rep="NA"), MARKED),
    "NaN on the diagonal, no names": (
        lambda m: "".join(
            " ".join(map(str, row)) + "\n" for row in without_diagonal(m).tolist()),
        list("123456")),
}  # fmt: skip


@pytest.mark.parametrize("case", WRITTEN)
def test_matrices_in_text(tmp_path, case):
    written, ids = WRITTEN[case]
    values = matrix()
    graph = read_graph(write(tmp_path, "g.csv", written(values)))
    assert graph.ids.tolist() == ids
    assert edges_of(graph) == expected(values, ids)
    assert any(note.startswith("an adjacency matrix: ") for note in graph.notes)
    assert graph.counts.reversed == 0


@pytest.mark.parametrize("size", [4, 99, 100, 101, 250])
@pytest.mark.parametrize("named", [True, False])
def test_matrices_of_more_rows_than_are_looked_at(tmp_path, size, named):
    values = matrix(size)
    if named:
        ids = [f"v{i}" for i in range(size)]
        path = write(tmp_path, "g.csv", texts(values, ids))
    else:
        ids = [str(i + 1) for i in range(size)]
        path = write(tmp_path, "g.txt", "".join(" ".join(map(str, r)) + "\n" for r in values))
    assert edges_of(read_graph(path)) == expected(values, ids)


@pytest.mark.parametrize("form", ["index", "column", "frame", "columns only"])
def test_matrices_in_parquet_and_in_memory(tmp_path, form):
    values = matrix()
    table = pd.DataFrame(values, None if form == "columns only" else NAMES, NAMES)
    if form == "frame":
        graph = read_graph(table)
    else:
        (table.reset_index() if form == "column" else table).to_parquet(tmp_path / "g.parquet")
        graph = read_graph(tmp_path / "g.parquet")
    assert edges_of(graph) == expected(values, NAMES)


def test_one_that_is_not_symmetric_has_directions_which_are_merged_as_ever(tmp_path):
    values = np.zeros((6, 6))
    values[0, 1], values[1, 0], values[2, 5], values[3, 3] = 2, 3, 4, 1
    graph = read_graph(write(tmp_path, "g.csv", texts(values, NAMES)))
    assert edges_of(graph) == {frozenset(("g0", "g1")): 3, frozenset(("g2", "g5")): 4}
    assert (graph.num_vertices, graph.counts.reversed) == (6, 1)


def test_ones_and_zeros_have_no_weights(tmp_path):
    values = (matrix() > 0).astype(int)
    graph = read_graph(write(tmp_path, "g.csv", texts(values, NAMES)))
    assert graph.edge_weight is None
    weighted = write(tmp_path, "h.csv", texts(matrix(), NAMES))
    assert read_graph(weighted, weight="none").edge_weight is None


def test_what_may_be_distances_is_warned_of(tmp_path):
    """Every pair has a value, and no vertex one of itself."""
    places = np.random.default_rng(0).normal(size=(8, 2))
    between = np.sqrt(((places[:, None] - places) ** 2).sum(-1)).round(6)
    near = np.exp(-between).round(6)
    ids = [f"v{i}" for i in range(8)]
    half, twice = np.tril(between), between.copy()
    twice[0, 1] = twice[1, 0] = 0
    warned = {
        name: any("as in a table of distances" in note for note in read_graph(
            write(tmp_path, f"{name}.csv", texts(values, ids))).notes)
        for name, values in {
            "between": between, "half": half, "twice": twice, "near": near, "some": matrix(8)
        }.items()
    }  # fmt: skip
    assert [name for name, is_warned in warned.items() if is_warned] == ["between", "half", "twice"]


def test_correlations_below_0_are_refused_with_what_to_do(tmp_path):
    values = np.corrcoef(np.random.default_rng(0).normal(size=(8, 20))).round(4)
    ids = [f"v{i}" for i in range(8)]
    below = int((np.triu(values) < 0).sum())
    path = write(tmp_path, "g.csv", texts(values, ids))
    pd.DataFrame(values, ids, ids).to_parquet(tmp_path / "g.parquet")
    for each in (path, tmp_path / "g.parquet"):
        with pytest.raises(InputError, match=f"correlations, of which {below} are below 0; .*abs"):
            read_graph(each)
    assert read_graph(path, weight="none").num_edges == 28
    graph = read_graph(write(tmp_path, "h.csv", texts(abs(values), ids)))
    assert graph.edge_weight.max() == np.triu(abs(values), 1).max()


FOUR = "0 1 2 0\n1 0 0 3\n2 0 0 1\n0 3 1 0\n"
REFUSED = {
    "a value below 0": (texts(-matrix(), NAMES), "-0.5|-1.0"),
    "a value that is no number": (
        texts(matrix(120), [f"v{i}" for i in range(120)]).rpartition(",")[0] + ",x\n",
        "line 121: 'x' is no number in a matrix"),
    "names that differ further down": (
        texts(matrix(120), [f"v{i}" for i in range(120)]).replace("\nv119,", "\nw119,"),
        "row 120 has the name 'w119' and whose column 120 has 'v119'"),
    "rows that are lacking": (
        "\n".join(texts(matrix(120), [f"v{i}" for i in range(120)]).split("\n")[:-3]) + "\n",
        "it has 121 columns and 119 rows"),
    "a name twice": (
        ",a,b,b,c\n" + "".join(f"{n},0,1,1,0\n" for n in "abbc"), "names are not all others"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_whole_matrix_is_refused(tmp_path, case):
    text, words = REFUSED[case]
    with pytest.raises(InputError, match=words) as told:
        read_graph(write(tmp_path, "g.csv", text))
    assert "\n" not in str(told.value)


STAR = "source,target,n,directed,layer\n" + "".join(f"{i},1,1,1,1\n" for i in range(10, 14))


def test_columns_that_are_named_as_ends_are_edges(tmp_path):
    """By a user, or in the header, though the numbers beside them be symmetric."""
    assert read_graph(write(tmp_path, "g.txt", FOUR), source="1", target="2").num_edges == 3
    assert read_graph(write(tmp_path, "g.txt", FOUR)).num_edges == 4
    for options in ({}, {"source": "1", "target": "2"}):
        graph = read_graph(write(tmp_path, "s.csv", STAR), **options)
        assert sorted(graph.ids) == ["1", "10", "11", "12", "13"]
        assert graph.num_edges == 4
    rows = "source,target,weight,layer\n1,2,1,1\n2,3,3,4\n1,3,5,1\n1,4,1,2\n"
    assert read_graph(write(tmp_path, "l.csv", rows)).edge_weight.tolist() == [1, 5, 1, 3]


def test_features_of_as_many_vertices_are_no_matrix(tmp_path):
    for text in (
        "id,f1,f2,f3,f4\nA,1,0,0,1\nB,0,1,1,0\nC,0,1,1,0\nD,1,0,0,1\n",
        "a,b,c,d\n" + "".join(",".join(map(str, row)) + "\n" for row in np.eye(4, dtype=int)),
    ):
        with pytest.raises(InputError) as told:
            read_graph(write(tmp_path, "g.csv", text))
        assert "adjacency" not in str(told.value)


def test_vertices_of_the_same_neighbours_are_rows_of_a_matrix_all_the_same(tmp_path):
    values = np.zeros((8, 8), dtype=int)
    values[0, 1:] = values[1:, 0] = 1
    for order in (range(8), range(7, -1, -1)):
        some = values[np.ix_(list(order), list(order))]
        text = "".join(" ".join(map(str, row)) + "\n" for row in some)
        assert read_graph(write(tmp_path, "g.txt", text)).num_edges == 7


def test_cells_without_a_value_are_counted(tmp_path):
    values = matrix().astype(float)
    values[0, 3] = values[3, 0] = np.nan
    graph = read_graph(write(tmp_path, "g.csv", texts(values, NAMES)))
    assert "cells of the matrix without a value, read as 0: 2" in graph.notes


def test_an_empty_corner_may_be_a_value_as_any_other(tmp_path):
    """Where the rest of the first row has a number twice, which no names have."""
    values = np.ones((6, 6)) + np.eye(6, k=1) + np.eye(6, k=-1)
    np.fill_diagonal(values, np.nan)
    for scale, form in ((1, "%.0f"), (1, "%.1f"), (0.1, "%.2f")):
        some = pd.DataFrame(values * scale)
        text = some.to_csv(header=False, index=False, float_format=form)
        graph = read_graph(write(tmp_path, "g.csv", text))
        assert graph.ids.tolist() == list("123456")
        assert graph.num_edges == 15


def test_halves_that_differ_by_rounding_are_the_same(tmp_path):
    """As cosines do."""
    values = matrix(8) / 3
    rounded = np.triu(values * (1 + 3e-16)) + np.tril(values, -1)
    assert (rounded != rounded.T).any()
    for frame in (pd.DataFrame(rounded), pd.DataFrame(rounded.round(6).astype("float32"))):
        graph = read_graph(frame)
        assert graph.num_edges == len(expected(values, list("01234567")))
        assert graph.counts.reversed == 0
    far = rounded * np.where(np.triu(np.ones((8, 8))), 1.01, 1)
    text = "".join(" ".join(map(repr, row)) + "\n" for row in far.tolist())
    with pytest.raises(InputError):
        read_graph(write(tmp_path, "g.txt", text))


def test_three_features_of_three_vertices_are_no_matrix(tmp_path):
    text = ",x,y,z\nu,1,0,0\nv,0,1,0\nw,0,0,1\n"
    with pytest.raises(InputError, match="as in a matrix of vertices and their groups or features"):
        read_graph(write(tmp_path, "g.csv", text))


def test_three_rows_of_three_numbers_are_edges(tmp_path):
    """Without names nothing tells them from edges with weights."""
    assert read_graph(write(tmp_path, "g.txt", "3 1 2\n1 0 5\n2 5 4\n")).num_edges == 3


def test_a_matrix_goes_through_the_command(tvgnn, tmp_path):
    blocks = np.kron(np.eye(2), np.ones((6, 6))) - np.eye(12)
    path = write(tmp_path, "g.csv", texts(blocks, [f"v{i}" for i in range(12)]))
    found = tvgnn("cluster", path, "-k", "2", "-o", "-", "--epochs", "3")
    assert found.code == 0, found.err
    clusters = [line.split(",")[1] for line in found.out.split("\n")[1:13]]
    assert len(set(clusters[:6])) == len(set(clusters[6:])) == 1
    assert clusters[0] != clusters[6]
