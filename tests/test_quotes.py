"""Quotes around cells: those that end on another line, or not where they should."""

from __future__ import annotations

import pytest

from tests.test_foreign_edges import PAIRS, PLAIN, lines, said
from tests.test_readers import edges_of, write
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.read import read_graph


@pytest.mark.parametrize("mark", [",", "\t", ";"])
@pytest.mark.parametrize("count", [0, 300])
@pytest.mark.parametrize("weight", ["", "1.5"])
def test_a_quote_that_ends_within_another_cell_is_refused(tmp_path, mark, count, weight):
    """`"a,b` and a later `"c,d`: the edges between them would be in one id."""
    rows = [f"u{i},v{i}" for i in range(count)]
    rows += ['"ann,bob', "bob,cy", '"cy,dan', "dan,eve", "eve,ann"]
    text = "".join(f"{row},{weight}\n" if weight else f"{row}\n" for row in rows)
    with pytest.raises(
        InputError, match=f"line {count + 1}: a quote ends 2 lines below, within a cell"
    ):
        read_graph(write(tmp_path, "g.csv", text.replace(",", mark)))


def test_ids_over_several_lines_are_said(tmp_path):
    graph = read_graph(write(tmp_path, "g.csv", lines('"{a}\nx","{b}\nx"')))
    assert "ids over several lines: 5, such as 'ann\\nx'" in said(graph)


@pytest.mark.parametrize("row", ['"{a}" x,{b}', '{a},"{b}" (dept)'])
def test_text_behind_a_quote_on_one_line_stays(tmp_path, row):
    graph = read_graph(write(tmp_path, "g.csv", lines(row)))
    assert len(edges_of(graph)) == len(PAIRS)


def test_quotes_within_cells_are_text(tmp_path):
    assert edges_of(read_graph(write(tmp_path, "g.csv", lines('{a} 5",{b} 5"')))) == {
        frozenset(f'{name} 5"' for name in pair): 1.0 for pair in PLAIN
    }
