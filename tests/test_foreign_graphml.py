"""GraphML as other programs write it: which attributes are data, and what is refused."""

from __future__ import annotations

import warnings

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from tests.test_foreign_edges import PAIRS, PLAIN, WEIGHED, said
from tests.test_readers import edges_of, write
from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.property_graph import Column, column_of, column_of_texts
from tvgnn_cli.io.attribute_choice import choose_features
from tvgnn_cli.io.graphml import parse_graphml
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.wanted import KnownColumns

NAMES = ["ann", "bob", "cy", "dan", "eve"]
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'


def key(name, kind=None, of="node", default=None, id_=None):
    typed = f' attr.type="{kind}"' if kind else ""
    inner = "" if default is None else f"<default>{default}</default>"
    return f'<key id="{id_ or name}" for="{of}" attr.name="{name}"{typed}>{inner}</key>\n'


def data(name, value):
    return "" if value is None else f'<data key="{name}">{value}</data>'


def file(keys="", values=(), weight=None, edge="", directed="undirected", after=""):
    """Five vertices with values by name, and six edges."""
    columns = dict(values)
    nodes = "".join(
        f'<node id="{name}">{"".join(data(k, v[i]) for k, v in columns.items())}</node>\n'
        for i, name in enumerate(NAMES)
    )
    edges = "".join(
        f'<edge source="{a}" target="{b}"{edge}>{data("w", weight and i + 0.5)}</edge>\n'
        for i, (a, b) in enumerate(PAIRS)
    )
    return f'{HEAD}{keys}<graph edgedefault="{directed}">\n{nodes}{edges}{after}</graph></graphml>'


def attributes(**columns):
    """A file with a numeric attribute for each name."""
    kinds = {name: "string" if isinstance(v[0], str) else "double" for name, v in columns.items()}
    return file("".join(key(name, kind) for name, kind in kinds.items()), columns)


