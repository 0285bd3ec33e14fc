"""Settings and figures of the paper, against its text."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tvgnn_cli.config import make_classify_config
from tvgnn_cli.config.classification import presets
from tvgnn_cli.reproduction import published

PAPER = ROOT.parent / "shared" / "paper" / "tvgnn-icml2023.txt"

DATASETS = {"Proteins": "PROTEINS", "D&D": "DD"}

METHODS = ("topk", "sagpool", "diffpool", "mincutpool", "dmon", "tvgnn")

NAMES_OF_ROWS = {
    "# MP layers": "layers", "# MP channels": "hidden",
    "\N{GREEK SMALL LETTER SIGMA}MP": "activation",
    "2\N{GREEK SMALL LETTER DELTA}": "delta", "# MLP layers": "mlp_layers",
    "# MLP channels": "mlp_hidden", "\N{GREEK SMALL LETTER SIGMA}MLP": "mlp_activation",
    "\N{GREEK SMALL LETTER ALPHA}1": "totvar_coeff",
    "\N{GREEK SMALL LETTER ALPHA}2": "balance_coeff", "\N{SCRIPT SMALL L}2": "weight_decay",
    "Learning rate": "lr",
}  # fmt: skip


def paper(first: str, last: str) -> list[str]:
    """Lines of the paper's text between two that begin so."""
    if not PAPER.exists():
        pytest.skip("the paper's text is not here")
    lines = [line.strip() for line in PAPER.read_text().splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith(first))
    end = next(i for i, line in enumerate(lines) if i > start and line.startswith(last))
    return lines[start:end]


def test_the_presets_are_the_columns_of_table_5():
    found: dict[str, dict[str, str]] = {}
    columns: list[str] = []
    for line in paper("Table 5:", "the same hyperparameter"):
        if line.startswith("Parameters"):
            columns = line.removeprefix("Parameters ").replace("Vertex Clustering", "-").split()
        for row, setting in NAMES_OF_ROWS.items():
            values = line.removeprefix(row).split()
            if line.startswith(row + " ") and len(values) == len(columns):
                for column, value in zip(columns, values, strict=True):
                    found.setdefault(DATASETS.get(column, column), {})[setting] = value
    found.pop("-")
    assert set(found) == set(presets()) - {"default"}
    assert len(found) == 9
    for dataset, column in found.items():
        config = make_classify_config({"preset": dataset})
        assert set(column) == set(NAMES_OF_ROWS.values())
        for setting, text in column.items():
            value = getattr(config, setting)
            assert value == (text.lower() if isinstance(value, str) else float(text)), setting
        assert config.batch_size == (1 if dataset in ("DD", "REDDIT-BINARY") else 8)
        assert (config.eps, config.patience) == (1e-3, 20), "Appendix B.3"


def test_the_published_accuracies_are_those_of_table_2():
    expected = {}
    for line in paper("Table 2:", "from 10 independent runs"):
        numbers = re.findall(r"([\d.]+)±([\d.]+)", line)
        if len(numbers) == 6:
            dataset = DATASETS.get(line.split()[0], line.split()[0])
            p = float(re.findall(r"(\.\d+)", line)[-1])
            best = max(range(6), key=lambda i: float(numbers[i][0]))
            for i, (mean, deviation) in enumerate(numbers):
                p_value = p if i == best else None
                key = dataset, METHODS[i]
                expected[key] = published.Accuracy(float(mean), float(deviation), p_value)
    assert len(expected) == 54
    assert published.table2() == expected


def test_the_published_times_are_those_of_table_7():
    expected = {}
    for line in paper("Table 7:", "C. Additional"):
        words = line.split()
        if len(words) == 7 and re.fullmatch(r"[\d.]+", words[-1]):
            dataset = DATASETS.get(words[0], words[0])
            numbers = map(float, words[1:])
            expected |= {(dataset, m): s for m, s in zip(METHODS, numbers, strict=True)}
    assert len(expected) == 54
    assert published.table7() == expected
