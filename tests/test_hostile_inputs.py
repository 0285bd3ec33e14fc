"""Files that are damaged, or stand for far more than they hold."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp

from tvgnn_cli import errors, evaluate, read_graph
from tvgnn_cli.errors import InputError, TvgnnError
from tvgnn_cli.graph import stored_features
from tvgnn_cli.io import bounds
from tvgnn_cli.io.assignment_file import read_assignment
from tvgnn_cli.io.graph_sets.read import read_graph_set
from tvgnn_cli.io.parquet_file import ParquetFile
from tvgnn_cli.io.parquet_footer import value_counts
from tvgnn_cli.io.source import Source

IDS = [f"m{i}" for i in range(1, 35)]
EDGES = {"source": IDS[:-1], "target": IDS[1:]}
TABLE = {"id": IDS, "a": np.arange(34.0), "label": ["u", "v"] * 17}
READ_BY = {
    "edges": read_graph,
    "features": lambda path: read_graph("karate", features=path),
    "labels": lambda path: read_graph("karate", labels=path),
    "evaluate": lambda path: evaluate(path, graph="karate"),
    "set": read_graph_set,
    "assignment": lambda path: read_assignment(Path(path)),
}


def parquet(path: Path, columns: dict, pandas: bytes | None = None, **how) -> str:
    table = pa.table(columns)
    if pandas is not None:
        table = table.replace_schema_metadata({b"pandas": pandas})
    pq.write_table(table, path, **how)
    return str(path)


DEEP = b'{"index_columns": ' + b"[" * 5000
METADATA = {
    "no JSON": b"{'index_columns': []}",
    "not UTF-8": b'{"index_columns": ["\xff"]}',
    "a number": b"3",
    "a list": b"[]",
    "no index": b"{}",
    "an index that is a number": b'{"index_columns": 3}',
    "an index that is null": b'{"index_columns": null}',
    "an index of numbers": b'{"index_columns": [1]}',
    "too deep": DEEP,
    "a number without end": b'{"index_columns": %s}' % (b"9" * 5000),
}


@pytest.mark.parametrize("name", METADATA)
@pytest.mark.parametrize("use", ["features", "labels", "evaluate"])
def test_what_pandas_wrote_is_damaged(tmp_path, use, name):
    columns = {"cluster" if use == "evaluate" else "a": TABLE["label"], "x": np.arange(34.0)}
    path = parquet(tmp_path / "t.parquet", columns, METADATA[name])
    with pytest.raises(InputError, match="what pandas wrote of the columns is damaged"):
        READ_BY[use](path)


def test_the_index_of_pandas_has_the_ids(tmp_path):
    kept = json.dumps({"index_columns": ["b", {"kind": "range"}, "gone"]}).encode()
    path = parquet(tmp_path / "t.parquet", {"a": np.arange(34.0) ** 2 / 7, "b": IDS}, kept)
    with ParquetFile(Source(path)) as file:
        assert file.index_columns == ["b"]
    assert READ_BY["features"](path).x.shape == (34, 1)


def damaged(data: bytes, what: str) -> bytes:
    """Parquet bytes with a fault in one place."""
    size = int.from_bytes(data[-8:-4], "little")
    footer, pages = data[-8 - size : -8], data[: -8 - size]
    if what == "pages":
        pages = pages[:4] + bytes(len(pages) - 4)
    elif what == "a byte of a text":
        pages = pages.replace(b"m7", b"\xff7")
    elif what == "a name":
        footer = footer.replace(b"id", b"\xff\xfe").replace(b"source", b"\xffource")
    elif what == "the end":
        return data[:-9]
    return pages + footer + len(footer).to_bytes(4, "little") + b"PAR1"


@pytest.mark.parametrize("what", ["pages", "a byte of a text", "a name", "the end"])
@pytest.mark.parametrize("use", ["edges", "features", "labels", "evaluate", "blocks"])
def test_a_parquet_file_is_damaged_anywhere(tmp_path, monkeypatch, use, what):
    if use == "blocks":
        monkeypatch.setattr(stored_features, "STORED_BYTES", 1)
    columns = EDGES if use == "edges" else {**TABLE, "cluster": TABLE["label"]}
    if use == "blocks":
        columns = {"id": IDS, "a": np.arange(34.0)}
    path = tmp_path / "t.parquet"
    parquet(path, columns, compression="none", use_dictionary=False, store_schema=False)
    path.write_bytes(damaged(path.read_bytes(), what))
    with pytest.raises(InputError, match=r"not a Parquet file|Parquet file is damaged"):
        READ_BY["features" if use == "blocks" else use](str(path))


def test_a_footer_that_ends_pyarrow_is_refused(tmp_path):
    # pyarrow ends the process where it is asked for the size of such a column.
    lists = {"edge_index": pa.array([[[0, 1], [1, 0]]]), "y": pa.array([1])}
    path = tmp_path / "set.parquet"
    parquet(path, lists)
    assert value_counts(io.BytesIO(path.read_bytes())) == [[4, 1]]
    data = path.read_bytes()
    size = int.from_bytes(data[-8:-4], "little")
    ends = {"cut short": b"\x19\xfc", "too deep": b"\x1c" * 40, "no end": b"\x16" + b"\xff" * 20}
    for footer in ends.values():
        with pytest.raises((ValueError, IndexError)):
            value_counts(io.BytesIO(footer + len(footer).to_bytes(4, "little") + b"PAR1"))
    with pytest.raises(ValueError, match="does not end"):
        value_counts(io.BytesIO(data[:-8] + (size * 99).to_bytes(4, "little") + b"PAR1"))


LONG = "x" * 4096


def shared(count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([LONG]))


def many(count: int) -> pa.Array:
    """A list of so many texts in one row."""
    return pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), shared(count))


ROWS = 70_000
LARGE = {
    "ids of edges": ("edges", {"source": shared(ROWS), "target": shared(ROWS)}),
    "a class": ("labels", {"id": range(2 * ROWS), "label": shared(2 * ROWS)}),
    "a column of features": ("features", {"id": range(2 * ROWS), "c": shared(2 * ROWS)}),
    "kinds of vertices": (
        "set",
        {"edge_index": pa.array([[[0], [1]]]), "y": [1], "node_labels": many(ROWS)},
    ),
    "the rows of edges": ("edges", {"source": np.zeros(2**25, "i1"), "target": np.ones(2**25)}),
}


@pytest.mark.parametrize("name", LARGE)
def test_columns_that_are_small_in_their_file_alone(tmp_path, name):
    use, columns = LARGE[name]
    path = parquet(tmp_path / "t.parquet", columns, compression="zstd")
    with pytest.raises(InputError, match=r"would take over .* of a file of .*write it as text"):
        READ_BY[use](path)


def test_texts_that_rows_share_are_read_where_they_fit(tmp_path):
    classes = pa.DictionaryArray.from_arrays(np.arange(34, dtype="i4") % 2, pa.array(["u", LONG]))
    for kept in (classes, classes.dictionary_decode()):
        path = parquet(tmp_path / "t.parquet", {"id": IDS, "label": kept})
        with ParquetFile(Source(path)) as file:
            found = list(file.batches(["label"], 10, 40 * LONG.__sizeof__() // 2))
        assert [batch.num_rows for batch in found] == [10, 10, 10, 4]
        assert found[0].schema.field("label").type == kept.type
        assert found[0].column(0).to_pylist()[:2] == ["u", LONG]


def test_a_time_that_python_has_none_for(tmp_path):
    late = pa.array([2**31 - 1] * 34, pa.int32()).cast(pa.date32())
    path = parquet(tmp_path / "t.parquet", {"id": IDS, "label": late})
    with pytest.raises(InputError, match="damaged"):
        READ_BY["labels"](path)


def packed(start: bytes, part: bytes, count: int) -> bytes:
    with io.BytesIO() as file:
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1) as stream:
            stream.write(start)
            for _ in range(count):
                stream.write(part)
        return file.getvalue()


@pytest.mark.parametrize("use", ["edges", "features", "labels", "evaluate", "graphml", "stdin"])
def test_gzip_that_stands_for_far_more(tmp_path, tvgnn, use):
    start, part, name = b"", b"1 2\n" * 2**18, "t.csv.gz"
    if use == "graphml":
        start, part, name = b"<graphml><graph>", b"<desc/>" * 2**17, "t.graphml.gz"
    data = packed(start, part, 40)
    path = tmp_path / name
    path.write_bytes(data)
    said = "gzip's form would take over .* decompress it first"
    if use == "stdin":
        done = tvgnn("cluster", "-", "-k", 2, stdin=data)
        assert done.code == 3
        assert "decompress it first" in done.err
        return
    with pytest.raises(InputError, match=said):
        READ_BY["edges" if use == "graphml" else use](str(path))


def test_gzip_in_parts_is_one_text(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n") + gzip.compress(b"b,c\n") + bytes(10))
    assert read_graph(str(path)).num_edges == 2
    path.write_bytes(gzip.compress(b"a,b\n") + b"no more gzip")
    with pytest.raises(InputError, match="gzip data is truncated or damaged"):
        read_graph(str(path))


@pytest.mark.parametrize("use", ["edges", "features", "labels", "evaluate", "assignment", "set"])
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/full"])
def test_devices_have_no_end(use, device):
    if not Path(device).exists():
        pytest.skip("there is no such device")
    with pytest.raises(InputError, match=r"is a device|neither a file"):
        READ_BY[use](device)


class Endless(io.RawIOBase):
    """The same bytes again and again."""

    def __init__(self, data: bytes) -> None:
        self.data, self.given = data, 0

    def read(self, size: int = -1) -> bytes:
        self.given += size
        return (self.data * (size // len(self.data) + 1))[:size]


def test_streams_end_where_they_are_no_text_or_memory_ends(monkeypatch):
    monkeypatch.setattr(bounds, "available_memory_mb", lambda: 100.0)
    stream = Endless(b"\0")
    assert len(bounds.read_stream(stream, "it")) == stream.given == bounds.LOOKED_AT
    with pytest.raises(InputError, match=r"it: holds more than .* half of the free memory"):
        bounds.read_stream(Endless(b"1 2\n"), "it")


def test_text_is_not_held_twice_as_it_is_read(monkeypatch):
    monkeypatch.setattr(bounds, "BLOCK", 2**18)
    text = b"".join(b"%d %d\n" % (i, i * i % 7919) for i in range(500_000))
    packed = gzip.compress(text, 1)
    tracemalloc.start()
    try:
        assert bounds.read_stream(io.BytesIO(text), "it") == text
        read = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        assert bounds.unpack_gzip(packed, "it") == text
        unpacked = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert max(read, unpacked) < 1.2 * len(text) + 3 * bounds.BLOCK


@pytest.mark.parametrize("name", ["a\0b.csv", "\0", "x\ud800.csv", "there/\0/x.parquet"])
def test_names_that_no_file_can_have(name):
    for read in READ_BY.values():
        with pytest.raises(InputError) as refused:
            read(name)
        assert str(refused.value).isprintable()
    scored = evaluate(dict.fromkeys(read_graph("karate").ids, 0), graph="karate")
    with pytest.raises(TvgnnError) as refused:
        scored.write(name)
    assert refused.value.exit_code == 2


TEXT_OF_ARRAYS = {
    "features": {"features": np.ones((34, 2)), "ids": IDS},
    "labels": {"labels": IDS},
}


@pytest.mark.parametrize("use", TEXT_OF_ARRAYS)
@pytest.mark.parametrize("mark", [0x110000, 0xFFFFFFFF, 0xD800])
def test_texts_of_arrays_are_texts(tmp_path, use, mark):
    def spoilt(values):
        array = np.array(values)
        if array.dtype.kind == "U":
            array.view("u4")[1] = mark
        return array

    path = tmp_path / "t.npz"
    np.savez(path, **{name: spoilt(values) for name, values in TEXT_OF_ARRAYS[use].items()})
    with pytest.raises(InputError, match=r"is damaged .its texts hold numbers"):
        READ_BY[use](str(path))
    if use == "labels":
        np.save(tmp_path / "t.npy", spoilt(IDS))
        with pytest.raises(InputError, match="is damaged"):
            READ_BY[use](str(tmp_path / "t.npy"))


DIGITS = "9" * 5000
NUMBERS = {
    "t.metis": f"3 2\n2\n1 {DIGITS}\n2\n",
    "head.metis": f"{DIGITS} 2\n2\n1 3\n2\n",
    "t.net": f"*Vertices 3\n*Edges\n1 {DIGITS}\n",
    "head.net": f"*Vertices {DIGITS}\n*Edges\n1 2\n",
    "t.mtx": f"%%MatrixMarket matrix coordinate pattern general\n3 3 1\n1 {DIGITS}\n",
    "head.mtx": f"%%MatrixMarket matrix coordinate pattern general\n3 3 {DIGITS}\n1 2\n",
    "t.graphml": '<graphml><key id="w" for="edge" attr.name="w" attr.type="long"/><graph>'
    f'<edge source="a" target="b"><data key="w">{DIGITS}</data></edge></graph></graphml>',
    "t.gexf": f'<gexf><graph><edges><edge source="a" target="b" weight="{DIGITS}"/></edges>'
    "</graph></gexf>",
    "t.gml": f"graph [ edge [ source 1 target 2 value {DIGITS} ] ]",
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_of_thousands_of_digits(tmp_path, name):
    path = tmp_path / name
    path.write_text(NUMBERS[name])
    with pytest.raises(InputError) as refused:
        read_graph(str(path))
    assert len(str(refused.value)) <= errors.LONGEST


@pytest.mark.parametrize("end", [" ", "\t", "\r", ""])
@pytest.mark.parametrize("layout", ["array", "coordinate"])
def test_a_matrix_that_ends_with_a_blank(tmp_path, layout, end):
    values = {"array": "2 2\n0\n1\n1\n0", "coordinate": "2 2 1\n2 1 1"}
    path = tmp_path / "t.mtx"
    path.write_text(f"%%MatrixMarket matrix {layout} real general\n{values[layout]}{end}")
    assert read_graph(str(path)).num_edges == 1


def test_a_matrix_of_anndata_beyond_its_end(tmp_path):
    anndata = pytest.importorskip("anndata")
    data = anndata.AnnData(X=np.eye(4))
    data.obsp["connectivities"] = sp.csr_matrix(np.ones((4, 4)))
    data.write_h5ad(tmp_path / "t.h5ad")
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "t.h5ad", "r+") as file:
        file["obsp/connectivities/indices"][3] = 10**7
    with pytest.raises(InputError, match="not a valid CSR matrix: indices holds 10000000"):
        read_graph(str(tmp_path / "t.h5ad"))