AGE = [3.5, 4, 4, 5, 7]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"r": [1, 2, 2, 3, 1], "g": [1, 2, 2, 3, 1], "b": [1, 2, 2, 3, 1]}, "for drawing"),
        ({"x": [1.5, 2, 2, 3, 1], "y": [1.5, 2, 2, 3, 1]}, "for drawing"),
        ({"Size": [1.5, 2, 2, 3, 1]}, "for drawing"),
        ({"zOrder": [1, 2, 2, 3, 1], "Expanded": [1, 0, 0, 1, 1]}, "for drawing"),
        ({"SUID": [77, 78, 79, 91, 99], "selected": [0, 1, 0, 0, 0]}, "for drawing or selecting"),
        ({"Modularity Class": [1, 1, 0, 0, 0]}, "an earlier clustering"),
        ({"community": [1, 1, 0, 0, 0]}, "an earlier clustering"),
        ({"cluster": [1, 1, 0, 0, 0], "confidence": [0.5] * 4 + [1], "margin": [0.1] * 4 + [1],
          "p_0": [0.5] * 4 + [1], "p_1": [0.5] * 4 + [0]}, "an earlier clustering"),
        ({"Weighted Degree": [1, 1, 0, 0, 0]}, "a statistic of the edges"),
        ({"degree_centrality": [1.5, 1, 0, 0, 0]}, "a statistic of the edges"),
        ({"leidenCluster": [1, 1, 0, 0, 0]}, "an earlier clustering"),
        ({"louvain_community": [1, 1, 0, 0, 0]}, "an earlier clustering"),
        ({"pos_1": [1, 1, 0, 0, 0], "pos_0": [1.5, 1, 0, 0, 0]}, "for drawing"),
        ({"graphics_x": [1.5, 1, 0, 0, 0]}, "for drawing"),
        ({"serial": [5, 9, 7, 100, 3]}, "running numbers"),
        ({"same": [5, 5, 5, 5, 5]}, "the same everywhere"),
        ({"gap": [5, None, 3, 5, 5]}, "missing for some vertices"),
        ({"gap": [5, "NaN", 3, 5, 5]}, "missing for some vertices"),
        ({"nothing": ["NaN"] * 5}, "without a value"),
        ({"city": ["Oslo", "Rome", "Rome", "Oslo", "Oslo"]}, "not numbers"),
    ],
)  # fmt: skip
def test_what_is_no_feature_is_named_with_its_reason(tmp_path, columns, reason):
    graph = read_graph(write(tmp_path, "g.graphml", attributes(age=AGE, **columns)))
    assert graph.feature_names == ("age",)
    (note,) = [note for note in graph.notes if "no features" in note]
    assert reason in note
    assert all(name in note for name in columns)
    alone = read_graph(write(tmp_path, "g.graphml", attributes(**columns)))
    assert alone.x is None


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("none", ()),
        ("all", ("age", "size", "serial", "same")),
        ("size", ("size",)),
        ("serial, age", ("serial", "age")),
        ("city", ("city=Oslo", "city=Rome")),
        ("AGE,city", ("age", "city=Oslo", "city=Rome")),
    ],
)
def test_features_that_a_user_asks_for(tmp_path, asked, names):
    text = attributes(age=AGE, size=[1, 2, 3, 2, 1], serial=[5, 9, 7, 100, 3], same=[5] * 5,
                      city=["Oslo", "Rome", "Rome", "Oslo", "Oslo"])  # fmt: skip
    graph = read_graph(write(tmp_path, "g.graphml", text), feature_attrs=asked)
    assert graph.feature_names == names
    if "city=Oslo" in names:
        assert graph.x[:, names.index("city=Oslo")].tolist() == [1, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("agee", ["agee", "Did you mean 'age'"]),
        ("gap", ["'gap'", "'bob'", "no value"]),
        ("name", ["'name'", "5 different values for 5 vertices"]),
    ],
)
def test_features_that_cannot_be(tmp_path, asked, words):
    text = attributes(age=AGE, gap=[5, None, 3, 5, 5], name=list("abcde"))
    with pytest.raises(InputError) as caught:
        read_graph(write(tmp_path, "g.graphml", text), feature_attrs=asked)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("name", ["value", "group", "Type"])
@pytest.mark.parametrize(
    ("values", "may_be"),
    [([1, 2, 2, 1, 1], True), (["l", "n", "n", "l", "l"], True), ([0.5, 1, 2, 1, 1], False)],
)
def test_codes_of_classes_are_no_features(tmp_path, name, values, may_be):
    path = write(tmp_path, "g.graphml", attributes(age=AGE, **{name: values}))
    graph = read_graph(path)
    assert graph.feature_names == (("age",) if may_be else ("age", name))
    assert (f"{name} (could be the true class: `label_attr`)" in said(graph)) == may_be
    assert read_graph(path, feature_attrs=f"age,{name}").num_features > 1
    if may_be:
        assert read_graph(path, label_attr=name).num_classes == 2


def test_labels_elsewhere_change_no_feature(tmp_path):
    path = write(tmp_path, "g.graphml", attributes(age=AGE, label=[1, 2, 1, 2, 1]))
    labels = write(tmp_path, "y.csv", "id,y\n" + "".join(f"{name},u\n" for name in NAMES))
    for asked in (None, "all"):
        plain = read_graph(path, feature_attrs=asked)
        labelled = read_graph(path, feature_attrs=asked, labels=labels)
        assert labelled.fingerprint() == plain.fingerprint()
        assert labelled.class_names == ("u",)
    named = read_graph(path, feature_attrs="label")
    assert named.y is None
    assert named.feature_names == ("label",)


