"""Results as notebooks show them: fragments that leak nothing, bounded, the same twice."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import html5lib
import numpy as np
import pytest

import tvgnn_cli
from tests.conftest import SAMPLES
from tests.some_graphs import QUICK, some_set
from tests.test_report import HOSTILE, SCRIPT, hostile_graph
from tvgnn_cli.explanation.between import Between, between_of
from tvgnn_cli.explanation.explain import explanation_of
from tvgnn_cli.explanation.structure import structure_of
from tvgnn_cli.explanation.subject import subject_of
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.plots.of_clusters import over_chance
from tvgnn_cli.report.card import MOST, NO_MATPLOTLIB, NOTES, ROWS, Card, Drawn, html_of
from tvgnn_cli.run import card_clusters
from tvgnn_cli.run.result import ClusterResult

KARATE = SAMPLES / "karate.csv"
FEW = {"hidden": 8, "mlp_hidden": 8, "epochs": 3, "init": "random", "threads": 1}
XHTML = "{http://www.w3.org/1999/xhtml}"


def check(shown, figures=None):
    """Hold a fragment to what all of them keep; its figures by title, if any are expected."""
    html = shown._repr_html_()
    assert len(html.encode()) <= MOST
    root = html5lib.HTMLParser(strict=True).parseFragment(html)
    tags = [each.tag for each in root.iter() if isinstance(each.tag, str)]
    assert not {f"{XHTML}{tag}" for tag in ("script", "iframe", "link", "img")} & set(tags)
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not str(name).startswith("on"), name
            if str(name).rpartition("}")[2] in ("href", "src"):
                assert value.startswith(("#", "data:image/png;base64,")), value
            assert "url(" not in value or "url(#" in value
    if figures is not None:
        heads = root.iterfind(f".//{XHTML}div[@class='tvgnn-head']")
        assert [head.text for head in heads] == figures
        assert tags.count("{http://www.w3.org/2000/svg}svg") >= len(figures)
        for parent in root.iterfind(f".//{XHTML}div[@class='tvgnn-figures']"):
            assert "hidden" in parent.attrib
            assert "display:none" in parent.attrib["style"]
    return html


@pytest.fixture(scope="module")
def one():
    return tvgnn_cli.cluster(KARATE, 2, **FEW)


def texts(html, tag):
    root = html5lib.HTMLParser(strict=True).parseFragment(html)
    return ["".join(each.itertext()) for each in root.iter(f"{XHTML}{tag}")]


def some_result(n, k, edges, *, out=0, soft=False, sure=True, numbers=None, **other):
    """A result of random clusters, the first few vertices in none."""
    random = np.random.default_rng(0)
    tail, head = random.integers(n, size=(2, edges))
    graph = Graph.from_edges(index_ids(n), tail, head)
    places = random.integers(k, size=n)
    places[:out] = -1
    numbers = np.arange(k) if numbers is None else np.array(numbers)
    made = {
        "metrics": {"num_clusters": k, "num_edges": graph.num_edges, "method": "x", "seconds": 1.5},
        "confidence": random.random(n).astype("f4") if sure else None,
        "history": tuple(1 / (1 + np.arange(50))),
        "assignment": random.dirichlet(np.ones(k), n).astype("f4") if soft else None,
        "between": between_of(graph, places, numbers),
        "columns_of": numbers,
        "config": tvgnn_cli.make_config({}),
    }
    return ClusterResult(graph.ids, np.append(numbers, -1)[places], **{**made, **other})


SIZES, GRAPH, CUT, SURE, LOSS = (
    "Sizes", "The graph of the clusters", "Edges against chance", "Confidence", "Training loss",
)  # fmt: skip


@pytest.mark.parametrize(
    ("made", "figures", "said"),
    [
        ({"n": 60, "k": 4, "edges": 300}, [SIZES, GRAPH, CUT, SURE, LOSS], "60 vertices in 4 "),
        (
            {"n": 1, "k": 1, "edges": 0, "sure": False, "soft": True, "history": ()},
            [SIZES, "Margin"],
            "1 vertex in 1 cluster of 1.",
        ),
        (
            {"n": 9, "k": 3, "edges": 9, "out": 9, "history": ()},
            [SIZES],
            "9 vertices, none of them in a cluster.",
        ),
        (
            {"n": 7, "k": 9, "edges": 9, "out": 1, "between": None, "history": ()},
            [SIZES, SURE],
            " of 9 clusters are empty. 1 vertex is in no cluster.",
        ),
    ],
)
def test_every_result_is_a_whole_fragment(made, figures, said):
    result = some_result(**made)
    html = check(result, figures)
    assert result._repr_html_() == html
    assert said in texts(html, "p")[0]
    assert ("are not known of this result" in html) == (result.between is None)
    assert "How firm these clusters are was not measured." in html


def test_very_many_clusters_of_hostile_names_stay_small_and_text():
    k = 1000
    result = some_result(
        5000, k, 9000, numbers=3 * np.arange(k), name=f"</style>{SCRIPT}" * 99,
        titles=tuple(f"{HOSTILE[i % len(HOSTILE)]}{i}" for i in range(k)),
        notes=tuple(f"note {i}: {HOSTILE[i % len(HOSTILE)][:250]}" for i in range(99)),
        tried=tuple({"num_clusters": i, "chosen": i == 3} for i in range(99)),
    )  # fmt: skip
    html = check(result)
    assert "<script" not in html
    assert f"The largest {ROWS} of 1,000 clusters." in texts(html, "caption")
    assert texts(html, "li")[NOTES] == f"and {99 - NOTES} more"
    assert max(map(len, texts(html, "td"))) < 120
    assert texts(html, "figcaption")[0] == "Vertices of each cluster, and their share of all."
    assert len(repr(result)) < 300


def test_the_table_says_how_clusters_lie_in_the_graph(monkeypatch):
    monkeypatch.setattr("tvgnn_cli.report.card.is_drawn", lambda: False)
    result = some_result(60, 4, 300, numbers=[0, 2, 5, 9])
    html = check(result, [])
    assert NO_MATPLOTLIB.replace("'", "&#39;") in html
    between, sizes = result.between, np.bincount(result.labels)
    cells = texts(html, "td")
    rows = [cells[i : i + 6] for i in range(0, len(cells), 6)]
    assert [row[0] for row in rows] == ["0", "2", "5", "9"]
    assert [int(row[1]) for row in rows] == sizes[[0, 2, 5, 9]].tolist()
    conductance = [float(row[4]) for row in rows]
    assert conductance == pytest.approx(between.conductance.tolist(), abs=5e-3)
    over = between.over_chance - np.diag(np.diag(between.over_chance))
    for row, best in zip(rows, over.argmax(axis=1), strict=True):
        assert row[5].startswith(f"{between.numbers[best]} (")
    for row, number in zip(rows, (0, 2, 5, 9), strict=True):
        mean = result.confidence[result.labels == number].mean()
        assert float(row[3]) == pytest.approx(mean, abs=1e-3)


def test_figures_that_are_too_large_and_very_many_vertices_are_told_of(monkeypatch):
    monkeypatch.setattr(card_clusters, "LOOKED_AT", 100)
    result = some_result(1000, 3, 2000)
    captions = [each.caption for each in card_clusters.ClustersOnCard(result).pictures()]
    assert [each.endswith("Of 100 of the vertices, evenly spread.") for each in captions] == [
        False, False, False, True, False
    ]  # fmt: skip
    monkeypatch.setattr("tvgnn_cli.report.card.MOST", 30_000)
    html = result._repr_html_()
    assert len(html.encode()) < 30_000
    assert re.search(r"left out for their size: .*Training loss", html)
    assert SIZES in texts(html, "div")


def test_the_style_sheet_is_of_the_card_alone():
    def never():
        raise AssertionError("no figure was asked for")

    html = html_of(Card("x", lines=["a `b` </style>"]))
    (style,) = texts(html, "style")
    selectors = [each for rule in re.findall(r"([^{}]+)\{", style) for each in rule.split(",")]
    assert len(selectors) > 20
    assert all(re.match(r"\s*\.tvgnn-card\b", each) for each in selectors), selectors
    assert "@" not in style
    assert "url" not in style
    assert "<code>b</code> &lt;/style&gt;" in html
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tvgnn_cli.report.card.is_drawn", lambda: False)
        assert NO_MATPLOTLIB[:20] in html_of(Card("x", pictures=[Drawn("a", "A", "b", never)]))


def test_edges_between_clusters_are_those_of_the_whole_graph(monkeypatch):
    random = np.random.default_rng(1)
    tail, head = random.integers(200, size=(2, 900))
    graph = Graph.from_edges(index_ids(200), tail, head, random.random(900))
    places = random.integers(7, size=200)
    monkeypatch.setattr("tvgnn_cli.explanation.between.AT_ONCE", 100)
    found = between_of(graph, places, np.arange(7))
    structure, subject = structure_of(graph, places, 7), subject_of(graph, places)
    assert np.allclose(found.volume, structure.volume)
    assert np.allclose(found.conductance, structure.conductance)
    assert np.allclose(found.over_chance, over_chance(subject, np.arange(7)))
    # The largest ones as parts of the whole; a vertex without a cluster takes its edges along.
    monkeypatch.setattr("tvgnn_cli.explanation.between.MOST", 3)
    largest = between_of(graph, places, 10 * np.arange(7))
    rows = largest.numbers // 10
    assert set(rows.tolist()) == set(np.argsort(-structure.sizes, kind="stable")[:3].tolist())
    for field in fields(Between)[1:]:
        whole = np.asarray(getattr(found, field.name))
        part = whole[np.ix_(*[rows] * whole.ndim)] if whole.ndim else whole
        assert np.allclose(getattr(largest, field.name), part), field.name
    other = found.renumbered(np.arange(7), np.array([6, 5, 0, 1, 2, 3, 4]))
    order = [2, 3, 4, 5, 6, 1, 0]
    assert np.array_equal(other.weight, found.weight[np.ix_(order, order)])
    without = between_of(graph, np.where(places == 6, -1, places), np.arange(7))
    assert without.total == pytest.approx(found.weight[:6, :6].sum())


def test_results_of_all_kinds_know_their_edges(monkeypatch, one):
    monkeypatch.setattr("tvgnn_cli.report.card.is_drawn", lambda: False)
    louvain = tvgnn_cli.cluster(KARATE, method="louvain")
    chosen = tvgnn_cli.cluster(KARATE, "2..3", restarts=2, consensus=True, **FEW)
    backwards = {vertex: 1 - label for vertex, label in zip(one.ids, one.labels, strict=True)}
    backwards["gone"] = 2
    matched = tvgnn_cli.cluster(KARATE, 2, match=backwards, **FEW)
    predicted = tvgnn_cli.predict(one.model, KARATE)
    updated = tvgnn_cli.update(one.model, KARATE, epochs=1)
    kept = tvgnn_cli.cluster(KARATE, 2, min_confidence=0.999, keep_attributes=False, **FEW)
    for result in (one, louvain, chosen, matched, predicted, updated, kept):
        known = result.between
        places = result.labels
        if result.columns_of is not None:
            places = np.where(places < 0, -1, np.searchsorted(result.columns_of, places))
        numbers = np.arange(max(places.max() + 1, result.metrics["num_clusters"]))
        numbers = numbers if result.columns_of is None else result.columns_of
        again = between_of(tvgnn_cli.read_graph(KARATE), places, numbers)
        assert np.array_equal(known.numbers, again.numbers)
        assert np.allclose(known.weight, again.weight)
        check(result, [])
    assert not np.array_equal(one.labels, matched.labels), "numbers are those of the earlier one"
    html = check(chosen, [])
    assert "Numbers of clusters that were tried" in html
    assert "stability" in texts(html, "th")
    known = {"evidence_edges": 0.3, "view": "edges", "evidence_sure": False, "cut_fraction": 0.25}
    html = check(replace(one, metrics={**one.metrics, **known}), [])
    assert "beyond chance, edges that were held back tell 30 %" in html
    assert "nothing speaks for these clusters" in html
    assert "25.0%" in texts(html, "dd")


def test_an_explanation_is_shown_as_pandas_shows_tables():
    graph, clusters = hostile_graph()
    html = check(explanation_of(subject_of(graph, clusters), 3))
    assert "<script" not in html
    assert "of &quot;&gt;&lt;script&gt;" in html
    assert "\\u202eevil" in html
    assert not set("\0\x1b\u202e") & set(html)
    assert html.count("<tr") == 1 + len(HOSTILE)
    assert 'to_frame("vertices")' in html
    many = explanation_of(subject_of(graph, graph.ids), 1)
    assert "The first 20 of 80 clusters" in check(many)


def test_reports_sweeps_and_classes_have_cards_too(one):
    report = tvgnn_cli.make_report(KARATE, one, panel=None)
    html = check(report, [SIZES, SURE, CUT, GRAPH, LOSS])
    assert "34 vertices and 78 edges, in 2 clusters" in texts(html, "p")[0]
    assert "report.html" in html
    swept = tvgnn_cli.sweep(KARATE, [2, 3], restarts=1, **FEW)
    html = check(swept, ["Sweep"])
    assert texts(html, "tr")[1].startswith("2")
    assert "Not tried" not in html
    ended = check(replace(swept, rows=swept.rows[:1], left_out=(4, 5)))
    assert ended.count("Not tried: K = 4, 5; those before are past the best") == 1
    failed = replace(swept, rows=({"num_clusters": 2, "error": "<b>`lr`"},), suggestion=None)
    assert "2: &lt;b&gt;<code>lr</code>" in check(failed, [])
    classified = tvgnn_cli.classify(some_set(), **QUICK)
    html = check(classified, ["Loss"])
    assert "accuracy, validation" in texts(html, "dt")
    rows = np.reshape(texts(html, "td"), (-1, 3)).tolist()
    taken = classified.classes.tolist()
    assert [(name, int(count)) for name, count, _ in rows] == [
        (name, taken.count(name)) for name in ("ring", "star")
    ]


TRIED = tuple(
    {"num_clusters": k, "bits_saved": saved, "chosen": k == 3}
    for k, saved in ((2, 0.1234567), (3, 0.7654321), (4, None))
)


def test_numbers_that_were_tried_stand_on_a_card_as_those_of_a_sweep(one):
    result = replace(one, tried=TRIED)
    html = check(result, [SIZES, GRAPH, CUT, "Margin", LOSS, "Numbers of clusters that were tried"])
    assert "dashed: the one that was taken." in texts(html, "figcaption")[-1]
    (section,) = (each for each in texts(html, "details") if each.startswith("Numbers of cl"))
    assert "Chosen: K = 3: " in section
    assert texts(html, "td")[-6:] == ["2", "0.123", "3", "0.765", "4", ""]
    alone = check(replace(one, tried=TRIED[1:2]), [SIZES, GRAPH, CUT, "Margin", LOSS])
    assert "Chosen: K = 3: " in alone, "a figure of one number shows nothing"


def test_the_card_of_a_sweep_says_what_its_runs_have_in_common(one):
    swept = tvgnn_cli.sweep(KARATE, [2, 3], over={"seed": [1, 2]}, restarts=1, **FEW)

    def facts(swept):
        html = check(swept)
        return dict(zip(texts(html, "dt"), texts(html, "dd"), strict=True))

    seconds = sum(row["seconds"] for row in swept.rows)
    assert facts(swept) == {
        "runs": "4", "method": "tvgnn", "vertices": "34", "edges": "78", "features": "0",
        "restarts": "1", "device": "cpu", "threads": "1", "seconds": f"{seconds:.1f}",
    }  # fmt: skip
    other = tuple({**row, "threads": i} for i, row in enumerate(swept.rows))
    assert "threads" not in facts(replace(swept, rows=other))
    failed = replace(swept, rows=({"num_clusters": 2, "seed": 1, "error": "no"},), suggestion=None)
    assert facts(failed) == {"runs": "1"}
    one_failed = replace(swept, rows=(*failed.rows, *swept.rows[1:]))
    assert facts(one_failed)["vertices"] == "34"


def test_what_is_printed_is_one_short_line(one):
    some = dict(zip(one.ids.tolist(), one.labels.tolist(), strict=True))
    match = tvgnn_cli.match(one, some)
    results = {
        "ClusterResult 'karate': 34 vertices, 2 clusters of ": one,
        "Explanation 'karate': 2 clusters; tables clusters": tvgnn_cli.explain(KARATE, one),
        "Levels 'karate': 2 clusters; coarser levels": tvgnn_cli.levels(KARATE, one),
        "Consensus: 34 vertices, 2 clusters, mean stability 1.000": tvgnn_cli.consensus([one, one]),
        "Match: 34 vertices, 2 clusters; 0 vertices moved": match,
        "Changes from 'clusters': 0 vertices moved, 0 new, 0 gone": match.changes,
        "Reshaped: 34 vertices, ": tvgnn_cli.reshape(KARATE, one, min_size=2),
        "FittedModel of tvgnn: 2 clusters, ": one.model,
        "SweepResult 'karate': 1 values of num_clusters": tvgnn_cli.sweep(KARATE, [2], **FEW),
        "ClassifyResult 'graphs': 16 graphs, 2 classes": tvgnn_cli.classify(some_set(), **QUICK),
        "CrossValidation 'graphs': 2 trainings, accuracy ": tvgnn_cli.cross_validate(
            some_set(), folds=2, runs=1, **QUICK
        ),
    }
    for begins, result in results.items():
        said = repr(result)
        assert said.startswith(f"<{begins}"), said
        assert said.endswith(">")
        assert len(said) < 160
        assert "\n" not in said
