"""Changes of what lies inside of zip archives, arrays, Parquet and gzip files, which are then
packed as they should be: the reader gets past the wrapping.
"""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz.mutate import (
    NASTY_NUMBERS,
    Mutator,
    change_bytes,
    change_tree,
    change_words,
    dumped,
)


def inside_gzip(inner: Mutator) -> Mutator:
    """Change the text of a gzip file, whether or not it was one."""

    def mutate(data: bytes, random: Random) -> bytes:
        try:
            text = gzip.decompress(data)
        except Exception:
            text = data
        return gzip.compress(inner(text, random), compresslevel=1, mtime=0)

    return mutate


def change_zip(data: bytes, random: Random) -> bytes:
    """Change, drop, repeat or rename a member of an archive of arrays."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:
        return change_bytes(data, random)
    if not members:
        return change_bytes(data, random)
    at, kind = random.randrange(len(members)), random.randrange(10)
    name, value = members[at]
    if kind == 0:
        del members[at]
    elif kind == 1:
        members.append((random.choice(("x.npy", "y.npy", "a/b.npy", "../q.npy", name, "")), value))
    elif kind == 2:
        members[at] = (random.choice(("", "\0", name[:-4], f"{name}.npy", "x.npy", "y.npy")), value)
    elif kind == 3:
        members[at] = (name, random.choice(members)[1])
    else:
        members[at] = (name, change_npy(value, random))
    out = io.BytesIO()
    method = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(out, "w", method) as archive:
        for each, content in members:
            archive.writestr(each.partition("\0")[0] or "a", content)
    return out.getvalue()


def change_npy(data: bytes, random: Random) -> bytes:
    """Change an array's header, its type, its shape or its values."""
    kind = random.randrange(6)
    if kind == 0:
        return change_bytes(data, random)
    if kind == 1:
        return _change_npy_header(data, random)
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except Exception:
        return change_bytes(data, random)
    out = io.BytesIO()
    np.save(out, change_array(array, random), allow_pickle=False)
    return out.getvalue()


def _change_npy_header(data: bytes, random: Random) -> bytes:
    if data[:6] != b"\x93NUMPY" or len(data) < 12:
        return change_bytes(data, random)
    size = struct.unpack("<H", data[8:10])[0]
    text = change_words(data[10 : 10 + size].rstrip(), random)
    padding = b" " * (-(len(text) + 11) % 64) + b"\n"
    return (
        data[:8]
        + struct.pack("<H", min(len(text + padding), 65535))
        + text
        + padding
        + data[10 + size :]
    )


def change_array(array: np.ndarray, random: Random) -> np.ndarray:
    """An array of another type, shape or length, or with odd values."""
    if not array.ndim:
        return _retyped(array, random)
    changes = (_retyped, _reshaped, _cut, _repeated, with_odd_values, with_odd_values)
    return random.choice(changes)(array, random)


KINDS = (
    "<i8", "<i4", "<u8", "<f4", "<f8", "<f2", "<c8", "?", "<U3", "S2", "<M8[s]", "i1",
)  # fmt: skip


def _retyped(array: np.ndarray, random: Random) -> np.ndarray:
    wanted = random.choice(KINDS)
    try:
        with np.errstate(all="ignore"):
            return array.astype(wanted)
    except (ValueError, TypeError):
        return np.zeros(array.shape, wanted)


def _reshaped(array: np.ndarray, random: Random) -> np.ndarray:
    wanted = random.choice(((), (0,), (-1,), (1, -1), (-1, 1), array.shape[::-1], (0, 5), (5, 0)))
    try:
        return array.reshape(wanted)
    except ValueError:
        return np.zeros([abs(size) for size in wanted], array.dtype)


def _cut(array: np.ndarray, random: Random) -> np.ndarray:
    return array[: random.randrange(len(array) + 1)]


def _repeated(array: np.ndarray, random: Random) -> np.ndarray:
    return np.concatenate([array] * random.choice((2, 3)))


def with_odd_values(array: np.ndarray, random: Random) -> np.ndarray:
    array = array.copy()
    if not array.size:
        return array
    for _ in range(random.choice((1, 1, 5))):
        value: Any = random.choice((*NASTY_NUMBERS, float("nan"), float("inf"), -float("inf")))
        if array.dtype.kind in "iu":
            limits = np.iinfo(array.dtype)
            value = 0 if value != value else max(min(value, limits.max), limits.min)
            value = int(value) if abs(value) < 2**65 else limits.max
        elif array.dtype.kind not in "fcb":
            value = "x"
        with np.errstate(all="ignore"):
            try:
                array.flat[random.randrange(array.size)] = value
            except (ValueError, TypeError, OverflowError):
                continue
    return array


