"""The page about clusters: what it holds, that it fetches nothing, that hostile text stays text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from functools import partial
from html.parser import HTMLParser

import html5lib
import networkx as nx
import numpy as np
import pandas as pd
import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

import tvgnn_cli
from tests.conftest import SAMPLES
from tests.test_levels import nested
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.evaluation.metrics import evaluate
from tvgnn_cli.explanation.explain import explanation_of
from tvgnn_cli.explanation.subject import subject_of
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.io.writers import write_rows
from tvgnn_cli.plots.curves import loss_figure
from tvgnn_cli.plots.cut import cut_figure
from tvgnn_cli.plots.palette import NO_CLUSTER
from tvgnn_cli.prepare.evidence.suggestion import chosen_number
from tvgnn_cli.report import document, evidence
from tvgnn_cli.report.cells import cell, number, share, table_of
from tvgnn_cli.report.contents import DETAILED, MOST_PAIRS, MOST_ROWS, cuts_table
from tvgnn_cli.report.inline_svg import inline_svg
from tvgnn_cli.report.levels import levels_section
from tvgnn_cli.report.page import environment
from tvgnn_cli.report.panel import panel_of
from tvgnn_cli.report.parts import Panel
from tvgnn_cli.report.run_facts import Run, read_metrics, run_of
from tvgnn_cli.report.sweeps import sweep_section

VOID = {"meta", "br", "img", "input", "link", "hr"}

SCRIPT = "<script>alert(1)</script>"

HOSTILE = (
    f'">{SCRIPT}', f"</style>{SCRIPT}", f"</title>{SCRIPT}", "' onload='x", "{{ 7 * 7 }}",
    "{% raw %}",
    "a\0b\x1b[31m", "\u202eevil", "x" * 9000, "javascript:x", "http://evil.example/x.js", "<!--",
    "]]>", "&lt;b&gt;", "$x^{", "`code`", "日本語",
)  # fmt: skip


class Page(HTMLParser):
    """The elements of a page, each with its attributes and the text that is in it alone."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert not self.open, f"elements that are not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes), "an attribute twice"
        self.elements.append((tag, {name: value or "" for name, value in attributes}))
        self.texts.setdefault(tag, []).append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]][-1] += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def policy(page: Page) -> dict[str, list[str]]:
    """The directives of a page's policy."""
    (said,) = [each["content"] for each in page.all("meta") if "http-equiv" in each]
    return {name: values for name, *values in (part.split() for part in said.split("; "))}


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def check(html: str) -> Page:
    """Hold a page to all that every page keeps."""
    page = Page(html)
    found = policy(page)
    assert found["default-src"] == found["base-uri"] == found["form-action"] == ["'none'"]
    assert found["img-src"] == ["data:"]
    styles = re.findall(r"<style>(.*?)</style>", html, re.S)
    scripts = re.findall(r"<script>(.*?)</script>", html, re.S)
    assert found["style-src"] == [hashed(style) for style in styles]
    assert found["script-src"] == ([hashed(script) for script in scripts] or ["'none'"])
    for tag, attributes in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form", "foreignobject")
        assert "style" not in attributes, "the policy would leave it out"
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "xlink:href", "action", "data", "srcset"):
                assert value.startswith(("#", "data:image/png;base64,")), value
            assert "url(" not in value or "url(#" in value
    assert not any("url(" in style or "@import" in style for style in styles)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    referred = set(re.findall(r'(?:href="|url\()#([^")]+)', html))
    assert referred <= set(ids)
    html5lib.HTMLParser(strict=True).parse(html)
    return page


def planted_graph(k, n=None, seed=0, **fields):
    random = np.random.default_rng(seed)
    labels = np.arange(n or 5 * k) % k
    tail, head = random.integers(len(labels), size=(2, 4 * len(labels)))
    return Graph.from_edges(index_ids(len(labels)), tail, head, **fields), labels


def edgeless():
    none = np.array([], dtype=int)
    return Graph.from_edges(index_ids(6), none, none), np.array([0, 1, 1, 0, 2, 2])


def featured(k):
    graph, labels = planted_graph(k)
    x = np.random.default_rng(1).normal(size=(graph.num_vertices, 3)) + labels[:, None]
    return replace(graph, x=x.astype("f4"), feature_names=("a", "b", "c")), labels


make_report = partial(document.make_report, panel=None)
"""The page without its interactive part, which has tests of its own."""


