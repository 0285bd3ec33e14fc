"""Table 2 and 7 of the paper: what is run, what rows say, what the page makes of them."""

from __future__ import annotations

import json
import shlex
from itertools import pairwise

import pytest

from tvgnn_cli.config.classification import CLASSIFIERS, make_classify_config
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io.writers import write_rows
from tvgnn_cli.jobs.shard import Shard
from tvgnn_cli.reproduction import table2, table2_page, table2_runs
from tvgnn_cli.reproduction.published import table2 as published
from tvgnn_cli.reproduction.published import table7 as published_seconds
from tvgnn_cli.reproduction.table2 import DATASETS, METHODS, Planned, export, plan, rows_in
from tvgnn_cli.reproduction.table2_summary import (
    best_two,
    comparable,
    pooling_beats_none,
    summarise,
)


def row(dataset, method, fold, run, acc, **others):
    settings = Planned(dataset, method).config.fingerprint()[:12]
    made = {"fold": fold, "run": run, "seed": 5 * run + fold, "acc": acc, "epochs": 9,
            "seconds": 2.0, "seconds_per_epoch": 0.2, "settings": settings}  # fmt: skip
    return {**dict.fromkeys(table2.COLUMNS), "dataset": dataset, "method": method, **made, **others}


def cell_of(dataset, method, accuracies):
    return [row(dataset, method, i % 5, i // 5, acc) for i, acc in enumerate(accuracies)]


def test_all_methods_of_a_data_set_come_before_the_next():
    planned = plan()
    assert [each.dataset for each in planned] == [d for d in DATASETS for _ in METHODS]
    assert {each.method for each in planned} == set(CLASSIFIERS)
    assert [(p.dataset, p.method) for p in plan(["DMON"], ["mutag"])] == [("MUTAG", "dmon")]


@pytest.mark.parametrize(("methods", "datasets"), [(["tvgn"], []), ([], ["MUTAGG"])])
def test_unknown_cells_are_refused(methods, datasets):
    with pytest.raises(UsageError, match="Did you mean"):
        plan(methods, datasets)


def test_commands_of_all_cells_are_understood(tvgnn):
    known = tvgnn("classify", "cv", "--help-all").out
    for cell in plan():
        words = shlex.split(cell.command)
        assert words[:3] == ["tvgnn", "classify", "cv"]
        assert all(word in known for word in words if word.startswith("--")), cell.command
        given = dict(pairwise(words))
        assert given["--method"] == cell.method


def test_the_paper_s_own_settings_are_those_of_its_table():
    config = Planned("NCI1", "tvgnn").config
    assert config == make_classify_config({"preset": "NCI1"})
    assert (config.layers, config.hidden, config.delta, config.lr) == (3, 32, 2.411, 5e-4)
    assert Planned("DD", "gtv").config.pool_sizes is None, "it has no poolings"
    assert Planned("DD", "tvgnn").config.pool_sizes == "256,128"


def test_every_published_number_has_its_place():
    assert {d for d, _ in published()} == set(DATASETS) == {d for d, _ in published_seconds()}
    assert {m for _, m in published()} == set(METHODS) - {"gtv", "gin"}
    assert published()["DD", "tvgnn"].acc == 79.5
    assert published()["MUTAG", "tvgnn"].p_value == 0.606
    assert published_seconds()["COLLAB", "tvgnn"] == 1.52


def test_rows_of_runs_and_of_a_table_are_the_same(tmp_path):
    folder = tmp_path / "MUTAG-tvgnn"
    folder.mkdir()
    accuracies = [0.8, 25 / 27, 10 / 11]  # to the last digit
    for number, kept in enumerate(cell_of("MUTAG", "tvgnn", accuracies)):
        told = {**kept, "confusion": [[1, 0], [0, 1]]}
        (folder / f"cv-{number}.json").write_text(json.dumps(told))
    read = rows_in(tmp_path)
    assert [each["acc"] for each in read] == accuracies
    assert all(each["command"] == Planned("MUTAG", "tvgnn").command for each in read)
    export(tmp_path, tmp_path / "elsewhere.csv")
    (tmp_path / "table").mkdir()
    (tmp_path / "elsewhere.csv").rename(tmp_path / "table" / "rows.csv")
    again = rows_in(tmp_path / "table")
    assert [(each["fold"], each["acc"], each["settings"]) for each in again] == [
        (each["fold"], each["acc"], each["settings"]) for each in read
    ]


def test_what_is_no_row_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no rows"):
        export(tmp_path, tmp_path / "rows.csv")
    (tmp_path / "MUTAG-tvgnn").mkdir()
    (tmp_path / "MUTAG-tvgnn" / "cv-0.json").write_text('{"fold": 0}')
    with pytest.raises(InputError, match="is not a row of a run"):
        rows_in(tmp_path)
    (tmp_path / "MUTAG-tvgnn" / "cv-0.json").unlink()
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="is not a table of runs"):
        rows_in(tmp_path)


def test_rows_of_a_table_in_the_folder_are_not_made_again(tmp_path, monkeypatch):
    cells = plan(["tvgnn", "gin"], ["MUTAG"])
    rows = [row("MUTAG", "tvgnn", fold, run, 0.8) for fold in range(5) for run in range(3)]
    older = row("MUTAG", "gin", 3, 2, 0.9) | {"settings": "00000000000e"}
    made = [*rows, *(row("MUTAG", "gin", fold, 0, 0.7) for fold in (0, 3)), older]
    write_rows(made, str(tmp_path / "rows.csv"))
    asked = []

    def validate(graphs, *, config, only, **_):
        asked.append((config.method, only))

    monkeypatch.setattr(table2_runs, "read_set", lambda *_: None)
    monkeypatch.setattr(table2_runs, "cross_validate", validate)
    assert [done.planned.method for done in table2_runs.run_planned(cells, tmp_path)] == ["gin"]
    assert asked == [("gin", [1, 2, 4, *range(5, 15)])]
    list(table2_runs.run_planned(cells, tmp_path, runs=1, shard=Shard(2, 2)))
    assert asked[1:] == [("gin", [2, 4])]


def test_rows_of_other_settings_are_left_out():
    other = row("MUTAG", "tvgnn", 2, 0, 0.1, settings="x")
    rows = [*cell_of("MUTAG", "tvgnn", [0.8, 0.9]), other]
    (cell,) = summarise(rows)
    assert cell.accuracies == (80.0, 90.0)
    assert cell.acc == 85.0
    assert cell.acc_sd == pytest.approx(50**0.5)
    assert not cell.is_whole


def test_a_row_of_other_settings_takes_no_other_row_s_place(tmp_path):
    folder = tmp_path / "MUTAG-tvgnn"
    folder.mkdir()
    for name, told in (("0000", {}), ("ffff", {"settings": "older", "acc": 0.1})):
        kept = row("MUTAG", "tvgnn", 0, 0, 0.9) | told | {"confusion": [[1]]}
        (folder / f"cv-00-00-{name}.json").write_text(json.dumps(kept))
    (cell,) = summarise(rows_in(tmp_path))
    assert cell.accuracies == (90.0,)
    assert [each["command"] == "" for each in rows_in(tmp_path)] == [False, True]


@pytest.mark.parametrize(("acc", "reaches"), [(0.809, True), (0.808, False), (0.95, True)])
def test_a_mean_reaches_the_paper_within_its_deviation(acc, reaches):
    (cell,) = summarise(cell_of("MUTAG", "tvgnn", [acc, acc]))
    assert cell.reaches_paper is reaches  # 88.4 and 7.5


def test_the_difference_of_the_two_best_by_student_s_test():
    rows = cell_of("MUTAG", "tvgnn", [0.7, 0.8, 0.9]) + cell_of("MUTAG", "dmon", [0.6, 0.7, 0.8])
    best = best_two(summarise(rows + cell_of("MUTAG", "gin", [0.1, 0.1, 0.1])))
    assert (best.first.method, best.second.method) == ("tvgnn", "dmon")
    # t = .1 / sqrt(2 * .01 / 3) = 1.2247 with 4 degrees of freedom.
    assert best.p_value == pytest.approx(0.28786, abs=1e-4)
    assert best_two(summarise(cell_of("MUTAG", "tvgnn", [0.7, 0.8]))) is None


def test_a_method_without_all_folds_is_not_compared_with_those_that_have_them():
    rows = cell_of("MUTAG", "tvgnn", [0.7, 0.8, 0.9, 0.8, 0.7])
    rows += cell_of("MUTAG", "dmon", [0.6, 0.7, 0.8, 0.7, 0.6])
    some = summarise(rows + cell_of("MUTAG", "topk", [0.99, 0.98]))
    best = best_two(some)
    assert (best.first.method, best.second.method) == ("tvgnn", "dmon")
    assert best_two([cell for cell in some if cell.method == "topk"]) is None
    assert len(comparable(some)) == 2


def test_the_page_says_whether_pooling_beats_none():
    rows = cell_of("MUTAG", "tvgnn", [0.8] * 15) + cell_of("MUTAG", "gin", [0.85, 0.87])
    cells = summarise(rows)
    pooled, plain = pooling_beats_none(cells)
    assert (pooled.method, plain.method) == ("tvgnn", "gin")
    text = table2_page.part(cells)
    assert "pooling loses 6.0 points against the best network without (GIN, no pooling)" in text
    assert "86.0 ± 1.4 (2), 0 min" in text
    assert "80.0 ± 0.0, 0 min" in text
    assert "within one of the paper's deviations of its mean, or above, on 0 of 1: none" in text


def test_seconds_stand_beside_the_paper_s(tmp_path):
    (tmp_path / "table7.csv").write_text("dataset,method,seconds_per_epoch\nMUTAG,tvgnn,0.05\n")
    rows = table2_page.read_seconds(tmp_path / "table7.csv")
    text = table2_page.part(summarise(cell_of("MUTAG", "tvgnn", [0.8])), rows)
    assert "| MUTAG | 0.05 |" in text
    assert "| the paper | 0.10 |" in text
    (tmp_path / "table7.csv").write_text("a\n1\n")
    with pytest.raises(InputError, match="is not a table of seconds"):
        table2_page.read_seconds(tmp_path / "table7.csv")


def test_minutes_are_epochs_by_their_seconds_and_else_of_wall_clock():
    rows = [row("MUTAG", method, 0, 0, 0.8, epochs=120, seconds=600) for method in METHODS[:2]]
    timed = [{"dataset": "MUTAG", "method": METHODS[0], "seconds_per_epoch": 1.0}]
    text = table2_page.part(summarise(rows), timed)
    assert "| MUTAG | 80.0 (1), 2 min | 80.0 (1), 10 min |" in text
    assert "times the seconds of Table 7" in text
    alone = table2_page.part(summarise(rows))
    assert "| MUTAG | 80.0 (1), 10 min | 80.0 (1), 10 min |" in alone
    assert "of wall clock" in alone


def test_commands_list_refuse_and_find_no_data(tvgnn, tmp_path):
    listed = tvgnn("reproduce", "table2", "--dataset", "MUTAG", "--method", "tvgnn", "--list")
    assert listed.out == f"{Planned('MUTAG', 'tvgnn').command}\n"
    missing = tvgnn(
        "reproduce", "table2", "--dataset", "Bench-easy", "--data-root", tmp_path, "--offline"
    )
    assert missing.code == 3
    assert "Bench-easy.npz: no such file" in missing.err
    lost = tvgnn("reproduce", "table7", "--dataset", "MUTAG", "--data-root", tmp_path, "--offline")
    assert lost.code == 3


def test_one_run_has_no_deviation():
    cells = summarise(cell_of("COLLAB", "tvgnn", [0.785]))
    page = table2_page.part(cells)
    assert "| COLLAB | 78.5 (1), 0 min |" in page
    assert "COLLAB (of one run) (78.5, 79.8 in the paper)" in page


def test_a_p_value_too_small_for_its_digits_is_not_nought():
    apart = [0.7, 0.71] * 7 + [0.7], [0.9, 0.91] * 7 + [0.9]
    rows = [*cell_of("MUTAG", "gin", apart[0]), *cell_of("MUTAG", "tvgnn", apart[1])]
    assert "| < 0.001 |" in table2_page.part(summarise(rows))
