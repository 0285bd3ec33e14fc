"""Progress of runs from Python: in a notebook, on a terminal, elsewhere; gone at the end."""

from __future__ import annotations

import builtins
import io
import re
import sys
from types import ModuleType, SimpleNamespace

import html5lib
import networkx as nx
import numpy as np
import pytest
import torch

import tvgnn_cli
from tests.conftest import SAMPLES
from tests.some_graphs import SMALL, some_set
from tvgnn_cli import progress
from tvgnn_cli.errors import UsageError
from tvgnn_cli.observer import EpochReport
from tvgnn_cli.progress import bar, lines, notebook
from tvgnn_cli.progress.texts import warning_line

KARATE = SAMPLES / "karate.csv"
FEW = {"hidden": 8, "mlp_hidden": 8, "epochs": 3, "init": "random", "threads": 1}


class Outputs:
    """The displays of a cell as IPython keeps them: the latest state of each."""

    def __init__(self):
        self.now, self.seen = {}, []

    def display(self, data, raw=False, display_id=None):
        assert raw
        assert display_id is True
        key = len(self.now)
        self.show(key, data)

        def update(data, raw):
            assert raw
            self.show(key, data)

        return SimpleNamespace(update=update)

    def show(self, key, data):
        assert set(data) == {"text/plain", "text/html"}
        html5lib.HTMLParser(strict=True).parseFragment(data["text/html"])
        self.now[key] = data
        self.seen.append(data)

    @property
    def texts(self):
        return [data["text/plain"] for data in self.seen]


@pytest.fixture
def outputs(monkeypatch):
    """A notebook, as far as the code can tell: each piece of news is shown."""
    found, shell = Outputs(), type("ZMQInteractiveShell", (), {})()
    ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
    display.display = found.display
    ipython.display = display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr(builtins, "get_ipython", lambda: shell, raising=False)
    monkeypatch.setattr(bar, "SECONDS_BETWEEN_REDRAWS", 0.0)
    return found


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_notebook_shows_phases_and_epochs_and_nothing_of_them_at_the_end(outputs, capsys):
    plain = tvgnn_cli.cluster(KARATE, 2, restarts=2, **FEW)
    assert not outputs.seen
    shown = tvgnn_cli.cluster(KARATE, 2, restarts=2, progress=True, **FEW)
    assert outputs.texts[0] == "reading"
    (last,) = [text for text in outputs.texts if text.startswith("restart 2/2 epoch 3/3 loss ")]
    assert re.search(r"loss \d\.\d{4} = total variation \d.*, balance \d.*; clusters [12]$", last)
    html = next(data["text/html"] for data in outputs.seen if data["text/plain"] == last)
    assert 'max="6" value="6"' in html
    assert last in html
    assert list(outputs.now) == [0], "one display, which is updated"
    assert outputs.now[0] == notebook.NOTHING
    assert capsys.readouterr() == ("", "")
    assert plain.assignment.tobytes() == shown.assignment.tobytes()
    assert plain.model.fingerprint() == shown.model.fingerprint()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_whatever_ends_a_run_its_display_goes(outputs, error):
    class Failing(tvgnn_cli.Observer):
        def epoch(self, report):
            raise error(f"at epoch {report.epoch}")

    with pytest.raises(error):
        tvgnn_cli.cluster(KARATE, 2, observer=Failing(), progress=True, **FEW)
    assert len(outputs.seen) > 2
    assert outputs.now[0] == notebook.NOTHING


def test_every_run_that_takes_an_observer_shows_progress_and_tells_it_too(outputs):
    class Listening(tvgnn_cli.Observer):
        def __init__(self):
            self.heard = []

        def epoch(self, report):
            self.heard.append(report.epoch)

        def phase(self, name, done=0, total=None):
            self.heard.append((name, done, total))

    model = tvgnn_cli.cluster(KARATE, 2, **{**FEW, "structural": "degree"}).model
    ring = nx.cycle_graph(40)
    runs = {
        "num_clusters=3 1/2": lambda **o: tvgnn_cli.sweep(KARATE, [2, 3], restarts=1, **FEW, **o),
        "epoch 1/2 loss": lambda **o: tvgnn_cli.update(model, ring, epochs=2, threads=1, **o),
        "validation": lambda **o: tvgnn_cli.classify(
            some_set(), **{**SMALL, "epochs": 2}, threads=1, **o
        ),
        "fold 2, run 1": lambda **o: tvgnn_cli.cross_validate(
            some_set(), folds=2, runs=1, **{**SMALL, "epochs": 1}, threads=1, **o
        ),
        "reading": lambda **o: tvgnn_cli.cluster(KARATE, method="louvain", **o),
    }
    for begins, run in runs.items():
        outputs.seen.clear()
        outputs.now.clear()
        told = Listening()
        run(progress=True, observer=told)
        assert any(begins in text for text in outputs.texts), (begins, outputs.texts)
        assert list(outputs.now.values()) == [notebook.NOTHING]
        assert len(told.heard) >= len(outputs.seen) - 1