CASES = {
    "one cluster": planted_graph(1),
    "two": planted_graph(2),
    "no edges": edgeless(),
    "one vertex": (Graph.from_edges(index_ids(1), *np.zeros((2, 0), int)), np.array([0])),
    "features": featured(4),
    "110 clusters": featured(110),
    "a cluster for each vertex": planted_graph(600, 600),
}


@pytest.mark.parametrize("case", CASES)
def test_every_page_is_whole_fetches_nothing_and_is_the_same_twice(case):
    graph, labels = CASES[case]
    report = make_report(graph, labels)
    page = check(report.html)
    assert make_report(graph, labels).html == report.html
    k = len(set(labels.tolist()))
    titles = page.texts["summary"]
    assert len(titles) == min(k, DETAILED)
    assert ("open" in page.all("details")[0]) == (k <= 12)
    figures = {"Sizes", "Margin"} | ({"Edges against chance", "The graph of the clusters"}
                                     if k > 1 and graph.num_edges else set())  # fmt: skip
    has_levels = k > 2 and graph.num_edges > 0
    assert set(page.texts["h3"]) == figures | ({"Merges of the clusters"} if has_levels else set())
    assert ("Levels" in page.texts["h2"]) == has_levels
    assert any(note.startswith("levels: none; ") for note in page.texts["li"]) != has_levels
    if k > 40:
        assert f"the last 39 of {k - 1} merges; leaves may be groups" in page.texts["text"]
    assert len(report.html) < 2**21
    noun = "1 cluster" if k == 1 else f"{k:,} clusters"
    assert f"in {noun} of" in page.texts["p"][0]
    if k > MOST_ROWS:
        assert f"The largest {MOST_ROWS} of {k} clusters" in report.html
        assert f"The first {MOST_PAIRS} of " in report.html


def test_the_parser_of_these_tests_sees_faults():
    good = make_report(*CASES["two"]).html
    for wrong, right in (
        (good.replace("</main>", ""), "</main>"),
        (good.replace("</header>", "<img src='http://a.example/x.png'></header>"), "src"),
        (good.replace("<style>", "<style>a", 1), "hash"),
        (good.replace("<h1>", "<h1 style='x'>"), "style"),
        (good.replace("<h1>", "<h1 onclick='x'>"), "on"),
        (good.replace("</header>", "<script>x</script></header>"), "script"),
        (good.replace('href="#', 'href="#z'), "refer"),
    ):
        assert wrong != good, right
        with pytest.raises(AssertionError):
            check(wrong)


def hostile_graph():
    """A graph of hostile names, and clusters of such."""
    network = nx.gnp_random_graph(80, 0.15, seed=1)
    ids = [f"v{HOSTILE[i % len(HOSTILE)]}{i}" for i in range(80)]
    graph = tvgnn_cli.read_graph(nx.relabel_nodes(network, dict(enumerate(ids))))
    x = np.random.default_rng(0).poisson(0.5, (80, len(HOSTILE))).astype("f4")
    x[:, 0] = [i % len(HOSTILE) == 0 for i in range(80)]
    graph = replace(graph, x=x, feature_names=HOSTILE, name=HOSTILE[0], names=graph.ids[::-1])
    clusters = {vertex: HOSTILE[i % len(HOSTILE)] for i, vertex in enumerate(ids)}
    return graph, clusters


def test_hostile_ids_names_and_features_stay_text():
    graph, clusters = hostile_graph()
    report = make_report(graph, clusters)
    page = check(report.html)
    assert "<script" not in report.html
    assert page.texts["h1"] == [f'Clusters of ">{SCRIPT}']
    cells = page.texts["td"]
    assert f'">{SCRIPT}' in cells
    assert "{{ 7 * 7 }}" in cells
    assert "`code`" in cells
    assert "a\\x00b\\x1b[31m" in cells
    assert "\\u202eevil" in cells
    assert not set("\0\x1b\u202e") & set(report.html)
    longest = max(map(len, cells))
    assert longest <= 200
    # Names of clusters are in the figures, too.
    assert any(SCRIPT[-9:] in text for text in page.texts["text"])


def test_names_of_files_stay_text(tvgnn, tmp_path):
    name = "<img src=x onerror=alert(1)>.csv"
    (tmp_path / name).write_text((SAMPLES / "karate.csv").read_text())
    clusters = "c&lt;{{x}}.csv"
    rows = [f"m{i},{i % 3}" for i in range(1, 35)]
    (tmp_path / clusters).write_text("\n".join(["id,cluster", *rows]))
    done = tvgnn("report", name, clusters, "-o", "r.html")
    assert done.code == 0, done.err
    page = check((tmp_path / "r.html").read_text())
    assert page.texts["title"] == ["Clusters of <img src=x onerror=alert(1)>"]
    assert clusters in page.texts["td"]


