"""Two commands at once on one table or folder: each comes to what it comes to alone, or is refused.

A pair of each kind; with TVGNN_PAIRS=10 ten, which start at other moments and have other settings.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections import Counter

import pandas as pd
import pytest

from tests.conftest import SAMPLES
from tvgnn_cli.evaluation.metric_table import VOLATILE

PAIRS = int(os.environ.get("TVGNN_PAIRS", "1"))
KARATE = SAMPLES / "karate.csv"
SMALL = ("--epochs", 20, "--hidden", 8, "--threads", 1, "-q")
NETWORK = ("--mlp-hidden", 8, "--init", "random", *SMALL)
TABLES = {
    "sweep": ("sweep", KARATE, "-k", "2,3", *NETWORK),
    "cross-validation": ("classify", "cv", "shapes", "--folds", 2, "--runs", 1, "--layers", 1,
                         *SMALL),
}  # fmt: skip
IN_USE = re.compile(r"is in use by process \d+ on .+, since 2.+; wait for it to end")


@pytest.fixture
def at_once(forks):
    """Run two commands that start at once, or nearly; how each ended and what it said."""
    dice, seen = random.Random(0), Counter()

    def run(number, folder, one, other):
        first = forks.start(*one, cwd=folder)
        time.sleep(dice.random() * 0.1 if number else 0)
        second = forks.start(*other, cwd=folder)
        both = [(child.ended(), child.returncode) for child in (first, second)]
        seen.update([tuple(sorted(code for _, code in both))])
        return both

    yield run
    print("codes of pairs:", dict(seen))


def refused(said, code) -> bool:
    """Whether a command was refused, in one line that names the other; else it ended well."""
    assert code == 0 or (code == 2 and said.count("\n") == 1 and IN_USE.search(said)), said
    return code == 2


def figures(path) -> pd.DataFrame:
    """A table without what differs each time."""
    frame = pd.read_csv(path)
    return frame.drop(columns=[name for name in VOLATILE if name in frame])


@pytest.mark.parametrize("kind", TABLES)
def test_two_that_write_one_table_or_keep_rows_in_one_folder(forks, at_once, tmp_path, kind):
    commands = [(*TABLES[kind], "--lr", rate) for rate in (0.01, 0.02)]
    alone = []
    for number, command in enumerate(commands[: min(PAIRS, 2)]):
        (folder := tmp_path / f"alone-{number}").mkdir()
        child = forks.start(*command, "-o", "table.csv", cwd=folder)
        assert not refused(child.ended(), child.returncode)
        alone.append(figures(folder / "table.csv"))
    for number in range(PAIRS):
        (folder := tmp_path / f"pair-{number}").mkdir()
        keeps = number % 4 < 2
        chosen = [0, number % 2]
        tables = [f"table-{each if keeps else 0}.csv" for each in chosen]
        added = ("--checkpoint", "kept") if keeps else ()
        pair = zip(chosen, tables, strict=True)
        both = at_once(number, folder, *[(*commands[c], *added, "-o", t) for c, t in pair])
        left = [(c, t) for c, t, end in zip(chosen, tables, both, strict=True) if not refused(*end)]
        assert left, "one of them does the work"
        assert len(left) == 2 or (keeps and chosen == [0, 0])
        for table in set(tables):
            possible = [alone[c] for c, t in left if t == table]
            assert any(figures(folder / table).equals(each) for each in possible), number
        assert {path.name for path in folder.iterdir()} - {"kept"} == set(tables)
        assert not list(folder.glob("kept/.*")), "no claim is left"


def test_two_batches_of_one_folder(forked_workers, tvgnn, at_once, tmp_path):
    for name, seed in (("a", 3), ("b", 4)):
        rows = [f"{KARATE},{k},5,8,8,random,{seed},{k}.csv" for k in (2, 3)]
        header = "graph,k,epochs,hidden,mlp-hidden,init,seed,output"
        (tmp_path / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n")
    alone = {}
    for name in ("a", "b")[: min(PAIRS, 2)]:
        assert tvgnn("batch", f"{name}.csv", "--threads", 1, "-q").code == 0
        alone[name] = [(tmp_path / f"{k}.csv").read_bytes() for k in (2, 3)]
    for number in range(PAIRS):
        (folder := tmp_path / f"pair-{number}").mkdir()
        names = ["a", "ab"[number % 2]]
        for name in names:
            (folder / f"{name}.csv").write_bytes((tmp_path / f"{name}.csv").read_bytes())
        commands = [
            ("batch", f"{name}.csv", "--threads", 1, "--checkpoint", "kept") for name in names
        ]
        both = at_once(number, folder, *commands)
        for said, code in both:
            # A row that the other is at has failed, and the batch with it.
            assert code == 0 or (code == 4 and IN_USE.search(said)), said
        for place, k in enumerate((2, 3)):
            made = (folder / f"{k}.csv").read_bytes()
            assert any(made == alone[name][place] for name in names), (number, k)
        for name in names:
            summary = pd.read_csv(folder / f"{name}.summary.csv")
            assert set(summary.exit_code) <= {0, 2}
            assert (
                summary.message[summary.exit_code == 2]
                .astype(str)
                .str.contains(IN_USE.pattern)
                .all()
            )
        assert not list(folder.glob("kept/.*")), "no claim is left"


def test_two_parts_of_one_run(forks, tvgnn, at_once, tmp_path):
    whole = ("cluster", KARATE, "-k", 2, *NETWORK, "--restarts", 2)
    assert tvgnn(*whole, "-o", "alone.csv", "--save", "alone.model").code == 0
    for number in range(PAIRS):
        (folder := tmp_path / f"pair-{number}").mkdir()
        parts = ("1/2", ("2/2", "1/2")[number % 2])
        both = at_once(number, folder, *[(*whole, "--shards", "s", "--shard", p) for p in parts])
        held = [refused(*end) for end in both]
        assert not any(held) or (parts[0] == parts[1] and not all(held))
        if parts[0] == parts[1]:
            last = forks.start(*whole, "--shards", "s", "--shard", "2/2", cwd=folder)
            assert not refused(last.ended(), last.returncode)
        files = ("-o", folder / "all.csv", "--save", folder / "all.model")
        assert tvgnn("merge", folder / "s", "--require-complete", "-q", *files).code == 0
        for suffix in ("csv", "model"):
            made, alone = folder / f"all.{suffix}", tmp_path / f"alone.{suffix}"
            assert made.read_bytes() == alone.read_bytes()
        assert not list(folder.glob("s/.*")), "no claim is left"
