"""True classes as other programs write them: marks that are none, ids that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from tests.test_foreign_edges import said
from tests.test_readers import write
from tvgnn_cli import evaluate
from tvgnn_cli.inputs import read_graph

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
    nodes = "".join(f' node [ id {i} class "{c}" ]' for i, c in enumerate("a b a b ? ?".split()))
    edge = "".join(f" edge [ source {i} target {i + 1} ]" for i in range(5))
    path = write(tmp_path, "g.gml", f"graph [{nodes}{edge} ]\n")
    graph = read_graph(path)
    assert graph.class_names == ("a", "b")
    assert "? of 2 vertices is taken for an unknown class" in said(graph)
    replaced = read_graph(path, labels=["u", "v"] * 3, label_attr="none")
    assert "classes:" not in said(replaced)
