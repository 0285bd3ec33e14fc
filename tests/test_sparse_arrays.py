"""Sparse matrices from the arrays of a file: all that scipy writes, and nothing that is broken."""

from __future__ import annotations

import io
import struct
import zipfile

import numpy as np
import pytest
import scipy.sparse as sp

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.graph import Graph, index_ids
from tvgnn_cli.io.archive import Archive
from tvgnn_cli.io.feature_files import attach_features
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.io.source import Source
from tvgnn_cli.io.sparse_arrays import FORMS, read_sparse


def arrays_of(form, matrix=None, kind="array"):
    """What `save_npz` writes of a 4 x 6 matrix with an empty row."""
    if matrix is None:
        dense = np.zeros((4, 6))
        dense[[0, 0, 1, 3, 3], [1, 4, 0, 2, 5]] = [2, 1, 3, 4, 0.5]
        matrix = getattr(sp, f"coo_{kind}")(dense)
    buffer = io.BytesIO()
    blocks = {"blocksize": (2, 3)} if form == "bsr" else {}
    converted = matrix.tobsr(**blocks) if form == "bsr" else matrix.asformat(form)
    sp.save_npz(buffer, converted)
    buffer.seek(0)
    with np.load(buffer) as held:
        return {name: held[name] for name in held.files}


def entries(parts):  # noqa: C901 a branch for each kind
    """The values of a matrix by row and column, by the definition of its format."""
    form = parts["format"].item().decode()
    data, found = parts["data"], {}

    def add(row, column, value):
        place = int(row), int(column)
        found[place] = found.get(place, 0) + float(value)

    if form == "coo":
        for row, column, value in zip(parts["row"], parts["col"], data, strict=True):
            add(row, column, value)
    elif form == "dia":
        rows, columns = parts["shape"]
        for offset, values in zip(parts["offsets"].tolist(), data, strict=True):
            for column in range(min(len(values), columns)):
                if 0 <= column - offset < rows:
                    add(column - offset, column, values[column])
    else:
        high, wide = data.shape[1:] if form == "bsr" else (1, 1)
        starts = parts["indptr"].tolist()
        for line in range(len(starts) - 1):
            for at in range(starts[line], starts[line + 1]):
                block, across = data[at].reshape(high, wide), int(parts["indices"][at])
                for i, j in np.ndindex(high, wide):
                    ends = line * high + i, across * wide + j
                    add(*(ends[::-1] if form == "csc" else ends), block[i, j])
    return {place: value for place, value in found.items() if value}


def entries_read(matrix):
    coo = matrix.tocoo()
    found = zip(*(part.tolist() for part in coo.coords), coo.data.tolist(), strict=True)
    return {(row, column): value for row, column, value in found if value}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["array", "matrix"])
def test_all_that_scipy_writes_is_read(form, kind):
    expected = entries(arrays_of(form, kind=kind))
    assert len(expected) == 5
    for index in (np.int8, np.uint8, np.int16, np.int64, np.uint64):
        parts = arrays_of(form, kind=kind)
        for name in {"indices", "indptr", "row", "col"} & set(parts):
            parts[name] = parts[name].astype(index)
        read = read_sparse(parts, "g.npz")
        assert (read.format, read.shape) == ("csr", (4, 6))
        assert entries_read(read) == expected


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, np.float16, np.float32, np.longdouble])
def test_repeated_places_are_summed_as_numbers(dtype):
    parts = {
        "format": np.array("coo"),
        "shape": np.array([2, 300]),
        "row": np.zeros(200, np.uint8),
        "col": np.full(200, 255, np.uint8),
        "data": np.ones(200, dtype),
    }
    assert entries_read(read_sparse(parts, "g.npz")) == {(0, 255): 200.0}


def test_coordinates_in_one_array_and_parts_with_a_prefix():
    parts = {
        "format": np.array(b"coo"),
        "shape": np.array([2, 3]),
        "coords": np.array([[0, 1], [2, 0]]),
        "data": np.array([1.5, 2.5]),
    }
    assert entries_read(read_sparse(parts, "g.npz")) == {(0, 2): 1.5, (1, 0): 2.5}
    csr = {f"adj_{name}": part for name, part in arrays_of("csr").items()}
    assert entries_read(read_sparse(csr, "g.npz", "adj_", "csr")) == entries(arrays_of("csr"))


