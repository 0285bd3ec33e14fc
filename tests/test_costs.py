"""Reading takes time in proportion to what is read: one loop in another takes minutes here."""

from __future__ import annotations

import time
from contextlib import suppress

import numpy as np
import pytest

from tvgnn_cli.errors import InputError
from tvgnn_cli.graph.property_graph import column_of
from tvgnn_cli.io.attribute_choice import choose_features
from tvgnn_cli.io.attribute_names import split_names
from tvgnn_cli.io.cells import records
from tvgnn_cli.io.classes import classes_of
from tvgnn_cli.io.content import form_of, refuse_told
from tvgnn_cli.io.first_look import look
from tvgnn_cli.io.names import end_pairs, twice
from tvgnn_cli.io.read import read_graph

MANY = [f"v{i}" for i in range(30_000)]


def features_of_a_model():
    colours = [f"c{i % 1000}" for i in range(25_000)]
    known = [f"colour={i}" for i in sorted(set(colours))]
    chosen = choose_features({"colour": column_of(colours)}, known, np.array(colours), "x")
    assert chosen.x.sum() == 25_000


def unended_quote():
    text = b'"open,b\n' + b"a,b\n" * 100_000
    assert len(list(records(text, ",", 0))) == 1


def column_with_gaps():
    (cells,) = look(b"a,b,\n" + b"1,2,x\n3,4,\n" * 500_000, "x").columns([2])
    assert len(cells) == 1_000_000


def told_by_first_bytes():
    """Tell forms by comments and prologues, which no pattern may try twice."""
    for line in (b"# a comment\n", b"  # x\n\n", b"// a\n", b"/* a */\n", b"%\n", b"<!-- a -->\n",
                 b"<?a?>", b"<!DOCTYPE a []>", b"[ ] "):  # fmt: skip
        for before in (b"", b"<!DOCTYPE "):
            data = before + line * 400 + b"1 2\n2 3\n"
            assert form_of(data) is None
            with suppress(InputError):
                refuse_told(data, "x")


@pytest.mark.parametrize(
    "work",
    [
        lambda: end_pairs(MANY),
        lambda: twice(MANY),
        lambda: split_names(",".join(MANY), dict.fromkeys(MANY)),
        lambda: classes_of(MANY),
        features_of_a_model,
        unended_quote,
        column_with_gaps,
        told_by_first_bytes,
    ],
    ids=["ends", "names", "asked", "classes", "categories", "quote", "gaps", "comments"],
)
def test_work_grows_with_what_is_read(work):
    start = time.process_time()
    work()
    assert time.process_time() - start < 2


def test_a_marked_row_among_many_edges(tmp_path):
    rows = [f"{100_000 + 7 * i % 90_000} {100_000 + 11 * i % 90_000}\n" for i in range(100_000)]
    (tmp_path / "g.txt").write_text("".join([*rows[:50_000], "#1 2\n", *rows[50_000:]]))
    start = time.process_time()
    assert read_graph(tmp_path / "g.txt").num_edges > 80_000
    assert time.process_time() - start < 4
