"""Tables beside graph files: of their classes under any name, and results, none of them a graph."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from tvgnn_cli import classify
from tvgnn_cli.errors import InputError
from tvgnn_cli.io.graph_sets.read import read_graph_set


def folder(tmp_path) -> Path:
    """Six graphs and the table of their classes."""
    made = tmp_path / "g"
    made.mkdir()
    for i in range(6):
        nx.write_edgelist(nx.cycle_graph(4 + i), made / f"m{i}.csv", delimiter=",", data=False)
    rows = (f"m{i}.csv,{'ab'[i % 2]}\n" for i in range(6))
    (made / "labels.csv").write_text("graph,label\n" + "".join(rows))
    return made


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_results_under_any_name_beside_graph_files_are_no_graphs(tvgnn, tmp_path, suffix):
    made = folder(tmp_path)
    (made / "labels.csv").rename(tmp_path / "t.csv")
    few = ("--threads", 1, "-q")
    quick = ("--epochs", 1, "--hidden", 4, *few)
    given = ("classify", "train", "g", "--labels", "t.csv", *quick, "--save", "m.tvgnn")
    assert tvgnn(*given, "-o", f"g/said.{suffix}", "--metrics", "g/row.csv").code == 0
    for _ in range(2):
        told = ("-o", f"g/told.{suffix}", "--pools", f"g/pools.{suffix}", "--metrics", "g/r.csv")
        assert tvgnn("classify", "predict", "m.tvgnn", "g", *told, *few).code == 0
        points = ("-o", f"g/points.{suffix}")
        assert tvgnn("classify", "embed", "m.tvgnn", "g", *points, *few).code == 0
        matrix = ("-o", f"g/cv.{suffix}", "--confusion", f"g/matrix.{suffix}")
        folds = ("--folds", 2, "--runs", 1, "--labels", "t.csv", *quick)
        assert tvgnn("classify", "cv", "g", *folds, *matrix, "--metrics", "g/cv2.csv").code == 0
    graphs = read_graph_set("g")
    assert graphs.ids.tolist() == [f"m{i}.csv" for i in range(6)]
    assert any("files that are no graphs, not read: 9 (" in note for note in graphs.notes)


@pytest.mark.parametrize(
    "table",
    [
        "graph,class\nm1.csv,1\nm2.csv,2\n", "file;kind\nm1.csv;1\n", '"name","y"\n"m2.csv","1"\n',
        ",kind,path\n0,x,m1.csv\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["csv", "txt", "parquet"])
def test_a_table_that_names_the_files_of_its_folder_is_no_graph(tmp_path, table, suffix):
    made = folder(tmp_path)
    (made / "labels.csv").unlink()
    path = made / f"kinds.{suffix}"
    path.write_text(table)
    if suffix == "parquet":
        pd.read_csv(path, sep=";" if ";" in table else ",", dtype=str).to_parquet(path)
    with pytest.raises(InputError, match="a file of this folder: it is a table of graphs"):
        read_graph_set(made)


def test_a_table_of_graphs_is_read_where_there_is_no_option_for_it(tvgnn, tmp_path):
    made = folder(tmp_path)
    (made / "labels.csv").rename(made / "kinds.csv")
    classify("shapes", epochs=1, hidden=4, threads=1).save("m.tvgnn")
    done = tvgnn("classify", "embed", "m.tvgnn", "g")
    assert done.code == 3
    assert "give it as --labels, or in place of the folder" in done.err
    assert tvgnn("classify", "embed", "m.tvgnn", "g/kinds.csv", "-q", "--threads", 1).code == 0


def test_a_table_without_names_of_columns_is_no_graph(tmp_path):
    made = folder(tmp_path)
    (made / "labels.csv").unlink()
    (made / "kinds.csv").write_text("m1.csv,1\nm2.csv,2\n")
    with pytest.raises(InputError, match=r"kinds\.csv: names 'm1\.csv', a file of this folder"):
        read_graph_set(made)


def test_a_parquet_table_of_graphs_is_named_with_the_form_that_is_read(tmp_path):
    made = folder(tmp_path)
    pd.read_csv(made / "labels.csv").to_parquet(made / "kinds.parquet")
    (made / "labels.csv").unlink()
    with pytest.raises(InputError, match=r"write it as \.csv, and give that as `labels`"):
        read_graph_set(made)


def test_graphs_of_the_same_words_as_files_are_graphs(tmp_path):
    """A network of each person, whose neighbours have files too."""
    for name in ("ann", "bob"):
        (tmp_path / f"{name}.csv").write_text("source,target\nann,bob\nbob,cy\n")
    assert read_graph_set(tmp_path).num_vertices == 6
