"""Files of settings, manifests and settings from Python that nobody should have written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import SAMPLES
from tvgnn_cli import ClusterConfig, cluster, make_config
from tvgnn_cli.cli.batch import cluster_options
from tvgnn_cli.config.setting import read_config
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.jobs.collisions import refuse_collisions
from tvgnn_cli.jobs.manifest import Job, read_manifest

KARATE = str(SAMPLES / "karate.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"epochs = " + b"9" * 5000, "not TOML"),
        (b"x = " + b"[" * 3000 + b"]" * 3000, "too deep"),
        (b"epochs = 0x" + b"f" * 5000, "not of type int|needs to be"),
        (b"lr = 1" + b"0" * 400, "'lr'.*not of type float"),
        (b"lr = nan", "`lr` is nan"),
        (b"lr = -inf", "`lr` is -inf"),
        (b"epochs = 1e2", "not of type int"),
        (b"epochs = true", "not of type int"),
        (b"epochs = 1979-05-27", "not of type int"),
        (b"epochs = [1]", "not of type int"),
        (b"method = []", "`method`"),
        (b"preset = {a = 1}", "`preset`"),
        (b"\xff = 1", "line 1: is not UTF-8"),
        (b"epochs = 1\nepochs = 2", "not TOML"),
        (b"a = 1\n" * 200_000, "is larger than"),
        (b"epochs = 1\0", "not TOML"),
        (b"'a\\nb' = 1", "unknown setting"),
    ],
)
def test_a_file_of_settings_is_refused_by_a_line(tmp_path, text, said):
    path = tmp_path / "s.toml"
    path.write_bytes(text)
    with pytest.raises(UsageError, match=said):
        make_config({}, read_config(path))


@pytest.mark.parametrize("name", ["a\0b.toml", "", "n" * 300, "/dev/zero"])
def test_a_name_that_no_file_of_settings_has(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="`config`"):
        read_config(Path(name))


@pytest.mark.parametrize(
    "k",
    [2.5, "x", 3.0, True, [3], -1, float("nan"), np.float32(3), pytest.param(10**5000, id="big")],
)
def test_a_number_of_clusters_that_is_none(k):
    with pytest.raises(UsageError, match="num_clusters"):
        cluster("karate", k)
    with pytest.raises(UsageError, match="num_clusters"):
        ClusterConfig(num_clusters=k)


def test_numbers_of_numpy_are_numbers():
    given = {"num_clusters": np.int64(3), "lr": np.float32(0.5), "degree_weighted": np.bool_(True)}
    plain = {"num_clusters": 3, "lr": 0.5, "degree_weighted": True}
    assert ClusterConfig(**given).fingerprint() == ClusterConfig(**plain).fingerprint()
    assert make_config(given) == make_config(plain)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("graph,k\n" + "a" * 200_000 + ",2\n", "line 2: field larger than"),
        ('graph,k\n"a,2\nb,3\n', "line 2"),
        ('graph,k\n"a"b,2\n', "line 2"),
        ("graph,k\na\0b,2\n", "line 2: a cell"),
        ("graph,k\n\x1b[31ma,2\n", "line 2: a cell"),
        ('graph,k\n"a\nb",2\n', "line 2: a cell"),
        ("graph,graph\na,b\n", "'graph' and 'graph' say the same"),
        ("graph,k,num-clusters\na,2,3\n", "'k' and 'num-clusters' say the same"),
        ("graph,output,o\na,b.csv,c.csv\n", "'output' and 'o' say the same"),
        ("graph,,k\na,b,2\n", "no option"),
        ("graph,quiet\na,true\n", "no option --quiet"),
        ("graph\n-\n", "no standard input"),
        ("graph,k\n", "names no graph"),
        ("", "needs a column named 'graph'"),
    ],
)
def test_a_manifest_is_refused_by_a_line(tmp_path, text, said):
    path = tmp_path / "m.csv"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(InputError, match=said):
        read_manifest(path, cluster_options())


def test_lines_are_those_of_the_file(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("graph\r\na\u2028b\r\n\r\nc\r\n", encoding="utf-8", newline="")
    jobs = read_manifest(path, cluster_options())
    assert [(job.row, job.graph) for job in jobs] == [(2, "a\u2028b"), (4, "c")]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Files of two rows, `sub` beside them, and links to both."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    for name in ("a.csv", "b.csv", "x.npy", "m.csv", "old.csv"):
        (tmp_path / name).write_text("1,2\n")
    (tmp_path / "link.csv").symlink_to("b.csv")
    (tmp_path / "way").symlink_to("sub")
    (tmp_path / "hard.csv").hardlink_to("b.csv")
    return tmp_path


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("b.csv", "out.csv", "line 2: writes b.csv, which line 3 reads"),
        ("sub/../b.csv", "out.csv", "which line 3 reads"),
        ("link.csv", "out.csv", "which line 3 reads"),
        ("hard.csv", "out.csv", "which line 3 reads"),
        ("x.npy", "out.csv", "which line 3 reads"),
        ("out.csv", "a.csv", "line 3: writes a.csv, which line 2 reads"),
        ("a.csv", "out.csv", "line 2: writes a.csv, which line 2 reads"),
        ("m.csv", "out.csv", "it is this manifest"),
        ("way/../m.csv", "out.csv", "it is this manifest"),
        ("new.csv", "sub/../new.csv", "line 3: writes sub/../new.csv, as line 2 does"),
        ("way/new.csv", "sub/new.csv", "as line 2 does"),
        ("old.csv", "./old.csv", "as line 2 does"),
        ("all.csv", "out.csv", "the batch writes its outcomes there"),
        ("sub/kept/row.csv", "out.csv", "where the batch keeps its own"),
        ("new.csv", "other.csv", None),
        ("/dev/null", "/dev/null", None),
    ],
)
def test_what_rows_write_meets_nothing_that_they_or_others_need(folder, first, second, said):
    (folder / "sub/kept").mkdir()
    rows = [
        Job(2, "a.csv", ("-k", "2"), (first,)),
        Job(3, "b.csv", ("--features", "x.npy"), (second,)),
        Job(4, "karate", (), ("karate",)),
    ]
    path, kept = folder / "m.csv", folder / "way/kept"
    if said is None:
        refuse_collisions(path, rows, ["all.csv"], kept)
        return
    with pytest.raises(InputError, match=said):
        refuse_collisions(path, rows, ["all.csv"], kept)


def test_a_graph_may_begin_with_a_dash(tvgnn, tmp_path):
    for name in ("-g.csv", "--help"):
        (tmp_path / name).write_text("a,b\nb,c\nc,a\nc,d\nd,e\ne,f\nf,d\n")
    (tmp_path / "m.csv").write_text(
        "graph,k,epochs,output\n-g.csv,2,2,-one.csv\n--help,2,2,two.csv\n"
    )
    done = tvgnn("batch", "m.csv", "-q")
    assert done.code == 0, done.err
    assert (tmp_path / "-one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