def test_features_add_vertices_where_labels_are_elsewhere(tmp_path):
    path = write(tmp_path, "g.graphml", attributes(label=["u", "v", "u", "v", "u"]))
    rows = "".join(f"{name},{i % 3}.5\n" for i, name in enumerate([*NAMES, "zoe"]))
    graph = read_graph(path, features=write(tmp_path, "x.csv", "id,f\n" + rows), labels=["a"] * 6)
    assert graph.ids.tolist() == [*NAMES, "zoe"]


def test_a_hyperedge_takes_no_weights(tmp_path):
    more = '<hyperedge><data key="w">9</data><endpoint node="ann"/></hyperedge>'
    text = file(key("weight", "double", "edge", id_="w"), weight=True, after=more)
    assert edges_of(read_graph(write(tmp_path, "g.graphml", text))) == WEIGHED


def test_counts_of_many_things_are_no_running_numbers():
    counts = {f"gene{i}": column_of([i, i + 7, 3 * i + 50]) for i in range(30)}
    ids = np.array(["a", "b", "c"], dtype=object)
    assert len(choose_features(counts, None, ids, "g").names) == 30
    few = dict(list(counts.items())[:3])
    assert choose_features(few, None, ids, "g").names == ()


@pytest.mark.parametrize("name", ["Weight", "combined_score", "Similarity", "edge weight", "n"])
def test_weights_by_their_names(tmp_path, name):
    text = file(key(name, "double", "edge", id_="w"), weight=True)
    graph = read_graph(write(tmp_path, "g.graphml", text))
    assert edges_of(graph) == WEIGHED
    assert (f"weights: edge attribute '{name}'" in said(graph)) == (name != "Weight")
    assert edges_of(read_graph(write(tmp_path, "g.graphml", text), weight="none")) == PLAIN


@pytest.mark.parametrize("name", ["id", "timestamp", "year", "foo"])
def test_edge_attributes_that_are_no_weights_are_named(tmp_path, name):
    text = file(key(name, "double", "edge", id_="w"), weight=True)
    graph = read_graph(write(tmp_path, "g.graphml", text))
    assert edges_of(graph) == PLAIN
    assert f"not read: '{name}'" in said(graph)
    assert "edges count alike" in said(graph)
    assert edges_of(read_graph(write(tmp_path, "g.graphml", text), weight=name)) == WEIGHED


@pytest.mark.parametrize("name", ["weight", "Score"])
def test_weights_that_are_declared_as_text(tmp_path, name):
    text = file(key(name, "string", "edge", id_="w"), weight=True)
    graph = read_graph(write(tmp_path, "g.graphml", text))
    assert edges_of(graph) == WEIGHED
    assert f"weights: edge attribute '{name}', numbers declared as text" in said(graph)
    other = write(tmp_path, "h.graphml", file(key("foo", "string", "edge", id_="w"), weight=True))
    assert edges_of(read_graph(other, weight="foo")) == WEIGHED
    for mixed in ("abc", "007", "1_0"):
        bad = write(tmp_path, "b.graphml", text.replace(">2.5<", f">{mixed}<"))
        with pytest.raises(InputError, match=f"'{name}' is not a number .'{mixed}'"):
            read_graph(bad, weight=name)