def test_a_panel_stands_in_the_page_with_its_hashes():
    data = '<script type="application/json" id="data">{"a": "\\u003c/script>"}</script>'
    panel = Panel(".p{color:red}", f"<div>x</div>{data}", ("let a = 1;", "a < 2 && a > 0;"), ("n",))
    graph, labels = CASES["two"]
    report = make_report(graph, labels, panel=panel)
    page = check(report.html)
    assert policy(page)["script-src"] == [hashed(script) for script in panel.scripts]
    assert policy(page)["style-src"][1] == hashed(panel.style)
    assert "<div>x</div>" in report.html
    assert report.notes[-1] == "n"
    given = []
    assert make_report(graph, labels, panel=lambda s: given.append(s) or panel).html == report.html
    assert given[0].k == 2
    for bad in (
        Panel("</style>", "", ()), Panel("", "", ("</SCRIPT >",)), Panel("", "", ("<!-- x",)),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="ends the element"):
            make_report(graph, labels, panel=bad)


@pytest.mark.parametrize("case", ["two", "no edges", "features", "one vertex"])
def test_the_interactive_part_stands_in_every_page_that_is_not_plain(case):
    graph, labels = CASES[case]
    report = document.make_report(graph, labels)
    assert document.make_report(graph, labels).html == report.html
    page = check(report.html)
    panel = panel_of(subject_of(graph, labels))
    assert policy(page)["script-src"] == [hashed(script) for script in panel.scripts]
    assert panel.markup in report.html
    assert len(report.html) < 2**20


def test_vertices_in_no_cluster_are_grey_and_no_score_counts_them():
    graph, labels = planted_graph(3, n=60, y=np.arange(60) % 3, class_names=("a", "b", "c"))
    labels = labels.copy()
    labels[:7] = -1
    html = tvgnn_cli.make_report(graph, labels, panel=None).html
    nmi = tvgnn_cli.evaluate(labels, graph=graph).metrics["nmi"]
    assert "in 3 clusters of" in html
    assert "7 of the vertices are in no cluster" in html
    assert f"NMI {nmi:.3f}" in html
    assert html.count(NO_CLUSTER) >= 3, "in the figures and in the table"
    assert "where chance would put" not in html
    alone = tvgnn_cli.make_report(graph, np.full(60, -1), panel=None).html
    assert "in 1 cluster of 60" in alone


def test_stability_is_a_column_and_a_colour_where_clusters_have_it(tmp_path):
    graph, labels = CASES["two"]
    stable = np.where(labels == 0, 0.5, 0.9)
    columns = {"vertex": graph.ids, "cluster": labels, "stability": stable}
    pd.DataFrame(columns).to_csv(tmp_path / "c.csv", index=False)
    page = check(document.make_report(graph, tmp_path / "c.csv").html)
    assert "stability" in page.texts["th"]
    assert {"0.500", "0.900"} <= set(page.texts["td"])
    data = json.loads(next(text for text in page.texts["script"] if text.startswith("{")))
    assert [column["role"] for column in data["columns"]] == ["stability", "degree"]


@pytest.fixture(scope="module")
def run():
    return tvgnn_cli.cluster("planted", 4, epochs=5, restarts=2)


def test_a_result_tells_all_of_its_run(run):
    page = check(make_report("planted", run).html)
    assert {"Training loss", "Confidence"} <= set(page.texts["h3"])
    cells = page.texts["td"]
    for wanted in ("input_fingerprint", "config_fingerprint", "model_fingerprint"):
        assert run.metrics[wanted] in cells
    assert f"{run.metrics['modularity']:.6g}" in cells
    assert {"num_clusters", "delta", "mean_conductance", "torch (of the run)"} <= set(cells)
    assert "seconds" not in cells, "it differs from one run to the next"
    said = " ".join(page.texts["p"])
    assert f"NMI {run.metrics['nmi']:.3f}" in said
    assert "edges that were held back tell" in said
    notes = " ".join(page.texts["li"])
    assert "4 true classes, used for NMI, ACC and ARI only" in notes