BROKEN = [
    ("csr", {"indices": [1, 4, 0, 2, 6]}, "CSR matrix: indices holds 6, beyond 0 to 5"),
    ("csr", {"indices": [1, 4, 0, 2]}, "indices has 4 numbers, not 5"),
    ("csr", {"indices": [1.0, 4, 0, 2, 5]}, "indices has dtype float64, not integers"),
    ("csr", {"indptr": [0, 2, 3, 5]}, "indptr has 4 numbers, not 5"),
    ("csr", {"indptr": [1, 2, 3, 3, 5]}, r"indptr\[0\] is 1: does not rise from 0"),
    ("csr", {"indptr": [0, 2, 3, 3, 9]}, "indptr holds 9, beyond 0 to 5"),
    ("csr", {"data": ["a"] * 5}, "data has dtype <U1, not numbers"),
    ("csr", {"data": [1j] * 5}, "data has dtype complex128, not numbers"),
    ("csr", {"data": np.ones((5, 1))}, r"data has shape \(5, 1\)"),
    ("csr", {"shape": [4]}, r"shape is \[4\], not rows and columns"),
    ("csr", {"shape": [4, -6]}, r"shape is \[4, -6\], not rows and columns"),
    ("csr", {"shape": [4.0, 6.0]}, "shape has dtype float64"),
    ("csr", {"shape": [4, 2**62]}, "with 10 numbers in all"),
    ("csr", {"format": "lil"}, "format is 'lil'; known: csr, csc, bsr, coo, dia"),
    ("csr", {"format": 3}, "format is 'int64'"),
    ("csr", {"indptr": None}, "g.npz: array 'indptr' is missing"),
    ("csc", {"indices": [1, 0, 3, 0, -9]}, "CSC matrix: indices holds -9, beyond 0 to 3"),
    ("csc", {"indptr": np.array([0, 1, 2, 3, 2, 4, 5], np.uint8)}, r"indptr\[4\] is 2"),
    ("bsr", {"data": np.ones((4, 0, 3))}, "blocks of 0 x 3 do not fill a matrix of 4 x 6"),
    ("bsr", {"data": np.ones((4, 2, 4))}, "blocks of 2 x 4 do not fill"),
    ("bsr", {"indices": [0, 1, 0, 2]}, "BSR matrix: indices holds 2, beyond 0 to 1"),
    ("coo", {"row": [0, 0, 1, 3, 4]}, "COO matrix: row holds 4, beyond 0 to 3"),
    ("coo", {"col": [1, 4, 0, -1, 5]}, "col holds -1, beyond 0 to 5"),
    ("coo", {"coords": [[0, 1, 2, 3, 0]]}, r"coords has shape \(1, 5\)"),
    ("coo", {"shape": [10**9, 10**9]}, "with 5 numbers in all"),
    ("dia", {"offsets": [0, 1]}, "offsets are not 4 different numbers"),
    ("dia", {"offsets": [2, 2, 3, 4]}, "offsets are not 4 different numbers"),
    ("dia", {"offsets": [-(2**63), -1, 1, 2]}, "offsets holds -9223372036854775808, beyond"),
    ("dia", {"offsets": [6, -1, 1, 2]}, "offsets holds 6, beyond the matrix"),
]


@pytest.mark.parametrize(("form", "change", "words"), BROKEN)
def test_parts_that_make_no_matrix(form, change, words):
    parts = arrays_of(form)
    for name, values in change.items():
        parts[name] = np.array(values)
        if values is None:
            del parts[name]
    with pytest.raises(InputError, match=words) as refused:
        read_sparse(parts, "g.npz")
    assert "\n" not in str(refused.value)


EXTREMES = [-(2**63), -(2**31), -1, 0, 1, 3, 4, 5, 6, 7, 127, 128, 255, 2**31, 2**63 - 1]


