"""Rows of edge lists that are no edges, and ids that look like two spellings of one vertex."""

from __future__ import annotations

import pytest

from tests.test_foreign_edges import PLAIN, WEIGHED, lines, said
from tests.test_readers import edges_of, write
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.read import read_graph

IDS = {"ann", "bob", "cy", "dan", "eve"}
HEAD = "source,target,weight"
NUMBERS = "1,2\n2,3\n3,4\n4,1\n1,3\n"

LEFT_OUT: dict[str, tuple[str, dict, set, str]] = {
    "NaN": (lines("{a},{b},{w}", HEAD) + "NaN,ann,1\nbob,NaN,2\n", WEIGHED, IDS,
            "lack an end, left out: 2 (the first is line 8: 'NaN')"),
    "marks of Excel, pandas and MySQL": (
        lines("{a};{b}") + "#N/A;bob\nbob;<NA>\n\\N;ann\n", PLAIN, IDS, "left out: 3"),
    "an empty cell": (lines("{a},{b}", "from,to") + "zoe,\n", PLAIN, {*IDS, "zoe"},
                      "line 8: empty); their other ends are vertices"),
    "first of all": ("NULL\tann\n" + lines("{a}\t{b}"), PLAIN, IDS, "line 1: 'NULL'"),
    "None among numbers": (NUMBERS + "None,1\n", {
        frozenset(p): 1.0 for p in ("12", "23", "34", "41", "13")}, set("1234"), "line 6: 'None'"),
    "NA among networkx' data": (
        "1 2 {'weight': 2.0}\n2 3 {'weight': 1.5}\nNA 1 {'weight': 9}\n",
        {frozenset("12"): 2.0, frozenset("23"): 1.5}, set("123"), "line 3: 'NA'"),
    "a sum": (lines("{a},{b},{w}", HEAD) + "Total,6,18\n", WEIGHED, IDS, "'Total', is read as a"),
    "a sum of an empty cell": (
        lines("{a},{b},{w}", HEAD) + "Grand Total,,18\n", WEIGHED, IDS, "'Grand Total'"),
    "a sum of numbers": (NUMBERS + "Summe,10\n", {
        frozenset(p): 1.0 for p in ("12", "23", "34", "41", "13")}, set("1234"), "'Summe'"),
    "a sum of both ends": (
        lines("{a},{b},{w}", HEAD) + "Total,Total,18\n", WEIGHED, IDS, "'Total'"),
    "a sum in the second column": (
        lines("{a},{b},{w}", HEAD) + ",Total,18\n", WEIGHED, IDS, "'Total'"),
    "a header among edges without one": (
        lines("{a},{b}") + "Source,Target\nann,bob\n", PLAIN, IDS, "header lines"),
    "a header again, in another case": (
        lines("{a},{b},{w}", HEAD) + "Source,Target,Weight\n", WEIGHED, IDS, "header lines"),
    "a mark of a file's beginning in its middle": (
        lines("{a},{b},{w}", HEAD) + "\ufeffsource,target,weight\n", WEIGHED, IDS, "header lines"),
    "a weight that counts": (
        "weight,source,target\n1,a,b\n2,b,c\n3,c,a\n",
        {frozenset("ab"): 1.0, frozenset("bc"): 2.0, frozenset("ca"): 3.0}, set("abc"), "'weight'"),
    "comments as in C": (lines("{a} {b}", "// made by hand"), PLAIN, IDS, "skipped: 1"),
    "a header again, over weights": (
        lines("{a},{b},{w}", HEAD, HEAD.replace("x", "y")), WEIGHED, IDS, "header lines"),
    "a header again, far below": (
        lines("{a},{b},{w}", HEAD) + HEAD + "\n" + HEAD + "\n", WEIGHED, IDS, "left out: 2"),
}  # fmt: skip


@pytest.mark.parametrize("case", LEFT_OUT)
def test_rows_that_are_no_edges_are_left_out_and_counted(tmp_path, case):
    text, edges, ids, words = LEFT_OUT[case]
    graph = read_graph(write(tmp_path, "g.csv", text), keep_attributes=True)
    assert edges_of(graph) == edges
    assert set(graph.ids) == ids
    assert words in said(graph)
    assert graph.origin.num_edges >= len(edges)
    assert all(
        len(c.values) == graph.origin.num_edges for c in graph.origin.edge_attributes.values()
    )


