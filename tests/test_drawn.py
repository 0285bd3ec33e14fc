"""Tables that are drawn with lines, parted by bars, or have titles above them."""

from __future__ import annotations

import pytest

from tests.test_foreign_edges import PLAIN, WEIGHED, lines, said
from tests.test_readers import edges_of, write
from tvgnn_cli.io.read import read_graph

RULE = "+------+------+------+"
HEADED = "a table drawn with lines"
NAMES = ("ann", "bob", "cy", "dan", "eve")
TITLE = "a title above the header, not read: 'Friends of 2024'"

FILES: dict[str, tuple[str, dict, str]] = {
    "MySQL": (lines("| {a}  | {b} | {w} |", RULE, "| a | b | weight |", RULE)
              + f"{RULE}\n6 rows in set (0.00 sec)\n", WEIGHED, HEADED),
    "PostgreSQL": (lines(" {a}  | {b}", " x  | y ", "----+----") + "(6 rows)\n\n", PLAIN, HEADED),
    "Markdown": (lines("| {a} | {b} |", "| x | y |", "|---|:-:|"), PLAIN, HEADED),
    "Markdown without bars around": (lines("{a} | {b}", "x | y", "--|--"), PLAIN, HEADED),
    "Org": (lines("| {a} | {b} |", "| x | y |", "|---+---|"), PLAIN, HEADED),
    "SQLite and SQL Server": (lines("{a}   {b}", "x     y   ", "----- ----"), PLAIN, HEADED),
    "reStructuredText": (
        lines("{a}   {b}", "===== ====", "x     y   ", "===== ====") + "===== ====\n",
        PLAIN, HEADED),
    "bars": (lines("{a}|{b}|{w}", "source|target|weight"), WEIGHED, "'weight'"),
    "bars among blanks": (lines("{a} x | {b} x"), {
        frozenset(f"{n} x" for n in pair): 1.0 for pair in PLAIN}, ""),
    "bars around": (lines("|{a}|{b}|"), PLAIN, ""),
    "bars in ids": (lines("sp|{a}|H sp|{b}|H"), {
        frozenset(f"sp|{n}|H" for n in pair): 1.0 for pair in PLAIN}, ""),
    "a title": (lines("{a},{b},{w}", "Friends of 2024", "", "who,whom,weight"), WEIGHED, TITLE),
    "a title of Excel": (
        lines("{a};{b};{w}", "Friends of 2024;;", ";;", "who;whom;weight"), WEIGHED, TITLE),
    "a title right above": (lines("{a},{b}", "Friends of 2024", "source,target"), PLAIN, TITLE),
    "a title and its source": (
        lines("{a},{b}", "Friends of 2024", "Source: survey, 2024", "source,target"), PLAIN, TITLE),
    "a title in quotes": (
        lines("{a},{b},{w}", '"Friends of 2024"', "who,whom,weight"), WEIGHED, TITLE),
    "a number of vertices": (
        lines("{i} 1{i}", "20"), {frozenset((str(i), f"1{i}")): 1.0 for i in range(6)},
        "one number, 20"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_tables_that_people_look_at(tmp_path, case):
    text, edges, words = FILES[case]
    graph = read_graph(write(tmp_path, "g.txt", text))
    assert edges_of(graph) == edges
    assert set(graph.ids) == {name for pair in edges for name in pair}
    assert words in said(graph)


def test_faults_of_a_drawn_table_keep_their_lines(tmp_path):
    text = lines("| {a} | {b} | {w} |", "| a | b | weight |", "|---|---|---|") + "| x | y | z |\n"
    with pytest.raises(Exception, match="line 9: weight 'z'"):
        read_graph(write(tmp_path, "g.md", text))


@pytest.mark.parametrize(
    "text", ["a b\n-- c\n", "a,b\n--,==\n==,c\n", "a--b c\nc d\n", "-- ==\n== x\n"]
)
def test_ids_of_dashes_are_ids(tmp_path, text):
    graph = read_graph(write(tmp_path, "g.txt", text), header=False)
    assert graph.num_edges == text.count("\n")


def test_labels_and_features_are_drawn_too(tmp_path):
    edges = write(tmp_path, "e.txt", lines("{a} {b}"))
    rows = "".join(f"| {name} | {i % 2} | {i}.5 |\n" for i, name in enumerate(NAMES))
    table = write(tmp_path, "x.md", f"| who | kind | height |\n|---|---|---|\n{rows}")
    graph = read_graph(edges, labels=table, label_attr="kind")
    assert graph.y.tolist() == [0, 1, 0, 1, 0]
    titled = write(tmp_path, "x.csv", "Table S1\n\nid,kind\nann,u\nbob,v\ncy,u\ndan,v\neve,u\n")
    assert read_graph(edges, labels=titled).y.tolist() == [0, 1, 0, 1, 0]