def test_figures_in_the_page_say_the_sizes(run):
    page = Page(make_report("planted", run).html)
    sizes = np.bincount(run.labels)
    texts = page.texts["text"]
    assert all(f"{size:,} ({size / 280:.0%})" in texts for size in sizes)
    assert len(page.all("svg")) == 6 + 4, "figures, and a swatch for each cluster"


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
def test_metrics_beside_a_file_of_clusters_are_found(run, tmp_path, suffix):
    run.write(tmp_path / "p.clusters.csv", tmp_path / f"p.metrics.{suffix}")
    page = Page(make_report("planted", tmp_path / "p.clusters.csv").html)
    assert f"Those of the run, from p.metrics.{suffix}" in " ".join(page.texts["p"])
    assert run.metrics["config_fingerprint"] in page.texts["td"]
    read = read_metrics(tmp_path / f"p.metrics.{suffix}")
    assert read == {name: value for name, value in run.metrics.items() if value is not None}


def test_metrics_in_a_parquet_file_of_clusters_are_found(run, tmp_path):
    run.write(tmp_path / "p.parquet")
    page = Page(make_report("planted", tmp_path / "p.parquet").html)
    assert "Those of the run, from p.parquet" in " ".join(page.texts["p"])


def test_metrics_of_others_are_left_out_and_said(run, tmp_path):
    run.write(tmp_path / "p.csv", tmp_path / "p.metrics.json")
    karate = {f"m{i}": i % 2 for i in range(1, 35)}
    pd.Series(karate, name="cluster").rename_axis("id").to_csv(tmp_path / "p.csv")
    report = make_report("karate", tmp_path / "p.csv")
    assert report.notes == (
        "p.metrics.json: left out, of another graph, or of other features (the fingerprints "
        "differ); give the input as the run had it",
    )
    assert "those of the run that made the clusters are not known" in report.html
    assert run.metrics["config_fingerprint"] not in report.html
    run.write(tmp_path / "q.csv", tmp_path / "q.metrics.json")
    other = pd.read_csv(tmp_path / "q.csv").assign(cluster=lambda frame: frame["cluster"] // 2)
    other.to_csv(tmp_path / "q.csv", index=False)
    report = make_report("planted", tmp_path / "q.csv")
    assert report.notes == ("q.metrics.json: left out, of other clusters (clusters_used differs)",)


@pytest.mark.parametrize(
    "text",
    [b"", b"a,b\n", b"a,b\n1,2\n3,4\n", b"\xff\xfe\x00", b"evidence_sure\nperhaps\n",
     b"a\n" + b"9" * 200_000, b"modularity\nx\n"],
)  # fmt: skip
def test_damaged_metrics_are_left_out_and_said(tmp_path, text):
    graph, labels = CASES["two"]
    np.save(tmp_path / "c.npy", labels)
    (tmp_path / "c.metrics.csv").write_bytes(text)
    report = make_report(graph, tmp_path / "c.npy")
    assert "c.metrics.csv: cannot be read as metrics" in report.notes[0]


def test_json_of_metrics_may_hold_anything(tmp_path, run):
    graph, labels = CASES["two"]
    np.save(tmp_path / "c.npy", labels)
    facts = {
        "input_fingerprint": graph.fingerprint(), "method": SCRIPT, "version_torch": SCRIPT,
        "unknown": SCRIPT, "view": "x" * 9000,
    }  # fmt: skip
    (tmp_path / "c.metrics.json").write_text(json.dumps(facts))
    page = check(make_report(graph, tmp_path / "c.npy").html)
    assert page.texts["td"].count(SCRIPT) == 2
    for wrong in ("[1]", '{"modularity": "x"}', "{" * 9000, '{"a": NaN'):
        (tmp_path / "c.metrics.json").write_text(wrong)
        assert "cannot be read as metrics" in make_report(graph, tmp_path / "c.npy").notes[0]


def test_clusters_of_which_no_run_is_known():
    scores = evaluate(*CASES["two"])
    assert run_of({"a": 1}, "x", scores).notes == ()
    assert run_of("no/such.csv", "x", scores).notes == (
        "no metrics beside such.csv; what made these clusters is not known",
    )


def test_a_model_tells_settings_and_losses(run, tmp_path):
    run.write(tmp_path / "p.csv")
    page = check(make_report("planted", tmp_path / "p.csv", model=run.model).html)
    assert "Training loss" in page.texts["h3"]
    assert {"delta", run.metrics["model_fingerprint"]} <= set(page.texts["td"])
    with pytest.raises(InputError, match="`model`: of another graph"):
        make_report("karate", np.arange(34) % 2, model=run.model)
    with pytest.raises(InputError, match="`model`: of other clusters"):
        make_report("planted", np.arange(280) % 4, model=run.model)


def test_a_sweep_is_shown_and_read_again(tmp_path):
    swept = tvgnn_cli.sweep("karate", [2, 3], epochs=3, hidden=8, restarts=2)
    clusters = np.arange(34) % 2
    for suffix in ("csv", "tsv", "parquet"):
        swept.write(tmp_path / f"s.{suffix}")
        read = tvgnn_cli.read_sweep(tmp_path / f"s.{suffix}")
        assert read.over == swept.over == ("num_clusters",)
        assert read.suggestion == swept.suggestion
        assert [row["num_clusters"] for row in read.rows] == [2, 3]
        assert read.rows[0]["modularity"] == pytest.approx(swept.rows[0]["modularity"])
        page = check(make_report("karate", clusters, sweep=read).html)
        assert "Sweep" in page.texts["h2"]
        assert any("Suggested: K = " in text for text in page.texts["p"])
    with pytest.raises(InputError, match="`sweep`: is of another graph"):
        make_report("planted", np.arange(280) % 2, sweep=swept)


TRIED = (
    {"num_clusters": 2, "bits_saved": 0.2, "support": 0.9, "chosen": False},
    {"num_clusters": 4, "bits_saved": 0.1, "support": 1.2, "chosen": True},
    {"num_clusters": 9, "bits_saved": 0.4, "support": 1.1, "chosen": False},
)


def test_numbers_that_were_tried_are_shown_of_a_result_and_of_a_file(run, tmp_path):
    for suffix in ("csv", "parquet"):
        write_rows(TRIED, str(tmp_path / f"t.{suffix}"))
        read = tvgnn_cli.read_sweep(tmp_path / f"t.{suffix}")
        assert (read.suggestion.num_clusters, read.suggestion.next_best) == (4, (9, 2))
    page = check(make_report("planted", replace(run, tried=TRIED, history=()), sweep=read).html)
    assert page.texts["h2"].count("Numbers of clusters that were tried") == 2
    told = "Chosen: K = 4: edges and features tell 1.200 of a vertex's cluster (next: K = 9: 1.100"
    assert sum(text.startswith(told) for text in page.texts["p"]) == 2
    assert {"bits saved", "support"} <= set(page.texts["text"])
    # A file may be of any graph, the run's own rows are of this one.
    aside = "These rows name no graph: that they are of this one was not checked."
    assert page.texts["p"].count(aside) == 1
    by_edges = [{k: v for k, v in row.items() if k != "support"} for row in TRIED]
    assert chosen_number(by_edges).reason.startswith("saves 0.100 bits an edge (next: K = 9: 0.400")
    assert chosen_number([{**row, "chosen": True} for row in TRIED]) is None
    assert chosen_number(({"num_clusters": 2, "bits_saved": None, "chosen": True},)) is None


def said(metrics, **others) -> tuple[str, list[list[str]]]:
    """The sentences on evidence, and the table of sources."""
    found = evidence.section(Run({**metrics, **others}))
    return " ".join(found.lines), [row for table in found.tables for row in table.rows]


def test_evidence_says_what_each_source_told_what_was_used_and_whether_to_trust_it():
    metrics = {"evidence_edges": 0.5, "evidence_features": -0.001, "view": "edges",
               "num_features": 3, "evidence_sure": True, "kept": "start", "support": 0.6,
               "stability": 0.9}  # fmt: skip
    told, rows = said(metrics)
    assert rows == [["edges", "50 %", "used"], ["features", "0 %", "left out"]]
    for part in ("there is evidence for clusters", "sought in the edges alone; features were left",
                 "by an ARI of 0.900", "Training gained nothing", "tell 0.600 of 2"):  # fmt: skip
        assert part in told
    told, rows = said(metrics, view="both", kept="training", support_shaped=0.4, encoder="factors")
    assert [row[2] for row in rows] == ["used", "used"]
    for part in ("so in both", "training ended with", "tell 0.400 of", "encoder factors"):
        assert part in told
    told, rows = said(metrics, view="features", agreement=0.8, stability_mean=0.95)
    assert [row[2] for row in rows] == ["left out", "used"]
    assert "in its cluster in 95.0 % of them on average. Any two agree by an ARI of 0.800" in told
    assert "raining" not in told, "of one restart, not of what several agree on"
    told, rows = said({**metrics, "evidence_features": None}, num_features=0, evidence_sure=False)
    assert rows == [["edges", "50 %", "used"], ["features", "not in the input", ""]]
    assert "nothing speaks for these clusters" in told
    assert "sought in" not in told, "there was no choice"
    assert "tell 0.600 of 1" in told
    assert "This run (louvain) measured none." in said({"method": "louvain", "view": "both"})[0]
    assert "is not known" in " ".join(evidence.section(Run()).lines)


def test_a_file_of_metrics_without_evidence_is_a_warning_once(run, tmp_path):
    doubtful = replace(run, metrics={**run.metrics, "evidence_sure": False})
    doubtful.write(tmp_path / "p.csv", tmp_path / "p.metrics.json")
    page = check(make_report("planted", tmp_path / "p.csv").html)
    assert page.texts["strong"] == ["Warning:"]
    known = ["no evidence for clusters: they foretell no edge"]
    assert evidence.warning(doubtful.metrics, known) == []
    assert evidence.warning(run.metrics, []) == []


def test_levels_are_told_in_words_and_a_short_table():
    graph, labels, _ = nested()
    page = check(make_report(graph, labels).html)
    told = " ".join(page.texts["p"])
    over = 1 / subject_of(graph, labels).tree.heights
    assert f"with {number(over[0])} times the weight that chance would put there" in told
    assert "Down to 5 clusters each merge joins two with more edges between them than" in told
    assert f"Merged last are 0 with 2 others and 3 with 5 others, with {number(over[-1])}" in told
    at = page.texts["td"].index("6 + 7 + 8; 3 + 4 + 5; 0 + 1 + 2")
    assert page.texts["td"][at - 3 : at] == ["3", number(over[5]), number(over[6])]
    parts = nx.disjoint_union(nx.complete_graph(6), nx.complete_graph(6))
    found = levels_section(subject_of(parts, np.repeat([0, 1, 2, 3], 3)))
    assert "2 groups of clusters have no edge between them." in found.lines
    blocks = nx.stochastic_block_model([20] * 3, (np.eye(3) * 0.45 + 0.05).tolist(), seed=0)
    found = levels_section(subject_of(blocks, np.arange(60) // 20))
    assert "No two have more than chance: edges give no reason to merge any." in found.lines
    for none in (parts, nx.empty_graph(12)):
        assert levels_section(subject_of(none, np.arange(12) // 6)) is None


def test_a_sweep_over_other_settings_is_read(tmp_path):
    few = {"epochs": 2, "hidden": 8, "restarts": 2}
    for clusters, over in (([2], {"seed": [0, 1], "lr": [1e-3]}), (None, {"method": ["dmon"]})):
        swept = tvgnn_cli.sweep("karate", clusters, over=over, **few)
        swept.write(tmp_path / "s.csv")
        read = tvgnn_cli.read_sweep(tmp_path / "s.csv")
        assert read.over == swept.over
        assert [row["modularity"] for row in read.rows] == pytest.approx(
            [row["modularity"] for row in swept.rows]
        )
        check(make_report("karate", np.arange(34) % 2, sweep=read).html)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "has no column 'num_clusters'"),
        ("x,num_clusters,modularity\n1,2,.5\n", "its first column is no setting"),
        ("num_clusters,modularity\n2,x\n3,.5\n", "column 'modularity': is not all numbers"),
        ("num_clusters,modularity\n,.3\n3,.5\n", "a value in every row"),
        ("num_clusters,modularity\n", "a header and no rows"),
    ],
)
def test_files_that_are_no_sweep_are_refused(tmp_path, text, words):
    (tmp_path / "s.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        tvgnn_cli.read_sweep(tmp_path / "s.csv")


def test_evidence_that_is_none_is_a_warning():
    random = np.random.default_rng(0)
    tail, head = random.integers(60, size=(2, 200))
    graph = Graph.from_edges(index_ids(60), tail, head)
    result = tvgnn_cli.cluster(graph, 3, epochs=2, hidden=8)
    assert not result.metrics["evidence_sure"]
    page = check(make_report(graph, result).html)
    assert any("nothing speaks for these clusters" in text for text in page.texts["p"])
    assert "Warning:" in page.texts["strong"]


def test_the_command_and_a_run_write_the_page(tvgnn, tmp_path):
    few = ("-k", 2, "--epochs", 3, "--hidden", 8, "-q")
    done = tvgnn(
        "cluster", "karate", *few, "-o", "k.csv", "--save", "m.tvgnn", "--report", "a.html"
    )
    assert (done.code, done.err) == (0, "")
    first = (tmp_path / "a.html").read_bytes()
    check(first.decode())
    assert tvgnn("cluster", "karate", *few, "-o", "k.csv", "--report", "a.html").code == 0
    assert (tmp_path / "a.html").read_bytes() == first
    done = tvgnn("report", "karate", "k.csv", "--model", "m.tvgnn")
    assert done.code == 0, done.err
    assert "written: karate.report.html" in done.err
    page = check((tmp_path / "karate.report.html").read_text())
    assert "Training loss" in page.texts["h3"]
    out = tvgnn("report", "karate", "k.csv", "-o", "-", "-q").out
    assert "Those of the run, from k.metrics.csv" in out
    check(out)


def test_an_edge_list_on_standard_input_is_read_once(tvgnn, tmp_path):
    edges = (SAMPLES / "karate.csv").read_bytes()
    few = ("-k", 2, "--epochs", 3, "--hidden", 8, "-q")
    for target in ("-", "out.graphml"):
        done = tvgnn("cluster", "-", *few, "-o", target, "--report", "a.html", stdin=edges)
        assert done.code == 0, done.err
        assert "34 vertices and 78 edges" in (tmp_path / "a.html").read_text()
    plain = tvgnn("cluster", "-", *few, "-o", "b.csv", stdin=edges)
    assert plain.code == 0
    assert tvgnn("cluster", "-", *few, "-o", "c.csv", "--report", "a.html", stdin=edges).code == 0
    assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "c.csv").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["report", "karate", "none.csv"], 3, "none.csv: no such file"),
        (["report", "planted", "c.csv"], 3, "c.csv: no row for vertex"),
        (["report", "karate", "c.csv", "-o", "c.csv"], 2, "unknown suffix '.csv'; known: .html"),
        (["report", "karate", "c.csv", "-o", "no/r.html"], 2, "there is no folder no"),
        (["report", "karate", "c.csv", "--top", "0"], 2, "--top"),
        (["report", "karate", "c.csv", "--sweep", "c.csv"], 3, "is no table of tvgnn sweep"),
        (["report", "karate", "c.csv", "--model", "c.csv"], 3, "c.csv"),
        (["cluster", "karate", "--report", "r.pdf"], 2, "unknown suffix '.pdf'; known: .html"),
        (["cluster", "karate", "--report", "-"], 2, "--report: name a file"),
        (["cluster", "karate", "--save", "a.html", "--report", "a.html"], 2, "name the same file"),
        (["cluster", "karate", "--shards", "s", "--shard", "1/1", "--report", "r.html"], 2,
         "a part of a run has no clusters yet"),
    ],
)  # fmt: skip
def test_bad_input_is_a_line_and_writes_nothing(tvgnn, tmp_path, arguments, code, words):
    rows = [f"m{i},{i % 3}" for i in range(1, 35)]
    (tmp_path / "c.csv").write_text("\n".join(["id,cluster", *rows]))
    before = {*tmp_path.iterdir()}
    done = tvgnn(*arguments)
    assert done.code == code, done.err
    assert words in done.err
    assert {*tmp_path.iterdir()} == before