@pytest.mark.parametrize(
    ("values", "note"),
    [
        (["20", "30.5", "30.5", "-1e3", "20"], "declared as text, all of them numbers: age"),
        (["true", "false", "true", "true", "false"], "declared as text, all of them numbers: age"),
        (["0150", "1150", "1150", "2000", "3000"], "age (not all numbers: '0150';"),
        (["20", "30", "30", "many", "20"], "age (not all numbers: 'many';"),
        (["20", "thirty", "thirty", "many", "20"], "age (not numbers;"),
    ],
)
@pytest.mark.parametrize("form", ["graphml", "gexf", "networkx"])
def test_features_that_are_declared_as_text(tmp_path, form, values, note):
    text = attributes(age=values)
    if form == "gexf":
        nodes = "".join(
            f'<node id="{name}"><attvalues><attvalue for="0" value="{value}"/></attvalues></node>'
            for name, value in zip(NAMES, values, strict=True)
        )
        declared = '<attributes class="node"><attribute id="0" title="age" type="string"/>'
        text = f"<gexf><graph>{declared}</attributes><nodes>{nodes}</nodes><edges/></graph></gexf>"
    path = write(tmp_path, "g", text)
    graph = read_graph(nx.read_graphml(path) if form == "networkx" else path)
    assert note in said(graph)
    assert (graph.x is not None) == note.startswith("declared")
    if graph.x is not None:
        assert graph.x[0, 0] == (20 if values[0] == "20" else 1)
        known = read_graph(path, feature_attrs=KnownColumns(["age"]))  # as a model asks for them
        assert known.x.tolist() == read_graph(path, feature_attrs="age").x.tolist()
        assert known.x.tolist() == graph.x.tolist()


def test_a_table_of_text_has_numbers_too(tmp_path):
    columns = {"id": list("abc"), "f": ["1.5", "2", "2"], "zip": ["0150", "0150", "1150"]}
    pd.DataFrame(columns).to_parquet(tmp_path / "x.parquet")
    edges = write(tmp_path, "g.csv", "source,target\na,b\nb,c\n")
    graph = read_graph(edges, features=str(tmp_path / "x.parquet"))
    assert graph.feature_names == ("f",)
    assert "declared as text, all of them numbers: f" in said(graph)
    assert "zip (not all numbers: '0150';" in said(graph)


def test_names_that_are_declared_as_text_stay_names(tmp_path):
    path = write(tmp_path, "g.graphml", attributes(name=["1", "2", "3", "4", "5"]))
    for asked in (None, "all"):
        graph = read_graph(path, feature_attrs=asked)
        assert graph.names.tolist() == ["1", "2", "3", "4", "5"]
        assert graph.x is None


@pytest.mark.parametrize("kind", ["double", "string"])
def test_distances_are_refused_as_in_edge_lists(tmp_path, kind):
    text = file(key("Length", kind, "edge", id_="w"), weight=True)
    path = write(tmp_path, "g.graphml", text)
    with pytest.raises(InputError, match="edge attribute 'Length' is named as distances are"):
        read_graph(path)
    assert edges_of(read_graph(path, weight="length")) == WEIGHED
    graph = read_graph(path, weight="none")
    assert edges_of(graph) == PLAIN
    assert "'Length' (a distance is no similarity)" in said(graph)
    words = write(tmp_path, "w.graphml", text.replace(".5<", ".5 km<").replace("double", "string"))
    assert edges_of(read_graph(words)) == PLAIN


def test_a_key_that_is_declared_for_vertices_and_used_by_edges(tmp_path):
    text = file(key("weight", "double", "node", id_="w"), weight=True)
    assert edges_of(read_graph(write(tmp_path, "g.graphml", text))) == WEIGHED


def test_names_come_beside_the_ids_or_become_them(tmp_path):
    text = attributes(name=["Ann A", "Bob B", "Cy C", "Dan D", "Eve E"])
    graph = read_graph(write(tmp_path, "g.graphml", text))
    assert graph.ids.tolist() == NAMES
    assert graph.names.tolist() == ["Ann A", "Bob B", "Cy C", "Dan D", "Eve E"]
    named = read_graph(write(tmp_path, "g.graphml", text), id_attr="name")
    assert named.ids.tolist() == graph.names.tolist()
    twice = attributes(name=["Ann", "Ann", "Cy", "Dan", "Eve"])
    with pytest.raises(InputError, match=r"'name' is no id .*'Ann'"):
        read_graph(write(tmp_path, "g.graphml", twice), id_attr="name")


