"""Sets that are not quite what a classifier expects: units of weights, features and classes of
other graphs, names that look alike. Nothing of it happens without a word.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from tests.some_graphs import QUICK, SMALL, networks, some_set, weights_of
from tvgnn_cli import TVGNNClassifier, classify, cross_validate, load_classifier, predict_graphs
from tvgnn_cli.classification.application import embedding_of
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.graph.graph_set import Category
from tvgnn_cli.io.graph_sets.read import read_graph_set
from tvgnn_cli.io.graph_sets.words import classes_of_graphs, notes_on_names
from tvgnn_cli.prepare.graph_weights import in_unit, learn_unit
from tvgnn_cli.train import Checkpointing


def said(result) -> str:
    return " | ".join(result.notes)


# Edge weights.


def test_the_unit_of_edge_weights_changes_nothing():
    graphs = some_set(12, weighted=True)
    # Powers of two, so that quotients are the same to the last digit.
    units = [replace(graphs, edge_weight=graphs.edge_weight * 2.0**k) for k in (0, 40, -40)]
    one, large, small = (classify(each, **QUICK) for each in units)
    assert weights_of(one) == weights_of(large) == weights_of(small)
    for result, other in ((one, units[0]), (large, units[1])):
        again = predict_graphs(result.model, other, threads=1)
        assert again.probabilities.tobytes() == result.probabilities.tobytes()
    # In the unit of the model, and not in its own: heavier edges are heavier.
    found = predict_graphs(one.model, units[1], threads=1)
    assert found.probabilities.tobytes() != one.probabilities.tobytes()


def test_the_unit_is_the_mean_weight_of_the_graphs_that_are_learned_from():
    graphs = some_set(4, weighted=True)
    weight = np.arange(1.0, graphs.num_edges + 1)
    graphs = replace(graphs, edge_weight=weight)
    first, last = graphs.edge_ptr[1], graphs.edge_ptr[3]
    by_hand = np.concatenate([weight[:first], weight[last:]]).mean()
    assert learn_unit(graphs, np.array([0, 3])) == pytest.approx(by_hand, rel=1e-15)
    assert learn_unit(graphs, np.array([], dtype=np.int64)) == 1
    huge = replace(graphs, edge_weight=np.full(graphs.num_edges, 1e308))
    assert learn_unit(huge, np.arange(4)) == pytest.approx(1e308)
    assert learn_unit(replace(graphs, edge_weight=None), np.arange(4)) is None
    found, notes = in_unit(graphs, 4.0)
    assert (found.edge_weight.tolist(), notes) == ((weight / 4).tolist(), ())


def test_weights_on_one_side_only_are_told(tmp_path):
    weighted = some_set(12, weighted=True)
    plain = replace(weighted, edge_weight=None)
    with_some, without = classify(weighted, **QUICK), classify(plain, **QUICK)
    ignored = predict_graphs(without.model, weighted, threads=1)
    assert "edge weights: not used, since the model was trained without any" in said(ignored)
    assert ignored.probabilities.tobytes() == without.probabilities.tobytes()
    counted = predict_graphs(with_some.model, plain, threads=1)
    assert "edge weights: none, or all 1, and the model was trained with some" in said(counted)
    ones = replace(plain, edge_weight=np.ones(plain.num_edges))
    expected = predict_graphs(with_some.model, ones, threads=1)
    assert counted.probabilities.tobytes() == expected.probabilities.tobytes()
    for result in (with_some, without):
        result.save(tmp_path / "m.tvgnn")
        kept = load_classifier(tmp_path / "m.tvgnn")
        assert kept.weight_unit == result.model.weight_unit
        assert kept.fingerprint() == result.model.fingerprint()
    for graphs in (weighted, plain):
        fitted = predict_graphs(classify(graphs, **QUICK).model, graphs, threads=1)
        assert "edge weights" not in said(fitted)


# Vertices of other graphs.


def test_what_a_model_does_not_use_of_other_graphs_is_told():
    graphs = some_set(12)
    bare = replace(graphs, attributes=None, categories=())
    others = predict_graphs(classify(bare, **QUICK).model, graphs, threads=1)
    assert "vertex attributes: not used, since the model was trained without any" in said(others)
    assert "vertex labels that the model was not trained on: 'element'" in said(others)
    named = replace(graphs, attribute_names=("a", "b"))
    by_name = classify(named, **QUICK).model
    assert "not trained on" not in said(predict_graphs(by_name, named, threads=1))
    wider = replace(
        named, attributes=named.attributes[:, [1, 0, 0]], attribute_names=("b", "a", "c")
    )
    found = predict_graphs(by_name, wider, threads=1)
    assert "vertex attributes that the model was not trained on: c" in said(found)
    expected = predict_graphs(by_name, named, threads=1)
    assert found.probabilities.tobytes() == expected.probabilities.tobytes()
    by_order = predict_graphs(by_name, graphs, threads=1)
    assert "taken by their order, since those of graphs have no names" in said(by_order)
    assert "those of the model have no names" in said(
        predict_graphs(classify(graphs, **QUICK).model, named, threads=1)
    )


def test_more_neighbours_than_training_has_seen_are_told():
    model = classify(replace(some_set(12), attributes=None, categories=()), **QUICK).model
    assert model.recipe.highest_degree == 7
    found = predict_graphs(model, [nx.star_graph(9), nx.star_graph(8)], threads=1)
    assert "numbers of neighbours above 7" in said(found)
    assert "of 2 vertices" in said(found)
    assert "above" not in said(predict_graphs(model, [nx.star_graph(7)], threads=1))


@pytest.mark.parametrize(
    ("trained", "given", "words"),
    [
        ([[0.5], [1.5]], [[1], [0]], "trained on 1; they have labels 'label' (x of a table"),
        ([[1], [0]], [[0.5], [1.5]], "labels 'label', which the model was trained on; they have 1"),
        ([[0.5], [1.5]], None, "vertices have 0 attributes; the model was trained on 1"),
    ],
)  # fmt: skip
def test_what_other_graphs_have_instead_is_told(tmp_path, trained, given, words):
    def table(name, x):
        row = {"edge_index": [[0], [1]], "num_nodes": 2} | ({} if x is None else {"x": x})
        lines = (json.dumps(row | {"y": "ab"[i % 2]}) + "\n" for i in range(8))
        (tmp_path / name).write_text("".join(lines))
        return tmp_path / name

    model = classify(table("a.jsonl", trained), **QUICK).model
    with pytest.raises(InputError) as raised:
        predict_graphs(model, table("b.jsonl", given), threads=1)
    assert words in str(raised.value)
    assert ("they have" in str(raised.value)) is (given is not None)


@pytest.mark.parametrize("write", [nx.write_pajek, nx.write_gml])
def test_labels_of_vertices_that_are_names_are_told(tmp_path, write):
    for i, graph in enumerate(networks(4)[0]):
        named = nx.relabel_nodes(graph, {v: f"n{v}" for v in graph})
        write(named, tmp_path / f"g{i}.{'net' if write is nx.write_pajek else 'gml'}")
    told = " | ".join(read_graph_set(tmp_path).notes)
    assert "vertex labels 'label': no two vertices of a graph share one" in told


def test_kinds_of_vertices_are_not_taken_for_names():
    assert "share one" not in " | ".join(read_graph_set("shapes").notes)
    graphs = some_set(12)
    codes = np.concatenate([np.arange(size) for size in graphs.sizes])
    names = tuple("abcdefghij")
    kinds = Category("element", codes, names)
    assert "'element': no two" in notes_on_names(replace(graphs, categories=(kinds,)))[0]
    codes = np.where(np.arange(len(codes)) == 1, 0, codes)  # of two vertices in the first graph
    assert not notes_on_names(replace(graphs, categories=(replace(kinds, codes=codes),)))
    assert not notes_on_names(replace(graphs, categories=(kinds,)).take([0]))


def test_notes_on_other_graphs_reach_embeddings(tvgnn, tmp_path):
    graphs = replace(some_set(12), attributes=None)
    model = classify(graphs, **QUICK).model
    kinds = Category("element", np.zeros(graphs.num_vertices, dtype=np.int64), ("Xe",))
    other = replace(graphs, categories=(kinds,))
    _, notes = embedding_of(model, other, threads=1)
    assert notes == ("vertex labels that the model does not know, taken for none: Xe of 'element'",)
    model_of_degrees = classify(replace(graphs, categories=()), **QUICK)
    model_of_degrees.save(tmp_path / "m.tvgnn")
    row = {"edge_index": [[0], [1]], "num_nodes": 2, "x": [[0.5], [1.5]]}
    (tmp_path / "g.jsonl").write_text(json.dumps(row) + "\n")
    done = tvgnn("classify", "embed", "m.tvgnn", "g.jsonl", "--threads", 1)
    assert "vertex attributes: not used" in done.err


def test_graphs_without_vertices_need_no_features():
    model = classify(some_set(12), **QUICK).model
    found = predict_graphs(model, [nx.empty_graph(0)], threads=1)
    assert np.isfinite(found.probabilities).all()


# Classes.


def test_classes_that_a_model_cannot_tell_are_named():
    graphs = some_set(16)
    y = np.where(np.arange(16) == 14, 2, np.where(np.arange(16) == 12, 3, graphs.y))
    names = (*graphs.class_names, "tree", "grid")
    split = np.array(["train"] * 12 + ["validation"] * 2 + ["test"] * 2, dtype=object)
    result = classify(replace(graphs, y=y, class_names=names, split=split), **QUICK)
    missed = "classes that the model does not know, so that it misses them: 'tree' (1)"
    assert missed in result.notes
    assert "classes that only graphs for validation have, not learned: 'grid'" in result.notes
    others = replace(graphs, class_names=("ring", "wheel"))
    found = predict_graphs(result.model, others, threads=1)
    assert "so that it misses them: 'wheel' (8)" in said(found)
    assert "misses" not in said(predict_graphs(result.model, graphs, threads=1))


@pytest.mark.parametrize(
    ("texts", "names", "words"),
    [
        (["1", "1.0"], ("1", "1.0"), "'1' and '1.0' are two"),
        (["01", "1"], ("01", "1"), "'01' and '1' are two"),
        (["a", "A"], ("A", "a"), "'A' and 'a' are two"),
        (["é", "e\u0301"], ("e\u0301", "é"), "are two, though they look alike"),
        (["a  b", "a b"], ("a  b", "a b"), "'a  b' and 'a b' are two"),
        (["0.5", "0.7", "x"], ("0.5", "0.7", "x"), "0.5, 0.7: each such number is a class"),
        (["1.05", "2.0"], ("1.05", "2.0"), "1.05: each such number is a class"),
        (["1e400", "10"], ("10", "1e400"), "1e400: each such number"),
        ([f"{10**20}", f"{10**20 + 1}"], (f"{10**20}", f"{10**20 + 1}"), None),
        (["-1", "1"], ("-1", "1"), None),
        (["+", "-"], ("+", "-"), None),
        (["0,1", "1,0"], ("0,1", "1,0"), "'0,1', '1,0': each such list of numbers is one class"),
        (["[1 0]", "x"], ("[1 0]", "x"), "'[1 0]': each such list"),
        (["a, b", "2020-01-01"], ("2020-01-01", "a, b"), None),
        (["1" + " " * 99999 + "x", "1 " * 9999 + "x"] * 2, None, None),
    ],
)  # fmt: skip
def test_names_of_classes_that_may_not_be_meant(texts, names, words):
    found = classes_of_graphs(texts)
    assert names is None or found.names == names
    told = " | ".join(found.notes)
    if words is None:
        assert told == ""
    else:
        assert words in told


@pytest.mark.parametrize(
    ("y", "split", "words"),
    [
        ([0, 1] * 8, ["test"] * 16, "training are none of known class"),
        ([0, 0] + [1] * 14, ["train"] * 2 + ["test"] * 14, "training are all of class 'ring'"),
        ([0] * 8 + [-1] * 8, None, "all 8 graphs of known class are of class 'ring'"),
        ([0, 1] + [-1] * 14, None, "graphs: no class has two graphs to learn from"),
        (list(range(16)), None, "(16 classes of one graph: are they meant?)"),
    ],
)
def test_what_cannot_be_learned_from_says_why(y, split, words):
    graphs = replace(
        some_set(16), y=np.array(y), class_names=("ring", "star", *map(str, range(14))),
        split=None if split is None else np.array(split, dtype=object),
    )  # fmt: skip
    with pytest.raises(InputError) as raised:
        classify(graphs, **QUICK)
    assert words in str(raised.value)


def test_a_state_of_other_classes_is_not_taken_for_one_of_other_features(tmp_path):
    graphs, kept = some_set(12), Checkpointing(tmp_path / "c", every=0)
    classify(graphs, checkpointing=kept, **QUICK)
    with pytest.raises(UsageError, match=r"\(its graphs, their ids, features, classes or parts\)"):
        classify(replace(graphs, y=1 - graphs.y), checkpointing=kept, **QUICK)


# Cross-validation.


def test_a_share_is_not_asked_for_where_the_input_names_the_graphs():
    graphs = some_set(16)
    split = np.array(["validation"] * 4 + ["train"] * 12, dtype=object)
    given = "graphs that decide when training ends: 4; so few tell little"
    named = said(classify(replace(graphs, split=split), **QUICK))
    assert given in named
    assert "`validation`" not in named
    assert "(`validation` takes a larger share)" in said(classify(graphs, **QUICK))


def test_what_folds_cannot_have_is_told():
    graphs = some_set(12)
    y = np.where(np.arange(12) == 5, 2, graphs.y)
    graphs = replace(
        graphs, y=y, class_names=(*graphs.class_names, "tree"), attributes=None, categories=()
    )
    told = said(cross_validate(graphs, folds=3, runs=1, **QUICK))
    assert "classes of fewer graphs than folds, which some folds lack: 'tree' (1)" in told
    assert "no vertex features are read: the number of neighbours is used" in told
    assert "graphs that decide when training ends: 1" in told


# Files.

PAIR = "source,target\na,b\nb,c\n"


def folder(tmp_path: Path, table: str) -> Path:
    made = tmp_path / "g"
    made.mkdir()
    for i in range(6):
        (made / f"m{i}.csv").write_text(PAIR if i % 2 else PAIR + "c,a\n")
    (made / "labels.csv").write_text(table)
    return made


LISTED = "graph,label\n" + "".join(f"m{i}.csv,{'ab'[i % 2]}\n" for i in range(6))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("../g/m0.csv", "line 8: '../g/m0.csv' is listed twice, first as 'm0.csv'"),
        ("link.csv", "line 8: 'link.csv' is listed twice, first as 'm0.csv'"),
        ("labels.csv", "line 8: 'labels.csv' is this table, no graph"),
        ("m7", "line 8: no such file: 'm7' in"),
    ],
)
def test_a_graph_is_in_a_set_once(tmp_path, row, words):
    made = folder(tmp_path, f"{LISTED}{row},a\n")
    (made / "link.csv").symlink_to(made / "m0.csv")
    with pytest.raises(InputError) as raised:
        read_graph_set(made)
    assert words in str(raised.value)


def test_a_name_without_its_suffix_is_guessed_at_in_words(tmp_path):
    made = folder(tmp_path, LISTED.replace(".csv", ""))
    with pytest.raises(InputError, match=r"no such file: 'm0' in .*; is 'm0\.csv' meant"):
        read_graph_set(made)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("more\\m.csv", "more/m.csv"), ("m.csv", "more/m.csv"), ("m", "more/m.csv"),
        ("g/m0.csv", "m0.csv"), ("C:\\data\\m0.csv", "m0.csv"), ("more/m0.csv", "m0.csv"),
        ("x" * 999, None), ("..", None), ("a\x00b", None), ("[m]*", None),
    ],
)  # fmt: skip
def test_the_file_that_a_name_may_mean_is_asked_for(tmp_path, name, meant):
    made = folder(tmp_path, f"graph,label\n{name},a\n")
    (made / "more").mkdir()
    (made / "more" / "m.csv").write_text("source,target\na,b\n")
    with pytest.raises(InputError) as raised:
        read_graph_set(made)
    asked = str(raised.value).partition("; is ")[2]
    assert asked == ("" if meant is None else f"'{meant}' meant?")


def test_sets_whose_names_differ_after_a_dot_have_results_of_their_own(tvgnn, tmp_path):
    classify("shapes", **QUICK).save("m.tvgnn")
    for name in ("s.v1.jsonl", "s.v2.jsonl"):
        (tmp_path / name).write_text('{"edge_index": [[0], [1]], "num_nodes": 2}\n')
        assert tvgnn("classify", "predict", "m.tvgnn", name, "-q", "--threads", 1).code == 0
    assert {each.name for each in tmp_path.glob("*.csv")} == {
        "s.v1.predicted.csv", "s.v2.predicted.csv",
    }  # fmt: skip


def test_any_graph_of_a_table_tells_its_folder(tmp_path):
    made = folder(tmp_path, LISTED)
    (tmp_path / "t.csv").write_text("graph,label\nm9.csv,a\nm0.csv,b\n")
    with pytest.raises(InputError, match=r"no such file: 'm9\.csv' in .*g$"):
        read_graph_set(made, labels=tmp_path / "t.csv")


@pytest.mark.parametrize("command", ["train", "cv", "predict", "embed"])
@pytest.mark.parametrize("target", ["g/labels.csv", "g/m3.csv"])
def test_files_of_the_set_are_not_written_over(tvgnn, tmp_path, command, target):
    folder(tmp_path, LISTED)
    classify(some_set(12), **QUICK).save("m.tvgnn")
    model = ("m.tvgnn",) * (command in ("predict", "embed"))
    before = (tmp_path / target).read_bytes()
    for data in ("g", "g/labels.csv"):
        done = tvgnn("classify", command, *model, data, "-o", target)
        assert (done.code, done.out) == (2, "")
        assert f"-o {target}: is an input of this command" in done.err
    assert (tmp_path / target).read_bytes() == before


@pytest.mark.parametrize(
    ("files", "target"),
    [
        ({"D/D_A.txt": "1, 2\n", "D/D_graph_indicator.txt": "1\n1\n"}, "D/D_A.txt"),
        ({"D/meta.yaml": "node_data:\n- file_name: n.csv\nedge_data:\n- file_name: e.csv\n",
          "D/n.csv": "graph_id,node_id\n0,0\n", "D/e.csv": "graph_id,src_id,dst_id\n0,0,0\n"},
         "D/e.csv"),
        ({"D/one.csv": PAIR, "D/two.csv": PAIR}, "D/two.csv"),
    ],
)  # fmt: skip
def test_files_of_sets_of_each_form_are_not_written_over(tvgnn, tmp_path, files, target):
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    done = tvgnn("classify", "train", "D", "--save", target)
    assert done.code == 2
    assert f"--save {target}: is an input of this command" in done.err
    assert (tmp_path / target).read_text() == files[target]


def test_results_beside_graph_files_are_no_graphs(tvgnn, tmp_path, monkeypatch):
    made = folder(tmp_path, LISTED)
    (made / "labels.csv").unlink()
    classify(replace(some_set(12), attributes=None, categories=()), **QUICK).save("m.tvgnn")
    monkeypatch.chdir(made)
    for _ in range(2):
        assert tvgnn("classify", "predict", "../m.tvgnn", ".", "--threads", 1).code == 0
    assert len((made / "g.predicted.csv").read_text().splitlines()) == 7


def test_metrics_go_with_the_model_and_a_model_into_a_file(tvgnn, tmp_path):
    given = ("classify", "train", "shapes", "--threads", 1, "-q", "--save")
    quick = [text for name, value in SMALL.items() for text in (f"--{name}", value)]
    for name, row in (("a.tvgnn", "a.metrics.csv"), ("b.model.tvgnn", "b.metrics.csv")):
        assert tvgnn(*given, name, *quick).code == 0
        assert (tmp_path / row).exists()
    assert not (tmp_path / "shapes.metrics.csv").exists()
    done = tvgnn(*given, "-")
    assert done.code == 2
    assert "--save -: a model does not go to standard output" in done.err
    assert not (tmp_path / "-").exists()


def test_a_model_of_another_kind_is_called_what_it_is(tvgnn):
    classify(some_set(12), **QUICK).save("m.tvgnn")
    done = tvgnn("predict", "m.tvgnn", "karate")
    assert done.code == 3
    assert "is a classifier of graphs, which tvgnn classify predict takes" in done.err


# Readers.


def test_values_in_the_order_of_sorted_ids_are_told_where_it_is_not_that_of_vertices(tmp_path):
    batch = np.repeat(np.array([str(i) for i in range(12)]), 2)
    edges = np.arange(24).reshape(12, 2).T
    given = {"edge_index": edges, "y": np.arange(12) % 2}
    for name, graph in (("text", batch), ("number", batch.astype(int))):
        np.savez(tmp_path / f"{name}.npz", batch=graph, **given)
    told = " | ".join(read_graph_set(tmp_path / "text.npz").notes)
    assert "y: a value for each graph in the order of their sorted ids, '0', '1', '10'" in told
    assert "sorted ids" not in " | ".join(read_graph_set(tmp_path / "number.npz").notes)
    batch[4] = ""
    np.savez(tmp_path / "empty.npz", batch=batch, **given)
    with pytest.raises(InputError, match="batch: the graph of vertex 4 has an empty name"):
        read_graph_set(tmp_path / "empty.npz")


def test_kinds_that_some_graphs_lack_and_columns_of_two_types_are_told(tmp_path):
    graphs = [nx.path_graph(3), nx.path_graph(4)]
    nx.set_node_attributes(graphs[0], {0: "C", 1: "N", 2: "C"}, "element")
    nx.set_node_attributes(graphs[0], 1.5, "mass")
    nx.set_node_attributes(graphs[1], "heavy", "mass")
    for i, graph in enumerate(graphs):
        nx.write_graphml(graph, tmp_path / f"{i}.graphml")
    found = read_graph_set(tmp_path)
    told = " | ".join(found.notes)
    assert "vertex labels that some vertices lack, which are of no kind: 'element' (4)" in told
    assert "'mass' (numbers in some graphs, text in others)" in told
    assert found.attributes is None


# The estimator.


def test_the_estimator_takes_an_array_of_graphs_and_refuses_classes_without_an_order():
    made, names = networks(12)
    array = np.empty(12, dtype=object)
    array[:] = made
    model = TVGNNClassifier(threads=1, **SMALL).fit(array, names)
    assert model.predict(array[:2]).tolist() == model.predict(made[:2]).tolist()
    for y, words in (([None, "a"] * 6, "graph 0 has no class"), ([1, "a"] * 6, "int, str")):
        with pytest.raises(InputError, match=words):
            TVGNNClassifier(threads=1, **SMALL).fit(made, np.array(y, dtype=object))
    with pytest.raises(InputError, match="y: is None; give the class of each graph"):
        TVGNNClassifier(threads=1, **SMALL).fit(made, None)


# Summaries.


def test_many_classes_with_long_names_leave_room_for_the_rest(tvgnn, tmp_path):
    row = {"edge_index": [[0, 1], [1, 2]], "num_nodes": 3}
    rows = [json.dumps({**row, "y": f"{'long ' * 9}{i % 14:02d}"}) for i in range(42)]
    (tmp_path / "g.jsonl").write_text("\n".join(rows) + "\n")
    quick = [text for name, value in SMALL.items() for text in (f"--{name}", value)]
    name = "a-name-of-a-file-that-is-longer-than-a-line-of-a-terminal-of-eighty-columns.tvgnn"
    done = tvgnn("classify", "train", "g.jsonl", "--threads", 1, *quick, "--save", name)
    assert done.code == 0, done.err
    lines = done.err.splitlines()
    assert any(line.split()[:2] == ["accuracy,", "train"] for line in lines)
    assert "and 6 more" in " ".join(" ".join(lines).split())
    assert name.removesuffix(".tvgnn") in "".join(" ".join(lines).split())
    told = tvgnn("classify", "cv", "g.jsonl", "--folds", 2, "--runs", 1, "--threads", 1, *quick)
    assert "classes: 14, too many for a matrix here; --confusion FILE" in told.err
