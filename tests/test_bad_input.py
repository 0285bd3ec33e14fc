"""Bad input: one clear line, the right exit code, nothing half-written, the input unchanged."""

from __future__ import annotations

import gzip
import io
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

GOOD = "a,b\nb,c\nc,a\nc,d\n"


def npz(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def scipy_npz(matrix: object) -> bytes:
    buffer = io.BytesIO()
    sp.save_npz(buffer, matrix)
    return buffer.getvalue()


def graphml(text: str, keys: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{keys}\n'
        f'<graph edgedefault="undirected">\n{text}\n</graph></graphml>'
    ).encode()


def damaged(archive: bytes) -> bytes:
    """With other bytes inside its first array."""
    start = 80
    return archive[:start] + b"\xff" * 20 + archive[start + 20 :]


def pickled_model() -> bytes:
    return pickle.dumps({"weights": [1, 2, 3]})


BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>
<graphml><graph><node id="&lol2;"/></graph></graphml>"""
EXTERNAL = b"""<?xml version="1.0"?>
<!DOCTYPE g [<!ENTITY secret SYSTEM "file:///etc/hostname">]>
<graphml><graph><node id="&secret;"/></graph></graphml>"""
EDGES = '<node id="a"/><node id="b"/><edge source="a" target="b"/>'
WEIGHT_KEY = '<key id="w" for="edge" attr.name="weight" attr.type="double"/>'
AGE_KEY = '<key id="f" for="node" attr.name="age" attr.type="double"/>'
OBJECTS = np.array([{"a": 1}, None], dtype=object)

# name of the case: (file, contents, further arguments, exit code, words of the message)
FILES: dict[str, tuple[str, str | bytes, list[str], int, list[str]]] = {
    "empty file": ("g.csv", "", [], 3, ["g.csv", "empty"]),
    "blank lines only": ("g.csv", "\n\n  \n", [], 3, ["g.csv", "empty"]),
    "comments only": ("g.txt", "# nothing\n% here\n", [], 3, ["g.txt", "no edges"]),
    "header only": ("g.csv", "source,target\n", [], 3, ["g.csv", "header", "no edges"]),
    "one column": ("g.csv", "a\nb\n", [], 3, ["line 1", "one column"]),
    "two colons": ("g.dat", "1::2::5\n2::3::4\n", [], 3, ["line 1", "'::'", "sed 's/::/,/g'"]),
    "malformed line": ("g.csv", "a,b\nb,c\nc\nc,d\n", [], 3, ["line 3", "1 columns"]),
    "a line too long": ("g.txt", "a b\n# x\nb c 1\n", [], 3, ["line 3", "3 columns"]),
    "a first line too long": ("g.csv", "a,b,c\n" + "d,e\n" * 4, [], 3, ["line 1", "3 columns"]),
    "malformed line after a header": (
        "g.csv", "# c\nsource,target\na,b\n\nb\n", [], 3, ["line 5", "1 columns"],
    ),
    "empty id": ("g.csv", "a,b\n,c\n", [], 3, ["line 2", "empty vertex id"]),
    "four columns": ("g.txt", "a b 1 2\n", [], 3, ["line 1", "4 columns", "source"]),
    "word as weight": ("g.csv", "a,b,1\nb,c,heavy\n", [], 3, ["line 2", "heavy", "number"]),
    "NaN weight": ("g.csv", "a,b,1\nb,c,nan\n", [], 3, ["line 2", "nan", "weight"]),
    "infinite weight": ("g.csv", "a,b,1\nb,c,inf\n", [], 3, ["line 2", "inf", "weight"]),
    "negative weight": ("g.csv", "a,b,1\nb,c,-2\n", [], 3, ["line 2", "-2", "at least 0"]),
    "empty weight": ("g.csv", "a,b,1\nb,c,\n", [], 3, ["line 2", "not a number"]),
    "open quote": ("g.csv", 'a,b\n"b,c\nc,a\n', [], 3, ["g.csv", "line 2"]),
    "only loops": ("g.csv", "a,a\nb,b\n", ["-k", "2"], 3, ["no edges"]),
    "only zero weights": ("g.csv", "a,b,0\nb,c,0\n", ["-k", "2"], 3, ["no edges"]),
    "one vertex": ("g.csv", "a,a\n", ["-k", "2"], 2, ["-k is 2", "1 vert"]),
    "binary junk": ("g.csv", bytes(range(256)) * 4, [], 3, ["binary"]),
    "binary junk as txt": ("g.txt", os.urandom(64) + b"\0" * 8, [], 3, ["binary"]),
    "not UTF-8": ("g.csv", b"a,b\nb,\xe9\n", [], 3, ["line 2", "0xe9", "UTF-8"]),
    "UTF-16": ("g.csv", "a,b\n".encode("utf-16") + b"\0", [], 3, ["UTF-16", "byte 11", "as UTF-8"]),
    "truncated gzip": ("g.csv.gz", gzip.compress(GOOD.encode() * 99)[:-20], [], 3, ["gzip"]),
    "gzip of junk": ("g.csv.gz", b"\x1f\x8b\x08junk", [], 3, ["gzip"]),
    "unknown suffix": ("g.docx", GOOD, [], 3, ["unknown suffix", ".docx", ".graphml"]),
    "truncated GraphML": ("g.graphml", graphml(EDGES)[:-30], [], 3, ["line", "XML"]),
    "GraphML that is text": ("g.graphml", GOOD, [], 3, ["line 1", "XML"]),
    "other XML": ("g.graphml", b"<html><p>hello</p></html>", [], 3, ["g.graphml", "graph"]),
    "entity expansion": ("g.graphml", BILLION_LAUGHS, [], 3, ["entity", "lol", "refused"]),
    "external entity": ("g.graphml", EXTERNAL, [], 3, ["entity", "secret", "refused"]),
    "GraphML word as weight": (
        "g.graphml",
        graphml(EDGES.replace("/><edge", "/><edge").replace('"b"/>', '"b"/>', 1).replace(
            'target="b"/>', 'target="b"><data key="w">x</data></edge>'), WEIGHT_KEY),
        [], 3, ["g.graphml"],
    ),
    "GraphML negative weight": (
        "g.graphml",
        graphml(EDGES.replace('target="b"/>', 'target="b"><data key="w">-1</data></edge>'),
                WEIGHT_KEY),
        [], 3, ["'a' - 'b'", "-1", "similarities"],
    ),
    "GraphML attribute missing": (
        "g.graphml",
        graphml(EDGES.replace('"a"/>', '"a"><data key="f">1</data></node>', 1), AGE_KEY),
        ["--feature-attrs", "age"], 3, ["'b'", "age"],
    ),
    "GraphML NaN feature": (
        "g.graphml",
        graphml(EDGES.replace('"a"/>', '"a"><data key="f">1</data></node>', 1).replace(
            '"b"/>', '"b"><data key="f">NaN</data></node>', 1), AGE_KEY),
        ["--feature-attrs", "age"], 3, ["age", "'b'", "no value"],
    ),
    "GraphML label unknown": ("g.graphml", graphml(EDGES), ["--label-attr", "clas"], 3, ["clas"]),
    "GraphML vertex declared twice": (
        "g.graphml", graphml(EDGES + '\n<node id="a"/>'), [], 3, ["line 5", "'a'", "in line 4"],
    ),
    "GraphML of two graphs": (
        "g.graphml", graphml(f'{EDGES}</graph>\n<graph edgedefault="directed">'), [], 3,
        ["line 5", "second <graph>"],
    ),
    "GraphML of an encoding unknown here": (
        "g.graphml", graphml(EDGES).replace(b"utf-8", b"GB2312"), [], 3, ["line 1", "UTF-8"],
    ),
    "GraphML of an encoding that is none": (
        "g.graphml", graphml(EDGES).replace(b"utf-8", b"utf-99"), [], 3, ["line 1", "UTF-8"],
    ),
    "GraphML number that is too large": (
        "g.graphml",
        graphml(EDGES.replace('"a"/>', f'"a"><data key="f">{"9" * 400}</data></node>', 1).replace(
            '"b"/>', '"b"><data key="f">1</data></node>', 1), AGE_KEY.replace("double", "int")),
        [], 3, ["line 4", "'f'", "age", "64 bits"],
    ),
    "GraphML without vertices": ("g.graphml", graphml(""), [], 3, ["holds no vertices"]),
    "GraphML without a graph": (
        "g.graphml", b'<graphml xmlns="http://graphml.graphdrawing.org/xmlns"/>', [], 3, ["graph"],
    ),
    "npz of a damaged matrix": ("g.npz", damaged(scipy_npz(sp.eye(50))), [], 3, ["damaged"]),
    "npz without vertices": (
        "g.npz", npz(edge_index=np.zeros((2, 0), int)), [], 3, ["holds no vertices"],
    ),
    "npz labels that are infinite": (
        "g.npz", npz(edge_index=np.array([[0], [1]]), y=np.array([1, np.inf])), [], 3, ["labels"],
    ),
    "attributes of an edge list": (
        "g.csv", GOOD, ["-k", "2", "--label-attr", "club"], 2, ["--label-attr", "--labels"],
    ),
    "distances": (
        "g.csv", "source,target,distance\na,b,3\n", ["-k", "2"], 3,
        ["'distance'", "larger is closer"],
    ),
    "distances between columns of other names": (
        "g.csv", "u,v,Length\na,b,3\n", ["-k", "2"], 3, ["'Length'", "name it 'weight'"],
    ),
    "a cell that has no end": (
        "g.csv", '"' + "x" * 200_000 + '",a\nb,c\n', [], 3, ["line 1", "field"],
    ),
    "decimal commas in some lines": (
        "g.csv", "a;b;0,5\nb;c;1.5\n", ["-k", "2"], 3, ["line 1", "'0,5'", "write 0.5"],
    ),
    "an underscore in a number": ("g.csv", "a,b,1\nb,c,1_0\n", [], 3, ["line 2", "'1_0'"]),
    "npz that is text": ("g.npz", GOOD, [], 3, ["not an .npz"]),
    "truncated npz": ("g.npz", npz(edge_index=np.zeros((2, 9)))[:-40], [], 3, ["damaged"]),
    "npz with pickles": ("g.npz", npz(edge_index=OBJECTS), [], 3, ["edge_index", "pickle"]),
    "npz of unknown keys": ("g.npz", npz(a1=np.eye(2), b1=1), [], 3, ["edge_index", "a1, b1"]),
    "npz of wrong shape": ("g.npz", npz(edge_index=np.zeros((4, 5), int)), [], 3, ["(4, 5)"]),
    "npz of floats": ("g.npz", npz(edge_index=np.full((2, 2), 0.5)), [], 3, ["0.5", "whole"]),
    "npz beyond its vertices": (
        "g.npz", npz(edge_index=np.array([[0], [7]]), x=np.eye(3)), [], 3, ["vertex 7", "0 to 2"],
    ),
    "npz of huge vertex numbers": (
        "g.npz", npz(edge_index=np.array([[0], [2**40]])), [], 3, ["vertex 1099511627776"],
    ),
    "weights that overflow": ("g.csv", "a,b,1e308\na,b,1e308\n", ["-k", "2"], 3, ["weights"]),
    "npz number of vertices": (
        "g.npz",
        npz(edge_index=np.array([[0], [1]]), num_nodes=np.ones(2, int)),
        [], 3, ["num_nodes"],
    ),
    "npz negative vertex": ("g.npz", npz(edge_index=np.array([[0], [-1]])), [], 3, ["vertex -1"]),
    "npz weights of wrong shape": (
        "g.npz", npz(edge_index=np.array([[0], [1]]), edge_weight=np.ones(3)), [], 3, ["(3,)"],
    ),
    "npz features of wrong shape": (
        "g.npz", npz(edge_index=np.array([[0], [1]]), x=np.eye(3)[0]), [], 3, ["(3,)", "features"],
    ),
    "npz infinite feature": (
        "g.npz", npz(edge_index=np.array([[0], [1]]), x=np.array([[1.0], [np.inf]])), [], 3,
        ["'1'", "finite"],
    ),
    "npz labels of wrong shape": (
        "g.npz", npz(edge_index=np.array([[0], [1]]), y=np.ones((2, 2))), [], 3, ["labels"],
    ),
    "npz adjacency without its parts": ("g.npz", npz(adj_data=np.ones(2)), [], 3, ["adj_indices"]),
    "npz adjacency that is not square": (
        "g.npz", scipy_npz(sp.csr_matrix(np.ones((2, 3)))), [], 3, ["(2, 3)", "square"],
    ),
    "npz adjacency with broken indices": (
        "g.npz",
        npz(adj_data=np.ones(1), adj_indices=np.array([9]), adj_indptr=np.array([0, 1, 1]),
            adj_shape=np.array([2, 2])),
        [], 3, ["adj", "CSR"],
    ),
    "K = 1": ("g.csv", GOOD, ["-k", "1"], 2, ["-k is 1", "at least 2"]),
    "K > N": ("g.csv", GOOD, ["-k", "5"], 2, ["-k is 5", "4 vertices"]),
    "no K": ("g.csv", GOOD, [], 2, ["-k is needed"]),
    "a wrong option": ("g.csv", GOOD, ["--sede", "1"], 2, ["--sede"]),
    "a wrong preset": ("g.csv", GOOD, ["--preset", "papr"], 2, ["papr"]),
    "a wrong learning rate": ("g.csv", GOOD, ["--lr", "0"], 2, ["--lr", "positive"]),
    "a wrong device": ("g.csv", GOOD, ["-k", "2", "--device", "gpu9"], 2, ["gpu9", "cpu"]),
    "no threads": ("g.csv", GOOD, ["-k", "2", "--threads", "0"], 2, ["--threads", "at least 1"]),
    "configuration missing": ("g.csv", GOOD, ["--config", "no.toml"], 2, ["no.toml"]),
    "output folder missing": ("g.csv", GOOD, ["-k", "2", "-o", "no/c.csv"], 2, ["no folder"]),
    "output is a folder": ("g.csv", GOOD, ["-k", "2", "-o", "."], 2, ["folder"]),
    "output is the input": ("g.csv", GOOD, ["-k", "2", "-o", "./g.csv"], 2, ["input"]),
    "output of unknown suffix": (
        "g.csv", GOOD, ["-k", "2", "-o", "c.xls"], 2, [".xls", ".parquet"],
    ),
    "metrics of unknown suffix": (
        "g.csv", GOOD, ["-k", "2", "--metrics", "m.txt"], 2, [".txt", ".json"],
    ),
    "output twice": (
        "g.csv", GOOD, ["-k", "2", "-o", "c.csv", "--metrics", "c.csv"], 2, ["same file"],
    ),
    "features missing": ("g.csv", GOOD, ["-k", "2", "--features", "no.csv"], 3, ["no.csv"]),
    "a collapse that counts": (
        "g.csv", GOOD, ["-k", "4", "--fail-on-collapse", "--init", "random", "--balance-coeff",
                        "0", "--threads", "1"], 4, ["clusters", "in use"],
    ),
}  # fmt: skip


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("case", FILES)
def test_bad_files(tvgnn, tmp_path, case):
    name, contents, arguments, code, words = FILES[case]
    data = contents.encode() if isinstance(contents, str) else contents
    (tmp_path / name).write_bytes(data)
    before = listing(tmp_path)
    outcome = tvgnn("cluster", name, "-q", *arguments)
    assert outcome.code == code, outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""
    for word in words:
        assert word in outcome.err
    if outcome.err.startswith("tvgnn: "):
        assert outcome.err.count("\n") == 1, "one line"
    assert listing(tmp_path) == before, "nothing written, nothing changed"


def test_there_are_at_least_forty_cases():
    assert len(FILES) >= 40


COMPANIONS = {
    "labels for another vertex": ("--labels", "y.npy", np.array([1, 2]), ["(2,)", "(4,)"]),
    "labels of floats": ("--labels", "y.npy", np.full(4, 0.5), ["float64"]),
    "labels of other vertices": ("--labels", "y.csv", "id,y\ne,1\nf,1\ng,2\n", ["'a'", "no id"]),
    "labels twice": ("--labels", "y.csv", "id,y\na,1\na,2\na,2\n", ["'a'", "1 more"]),
    "labels in two columns": ("--labels", "y.csv", "id,y,z\na,1,1\n", ["one label column"]),
    "features lacking two": ("--features", "x.csv", "id,f\na,1\nb,1\n", ["'c' (and 1 more)"]),
    "features of words": (
        "--features", "x.csv", "id,f\na,1\nb,x\nc,1\nd,1\n", ["column 'f'", "'b'", "'x'"],
    ),
    "features with NaN": ("--features", "x.npy", np.full((4, 2), np.nan), ["'a'", "finite"]),
    "features pickled": ("--features", "x.npy", OBJECTS, ["plain .npy"]),
    "features of one name": ("--features", "x.csv", "id,f,f\na,1,2\n", ["more than one", "'f'"]),
    "two columns of ids": ("--features", "x.csv", "id,id,f\na,a,2\n", ["more than one", "'id'"]),
    "labels that are infinite": ("--labels", "y.npy", np.full(4, np.inf), ["float64"]),
    "features of one column": ("--features", "x.csv", "a\nb\nc\nd\n", ["one column"]),
    "features of unknown suffix": ("--features", "x.json", "{}", [".json", ".parquet"]),
    "features that are no Parquet": ("--features", "x.parquet", "hello", ["Parquet"]),
    "features with ragged rows": ("--features", "x.csv", "\nid,f\n\na,1\nb\n", ["line 5", "1 col"]),
    "features with a cell too many": ("--features", "x.csv", "id,f\na,1,7\n", ["line 2", "3 col"]),
    "a header of two names too few": (
        "--labels", "y.tsv", "id\na\tx\t7\nb\ty\t8\nc\tx\t9\n", ["line 1: 1 col", "have 3"],
    ),
    "features empty": ("--features", "x.csv", "", ["empty"]),
    "features that are infinite": (
        "--features", "x.csv", "id,f\na,1\nb,1e39\nc,1\nd,1\n", ["'b'", "not finite"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", COMPANIONS)
def test_bad_companions(tvgnn, tmp_path, case):
    option, name, contents, words = COMPANIONS[case]
    (tmp_path / "g.csv").write_text(GOOD)
    if isinstance(contents, str):
        (tmp_path / name).write_text(contents)
    else:
        np.save(tmp_path / name, contents)
    before = listing(tmp_path)
    outcome = tvgnn("cluster", "g.csv", "-k", "2", "-q", option, name)
    assert outcome.code == 3, outcome.err
    assert outcome.err.startswith("tvgnn: ")
    assert outcome.err.count("\n") == 1
    for word in words:
        assert word in outcome.err
    assert listing(tmp_path) == before


def test_ids_that_match_nothing(tvgnn, tmp_path):
    (tmp_path / "g.npz").write_bytes(npz(edge_index=np.array([[0, 1], [1, 2]])))
    (tmp_path / "x.csv").write_text("id,f\n0,1\n1,1\n2,2\nx,2\nz,1\n")
    outcome = tvgnn("cluster", "g.npz", "-k", "2", "--features", "x.csv")
    assert outcome.code == 3
    assert "'x' (and 1 more) is not in the graph" in outcome.err


NAMES = {
    "missing file": ("nowhere.csv", ["nowhere.csv", "no such file"]),
    "misspelt data set": ("Coraa", ["Did you mean 'Cora'?"]),
    "unknown class": ("pyg:Planetoidd/Cora", ["Did you mean 'Planetoid'?"]),
    "a folder": (".", ["folder"]),
    "a class without its name": ("pyg:Planetoid", ["needs a name", "pyg:Planetoid/NAME"]),
    "a name for a class that takes none": ("pyg:KarateClub/x", ["takes no name"]),
    "offline and a class with more settings": ("pyg:TUDataset/MUTAG", ["offline", "MUTAG_A.txt"]),
    "nothing after pyg:": ("pyg:", ["no class ''"]),
    "offline without files": ("Cora", ["offline", "ind.cora.x", "Planetoid/Cora/raw"]),
    "offline without its one file": ("DBLP", ["offline", "dblp.npz", "CitationFull/dblp/raw"]),
    "offline and an .npz collection": ("pyg:Amazon/Photo", ["amazon_electronics_photo.npz"]),
}  # fmt: skip


@pytest.mark.parametrize("case", NAMES)
def test_bad_names(tvgnn, tmp_path, case):
    name, words = NAMES[case]
    outcome = tvgnn("cluster", name, "-k", "2", "--offline", "--data-root", tmp_path)
    assert outcome.code == 3, outcome.err
    assert outcome.err.count("\n") == 1
    for word in words:
        assert word in outcome.err
    assert listing(tmp_path) == {}


def test_a_bad_file_on_standard_input_is_named(tvgnn):
    outcome = tvgnn("cluster", "-", "-k", "2", stdin=b"a b\nb\n")
    assert (outcome.code, outcome.out) == (3, "")
    assert "standard input: line 2" in outcome.err
    assert tvgnn("cluster", "-", "-k", "2").code == 3


def test_a_header_alone_is_told_how_it_is_read_as_an_edge(tvgnn, tmp_path):
    (tmp_path / "one.csv").write_text("node a,node b\n")
    refused = tvgnn("cluster", "one.csv", "-k", 2)
    assert refused.code == 3
    assert "holds a header and no edges; --no-header reads it as an edge" in refused.err
    assert tvgnn("cluster", "one.csv", "-k", 2, "--no-header", "--epochs", 1, "-q").code == 0