def test_without_a_notebook_or_a_terminal_nothing_is_shown_unless_lines_are_asked_for(
    capsys, monkeypatch
):
    tvgnn_cli.cluster(KARATE, 2, progress=True, **FEW)
    tvgnn_cli.cluster(KARATE, 2, **FEW)
    monkeypatch.setattr(lines, "SECONDS_BETWEEN_LINES", 3600.0)
    tvgnn_cli.cluster(KARATE, 2, progress="lines", **FEW)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(lines, "SECONDS_BETWEEN_LINES", 0.0)
    tvgnn_cli.cluster(KARATE, 2, progress="lines", **FEW)
    out, err = capsys.readouterr()
    assert not out
    assert "reading\n" in err
    assert "epoch 3/3 loss" in err
    for wrong in ("line", 1, np.True_):
        with pytest.raises(UsageError, match=r"`progress` is .*; needs to be True, False or"):
            tvgnn_cli.cluster(KARATE, 2, progress=wrong, **FEW)


def test_a_terminal_has_a_bar_that_is_gone_at_the_end(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    tvgnn_cli.cluster(KARATE, 2, progress=True, **FEW)
    shown = screen.getvalue()
    assert re.search(r"loss \d\.\d{4} total variation", shown)
    assert shown.endswith("\x1b[1A\x1b[2K"), "the last line is cleared"
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h"), "the cursor is back"


def test_displays_leave_restarts_side_by_side_unless_an_observer_wants_each_epoch():
    class Wanting(tvgnn_cli.Observer):
        def epoch(self, report):
            raise NotImplementedError(report)

    for kind in ("none", "lines", "bar", "notebook"):
        with progress.following(kind) as display:
            assert not display.wants_epochs
    with progress.showing("lines", tvgnn_cli.Observer()) as both:
        assert not both.wants_epochs
    with progress.showing("lines", Wanting()) as both:
        assert both.wants_epochs


def test_a_shell_without_a_kernel_is_no_notebook(outputs, monkeypatch):
    assert notebook.in_notebook()
    terminal = type("TerminalInteractiveShell", (), {})()
    for shell in (terminal, None):
        monkeypatch.setattr(builtins, "get_ipython", lambda shell=shell: shell)
        assert not notebook.in_notebook()
    terminal.kernel = object()
    monkeypatch.setattr(builtins, "get_ipython", lambda: terminal)
    assert notebook.in_notebook()


def test_names_stay_text_and_warnings_stay(outputs, capsys):
    with progress.following("notebook") as observer:
        observer.phase("<script>\x1b[31m & `k`", 1, 3)
        observer.warning("the folder\ncannot be locked; `resume` goes on")
    assert "<script" not in outputs.seen[0]["text/html"]
    assert "&lt;script&gt;\\x1b[31m &amp; `k` 1/3" in outputs.seen[0]["text/html"]
    assert capsys.readouterr().err == "tvgnn: the folder\\ncannot be locked; `resume` goes on\n"


def test_a_bar_takes_no_name_for_markup(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    with bar.terminal_bar(warning_line) as observer:
        observer.phase("[bold]of[/bold] [red]")
    assert "[bold]of[/bold] [red]" in screen.getvalue()


def test_a_notebook_says_how_long_the_rest_takes(outputs, monkeypatch):
    now = iter([0.0, 10.0, 500.0, 990.0, 1000.0, 1001.0, 1009.0])
    monkeypatch.setattr(notebook, "time", SimpleNamespace(monotonic=lambda: next(now)))
    monkeypatch.setattr(bar.Pace, "is_due", lambda _: True)
    with progress.following("notebook") as observer:
        for done in (0, 10, 60, 99, 100):
            observer.epoch(EpochReport(0, 1, done, 100, 0.5, {}, lambda: torch.ones(1, 1)))
        # Other steps have a pace of their own, whatever the name of each.
        observer.phase("first", 0, 3)
        observer.phase("second", 2, 3)
    said = [re.findall(r"about ([^<]*) left", data["text/html"]) for data in outputs.seen]
    assert said == [[], ["2 min"], ["6 min"], ["10 s"], [], [], ["4 s"], []]
