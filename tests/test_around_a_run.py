"""What comes around a run: ids that look like gaps, lengths that differ, weights of a model."""

from __future__ import annotations

import os

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import tvgnn_cli
from tests.test_readers import write
from tvgnn_cli.config.setting import arguments_in, as_arguments
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.models.model_file import save_model

FAST = {"epochs": 3, "hidden": 8, "layers": 1}


def caves(**weights) -> nx.Graph:
    graph = nx.connected_caveman_graph(3, 8)
    for i, (_, _, known) in enumerate(graph.edges(data=True)):
        known.update({name: value + i % 2 for name, value in weights.items()})
    return graph


@pytest.mark.parametrize("name", ["NA", "None", "null", "nan"])
def test_ids_that_look_like_gaps_are_ids_in_parquet(tmp_path, name):
    graph = nx.relabel_nodes(caves(), {0: name, **{i: f"v{i}" for i in range(1, 24)}})
    result = tvgnn_cli.cluster(graph, 3, **FAST)
    result.write(tmp_path / "c.parquet")
    result.write(tmp_path / "c.csv")
    of_typed, of_text = (
        tvgnn_cli.evaluate(tmp_path / f"c.{suffix}", graph=graph).metrics
        for suffix in ("parquet", "csv")
    )
    assert of_typed == of_text
    rows = pd.DataFrame(
        {"id": list(map(str, graph)), "x": np.arange(24) + 0.5, "y": ["a", "b"] * 12}
    )
    rows[["id", "x"]].to_parquet(tmp_path / "x.parquet")
    rows[["id", "y"]].to_parquet(tmp_path / "y.parquet")
    read = read_graph(graph, features=tmp_path / "x.parquet", labels=tmp_path / "y.parquet")
    assert read.x.ravel().tolist() == rows["x"].tolist()
    assert read.class_texts.tolist() == rows["y"].tolist()


def test_classes_in_order_are_as_many_as_clusters():
    with pytest.raises(InputError, match="labels: 3 values for 5 clusters, both in the order"):
        tvgnn_cli.evaluate([0, 0, 1, 1, 0], labels=["a", "a", "b"])
    found = tvgnn_cli.evaluate([0, 0, 1, 1], labels=["a", "a", "b", "b"]).metrics
    assert found["nmi"] == pytest.approx(1)


@pytest.mark.parametrize("option", [{"weight": "w"}, {"id_attr": "id"}, {"header": True}])
def test_options_of_a_graph_need_one(option):
    with pytest.raises(UsageError, match="says how a graph is read; give `graph` too"):
        tvgnn_cli.evaluate({"a": 0, "b": 1}, labels={"a": "x", "b": "y"}, **option)


def test_evaluate_says_how_it_read_the_graph(tmp_path):
    text = "source,target,weight,kind\na,b,2,x\nb,c,1,y\nc,a,1,x\nc,d,1,x\n"
    graph = write(tmp_path, "g.csv", text)
    notes = tvgnn_cli.evaluate({"a": 0, "b": 0, "c": 0, "d": 1}, graph=graph).notes
    assert "weights: column 3, 'weight'" in notes
    assert any(note.startswith("edge columns not read: 'kind'") for note in notes)


def test_evaluate_says_what_of_a_table_it_left_out(tmp_path):
    clusters = write(tmp_path, "c.csv", "vertex,cluster\na,0\na,0\nb,1\n")
    found = tvgnn_cli.evaluate(clusters, labels={"a": "x", "b": "y"})
    assert f"repeated rows of {clusters}, left out: 1" in found.notes


def test_a_model_that_is_used_with_another_weight_says_so(tmp_path):
    graph = caves(weight=1, strength=2)
    said = "`weight`: the model was trained with {}, and is used with {}"
    named = tvgnn_cli.cluster(graph, 3, weight="strength", view="both", features=np.eye(24), **FAST)
    save_model(named.model, tmp_path / "m.tvgnn")
    for use in (tvgnn_cli.predict, tvgnn_cli.update):
        notes = use(tmp_path / "m.tvgnn", graph, features=np.eye(24)).notes
        assert said.format("'strength'", "the one that is found") in notes
        notes = use(named.model, graph, features=np.eye(24), weight="strength").notes
        assert not any(note.startswith("`weight`") for note in notes)
    plain = tvgnn_cli.cluster(graph, 3, view="both", features=np.eye(24), **FAST)
    notes = tvgnn_cli.predict(plain.model, graph, features=np.eye(24), weight="none").notes
    assert said.format("the one that was found", "'none'") in notes


def test_arguments_are_read_back():
    values = {"weight": "a'b", "hidden": 64, "rate": 0.5, "names": ["a", "b"], "none": None}
    assert arguments_in(as_arguments(values)) == values
    for text in ("", "weight=open('x')", "weight=", ") + f(", "1, 2"):
        assert arguments_in(text).get("weight") is None


def test_a_model_asks_for_what_it_needs(tmp_path):
    graph = caves()
    table = pd.DataFrame({"age": np.arange(24) % 7 + 0.5, "height": np.arange(24) % 5 + 0.5})
    table.index.name = "id"
    table.to_csv(tmp_path / "x.csv")
    result = tvgnn_cli.cluster(graph, 3, features=tmp_path / "x.csv", view="both", **FAST)
    table.loc[3, "age"] = np.nan
    table.to_csv(tmp_path / "gap.csv")
    with pytest.raises(InputError, match=r"'age': vertex '3' has no value; `impute` fills it in$"):
        tvgnn_cli.predict(result.model, graph, features=tmp_path / "gap.csv")


def test_a_pipe_of_a_shell_takes_what_is_written(tmp_path):
    """As `>(gzip > c.csv.gz)` names one, whose link leads to no file."""
    reads, writes = os.pipe()
    result = tvgnn_cli.cluster(caves(), 3, **FAST)
    result.write(tmp_path / "c.csv")
    result.write(f"/dev/fd/{writes}")
    os.close(writes)
    with os.fdopen(reads, "rb") as stream:
        assert stream.read() == (tmp_path / "c.csv").read_bytes()


def test_a_result_names_all_forms_that_it_is_written_in(tmp_path):
    result = tvgnn_cli.cluster(caves(), 3, **FAST)
    with pytest.raises(
        UsageError, match=r"unknown suffix '.xyz'; known: .csv, .* .graphml, .*h5ad"
    ):
        result.write(tmp_path / "q.xyz")
