"""Messages: one line, not too long, without what a terminal would obey."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tvgnn_cli import errors
from tvgnn_cli.errors import InputError, counted, one_line, shown

BIDI, ANSI = "\u202egnp.exe", "\x1b[31mred\x1b[0m\n\r\x07"


@pytest.mark.parametrize("mark", [BIDI, ANSI, "a\u2028b", "\udcff"])
def test_a_message_shows_no_mark_that_a_terminal_obeys(mark):
    said = str(InputError(f"file.csv: line 3: '{mark}' is no id; name another"))
    assert said.isprintable()
    assert said.endswith("is no id; name another")
    assert shown(mark).isprintable()


LENGTHS = {
    "a word": f"{'x' * 10**6} is no number",
    "words": f"'{'ab ' * 10**5}' is no number",
    "many words": ", ".join(f"'{'y' * 90}{i}'" for i in range(50)),
    "a list": ", ".join(f"name {i}" for i in range(500)),
}


@pytest.mark.parametrize("name", LENGTHS)
def test_a_message_is_cut_between_its_place_and_its_remedy(name):
    said = str(InputError(f"file.csv: line 3: {LENGTHS[name]}; write it anew"))
    assert len(said) <= errors.LONGEST
    assert said.startswith("file.csv: line 3: ")
    assert said.endswith("; write it anew")
    assert one_line(said) == said


def test_names_and_cells_of_a_file_are_escaped_on_the_terminal(tvgnn, tmp_path):
    (tmp_path / "g.csv").write_text(f'"{BIDI}",b\nb,"{ANSI[:8]}"\n')
    done = tvgnn("cluster", "g.csv", "-k", 99)
    assert done.code == 2
    (tmp_path / f"{BIDI}.csv").write_text("a,b\nb,c,d\n")
    refused = tvgnn("cluster", f"{BIDI}.csv", "-k", 2)
    assert refused.code == 3
    np.savez(tmp_path / "g.npz", edge_index=np.array([[0, 1], [1, 2]]), **{ANSI: np.ones(1)})
    noted = tvgnn("cluster", "g.npz", "-k", 2, "--epochs", 1, "-o", "o.csv")
    assert noted.code == 0
    assert "\\x1b[31mred" in noted.err
    for said in (done.err, refused.err, noted.err):
        assert all(line.isprintable() and len(line) < 300 for line in said.splitlines())


@pytest.mark.parametrize("device", ["cpu", "torch"])
def test_memory_that_is_not_there_is_a_line(tvgnn, monkeypatch, device):
    def refuse(*_, **__):
        if device == "cpu":
            raise MemoryError("Unable to allocate 14.6 TiB for an array\nof a shape")
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9")

    monkeypatch.setattr("tvgnn_cli.io.read.read_graph", refuse)
    monkeypatch.setattr("tvgnn_cli.api.read_graph", refuse, raising=False)
    done = tvgnn("check", "karate")
    assert done.code == 4
    assert done.err.startswith("tvgnn: out of memory (")
    assert done.err.count("\n") == 1


def test_what_is_counted_is_in_its_number():
    told = [counted(*each) for each in ((0, "edge"), (1, "vertex"), (1234, "vertex"), (2, "class"))]
    assert told == ["0 edges", "1 vertex", "1,234 vertices", "2 classes"]


def test_a_single_edge_is_told_as_such(tvgnn, tmp_path):
    (tmp_path / "one.csv").write_text("a,b\n")
    done = tvgnn("cluster", "one.csv", "--method", "louvain")
    assert done.code == 0, done.err
    assert "2 vertices, 1 edge\n" in re.sub(" *\n", "\n", done.err)
