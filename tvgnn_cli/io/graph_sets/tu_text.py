"""Text of a TU data set: a line for each edge, vertex or graph, numbers parted by commas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tvgnn_cli.errors import InputError, shown
from tvgnn_cli.io.source import as_utf8, is_number, open_file

BLOCK = 2**22
"""Bytes that the parser takes at a time."""

WHOLE, NUMBER, TEXT = "a whole number", "a number", "text"
"""Kinds of cells."""


@dataclass(frozen=True)
class Lines:
    """One file of a TU data set.

    Args:
        path: of the file.
    """

    path: Path

    def where(self, row: int) -> str:
        """The place of a row, by its position among the lines that are not blank."""
        with self._open() as handle:
            numbers = (number for number, line in enumerate(handle, 1) if line.strip())
            line = next((number for i, number in enumerate(numbers) if i == row), row + 1)
        return f"{self.path}: line {line}"

    def is_blank(self) -> bool:
        """Tell whether there is nothing in it."""
        with self._open() as handle:
            return not any(line.strip() for line in handle)

    def width(self) -> int:
        """Cells of the first line."""
        with self._open() as handle:
            first = next((line for line in handle if line.strip()), b"")
        return as_utf8(first, str(self.path)).count(b",") + 1

    def columns(self, kind: str, width: int | None = None) -> list[np.ndarray]:
        """The cells by column: int32 or int64, float64, or text as an object array, each `[rows]`.

        Args:
            kind: `WHOLE`, `NUMBER` or `TEXT`.
            width: cells of a line; None for as many as the first has.

        Raises:
            InputError: the first line with other cells.
        """
        import pyarrow as pa
        import pyarrow.csv as pcsv

        of_kind = {WHOLE: pa.int64(), NUMBER: pa.float64(), TEXT: pa.string()}[kind]
        names = [str(i) for i in range(width or self.width())]
        if self.is_blank():
            return [np.zeros(0, dtype=of_kind.to_pandas_dtype()) for _ in names]
        parts: list[list[np.ndarray]] = [[] for _ in names]
        try:
            with pcsv.open_csv(
                self.path,
                read_options=pcsv.ReadOptions(column_names=names, block_size=BLOCK),
                parse_options=pcsv.ParseOptions(quote_char=False),
                convert_options=pcsv.ConvertOptions(
                    column_types=dict.fromkeys(names, of_kind),
                    null_values=[],
                    strings_can_be_null=False,
                ),
            ) as reader:
                for batch in reader:
                    for found, column in zip(parts, batch.columns, strict=True):
                        found.append(_small(column.to_numpy(zero_copy_only=False)))
        except (pa.ArrowInvalid, OSError) as error:
            raise self._fault(len(names), kind, error) from None
        return [_without_quotes(np.concatenate(found)) for found in parts]

    def _open(self) -> Any:
        return open_file(self.path, str(self.path))

    def _fault(self, width: int, kind: str, error: Exception) -> InputError:
        """The first line with a cell that is not of the kind, or with another number of cells."""
        with self._open() as handle:
            for number, line in enumerate(handle, 1):
                if not line.strip():
                    continue
                cells = [cell.strip() for cell in line.decode(errors="replace").split(",")]
                where = f"{self.path}: line {number}"
                if len(cells) != width:
                    return InputError(
                        f"{where}: {len(cells)} values, not {width}; commas part them"
                    )
                bad = [cell for cell in cells if not _is(cell, kind)]
                if bad:
                    return InputError(f"{where}: {shown(bad[0])} is not {kind}")
        return InputError(f"{self.path}: cannot be read ({str(error).splitlines()[0][:80]})")


def _without_quotes(cells: np.ndarray) -> np.ndarray:
    """Texts without the quotes that R puts around all of them; others, and numbers, as they are."""
    if cells.dtype != object or not len(cells):
        return cells
    texts = [str(cell).strip() for cell in cells]
    if not all(len(text) > 1 and text[0] == text[-1] == '"' for text in texts):
        return cells
    return np.array([text[1:-1] for text in texts], dtype=object)


def _is(cell: str, kind: str) -> bool:
    if kind == WHOLE:
        digits = cell.removeprefix("-")
        return digits.isascii() and digits.isdecimal() and len(digits) < 19
    return kind == TEXT or is_number(cell)


def _small(values: np.ndarray) -> np.ndarray:
    """The same values, as int32 where they fit: a file of edges is held in half of the memory."""
    if values.dtype.kind != "i" or not len(values):
        return values
    fits = values.min() >= -(2**31) and values.max() < 2**31
    return values.astype(np.int32) if fits else values
