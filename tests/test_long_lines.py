"""Readers of text take time that grows with its length, whatever mark it repeats."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest

from tvgnn_cli.errors import TvgnnError
from tvgnn_cli.io.read import read_graph

N = 40_000
"""Characters of a line: a pattern that goes over them once for each takes tens of seconds."""

PLAIN = "a b\nb c\nc d\n{}\nd a\n"
FORMS = {
    ".txt": PLAIN,
    ".csv": "source,target,w\na,b,1\n{}\nc,d,3\n",
    ".mtx": "%%MatrixMarket matrix coordinate real general\n4 4 2\n1 2 1\n{}\n2 3 1\n",
    ".net": '*Vertices 2\n1 "a"\n2 "b"\n*Edges\n1 2\n{}\n',
    ".gml": "graph [\nnode [ id 0 ]\nnode [ id 1 ]\n{}\nedge [ source 0 target 1 ]\n]\n",
    ".graph": "4 3\n2\n1 3\n{}\n2 4\n3\n",
    ".sif": "a pp b\n{}\nb pp c\n",
    ".graphml": '<graphml><graph><node id="a"/>{}<edge source="a" target="a"/></graph></graphml>',
}
MARKS = (" ", "\t", "(", "[", "{", '"', "'", "0", ",", ";", "#", "-", ".", "<", "&", ":", "=", "é")
STARTS = ("", "a", "a b ", "a b # ", "a b {")


@pytest.mark.parametrize("suffix", FORMS)
def test_a_long_line_of_one_mark_is_read_or_refused_at_once(tmp_path, suffix):
    path, slow = tmp_path / f"g{suffix}", []
    for mark in MARKS:
        for start in STARTS:
            long = f"{start}{mark * N}x"
            for text in (FORMS[suffix].format(long), f"{long}\n{FORMS[suffix].format('')}"):
                path.write_text(text, encoding="utf-8")
                begun = time.process_time()
                with suppress(TvgnnError):
                    read_graph(path)
                if time.process_time() - begun > 2:
                    slow.append(text[:20])
    assert slow == []
