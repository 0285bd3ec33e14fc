"""The text that holds a view, and the panel made of it."""

from __future__ import annotations

import base64
import gzip
import json
import re

import networkx as nx
import numpy as np
import pytest

import tvgnn_cli
from tests.conftest import make_graph
from tests.some_views import HOSTILE, blocks, large, page_of, shown
from tvgnn_cli.graph.graph import Graph
from tvgnn_cli.graph.property_graph import Column, PropertyGraph
from tvgnn_cli.report.attributes import Attribute
from tvgnn_cli.report.packing import AIM, pack, quantised
from tvgnn_cli.report.panel import panel
from tvgnn_cli.report.view import view_of


class Reader:
    """The text read again, as the script does."""

    def __init__(self, text: str) -> None:
        self.facts = json.loads(text)
        self.data = gzip.decompress(base64.b64decode(self.facts["data"]))

    def numbers(self, place, kind="u"):
        first, count, width = place
        planes = np.frombuffer(self.data, np.uint8, count * width, first).reshape(width, count)
        return np.ascontiguousarray(planes.T).reshape(-1).view(f"<{kind}{width}")

    def texts(self, place):
        return json.loads(self.data[place[0] : place[0] + place[1]])

    def column(self, name):
        (about,) = (c for c in self.facts["columns"] if c["name"] == name)
        if "texts" in about:
            return self.texts(about["texts"])
        if "codes" in about:
            return [about["values"][code] for code in self.numbers(about["codes"])]
        return self.numbers(about["numbers"], "f").tolist()


def test_everything_is_read_again():
    graph, labels = blocks([300, 200, 100], y=None)
    random = np.random.default_rng(0)
    sure = random.random(600)
    columns = {
        "big": Column(random.permutation(600) + 70_000),
        "fraction": Column(random.normal(size=600) * 1e5),
        "few": Column(random.choice([0.1, 0.2, np.nan], 600)),
        "text": Column(np.array([f"t{i}\u2028<" for i in range(600)], dtype=object)),
        "kind": Column(random.choice(np.array(["x", "y", ""], dtype=object), 600)),
    }
    origin = PropertyGraph(graph.ids, *graph.edge_index, directed=False, vertex_attributes=columns)
    graph = Graph(graph.ids, graph.edge_index, origin=origin)
    view = view_of(graph, labels, ("a", "b", "c"), confidence=sure, classes=labels.astype(str))
    text, notes = pack(view)
    assert notes == ()
    read = Reader(text)
    facts = read.facts
    assert base64.b64decode(facts["data"])[4:8] == bytes(4)  # no time of day
    assert (facts["vertices"], facts["edges"]) == (600, graph.num_edges)
    assert read.texts(facts["ids"]) == graph.ids.tolist()
    assert read.numbers(facts["labels"]).tolist() == labels.tolist()
    assert read.texts(facts["clusters"]["names"]) == ["a", "b", "c"]
    assert read.numbers(facts["clusters"]["sizes"]).tolist() == [300, 200, 100]
    tail = np.cumsum(read.numbers(facts["tails"]))
    head = tail + read.numbers(facts["heads"])
    assert np.stack([tail, head]).tolist() == graph.edge_index.tolist()
    places = np.stack([read.numbers(p) for p in facts["positions"]], axis=1)
    np.testing.assert_array_equal(places, quantised(view.positions))
    np.testing.assert_allclose(read.column("confidence"), sure, atol=6e-5, rtol=2e-4)
    assert read.column("class") == labels.astype(str).tolist()
    assert read.column("degree") == graph.degrees.tolist()
    assert read.column("big") == columns["big"].values.tolist()
    np.testing.assert_allclose(read.column("fraction"), columns["fraction"].values, rtol=2.5e-4)
    few = [None if value != value else value for value in columns["few"].values.tolist()]
    assert read.column("few") == few
    assert read.column("text") == columns["text"].values.tolist()
    assert read.column("kind") == columns["kind"].values.tolist()


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        (np.linspace(0, 1, 300) * 1e300, float(np.finfo(np.float32).max)),
        (np.append(np.arange(300.0), np.nan), None),
        (np.append(np.arange(300.0), 2.0**60), 2.0**60),
    ],
)
def test_numbers_of_any_size_are_numbers(values, kept):
    graph = make_graph(nx.empty_graph(len(values)))
    view = shown(graph, np.zeros(len(values), dtype=int))
    view = type(view)(**{**vars(view), "attributes": (Attribute("a", values),)})
    last = Reader(pack(view)[0]).column("a")[-1]
    assert last == kept or (kept is None and np.isnan(last))