KEPT = {
    "NA among text": (lines("{a},{b}") + "NA,bob\nNA,cy\n", "NA", "'NA' is read as the id of a "),
    "a dash": (lines("{a},{b}") + "-,bob\n-,cy\n", "-", "'-' is read as the id of a vertex, of 2"),
    "-1": (NUMBERS + "5,-1\n1,-1\n", "-1", "'-1' is read as the id of a vertex, of 2 lines"),
    "a firm": ("Shell,Total\nBP,Shell\nEni,BP\nTotal,Eni\n", "Total", ""),
    "a firm at the end": (lines("{a},{b}") + "Total,bob\n", "Total", "is read as an edge; delete"),
    "counts or an edge": (
        "5 3\n1 2\n2 3\n3 4\n",
        "5",
        "the first line, 5 3, is read as an edge; delete it",
    ),
    "ends of a word graph": ("a,source\nsource,target\ntarget,b\n", "source", ""),
    "a list in a cell": (
        'x,y\na,"b,c"\nb,c\nc,"a,b"\n',
        "b,c",
        "ids that hold several others: 2, such as 'b,c'",
    ),
    "single quotes": ("'a','b'\n'b','c'\n'c','a'\n", "'a'", "single quotes are part of the ids"),
    "an edge as its header": ("a,b,value\na,b,2\nb,c,1\n", "c", ""),
}


@pytest.mark.parametrize("case", KEPT)
def test_what_may_be_a_vertex_stays_one(tmp_path, case):
    text, name, words = KEPT[case]
    graph = read_graph(write(tmp_path, "g.csv", text))
    assert name in graph.ids
    assert words in said(graph)
    assert "left out" not in said(graph)


@pytest.mark.parametrize("text", ["a,b\n,c\n", "a,NaN\nb,NaN\nc,d\nd,e\nf,NaN\n"])
def test_ends_that_most_rows_lack_are_refused(tmp_path, text):
    with pytest.raises(InputError, match=r"line [12]: .* vertex id, and so in .* `source`"):
        read_graph(write(tmp_path, "g.csv", text))


