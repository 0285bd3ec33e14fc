"""Forms by the first bytes of a file: those that are told and not read, and ids that look so."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import sqlite3
import tarfile
import zipfile

import networkx as nx
import pandas as pd
import pytest

from tests.test_formats import FILES
from tests.test_readers import write
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.content import TOLD
from tvgnn_cli.io.read import read_graph


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "contents")
    return buffer.getvalue()


def tarred() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("g.mtx"))
    return buffer.getvalue()


def database(tmp_path) -> bytes:
    connection = sqlite3.connect(tmp_path / "made.db")
    connection.execute("create table edges (a, b)")
    connection.commit()
    connection.close()
    return (tmp_path / "made.db").read_bytes()


PATH = nx.path_graph(4)
ELSEWHERE: dict[str, tuple[str, str | bytes, str]] = {
    "SQL of pg_dump": ("g.sql", "--\n-- PostgreSQL database dump\n--\n\nSET lock_timeout = 0;\n\n"
                       "COPY public.edges (a, b) FROM stdin;\n1\t2\n", "is SQL; export"),
    "SQL of mysqldump": ("g.txt", "-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\n"
                         "DROP TABLE IF EXISTS `edges`;\n", "is SQL; "),
    "SQL of SQLite": ("g.txt", "PRAGMA foreign_keys=OFF;\nBEGIN;\n", "is SQL; "),
    "SQL of inserts": ("g.sql", "INSERT INTO edges VALUES (1,2),(2,3);\n", "is SQL; "),
    "SQL of a table": ("g.sql", "CREATE TABLE edges (\n a int\n);\n", "is SQL; "),
    "CX": ("g.cx", '[{"numberVerification":[{"longNumber":1}]}]', "is CX"),
    "CX2": ("g.cx2", '[{"CXVersion":"2.0"}]', "is CX"),
    "XGMML": ("g.xgmml", '<?xml version="1.0"?>\n<graph label="x" '
              'xmlns="http://www.cs.rpi.edu/XGMML"><node/></graph>', "XGMML"),
    "DynetML": ("g.xml", '<?xml version="1.0"?><DynamicNetwork></DynamicNetwork>', "DynetML"),
    "other XML": ("g.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>', "is XML that is neither"),
    "other XML without attributes": ("g.xml", "<a>\n<b/></a>", "is XML that is neither"),
    "a web page": ("g.csv", "\n<!doctype html>\n<html><b>404</b></html>", "web page"),
    "N-Triples": ("g.nt", "<http://a/x/> <http://b/p> <http://a/y> .\n", "N-Triples"),
    "DOT": ("g.dot", "/* a\n*/\n// b\nstrict digraph G {\n a -> b;\n}\n", "DOT"),
    "DOT without a name": ("g.gv", "graph {\n a -- b\n}\n", "DOT"),
    "UCINET": ("g.dl", "DL\nN = 5\nformat=edgelist1\n", "UCINET"),
    "DIMACS": ("g.col", "c by hand\np edge 3 2\ne 1 2\ne 2 3\n", "DIMACS"),
    "PDF": ("g.pdf", b"%PDF-1.5\n%\xe2\xe3\n1 0 obj", "PDF"),
    "MATLAB": ("g.mat", b"MATLAB 5.0 MAT-file, Platform: GLNXA64\0", "loadmat"),
    "pickle": ("g.gpickle", pickle.dumps(PATH), "pickle"),
    "graph-tool": ("g.gt", b"\xe2\x9b\xbe gt\x01\x00" + bytes(9), "graph-tool"),
    "R": ("g.rds", gzip.compress(b"X\n\x00\x00\x00\x03" + bytes(9)), "R data"),
    "R's workspace": ("g.rda", gzip.compress(b"RDX3\nX\n\x00" + bytes(9)), "R data"),
    "bzip2": ("g.bz2", bz2.compress(b"a b\n"), "bzip2"),
    "xz": ("g.txt.xz", lzma.compress(b"a b\n"), "by xz"),
    "zstd": ("g.zst", b"\x28\xb5\x2f\xfd\x04\x00abc", "zstd"),
    "lz4": ("g.lz4", b"\x04\x22\x4d\x18abc", "lz4"),
    "torch": ("g.pt", zipped("graph/data.pkl", "graph/version"), "torch.save"),
    "a session of Cytoscape": ("g.cys", zipped("CytoscapeSession-1/x.xml"), "Cytoscape session"),
    "Excel": ("g.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml"), "office document"),
    "Excel, named otherwise": ("g.csv", zipped("xl/workbook.xml"), "office document"),
    "old Excel": ("g.xls", b"\xd0\xcf\x11\xe0\xa1\xb1", "office document"),
    "a zip archive": ("g.zip", zipped("edges.csv"), "an archive"),
    "an empty zip archive": ("g.zip", zipped(), "an archive"),
    "a tar archive": ("g.tar.gz", tarred(), "an archive"),
    "Feather": ("g.feather", b"FEA1\0\0", "Feather file of version 1"),
    "tuples": ("g.txt", "(0, 0) (0, 1)\n(0, 1) (1, 1)\n", "tuples"),
    "pairs of numbers": ("g.txt", "(1, 2)\n(2, 3)\n", "tuples"),
    "a dictionary": ("g.txt", "{'a': ['b', 'c'], 'b': ['c']}\n", "a Python dictionary"),
    "a dictionary of numbers": ("g.txt", "{1: {2: {}, 3: {}}}\n", "a Python dictionary"),
    "a dictionary that is printed": (
        "g.txt", "defaultdict(<class 'list'>, {'a': ['b'], 'b': ['c']})\n", "a Python dictionary"),
    "a dictionary on several lines": (
        "g.txt", "{'a': ['b'],\n 'b': ['c']}\n", "a Python dictionary"),
    "distances of DIMACS": (
        "g.gr", "c roads\np sp 3 2\na 1 2 803\na 2 3 158\n", "cut -d' ' -f2,3"),
    "lists": ("g.txt", "[1, 2]\n[2, 3]\n", "tr -d '[]'"),
    "graph6": ("g.g6", ">>graph6<<DqK\n", "read_graph6"),
    "GDF": ("g.gdf", "nodedef>name VARCHAR\na\n", "GDF"),
    "VNA": ("g.vna", "*Node data\nID\na\n", "VNA"),
    "LEDA": ("g.lgr", "# made by hand\nLEDA.GRAPH\nstring\nint\n-1\n2\n|{a}|\n|{b}|\n", "LEDA"),
    "TGF": ("g.tgf", "1 ann\n2 bob\n#\n1 2\n", "TGF"),
    "Git LFS": ("g.csv", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS"),
    "not found": ("g.csv", "404: Not Found", "a web server's answer"),
    "GML that is a pickle": ("g.gml", pickle.dumps(PATH), "pickle"),
}  # fmt: skip


@pytest.mark.parametrize("case", ELSEWHERE)
def test_what_is_not_read_is_told(tmp_path, case):
    name, contents, words = ELSEWHERE[case]
    data = contents if isinstance(contents, bytes) else contents.encode()
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as told:
        read_graph(str(tmp_path / name))
    assert words in str(told.value)


def test_a_database_is_told(tmp_path):
    (tmp_path / "g.sqlite").write_bytes(database(tmp_path))
    with pytest.raises(InputError, match="an SQLite database"):
        read_graph(str(tmp_path / "g.sqlite"))


def test_every_form_that_is_told_has_a_case_above():
    cases = [words for _, _, words in ELSEWHERE.values()] + ["SQLite"]
    assert all(any(words.removeprefix("is ") in what for words in cases) for what in TOLD)


@pytest.mark.parametrize(
    ("name", "text", "ids"),
    [
        ("g.txt", "PAR1 {x\n{x <b>\n", "PAR1 {x <b>"),
        ("g.csv", "PAR1,X\nX,Y\n", "PAR1 X Y"),
        ("g.txt", "{a} {b}\n{b} c\n", "{a} {b} c"),
        ("g.csv", "{id:1},{id:2}\n{id:2},{id:3}\n", "{id:1} {id:2} {id:3}"),
        ("g.txt", "{1:2} {2:3}\n{2:3} {4:5}\n", "{1:2} {2:3} {4:5}"),
        ("g.csv", '{"a"},{"b"}\n{"b"},{"c"}\n', '{"a"} {"b"} {"c"}'),
        ("g.txt", "<a> <b>\n<b> <c>\n", "<a> <b> <c>"),
        ("g.csv", "<a>,<b>\n<b>,c\n", "<a> <b> c"),
        ("g.txt", "<http://a/b> <http://c/d>\n<http://c/d> e\n", "<http://a/b> <http://c/d> e"),
        (
            "g.txt",
            "<http://a/b/> <http://c/d/>\n<http://c/d/> e\n",
            "<http://a/b/> <http://c/d/> e",
        ),
        ("g.txt", "[a [b\n[b c\n", "[a [b c"),
        ("g.csv", "[[A]],[[B]]\n[[B]],[[C]]\n", "[[A]] [[B]] [[C]]"),
        ("g.txt", "graph theory\ntheory x\n", "graph theory x"),
        ("g.txt", "BZh9 b\nb c\n", "BZh9 b c"),
        ("g.txt", "dl n\nn x\n", "dl n x"),
        ("g.txt", "p edge\nedge x\n", "p edge x"),
        ("g.txt", "PK A\nA B\n", "PK A B"),
        ("g.txt", "*a b\nb c\n", "*a b c"),
        ("g.txt", "ARROW1 b\nb c\n", "ARROW1 b c"),
        ("sql.txt", "select from\ninsert into\nfrom into\n", "select from insert into"),
        ("sets.csv", "set,table\ncreate,table\ntable,values\n", "set table create values"),
    ],
)
def test_ids_that_look_like_a_signature_are_ids(tmp_path, name, text, ids):
    assert read_graph(write(tmp_path, name, text), header=False).ids.tolist() == ids.split()


@pytest.mark.parametrize(
    "case", ["Matrix Market of reals", "GML", "GEXF", "Pajek", "METIS with weights"]
)
def test_standard_input_takes_an_edge_list_and_says_so(tvgnn, case):
    name, text = FILES[case][:2]
    outcome = tvgnn("cluster", "-", "-k", "2", stdin=text.encode())
    assert outcome.code == 3
    assert outcome.err.count("\n") == 1
    assert f"holds {name.split('.')[1]} data; - takes an edge list" in outcome.err
    told = tvgnn("cluster", "-", "-k", "2", stdin=ELSEWHERE["DOT"][1].encode())
    assert (told.code, "standard input: is a DOT file" in told.err) == (3, True)


@pytest.mark.parametrize("option", ["features", "labels"])
@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("CX", "is CX; a table of vertices is text"),
        ("SQL of inserts", "is SQL; a table of vertices is text"),
    ],
)
def test_tables_of_vertices_are_told_too(tmp_path, option, case, words):
    edges = write(tmp_path, "e.csv", "a,b\nb,c\nc,a\n")
    path = write(tmp_path, "t.csv", str(ELSEWHERE[case][1]))
    with pytest.raises(InputError, match=words):
        read_graph(edges, **{option: path})
    for form, text in (("gml", str(FILES["GML"][1])), ("json", '{"nodes": [], "links": []}')):
        path = write(tmp_path, "t.txt", text)
        with pytest.raises(InputError, match=f"holds {form} data; a table of vertices"):
            read_graph(edges, **{option: path})


@pytest.mark.parametrize("option", ["features", "labels"])
def test_tables_go_by_what_they_begin_with(tmp_path, option):
    edges = write(tmp_path, "e.csv", "a,b\nb,c\nc,a\n")
    path = tmp_path / "t.dat"
    pd.DataFrame({"id": ["a", "b", "c"], "v": [1, 1, 2]}).to_parquet(path)
    graph = read_graph(edges, **{option: path})
    assert (graph.x if option == "features" else graph.y).ravel().tolist()[0::2] in ([1, 2], [0, 1])
