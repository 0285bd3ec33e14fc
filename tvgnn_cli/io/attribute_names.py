"""Names of attributes, as a user gives several in one text."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence

from tvgnn_cli.io.names import fold


def split_names(asked: str, columns: Collection[str]) -> list[str]:
    """Names at the commas. A name that holds commas is found where it is one of the columns', or is
    quoted.
    """
    found: list[str] = []
    parts = [part.strip() for part in next(csv.reader([asked], skipinitialspace=True), [])]
    most = 1 + max((name.count(",") for name in columns), default=0)
    while parts:
        longest = next(
            (n for n in range(min(most, len(parts)), 0, -1) if ",".join(parts[:n]) in columns
             or ", ".join(parts[:n]) in columns), 1,
        )  # fmt: skip
        joined = ",".join(parts[:longest])
        found.append(joined if joined in columns else ", ".join(parts[:longest]))
        del parts[:longest]
    return [name for name in found if name]


def quoted(names: Sequence[str]) -> str:
    """Names as `split_names` takes them."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="").writerow(names)
    return text.getvalue()


def named_alike(name: str | None, columns: Collection[str]) -> list[str]:
    """Find the columns of a name, as `find_named` compares it."""
    if name is None or name in columns:
        return [] if name is None else [name]
    return [each for each in columns if fold(each) == fold(name) and fold(name)]