def test_rows_of_a_batch_may_have_a_page_each(tvgnn, tmp_path, forked_workers):
    lines = ["graph,k,epochs,hidden,output,report", "karate,2,2,8,a.csv,a.html",
             "karate,3,2,8,b.csv,a.html"]  # fmt: skip
    (tmp_path / "g.csv").write_text("\n".join(lines))
    done = tvgnn("batch", "g.csv")
    assert done.code == 3
    assert "line 3: writes a.html, as line 2 does" in done.err
    (tmp_path / "g.csv").write_text("\n".join(lines[:2]))
    done = tvgnn("batch", "g.csv")
    assert done.code == 0, done.err
    check((tmp_path / "a.html").read_text())


def test_a_page_needs_matplotlib_and_says_so_first(tvgnn, tmp_path, monkeypatch):
    def lacking(module, remedy):
        raise UsageError(remedy)

    monkeypatch.setattr("tvgnn_cli.plots.files.require", lacking)
    for arguments in (("report", "karate", "c.csv"), ("cluster", "karate", "--report", "a.html")):
        done = tvgnn(*arguments)
        assert done.code == 2
        assert "plots need matplotlib: pip install 'tvgnn[plot]'" in done.err


def test_figures_as_elements_keep_their_looks_without_styles():
    svg = str(inline_svg(loss_figure({"<a> & 'b'": [3.0, 2.0, 1.0]}), "loss", 'a "label"'))
    assert "style" not in svg
    assert 'aria-label="a &quot;label&quot;"' in svg
    assert "&lt;a&gt; &amp; &#x27;b&#x27;</text>" in svg
    assert {'stroke="#262626"', 'fill="none"', 'font-size="9px"'} <= set(
        svg.replace(">", " ").split()
    )
    other = str(inline_svg(loss_figure({"a": [3.0, 2.0]}), "other", ""))
    ids = re.compile(r' id="([^"]+)"')
    assert ids.findall(svg)
    assert not set(ids.findall(svg)) & set(ids.findall(other))