def mutated(parts, random):
    """With one number changed, one array cut or lengthened, or of another type."""
    name = random.choice([name for name in parts if name not in ("format", "_is_array")])
    part = parts[name].copy()
    change = random.integers(4)
    if change == 0:
        kind = random.choice([np.int8, np.uint8, np.int32, np.int64, np.uint64, np.float32])
        with np.errstate(invalid="ignore"):
            part = part.astype(kind)
    elif change == 1:
        part = part[: random.integers(len(part) + 1)]
    elif change == 2:
        part = np.concatenate([part, part])[: len(part) + random.integers(1, 3)]
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            value = np.array(random.choice(EXTREMES)).astype(part.dtype)
        part.ravel()[random.integers(part.size)] = value
    return {**parts, name: part}


@pytest.mark.parametrize("form", FORMS)
def test_mutated_parts_are_refused_or_mean_what_the_format_says(form):
    random = np.random.default_rng(3)
    whole, read, refused = arrays_of(form), 0, 0
    for _ in range(250):
        parts = mutated(whole, random)
        if random.integers(2):
            parts = mutated(parts, random) if all(map(np.size, parts.values())) else parts
        try:
            matrix = read_sparse(parts, "g.npz")
        except InputError:
            refused += 1
            continue
        matrix.check_format(full_check=True)
        assert entries_read(matrix) == pytest.approx(entries(parts))
        read += 1
    assert min(read, refused) > 20


def saved(path, **arrays):
    np.savez(path, **arrays)
    return str(path)


def vertices(n, **fields):
    return Graph.from_edges(index_ids(n), np.array([0, 1]), np.array([1, 2]), **fields)


@pytest.mark.parametrize("form", FORMS)
def test_features_as_scipy_saves_them(tmp_path, form):
    np.savez(tmp_path / "x.npz", **arrays_of(form))
    graph = attach_features(vertices(4), Source(str(tmp_path / "x.npz")))
    assert sp.issparse(graph.x)
    assert (graph.x.format, graph.x.dtype) == ("csr", np.float32)
    assert entries_read(graph.x) == entries(arrays_of(form))
    with pytest.raises(InputError, match=r"features have shape \(4, 6\), not \(3, f\)"):
        attach_features(vertices(3), Source(str(tmp_path / "x.npz")))


@pytest.mark.parametrize("prefix", ["x", "features", "attr"])
def test_features_in_parts_beside_edges_and_on_their_own(tmp_path, prefix):
    parts = {
        f"{prefix}_{name}": part
        for name, part in arrays_of("csr").items()
        if name in ("data", "indices", "indptr", "shape")
    }
    path = saved(tmp_path / "g.npz", edge_index=np.array([[0, 1], [1, 2]]), **parts)
    graph = read_graph(path)
    assert (graph.num_vertices, graph.x.shape) == (4, (4, 6))
    assert entries_read(graph.x) == entries(arrays_of("csr"))
    other = attach_features(vertices(4), Source(path))
    assert (other.x != graph.x).nnz == 0


def test_features_open_a_graph_up_to_their_rows(tmp_path):
    graph = read_graph(saved(tmp_path / "g.npz", edge_index=np.array([[0], [1]])))
    np.savez(tmp_path / "x.npz", **arrays_of("csc"))
    assert attach_features(graph, Source(str(tmp_path / "x.npz"))).num_vertices == 4


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"num_nodes": np.array(10**12)}, "num_nodes is 1000000000000, of 1 edges in all"),
        ({"x": np.zeros((10**10, 0), np.float32)}, r"features have shape \(10000000000, 0\)"),
        ({"x": np.ones((3, 2)), "num_nodes": np.array(4)}, r"\(3, 2\), not \(4, f\)"),
        ({"x_data": np.ones(1)}, "array 'x_indices' is missing"),
    ],
)
def test_vertices_that_are_not_there(tmp_path, arrays, words):
    path = saved(tmp_path / "g.npz", edge_index=np.array([[0], [1]]), **arrays)
    with pytest.raises(InputError, match=words):
        read_graph(path)


def test_as_many_vertices_as_are_said_or_have_features(tmp_path):
    edges = {"edge_index": np.array([[0], [1]])}
    assert read_graph(saved(tmp_path / "a.npz", **edges, num_nodes=5)).num_vertices == 5
    assert read_graph(saved(tmp_path / "b.npz", **edges, y=np.arange(6) % 2)).num_vertices == 2
    assert read_graph(saved(tmp_path / "c.npz", **edges)).num_vertices == 2


