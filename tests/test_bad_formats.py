"""Files of other programs that are broken: one line that names the place, and exit code 3."""

from __future__ import annotations

import pytest

from tests.test_formats import GEXF, GML, MATRIX, PAJEK
from tests.test_readers import write

# name of the case: (file, contents, words of the message)
BAD = {
    "Matrix Market without its first line": ("g.mtx", "1 2\n2 3\n", ["line 1", ".edges"]),
    "Matrix Market of no known kind": ("g.mtx", MATRIX.replace("real", "text"), ["line 1", "text"]),
    "Matrix Market of a vector": ("g.mtx", MATRIX.replace(" matrix ", " vector "), ["a vector"]),
    "Matrix Market without sizes": ("g.mtx", MATRIX + "% no\n", ["ends before", "rows"]),
    "Matrix Market of odd sizes": ("g.mtx", MATRIX + "3 3\n", ["line 2", "'3 3'", "entries"]),
    "Matrix Market that is not square": (
        "g.mtx", MATRIX + "3 4 1\n1 2 1\n", ["line 2", "3 rows", "4 columns", "block_array"],
    ),
    "Matrix Market with a hexadecimal": ("g.mtx", MATRIX + "3 3 1\n1 2 0x1\n", ["line 3", "'0x1'"]),
    "Matrix Market with a comma": ("g.mtx", MATRIX + "3 3 1\n1 2 1,5\n", ["line 3", "'1,5'"]),
    "Matrix Market with Fortran's exponent": (
        "g.mtx", MATRIX + "3 3 1\n1 2 1d3\n", ["line 3", "'1d3'"],
    ),
    "Matrix Market with a cell too many": ("g.mtx", MATRIX + "3 3 1\n1 2 3 4\n", ["line 3", "4 c"]),
    "Matrix Market with a cell too few": (
        "g.mtx", MATRIX + "3 3 2\n1 2 3\n1 3\n", ["line 4", "2 cells"],
    ),
    "Matrix Market beyond its size": ("g.mtx", MATRIX + "3 3 1\n1 4 1\n", ["line 3", "to 3"]),
    "Matrix Market of vertex 0": ("g.mtx", MATRIX + "3 3 1\n0 1 1\n", ["line 3", "'0'"]),
    "Matrix Market cut short": ("g.mtx", MATRIX + "3 3 2\n1 2 1\n", ["line 3", "1 entries"]),
    "Matrix Market cut very short": ("g.mtx", MATRIX + "3 3 900\n1 2 1\n", ["line 2", "cut short"]),
    "Matrix Market, too long": ("g.mtx", MATRIX + "3 3 1\n1 2 1\n2 3 1\n", ["line 4", "more"]),
    "Matrix Market of far too many rows": (
        "g.mtx", MATRIX + f"{10**9} {10**9} 1\n1 2 1\n", ["line 2", "1,000,000,000"],
    ),
    "Matrix Market, dense and far too large": (
        "g.mtx", MATRIX.replace("coordinate", "array") + f"{10**6} {10**6}\n1\n", ["line 2"],
    ),
    "Matrix Market, negative": ("g.mtx", MATRIX + "3 3 1\n1 2 -3\n", ["'1' - '2'", "-3", "none"]),
    "Matrix Market, infinite": ("g.mtx", MATRIX + "3 3 1\n1 2 inf\n", ["line 3", "inf"]),
    "Matrix Market, skew-symmetric": (
        "g.mtx", MATRIX.replace("general", "skew-symmetric") + "3 3 1\n2 1 1\n", ["-1", "none"],
    ),
    "Matrix Market, skew-symmetric, line by line": (
        "g.mtx",
        MATRIX.replace("general", "skew-symmetric") + "3 3 1\n% here\n2 1 1\n",
        ["-1", "none"],
    ),
    "Matrix Market of complex numbers": (
        "g.mtx", MATRIX.replace("real", "complex") + "3 3 1\n2 1 1 1\n", ["1+1j", "none"],
    ),
    "GML that is text": ("g.gml", "hello there\n", ["graph ["]),
    "GML of one id twice": ("g.gml", GML.replace("id 2 ", "id 10 "), ["line 13", "in line 12"]),
    "GML without an id": ("g.gml", GML.replace("id 2 ", ""), ["line 12", "no id"]),
    "GML edge without an end": ("g.gml", GML.replace("target 2 ", ""), ["line 14", "target"]),
    "GML edge of three ends": (
        "g.gml", GML.replace("target 2 ", "target 2 target 1 "), ["line 14", "target, or several"],
    ),
    "GML with an end of a record": (
        "g.gml", GML.replace("target 2 ", "target [ a 1 ] "), ["line 14", "target"],
    ),
    "GML with an open quote": ("g.gml", GML.replace('"#FF0000"', '"#FF0000'), ["quote"]),
    "GML cut short": ("g.gml", GML[:-10], ["line 15", "cut short"]),
    "GML without its last bracket": ("g.gml", GML[:-3], ["line 3", "not closed"]),
    "GML with a bracket too many": ("g.gml", GML + "]", ["line 17", "closes nothing"]),
    "GML of two graphs": ("g.gml", GML + GML, ["line 18", "second graph"]),
    "GML key without a value": ("g.gml", GML.replace("value 2", "value"), ["line 14", "'value'"]),
    "GML distances by option": ("g.gml", GML.replace("value 2", "value -2"), ["'1' - '2'", "-2"]),
    "GEXF value of another type": (
        "g.gexf", GEXF.replace('"3.5"', '"old"'), ["line 13", "'Age', double", "'old'"],
    ),
    "GEXF value of no attribute": (
        "g.gexf", GEXF.replace('"age" value="7"', '"ages" value="7"'), ["line 21", "'ages'"],
    ),
    "GEXF edge without an end": (
        "g.gexf", GEXF.replace('target="n2" ', ""), ["line 20", "no target"],
    ),
    "GEXF vertex without an id": ("g.gexf", GEXF.replace('id="n2"', ""), ["line 16", "no id"]),
    "GEXF vertex declared twice": (
        "g.gexf", GEXF.replace('id="n2"', 'id="n1"'), ["line 16", "'n1'", "in line 13"],
    ),
    "GEXF weight that is a word": (
        "g.gexf", GEXF.replace('weight="2.5"', 'weight="big"'), ["line 20", "'big'"],
    ),
    "GEXF of two graphs": ("g.gexf", GEXF.replace("</graph>", "</graph><graph/>"), ["second"]),
    "GEXF cut short": ("g.gexf", GEXF[:-60], ["line 2", "XML", "cut short"]),
    "GEXF default of another type": (
        "g.gexf", GEXF.replace(">0<", ">x<"), ["default", "Modularity Class", "'x'"],
    ),
    "GEXF with an entity": (
        "g.gexf", GEXF.replace("<gexf", '<!DOCTYPE g [<!ENTITY a "b">]>\n<gexf', 1),
        ["line 2", "entity", "refused"],
    ),
    "GEXF that is other XML": ("g.gexf", "<a><b/></a>", ["<graph>", "GEXF"]),
    "Pajek without vertices": ("g.net", "*Network x\n", ["*Vertices"]),
    "Pajek that is text": ("g.net", "a b\n", ["line 1", "before *Vertices"]),
    "Pajek vertex beyond": ("g.net", PAJEK.replace("1 2 3.5", "1 9 3.5"), ["line 8", "'9'"]),
    "Pajek edge of one end": ("g.net", PAJEK.replace("1 2 3.5", "1"), ["line 8", "two vertices"]),
    "Pajek weight that is a word": (
        "g.net", PAJEK.replace("1 2 3.5", "1 2 heavy"), ["line 8", "'heavy'"],
    ),
    "Pajek negative weight": ("g.net", PAJEK.replace("3.5", "-1"), ["'1' - '2'", "-1", "none"]),
    "Pajek without a number": ("g.net", PAJEK.replace("Vertices 5", "Vertices"), ["line 3"]),
    "Pajek of far too many": (
        "g.net", PAJEK.replace("Vertices 5", "Vertices 500000000"), ["line 3", "500,000,000"],
    ),
    "Pajek vertex twice": ("g.net", PAJEK.replace(" 2 Bob", " 1 Bob"), ["line 5", "vertex 1"]),
    "Pajek vertex without a number": ("g.net", PAJEK.replace(" 2 Bob", " Bob"), ["line 5", "Bob"]),
    "Pajek edges first": ("g.net", "*Edges\n1 2\n*Vertices 2\n", ["line 1", "before *Vertices"]),
    "Pajek of two networks": ("g.paj", PAJEK + PAJEK, ["line 14", "second network"]),
    "Pajek vertices twice": ("g.paj", PAJEK + "*Vertices 5\n", ["line 13", "after line 3"]),
    "Pajek matrix cut short": ("g.net", "*Vertices 2\n*Matrix\n0 1\n", ["line 3", "after 1 rows"]),
    "Pajek matrix too wide": ("g.net", "*Vertices 2\n*Matrix\n0 1 1\n", ["line 3", "3 values"]),
    "Pajek matrix of words": ("g.net", "*Vertices 2\n*Matrix\n0 x\n", ["line 3", "'x'"]),
    "METIS of too many edges": ("g.graph", "3 3\n2\n1 3\n2\n", ["line 1", "3 edges", "4 neigh"]),
    "METIS beyond its vertices": ("g.graph", "3 2\n2\n1 4\n2\n", ["line 3", "vertex 2", "'4'"]),
    "METIS of one side": ("g.metis", "3 2\n2\n1 3\n1\n", ["line 4", "neighbour 1", "not"]),
    "METIS of another side": ("g.metis", "3 2\n3\n1 3\n2\n", ["line 3", "neighbour 1", "not"]),
    "METIS of unequal weights": ("g.metis", "2 1 1\n2 5\n1 6\n", ["line 2", "another weight"]),
    "METIS of another fmt": ("g.metis", "3 2 5\n2\n1 3\n2\n", ["line 1", "'5'"]),
    "METIS of a line too many": ("g.graph", "3 2\n2\n1 3\n2\n1\n", ["line 5", "3 vertices"]),
    "METIS of too few lines": ("g.graph", "5 2\n2\n1 3\n2\n", ["line 1", "5 vertices"]),
    "METIS without its weights": ("g.metis", "3 2 1\n2\n1 5 3\n2 7\n", ["line 2", "fmt"]),
    "METIS of a negative weight": ("g.metis", "2 1 1\n2 -5\n1 -5\n", ["line 2", "'-5'"]),
    "METIS that is text": ("g.metis", "hello\n", ["line 1", "header"]),
    "METIS of comments": ("g.metis", "% only\n", ["no header"]),
    "compressed AnnData": ("g.h5ad.gz", "a", ["decompress"]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_files_of_other_programs(tvgnn, tmp_path, case):
    name, text, words = BAD[case]
    write(tmp_path, name, text)
    outcome = tvgnn("cluster", name, "-k", "2", "-q")
    assert outcome.code == 3, outcome.err
    assert outcome.err.startswith(f"tvgnn: {name}")
    assert outcome.err.count("\n") == 1
    for word in words:
        assert word in outcome.err