def test_cells_are_what_people_read():
    assert cell("size", 12345) == "12,345"
    assert cell("share", 0.254) == "25 %"
    assert cell("effect", -0.5) == "\N{MINUS SIGN}0.500"
    assert cell("is_sure", True) == "yes"
    assert cell("name", None) == ""
    assert [number(v) for v in (0.0, 1.0, 1234.5, 0.123456, 12.3456, 123.4)] == [
        "0", "1.00", "1,234", "0.123", "12.3", "123",
    ]  # fmt: skip
    assert number(3.0, whole=True) == "3"
    columns = {"weight": np.array([2.0, 17.0, 3.5]), "is_sure": np.array([True, False, True])}
    assert table_of(columns, np.array([1, 0])).rows == [("17", "no"), ("2", "yes")]
    assert table_of(columns, np.array([2, 0])).rows == [("3.50", "yes"), ("2.00", "yes")]
    assert number(0.00001) == "1.0e\N{MINUS SIGN}05"
    assert number(float("nan")) == ""
    shares = (0, 1e-5, 0.005, 0.5, 0.995, 0.9999, 1)
    shown = ["0 %", "<0.1 %", "0.5 %", "50 %", "99.5 %", ">99.9 %", "100 %"]
    assert [share(value) for value in shares] == shown