def test_display_names_are_no_true_classes(tmp_path):
    labels = ["u", "v", "w", "u", "z"]
    graph = read_graph(write(tmp_path, "g.graphml", attributes(label=labels)))
    assert graph.y is None
    assert graph.names.tolist() == labels
    asked = read_graph(write(tmp_path, "g.graphml", attributes(label=labels)), label_attr="label")
    assert asked.class_names == ("u", "v", "w", "z")


def test_missing_classes_by_any_mark(tmp_path):
    path = write(tmp_path, "g.graphml", attributes(label=["u", "NA", "v", "u", "v"]))
    assert read_graph(path).y.tolist() == [0, -1, 1, 0, 1]


GRAPHICS = (
    '<key for="node" id="d6" yfiles.type="nodegraphics"/>'
    '<key for="edge" id="d9" yfiles.type="edgegraphics"/>'
)


def shape(name):
    return (
        '<data key="d6"><y:ShapeNode><y:Geometry height="3"/>'
        f'<y:NodeLabel hasColor="false">{name}<y:Model/></y:NodeLabel></y:ShapeNode></data>'
    )


def test_groups_are_left_out_and_drawn_texts_are_names(tmp_path):
    nodes = [f'<node id="g::{n}">{shape(f"Mr {n}")}</node>' for n in NAMES]
    edges = [f'<edge source="g::{a}" target="g::{b}"><data key="d9"><y:Line/></data></edge>'
             for a, b in PAIRS]  # fmt: skip
    text = (
        HEAD.replace(">", ' xmlns:y="http://www.yworks.com/xml/graphml">', 2).replace(
            '?xml version="1.0" encoding="UTF-8"? xmlns:y="http://www.yworks.com/xml/graphml"',
            '?xml version="1.0" encoding="UTF-8"?',
        )
        + GRAPHICS
        + f'<graph edgedefault="directed"><node id="g">{shape("all")}<graph edgedefault="directed">'
        + "".join(nodes)
        + "</graph></node>"
        + "".join(edges)
        + "</graph></graphml>"
    )
    graph = read_graph(write(tmp_path, "g.graphml", text))
    assert graph.ids.tolist() == [f"g::{n}" for n in NAMES]
    assert graph.names.tolist() == [f"Mr {n}" for n in NAMES]
    assert "groups of vertices, left out: 1" in graph.notes
    first = f"Mr {NAMES[0]}"
    twice = text.replace(first, f"{first}<y:Model/></y:NodeLabel><y:NodeLabel>boss", 1)
    assert read_graph(write(tmp_path, "g.graphml", twice)).names[0] == f"{first} boss"
    joined = text.replace('target="g::bob"', 'target="g"', 1)
    graph = read_graph(write(tmp_path, "g.graphml", joined))
    assert "g" in graph.ids
    assert "groups that edges end at, kept as vertices: 1" in graph.notes


def test_parallel_edges_of_one_id_and_mixed_directions(tmp_path):
    twice = "".join(
        f'<edge id="e" source="{b}" target="{a}" directed="{d}">{data("w", 2)}</edge>'
        for d, (a, b) in zip(["true", "false"] * 3, PAIRS, strict=True)
    )
    text = file(key("weight", "double", "edge", id_="w"), weight=True, after=twice)
    graph = read_graph(write(tmp_path, "g.graphml", text))
    assert edges_of(graph) == {pair: weight + 2 for pair, weight in WEIGHED.items()}
    both_ways = file(key("weight", "double", "edge", id_="w"), weight=True, directed="directed",
                     after=twice.replace("false", "true"))  # fmt: skip
    graph = read_graph(write(tmp_path, "g.graphml", both_ways))
    assert edges_of(graph) == {pair: max(weight, 2) for pair, weight in WEIGHED.items()}


def test_one_id_of_a_key_for_vertices_and_for_edges(tmp_path):
    keys = key("age", "int", default=4, id_="d0") + key("weight", "xs:double", "edge", id_="d0")
    text = file(keys, {"d0": [3, None, 4, 5, 5]}, weight=True).replace('key="w"', 'key="d0"')
    graph = read_graph(write(tmp_path, "g.graphml", text))
    assert edges_of(graph) == WEIGHED
    assert graph.feature_names == ("age",)
    assert graph.x[:, 0].tolist() == [3, 4, 4, 5, 5]


