"""True classes as other programs write them: marks that are none, ids that do not fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.test_foreign_edges import said
from tests.test_readers import write
from tvgnn_cli import evaluate
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph import stored_features as stored
from tvgnn_cli.io.read import read_graph

NAMES = ["ann", "bob", "cy", "dan", "eve", "flo"]
RING = "".join(f"{a},{b}\n" for a, b in zip(NAMES, NAMES[1:] + NAMES[:1], strict=True))


@pytest.fixture
def edges(tmp_path):
    return write(tmp_path, "e.csv", RING)


def table(classes, ids=NAMES, head="id,class\n"):
    return head + "".join(f"{i},{c}\n" for i, c in zip(ids, classes, strict=True))


# Classes of six vertices, the names of those that count, and words of the notes.
MARKS = {
    "ARFF": ("? a b ? a b", "a b", ["? of 2 vertices is taken for an unknown class"]),
    "SQL": (r"\N 0 1 0 1 \N", "0 1", [r"\N of 2 vertices is taken"]),
    "-1 beside text": ("-1 a b -1 a b", "a b", ["-1 of 2 vertices is taken", "another name"]),
    "-1 beside numbers": ("-1 0 1 0 1 2", "0 1 2", ["-1 of 1 vertex is taken"]),
    "-1 and one text": ("-1 a a -1 a a", "-1 a", ["'-1' of 2 vertices counts as a class"]),
    "a word": ("Unknown a b a b Unknown", "Unknown a b", ["'Unknown' of 2 vertices counts as a"]),
    "a dot": (". a b a b .", ". a b", ["'.' of 2 vertices counts", "empty cells"]),
    "a hyphen": ("- a b a b -", "- a b", ["'-' of 2 vertices counts"]),
    "more than half": ("a b c d e e", "a b c d e", ["5 of 6 vertices, fewer than two a class"]),
    "all missing": ("NA NA NA NA NA NA", "", ["true labels: none, no vertex has a class in"]),
}


@pytest.mark.parametrize("case", MARKS)
def test_marks_that_are_no_class_are_left_out_or_named(tmp_path, edges, case):
    classes, names, words = MARKS[case]
    path = write(tmp_path, "y.csv", table(classes.split()))
    graph = read_graph(edges, labels=path)
    assert graph.class_names == tuple(names.split())
    assert graph.fingerprint() == read_graph(edges).fingerprint()
    for word in words:
        assert word in said(graph)
    assert (graph.y is None) == (not names)
    clusters = write(tmp_path, "c.csv", table(range(6), head="id,cluster\n"))
    scored = evaluate(clusters, labels=path)
    counted = sum(c in names.split() for c in classes.split())
    assert scored.metrics.get("num_labelled", 0) == counted
    assert all(any(word in note for note in scored.notes) for word in words)


@pytest.mark.parametrize(
    "classes", ["-1 1 1 -1 1 1", "-2 -1 -1 0 0 -2", "+ - + - + -", "a b a b a b"]
)
def test_what_is_a_class_is_one_without_a_word(tmp_path, edges, classes):
    graph = read_graph(edges, labels=write(tmp_path, "y.csv", table(classes.split())))
    assert set(graph.class_names) == set(classes.split())
    assert "classes:" not in said(graph)


def test_marks_in_arrays_and_attributes_are_as_in_tables(tmp_path, edges):
    for array in (np.array(["?", "a", "b", "a", "b", "?"]), np.array([-1, 0, 1, 0, 1, -1])):
        np.save(tmp_path / "y.npy", array[:, None])  # as OGB has them
        for labels in (array, str(tmp_path / "y.npy")):
            graph = read_graph(edges, labels=labels)
            assert graph.y.tolist() == [-1, 0, 1, 0, 1, -1]
            assert "of 2 vertices is taken for an unknown class" in said(graph)
    nodes = "".join(f' node [ id {i} class "{c}" ]' for i, c in enumerate("abab??"))
    edge = "".join(f" edge [ source {i} target {i + 1} ]" for i in range(5))
    path = write(tmp_path, "g.gml", f"graph [{nodes}{edge} ]\n")
    graph = read_graph(path)
    assert graph.class_names == ("a", "b")
    assert "? of 2 vertices is taken for an unknown class" in said(graph)
    replaced = read_graph(path, labels=["u", "v"] * 3, label_attr="none")
    assert "classes:" not in said(replaced)


NUMBERED = "5,3\n3,1\n1,0\n0,2\n2,4\n4,5\n"
FROM_ONE = "6,4\n4,2\n2,1\n1,3\n3,5\n5,6\n"


@pytest.mark.parametrize(("text", "first"), [(NUMBERED, 0), (FROM_ONE, 1)])
def test_rows_without_ids_are_in_the_order_of_vertex_numbers(tmp_path, monkeypatch, text, first):
    edges = write(tmp_path, "p.csv", text)
    values = np.arange(6.0)
    np.save(tmp_path / "x.npy", values[:, None])
    np.savez(tmp_path / "x.npz", X=values[:, None], label=values.astype(int) // 2)
    write(tmp_path, "x.csv", "f\n0\n1\n1.5\n1.5\n1\n0\n")
    expected = [int(name) - first for name in read_graph(edges).ids]
    for name in ("x.npy", "x.npz"):
        graph = read_graph(edges, features=str(tmp_path / name))
        assert graph.x.ravel().tolist() == expected
        assert f"in the order of the vertices {first}, {first + 1}, {first + 2}" in said(graph)
    labels = read_graph(edges, labels=str(tmp_path / "x.npz"))
    assert labels.y.tolist() == [value // 2 for value in expected]
    headed = read_graph(edges, features=str(tmp_path / "x.csv"))
    assert headed.x.ravel().tolist() == [[0, 1, 1.5, 1.5, 1, 0][i] for i in expected]
    monkeypatch.setattr(stored, "STORED_BYTES", 0)
    in_file = read_graph(edges, features=str(tmp_path / "x.npy"))
    assert np.concatenate([v for v, _ in in_file.x.blocks()]).argsort().tolist() == expected


def test_rows_of_an_array_bring_isolated_vertices_by_number(tmp_path):
    edges = write(tmp_path, "p.csv", NUMBERED.replace("5,3\n", "").replace("4,5\n", "4,3\n"))
    np.save(tmp_path / "x.npy", np.arange(8.0)[:, None])
    graph = read_graph(edges, features=str(tmp_path / "x.npy"))
    assert graph.x.ravel().tolist() == [float(name) for name in graph.ids]
    assert "3 vertices without edges added" in said(graph)
    np.save(tmp_path / "y.npy", np.arange(8) % 2)
    labelled = read_graph(edges, labels=str(tmp_path / "y.npy"))
    assert labelled.y.tolist() == [int(name) % 2 for name in labelled.ids]
    assert "the graph lacks, left out: 3" in said(labelled)


def test_rows_of_an_array_beside_names_say_their_order_or_have_ids(tmp_path, edges):
    np.savez(tmp_path / "x.npz", features=np.arange(6.0)[:, None])
    graph = read_graph(edges, features=str(tmp_path / "x.npz"))
    assert graph.x.ravel().tolist() == [0, 1, 2, 3, 4, 5]
    assert "in the order of the vertices ann, bob, cy, ..." in said(graph)
    turned = {"features": np.arange(6.0)[:, None], "y": np.arange(6) % 2}
    np.savez(tmp_path / "x.npz", node_ids=np.array(NAMES[::-1]), **turned)
    graph = read_graph(edges, features=str(tmp_path / "x.npz"), labels=str(tmp_path / "x.npz"))
    assert graph.x.ravel().tolist() == [5, 4, 3, 2, 1, 0]
    assert graph.y.tolist() == [1, 0, 1, 0, 1, 0]
    np.savez(tmp_path / "x.npz", names=np.array(list("abcdef")), **turned)
    graph = read_graph(edges, features=str(tmp_path / "x.npz"))
    assert graph.x.ravel().tolist() == [0, 1, 2, 3, 4, 5]


# Labels that lack a vertex: edges, ids of the labels, and the end of the message.
OTHER_IDS = {
    "from 0": (FROM_ONE, "0 1 2 3 4 5", "ids of .* are 0 to 5 where the graph has 1 to 6"),
    "from 1": (NUMBERED, "1 2 3 4 5 6", "ids of .* are 1 to 6 where the graph has 0 to 5"),
    "fractions": (NUMBERED, "0.0 1.0 2.0 3.0 4.0 5.0", "compared as text: '5.0' is there"),
    "padded": (NUMBERED, "00 01 02 03 04 05", "compared as text: '05' is there"),
    "capitals": (RING, "ANN BOB CY DAN EVE FLO", "compared as text: 'ANN' is there"),
    "others": (RING, "a b c d e f", "no id is in both: the graph has 'ann', .* has 'a'"),
}


@pytest.mark.parametrize("case", OTHER_IDS)
@pytest.mark.parametrize("head", ["id,class\n", ""])
def test_ids_that_do_not_fit_say_how_they_differ(tmp_path, case, head):
    text, ids, words = OTHER_IDS[case]
    path = write(tmp_path, "y.csv", table("ababab", ids.split(), head))
    with pytest.raises(InputError, match=words):
        read_graph(write(tmp_path, "e.csv", text), labels=path)
    path = write(tmp_path, "x.csv", table([0.5, 1.5, 0, 2.5, 1, 2], ids.split(), head))
    with pytest.raises(InputError, match=words):
        read_graph(write(tmp_path, "e.csv", text), features=path)


@pytest.mark.parametrize("head", ["id,class\n", ""])
def test_labels_of_some_vertices_are_labels(tmp_path, edges, head):
    path = write(tmp_path, "y.csv", table("ababc", [*NAMES[:4], "zoe"], head))
    graph = read_graph(edges, labels=path)
    known = dict(zip(graph.ids, graph.y, strict=True))
    assert [known[name] for name in ("ann", "bob", "cy", "dan", "eve", "flo")] == [
        0,
        1,
        0,
        1,
        -1,
        -1,
    ]
    assert "2 of 6 ('eve', say); their class is unknown" in said(graph)
    assert "for vertices that the graph lacks, left out: 1" in said(graph)


@pytest.mark.parametrize("option", ["labels", "features"])
def test_ids_of_a_table_may_be_the_names_of_vertices(tmp_path, option):
    text = "\n".join(
        f'node [ id {i} label "{name}" ]' for i, name in enumerate(["ann", "bob", "cy", "dan"])
    )
    rest = "edge [ source 0 target 1 ] edge [ source 1 target 2 ] edge [ source 2 target 3 ]"
    path = write(tmp_path, "g.gml", f"graph [ {text}\n{rest} ]")
    rows = write(tmp_path, "v.csv", "who,v\nann,1\ncy,2\nbob,1\ndan,2\n")
    graph = read_graph(path, **{option: rows})
    assert graph.ids.tolist() == ["0", "1", "2", "3"]
    assert f"ids of {rows}: the names of the vertices" in said(graph)
    values = graph.y if option == "labels" else graph.x.ravel() - 1
    assert values.tolist() == [0, 0, 1, 1]


def test_ids_that_count_from_0_beside_a_graph_from_1_are_told(tmp_path):
    edges = write(tmp_path, "e.csv", FROM_ONE)
    ids = [str(i) for i in range(7)]
    for option, values in (("labels", "abababa"), ("features", range(1, 8))):
        path = write(tmp_path, "v.csv", table(values, ids, "id,v\n"))
        assert "count from 0 and those of the graph from 1" in said(
            read_graph(edges, **{option: path})
        )
    path = write(tmp_path, "v.csv", table("0101010", ids, ""))  # whose first row is no header
    assert "the graph lacks, left out: 1" in said(read_graph(edges, labels=path))
    path = write(tmp_path, "v.csv", table("ababab", ids[1:]))
    assert "count from" not in said(read_graph(edges, labels=path))


def test_repeated_rows_count_once_and_others_are_refused(tmp_path, edges):
    twice = table("abababa", [*NAMES, "ann"])
    graph = read_graph(edges, labels=write(tmp_path, "y.csv", twice))
    assert graph.class_names == ("a", "b")
    assert "repeated rows of" in said(graph)
    assert "left out: 1" in said(graph)
    path = write(tmp_path, "y.csv", twice.replace("ann,a", "ann,b", 1))
    with pytest.raises(InputError, match="more than one row for vertex 'ann'"):
        read_graph(edges, labels=path)


def test_row_numbers_beside_ids_that_are_numbers_too_are_refused(tmp_path):
    edges = write(tmp_path, "e.csv", NUMBERED)
    frame = pd.DataFrame({"paper": [3, 1, 5, 0, 2, 4], "f": [0.3, 0.1, 0.5, 0.0, 0.2, 0.4]})
    frame.to_csv(tmp_path / "x.csv")
    frame.sort_values("paper").to_parquet(tmp_path / "x.parquet")
    for name in ("x.csv", "x.parquet"):
        with pytest.raises(InputError, match="row numbers and column 'paper' both have all ids"):
            read_graph(edges, features=str(tmp_path / name))
    frame.rename(columns={"paper": "id"}).to_csv(tmp_path / "x.csv")
    graph = read_graph(edges, features=str(tmp_path / "x.csv"))
    assert np.allclose(graph.x.ravel() * 10, graph.ids.astype(float))
    assert graph.feature_names == ("f",)


def test_a_first_column_that_counts_is_told_of(tmp_path):
    edges = write(tmp_path, "e.csv", "".join(f"{i},{(i + 1) % 12}\n" for i in range(12)))
    np.save(tmp_path / "x.npy", np.column_stack([np.arange(12), np.linspace(0, 1, 12)]))
    assert "column 1 of" in said(read_graph(edges, features=str(tmp_path / "x.npy")))


def test_one_hot_classes_are_told(edges):
    graph = read_graph(edges, labels=np.eye(3)[[0, 1, 2, 2, 1, 0]])
    assert graph.y.tolist() == [0, 1, 2, 2, 1, 0]
    assert "the column of each row's 1" in said(graph)


def test_what_is_given_in_memory_goes_by_its_index(tmp_path, edges):
    turned = NAMES[::-1]
    series = pd.Series(list("uuuvvv"), index=turned)
    frame = pd.DataFrame({"f": np.arange(6.0)}, index=turned)
    for labels in (series, series.to_dict()):
        graph = read_graph(edges, features=frame, labels=labels)
        assert graph.y.tolist() == [1, 1, 1, 0, 0, 0]
        assert graph.x.ravel().tolist() == [5, 4, 3, 2, 1, 0]
    counted = read_graph(edges, labels=series.reset_index(drop=True))
    assert counted.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert "rows of labels are taken in the order of the vertices ann, bob" in said(counted)
    unknown = pd.Series(["u", None, "v", "u", "v", "u"], index=NAMES)
    assert read_graph(edges, labels=unknown).y.tolist() == [0, -1, 1, 0, 1, 0]
    with pytest.raises(InputError, match="labels: no value for vertex 'ann'; ids are compared as"):
        read_graph(edges, labels=series.rename({"ann": "Ann"}).to_dict())
    with pytest.raises(InputError, match="features: no value for vertex"):
        read_graph(edges, features=frame.iloc[1:])
    # As of a file: a class may be unknown, and rows of no vertex are said.
    more = pd.concat([series, pd.Series(["u"], index=["zoe"])])
    lacking = "vertices without a row in labels: 1 of 6"
    extra = "rows of labels for vertices that the graph lacks, left out: 1"
    for labels in (more.iloc[1:], more.iloc[1:].to_dict()):
        graph = read_graph(edges, labels=labels)
        assert graph.y.tolist().count(-1) == 1
        assert lacking in said(graph)
        assert extra in said(graph)
    numbered = pd.Series(range(1, 6), index=turned[1:])
    found = read_graph(edges, labels=numbered)
    assert found.class_names == ("1", "2", "3", "4", "5")
    wide = pd.concat([frame, pd.DataFrame({"f": [9.0]}, index=["zoe"])])
    graph = read_graph(edges, features=wide)
    assert graph.x.ravel().tolist() == [5, 4, 3, 2, 1, 0]
    assert extra.replace("labels", "features") in said(graph)
    numbers = write(tmp_path, "p.csv", NUMBERED)
    graph = read_graph(numbers, labels=np.arange(6) % 2)
    assert graph.y.tolist() == [0, 1, 0, 1, 0, 1]
    assert "rows of labels are taken in the order of the vertices 5, 3, 1, ..." in said(graph)
    by_number = read_graph(numbers, labels=pd.Series(np.arange(6) % 2))
    assert by_number.y.tolist() == [int(name) % 2 for name in by_number.ids]


def test_a_first_class_that_is_the_only_one_of_its_kind_is_no_header(tmp_path):
    edges = write(tmp_path, "e.csv", NUMBERED)
    for text, names in (
        ("rare\na\nb\na\nb\na\n", ("a", "b", "rare")),
        ("kind\n" + "a\nb\n" * 3, ("a", "b")),
    ):
        graph = read_graph(edges, labels=write(tmp_path, "y.txt", text))
        assert graph.class_names == names
    with pytest.raises(InputError, match="one column: ids and no classes"):
        read_graph(edges, labels=write(tmp_path, "y.csv", "id\n0\n1\n2\n3\n4\n5\n"))


def test_a_single_class_is_no_number_of_clusters(tvgnn, edges, tmp_path):
    labels = write(tmp_path, "l.csv", table("aaaaaa"))
    told = tvgnn("check", str(edges), "--labels", str(labels))
    assert told.code == 0
    assert "not measured: -k says for how many clusters" in told.out
    told = tvgnn("cluster", str(edges), "--labels", str(labels), "-o", "-")
    assert told.code == 2
    assert "-k is needed: e has a single true class" in told.err