TYPES = (
    pa.int64(), pa.int8(), pa.uint64(), pa.float64(), pa.float32(), pa.string(), pa.large_string(),
    pa.binary(), pa.bool_(), pa.null(), pa.date32(), pa.timestamp("ns"), pa.duration("s"),
    pa.decimal128(38, 5), pa.list_(pa.int64()), pa.struct([("a", pa.int64())]),
    pa.dictionary(pa.int32(), pa.string()), pa.time64("us"), pa.list_(pa.float32(), 2),
)  # fmt: skip


def change_parquet(data: bytes, random: Random) -> bytes:
    """Change a column, the names, the metadata of a table, or bytes of its pages and footer."""
    if random.randrange(4) == 0:
        return _change_footer(data, random)
    try:
        table = pq.read_table(io.BytesIO(data))
        table.validate(full=True)  # pyarrow reads damaged pages, and dies as it writes them
        table = _change_table(table, random)
        out = io.BytesIO()
        pq.write_table(
            table, out, compression=random.choice(("none", "snappy", "gzip", "zstd")),
            row_group_size=random.choice((1, 3, 1000)), use_dictionary=random.random() < 0.5,
        )  # fmt: skip
    except Exception:
        return change_bytes(data, random)
    return out.getvalue()


def _change_footer(data: bytes, random: Random) -> bytes:
    if len(data) < 12:
        return change_bytes(data, random)
    size = min(struct.unpack("<I", data[-8:-4])[0], len(data) - 8)
    start = len(data) - 8 - size
    footer = change_bytes(data[start:-8], random)
    return data[:start] + footer + struct.pack("<I", len(footer)) + data[-4:]


NAMES = ("", "id", "cluster", "label", "\x1b[1m", "a\nb", "x" * 5000, "\0")
"""Names that a column gets."""

METADATA = (b"", b"{", b"[]", b"1", b"null", b"{}", b"\xff", b"[" * 5000)
"""Metadata that pandas never wrote."""


def _change_table(table: pa.Table, random: Random) -> pa.Table:
    if not table.num_columns:
        return table
    at = random.randrange(table.num_columns)
    changes = (
        _without_column, _renamed, _of_another_type, _with_other_values, _shorter, _longer,
        _with_metadata, _with_metadata, _with_a_column,
    )  # fmt: skip
    return random.choice(changes)(table, at, random)


def _without_column(table: pa.Table, at: int, _: Random) -> pa.Table:
    return table.remove_column(at)


def _renamed(table: pa.Table, at: int, random: Random) -> pa.Table:
    names = list(table.column_names)
    names[at] = random.choice((names[0], *NAMES))
    return table.rename_columns(names)


def _of_another_type(table: pa.Table, at: int, random: Random) -> pa.Table:
    wanted = random.choice(TYPES)
    try:
        column = table.column(at).cast(wanted, safe=False)
    except pa.ArrowException:
        column = pa.nulls(table.num_rows, wanted)
    return table.set_column(at, table.column_names[at], column)


def _with_other_values(table: pa.Table, at: int, random: Random) -> pa.Table:
    values = table.column(at).to_pylist()
    for _ in range(random.choice((1, 3)) if values else 0):
        values[random.randrange(len(values))] = random.choice((None, *values))
    kind = table.schema.field(at).type
    return table.set_column(at, table.column_names[at], pa.array(values, kind))


def _shorter(table: pa.Table, _: int, random: Random) -> pa.Table:
    return table.slice(0, random.randrange(table.num_rows + 1))


def _longer(table: pa.Table, _: int, random: Random) -> pa.Table:
    return pa.concat_tables([table] * random.choice((2, 3)))


def _with_metadata(table: pa.Table, _: int, random: Random) -> pa.Table:
    known = (table.schema.metadata or {}).get(b"pandas")
    odd = random.choice(METADATA)
    if known and random.random() < 0.7:
        odd = dumped(change_tree(json.loads(known), random))
    return table.replace_schema_metadata({b"pandas": odd})


def _with_a_column(table: pa.Table, at: int, random: Random) -> pa.Table:
    values = [random.choice((float("nan"), 1e300, -1.0, None)) for _ in range(table.num_rows)]
    name = random.choice(("weight", "f", "label", table.column_names[at]))
    return table.append_column(name, pa.array(values, pa.float64()))