def test_what_stands_in_tags_is_said_unless_it_is_data_too(tmp_path):
    keys = key("labels", "string")
    text = file(keys, {"labels": [":A"] * 5}, edge=' weight="3" y:z="1"')
    text = text.replace("<graphml ", '<graphml xmlns:y="y" ').replace("<node ", '<node labels="A" ')
    (note,) = [n for n in read_graph(write(tmp_path, "g.graphml", text)).notes if "tags" in n]
    assert note == "attributes of tags, not read: 'weight' of <edge>; their place is in <data>"


def test_a_value_that_stands_twice_is_said(tmp_path):
    text = file(key("a", "int"), {"a": [1, 2, 2, 3, 3]})
    graph = read_graph(write(tmp_path, "g.graphml", text.replace(data("a", 1), data("a", 1) * 2)))
    assert "values that stand several times, of which the last counts: 'a'" in graph.notes
    assert graph.x[:, 0].tolist() == [1, 2, 2, 3, 3]


def test_graphs_within_have_a_default_direction_of_their_own(tmp_path):
    inner = '<graph edgedefault="directed"><edge source="ann" target="eve"/></graph>'
    text = file(after=f'<node id="group">{inner}</node>')
    directed = parse_graphml(Source(write(tmp_path, "g.graphml", text))).directed
    assert directed.tolist() == [False] * len(PAIRS) + [True]


def test_infinite_values_are_read_without_a_warning(tmp_path):
    text = attributes(age=AGE, far=[1, 2, 3, 4, "INF"]).replace("string", "double")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph = read_graph(write(tmp_path, "g.graphml", text))
    assert graph.feature_names == ("age",)
    assert "far (infinite for some vertices)" in said(graph)
    with pytest.raises(InputError, match=r"'far': features of vertex 'eve' are not finite"):
        read_graph(write(tmp_path, "g.graphml", text), feature_attrs="far")


