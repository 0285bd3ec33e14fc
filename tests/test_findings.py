"""What came of Table 1: means beside the paper's, timings, and the page that says it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tvgnn_cli.errors import InputError, InterruptionError
from tvgnn_cli.io.datasets import DATASETS
from tvgnn_cli.machine.versions import processor
from tvgnn_cli.reproduction.epochs import read_timings
from tvgnn_cli.reproduction.page import Kept, page, read_kept
from tvgnn_cli.reproduction.plan import OURS, plan
from tvgnn_cli.reproduction.summary import Difference, falls_below, orderings, summarise

from .conftest import ROOT
from .test_reproduction import row

HEAD = "protocol,method,dataset,ms_per_epoch,peak_memory_mb,threads,processor,command\n"
"""Of a table of timings."""

KEPT = ROOT / "docs" / "reproduction"


def test_means_stand_beside_the_papers():
    rows = [row(nmi=0.4, acc=0.5), row(nmi=0.6, acc=0.7, seed=1), row("ssgc", dataset="DBLP")]
    cora, dblp = summarise(rows)
    assert (cora.score.nmi, cora.score.acc) == (pytest.approx(0.5), pytest.approx(60))
    assert cora.score.nmi_sd == pytest.approx(0.02**0.5)
    assert cora.paper.nmi == 0.488
    assert cora.paper_ms == 8.3
    assert cora.reaches_paper is False  # ACC 60 < 63.2 - 1.8
    assert summarise([row(nmi=0.472, acc=0.614)])[0].reaches_paper is True
    assert (dblp.paper, dblp.reaches_paper) == (None, None)


def test_order_and_ablations_are_said_either_way():
    values = {"tvgnn": 0.5, "dmon": 0.6, "abl1": 0.4, "abl2": 0.55}
    cells = summarise([row(m, nmi=nmi, threads=2) for m, nmi in values.items()])
    paper, ours = orderings(cells)
    assert [name for name, _ in paper.methods][:2] == ["tvgnn", "mincutpool"]
    assert [name for name, _ in ours.methods] == ["dmon", "abl2", "tvgnn", "abl1"]
    assert ours.swapped == [("dmon", "tvgnn")]
    text = page(Kept(cells))
    assert "TVGNN is NOT first" not in text  # two rivals are missing
    assert f"4 of the {len(plan()):,} runs that are planned have a row" in text
    assert "- DMoN on Cora, published: 1 of 10 seeds; a run took 3 s on 2 threads." in text
    assert "| 0.500 (1) | 0.400 (1) | unclear, 0.100 | 0.550 (1) | unclear, -0.050 |" in text
    assert "| Cora | published | 0.500 | DMoN 0.600, ABL2 0.550 | 60.0 | none |" in text
    assert "Mean NMI over Cora, here, published (1 seed)" in text
    assert "| DMoN | 0.600 | 0.357 ± 0.043 | 60.0 |" in text


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"dmon": 0.6, "mincutpool": 0.2, "diffpool": 0.1},
         "TVGNN is NOT first; the paper's order does NOT hold: DMoN comes before TVGNN, DMoN comes "
         "before MinCutPool."),
        ({"dmon": 0.3, "mincutpool": 0.4, "diffpool": 0.1},
         "TVGNN is first, and the paper's order holds."),
        ({"dmon": 0.3, "mincutpool": 0.1, "diffpool": 0.2},
         "TVGNN is first; the paper's order does NOT hold: DMoN comes before MinCutPool, DiffPool "
         "comes before MinCutPool."),
    ],
)  # fmt: skip
def test_the_papers_order_holds_or_not(others, said):
    cells = summarise([row(method, nmi=nmi) for method, nmi in {"tvgnn": 0.5, **others}.items()])
    named = "TVGNN, DiffPool, MinCutPool, DMoN"
    assert f"Of the networks that the paper compares ({named}), {said}" in page(Kept(cells))


def test_an_ablation_falls_below_by_so_much():
    runs = {"tvgnn": (0.4, 0.6), "abl1": (0.29, 0.51, 0.1), "abl2": (0.5,)}
    rows = [row(m, nmi=nmi, seed=seed) for m, each in runs.items() for seed, nmi in enumerate(each)]
    whole, abl1, abl2 = summarise(rows)
    found = falls_below(abl1, whole)  # pairs that differ by .11 and .09, the third seed has none
    assert (found.by, found.error) == (pytest.approx(0.1), pytest.approx(0.01))
    assert (found.pairs, found.is_clear) == (2, False)  # of 12.7 errors, which two pairs need
    assert Difference(0.13, 0.01, 2).is_clear
    assert Difference(-0.03, 0.01, 10).is_clear
    assert not Difference(0.02, 0.01, 10).is_clear
    assert falls_below(abl2, whole).error is None
    line = "| 0.500 (2) | 0.300 (3) | unclear, 0.100 ± 0.010 | 0.500 (1) | unclear, "
    assert line in page(Kept(summarise(rows)))
    (apart,) = summarise([row("abl2", nmi=0.4, seed=7)])
    assert falls_below(apart, whole) is None


def test_means_are_those_of_methods_with_all_data_sets():
    rows = [row("ssgc", dataset=d, nmi=nmi, acc=0.5)
            for d, nmi in zip(DATASETS, (0.1, 0.2, 0.3, 0.4), strict=True)]  # fmt: skip
    text = page(Kept(summarise([*rows, row("tvgnn", nmi=0.2)])))
    assert "| SSGC and k-means | published | 0.250 | 50.0 |" in text
    assert "| TVGNN | published | 0.200 |" not in text


def test_runs_are_missing_where_no_row_is():
    text = page(Kept(summarise([row("ssgc", seed=seed) for seed in (0, 3, 12)])))
    assert f"2 of the {len(plan()):,} runs" in text
    assert "- SSGC and k-means on Cora, published: 2 of 10 seeds; a run took" in text
    assert "- VGAE on DBLP, published: 0 of 10 seeds.\n" in text


def test_what_has_no_rows_has_no_heading():
    text = page(Kept(summarise([row("dmon")])))
    assert "### Runs that are missing" in text
    assert "### TVGNN beside the paper" not in text
    assert "### The ablations" not in text


def test_tvgnn_is_told_in_the_papers_deviations():
    rows = [row(nmi=0.472, acc=0.614, seed=seed, loss=0.1) for seed in (0, 1)]
    text = page(Kept(summarise(rows)))
    assert "| Cora | published | 2 | -0.016 (-1.0) | -1.8 (-1.0) | yes | yes |" in text
    assert "| Cora | published | 1 | -0.016 (-1.0) | -8.2 (-4.6) | NO |  |" in page(
        Kept(summarise([row(nmi=0.472, acc=0.55, loss=0.1)]))
    )


def test_the_page_is_what_its_rows_give(tvgnn, tmp_path):
    if not KEPT.is_dir():
        pytest.skip("no rows are kept yet")
    (tmp_path / "reproduction").symlink_to(KEPT)
    done = tvgnn("reproduce", "page", "reproduction", "-o", "page.md")
    assert done.code == 0, done.err
    assert (tmp_path / "page.md").read_text() == (ROOT / "docs" / "reproduction.md").read_text()


def test_epochs_keep_what_they_have(data_root, tmp_path, monkeypatch):
    from tvgnn_cli.reproduction import epochs

    timing = epochs.Timing("published", "dmon", "Cora", 1.0, 500.0, 2, "", "")
    every = [replace(timing, command=f"{run.command} {' '.join(epochs.FIXED)}")
             for run in epochs._runs()]  # fmt: skip
    epochs.write_rows([vars(each) for each in (*every[:5], *every[6:])], str(tmp_path / "e.csv"))

    def failing(*_):
        raise InterruptionError("a test")

    monkeypatch.setattr(epochs, "execute", failing)
    with pytest.raises(InterruptionError):
        epochs.measure_epochs(tmp_path / "e.csv")
    assert len(epochs.read_timings(tmp_path / "e.csv")) == len(every) - 1


def test_a_page_needs_rows(tvgnn, tmp_path):
    (tmp_path / "d" / "table1").mkdir(parents=True)
    done = tvgnn("reproduce", "page", "d")
    assert done.code == 3
    assert "holds no rows" in done.err
    with pytest.raises(InputError, match="none: is not a folder"):
        read_kept(tmp_path / "none")


def test_epochs_are_timed_and_kept(forked_runs, tvgnn, data_root, tmp_path, monkeypatch):
    from tvgnn_cli.reproduction import epochs

    known = epochs._runs
    monkeypatch.setattr(epochs, "_runs", lambda: [run for run in known() if run.key in (
        "published-dmon-Cora-00", "ours-tvgnn-Cora-00")])  # fmt: skip
    fewer = ("--epochs", "15", "--patience", "15", "--tolerance", "0")
    monkeypatch.setattr(epochs, "FIXED", fewer)
    command = ("reproduce", "epochs", "--out", "e.csv", "--data-root", data_root, "--offline")
    done = tvgnn(*command)
    assert done.code == 0, done.err
    assert "Cora, published, dmon:" in done.err
    assert "(paper: 5.7)" in done.err
    timings = read_timings(tmp_path / "e.csv")
    assert [t.method for t in timings] == ["dmon", "tvgnn"]
    assert {t.processor for t in timings} == {processor()}
    assert 0 < timings[0].ms_per_epoch < timings[1].ms_per_epoch
    again = tvgnn(*command)
    assert "dmon" not in again.err
    assert read_timings(tmp_path / "e.csv") == timings
    cells = summarise([row()])
    text = page(Kept(cells, timings, [], ["figure-2.png", "figure-16a-ours.png"]))
    assert f"| Cora | published | DMoN | {timings[0].ms_per_epoch:.1f} | 5.7 |" in text
    assert "Figure 16a: log S S^T of the ablations, CiteSeer, our defaults." in text
    assert "![Figure 16a-ours](reproduction/figure-16a-ours.png)" in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column 'protocol'"),
        ("protocol,method,dataset\n", "no column 'ms_per_epoch'"),
        (HEAD + "published,dmon,Cora,fast,5,2,cpu,\n", "'fast'"),
        (HEAD + "published,dmon,Cora,1,5,2,cpu,,9\n", "line 2 has fewer or more cells"),
        (HEAD + "published,dmon\n", "line 2 has fewer or more cells"),
        (HEAD + "published,dmo,Cora,1,5,2,cpu,\n", "line 2: unknown method 'dmo'"),
    ],
)
def test_a_table_of_timings_that_is_none(tmp_path, text, said):
    (tmp_path / "e.csv").write_text(text)
    with pytest.raises(InputError, match=f"not a table of timings .*{said}"):
        read_timings(tmp_path / "e.csv")


def test_the_seed_of_the_lowest_loss_is_told_beside_the_mean():
    rows = [row(nmi=nmi, seed=seed, loss=loss, sharpness=0.9, off_diagonal_mass=0.1)
            for seed, (nmi, loss) in enumerate([(0.4, 0.3), (0.5, 0.1), (0.9, 0.2)])]  # fmt: skip
    text = page(Kept(summarise([*rows, row("ssgc"), row("ssgc", seed=1), row("dmon", loss=0.1)])))
    assert "| Cora | published | TVGNN | 3 | 0.1 | 0.500 | 60.0 | 7 |" in text
    assert text.count("| Cora | published | SSGC") == 1  # of its costs
    assert "| Cora | published | DMoN | 1 |" not in text
    assert "| NO | NO |" in text  # ACC is 60
    ours = [row(seed=seed, protocol=OURS, loss=0.1 * seed) for seed in (1, 2)]
    assert summarise(ours)[0].lowest is None  # each weighs its loss by its own start
    assert summarise([row("dmon", protocol=OURS, loss=0.1)])[0].lowest is not None