def test_whatever_a_template_names_is_escaped_and_seen():
    template = environment().from_string("{{ text }}|{{ markup }}|{{ text | ticks }}")
    shown = template.render(text="a\x07<\u202e`b`", markup=Markup("<b>"))
    assert shown == "a\\x07&lt;\\u202e`b`|<b>|a\\x07&lt;\\u202e<code>b</code>"
    with pytest.raises(UndefinedError):
        environment().from_string("{{ unknown }}").render()


def test_pairs_of_clusters_are_told_once_those_of_most_edges_against_chance_first():
    # Three pairs of vertices in a row of edges, of which one weighs more.
    graph = Graph.from_edges(
        index_ids(6), np.arange(5), np.arange(1, 6), np.array([1.0, 2, 1, 4, 1])
    )
    subject = subject_of(graph, [0, 0, 1, 1, 2, 2])
    found = cuts_table(subject, explanation_of(subject, 3))
    assert found.head == ["cluster", "other", "weight", "expected", "over chance"]
    # Volumes 4, 8 and 6 of 18.
    assert found.rows == [("1", "2", "4", "2.67", "1.50"), ("0", "1", "2", "1.78", "1.12")]
    alone = subject_of(graph, [0] * 6)
    assert cuts_table(alone, explanation_of(alone, 3)) is None


