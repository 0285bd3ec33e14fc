"""Messages name settings; the command line spells them as options."""

from __future__ import annotations

import ast
import re

import pytest

import tvgnn_cli
from tests.conftest import ROOT
from tvgnn_cli.cli.spelling import _options, spelled
from tvgnn_cli.config.other_names import OTHER_NAMES
from tvgnn_cli.errors import UsageError

OF_COMMANDS = {
    "slurm.py", "worker.py", "manifest.py", "runner.py", "epochs.py", "page.py", "findings.py",
    "metric_table.py", "table2.py", "table2_page.py",
}  # fmt: skip
"""Files that write command lines or pages."""


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("`num_clusters` is needed", "-k is needed"),
        ("`balance_coeff` is -1", "--balance-coeff is -1"),
        ("`header=False` reads it as an edge", "--no-header reads it as an edge"),
        ("`header=True` reads it as names", "--header reads it as names"),
        ("`method` tene: no", "--method tene: no"),
        ("column `x` of 'f`g`'", "column `x` of 'f`g`'"),
        (
            "`degree_weighted` or a smaller `delta` may",
            "--degree-weighted or a smaller --delta may",
        ),
    ],
)
def test_settings_become_options(message, said):
    assert spelled(message) == said


def texts(path):
    """The texts of a file that are no docstrings."""
    tree = ast.parse(path.read_text())
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in documentation:
            yield node.value


FOR_CALLERS = ("kernels",)
"""Rooms whose messages name arguments of functions, since no command comes to them."""


def test_what_messages_name_is_an_option_and_no_message_spells_one():
    found = set()
    for path in sorted((ROOT / "tvgnn_cli").rglob("*.py")):
        if path.parent.name in FOR_CALLERS or path.is_relative_to(ROOT / "tvgnn_cli" / "cli"):
            continue
        if path.name in OF_COMMANDS:
            continue
        for text in texts(path):
            named = set(re.findall(r"`([a-z_]+)(?:=\w+)?`", text))
            assert named <= _options().keys(), (path.name, text)
            found |= named
            is_flag = path.parent.name == "config" and re.fullmatch(r"-k|(/?--[a-z-]+)+", text)
            assert is_flag or not re.search(r"(^|[ (;])--[a-z]+", text), (path.name, text)
    assert len(found) > 30


def test_a_caller_from_python_reads_settings(tvgnn):
    with pytest.raises(UsageError, match=r"^`lr` is -1\.0; needs to be positive$"):
        tvgnn_cli.cluster("karate", 2, lr=-1.0)
    assert tvgnn("cluster", "karate", "-k", 2, "--lr", -1).err == (
        "tvgnn: --lr is -1.0; needs to be positive\n"
    )


@pytest.mark.parametrize(
    ("command", "flag", "meant"),
    [
        ("cluster", "--learning-rate", "--lr"),
        ("cluster", "--random_state", "--seed"),
        ("cluster", "-n", "--num-clusters"),
        ("cluster", "--n-jobs", "--threads"),
        ("sweep", "--n-clusters", "--num-clusters"),
        ("sweep", "--n_jobs", "--threads"),
        ("cluster", "--outpt", "--output"),
        ("classify cv", "--n-splits", "--folds"),
    ],
)
def test_an_option_by_the_name_of_another_tool_is_known(tvgnn, command, flag, meant):
    done = tvgnn(*command.split(), "karate", flag, "3")
    assert done.code == 2
    assert f"no such option: {flag} (Possible options: {meant})" in done.err


@pytest.mark.parametrize(
    ("name", "meant"),
    [("k", "num_clusters"), ("random_state", "seed"), ("n_jobs", "threads"), ("label", "labels")],
)
def test_a_setting_by_the_name_of_another_tool_is_known(name, meant):
    with pytest.raises(UsageError, match=f"unknown setting '{name}'. Did you mean '{meant}'"):
        tvgnn_cli.cluster("karate", **{name: 3})
    with pytest.raises(UsageError, match="Did you mean 'lr'"):
        tvgnn_cli.classify("MUTAG", learning_rate=0.1)


def test_names_of_other_tools_stand_for_options():
    assert set(OTHER_NAMES) <= set(_options())
    twice = [each for others in OTHER_NAMES.values() for each in others if each in OTHER_NAMES]
    assert set(twice) <= {"clusters"}  # of which sweep takes several