def test_places_are_quantised_to_scale():
    found = quantised(np.array([[0, 0], [2, 1], [1, 0.5]], dtype=np.float32))
    assert found.tolist() == [[0, 0], [65535, 32768], [32768, 16384]]
    assert quantised(np.full((3, 2), 7.0)).tolist() == [[0, 0]] * 3


def test_hostile_texts_end_no_element_and_stay_what_they_are():
    ids = np.array([HOSTILE, "\u2028\u2029", "-->", '"\\', "\ud800", "]]>&amp;"], dtype=object)
    columns = {HOSTILE: Column(np.array([HOSTILE] * 6, dtype=object))}
    origin = PropertyGraph(ids, [0], [1], directed=False, vertex_attributes=columns)
    graph = Graph(ids, np.array([[0], [1]]), names=ids, origin=origin)
    found = panel(view_of(graph, np.zeros(6, dtype=int), [HOSTILE], classes=ids))
    text = re.search(r'id="tv-data">(.*?)</script>', found.markup, re.S)[1]
    assert not re.search("[<>&\u2028\u2029]", text)
    assert text.isascii()
    assert "onerror" not in found.markup.replace(text, "")
    read = Reader(text)
    assert read.texts(read.facts["ids"]) == ids.tolist()
    assert read.column(HOSTILE) == [HOSTILE] * 6
    assert found.markup.count("<script") == found.markup.count("</script>") == 1


def test_a_view_of_fifty_thousand_vertices_is_small():
    x = np.random.default_rng(0).normal(size=(50_000, 40)).astype(np.float32)
    graph, labels = large(50_000, 150_500, 30, x=x)
    view = shown(graph, labels, confidence=np.random.default_rng(1).random(50_000))
    found = panel(view)
    size = len(found.markup) + len(found.style) + sum(map(len, found.scripts))
    assert view.edges.shape[1] > 140_000
    assert size < 1_700_000
    assert len(found.markup) > AIM - 120_000  # what there is room for is there
    assert re.match(r"attributes: \d+ of 24 are not in the panel", found.notes[-1])


# ---- The panel


def test_scripts_end_no_element_and_ask_for_nothing():
    found = panel(shown(make_graph(nx.path_graph(3)), np.array([0, 0, 1])))
    for text in (*found.scripts, found.style):
        assert not re.search(r"</(script|style)|<!--|\r", text, re.I)
    ours = "".join(found.scripts[1:])
    for word in ("fetch(", "XMLHttp", "import(", "eval(", "innerHTML", "insertAdjacent", "http"):
        assert word not in ours
    assert "url(" not in found.style
    assert "@import" not in found.style
    assert not re.search(r"\son\w+=|\sstyle=|https?:", found.markup)


def test_every_part_that_scripts_ask_for_is_there():
    found = panel(shown(make_graph(nx.path_graph(3)), np.array([0, 0, 1])))
    asked = set(re.findall(r'part\("([\w-]+)"\)', "".join(found.scripts[1:])))
    there = re.findall(r'data-tv="([\w-]+)"', found.markup)
    assert len(there) == len(set(there))
    assert asked <= set(there)
    assert set(there) <= asked


def test_without_a_script_a_sentence_says_so():
    page = page_of(panel(shown(make_graph(nx.path_graph(3)), np.array([0, 0, 1]))), False)
    assert "The interactive picture needs JavaScript and WebGL" in page
    assert 'data-tv="body" hidden' in page


def test_built_in_graphs_have_panels():
    for name in ("karate", "planted"):
        graph = tvgnn_cli.read_graph(name)
        found = panel(view_of(graph, graph.y, graph.class_names, classes=graph.class_texts))
        assert found.notes == ()
        assert len(found.markup) < 40_000