SPELLED = {
    "numbers": ("1,2\n1.0,3\n2,3\n01,4\n1e0,4\n", "way: 3, such as '1' and '1.0'"),
    "fractions of pandas": ("1.0,2\n2.0,3\n3.0,1\n", "way: 3, such as '1' and '1.0'"),
    "blanks": ("A  B,C\nA B,D\nC,D\n", "'A B' and 'A  B'"),
    "blanks that are none": ("A\u00a0B,C\nA B,D\nC,D\n", r"'A B' and 'A\xa0B'"),
    "marks that nobody sees": ("AB,C\nA\u200bB,D\nC,D\n", r"'AB' and 'A\u200bB'"),
    "letters and their accents": ("caf\u00e9,C\ncafe\u0301,D\nC,D\n", "such as"),
    "upper and lower case": (
        "TP53,brca1\nBRCA1,tp53\nEGFR,tp53\nTP53,egfr\n", "'TP53' and 'tp53'"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPELLED)
def test_two_spellings_are_two_vertices_and_that_is_said(tmp_path, case):
    text, words = SPELLED[case]
    graph = read_graph(write(tmp_path, "g.csv", text))
    assert words in said(graph)
    assert len(set(graph.ids)) == graph.num_vertices > 3


@pytest.mark.parametrize(
    "text",
    ["007,8\n8,9\n9,10\n", "1.1,1.10\n1.10,1.2\n", "a,A\nA,b\nb,B\nB,c\n", "x y,z\nz,é\n",
     "Ann,bob\nbob,Cy\nCy,Dan\nDan,ann\n", "-1,-2\n-2,3\n", "1e5,2\n2,3\n", "1/2,1.5.0\n1.5.0,7\n"],
)  # fmt: skip
def test_ids_of_one_spelling_are_passed_over(tmp_path, text):
    graph = read_graph(write(tmp_path, "g.csv", text))
    assert not any(word in said(graph) for word in ("write them alike", "the id of a vertex"))


def test_fractions_and_missing_ids_far_below_in_a_list_of_numbers(tmp_path):
    rows = "".join(f"{i},{i + 1}\n" for i in range(1, 300))
    graph = read_graph(write(tmp_path, "g.csv", rows + "7.0,9\nnan,5\n"))
    assert graph.num_vertices == 301
    assert "'7' and '7.0'" in said(graph)
    assert "line 301: 'nan'" in said(graph)


def above(row, count=110):
    """More rows than columns are told by: `row` has {i} in it, and two numbers that follow it."""
    return "".join(row.format(i=i, j=900 + i * 7 % 30, k=i % 5 + 1) for i in range(1, count + 1))


BELOW = {
    "one vertex in all first rows": (above("0 {i} {k}\n") + "3 7 2\n", ("3", "7", 2.0)),
    "running numbers in the first rows": (
        above("a{j} b{k} {i}\n") + "a1 b9 3\n", ("a1", "b9", 3.0)),
    "years in the first rows": (above("a{j} b{k} 200{k}\n") + "a1 b9 3\n", ("a1", "b9", 3.0)),
    "ids that count in the first rows": (
        "user,item,rating\n" + above("{i},{j},{k}\n") + "5,901,2\n", ("5", "901", 2.0)),
    "an empty column in the first rows": (
        "x y;z;4\n" + above("a{j};b{k};0\n") + "a1;b9;3\n", ("a1", "b9", 3.0)),
    "ends that count in the first rows": (
        above("{i} {j} {k}\n") + "5 3 2\n", ("5", "3", 2.0)),
}  # fmt: skip


@pytest.mark.parametrize("case", BELOW)
def test_a_column_is_told_by_all_of_its_rows(tmp_path, case):
    text, (tail, head, weight) = BELOW[case]
    assert edges_of(read_graph(write(tmp_path, "g.txt", text)))[frozenset((tail, head))] == weight


def test_a_last_column_that_is_empty_above_is_not_called_empty(tmp_path):
    graph = read_graph(write(tmp_path, "g.csv", above("a{j},b{k},\n") + "a1,b9,3\n"))
    assert "not read: 'column 3'" in said(graph)
    assert "is empty" not in said(graph)


@pytest.mark.parametrize(
    ("name", "said"),
    [("1.23457E+1{}", True), ("1.234567890123456{}e+18", True), ("1e+0{}", False), ("4E{}", False)],
)
def test_ids_that_a_spreadsheet_has_rounded_are_said(tmp_path, name, said):
    text = "".join(f"{name.format(i)},{name.format(i + 1)}\n" for i in range(1, 5))
    notes = " ".join(read_graph(write(tmp_path, "e.csv", text)).notes)
    assert ("ids that are rounded numbers: 5" in notes) == said


@pytest.mark.parametrize("mark", ["|", " | ", ";"])
def test_lists_of_neighbours_in_a_cell_are_said(tmp_path, mark):
    text = "".join(f"v{i},{mark.join((f'v{i + 1}', f'v{i + 2}'))}\n" for i in range(1, 8))
    text += "v8,v9\nv9,v1\n"
    notes = " ".join(read_graph(write(tmp_path, "e.csv", text)).notes)
    assert "ids that hold several others: 7" in notes


def test_weights_whose_sum_is_beyond_a_number_are_refused(tmp_path):
    path = write(tmp_path, "e.csv", "a,b,1e308\nb,c,1e308\nc,a,2\n")
    with pytest.raises(InputError, match="weights of all edges add up to more than a number"):
        read_graph(path)


@pytest.mark.parametrize("value", ["\u0663", "1_000", "0x1f", "\uff11"])
def test_digits_of_other_scripts_are_no_weights(tmp_path, value):
    path = write(tmp_path, "e.csv", f"a,b,1\nb,c,{value}\nc,a,2\n")
    with pytest.raises(InputError, match=f"line 2: weight '{value}' is not a number"):
        read_graph(path)


@pytest.mark.parametrize(
    ("value", "remedy"),
    [("12%", "take the % off"), ("1,234,567", "write 1234567"), ("$5", "`weight` none")],
)
def test_weights_that_are_written_otherwise(tmp_path, value, remedy):
    path = write(tmp_path, "e.tsv", f"a\tb\t{value}\nb\tc\t{value}\nc\ta\t{value}\n")
    with pytest.raises(InputError, match=f"line 1: weight .* is not a number; .*{remedy}"):
        read_graph(path, header=False, weight="3")


def test_comments_of_slashes_are_counted_as_such(tmp_path):
    path = write(tmp_path, "e.csv", "// made by hand\n// in 2024\n" + NUMBERS)
    assert "lines that begin with #, % or //, skipped: 2" in said(read_graph(path))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_named(tmp_path, encoding):
    (tmp_path / "e.csv").write_bytes(NUMBERS.encode(encoding))
    with pytest.raises(InputError, match="is UTF-16 without its byte order mark; save it as UTF-8"):
        read_graph(str(tmp_path / "e.csv"))
