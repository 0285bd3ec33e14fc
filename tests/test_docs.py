"""Pages that point at files, commands and options point at ones that exist."""

from __future__ import annotations

import ast
import json
import re
import runpy
import shlex
import shutil
import tomllib

import networkx as nx
import pandas as pd
import pytest
from typer.main import get_command

from tests.conftest import ROOT, SAMPLES
from tvgnn_cli import classify, cross_validate, predict_graphs
from tvgnn_cli.cli.main import app
from tvgnn_cli.config import ClusterConfig
from tvgnn_cli.evaluation.metric_table import METRICS
from tvgnn_cli.io.readers import READERS

PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_files_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_page_is_reached_from_the_first_and_from_the_site():
    text, site = ((ROOT / name).read_text() for name in ("README.md", "mkdocs.yml"))
    names = [f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")]
    assert not [name for name in names if f"]({name})" not in text]
    assert not [name for name in names if f" {name}\n" not in site]


@pytest.mark.parametrize("name", ["cli.md", "output.md"])
def test_pages_say_what_the_code_does(name):
    written = runpy.run_path(str(ROOT / "docs" / "write_pages.py"))["PAGES"][name]()
    assert (ROOT / "docs" / name).read_text() == written, "run python docs/write_pages.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_to_headings_lead_somewhere(page):
    text = page.read_text()
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    anchors = {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}
    for anchor in re.findall(r"\]\(#([^)]+)\)", text):
        assert anchor in anchors, anchor


def test_first_example_of_the_input_page_is_what_the_command_says(tvgnn, tmp_path):
    text = (ROOT / "docs" / "input.md").read_text()
    (block,) = re.findall(r"```\n\$ cat friends.csv\n(.*?)```", text, re.S)
    table, _, said = block.partition("$ tvgnn check friends.csv\n...\n")
    (tmp_path / "friends.csv").write_text(table)
    assert tvgnn("check", "friends.csv").out.endswith(said)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_that_pages_name_exist(page):
    known = options_of(get_command(app))
    assert {"--num-clusters", "--protocol", "--at-once", "--no-requeue"} <= known
    others = {"--lfr", "--max-restarts", "--help", "--help-all"}
    named = set(re.findall(r"`(--[a-z][a-z-]+)", page.read_text()))
    assert named <= known | others, named - known


def options_of(command) -> set[str]:
    """Of a command and of all commands under it."""
    below = getattr(command, "commands", {}).values()
    own = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
    return own.union(*map(options_of, below))


def commands(page: str) -> list[str]:
    return re.findall(r"^(?:.*\| )?(tvgnn .*?)(?: *#.*| \|.*)?$", (ROOT / page).read_text(), re.M)


def test_commands_of_the_readme_are_understood(tvgnn, tmp_path):
    found = commands("README.md")
    assert len(found) == 28
    for line in found:
        words = shlex.split(line)[1:]
        named = 2 if words[0] in ("classify", "plot") else 1
        outcome = tvgnn(*words[:named], "--help-all")
        assert outcome.code == 0, line
        flags = [w for w in words if w.startswith("--")]
        assert all(flag in outcome.out for flag in flags), line


def test_commands_of_the_readme_do_what_they_say(tvgnn, tmp_path):
    """All that need neither a network nor processes of their own, on graphs of those names."""
    lay_out(tmp_path)
    few = ("--epochs", 2, "--hidden", 8, "--init", "random")
    for line in commands("README.md"):
        words = shlex.split(line.partition(" > ")[0])[1:]
        if words[0] in ("classify", "batch") or "Cora" in words:
            continue
        quick = few if words[0] in ("cluster", "sweep") else ()
        done = tvgnn(*words, *(() if words[0] == "slurm" else quick), stdin=b"a b\nb c\nc a\nc d\n")
        assert done.code == 0, (line, done.err)


def lay_out(folder) -> None:
    """Files that the README's commands read."""
    graph = nx.read_graphml(SAMPLES / "planted.graphml")
    for name in ("graph", "other", "june"):
        shutil.copy(SAMPLES / "planted.graphml", folder / f"{name}.graphml")
    edges = [f"{a},{b}" for a, b in graph.edges()]
    (folder / "edges.csv").write_text("\n".join(["source,target", *edges]))
    (folder / "edges.txt").write_text("a b\nb c\nc a\n")
    names = [f"f{i}" for i in range(6)]
    rows = [[graph.nodes[v][name] for name in names] for v in graph]
    pd.DataFrame(rows, columns=names).assign(id=list(graph)).to_parquet(folder / "x.parquet")
    classes = "\n".join(f"{v},{graph.nodes[v]['label']}" for v in graph)
    for name in ("clusters", "june", "may", "a", "b", "c"):
        (folder / f"{name}.csv").write_text(f"vertex,cluster\n{classes}\n")
    (folder / "truth.csv").write_text(f"id,label\n{classes}\n")


def test_folder_of_graphs_of_the_readme_is_learned_and_told(tvgnn, tmp_path):
    (tmp_path / "sample_data").symlink_to(SAMPLES)
    train, predict, *_ = [line for line in commands("README.md") if "tvgnn classify" in line]
    done = tvgnn(*shlex.split(train)[1:], "--threads", 1)
    assert done.code == 0, done.err
    assert "100.0% of 30 graphs" in done.err
    assert tvgnn(*shlex.split(predict)[1:]).code == 0
    head, *rows = (tmp_path / "classes.csv").read_text().splitlines()
    assert head == "graph,class,confidence,p_grid,p_ring,p_tree"
    truth = (SAMPLES / "shapes" / "labels.csv").read_text().splitlines()[1:]
    found = [row.split(",")[:2] for row in rows]
    right = [line.split(",")[:2] == each for line, each in zip(truth, found, strict=True)]
    assert sum(right) >= 59


def test_python_example_of_the_readme_runs(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    exec(block, {})
    assert (tmp_path / "clusters.parquet").exists()


def test_python_examples_of_their_page_run(monkeypatch, tmp_path):
    (tmp_path / "sample_data").symlink_to(SAMPLES)
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text(), re.S)
    assert len(blocks) == 11
    for block in blocks:
        names = {}
        exec(block, names)
    assert (tmp_path / "states").is_dir()
    assert (tmp_path / "sweep.png").exists()
    assert "Clusters of planted" in (tmp_path / "planted.html").read_text()
    assert len(list((tmp_path / "shards").iterdir())) == 2
    assert json.loads((tmp_path / "metrics.json").read_text())["num_clusters"] == 2


def test_python_examples_of_classification_run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "classification.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(blocks) == 2
    for block in blocks:
        exec(block, {})
    assert (tmp_path / "model.tvgnn").exists()


def test_every_column_of_the_metrics_of_classification_is_on_its_page():
    text = (ROOT / "docs" / "classification.md").read_text()
    result = classify("shapes", epochs=1, hidden=8, threads=1)
    answer = predict_graphs(result.model, "shapes")
    found = cross_validate("shapes", folds=2, runs=1, epochs=1, hidden=8, threads=1)
    columns = {*result.metrics, *answer.metrics, *found.metrics}
    named = {name for name in columns if not name.startswith("version_")}
    assert not [name for name in named if f"`{name}`" not in text]


@pytest.mark.parametrize("method", ["tvgnn", "diffpool", "mincutpool", "dmon", "louvain"])
def test_every_column_of_the_metrics_has_its_line(tvgnn, tmp_path, method):
    known = {metric.name for metric in METRICS}
    planted = SAMPLES / "planted.graphml"
    number = () if method == "louvain" else ("-k", 4)
    few = () if method == "louvain" else ("--epochs", 2)
    done = tvgnn("cluster", planted, "--method", method, *number, *few, "--metrics", "m.json",
                 "-q", "--threads", 1)  # fmt: skip
    assert done.code == 0, done.err
    columns = set(json.loads((tmp_path / "m.json").read_text()))
    assert columns <= known, columns - known


def test_input_page_names_every_suffix():
    text = (ROOT / "docs" / "input.md").read_text()
    assert all(suffix in text for suffix in READERS)


def test_defaults_page_agrees_with_the_code():
    text = (ROOT / "docs" / "defaults.md").read_text()
    config = ClusterConfig()
    for row in (
        f"| `filter_steps`, `filter_keep` | {config.filter_steps}, {config.filter_keep} |",
        f"| `components` | {config.components} |",
        f"| `hidden`, `layers` | {config.hidden}, {config.layers} |",
        f"| `patience`, `tolerance` | {config.patience} epochs, {config.tolerance:.0%} |".replace(
            "%", " %"
        ),
        f"| `restarts` | {config.restarts} |",
    ):
        assert row in text
    assert f"| `lr` | {config.lr:.0e} |".replace("e-04", "e-4") in text


PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")] + [
    page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "reproduction.md"
]
"""All but the one that `tvgnn reproduce page` writes."""