def test_top_is_checked():
    with pytest.raises(UsageError, match="`top` is 0"):
        make_report("karate", np.arange(34) % 2, top=0)


def test_numbers_that_a_sweep_did_not_try_are_said():
    rows = ({"num_clusters": 2, "cut_fraction": 0.1}, {"num_clusters": 3, "cut_fraction": 0.2})
    swept = tvgnn_cli.SweepResult(rows, ("num_clusters",), None, left_out=(4, 5))
    told = "Not tried: K = 4, 5; those before are past the best."
    assert sweep_section(swept).lines[-1] == told
    assert not sweep_section(replace(swept, left_out=())).lines


@pytest.mark.filterwarnings("error")
def test_weights_of_any_size_warn_of_nothing():
    network = nx.Graph()
    network.add_weighted_edges_from([
        (0, 1, 1e300), (1, 2, 1e-300), (0, 2, 1.0), (2, 3, 1.0), (3, 4, 1e300), (4, 5, 1e-300),
        (3, 5, 1e300),
    ])  # fmt: skip
    subject = subject_of(tvgnn_cli.read_graph(network), np.repeat([0, 1], 3))
    over_chance = subject.structure.pairs()[3]
    assert (np.isfinite(over_chance) & (over_chance > 0)).all()
    figure = cut_figure(["0", "1"], np.array([[1e300, 1e-300], [1e-300, 1e300]]))
    assert max(len(text.get_text()) for text in figure.axes[0].texts) <= 6
    assert "<svg" in inline_svg(figure, "cut", "cut")
    figure.axes[0].set_xlabel("x\n" * 100)  # leaves no room for the rest
    assert "<svg" in inline_svg(figure, "crowded", "crowded")
