"""Help pages, the examples on them, and completion in the shell."""

from __future__ import annotations

import re
import shlex

import pytest
from typer.main import get_command

from tvgnn_cli.cli.batch import cluster_options
from tvgnn_cli.cli.everyday import EVERYDAY, RARE, RARE_IN, is_everyday
from tvgnn_cli.cli.main import app
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.datasets import NAMED
from tvgnn_cli.io.read import InputOptions
from tvgnn_cli.jobs.axes import RESTARTS
from tvgnn_cli.jobs.manifest import read_manifest
from tvgnn_cli.methods import METHODS


def pages(command, path: tuple[str, ...] = ()):
    """Every command with the words that name it."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        yield from pages(below, (*path, name))


COMMAND = get_command(app)
PAGES = dict(pages(COMMAND))
BY_NAME = pytest.mark.parametrize("path", PAGES, ids=lambda path: " ".join(path) or "tvgnn")


@pytest.fixture
def page(capsys, monkeypatch):
    """What a help option prints on a terminal of so many columns."""

    def shown(path: tuple[str, ...], flag: str, columns: int = 80) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        assert COMMAND.main([*path, flag], prog_name="tvgnn", standalone_mode=False) == 0
        captured = capsys.readouterr()
        assert captured.err == ""
        return captured.out

    return shown


def options_of(path: tuple[str, ...]) -> dict[str, set[str]]:
    """The options of a command by their long name, each with all of its names."""
    params = [each for each in PAGES[path].params if each.param_type_name == "option"]
    return {max(each.opts, key=len): {*each.opts, *each.secondary_opts} for each in params}


def listed(page: str) -> list[str]:
    """Options that a page has a row for."""
    rows = re.findall(r"^  (-.*?)(?:  .*)?$", page, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"(?<![\w-])--?\w[\w-]*", row)]


def starts_of_text(page: str) -> set[int]:
    """Columns in which the text of options begins, beside its flags or below them."""
    beside = re.findall(r"^(  --?\w.*?  +)\S", page, re.MULTILINE)
    below = re.findall(r"^  --?\w\S*(?: \S+)*\n( +)\S", page, re.MULTILINE)
    return {len(text) for text in (*beside, *below)}


@BY_NAME
def test_a_page_fits_a_screen_and_shows_what_people_use(page, path):
    text = page(path, "--help")
    assert len(text.splitlines()) <= 70
    options, name = options_of(path), path[-1] if path else "tvgnn"
    everyday = [names for long, names in options.items() if is_everyday(long, name)]
    left_out = len(options) - len(everyday)
    more = {"--help-all"} if left_out else set()
    assert sorted(listed(text)) == sorted({"-h", "--help", *more}.union(*everyday))
    assert (f"{left_out} more" in text) == bool(left_out)


@BY_NAME
def test_the_whole_page_has_every_option_once_and_its_text(page, path):
    text = page(path, "--help-all")
    assert sorted(listed(text)) == sorted({"-h", "--help"}.union(*options_of(path).values()))
    words = " ".join(text.split())
    for each in PAGES[path].params:
        assert " ".join(each.help.split()) in words
        if isinstance(each.show_default, str):
            assert f"[default: {each.show_default}" in words


@BY_NAME
def test_text_is_never_squeezed(page, path):
    for flag in ("--help", "--help-all"):
        for columns in (30, 50, 80, 100, 200):
            text, width = page(path, flag, columns), min(columns, 100)
            (start,) = starts_of_text(text)
            assert width - start >= min(40, width - 6)
            _, _, tables = text.partition("Arguments:" if "Arguments:" in text else "Help:")
            too_long = [line for line in tables.splitlines() if len(line) > width]
            assert all(line.startswith("  -") for line in too_long), (
                "flags have a line of their own"
            )
            assert not too_long or columns < 80


def test_each_option_is_everyday_or_rare():
    known = {long for path in PAGES for long in options_of(path)}
    assert not EVERYDAY & RARE
    assert known == EVERYDAY | RARE
    assert all(set(RARE_IN[name]) <= set(options_of((name,))) & EVERYDAY for name in RARE_IN)


def test_the_everyday_options_of_cluster():
    shown = {long for long in options_of(("cluster",)) if is_everyday(long, "cluster")}
    assert shown == {
        "--num-clusters", "--features", "--feature-attrs", "--weight", "--labels", "--label-attr",
        "--output", "--metrics", "--save", "--report", "--method", "--seed", "--restarts",
        "--consensus",
        "--checkpoint", "--threads", "--quiet",
    }  # fmt: skip


@pytest.mark.parametrize("command", ["cluster", "predict", "check", "sweep"])
def test_every_option_of_the_input_has_a_flag(command):
    from dataclasses import fields

    named = {each.name for each in fields(InputOptions)} - {"keep_attributes"}  # by the target
    flags = {f"--{name.replace('_', '-')}" for name in named}
    assert flags <= set(options_of((command,)))


def test_the_reader_is_given_what_the_command_was(tvgnn, monkeypatch, tmp_path):
    import tvgnn_cli.jobs.sweep  # noqa: F401  (so that nothing takes the false reader for its own)

    seen = {}

    def read(graph, **options):
        seen.update(options)
        raise InputError("enough")

    monkeypatch.setattr("tvgnn_cli.io.read.read_graph", read)
    (tmp_path / "g.csv").write_text("a,b\n")
    given = {"feature_attrs": "a,b", "weight": "w", "source": "s", "target": "t", "id_attr": "i"}
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    for command in (["check", "g.csv"], ["sweep", "g.csv", "-k", "2"]):
        seen.clear()
        assert tvgnn(*command, *flags).code == 3
        assert {name: seen[name] for name in given} == given


def examples(path: tuple[str, ...]) -> list[str]:
    found = re.search(r"^Examples:\n((?:  .+\n?)+)", PAGES[path].help or "", re.MULTILINE)
    return [line.partition("  #")[0].strip() for line in found[1].splitlines()] if found else []


def test_every_command_has_examples():
    without = {path for path in PAGES if not examples(path) and "commands" not in vars(PAGES[path])}
    assert not without


def test_defaults_that_pages_show_are_those_of_their_command(page):
    """Restarts of a sweep; names of files beside an output that is named; a table of a merge."""
    flat = {path: " ".join(page(path, "--help-all").split()) for path in PAGES}
    assert f"best supported is kept. [default: {RESTARTS}]" in flat["sweep",]
    assert "best supported is kept. [default: 1]" in flat["cluster",]
    assert "[default: with --over, number of true classes, where known]" in flat["sweep",]
    assert ".graphml" not in flat["merge",]
    assert "[default: stem of -o or GRAPH + .metrics.csv; none if GRAPH is -]" in (flat["cluster",])


NOT_ANYWHERE = {("plot", "embedding"), ("classify", "train"), ("batch",)}
"""Pages with an example that needs another library, a folder or a manifest."""


@pytest.mark.parametrize(
    "path",
    [path for path in PAGES if path and path not in NOT_ANYWHERE and path[0] != "reproduce"],
    ids=" ".join,
)
def test_the_examples_of_each_page_run_anywhere(tvgnn, tmp_path, path):
    few = ("--epochs", 2, "--hidden", 8, "--init", "random", "--threads", 1)
    for line in examples(path):
        words = shlex.split(line.rpartition("| ")[2].partition(" > ")[0])
        assert words[0] == "tvgnn"
        quick = few if words[1] in ("cluster", "sweep") and "--method" not in words else ()
        quick = (
            ("--epochs", 2) if words[1:3] in (["classify", "train"], ["classify", "cv"]) else quick
        )
        outcome = tvgnn(*words[1:], *quick, stdin=b"a b\nb c\nc a\nc d\nd e\ne f\nf d\n")
        assert outcome.code == 0, (line, outcome.err)


def test_the_example_of_batch_has_a_manifest(tmp_path):
    printed, run = examples(("batch",))
    text = shlex.split(printed)[1].encode().decode("unicode_escape")
    (tmp_path / "graphs.csv").write_text(text)
    jobs = read_manifest(tmp_path / "graphs.csv", cluster_options())
    assert [job.graph for job in jobs] == ["karate", "planted"]
    assert "graphs.csv" in printed.split()
    assert "graphs.csv" in run.split()


@pytest.fixture
def complete(tvgnn, monkeypatch):
    """What bash is offered for the last word of a line."""

    def offered(line: str) -> list[str]:
        words = line.split(" ")
        monkeypatch.setenv("_TVGNN_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        return tvgnn().out.split()

    return offered


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("tvgnn clu", ["cluster"]),
        ("tvgnn cluster kar", ["karate"]),
        ("tvgnn cluster ", list(NAMED)),
        ("tvgnn check Co", ["Cora"]),
        ("tvgnn cluster karate --method ", list(METHODS)),
        ("tvgnn sweep karate --method lo", ["louvain"]),
        ("tvgnn cluster karate --preset ", ["default", "paper"]),
        ("tvgnn cluster karate --feature-attrs a", ["auto", "all"]),
        ("tvgnn cluster --help", ["--help", "--help-all"]),
        ("tvgnn plot bl", ["blocks"]),
    ],
)
def test_the_shell_is_offered(complete, line, offered):
    assert complete(line) == offered


def test_files_are_left_to_the_shell(complete, tmp_path):
    (tmp_path / "karting.csv").touch()
    assert complete("tvgnn cluster kar") == []
    assert complete("tvgnn cluster pl") == ["planted"]
    assert complete("tvgnn cluster ") == []


def test_the_shell_is_named_and_never_guessed(tvgnn, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    script = tvgnn("--show-completion", "bash")
    assert script.code == 0
    assert "complete -o default -F _tvgnn_completion tvgnn" in script.out
    assert tvgnn("--install-completion", "bash").code == 0
    installed = tmp_path / ".bash_completions" / "tvgnn.sh"
    assert installed.read_text() == script.out.strip()
    assert str(installed) in (tmp_path / ".bashrc").read_text()
    assert tvgnn("--install-completion", "sh").code == 2
    assert tvgnn("--install-completion").code == 2