def test_types_that_programs_write(tmp_path):
    keys = (key("flag", "boolean") + key("long", "long") + key("hex", "double") + key("bare")
            + key("place", "vector_double") + key("word", "string"))  # fmt: skip
    values = {
        "flag": ["true", "false", "0", "1", "True"],
        "long": ["4", " 5 ", "5.0", "6", "6"],
        "hex": ["0x1.8p+1", "1e-3", "2", "0.001", "2"],
        "bare": ["7", "8.5", "7", "7", "8"],
        "place": ["0, 1"] * 5,
        "word": ["3", "4", "4", "5", "5"],
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph = read_graph(write(tmp_path, "g.graphml", file(keys, values)))
    assert graph.feature_names == ("flag", "long", "hex", "bare", "word")
    assert graph.x[0].tolist() == [1, 4, 3, 7, 3]
    assert graph.x[2].tolist() == [0, 5, 2, 7, 4]
    assert "place (of type vector_double, not numbers)" in said(graph)
    assert "all of them numbers: word" in said(graph)


FAULTS = {
    "another encoding": (file(after='<node id="Zoë"/>').encode("latin-1"),
                         ["line 14", "byte 0xeb is not in"]),
    "a control character": (file(after='<node id="\x01"/>'), ["line 14", r"character \x01,"]),
    "a word of a number": (file(key("a", "int"), {"a": ["1", "x", 2, 3, 4]}),
                           ["line 5", "key 'a'", "attribute 'a', int", "'x'"]),
    "a fraction of a whole number": (file(key("a", "int"), {"a": ["1", "1.5", 2, 3, 4]}),
                                     ["line 5", "'1.5' is not a whole number"]),
    "no truth": (file(key("a", "boolean"), {"a": ["yes"] * 5}), ["line 4", "neither true nor"]),
    "an unknown key": (file("", {"a": [1] * 5}), ["line 3", "key 'a' is declared by no <key>"]),
    "an empty end": (file(after='<edge source="ann" target=""/>'), ["line 14", "has no target"]),
    "no end": (file(after='<edge target="ann"/>'), ["line 14", "has no source"]),
    "no id": (file(after="<node/>"), ["line 14", "no id"]),
    "two graphs": (file() .replace("</graph></graphml>",
                   '</graph>\n<graph id="second"/></graphml>'), ["line 15", "'second'", "split"]),
    "a default that does not fit": (file(key("a", "int", default="x"), {"a": [1, 2, 3, None, 5]}),
                                    ["default of key 'a'", "'x'"]),
    "a weight that some lack": (
        file(key("weight", "double", "edge", id_="w"), weight=True, after='<edge source="ann" '
             'target="dan"/>'), ["'ann' - 'dan'", "'weight'", "`weight` none"]),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_faults_name_their_line(tmp_path, case):
    text, words = FAULTS[case]
    with pytest.raises(InputError) as caught:
        read_graph(write(tmp_path, "g.graphml", text))
    for word in words:
        assert word in str(caught.value)


def test_vertices_that_only_edges_name_and_hyperedges_are_said(tmp_path):
    more = '<edge source="ann" target="zoe"/><hyperedge><endpoint node="ann"/></hyperedge>'
    graph = read_graph(write(tmp_path, "g.graphml", file(after=more)))
    assert graph.ids.tolist() == [*NAMES, "zoe"]
    assert "vertices that only edges name, added: 1" in graph.notes
    assert "hyperedges, not read: 1" in graph.notes


def test_the_content_tells_the_form_and_not_the_suffix(tmp_path):
    for name in ("g.txt", "g.xml", "g.csv.gz", "g"):
        assert edges_of(read_graph(write(tmp_path, name, file()))) == PLAIN


def test_what_networkx_reads_is_read_alike(tmp_path):
    """Vertices, edges, weights and features of random graphs of every kind, by both readers."""
    random = np.random.default_rng(0)
    for kind in (nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph):
        network = nx.gnm_random_graph(20, 40, seed=1, directed=kind().is_directed())
        network = kind(network)
        for vertex in network:
            network.nodes[vertex].update(
                f=float(random.random()), k=int(random.integers(3)), s="a&<b>", t=bool(vertex % 2)
            )
        for edge in network.edges:
            network.edges[edge]["weight"] = float(random.random())
        nx.write_graphml(network, tmp_path / "g.graphml")
        ours = read_graph(str(tmp_path / "g.graphml"))
        theirs = read_graph(nx.read_graphml(tmp_path / "g.graphml"))
        assert edges_of(ours) == edges_of(theirs)
        assert ours.feature_names == theirs.feature_names
        assert np.array_equal(ours.x, theirs.x)
        assert ours.fingerprint() == theirs.fingerprint()


def test_columns_of_texts_and_values():
    assert column_of_texts(["1", "NA", " 2"]).values.dtype == np.int64
    assert column_of_texts(["1", "2.5"]).floats().tolist() == [1, 2.5]
    assert column_of_texts(["true", "False", ""]).missing.tolist() == [False, False, True]
    assert column_of_texts(["a", "1"]).texts() == ["a", "1"]
    assert column_of_texts(["0150", "1150"]).texts() == ["0150", "1150"]
    assert column_of_texts(["0.50", "0", "-0"]).floats().tolist() == [0.5, 0, 0]
    assert column_of([1, None, 2.5]).floats()[[0, 2]].tolist() == [1, 2.5]
    assert column_of([True, False]).values.dtype == bool
    assert column_of([float("nan"), 2]).num_missing == 1
    assert isinstance(column_of(["a", 1]), Column)
