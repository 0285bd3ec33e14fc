"""The command line on good input."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.conftest import ROOT, SAMPLES
from tvgnn_cli import embed, load_model, read_graph
from tvgnn_cli.config import FIELDS, SETTINGS, ClusterConfig, dump_config, make_config
from tvgnn_cli.evaluation.metric_table import VOLATILE
from tvgnn_cli.io.embedding_file import EMBEDDING_SUFFIXES
from tvgnn_cli.run.result import provenance_of

FAST = ("--epochs", 3, "--hidden", 8, "--threads", 1)
KARATE = SAMPLES / "karate.csv"


def test_help_is_quick_and_imports_neither_torch_nor_pandas():
    for arguments in (["--help"], ["cluster", "--help-all"]):
        code = (
            "import sys; from tvgnn_cli.cli.main import run; sys.argv = ['tvgnn', *sys.argv[1:]]\n"
            "try: run()\n"
            "except SystemExit: pass\n"
            "heavy = {'torch', 'pandas', 'scipy', 'sklearn', 'networkx'} & set(sys.modules)\n"
            "assert not heavy, heavy"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert "Usage: tvgnn" in done.stdout


WRONG = {
    "--epoch 3": "no such option: --epoch (Possible options: --epochs, --eps, --report); "
    "see tvgnn cluster --help",
    "--view foo": "--view: 'foo' is not one of 'auto', 'both', 'joint', 'features', 'edges'; "
    "see tvgnn cluster --help",
    "--delta x": "--delta: Input should be a valid number",
    "other": "got unexpected extra argument(s) (other); see tvgnn cluster --help",
    "-k": "option '-k' requires an argument; see tvgnn --help",
}


@pytest.mark.parametrize("added", WRONG)
def test_wrong_usage_is_one_line(tvgnn, added):
    done = tvgnn("cluster", "karate", *added.split())
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(f"tvgnn: {WRONG[added]}")


def test_a_command_that_is_none_or_lacks_something_is_one_line(tvgnn):
    said = {
        "clustr karate": "no such command 'clustr'. Did you mean 'cluster'?",
        "levels karate": "missing argument 'CLUSTERS'; see tvgnn levels --help",
    }
    for line, text in said.items():
        done = tvgnn(*line.split())
        assert (done.code, done.out, done.err) == (2, "", f"tvgnn: {text}\n")
    for words in ([], ["plot"]):
        done = tvgnn(*words)
        assert (done.code, done.err) == (2, "")
        assert done.out.startswith(" ".join(["Usage: tvgnn", *words]))


def imported_by(*arguments, cwd):
    """Names of the modules that are there when a command has ended well, and what the OpenMP
    library said of its environment.
    """
    code = (
        "import sys; from tvgnn_cli.cli.main import run; sys.argv = ['tvgnn', *sys.argv[1:]]\n"
        "try: run()\n"
        "except SystemExit as stop: assert not stop.code\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_DISPLAY_ENV": "VERBOSE"},
        cwd=cwd,
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stderr.splitlines()[-1].split()), done.stderr


def test_an_edge_list_is_clustered_without_the_libraries_that_it_does_not_need(tmp_path):
    found, told = imported_by("cluster", KARATE, "-k", 2, "-q", *FAST, cwd=tmp_path)
    assert "torch" in found
    assert not found & {
        "torch._dynamo",
        "torch_geometric",
        "sklearn",
        "sympy",
        "networkx",
        "pandas",
    }
    assert not found & {"matplotlib", "scipy.stats"}
    # It was set before the library was loaded.
    assert "GOMP_SPINCOUNT = '300'" in told or "GOMP_SPINCOUNT" not in told


def test_a_graph_is_checked_without_torch(tmp_path):
    found, _ = imported_by("check", SAMPLES / "planted.graphml", cwd=tmp_path)
    assert "tvgnn_cli.run.inspection" in found
    assert not found & {"torch", "sklearn", "networkx", "pandas", "scipy.stats"}


def test_memory_is_estimated_within_a_quarter_of_the_peak(tmp_path):
    tail, head = np.random.default_rng(0).integers(0, 4000, (2, 12000))
    np.savetxt(tmp_path / "g.txt", np.stack([tail, head], axis=1), "%d")
    arguments = ["cluster", "g.txt", "-k", "5", "-q", "--epochs", "8", "--metrics", "m.json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tvgnn_cli", *arguments]
    subprocess.run(command, env=environment, cwd=tmp_path, check=True)
    metrics = json.loads((tmp_path / "m.json").read_text())
    assert metrics["memory_estimate_mb"] == pytest.approx(metrics["peak_memory_mb"], rel=0.25)


def test_help_teaches(tvgnn):
    text = tvgnn("cluster", "--help").out
    for word in ("Input", "Output", "Model", "Training", "Run", "Examples", "larger is"):
        assert word in text


def test_every_setting_is_an_option_with_its_choices(tvgnn):
    text = tvgnn("cluster", "--help-all").out
    for name in FIELDS:
        if name == "choose_from":
            continue  # which is a text of --num-clusters
        option = f"--{name.replace('_', '-')}"
        assert re.search(rf"^.*{option}\b.*$", text, re.M)
        if SETTINGS[name].choices:
            listed = ", ".join if name == "method" else "|".join
            assert listed(SETTINGS[name].choices) in " ".join(text.split())


def test_default_names_and_summary(tvgnn, tmp_path):
    outcome = tvgnn("cluster", KARATE, "-k", 2, "--labels", SAMPLES / "karate_clubs.csv", *FAST)
    assert outcome.code == 0, outcome.err
    assert outcome.out == ""
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "karate.clusters.csv",
        "karate.metrics.csv",
    ]
    for word in ("34 vertices, 78 edges", "2 of 2", "NMI", "spectral features are used", "header",
                 "kernels", "karate.clusters.csv", "directions"):  # fmt: skip
        assert word in outcome.err


def test_without_a_number_the_ways_to_one_are_named(tvgnn, tmp_path):
    (tmp_path / "g.csv").write_text("a,b\nb,c\n")
    outcome = tvgnn("cluster", "g.csv", "-q")
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 1
    for word in ("-k", "-k auto", "--method louvain", "--method leiden"):
        assert word in outcome.err


def test_predictions_replace_nothing_of_the_clusters(tvgnn, tmp_path):
    trained = tvgnn("cluster", KARATE, "-k", 2, "--structural", "degree", "--save", "m", *FAST)
    assert trained.code == 0, trained.err
    kept = (tmp_path / "karate.metrics.csv").read_bytes()
    for named in ((), ("-o", "karate.predicted.csv")):
        assert tvgnn("predict", "m", KARATE, *named, "--threads", 1).code == 0
        assert (tmp_path / "karate.predicted.metrics.csv").exists()
        assert (tmp_path / "karate.metrics.csv").read_bytes() == kept


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", ""), "-o is empty; give a name"),
        (("--output=",), "--output is empty; give a name"),
        (("--checkpoint", ""), "--checkpoint is empty"),
        (("--save", ""), "--save is empty"),
        (("--init", ""), "--init is empty"),
        (("--config=",), "--config is empty"),
        (("-q", ""), "an argument is empty"),
    ],
)
def test_an_empty_name_stands_for_no_default_and_no_folder(tvgnn, tmp_path, arguments, said):
    outcome = tvgnn("cluster", KARATE, "-k", 2, *arguments)
    assert outcome.code == 2
    assert outcome.err.startswith(f"tvgnn: {said}"), outcome.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["cluster", "merge", "batch"])
def test_an_empty_argument_is_no_folder(tvgnn, command):
    assert tvgnn(command, "").err.startswith("tvgnn: an argument is empty")


@pytest.mark.parametrize(
    ("output", "metrics"),
    [
        ("a.csv", "a.metrics.csv"),
        ("into/b.clusters.parquet", "into/b.metrics.csv"),
        ("-", "karate.metrics.csv"),
    ],
)
def test_metrics_go_with_an_output_that_is_named(tvgnn, tmp_path, output, metrics):
    (tmp_path / "into").mkdir()
    assert tvgnn("cluster", KARATE, "-k", 2, "-o", output, *FAST).code == 0
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")}
    assert written == {output, metrics} - {"-"}


def test_names_with_brackets_are_shown_as_they_are(tvgnn, tmp_path):
    (tmp_path / "net[v2].csv").write_text("a,b\nb,c\nc,a\n")
    (tmp_path / "o[").mkdir()
    outcome = tvgnn("cluster", "net[v2].csv", "-k", 2, "--metrics", "o[/x].csv", *FAST)
    assert outcome.code == 0, outcome.err
    assert "Clusters of net[v2]" in outcome.err
    assert "net[v2].clusters.csv, o[/x].csv" in outcome.err


def test_a_folder_does_not_hide_a_data_set(tvgnn, tmp_path):
    (tmp_path / "Cora").mkdir()
    outcome = tvgnn("check", "Cora", "--offline", "--data-root", tmp_path)
    assert outcome.code == 3
    assert "Planetoid" in outcome.err


def test_standard_input_goes_to_standard_output(tvgnn, tmp_path):
    outcome = tvgnn("cluster", "-", "-k", 2, *FAST, stdin=b"a b\nb c\nc a\nc d\n")
    assert outcome.code == 0, outcome.err
    lines = outcome.out.splitlines()
    assert lines[0] == "vertex,cluster,confidence,margin,p_0,p_1"
    assert [line.split(",")[0] for line in lines[1:]] == ["a", "b", "c", "d"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("packed", [False, True])
def test_a_pipe_of_the_shell_goes_to_standard_output(tvgnn, tmp_path, packed):
    text = b"a b\nb c\nc a\nc d\n"
    for command in ("check", "cluster"):
        out, into = os.pipe()
        os.write(into, gzip.compress(text) if packed else text)
        os.close(into)
        settings = ("-k", 2, *FAST) if command == "cluster" else ()
        outcome = tvgnn(command, f"/dev/fd/{out}", *settings)
        os.close(out)
        assert outcome.code == 0, outcome.err
    assert [line.split(",")[0] for line in outcome.out.splitlines()] == ["vertex", *"abcd"]
    assert "Clusters of stdin" in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_the_same_command_twice_gives_the_same_bytes(tmp_path):
    graph = SAMPLES / "planted.graphml"
    code = """if True:
        import sys
        from tvgnn_cli.cli.main import run

        graph, *options = sys.argv[1:]
        for name in ("c.csv", "c.parquet"):
            sys.argv = ["tvgnn", "cluster", graph, "-o", name, *options]
            try:
                run()
            except SystemExit as stop:
                assert not stop.code
    """
    options = "-k 4 --seed 3 --threads 2 --epochs 5 --hidden 16 -q --save m.tvgnn --metrics m.json"
    seen = []
    for hash_seed in ("1", "2"):
        folder = tmp_path / hash_seed
        folder.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code, str(graph), *options.split()]
        subprocess.run(command, env=environment, cwd=folder, check=True)
        metrics = json.loads((folder / "m.json").read_text())
        files = [folder / name for name in ("c.csv", "c.parquet", "m.tvgnn")]
        seen.append([provenance_of(metrics), *(path.read_bytes() for path in files)])
    assert seen[0] == seen[1]


def test_a_permuted_edge_file_gives_the_same_partition(tvgnn, tmp_path):
    network = nx.random_partition_graph([30, 25, 20], 0.3, 0.03, seed=2)
    lines = [f"v{u} v{v}" for u, v in network.edges]
    order = np.random.default_rng(0).permutation(len(lines))
    flipped = [" ".join(reversed(lines[i].split())) for i in order]
    tables = []
    for name, rows in (("a.txt", lines), ("b.txt", flipped)):
        (tmp_path / name).write_text("\n".join(rows))
        assert tvgnn("cluster", name, "-k", 3, "-o", "c.csv", "--threads", 1).code == 0
        tables.append(pd.read_csv(tmp_path / "c.csv").set_index("vertex").sort_index())
    one, other = tables
    assert one.confidence.nunique() > 10, "a degenerate clustering would prove nothing"
    assert one.confidence.equals(other.confidence)
    assert len(set(zip(one.cluster, other.cluster, strict=True))) == one.cluster.nunique() == 3


def test_quiet_says_nothing_and_lines_are_plain(tvgnn):
    assert tvgnn("cluster", KARATE, "-k", 2, "-q", *FAST).err == ""
    outcome = tvgnn("cluster", KARATE, "-k", 2, "--progress", "bar", *FAST)
    assert outcome.code == 0
    assert "\x1b" not in tvgnn("cluster", KARATE, "-k", 2, *FAST).err


def test_progress_lines_come_every_few_seconds(tvgnn, monkeypatch):
    monkeypatch.setattr("tvgnn_cli.progress.lines.SECONDS_BETWEEN_LINES", 0.0)
    err = tvgnn("cluster", KARATE, "-k", 2, "--progress", "lines", "--restarts", 2, *FAST).err
    assert "restart 2/2 epoch 3/3 loss" in err
    for phase in ("reading", "features", "k-means 1/12", "warm start 1/300"):
        assert f"{phase}\n" in err
    assert re.search(r"total variation \d.\d+, balance \d.\d+, .*; clusters \d", err)


def test_collapse_is_said(tvgnn):
    outcome = tvgnn("cluster", KARATE, "-k", 9, "--balance-coeff", 0, "--init", "random",
                    "--lr", 0.1, "--epochs", 60, "--hidden", 8, "--threads", 1)  # fmt: skip
    assert outcome.code == 0
    assert re.search(r"warning: only \d of 9 clusters are in use", outcome.err)


def test_configuration_round_trip(tvgnn, tmp_path):
    dumped = tvgnn("cluster", KARATE, "-k", 2, "--preset", "paper", "--lr", 0.01, "--dump-config")
    assert (dumped.code, list(tmp_path.iterdir())) == (0, [])
    (tmp_path / "c.toml").write_text(dumped.out)
    again = tvgnn("cluster", KARATE, "--config", "c.toml", "--dump-config")
    assert again.out == dumped.out
    won = tvgnn("cluster", KARATE, "--config", "c.toml", "--lr", 0.5, "--dump-config")
    assert "lr = 0.5" in won.out


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("sede = 1", "Did you mean 'seed'"),
        ("seed = 'one'", "type int"),
        ("seed = [", "not TOML"),
        ("lr = true", "type float"),
        ("preset = 3", "preset"),
        ("init = 5", "--config c.toml: setting 'init' is 5, no file's name"),
        ("fixed = ''", "--config c.toml: setting 'fixed' is '', no file's name"),
        ("lr = inf", "--lr is inf, above 1,000, the largest; needs to be positive"),
        ("delta = 0", "--delta is 0.0; needs to be positive"),
        ("totvar_coeff = 1e300", "--totvar-coeff is 1e+300, above 1,000,000, the largest; needs"),
        ("epochs = -1", "--epochs is -1; needs to be at least 0"),
        ("tolerance = 2", "--tolerance is 2.0; needs to be from 0 to 1"),
    ],
)
def test_bad_configuration(tvgnn, tmp_path, text, word):
    (tmp_path / "c.toml").write_text(text)
    outcome = tvgnn("cluster", KARATE, "-k", 2, "--config", "c.toml")
    assert outcome.code == 2
    assert word in outcome.err


def test_presets_and_toml_hold_every_setting():
    for preset in ("default", "paper"):
        config = make_config({"preset": preset, "num_clusters": 3, "rho": 1.5})
        import tomllib

        assert make_config(tomllib.loads(dump_config(config))) == config
    paper = make_config({"preset": "paper"})
    table_5 = (paper.layers, paper.hidden, paper.delta, paper.mlp_hidden, paper.totvar_coeff,
               paper.balance_coeff, paper.lr, paper.eps, paper.epochs)  # fmt: skip
    assert table_5 == (2, 512, 0.311, 256, 0.785, 0.514, 1e-3, 1e-3, 500)
    assert ClusterConfig().fingerprint() != paper.fingerprint()


def test_predict_and_evaluate(tvgnn, tmp_path):
    planted = SAMPLES / "planted.graphml"
    trained = tvgnn("cluster", planted, "-k", 4, "-o", "a.csv", "--save", "m.tvgnn", *FAST)
    assert trained.code == 0, trained.err
    labelled = tvgnn("predict", "m.tvgnn", planted, "-o", "b.csv", "--threads", 1)
    assert labelled.code == 0, labelled.err
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    rows = [pd.read_csv(tmp_path / f"{name}.metrics.csv").iloc[0] for name in "ab"]
    assert rows[0].model_fingerprint == rows[1].model_fingerprint
    scored = tvgnn("evaluate", "a.csv", "--graph", planted, "--metrics", "s.json")
    assert scored.code == 0, scored.err
    row = rows[0]
    scores = json.loads((tmp_path / "s.json").read_text())
    for name in ("nmi", "acc", "ari", "modularity", "cut_fraction", "mean_conductance"):
        assert scores[name] == pytest.approx(row[name])


def embedded(path):
    """Ids, None from an array, and numbers of an embedding that is on file."""
    if path.suffix == ".npy":
        return None, np.load(path)
    readers = {".parquet": pd.read_parquet, ".csv": pd.read_csv,
               ".tsv": lambda p: pd.read_csv(p, sep="\t")}  # fmt: skip
    frame = readers[path.suffix](path)
    assert frame.columns.tolist() == ["vertex", *(f"x_{i}" for i in range(frame.shape[1] - 1))]
    return frame.vertex.astype(str).tolist(), frame.iloc[:, 1:].to_numpy()


def test_an_embedding_is_what_the_function_gives_in_every_form(tvgnn, tmp_path):
    planted = SAMPLES / "planted.graphml"
    trained = tvgnn("cluster", planted, "-k", 4, "--save", "m.tvgnn", "-q", *FAST)
    assert trained.code == 0, trained.err
    before = {path.name for path in tmp_path.iterdir()}
    wanted = embed(load_model(tmp_path / "m.tvgnn"), planted, threads=1)
    assert wanted.shape == (280, 8)
    for suffix in EMBEDDING_SUFFIXES:
        done = tvgnn("embed", "m.tvgnn", planted, "-o", f"x{suffix}", "--threads", 1)
        assert done.code == 0, done.err
        assert f"x{suffix}" in done.err
        ids, x = embedded(tmp_path / f"x{suffix}")
        assert ids in (None, read_graph(planted).ids.tolist())
        assert np.array_equal(x.astype("f4"), wanted), suffix
    assert {p.name for p in tmp_path.iterdir()} - before == {f"x{s}" for s in EMBEDDING_SUFFIXES}
    plain = tvgnn("embed", "m.tvgnn", planted, "--threads", 1, "-q")
    assert (plain.code, plain.err) == (0, "")
    assert (tmp_path / "planted.embedding.parquet").read_bytes() == (
        tmp_path / "x.parquet"
    ).read_bytes()
    said = json.loads(pq.read_schema(tmp_path / "x.parquet").metadata[b"tvgnn"])
    assert said["model_fingerprint"] == load_model(tmp_path / "m.tvgnn").fingerprint()
    assert not set(said) & set(VOLATILE)


def test_an_embedding_is_read_again_as_features(tvgnn, tmp_path):
    assert tvgnn("cluster", KARATE, "-k", 2, "--save", "m", "-q", *FAST).code == 0
    streamed = tvgnn("embed", "m", "-", "--threads", 1, stdin=KARATE.read_bytes())
    assert streamed.code == 0, streamed.err
    (tmp_path / "x.csv").write_text(streamed.out)
    checked = tvgnn("check", KARATE, "--features", "x.csv")
    assert checked.code == 0, checked.err
    assert re.search(r"features: +8\b", checked.out), checked.out


def test_evaluate_takes_another_tools_clusters(tvgnn, tmp_path):
    clubs = SAMPLES / "karate_clubs.csv"
    (tmp_path / "other.tsv").write_text(clubs.read_text().replace(",", "\t").replace("label", "c"))
    outcome = tvgnn("evaluate", "other.tsv", "--labels", clubs, "--graph", KARATE)
    assert outcome.code == 0, outcome.err
    header, row = (line.split(",") for line in outcome.out.splitlines())
    scores = dict(zip(header, row, strict=True))
    assert float(scores["nmi"]) == float(scores["acc"]) == 1


def test_evaluate_reads_labels_from_the_label_column(tvgnn, tmp_path):
    (tmp_path / "c.csv").write_text("vertex,cluster\na,0\nb,0\nc,1\n")
    (tmp_path / "t.csv").write_text("id,cluster,label\na,0,x\nb,1,x\nc,0,y\n")
    outcome = tvgnn("evaluate", "c.csv", "--labels", "t.csv", "-q")
    header, row = (line.split(",") for line in outcome.out.splitlines())
    scores = dict(zip(header, row, strict=True))
    assert (scores["num_labelled"], scores["nmi"], scores["acc"]) == ("3", "1.0", "1.0")


def test_evaluate_reads_labels_in_vertex_order(tvgnn, tmp_path):
    (tmp_path / "g.csv").write_text("c,a\na,b\n")
    (tmp_path / "clusters.csv").write_text("vertex,cluster\na,0\nb,1\nc,0\n")
    np.save(tmp_path / "y.npy", np.array([1, 1, 0]))  # of c, a and b
    alone = tvgnn("evaluate", "clusters.csv", "--labels", "y.npy")
    assert (alone.code, "give --graph too" in alone.err) == (2, True)
    scored = tvgnn("evaluate", "clusters.csv", "--labels", "y.npy", "--graph", "g.csv", "-q")
    assert scored.code == 0, scored.err
    assert pd.read_csv(io.StringIO(scored.out)).acc[0] == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [([], ", for 2 clusters)"), (["-k", "auto"], ", for 20 clusters)"),
     (["-k", "2..30"], ", for 30 clusters)"), (["-k", "3,99"], ", for 34 clusters)"),
     (["-k", "5"], ", 2 layers of 256)")],
)  # fmt: skip
def test_check_says_how_many_clusters_its_estimate_is_for(tvgnn, asked, said):
    told = tvgnn("check", KARATE, "--label-attr", "none", *asked)
    assert said in next(row for row in told.out.splitlines() if row.startswith("memory")), told


def test_check_takes_the_settings_that_memory_depends_on(tvgnn, tmp_path):
    path = SAMPLES / "planted.graphml"
    (tmp_path / "wide.toml").write_text("hidden = 20000")
    memory = []
    for arguments in ([], ["--config", "wide.toml"], ["--preset", "paper"]):
        text = tvgnn("check", path, *arguments).out
        memory.append(int(re.search(r"about ([\d,]+) MB", text).group(1).replace(",", "")))
    assert memory[1] > 10 * memory[0]
    assert memory[2] > memory[0], "the paper's preset has twice the channels"


def test_check_reports_and_trains_nothing(tvgnn, tmp_path):
    (tmp_path / "g.csv").write_text("a,b\nb,a\nb,c\nb,c\nd,d\ne,f\n")
    outcome = tvgnn("check", "g.csv")
    assert outcome.code == 0, outcome.err
    for line in ("vertices: +6", "edges: +3 undirected, of 6 read", "components: +3",
                 "isolated vertices: +1", "self-loops: +1", "repeated edges: +1",
                 "listed both ways: +1", r"memory for training: +about \d+ MB"):  # fmt: skip
        assert re.search(line, outcome.out), line
    assert [p.name for p in tmp_path.iterdir()] == ["g.csv"]


@pytest.mark.parametrize("no_color", [False, True])
def test_colours_on_a_terminal_unless_unwanted(tmp_path, no_color):
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    environment.pop("NO_COLOR", None)
    environment |= {"NO_COLOR": "1"} if no_color else {}
    terminal, theirs = pty.openpty()
    command = [sys.executable, "-m", "tvgnn_cli", "cluster", str(KARATE), "-k", "2"]
    command += [*map(str, FAST), "--progress", "bar"]
    done = subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # what a terminal says when its last writer has gone
        while piece := os.read(terminal, 4096):
            shown += piece
    os.close(terminal)
    assert done.wait() == 0
    assert b"clusters used" in shown
    assert (re.search(rb"\x1b\[[0-9;]*3[0-9];", shown) is None) == no_color


def test_version(tvgnn):
    assert re.fullmatch(r"tvgnn \d+\.\d+\.\d+\n", tvgnn("--version").out)


def test_cora_by_name(tvgnn, data_root, tmp_path):
    outcome = tvgnn("cluster", "cora", "--offline", "--data-root", data_root, "--epochs", 2, "-q")
    assert outcome.code == 0, outcome.err
    row = pd.read_csv(tmp_path / "Cora.metrics.csv").iloc[0]
    assert (row.num_clusters, row.num_vertices, row.num_features) == (7, 2708, 1433)
    assert row.nmi > 0.5


@pytest.mark.parametrize(("end", "code"), [(0, 0), (3, 3), (None, 0), ("a reason", 1)])
def test_a_process_ends_without_taking_its_libraries_down(monkeypatch, capsys, end, code):
    from tvgnn_cli.cli import ending, main

    done = []
    monkeypatch.setattr(main, "run", lambda: sys.exit(end))
    monkeypatch.setattr(ending.atexit, "_run_exitfuncs", lambda: done.append("functions"))
    monkeypatch.setattr(ending.os, "_exit", done.append)
    main.main()
    assert done == ["functions", code]
    assert ("a reason" in capsys.readouterr().err) == (end == "a reason")


BUGS = {
    "an error of the system": (
        "raise FileNotFoundError(2, 'gone', '/of/ours')",
        "FileNotFoundError",
    ),
    "another": ("raise KeyError('ours')", "KeyError"),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_of_ours_shows_where_it_is(bug):
    raised, name = BUGS[bug]
    script = (
        "import sys, tvgnn_cli.api; from tvgnn_cli.cli import main\n"
        f"def broken(*_, **__): {raised}\n"
        "tvgnn_cli.api.cluster = broken; sys.argv = ['tvgnn', 'cluster', 'karate', '-k', '2']\n"
        "main.main()"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr
    assert name in ended.stderr


@pytest.mark.parametrize(
    ("error", "foreseen"),
    [
        (OSError(errno.ENOSPC, "no space", "out.csv"), True),
        (OSError(errno.ENOENT, "no such file", "/of/ours"), False),
        (OSError(errno.ENOENT, "no such file", "graph.csv"), True),
        (OSError("without a number"), False),
    ],
)
def test_an_error_of_the_system_is_foreseen_where_it_is_the_machine_s_or_of_a_named_file(
    error, foreseen
):
    from tvgnn_cli.cli.ending import _is_foreseen

    assert _is_foreseen(error, ["cluster", "data/graph.csv", "-k", "2"]) is foreseen


def test_only_a_reader_that_has_left_ends_well_with_1():
    from tvgnn_cli.cli.ending import _has_lost_its_reader

    plain, left = SystemExit(1), SystemExit(1)
    left.__context__ = BrokenPipeError(errno.EPIPE, "broken pipe")
    assert _has_lost_its_reader(left)
    assert not _has_lost_its_reader(plain)


def test_what_was_printed_is_there_when_a_process_ends(tmp_path):
    script = "import atexit, sys; from tvgnn_cli.cli import main; atexit.register(print, 'last')\n"
    script += "main.run = lambda: (print('first'), sys.exit(4)); main.main()"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (4, "first\nlast\n")


@pytest.mark.parametrize(
    "command",
    [
        "match - -", "explain - -", "consensus - -", "check - --labels -", "evaluate - --graph -",
        "cluster - -k 2 --match -", "predict m.tvgnn - --features -", "plot graph - - -o g.png",
    ],
)  # fmt: skip
def test_standard_input_is_no_two_inputs(tvgnn, tmp_path, command):
    done = tvgnn(*command.split(), stdin=b"a,b\nb,c\n")
    assert (done.code, done.out, list(tmp_path.iterdir())) == (2, "", [])
    assert "standard input (-) is read once; give a file for all but one input" in done.err
