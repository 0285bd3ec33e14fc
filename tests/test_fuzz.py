"""Some mutated inputs of every reader, and those that once ended as none may."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fuzz.targets import BY_NAME, TARGETS, Target
from tests.fuzz.worker import Findings, empty_folder, fuzz, outcome

CORPUS = Path(__file__).parent / "corpus"
INPUTS = int(os.environ.get("TVGNN_FUZZ", "60"))
"""Inputs of each reader; `make fuzz` makes 100,000."""


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_reader_reads_or_refuses_by_a_line(target: Target, tmp_path):
    for data in target.start():  # or mutators would never get past the first check
        findings = Findings()
        with empty_folder() as folder:
            assert outcome(target, data, folder, findings) == ""
        assert findings.read == 1
    findings = Findings()
    fuzz(target, range(INPUTS), findings, tmp_path / "found")
    assert not findings.found, findings.counts
    assert findings.refused or not target.start(), "what is mutated is not what is read"


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_inputs_that_once_ended_badly(path: Path):
    target = BY_NAME[path.name.rpartition("-")[0]]
    with empty_folder() as folder:
        assert outcome(target, path.read_bytes(), folder, Findings()) == ""