def header(text, version=b"\x01\x00"):
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text.encode()


@pytest.mark.parametrize(
    ("member", "words"),
    [
        (header("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 1000000000000), }"),
         "takes 16,000,000,000,000 bytes, of which"),
        (header("{'descr': '<i8', 'fortran_order': False, 'shape': (2, -1), }"),
         r"its shape is \(2, -1\)"),
        (header("{'descr': '<i8', 'fortran_order': False, 'shape': (" + "-" * 3000 + "1,), }"),
         "its header cannot be read"),
        (header("{'descr': {[]}, 'fortran_order': False, 'shape': (2,), }"), "header"),
        (header("{'descr': '|S0', 'fortran_order': False, 'shape': (10000000000,), }"),
         "take no bytes"),
        (header("{", b"\x09\x00"), "damaged"),
        (b"text", "damaged"),
    ],
)  # fmt: skip
def test_arrays_that_are_not_what_they_say(tmp_path, member, words):
    path = tmp_path / "g.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("edge_index.npy", member + b"\0" * 32)
    with pytest.raises(InputError, match=words) as refused:
        Archive(Source(str(path)))["edge_index"]
    assert "\n" not in str(refused.value)
    (tmp_path / "g.npy").write_bytes(member)
    with pytest.raises(InputError):
        read_graph(str(tmp_path / "g.npy"))


@pytest.mark.parametrize("offset", [6, 8, 10])
def test_an_archive_that_needs_another_zip_is_damaged(tmp_path, offset):
    path, buffer = tmp_path / "g.npz", io.BytesIO()
    np.savez(buffer, edge_index=np.array([[0], [1]]))
    data = bytearray(buffer.getvalue())
    data[data.index(b"PK\x01\x02") + offset] = 97  # version needed, flags, method
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"g.npz: the .npz file is damaged"):
        read_graph(str(path))


ADJACENCY = np.array([[0, 2, 0, 0], [2, 0, 1, 0], [0, 0, 3, 0], [0, 0, 0, 0]])
"""An edge in both directions, one in one, a self-loop, an isolated vertex."""


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.float16, np.float64])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_square_array_is_an_adjacency_matrix(tmp_path, monkeypatch, dtype, order):
    monkeypatch.setattr("tvgnn_cli.io.npy.CHUNK", 8)  # two rows at a time
    np.save(tmp_path / "g.npy", np.asarray(ADJACENCY, dtype, order=order))
    graph = read_graph(str(tmp_path / "g.npy"))
    assert (graph.num_vertices, graph.edge_index.tolist()) == (4, [[0, 1], [1, 2]])
    assert graph.edge_weight.tolist() == [2, 1]
    assert (graph.counts.self_loops, graph.counts.reversed) == (1, 1)
    assert "edges: an adjacency matrix of 4 vertices" in graph.notes
    np.save(tmp_path / "b.npy", ADJACENCY.astype(bool))
    assert read_graph(str(tmp_path / "b.npy")).edge_weight is None


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(("value", "said"), [(np.nan, "nan"), (np.inf, "inf"), (-1.5, "-1.5")])
def test_entries_that_are_no_weights_are_named(tmp_path, value, said, order):
    matrix = np.array(ADJACENCY, float, order=order)
    matrix[2, 1] = value
    np.save(tmp_path / "g.npy", matrix)
    with pytest.raises(InputError, match=rf"row 2, column 1 \(from 0\) is {said}; weights are"):
        read_graph(str(tmp_path / "g.npy"))


def test_two_by_two_stays_edges_and_says_so(tmp_path):
    np.save(tmp_path / "g.npy", np.array([[0, 1], [2, 2]]))
    graph = read_graph(str(tmp_path / "g.npy"))
    assert graph.edge_index.tolist() == [[0, 1], [2, 2]]
    assert any("(2, 2) is taken for two edges, one in each column" in note for note in graph.notes)
    np.save(tmp_path / "g.npy", np.array([["a"] * 3] * 3))
    with pytest.raises(InputError, match="dtype <U1, not numbers"):
        read_graph(str(tmp_path / "g.npy"))
