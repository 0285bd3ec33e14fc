"""Tables in Arrow's file format: of edges, features, classes and clusters."""

from __future__ import annotations

import pandas as pd
import pytest

import tvgnn_cli
from tests.test_readers import edges_of
from tvgnn_cli.errors import InputError, UsageError
from tvgnn_cli.io.read import read_graph
from tvgnn_cli.shaping.partition import read_partition

EDGES = pd.DataFrame({"source": list("abc"), "target": list("bcd"), "weight": [1.0, 2.0, 3.0]})
VERTICES = pd.DataFrame(
    {
        "id": list("dcba"),
        "size": [4.5, 3.5, 2.5, 1.5],
        "label": list("xxyy"),
        "cluster": [1, 1, 0, 0],
    }
)


@pytest.mark.parametrize("compression", ["uncompressed", "lz4", "zstd"])
@pytest.mark.parametrize("name", ["g.feather", "g.arrow", "g.txt"])
def test_edges_are_those_of_parquet(tmp_path, name, compression):
    EDGES.to_feather(tmp_path / name, compression=compression)
    EDGES.to_parquet(tmp_path / "g.parquet")
    found, expected = read_graph(tmp_path / name), read_graph(tmp_path / "g.parquet")
    assert edges_of(found) == edges_of(expected)
    assert (found.name, found.notes) == ("g", expected.notes)
    assert read_graph(tmp_path / name, weight="none").edge_weight is None
    with pytest.raises(UsageError, match="has no vertex attributes"):
        read_graph(tmp_path / name, label_attr="label")


def test_features_classes_and_clusters_are_read_by_id(tmp_path):
    EDGES.to_feather(tmp_path / "g.feather")
    VERTICES.to_feather(tmp_path / "v.feather")
    graph = read_graph(
        tmp_path / "g.feather", features=tmp_path / "v.feather", feature_attrs="size",
        labels=tmp_path / "v.feather",
    )  # fmt: skip
    assert graph.x.ravel().tolist() == [1.5, 2.5, 3.5, 4.5]
    assert graph.class_texts.tolist() == list("yyxx")
    found = tvgnn_cli.evaluate(tmp_path / "v.feather", graph=graph)
    assert found.metrics["nmi"] == 1
    VERTICES.assign(p_0=[0.1, 0.2, 0.8, 0.9], p_1=[0.9, 0.8, 0.2, 0.1]).drop(
        columns="cluster"
    ).to_feather(tmp_path / "s.feather")
    assert read_partition(tmp_path / "s.feather").k == 2


def test_a_damaged_file_is_refused_in_a_line(tmp_path):
    EDGES.to_feather(tmp_path / "g.feather")
    data = (tmp_path / "g.feather").read_bytes()
    (tmp_path / "g.feather").write_bytes(data[: len(data) // 2])
    with pytest.raises(
        InputError, match=r"cannot be read as Feather \(.*; write it with pandas"
    ) as told:
        read_graph(tmp_path / "g.feather")
    assert "\n" not in str(told.value)
