"""Names of files, whatever they are: asked for in one place, and refused by a line."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tvgnn_cli import (
    Checkpointing,
    cluster,
    evaluate,
    load_classifier,
    load_model,
    merge,
    read_graph,
    read_graph_set,
)
from tvgnn_cli.config import read_config
from tvgnn_cli.errors import InputError, TvgnnError, UsageError
from tvgnn_cli.io import places
from tvgnn_cli.io.atomic import write_atomically
from tvgnn_cli.io.writers import check_target, make_folder

GRAPH = "a,b\nb,c\nc,a\nc,d\n"

ODD = {
    "too long": ("g" * 300 + ".csv", "File name too long"),
    "in a folder too long": ("f" * 300 + "/g.csv", "File name too long"),
    "of too many folders": ("f/" * 3000 + "g.csv", "File name too long"),
    "with a byte 0": ("g\0.csv", "a byte 0"),
    "that is no text": ("g\ud800.csv", "cannot encode"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("g.csv").write_text(GRAPH)
    return tmp_path


@pytest.mark.parametrize("case", ODD)
def test_nothing_is_there_under_a_name_that_none_can_have(case):
    name, reason = ODD[case]
    assert reason in places.fault_of_name(name)
    asked = (places.is_there, places.is_file, places.is_folder, places.is_special, places.state_of)
    assert not any(ask(name) for ask in asked)
    assert places.found_in(Path(name), "*") == []
    assert places.identity(name) == places.identity(name) != places.identity("g.csv")


READERS = {
    "graph": read_graph,
    "features": lambda name: read_graph("g.csv", features=name),
    "labels": lambda name: read_graph("g.csv", labels=name),
    "clusters": lambda name: evaluate(name, graph="g.csv"),
    "graph of clusters": lambda name: evaluate("g.csv", graph=name),
    "model": load_model,
    "classifier": load_classifier,
    "shards": merge,
    "settings": lambda name: read_config(Path(name)),
    "graph set": read_graph_set,
}
WRITERS = {
    "target": lambda name: check_target("-o", name, (), ()),
    "file": lambda name: write_atomically(Path(name), b"x"),
    "folder": lambda name: make_folder("--checkpoint", Path(name)),
    "states": lambda name: cluster("g.csv", 2, checkpointing=Checkpointing(Path(name))),
}


@pytest.mark.parametrize("case", ODD)
@pytest.mark.parametrize("what", READERS)
def test_readers_refuse_it_by_a_line(case, what):
    with pytest.raises(TvgnnError) as refused:
        READERS[what](ODD[case][0])
    assert str(refused.value).isprintable()
    assert isinstance(refused.value, UsageError if what == "settings" else InputError)


@pytest.mark.parametrize("case", ODD)
@pytest.mark.parametrize("what", WRITERS)
def test_writers_refuse_it_by_a_line(folder, case, what):
    with pytest.raises(UsageError, match=ODD[case][1]) as refused:
        WRITERS[what](ODD[case][0])
    assert str(refused.value).isprintable()
    assert [path.name for path in folder.iterdir()] == ["g.csv"]


def test_a_folder_that_cannot_be_seen_into_is_no_traceback(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    for ask in ("stat", "lstat", "open"):
        monkeypatch.setattr(Path, ask, refuse)
    with pytest.raises(InputError, match=r"g\.csv: cannot be read: Permission denied"):
        read_graph("g.csv")


def test_links_that_go_round_are_refused():
    Path("round.csv").symlink_to("other.csv")
    Path("other.csv").symlink_to("round.csv")
    for write in (WRITERS["target"], WRITERS["file"]):
        with pytest.raises(UsageError, match="cannot be written: Too many levels"):
            write("round.csv")
    with pytest.raises(InputError, match="cannot be read: Too many levels"):
        read_graph("round.csv")
    assert Path("round.csv").is_symlink()


def test_a_target_is_refused_before_the_work_where_its_temporary_file_would_have_no_name(tvgnn):
    done = tvgnn("cluster", "g.csv", "-k", 2, "--epochs", 10**6, "-o", "c" * 235 + ".csv")
    assert (done.code, "File name too long" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("g" * 300 + ",b.csv", ["line 3", "File name too long", "correct it"]),
        ("g.csv," + "o" * 300 + ".csv", ["line 3: writes", "File name too long", "'output'"]),
        ("g" * 250 + ",", ["line 3: writes", ".clusters.csv", "File name too long"]),
    ],
)
def test_a_manifest_of_such_names_is_refused_by_its_line(tvgnn, row, words):
    Path("jobs.csv").write_text(f"graph,output\ng.csv,a.csv\n{row}\n")
    done = tvgnn("batch", "jobs.csv", "-q")
    assert (done.code, done.err.count("\n")) == (3, 1)
    assert all(word in done.err for word in words), done.err


ASKS = {"exists", "is_file", "is_dir", "samefile", "is_mount", "is_fifo", "resolve"}


def test_the_file_system_is_asked_of_names_in_one_place():
    own = {ROOT / "tvgnn_cli" / "io" / "places.py", *(ROOT / "tvgnn_cli" / "machine").iterdir()}
    asked = [
        f"{path.name}:{node.lineno}: .{node.attr}"
        for path in sorted((ROOT / "tvgnn_cli").rglob("*.py"))
        if path not in own
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ASKS
    ]
    assert not asked