WIDTH = 110


def prose(page):
    """Lines outside of tables and code, with their numbers."""
    code = False
    for number, line in enumerate(page.read_text().split("\n"), start=1):
        if line.lstrip().startswith("```"):
            code = not code
        elif not (code or line.startswith(("|", "    ", "<", "!["))):
            yield number, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_have_one_sentence_a_line(page):
    long, joined = [], []
    for number, line in prose(page):
        whole = re.findall(r"`[^`]*`|\[[^\]]*\]\([^)]*\)|\S+", line)
        if len(line) > WIDTH and max(map(len, whole)) < WIDTH // 2:
            long.append(number)
        plain = re.sub(r"`[^`]*`|\([^)]*\)|\[[^\]]*\]", "x", line)
        if re.search(r"[a-z]{3}[.?!] [A-Z][a-z ]", plain):
            joined.append(number)
    assert (long, joined) == ([], [])


def test_equations_have_a_function_and_a_test():
    """Each function that names an equation as its source is on the page, with a test that is."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "docs" / "equations.md").read_text().split("\n")
        if line.startswith("| ") and not line.startswith(("| ---", "| equation", "| term"))
    ]
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").glob("*.py"))
    named = set()
    for _, where, test, _ in rows:
        file, _, names = where.rpartition(": ")
        source = ROOT / "tvgnn_cli" / (file.strip("`") or "functional.py")
        for name in re.findall(r"`(\w+)`", names):
            assert re.search(rf"^(def|class) {name}\b", source.read_text(), re.MULTILINE), name
            named.add(name)
        assert f"def {test.strip('`')}(" in tests, test
    for file in ("functional.py", "nn/gtv_conv.py", "nn/graph_conv.py", "nn/assignment_head.py"):
        for node in ast.parse((ROOT / "tvgnn_cli" / file).read_text()).body:
            documented = isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(
                node
            )
            if documented and re.search(r"Source: (Eq|the definition)", documented):
                assert node.name in named, f"{file}: {node.name}"


def test_layers_of_the_page_are_those_of_the_contract():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    rows = re.findall(r"^\| (`.+?`) \|", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE)
    page = [set(re.findall(r"`(\w+)(?:\.py|/)`", row)) for row in rows]
    assert page == [set(layer.split(" | ")) for layer in contract]


ASKING = ("Whether", "How", "What", "That", "Of", "Which", "Who", "Whose", "Where", "When", "Why")


def test_docstrings_open_with_a_verb_or_a_noun():
    package = ROOT / "tvgnn_cli"
    found = [
        f"{file.relative_to(package)}:{line}"
        for file in sorted(package.rglob("*.py"))
        for line, text in docstrings(file)
        if asks(text)
    ]
    assert not found, found


def docstrings(file) -> list[tuple[int, str]]:
    """Line and text of each, those of constants too."""
    statements = [node for node in ast.walk(ast.parse(file.read_text())) if type(node) is ast.Expr]
    constants = [node.value for node in statements if type(node.value) is ast.Constant]
    return [(each.lineno, each.value) for each in constants if isinstance(each.value, str)]


def asks(text: str) -> bool:
    return re.split(r"\W", text.strip(), maxsplit=1)[0] in ASKING


def test_pictures_of_the_gallery_are_those_of_its_commands():
    written = runpy.run_path(str(ROOT / "docs" / "write_gallery.py"))
    text = (ROOT / "docs" / "gallery.md").read_text()
    shown = re.findall(r"`(tvgnn [^`]*)`\n\n!\[[^\]]+\]\(gallery/([^)]+)\)", text)
    assert len(shown) == text.count("![") == len(written["PICTURES"])
    for line, name in shown:
        option = "--plot" if " sweep " in line else "-o"
        assert line == f"{written['PICTURES'][name]} {option} {name}"
    assert all(line in text for line in written["RUNS"])
    there = {path.name: path.stat().st_size for path in (ROOT / "docs" / "gallery").iterdir()}
    assert set(there) == {*written["PICTURES"], written["FIRST"]}
    assert sum(there.values()) < 600_000


def test_the_gallery_is_drawn_by_one_command(tmp_path, monkeypatch):
    written = runpy.run_path(str(ROOT / "docs" / "write_gallery.py"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    lines = {name: line for name, line in written["PICTURES"].items() if " sweep " not in line}
    monkeypatch.setitem(written["draw"].__globals__, "PICTURES", lines)
    written["draw"](tmp_path / "drawn")
    assert {path.name for path in (tmp_path / "drawn").iterdir()} == {*lines, written["FIRST"]}
    with pytest.raises(RuntimeError, match="ended with 3"):
        written["_run"](["tvgnn", "plot", "loss", "none.tvgnn"])
